"""What views share: each change is told once, and only when there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.contour_style import ContourLook, ContourStyle
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.view_state import ViewState
from tests.unit.scene.conftest import landmark_voxels, made_volume


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


@pytest.mark.parametrize("shape", [(12, 30, 40), (5, 7, 9), (1, 4, 5), (2, 3, 2)])
def test_a_volume_is_first_shown_at_the_centre_of_a_voxel(shape):
    volume = made_volume(landmark_voxels((0, 0, 0), shape))
    state = ViewState()
    state.show_volume(volume)
    index = volume.grid.to_index(state.cursor_lps)
    np.testing.assert_allclose(index, np.array(shape[::-1]) // 2, atol=1e-9)
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, state.cursor_lps)
    assert view.slice_text == f"{shape[0] // 2 + 1}/{shape[0]}"
    state.move_cursor(state.cursor_lps + 1.0)
    state.reset_view()
    np.testing.assert_allclose(volume.grid.to_index(state.cursor_lps), index, atol=1e-9)


def test_the_cursor_stays_when_another_volume_of_the_same_frame_is_shown():
    """A place found in one series is looked at in the next; elsewhere the cursor begins in the middle."""
    first = made_volume(landmark_voxels())
    second = replace(made_volume(landmark_voxels((0, 0, 0), (6, 30, 40)), modality="MR"), volume_id="1.3")
    stray_grid = replace(first.grid, frame_of_reference_uid="1.2.9")
    stray = replace(first, volume_id="1.4", grid=stray_grid)
    state = ViewState()
    state.show_volume(first)
    place = first.grid.to_patient([22.3, 13.1, 3.4])
    state.move_cursor(place)
    state.show_volume(second)
    np.testing.assert_array_equal(state.cursor_lps, place)
    state.move_cursor(second.grid.to_patient([3, 4, 5]))
    state.show_volume(stray)
    np.testing.assert_allclose(stray.grid.to_index(state.cursor_lps), [20, 15, 6], atol=1e-9)
    state.show_volume(first)
    state.move_cursor(first.grid.to_patient([3, 4, 11]))  # beyond the other one
    state.show_volume(second)
    np.testing.assert_allclose(second.grid.to_index(state.cursor_lps), [20, 15, 3], atol=1e-9)
    state.move_cursor(first.grid.to_patient([3, 4, 2]))
    state.study_opened()  # of the same patient, say: it is seen from its middle
    state.show_volume(first)
    np.testing.assert_allclose(first.grid.to_index(state.cursor_lps), [20, 15, 6], atol=1e-9)
