"""Hands slip: other buttons, keys and choices in the middle of a stroke lose nothing and change nothing unasked."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt

from rtvis.app.tools_options import ToolOptions
from tests.unit.gui.test_drawing_tools import Hand

PATH = [(-60, -40), (-20, -45), (30, -40), (60, 0), (30, 40), (-30, 40), (-60, 10)]


@pytest.fixture
def tools(window):
    window.tools.active.options = ToolOptions()
    window.tools.active.options_changed.emit()
    yield window
    window.tools.choose("navigate")


@pytest.fixture
def hand(tools):
    return Hand(tools, "axial")


@pytest.fixture
def said(tools, monkeypatch):
    lines: list[str] = []
    monkeypatch.setattr(tools, "say", lines.append)
    return lines


@pytest.mark.parametrize("other", [Qt.RightButton, Qt.MiddleButton])
@pytest.mark.parametrize("key", ["freehand", "brush"])
def test_another_button_in_the_middle_of_a_stroke_does_not_end_it(hand, key, other):
    hand.choose(key)
    hand.mouse.press(*hand.at(*PATH[0]))
    for place in PATH[1:4]:
        hand.mouse.move(*hand.at(*place), Qt.LeftButton)
    hand.mouse.press(*hand.at(*PATH[3]), other)
    hand.mouse.release(*hand.at(*PATH[3]), other)
    for place in PATH[4:]:
        hand.mouse.move(*hand.at(*place), Qt.LeftButton)
    hand.mouse.release(*hand.at(*PATH[-1]))
    assert hand.window.session.history.step_count == 1
    (contour,) = hand.roi.contours
    ends = hand.points([PATH[-1], PATH[4]])
    if key == "freehand":
        assert len(contour.points_lps) == len(PATH)
    else:
        away = [np.linalg.norm(contour.points_lps - end, axis=1).min() for end in ends]
        assert max(away) < 8.5


@pytest.mark.parametrize("then", ["move", "press"])
def test_a_stroke_whose_end_nobody_told_ends_where_the_pointer_was_last(hand, then):
    hand.choose("freehand")
    hand.mouse.press(*hand.at(*PATH[0]))
    for place in PATH[1:4]:
        hand.mouse.move(*hand.at(*place), Qt.LeftButton)
    if then == "move":
        hand.mouse.move(*hand.at(*PATH[4]))
    else:
        hand.mouse.press(*hand.at(*PATH[4]))
        hand.mouse.release(*hand.at(*PATH[4]))
    (contour,) = hand.roi.contours
    assert np.abs(contour.points_lps - hand.points(PATH[:4])).max() < hand.half_pixel_mm
    assert not hand.window.tools.drawing.is_active


def test_the_left_button_in_the_middle_of_a_pan_does_not_end_it(hand):
    hand.choose("freehand")
    before = hand.points([(0, 0)])[0]
    hand.mouse.press(*hand.at(0, 0), Qt.MiddleButton)
    hand.mouse.move(*hand.at(10, 0), Qt.MiddleButton)
    hand.mouse.press(*hand.at(10, 0))
    hand.mouse.release(*hand.at(10, 0))
    hand.mouse.move(*hand.at(30, 0), Qt.MiddleButton)
    hand.mouse.release(*hand.at(30, 0), Qt.MiddleButton)
    assert np.allclose(hand.points([(30, 0)])[0], before, atol=1e-6)
    hand.view.fit()


@pytest.mark.parametrize("radius", [8.0, 60.0])
def test_a_brush_paints_all_that_its_rim_was_over(hand, radius):
    hand.choose("brush", radius_mm=radius)
    step = 1
    hand.drag([(0, 0), (step, 0), (2 * step, 0), (step, 0), (0, 0)])
    (contour,) = hand.roi.contours
    reach = hand.points([(2, 0)])[0][0] + radius
    assert abs(contour.points_lps[:, 0].max() - reach) < hand.half_pixel_mm


def test_two_corners_and_enter_are_told(hand, said):
    hand.choose("polygon")
    hand.click((0, 0), (30, 0))
    hand.enter()
    assert said, "two corners went without a word"


def test_two_spline_points_and_enter_are_told(hand, said):
    hand.choose("spline")
    hand.click((0, 0), (30, 0))
    hand.enter()
    assert said


def test_a_click_with_freehand_is_told(hand, said):
    hand.choose("freehand")
    hand.click((0, 0))
    assert said


def test_a_threshold_with_its_ends_the_wrong_way_round_is_told(hand, said):
    hand.choose("threshold", lower=500.0, upper=-500.0)
    hand.drag(PATH)
    assert said


def test_a_threshold_that_finds_nothing_is_told(hand, said):
    hand.choose("threshold", lower=5000.0, upper=6000.0)
    hand.drag(PATH)
    assert said


def test_a_knife_that_misses_is_told(hand, said):
    hand.choose("freehand")
    hand.drag(PATH)
    hand.choose("cut")
    said.clear()
    hand.drag([(-5, 0), (5, 0)])
    assert said


@pytest.mark.parametrize("key", ["freehand", "brush", "nudge", "points"])
def test_a_hidden_roi_is_shown_again_when_a_tool_begins_to_change_it(hand, key):
    session = hand.window.session
    session.activate_roi(1)
    session.set_roi_visible(1, visible=False)
    hand.choose(key)
    hand.drag(PATH)
    assert 1 not in session.hidden_rois


@pytest.mark.parametrize("key", ["polygon", "spline", "livewire"])
def test_a_click_on_another_slice_than_where_it_began_is_told_and_loses_nothing(hand, said, key):
    hand.choose(key)
    hand.click(*PATH[:3])
    hand.view.step(1)
    said.clear()
    hand.click(PATH[3])
    assert "plane where it began" in " ".join(said)
    hand.view.step(-1)
    hand.click(PATH[3])
    hand.enter()
    assert len(hand.roi.contours) == 1
    hand.assert_planar(*hand.roi.contours)


@pytest.mark.parametrize("key", ["flood", "livewire"])
def test_a_click_beside_the_image_is_told(hand, said, key):
    hand.choose(key)
    hand.mouse.wheel(-8, modifiers=Qt.ControlModifier)
    hand.click((hand.middle[0] - 5, 0))
    hand.view.fit()
    assert "no image" in " ".join(said)
