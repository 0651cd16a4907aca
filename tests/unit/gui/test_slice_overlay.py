"""What lies over a slice is kept while levels change, and never shown any longer than it holds."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPointF
from qtpy.QtGui import QImage

from rtvis.app.measuring import Measured
from rtvis.gui.kept_pieces import KeptPieces


def seen(view):
    picture = view.grab().toImage().convertToFormat(QImage.Format_RGB32)
    memory = picture.constBits()
    memory.setsize(picture.sizeInBytes())
    return np.frombuffer(memory, np.uint8).reshape(picture.height(), picture.width(), 4)[..., :3].astype(int)


def painted_anew(view):
    overlay = view._overlay
    overlay._layers.clear()
    overlay._pieces = {name: KeptPieces() for name in overlay._pieces}
    view.contours_changed()
    return seen(view)


@pytest.fixture
def dragged(window, axial):
    """Levels were dragged for a while, so that all is kept."""
    for width in (400.0, 401.0, 402.0):
        window.session.set_window(width, 40.0)
        seen(axial)
    assert axial._overlay._still is not None
    yield axial
    axial.show_oblique(shown=False)
    window.session.measurements.clear()
    window.session.scale_texts(1.0)


def move(session, x, y, z):
    session.move_cursor(session.cursor_lps + np.array([x, y, z]))


CHANGES = {
    "levels": lambda session, view: session.set_window(377.0, -9.0),
    "levels of another width": lambda session, view: session.set_window(1400.5, -1000.0),
    "the cursor in the plane": lambda session, view: move(session, 9.0, -7.0, 0.0),
    "another slice": lambda session, view: view.step(1),
    "the oblique plane's handles": lambda session, view: view.show_oblique(shown=True),
    "the active ROI": lambda session, view: session.activate_roi(2 if session.active_roi == 1 else 1),
    "a hidden ROI": lambda session, view: session.set_roi_visible(1, visible=False),
    "zoom": lambda session, view: view.zoom_about(1.5, QPointF(40.0, 50.0)),
    "a pan": lambda session, view: view.pan_by(12.0, 7.0),
    "a measurement": lambda session, view: session.measurements.add(
        Measured(session.cursor_lps + np.array([[0.0, 0.0, 0.0], [9.0, 5.0, 0.0]]), closed=False),
        session.volume.frame_of_reference_uid,
    ),
    "larger texts": lambda session, view: session.scale_texts(1.3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_after_levels_were_dragged_is_seen_at_once(window, dragged, change):
    before = seen(dragged)
    CHANGES[change](window.session, dragged)
    after = seen(dragged)
    assert np.abs(after - before).max() > 30
    expected = painted_anew(dragged)
    window.session.set_roi_visible(1, visible=True)
    assert np.abs(after - expected).max() <= 3


def test_only_the_levels_are_written_anew_while_they_are_dragged(window, dragged, monkeypatch):
    overlay = dragged._overlay
    for name in ("paint_contours", "over_contours", "_lines_of"):
        monkeypatch.setattr(overlay, name, lambda *_: pytest.fail("painted again"))
    before = seen(dragged)
    window.session.set_window(409.0, 40.0)
    assert not np.array_equal(seen(dragged), before)
    assert "W 409  L 40" in {label.text for label in overlay._texts._changing.labels}
