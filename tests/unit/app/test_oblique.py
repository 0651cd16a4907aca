"""Oblique planes: which way they face, and how a cursor steps through them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.app.oblique import Oblique
from rtvis.app.planes import PlaneKind, VolumePlanes, middle_voxel_lps_mm
from tests.unit.gui.conftest import make_volume

OBLIQUE = PlaneKind.OBLIQUE
DEGREES = st.floats(-90, 90)


def test_angles_start_at_the_axial_view() -> None:
    flat = Oblique.by_angles(0, 0)
    assert flat.u == pytest.approx([1, 0, 0])
    assert flat.v == pytest.approx([0, 1, 0])
    tilted = Oblique.by_angles(90, 0)  # about the axis to the left: down the screen goes from posterior to superior
    assert tilted.u == pytest.approx([1, 0, 0], abs=1e-12)
    assert tilted.v == pytest.approx([0, 0, 1], abs=1e-12)


@given(DEGREES, DEGREES)
def test_angles_are_told_as_they_were_given(first, second) -> None:
    told = Oblique.by_angles(first, second).angles_deg
    assert Oblique.by_angles(*told).normal == pytest.approx(Oblique.by_angles(first, second).normal, abs=1e-7)
    if abs(second) < 89 and abs(first) < 89.9:  # at 90 degrees others give the same plane
        assert told == pytest.approx((first, second), abs=1e-5)


def test_angles_of_a_plane_seen_from_behind_are_those_of_the_plane() -> None:
    plane = Oblique.by_angles(20, 10)
    behind = Oblique(-plane.u, plane.v)
    assert behind.angles_deg == pytest.approx((20, 10))


@given(st.lists(st.floats(-100, 100), min_size=9, max_size=9))
@settings(max_examples=60)
def test_a_plane_through_three_points_has_them_all_in_it(numbers) -> None:
    points = np.reshape(numbers, (3, 3))
    area = np.linalg.norm(np.cross(points[1] - points[0], points[2] - points[0]))
    if area < 1.0:
        return
    planes = VolumePlanes(make_volume().grid, Oblique.through(points))
    view = planes.at(OBLIQUE, points[0])
    assert view.plane.distances_mm(points) == pytest.approx([0, 0, 0], abs=1e-7)


def test_a_plane_through_three_points_is_shown_as_the_standard_view_nearest_to_it() -> None:
    points = [[0, 0, 0], [50, 0, 4], [0, 50, 3]]
    planes = VolumePlanes(make_volume().grid, Oblique.through(points))
    letters = planes.at(OBLIQUE, [0, 0, 0]).letters
    assert (letters.right[0], letters.bottom[0]) == ("L", "P")


@pytest.mark.parametrize("points", [[[0, 0, 0], [1, 1, 1], [2, 2, 2]], [[1, 2, 3]] * 3])
def test_points_on_one_line_are_no_plane(points) -> None:
    with pytest.raises(ValueError, match="one line"):
        Oblique.through(points)


@given(DEGREES, DEGREES, st.integers(-4, 4))
@settings(max_examples=60)
def test_steps_are_even_along_the_normal_and_stop_at_the_ends(right, down, steps) -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(right, down))
    normal = planes.oblique.normal
    assert float(planes.oblique.u @ planes.oblique.v) == pytest.approx(0, abs=1e-12)
    start = planes.step(OBLIQUE, planes.grid.centre_lps_mm, 0)
    here, moved = planes.at(OBLIQUE, start), planes.step(OBLIQUE, start, steps)
    there = planes.at(OBLIQUE, moved)
    assert there.slice_index == np.clip(here.slice_index + steps, 0, here.slice_count - 1)
    gap = (there.slice_index - here.slice_index) * here.gap_mm
    assert moved - start == pytest.approx(gap * normal, abs=1e-9)
    last = planes.at_slice(OBLIQUE, start, 10_000)
    assert planes.at(OBLIQUE, last).slice_index == here.slice_count - 1
    assert planes.step(OBLIQUE, last, 1) == pytest.approx(last, abs=1e-9)


def test_without_a_tilt_its_steps_are_the_slices() -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(0, 0))
    cursor = planes.grid.to_patient([20, 20, 7])
    oblique, axial = planes.at(OBLIQUE, cursor), planes.at(PlaneKind.AXIAL, cursor)
    assert (oblique.slice_index, oblique.slice_count) == (axial.slice_index, axial.slice_count)
    assert oblique.gap_mm == pytest.approx(axial.gap_mm)
    assert not oblique.native


def test_the_outline_is_where_the_plane_cuts_the_faces_of_the_volume() -> None:
    grid = make_volume().grid
    planes = VolumePlanes(grid, Oblique.by_angles(35, 20))
    view = planes.at(OBLIQUE, grid.centre_lps_mm)
    corners = planes.outline(view)
    assert len(corners) >= 4
    assert view.plane.distances_mm(corners) == pytest.approx(np.zeros(len(corners)), abs=1e-9)
    index = grid.to_index(corners)
    faces = np.array(grid.shape[::-1]) - 0.5
    on_face = np.minimum(np.abs(index + 0.5), np.abs(index - faces)).min(axis=1)
    assert on_face == pytest.approx(np.zeros(len(corners)), abs=1e-6)
    assert len(planes.outline(planes.at(OBLIQUE, grid.centre_lps_mm + 1000 * view.plane.normal))) == 0


@given(DEGREES, DEGREES)
@settings(max_examples=60)
def test_views_start_on_a_step(right, down) -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(right, down))
    start = middle_voxel_lps_mm(planes.grid)
    index = planes.at(OBLIQUE, start).slice_index
    assert planes.at_slice(OBLIQUE, start, index) == pytest.approx(start, abs=1e-9)


@given(DEGREES, DEGREES, st.floats(-6, 6))
@settings(max_examples=60)
def test_every_step_is_one_gap_wherever_the_plane_was_put(right, down, off_mm) -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(right, down))
    cursor = planes.grid.centre_lps_mm + off_mm * planes.oblique.normal
    before = planes.at(OBLIQUE, cursor)
    after = planes.at(OBLIQUE, planes.step(OBLIQUE, cursor, 1))
    assert after.plane.origin_lps_mm - before.plane.origin_lps_mm == pytest.approx(
        before.gap_mm * planes.oblique.normal, abs=1e-9
    )
    assert after.slice_index == before.slice_index + 1


@pytest.mark.parametrize("right", range(-80, 81, 40))
@pytest.mark.parametrize("way", [1, -1])
def test_half_way_between_two_steps_none_is_counted_twice(right, way) -> None:
    for down in range(-75, 76, 15):  # how sums of steps are rounded differs
        planes = VolumePlanes(make_volume().grid, Oblique.by_angles(right, down))
        start = middle_voxel_lps_mm(planes.grid)
        cursor = start + planes.at(OBLIQUE, start).gap_mm / 2 * planes.oblique.normal
        told = []
        for _ in range(4):
            told.append(planes.at(OBLIQUE, cursor).slice_index)
            cursor = planes.step(OBLIQUE, cursor, way)
        assert told == [told[0] + way * n for n in range(4)]


def test_from_outside_a_step_comes_back_to_the_first_or_the_last() -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(20, 10))
    far = planes.grid.centre_lps_mm + 500.0 * planes.oblique.normal
    assert planes.at(OBLIQUE, far).slice_index is None
    back = planes.at(OBLIQUE, planes.step(OBLIQUE, far, 1))
    assert back.slice_index == back.slice_count - 1


def test_the_cursor_moves_by_the_voxels_that_an_oblique_plane_cuts() -> None:
    planes = VolumePlanes(make_volume().grid, Oblique.by_angles(90, 0))
    cursor = planes.grid.centre_lps_mm
    between_slices, _, between_columns = planes.grid.spacing_mm
    moved = planes.moved(OBLIQUE, cursor, 2, -1) - cursor
    assert moved == pytest.approx([2 * between_columns, 0.0, -between_slices], abs=1e-9)
