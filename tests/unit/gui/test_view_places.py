"""Views begin on pixels of the screen, whatever its scale and however the window is laid out."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint

from rtvis.gui.view_frame import FRAME_PX, FRAME_TOP_PX, ViewFrame, spare_px
from tests.unit.gui.conftest import settle


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5])
def test_a_place_moved_by_what_is_spare_is_on_a_pixel_of_the_screen(ratio):
    for place in range(16):
        spare = spare_px(place, ratio)
        assert (place + spare) * ratio == round((place + spare) * ratio)
        assert all((place + fewer) * ratio % 1 for fewer in range(spare))


def test_where_no_place_helps_views_stay():
    assert spare_px(1, 1.1) == 0


@pytest.mark.parametrize("ratio", [1.25, 1.5])
def test_views_begin_on_pixels_of_the_screen_in_every_layout(own_window, monkeypatch, ratio):
    monkeypatch.setattr(ViewFrame, "devicePixelRatioF", lambda _frame: ratio)
    views = own_window.views

    def corners():
        settle()
        settle()
        shown = [name for name, frame in views.frames.items() if frame.isVisible()]
        places = [views.view(name).mapTo(own_window, QPoint(0, 0)) for name in shown]
        return [place * ratio for place in (*(one.x() for one in places), *(one.y() for one in places))]

    column, upper, lower = views._splitters
    for height in range(801, 806):
        own_window.resize(1100 - height % 3, height)
        column.setSizes([height - 500, 400])
        upper.setSizes([300 + height % 4, 400])
        lower.setSizes([303 + height % 4, 400])
        assert [place % 1 for place in corners()] == [0.0] * 8
    views.show_oblique(shown=True)
    assert [place % 1 for place in corners()] == [0.0] * 10
    views.maximise("sagittal")
    assert [place % 1 for place in corners()] == [0.0] * 2


def test_with_whole_pixels_nothing_is_spare(own_window):
    settle()
    for frame in own_window.views.frames.values():
        margins = frame.layout().contentsMargins()
        assert (margins.left(), margins.top()) == (FRAME_PX, FRAME_TOP_PX)
