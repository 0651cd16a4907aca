"""Pixels within a grid are those whose centres it contains, and nothing beside it looks like something."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.app.oblique import Oblique
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import Plane
from rtvis.scene.framing import Framing
from rtvis.scene.slice_sampler import _pixels_to_patient
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage
from rtvis.scene.within_grid import columns_within

from .conftest import made_volume

WHITE_FIRST = np.repeat(np.arange(255, -1, -1, dtype=np.uint8)[:, None], 3, axis=1)
"""Inverse grey: what is lowest is white."""


def seen(grid, framing):
    columns, rows = framing.device_size
    first, last = columns_within(grid, _pixels_to_patient(framing), (columns, rows))
    across = np.arange(columns)
    return (across >= first[:, None]) & (across < last[:, None])


def contained(grid, framing):
    columns, rows = framing.device_size
    ratio = framing.device_pixel_ratio
    x, y = np.meshgrid((np.arange(columns) + 0.5) / ratio, (np.arange(rows) + 0.5) / ratio)
    index = grid.to_index(framing.display_to_patient(x, y))
    low, high = -0.5, np.array(grid.shape[::-1]) - 0.5
    margin = np.minimum(index - low, high - index).min(axis=-1)
    return margin > 0, np.abs(margin) < 1e-6


@settings(max_examples=80, deadline=None)
@given(
    gaps=st.lists(st.floats(0.5, 9.0), min_size=1, max_size=5),
    shear=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    turn=st.tuples(st.floats(-90, 90), st.floats(-90, 90)),
    shift=st.tuples(st.floats(-8, 8), st.floats(-8, 8), st.floats(-8, 8)),
    ratio=st.sampled_from([1.0, 2.0]),
)
def test_a_plane_of_any_turn_through_a_straight_stack(gaps, shear, turn, shift, ratio):
    distances = np.concatenate([[0.0], np.cumsum(gaps)])
    origins = np.array([3.0, -4.0, 5.0]) + np.outer(distances, [shear[0], shear[1], 1.0])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (1.5, 2.0), (9, 7))
    way = Oblique.by_angles(*turn)
    plane = Plane(grid.centre_lps_mm + np.array(shift), way.u, way.v)
    framing = Framing(plane, (0.3, -0.2), 0.9, 41, 33, ratio)
    expected, on_a_face = contained(grid, framing)
    assert np.all((seen(grid, framing) == expected) | on_a_face)


def test_each_row_of_a_stack_that_bends_is_seen_to_its_ends():
    origins = np.array([[0.0, 0, 0], [3, 0, 4], [2, 1, 9], [6, 0, 12]])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (1.0, 1.0), (20, 20))
    plane = Plane(grid.centre_lps_mm, np.array([1.0, 0, 0]), np.array([0.0, 0, -1]))
    framing = Framing(plane, (0.0, 0.0), 0.5, 90, 60)
    expected, on_a_face = contained(grid, framing)
    assert np.all((seen(grid, framing) == expected) | on_a_face)


@pytest.mark.parametrize("kind", list(PlaneKind))
@pytest.mark.parametrize(
    ("distances", "shear"), [(None, (0, 0.25, 0)), ((0, 5, 10, 20), (0, 0, 0)), ((0, 5, 10, 20), (0.1, 0.25, 0))]
)
def test_what_lies_beside_a_volume_is_the_view_s_background_under_any_map(kind, distances, shear):
    """Corners beside a tilted stack are no air, and what the grid contains is seen to its edges."""
    count = 12 if distances is None else len(distances)
    volume = made_volume(np.full((count, 30, 40), 700, np.int16), distances=distances, shear=shear)
    planes = VolumePlanes(volume.grid, Oblique.by_angles(35.0, 20.0))
    scene = SliceScene()
    scene.set_size(150, 110)
    scene.set_image(VolumeImage(volume))
    scene.set_window(1000, 500)
    scene.set_color_map(WHITE_FIRST)
    scene.set_view(planes.at(kind, volume.grid.centre_lps_mm))
    picture = scene.picture()[..., 0]
    expected, _ = contained(volume.grid, scene.framing)
    within = picture > 0
    assert 0.1 < expected.mean() < 0.99
    near = np.zeros_like(expected)  # a pixel from an edge
    near[1:] |= expected[1:] != expected[:-1]
    near[:-1] |= expected[1:] != expected[:-1]
    near[:, 1:] |= expected[:, 1:] != expected[:, :-1]
    near[:, :-1] |= expected[:, 1:] != expected[:, :-1]
    assert np.all((within == expected) | near)
    assert set(np.unique(picture[expected & ~near])) == {76}  # 255 x (1 - 0.7), without a mixture with anything
    scene.close()
