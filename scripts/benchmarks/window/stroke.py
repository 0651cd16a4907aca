"""From a move of the mouse to the line that is drawn, in a view of its own with 30 ROIs, beside its bare image step.

The stroke is a freehand line over the contours. It grows by one point a move; each is timed from the event until the
window has painted it, in turn with the bare step: the next slice without anything over it. A brush is moved likewise,
and has to be painted within a frame of a screen.
"""

# ruff: noqa: SLF001  (a bare view is one with what lies over its image hidden)
from __future__ import annotations

import json
import sys
import time
from itertools import product
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from drawing import make_study
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.app.planes import PlaneKind
from rtvis.app.session import Session
from rtvis.gui.application import make_application
from rtvis.gui.slice_view import SliceView
from rtvis.gui.tool_choice import ToolChoice
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.volume_image import VolumeImage

SIZES = (500, 1000)
VIEWS = ("axial", "coronal", "sagittal", "oblique")
SHARE = 0.5
"""Of the bare step, that a move of a line may take."""

FRAME_MS = 16.0


def send(view: SliceView, kind: QEvent.Type, place: tuple[float, float], *, down: bool) -> None:
    """A mouse event with the left button."""
    button = Qt.NoButton if kind == QEvent.MouseMove else Qt.LeftButton
    held = Qt.LeftButton if down else Qt.NoButton
    QApplication.sendEvent(view, QMouseEvent(kind, QPointF(*place), button, held, Qt.NoModifier))


def way(size: int, count: int) -> list[tuple[float, float]]:
    """Places of a hand that goes round over the contours."""
    turn = np.linspace(0, 4 * np.pi, count)
    radius = size * (0.2 + 0.05 * np.sin(5 * turn))
    return list(zip(size / 2 + radius * np.cos(turn), size / 2 + radius * np.sin(turn), strict=True))


def bare_steps(view: SliceView, session: Session, number: int) -> list[float]:
    """Milliseconds of two steps with nothing over the image, each time elsewhere; then the stroke's slice again."""
    place = session.cursor_lps
    view._canvas.over = None
    view._layer.hide()
    view.step(number % 60 - 30)
    QApplication.processEvents()
    times = []
    for _ in range(2):
        begun = time.perf_counter()
        view.step(1)
        QApplication.processEvents()
        times.append((time.perf_counter() - begun) * 1e3)
    session.move_cursor(place)
    view._canvas.over = view._paint_over
    view._layer.show()
    QApplication.processEvents()
    return times


def measure(session: Session, key: str, name: str, size: int, rounds: int) -> dict[str, object]:
    """One tool in one view of one size."""
    lines = ContourLines()
    lines.set_rois(session.visible_rois())
    tools = ToolChoice(session=session)
    view = SliceView(PlaneKind(name), session, tools, lines)
    view.resize(size, size)
    view.set_image(VolumeImage(session.volume))
    view.show()
    QTest.qWaitForWindowExposed(view)
    session.move_cursor([3.0, 4.0, 100.0])
    QApplication.processEvents()
    tools.choose(key)
    places = way(size, rounds)
    send(view, QEvent.MouseButtonPress, places[0], down=True)
    moves, bare = [], []
    for number, place in enumerate(places[1:]):
        begun = time.perf_counter()
        send(view, QEvent.MouseMove, place, down=True)
        QApplication.processEvents()
        moves.append((time.perf_counter() - begun) * 1e3)
        if number % 10 == 9:
            bare += bare_steps(view, session, number)
    tools.active.cancel()
    send(view, QEvent.MouseButtonRelease, places[-1], down=False)
    view.release()
    tools.release()
    view.deleteLater()
    QApplication.processEvents()
    floor = median(bare)
    target = SHARE * floor if key == "freehand" else FRAME_MS
    return {
        "job": f"mouse move to {key}, {name}, {size} px",
        "median_ms": median(moves),
        "slowest_ms": max(moves),
        "bare_ms": floor,
        "target_ms": target,
        "ok": median(moves) <= target,
    }


def main() -> int:
    """Measure; the rows as JSON."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    application = make_application()
    session = Session()
    session.show(make_study())
    session.activate_roi(1)
    rows = [measure(session, *one, rounds) for one in product(("freehand", "brush"), VIEWS, SIZES)]
    print(json.dumps(rows))
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
