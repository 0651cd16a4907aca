"""The grid that stands for images that aren't there."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.commits import commit
from rtvis.app.contour_grid import MARGIN_MM, MOST_SLICES, grid_around, holds, on_their_plane
from rtvis.app.opening import open_study
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.app.tools import Drawn
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.geometry.frame import slice_normal
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study

SQUARE = np.array([[-20.0, -15.0, 0.0], [20.0, -15.0, 0.0], [20.0, 15.0, 0.0], [-20.0, 15.0, 0.0]])


def roi_of(*contours, number=1, closed=True):
    drawn = tuple(Contour.drawn(points, closed=closed) for points in contours)
    return Roi(number, f"ROI {number}", drawn)


def stack(levels_mm, turned=None):
    turned = np.eye(3) if turned is None else turned
    return roi_of(*((SQUARE + np.array([0.0, 0.0, z])) @ turned.T for z in levels_mm))


def slice_levels(grid):
    return grid.slice_origins_lps_mm @ grid.normal


def distance_to_slices(grid, roi):
    heights = np.array([contour.points_lps.mean(axis=0) @ grid.normal for contour in roi.contours])
    return np.abs(heights[:, None] - slice_levels(grid)).min(axis=1)


@pytest.mark.parametrize("levels", [np.arange(5) * 2.5 - 31.25, [0.0, 3.0, 6.0, 15.0], [0.0, 75.0, 150.0], [4.0]])
def test_each_contour_lies_on_a_slice(levels):
    roi = stack(levels)
    grid = grid_around([roi], "1.2.3")
    assert distance_to_slices(grid, roi) == pytest.approx(0.0, abs=1e-9)
    assert grid.spacing_mm[0] <= 10.0
    assert grid.frame_of_reference_uid == "1.2.3"
    assert holds(grid, [roi])
    low, high = grid.corners_lps_mm().min(axis=0), grid.corners_lps_mm().max(axis=0)
    assert np.all(low <= np.array([-20.0, -15.0, min(levels)]) - MARGIN_MM)
    assert np.all(high >= np.array([20.0, 15.0, max(levels)]) + MARGIN_MM)


def test_slices_are_as_far_apart_as_contours():
    assert grid_around([stack(np.arange(9) * 3.0)]).spacing_mm == pytest.approx((3.0, 1.0, 1.0))
    # rounding of coordinates makes no slices of its own
    assert grid_around([stack(np.arange(9) * 3.0), stack(np.arange(9) * 3.0 + 0.01)]).spacing_mm[0] == pytest.approx(
        3.0
    )


@pytest.mark.parametrize(
    ("turned", "kind"),
    [
        (np.eye(3), PlaneKind.AXIAL),
        (np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), PlaneKind.CORONAL),
        (np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]), PlaneKind.SAGITTAL),
    ],
)
def test_slices_are_parallel_to_contours_and_letters_stay_right(turned, kind):
    roi = stack(np.arange(6) * 4.0, turned)
    grid = grid_around([roi])
    planes = VolumePlanes(grid)
    views = {
        one: planes.at(one, grid.centre_lps_mm) for one in (PlaneKind.AXIAL, PlaneKind.CORONAL, PlaneKind.SAGITTAL)
    }
    assert [one for one, view in views.items() if view.native] == [kind]
    assert views[kind].gap_mm == pytest.approx(4.0)
    assert distance_to_slices(grid, roi) == pytest.approx(0.0, abs=1e-9)
    assert tuple(views[PlaneKind.AXIAL].letters) == ("R", "L", "A", "P")
    assert tuple(views[PlaneKind.CORONAL].letters) == ("R", "L", "S", "I")
    assert tuple(views[PlaneKind.SAGITTAL].letters) == ("A", "P", "S", "I")


def test_slices_tilt_with_contours():
    angle = np.deg2rad(12.0)
    turned = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    roi = stack(np.arange(7) * 5.2, turned)
    grid = grid_around([roi])
    assert grid.normal == pytest.approx(turned[:, 2], abs=1e-6)
    assert grid.row_direction == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)
    assert distance_to_slices(grid, roi) == pytest.approx(0.0, abs=1e-3)
    assert slice_normal([*grid.row_direction, *grid.column_direction]) == pytest.approx(grid.normal)


@pytest.mark.parametrize("count", [1, 2])
def test_contours_that_face_all_ways_lie_in_axial_slices(count):
    """As many of each: the median of their normals is no direction at all."""
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    drawn = [
        Contour(np.insert(square, axis, 3.0 + n, axis=1), "CLOSED_PLANAR") for axis in range(3) for n in range(count)
    ]
    grid = grid_around([Roi(1, "Shell", tuple(drawn))])
    np.testing.assert_allclose(grid.normal, [0, 0, 1])
    assert holds(grid, [Roi(1, "Shell", tuple(drawn))])
    assert grid.slice_index(drawn[-1].points_lps) % 1 == pytest.approx(0, abs=1e-9)


def test_needles_and_points_alone_have_a_grid_too_and_nothing_has_none():
    needle = roi_of(np.linspace([0.0, 0, 0], [5.0, 8.0, 60.0], 20), closed=False)
    grid = grid_around([needle])
    assert holds(grid, [needle])
    assert grid.normal == pytest.approx([0.0, 0.0, 1.0])
    assert holds(grid_around([roi_of([[1.0, 2.0, 3.0]], closed=False)]), ())
    assert grid_around([Roi(1, "Empty")]) is None
    assert grid_around([]) is None


def test_a_contour_far_astray_makes_no_endless_stack():
    assert grid_around([stack([0.0, 1.0, 2.0, 900_000.0])]).shape[0] <= MOST_SLICES + 3


def session_on(*rois, frame="1.2.3"):
    session = Session()
    made = StructureSet(label="Plan", rois=rois, sop_instance_uid="1.5", frame_of_reference_uid=frame)
    session.show(Study(structure_sets=(made,)))
    return session


def test_a_set_without_images_is_looked_at_from_the_middle_slice_of_its_grid():
    session = session_on(stack(np.arange(9) * 3.0))
    assert session.volume is None
    assert session.cursor_lps[2] == pytest.approx(12.0)
    assert session.grid.frame_of_reference_uid == "1.2.3"
    session.move_cursor([500.0, 0.0, 0.0])
    session.reset_view()
    assert session.cursor_lps[2] == pytest.approx(12.0)


def test_the_grid_stays_under_edits_unless_contours_leave_it():
    near, far = stack([0.0, 3.0]), stack([0.0, 80.0])
    session = session_on(near)
    grid, told = session.grid, []
    session.volume_changed.connect(lambda: told.append(session.grid))
    session.move_cursor([1.0, 2.0, 3.0])
    session.apply("Delete", session.structure_set.with_roi(Roi(1, "ROI 1")))
    assert session.grid is grid
    assert told == []
    session.apply("Grow", session.structure_set.with_roi(far))
    assert session.grid is not grid
    assert holds(session.grid, [far])
    assert told == [session.grid]
    assert session.cursor_lps.tolist() == [1.0, 2.0, 3.0]


def test_another_set_has_its_own_grid_and_nothing_open_has_none():
    sets = [
        StructureSet(
            label=f"Set {n}", rois=(stack([100.0 * n]),), sop_instance_uid=f"1.{n}", frame_of_reference_uid="1.2"
        )
        for n in (1, 2)
    ]
    session = Session()
    session.show(Study(structure_sets=tuple(sets)))
    assert session.cursor_lps[2] == pytest.approx(100.0)
    session.activate_structure_set(sets[1].key)
    assert session.cursor_lps[2] == pytest.approx(200.0)
    session.activate_structure_set(None)
    assert session.grid is None
    session.show(Study())
    assert session.grid is None


def test_real_sets_lie_on_slices_of_their_grid(field_data):
    folder = field_data / "rt_without_images" / "EclipseProstatePhantom"
    rois = read_structure_set(next(folder.glob("RS*.dcm"))).rois
    grid = grid_around(rois)
    assert grid.spacing_mm[0] == pytest.approx(2.5)
    drawn = [roi for roi in rois if roi.contours]
    assert max(distance_to_slices(grid, roi).max() for roi in drawn) < 0.01
    tilted = open_study(field_data / "pairs" / "STS_001_MR_T2_oblique_MIM").structure_sets[0].rois
    grid = grid_around(tilted)
    assert np.rad2deg(np.arccos(grid.normal[2])) == pytest.approx(2.0, abs=0.5)
    assert max(distance_to_slices(grid, roi).max() for roi in tilted) < 0.05


@pytest.mark.parametrize("level", [0.0, 3.0, 6.7, 10.0])
def test_what_is_drawn_beside_a_contour_that_its_slice_shows_lies_on_the_plane_of_that(level):
    """Slices are even and contours aren't: what is drawn beside one would be a plane of its own in volumes."""
    made = StructureSet(label="Uneven", rois=(stack([0.0, 3.0, 6.7, 10.0]),), sop_instance_uid="1.2.9")
    session = Session()
    session.show(Study(structure_sets=(made,)))
    view = VolumePlanes(session.grid).at(PlaneKind.AXIAL, [0.0, 0.0, level])
    assert view.reach_mm[0] >= abs(view.position_mm - level)
    drawn = np.array([[-5.0, -5.0, view.position_mm], [5.0, -5.0, view.position_mm], [5.0, 5.0, view.position_mm]])
    session.activate_roi(1)
    commit(session, Drawn(drawn, closed=True), tolerance_mm=view.reach_mm)
    assert session.structure_set.roi(1).contours[-1].points_lps[:, 2] == pytest.approx(level, abs=1e-6)
    commit(
        session, Drawn(drawn + np.array([0.0, 0.0, 100.0]), closed=True), tolerance_mm=view.reach_mm
    )  # nothing is there
    assert session.structure_set.roi(1).contours[-1].points_lps[0, 2] == pytest.approx(view.position_mm + 100.0)
    session.close()


def test_of_several_planes_that_a_slice_shows_the_nearest_is_drawn_on():
    rois = (stack([0.0, 1.6]), stack([-1.0, 2.5], turned=np.diag([1.0, 1.0, -1.0])))
    for height, expected in ((0.4, 0.0), (0.9, 1.0), (1.4, 1.6), (-1.2, 0.0), (-2.4, -2.5), (5.0, 5.0)):
        moved = on_their_plane(SQUARE * 0.2 + np.array([0.0, 0.0, height]), rois, 1.5)
        assert moved[:, 2] == pytest.approx(expected)
        np.testing.assert_allclose(moved[:, :2], SQUARE[:, :2] * 0.2)
    crooked = np.array([[0.0, 0.0, 0.6], [5.0, 0.0, 1.6], [5.0, 5.0, 0.6], [0.0, 5.0, 1.6]])
    assert on_their_plane(crooked, rois, 1.5) is crooked
    assert on_their_plane(crooked[:2], rois, 1.5) is not None
