"""Steps of a view that are timed: what a gesture changes, until the window has painted it."""

# ruff: noqa: PLC0415, SLF001  (each process imports what it measures; a bare view is one with nothing over its image)
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from window.study import SPACING_MM

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtvis.app.session import Session

PAUSE_MS = 25
"""Forty notches a second."""

BLOCK = 10
"""Full steps in a row, then as many bare ones: numbers are written now and then only while levels are dragged."""


def step_of(session: Session, name: str) -> Callable[[], object]:
    """One slice on, back and forth over the middle of the contours, or the cursor moved along all axes."""
    place = session.volume.grid.centre_lps_mm.copy()
    axis = {"axial": 2, "coronal": 1, "sagittal": 0}
    state = {"n": 0}
    moved = (0, 1, 2) if name == "cursor" else (axis[name],)

    def move() -> None:
        state["n"] += 1
        point = place.copy()
        for one in moved:
            spacing = SPACING_MM[0] if one == 2 else SPACING_MM[1]
            point[one] += spacing * (abs(state["n"] % 60 - 30) - 15)
        session.move_cursor(point)

    return move


def levels_drag(view: Any, tools: Any) -> Callable[[], object]:
    """The mouse moved on with the tool for levels: numbers that were written before would cost less, so none is."""
    from qtpy.QtCore import QEvent, QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtWidgets import QApplication

    def send(kind: QEvent.Type, x: int, y: int, button: Qt.MouseButton) -> None:
        QApplication.sendEvent(view, QMouseEvent(kind, QPointF(x, y), button, Qt.LeftButton, Qt.NoModifier))

    tools.choose("window")
    send(QEvent.MouseButtonPress, 100, 100, Qt.LeftButton)
    state = {"n": 0}

    def move() -> None:
        state["n"] += 1
        send(QEvent.MouseMove, 100 + state["n"] % 200, 100 + state["n"] // 2, Qt.NoButton)

    return move


def timed(act: Callable[[], object], application: Any) -> float:
    """Milliseconds of a change until the window has painted it."""
    begun = time.perf_counter()
    act()
    application.processEvents()
    return 1e3 * (time.perf_counter() - begun)


def show_overlays(view: Any, *, shown: bool) -> None:
    """Have all that lies over the image of a slice view painted, or only the image."""
    view._canvas.over = view._paint_over if shown else None
    view._canvas.update()
