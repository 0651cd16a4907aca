"""What lies over a slice is kept while levels change, and never shown any longer than it holds."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPointF
from qtpy.QtGui import QImage

from rtvis.app.measuring import Measured
from rtvis.gui import slice_overlay
from rtvis.gui.kept_pieces import KeptPieces
from rtvis.gui.pictures import picture_of
from rtvis.scene.overlay import Overlay
from tests.unit.gui.conftest import settle


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


class Clock:
    """Goes on by a second each time it is looked at, unless it is stopped; never back, as a window outlives tests."""

    seconds = 1e9

    def __init__(self):
        self.step = 1.0

    def __call__(self):
        Clock.seconds += self.step
        return Clock.seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(slice_overlay, "monotonic", made)
    return made


@pytest.fixture
def dragged(window, axial, clock):
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


def numbers(view):
    """The texts in the pictures that lie over the view."""
    return {label.text for label in view._overlay._texts._changing.labels}


def test_numbers_that_follow_too_quickly_to_be_read_are_written_a_moment_later(qtbot, window, dragged, clock):
    window.session.set_window(409.0, 40.0)
    seen(dragged)
    clock.step = 0.0
    moment, interval = dragged._numbers_due, dragged._numbers_due.interval()
    moment.setInterval(60_000)
    for width in (410.0, 411.0):
        before = seen(dragged)
        window.session.set_window(width, 40.0)
        assert not np.array_equal(seen(dragged), before), "the image waits for nothing"
    seen(dragged)
    settle()  # whatever else waits to be painted comes too soon, too
    assert "W 409  L 40" in numbers(dragged)
    assert moment.isActive()
    moment.setInterval(interval)
    qtbot.waitUntil(lambda: "W 411  L 40" in numbers(dragged), timeout=2_000)
    assert np.abs(seen(dragged) - painted_anew(dragged)).max() <= 3


def test_lists_and_pictures_say_the_levels_of_now(window, dragged, clock):
    window.session.set_window(409.0, 40.0)
    seen(dragged)
    clock.step = 0.0
    window.session.set_window(410.0, 40.0)
    seen(dragged)
    assert "W 409  L 40" in numbers(dragged)
    picture_of(window.views, window.session, "axial")
    assert "W 410  L 40" in numbers(dragged)
    window.session.set_window(411.0, 40.0)
    seen(dragged)
    assert "W 411  L 40" in {label.text for label in dragged.overlay().labels}


def test_texts_that_give_way_to_longer_levels_are_not_left_over(window, dragged, monkeypatch):
    texts = dragged._overlay._texts
    of, shorter = texts.of, Overlay(labels=texts._standing.labels[:-1])

    def without_one(*args, **options):
        bar, _, changing = of(*args, **options)
        return bar, shorter, changing

    monkeypatch.setattr(texts, "of", without_one)
    window.session.set_window(1400.5, -1000.0)
    assert np.abs(seen(dragged) - painted_anew(dragged)).max() <= 3
