"""View planes: axes, letters, steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes, middle_voxel_lps_mm
from rtvis.geometry.grid import Grid

AXIAL, CORONAL, SAGITTAL = PlaneKind.AXIAL, PlaneKind.CORONAL, PlaneKind.SAGITTAL

ORIENTATIONS = {
    "HFS": [1, 0, 0, 0, 1, 0],
    "FFS": [-1, 0, 0, 0, 1, 0],
    "HFP": [-1, 0, 0, 0, -1, 0],
    "FFP": [1, 0, 0, 0, -1, 0],
    "sagittal slices": [0, 1, 0, 0, 0, -1],
    "coronal slices": [1, 0, 0, 0, 0, -1],
    "decubitus": [0, 1, 0, -1, 0, 0],
}

FORWARD = {AXIAL: [0.0, 0, 1], CORONAL: [0.0, -1, 0], SAGITTAL: [1.0, 0, 0]}
"""Where scrolling forward goes, LPS: superior, anterior, left, as in 3D Slicer."""


def stack(orientation, *, spacing=(2.0, 0.5), distances=(0.0, 3.0, 6.0, 9.0), shear=(0.0, 0.0, 0.0), shape=(8, 10)):
    row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
    normal = np.cross(row, column)
    origins = np.array([20.0, -30.0, 40.0]) + np.outer(distances, normal + np.array(shear))
    return Grid.from_slices(origins, orientation, spacing, shape)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_screens_are_radiological_however_the_slices_were_stored(name):
    grid = stack(ORIENTATIONS[name])
    planes = VolumePlanes(grid)
    letters = {kind: tuple(planes.at(kind, grid.centre_lps_mm).letters) for kind in STANDARD_KINDS}
    assert letters[AXIAL] == ("R", "L", "A", "P")
    assert letters[CORONAL] == ("R", "L", "S", "I")
    assert letters[SAGITTAL] == ("A", "P", "S", "I")


def native_kind(planes: VolumePlanes) -> PlaneKind:
    """The one kind of plane whose views show slices as they were made."""
    views = [planes.at(one, planes.grid.centre_lps_mm) for one in STANDARD_KINDS]
    (found,) = (one.kind for one in views if abs(one.plane.normal @ planes.grid.normal) > 0.99)
    return found


def test_the_native_kind_is_the_one_across_the_slices():
    assert native_kind(VolumePlanes(stack(ORIENTATIONS["FFS"]))) is AXIAL
    assert native_kind(VolumePlanes(stack(ORIENTATIONS["sagittal slices"]))) is SAGITTAL
    assert native_kind(VolumePlanes(stack(ORIENTATIONS["coronal slices"]))) is CORONAL


def test_an_oblique_volume_is_viewed_on_its_own_slices():
    angle = np.radians(12.0)
    row, column = [1.0, 0.0, 0.0], [0.0, np.cos(angle), np.sin(angle)]
    grid = stack([*row, *column])
    view = VolumePlanes(grid).at(AXIAL, grid.centre_lps_mm)
    np.testing.assert_allclose(view.plane.u, row, atol=1e-12)
    np.testing.assert_allclose(view.plane.v, column, atol=1e-12)
    assert view.letters.top == "AI"
    corners = grid.to_patient([[0, 0, view.slice_index], [9, 0, view.slice_index], [0, 7, view.slice_index]])
    np.testing.assert_allclose(view.plane.distances_mm(corners), 0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.floats(0.5, 9.0), min_size=1, max_size=6),
    shear=st.floats(-0.3, 0.3),
    name=st.sampled_from(sorted(ORIENTATIONS)),
    steps=st.integers(-8, 8),
)
def test_steps_go_exactly_from_slice_to_slice(gaps, shear, name, steps):
    grid = stack(
        ORIENTATIONS[name],
        distances=np.concatenate([[0.0], np.cumsum(gaps)]),
        shear=np.array(ORIENTATIONS[name][3:]) * shear,
    )
    planes = VolumePlanes(grid)
    kind = native_kind(planes)
    start = grid.centre_lps_mm
    before = planes.at(kind, start)
    after = planes.step(kind, start, steps)
    index = planes.at(kind, after).slice_index
    toward = np.sign(float(grid.normal @ FORWARD[kind]))
    assert index == np.clip(before.slice_index + int(toward) * steps, 0, len(gaps))
    assert float(after @ grid.normal) == pytest.approx(grid.slice_distances_mm[index], abs=1e-9)
    np.testing.assert_allclose(before.plane.to_plane(after), before.plane.to_plane(start), atol=1e-9)


def test_other_axes_step_by_the_pixel_spacing_and_stop_at_the_edge():
    grid = stack(ORIENTATIONS["HFS"])
    planes = VolumePlanes(grid)
    start = grid.to_patient([4, 3, 1])
    np.testing.assert_allclose(planes.step(SAGITTAL, start, 1) - start, [0.5, 0, 0], atol=1e-12)
    np.testing.assert_allclose(planes.step(CORONAL, start, 2) - start, [0, -4.0, 0], atol=1e-12)
    np.testing.assert_allclose(planes.step(SAGITTAL, start, 99), grid.to_patient([9, 3, 1]), atol=1e-12)
    assert planes.at(SAGITTAL, start).slice_text == "5/10"


def test_a_native_plane_lies_on_the_nearest_slice_and_others_go_through_the_cursor():
    grid = stack(ORIENTATIONS["HFS"])
    planes = VolumePlanes(grid)
    cursor = grid.to_patient([4.3, 3.2, 1.2])
    assert planes.at(AXIAL, cursor).plane.origin_lps_mm[2] == pytest.approx(43.0, abs=1e-12)
    assert planes.at(CORONAL, cursor).plane.distances_mm(cursor) == pytest.approx(0, abs=1e-12)
    outside = cursor + np.array([0, 0, 100])
    view = planes.at(AXIAL, outside)
    assert view.slice_text == "-/4"
    assert view.plane.origin_lps_mm[2] == pytest.approx(outside[2])


def test_planes_of_one_kind_share_coordinates():
    grid = stack(ORIENTATIONS["HFS"], shear=(0.0, 0.2, 0.0))
    planes = VolumePlanes(grid)
    point = grid.to_patient([2, 5, 0])
    first, last = (planes.at(AXIAL, grid.to_patient([4, 4, k])) for k in (0, 3))
    np.testing.assert_allclose(first.plane.to_plane(point), last.plane.to_plane(point), atol=1e-12)


def test_bounds_hold_every_voxel():
    grid = stack(ORIENTATIONS["FFS"])
    view = VolumePlanes(grid).at(AXIAL, grid.centre_lps_mm)
    bounds = VolumePlanes(grid).bounds(view)
    assert bounds.u_high - bounds.u_low == pytest.approx(10 * 0.5)
    assert bounds.v_high - bounds.v_low == pytest.approx(8 * 2.0)


def test_a_single_slice_is_a_stack_of_one():
    grid = stack(ORIENTATIONS["HFS"], distances=(0.0,))
    planes = VolumePlanes(grid)
    np.testing.assert_allclose(planes.step(AXIAL, grid.centre_lps_mm, 1), grid.centre_lps_mm)
    assert planes.at(AXIAL, grid.centre_lps_mm).slice_text == "1/1"


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.floats(0.5, 9.0), max_size=6),
    shear=st.floats(-0.3, 0.3),
    name=st.sampled_from(sorted(ORIENTATIONS)),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_views_start_on_a_slice_and_what_they_say_of_it_agrees(gaps, shear, name, shape):
    """Even and odd counts, uneven and tilted stacks: each view begins at the centre of a voxel near the middle."""
    distances = np.concatenate([[0.0], np.cumsum(gaps)])
    grid = stack(ORIENTATIONS[name], distances=distances, shear=np.array(ORIENTATIONS[name][3:]) * shear, shape=shape)
    planes = VolumePlanes(grid)
    start = middle_voxel_lps_mm(grid)
    index = grid.to_index(start)
    np.testing.assert_allclose(index, np.round(index), atol=1e-7)
    assert np.all(np.abs(np.round(index) - (np.array(grid.shape[::-1]) - 1) / 2) <= 0.5)
    for kind in STANDARD_KINDS:
        view = planes.at(kind, start)
        assert view.slice_index in np.round(index)
        assert float(view.plane.distances_mm(start)) == pytest.approx(0.0, abs=1e-9)
        if shear == 0:
            assert view.position_mm == pytest.approx(float(start @ np.abs(FORWARD[kind])), abs=1e-9)


@pytest.mark.parametrize("name", ORIENTATIONS)
@pytest.mark.parametrize("kind", STANDARD_KINDS)
def test_forward_is_superior_anterior_left_however_the_slices_were_stored(name, kind):
    grid = stack(ORIENTATIONS[name])
    start = middle_voxel_lps_mm(grid)
    moved = VolumePlanes(grid).step(kind, start, 1) - start
    assert moved @ FORWARD[kind] == pytest.approx(np.linalg.norm(moved))
    assert np.linalg.norm(moved) > 0


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.floats(0.5, 9.0), min_size=1, max_size=6),
    name=st.sampled_from(sorted(ORIENTATIONS)),
    share=st.floats(0.0, 1.0),
)
def test_whatever_the_gaps_each_place_of_a_stack_belongs_to_the_slice_nearest_to_it(gaps, name, share):
    grid = stack(ORIENTATIONS[name], distances=np.concatenate([[0.0], np.cumsum(gaps)]))
    planes = VolumePlanes(grid)
    kind = native_kind(planes)
    height = grid.slice_distances_mm[0] + share * sum(gaps)
    place = grid.centre_lps_mm + (height - float(grid.centre_lps_mm @ grid.normal)) * grid.normal
    having = []
    for k in range(grid.shape[0]):
        view = planes.at(kind, grid.to_patient([4, 3, k]))
        away = float(view.plane.distances_mm(place))
        if -view.reach_mm[0] - 1e-9 <= away <= view.reach_mm[1] + 1e-9:
            having.append(k)
    nearest = np.abs(grid.slice_distances_mm - height)
    assert having
    np.testing.assert_allclose(nearest[having], nearest.min(), atol=1e-6)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_planes_of_a_kind_have_one_normal_wherever_the_cursor_is(name):
    grid = stack(ORIENTATIONS[name])
    planes = VolumePlanes(grid)
    for kind in PlaneKind:
        for cursor in (np.zeros(3), np.array([3.0, -4.0, 500.0])):
            assert planes.normal(kind) == pytest.approx(planes.at(kind, cursor).plane.normal, abs=1e-15)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_the_cursor_moves_by_columns_and_rows_as_a_view_shows_them(name):
    grid = stack(ORIENTATIONS[name])
    planes = VolumePlanes(grid)
    cursor = grid.centre_lps_mm
    for kind in STANDARD_KINDS:
        plane = planes.at(kind, cursor).plane
        for right, down in ((1, 0), (0, 1), (-3, 0), (0, -3)):
            moved = planes.moved(kind, cursor, right, down)
            voxels = grid.to_index(moved) - grid.to_index(cursor)
            assert np.sort(np.abs(voxels)) == pytest.approx([0.0, 0.0, abs(right + down)], abs=1e-9)
            way = plane.u * right + plane.v * down
            assert float((moved - cursor) @ way) > 0
            assert np.linalg.norm(np.cross(moved - cursor, way)) == pytest.approx(0, abs=1e-9)


def test_across_uneven_slices_the_cursor_goes_from_slice_to_slice():
    grid = stack(ORIENTATIONS["FFS"], distances=(0.0, 3.0, 10.0, 12.0), shear=(0.0, 0.2, 0.0))
    planes = VolumePlanes(grid)
    cursor, heights = grid.to_patient([3, 4, 0]), []
    for _ in range(5):
        heights.append(float((cursor - grid.slice_origins_lps_mm[0]) @ grid.normal))
        cursor = planes.moved(SAGITTAL, cursor, 0, 1)
    assert np.abs(heights) == pytest.approx([0.0, 3.0, 10.0, 12.0, 14.0])
    for _ in range(5):
        cursor = planes.moved(CORONAL, cursor, 0, -1)
    assert float((cursor - grid.slice_origins_lps_mm[0]) @ grid.normal) == pytest.approx(0.0, abs=1e-9)
