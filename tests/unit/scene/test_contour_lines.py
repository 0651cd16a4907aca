"""Contours as views show them."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Contour, Roi
from rtvis.scene.contour_lines import MOST_UNJOINED, ContourLines, JointIndex
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import contours_overlay

from .conftest import landmark_voxels, made_volume, square_roi


@pytest.fixture
def volume():
    return made_volume(landmark_voxels())


def cut(rois, volume, kind, cursor):
    lines = ContourLines()
    lines.set_rois(rois)
    return lines.cut(VolumePlanes(volume.grid).at(kind, cursor))


def test_a_contour_in_the_plane_is_its_own_points(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    roi = square_roi(centre, 6)
    (shown,) = cut([roi], volume, PlaneKind.AXIAL, centre)
    (line,) = shown.lines
    np.testing.assert_array_equal(line.points_lps_mm, roi.contours[0].points_lps)
    assert line.closed
    assert not line.off_plane


def test_a_contour_off_the_slice_is_shown_within_half_a_gap_and_marked(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    for height, seen in [(1.4, True), (1.6, False), (-1.4, True)]:
        shown = cut([square_roi(centre, 6, heights=(height,))], volume, PlaneKind.AXIAL, centre)
        assert bool(shown) is seen
        if seen:
            assert shown[0].lines[0].off_plane


def test_across_the_slices_a_stack_shows_its_outline(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    (shown,) = cut([square_roi(centre, 6, heights=(-3, 0, 3))], volume, PlaneKind.CORONAL, centre)
    points = np.vstack([line.points_lps_mm for line in shown.lines])
    np.testing.assert_allclose(points[:, 1], centre[1], atol=1e-9)
    np.testing.assert_allclose([points[:, 0].min(), points[:, 0].max()], [centre[0] - 6, centre[0] + 6], atol=1e-9)
    np.testing.assert_allclose([points[:, 2].min(), points[:, 2].max()], [centre[2] - 4.5, centre[2] + 4.5], atol=1e-9)


def test_points_and_needles(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    needle = Contour(centre + np.array([[1, 1, -20], [1, 1, 20.0]]), "OPEN_NONPLANAR")
    point = Contour(centre[None] + [[0, 0, 1.0]], "POINT")
    shown = cut([Roi(1, "needle", (needle,)), Roi(2, "point", (point,))], volume, PlaneKind.AXIAL, centre)
    np.testing.assert_allclose(shown[0].points[0].points_lps_mm, [centre + np.array([1, 1, 0])], atol=1e-9)
    assert shown[1].points[0].off_plane


def test_only_an_edited_roi_is_looked_at_anew(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    one, two = square_roi(centre, 6), square_roi(centre, 3, number=2)
    lines = ContourLines()
    lines.set_rois([one, two])
    before = {number: index for number, (_, index) in lines._indexed.items()}
    lines.set_rois([one, two.with_contour(one.contours[0])])
    after = {number: index for number, (_, index) in lines._indexed.items()}
    assert after[1] is before[1]
    assert after[2] is not before[2]


def test_the_overlay_has_display_points_colour_and_style(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, centre)
    framing = Framing(view.plane).resized(200, 100).centred_on(centre)
    lines = ContourLines()
    lines.set_rois([square_roi(centre, 6, color=(1, 2, 3)), square_roi(centre, 9, number=2, heights=(1.0,))])
    solid, dashed = contours_overlay(framing, lines.cut(view)).strokes
    assert (solid.color, solid.dashed, solid.closed, dashed.dashed) == ((1, 2, 3), False, True, True)
    np.testing.assert_allclose(solid.points, [[94, 44], [106, 44], [106, 56], [94, 56]], atol=1e-9)
    active = contours_overlay(framing, lines.cut(view), active=1)
    assert active.strokes[-1].color == (1, 2, 3)
    assert active.strokes[-1].width > solid.width


def test_real_lungs_are_dark_inside_their_lines(field_data):
    from rtvis.app.opening import open_study
    from rtvis.model.masks import roi_mask

    study = open_study(field_data / "pairs" / "LUNG1-002_XiO")
    volume, structure_set = study.volumes[0], study.structure_sets[0]
    planes = VolumePlanes(volume.grid)
    lines = ContourLines()
    lines.set_rois([roi for roi in structure_set.rois if roi.name == "Lung L"])
    for k in (40, 60, 80):
        cursor = volume.grid.to_patient([256, 256, k])
        (shown,) = lines.cut(planes.at(PlaneKind.AXIAL, cursor))
        assert not any(line.off_plane for line in shown.lines)
        drawn = Roi(1, "lines", tuple(Contour.drawn(line.points_lps_mm, closed=True) for line in shown.lines))
        values = volume.voxels[k][roi_mask(drawn, volume.grid).mask[k]] * volume.slices[k].rescale_slope
        values = values + volume.slices[k].rescale_intercept
        assert values.size > 1000
        assert np.mean(values < -300) > 0.9


def test_contours_of_a_tilted_mr_lie_in_its_own_slices(field_data):
    from rtvis.app.opening import open_study

    study = open_study(field_data / "pairs" / "STS_001_MR_T2_oblique_MIM")
    volume, structure_set = study.volumes[0], study.structure_sets[0]
    planes = VolumePlanes(volume.grid)
    lines = ContourLines()
    lines.set_rois(structure_set.rois)
    seen = 0
    for k in range(volume.grid.shape[0]):
        view = planes.at(PlaneKind.AXIAL, volume.grid.to_patient([190, 190, k]))
        shown = [line for roi in lines.cut(view) for line in roi.lines]
        assert not any(line.off_plane for line in shown)
        assert all(line.closed for line in shown)
        seen += len(shown)
    assert seen == structure_set.contour_count


# --- many ROIs together ----------------------------------------------------------------------------------------------


def many_rois(centre):
    """Stacks, a hole, contours off the slices, a needle and points, in the neighbourhood of each other."""
    heights = np.arange(-9.0, 10.0, 3.0)
    stacks = [square_roi(centre + np.array([n, 2 * n, 0]), 4 + n, heights=heights, number=n) for n in range(1, 6)]
    outer, inner = square_roi(centre, 9, heights=heights), square_roi(centre, 3, heights=heights)
    holed = Roi(6, "holed", (*outer.contours, *inner.contours), (9, 9, 9))
    off = square_roi(centre, 6, heights=(1.4,), number=7)
    needle = Roi(8, "needle", (Contour(centre + np.array([[1, 1, -20], [3, 2, 20.0]]), "OPEN_NONPLANAR"),))
    points = tuple(Contour(centre[None] + [[0, 0, z]], "POINT") for z in (0.0, 1.0, 9.0))
    return (*stacks, holed, off, needle, Roi(9, "points", points), Roi(10, "empty", ()))


def assert_same(ones, others):
    assert [(one.number, one.name, one.color) for one in ones] == [(two.number, two.name, two.color) for two in others]
    for one, two in zip(ones, others, strict=True):
        for mine, theirs in ((one.lines, two.lines), (one.points, two.points)):
            assert [(a.closed, a.off_plane) for a in mine] == [(b.closed, b.off_plane) for b in theirs]
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_allclose(a.points_lps_mm, b.points_lps_mm, atol=1e-9)


@pytest.mark.parametrize("kind", list(PlaneKind))
@pytest.mark.parametrize("shift", [0.0, 1.3, 4.0, 200.0])
def test_a_joint_index_shows_what_the_rois_show_one_by_one(volume, kind, shift):
    centre = volume.grid.to_patient([20, 15, 4])
    lines = ContourLines()
    lines.set_rois(many_rois(centre))
    view = VolumePlanes(volume.grid).at(kind, centre + shift)
    alone = lines.cut(view)
    assert bool(alone) is (shift < 100)
    lines.set_joint(JointIndex(lines.unjoined))
    assert_same(lines.cut(view), alone)


def test_an_edited_roi_is_cut_by_itself_and_a_hidden_one_not_at_all(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    rois = many_rois(centre)
    lines = ContourLines()
    lines.set_rois(rois)
    lines.set_joint(JointIndex(lines.unjoined))
    assert lines.unjoined == ()
    edited = square_roi(centre, 2.5, number=1)
    lines.set_rois((edited, *rois[2:]))
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, centre)
    fresh = ContourLines()
    fresh.set_rois((edited, *rois[2:]))
    assert_same(lines.cut(view), fresh.cut(view))
    assert 2 not in {one.number for one in lines.cut(view)}
    assert lines.unjoined == ()  # a few beside it are cut quickly enough


def test_a_joint_index_is_worth_it_only_for_many(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    lines = ContourLines()
    lines.set_rois(many_rois(centre)[:MOST_UNJOINED])
    assert lines.unjoined == ()
    lines.set_rois(many_rois(centre))
    assert len(lines.unjoined) == 10


@pytest.mark.parametrize(("z", "shown"), [(2.0, [0]), (3.0, [1]), (7.4, [1]), (14.0, [2]), (16.0, [3]), (20.0, [3])])
def test_between_uneven_slices_a_contour_shows_on_the_nearest_one(z, shown):
    """Slices at 0, 5, 10 and 20 mm: one 4 mm beyond the third is within half of the gap that it lies in."""
    grid = Grid.from_slices(np.outer([0.0, 5, 10, 20], [0, 0, 1]), [1, 0, 0, 0, 1, 0], (1, 1), (20, 20))
    planes = VolumePlanes(grid)
    lines = ContourLines()
    square = np.array([[4.0, 4, z], [12, 4, z], [12, 12, z], [4, 12, z]])
    mark = Contour(np.array([[6.0, 6, z]]), "POINT")
    lines.set_rois([Roi(1, "Square", (Contour(square, "CLOSED_PLANAR"),)), Roi(2, "Mark", (mark,))])
    found = [k for k in range(4) if lines.cut(planes.at(PlaneKind.AXIAL, grid.to_patient([5, 5, k])))]
    assert found == shown
    assert all(len(lines.cut(planes.at(PlaneKind.AXIAL, grid.to_patient([5, 5, k])))) == 2 for k in shown)


def names(lines, volume, centre):
    return [one.name for one in lines.cut(VolumePlanes(volume.grid).at(PlaneKind.AXIAL, centre))]


def test_of_many_new_contours_some_wait_and_come_in_their_order(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    rois = [square_roi(centre, 3 + n, number=n) for n in range(1, 6)]
    lines = ContourLines()
    lines.set_rois(rois, points_at_once=8)  # two squares
    assert names(lines, volume, centre) == ["ROI 1", "ROI 2"]
    assert lines.is_behind
    version = lines.version
    lines.go_on(8)
    assert names(lines, volume, centre) == ["ROI 1", "ROI 2", "ROI 3", "ROI 4"]
    lines.go_on(8)
    assert names(lines, volume, centre) == [f"ROI {n}" for n in range(1, 6)]
    assert not lines.is_behind
    assert lines.version == version + 2


def test_what_waits_is_shown_as_it_was_and_is_never_taken_for_looked_at(volume):
    centre = volume.grid.to_patient([20, 15, 4])
    before = [square_roi(centre, 4, number=n) for n in (1, 2)]
    after = [square_roi(centre, 8, number=n) for n in (1, 2, 3)]
    lines = ContourLines()
    lines.set_rois(before)

    def sizes():
        shown = lines.cut(VolumePlanes(volume.grid).at(PlaneKind.AXIAL, centre))
        return [np.ptp(one.lines[0].points_lps_mm[:, 0]).round() for one in shown]

    lines.set_rois(after, points_at_once=1)
    assert sizes() == [16, 8]  # an edit of many ROIs doesn't make any of them vanish
    lines.set_rois(after, points_at_once=1)
    assert sizes() == [16, 16]
    lines.set_rois(after, points_at_once=1)
    assert sizes() == [16, 16, 16]
    assert not lines.is_behind


def test_what_waits_is_joined_as_it_is_now(volume):
    """An index of what was there before an edit would be made for nothing."""
    centre = volume.grid.to_patient([20, 15, 4])
    before = [square_roi(centre, 4, number=n) for n in range(1, 6)]
    after = [square_roi(centre, 8, number=n) for n in range(1, 6)]
    lines = ContourLines()
    lines.set_rois(before)
    lines.set_rois(after, points_at_once=1)
    assert lines.is_behind
    assert [one.contours for one in lines.unjoined] == [one.contours for one in after]
