"""What views share: each change is told once, and only when there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.contour_style import ContourLook, ContourStyle
from rtvis.app.view_state import ViewState


def heard(signal):
    told = []
    signal.connect(lambda: told.append(1))
    return told


def test_bounds_are_the_ends_of_the_window_in_either_order():
    state = ViewState()
    state.set_bounds(-160, 240)
    assert state.window == (400, 40)
    assert state.bounds == (-160, 240)
    state.set_bounds(240, -160)
    assert state.window == (400, 40)


def test_a_colour_map_is_told_once_and_keeps_its_direction():
    state = ViewState()
    told = heard(state.color_map_changed)
    state.set_color_map(GRAY)
    assert not told
    state.set_color_map(GRAY, inverse=True)
    state.set_color_map(COLOR_MAPS["pet"])
    assert len(told) == 2
    assert (state.color_map.key, state.inverse) == ("pet", True)


def test_contour_style_and_hidden_patient_are_told_once():
    state = ViewState()
    styles, hidden = heard(state.contour_style_changed), heard(state.texts_changed)
    style = replace(state.contour_style, look=ContourLook.BOTH)
    for _ in range(2):
        state.set_contour_style(style)
        state.hide_patient(hidden=True)
    assert (len(styles), len(hidden)) == (1, 1)
    assert style.has_lines
    assert style.has_areas


@pytest.mark.parametrize("wrong", [{"width_px": 0.5}, {"width_px": 6.0}, {"opacity": 1.2}, {"fill_opacity": -0.1}])
def test_a_look_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="not"):
        ContourStyle(**wrong)
