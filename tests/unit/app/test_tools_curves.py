"""Tools that draw and bend lines, fed with patient points of several views."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.tools import LineTool
from rtvis.app.tools_select import ContourSelection, SelectTool
from rtvis.app.tools_shape import CutTool, NudgeTool, PointEditTool
from rtvis.app.tools_spline import Curve3DTool, SplineTool, on_nearest_slice
from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import Plane
from rtvis.model.structure_set import Contour, GeometricType, Roi

TURN = np.radians(33.0)
AXIAL = Plane([0, 0, 5], [1, 0, 0], [0, 1, 0])
CORONAL = Plane([0, 7, 0], [1, 0, 0], [0, 0, -1])
SAGITTAL = Plane([3, 0, 0], [0, 1, 0], [0, 0, -1])
OBLIQUE = Plane([10, -20, 30], [np.cos(TURN), 0, np.sin(TURN)], [0, 1, 0])
PLANES = [AXIAL, CORONAL, SAGITTAL, OBLIQUE]
EIGHT = [(0, 0), (20, -4), (31, 8), (28, 25), (15, 30), (2, 28), (-6, 17), (-8, 6)]


def on(plane, uv):
    return plane.to_patient(np.array(uv, float))


def click(tool, point, plane):
    tool.move(point, plane)
    result = tool.press(point, plane)
    return result or tool.release(point, plane)


def drag(tool, start, end, plane, steps=5):
    result = tool.press(start, plane)
    for share in np.linspace(0, 1, steps + 1)[1:]:
        tool.move(start + share * (end - start), plane)
    return result or tool.release(end, plane)


@pytest.mark.parametrize("plane", PLANES)
def test_a_planar_spline_lies_in_the_plane_of_its_view_through_all_clicks(plane) -> None:
    tool = SplineTool()
    for uv in EIGHT:
        assert click(tool, on(plane, uv), plane) is None
    tool.move(on(plane, (50, 50)), plane)
    assert np.linalg.norm(tool.preview - on(plane, (50, 50)), axis=1).min() < 1e-9
    drawn = tool.double_click(on(plane, EIGHT[-1]), plane)
    assert drawn.closed
    assert np.abs(plane.distances_mm(drawn.points)).max() < 1e-9
    for uv in EIGHT:
        assert np.linalg.norm(drawn.points - on(plane, uv), axis=1).min() < 1e-9
    assert Contour.drawn(drawn.points, closed=True).geometric_type == GeometricType.CLOSED_PLANAR
    assert not tool.is_active


def test_control_points_are_dragged_until_the_curve_is_committed() -> None:
    tool = SplineTool(closed=False)
    for uv in EIGHT[:4]:
        click(tool, on(AXIAL, uv), AXIAL)
    drag(tool, on(AXIAL, (20.4, -4.2)), on(AXIAL, (24, 2)), AXIAL)
    assert len(tool.controls) == 4
    np.testing.assert_allclose(tool.controls[1], on(AXIAL, (24, 2)))
    click(tool, on(CORONAL, (90, 90)), CORONAL)
    assert len(tool.controls) == 4
    tool.remove_last()
    drawn = tool.finish()
    np.testing.assert_allclose(drawn.points[[0, -1]], on(AXIAL, [EIGHT[0], EIGHT[2]]))


@pytest.mark.parametrize("closed", [True, False])
def test_eight_points_picked_in_three_views_make_a_nonplanar_spline(closed) -> None:
    tool = SplineTool(closed=closed, planar=False)
    picked = []
    for number, uv in enumerate(EIGHT):
        plane = [AXIAL, CORONAL, SAGITTAL][number % 3].through([3 + number, 7 - number, 5 + 6 * number])
        picked.append(on(plane, uv))
        click(tool, picked[-1], plane)
    drawn = tool.finish()
    for point in picked:
        assert np.linalg.norm(drawn.points - point, axis=1).min() < 1e-9
    contour = Contour.drawn(drawn.points, closed=drawn.closed)
    assert contour.geometric_type == GeometricType.OPEN_NONPLANAR
    assert contour.is_closed == closed


def test_points_of_a_curve_in_space_are_dragged_in_the_plane_of_any_view() -> None:
    tool = Curve3DTool()
    click(tool, on(AXIAL, (0, 0)), AXIAL)
    click(tool, on(AXIAL, (20, 10)), AXIAL)
    view = CORONAL.through([0, 10, 0])
    drag(tool, on(view, (20.3, -5)), on(view, (25.3, -9)), view)
    np.testing.assert_allclose(tool.controls, [[0, 0, 5], [25.3, 10, 9]])
    far = CORONAL.through([0, 60, 0])
    tool.press(on(far, (25, -9)), far)
    assert len(tool.controls) == 3  # what is far from the plane isn't grabbed


def test_snapping_puts_points_on_slices() -> None:
    grid = Grid.from_slices(np.array([0, 0, 1.0]) * np.array([[0], [3], [7]]), [1, 0, 0, 0, 1, 0], (1, 1), (10, 10))
    np.testing.assert_allclose(on_nearest_slice([2, 3, 4.6], grid), [2, 3, 3])
    tool = SplineTool(planar=False, closed=False, snap_to=grid)
    for uv in ((0, -1.2), (5, -6.9), (9, -2.0)):
        click(tool, on(CORONAL, uv), CORONAL)
    np.testing.assert_allclose(tool.controls[:, 2], [0, 7, 3])


def test_too_few_points_draw_nothing() -> None:
    tool = SplineTool()
    click(tool, on(AXIAL, (0, 0)), AXIAL)
    click(tool, on(AXIAL, (9, 0)), AXIAL)
    assert tool.finish() is None
    assert tool.finish() is None


@pytest.mark.parametrize("plane", PLANES)
def test_a_straight_line_has_two_points(plane) -> None:
    drawn = drag(LineTool(), on(plane, (1, 2)), on(plane, (30, 9)), plane)
    np.testing.assert_allclose(drawn.points, on(plane, [(1, 2), (30, 9)]))
    assert not drawn.closed
    assert drag(LineTool(), on(plane, (1, 2)), on(plane, (1, 2)), plane) is None


def ring(plane, radius=20.0, count=40) -> Contour:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return Contour.drawn(on(plane, radius * np.column_stack([np.cos(turn), np.sin(turn)])), closed=True)


@pytest.mark.parametrize("plane", PLANES)
def test_a_point_is_dragged_in_its_view_and_the_others_stay(plane) -> None:
    roi = Roi(1, "A", (ring(plane), ring(plane.through(plane.origin_lps_mm + 6 * plane.normal))))
    tool = PointEditTool()
    tool.target = roi
    done = drag(tool, on(plane, (20.3, 0.4)), on(plane, (26.3, 1.4)), plane)
    assert done.roi.contours[1] is roi.contours[1]
    before, after = roi.contours[0].points_lps, done.roi.contours[0].points_lps
    np.testing.assert_array_equal(after[1:], before[1:])
    np.testing.assert_allclose(plane.to_plane(after[0]), [26, 1], atol=1e-9)
    assert np.abs(plane.distances_mm(after)).max() < 1e-9
    assert done.roi.contours[0].geometric_type == "CLOSED_PLANAR"


def test_a_needles_point_is_dragged_in_two_views() -> None:
    needle = Contour.drawn([[0, 0, 0], [5, 1, 20], [9, 4, 40]], closed=False)
    tool = PointEditTool(depth_mm=1.5)
    tool.target = Roi(1, "Needle", (needle,))
    axial = AXIAL.through([0, 0, 20.5])
    first = drag(tool, on(axial, (5, 1)), on(axial, (8, 2)), axial).roi
    np.testing.assert_allclose(first.contours[0].points_lps[1], [8, 2, 20])
    tool.target = first
    view = CORONAL.through([0, 2, 0])
    second = drag(tool, on(view, (8, -20)), on(view, (8, -26)), view).roi
    np.testing.assert_allclose(second.contours[0].points_lps[1], [8, 2, 26])
    assert tool.press(on(view, (60, -60)), view) is None
    assert not tool.is_active


def test_points_are_added_on_lines_and_deleted() -> None:
    roi = Roi(1, "A", (ring(AXIAL, count=4),))
    tool = PointEditTool("add")
    tool.target = roi
    added = drag(tool, on(AXIAL, (10.2, 10.2)), on(AXIAL, (15, 15)), AXIAL).roi
    assert len(added.contours[0].points_lps) == 5
    np.testing.assert_allclose(added.contours[0].points_lps[1], [15, 15, 5])
    tool = PointEditTool("delete")
    tool.target = added
    fewer = click(tool, on(AXIAL, (15, 15)), AXIAL).roi
    assert len(fewer.contours[0].points_lps) == 4
    marker = Roi(2, "M", (Contour.drawn([[1, 1, 5]], closed=False),))
    tool.target = marker
    assert click(tool, on(AXIAL, (1, 1)), AXIAL).roi.contours == ()


def test_a_drag_that_goes_nowhere_changes_nothing() -> None:
    for tool in (PointEditTool(), SelectTool(ContourSelection())):
        tool.target = Roi(1, "A", (ring(AXIAL),))
        assert drag(tool, on(AXIAL, (20, 0)), on(AXIAL, (20, 0)), AXIAL) is None
        tool.press(on(AXIAL, (20, 0)), AXIAL)
        tool.move(on(AXIAL, (30, 0)), AXIAL)
        assert len(tool.lines) == 1
        tool.cancel()
        assert tool.release(on(AXIAL, (30, 0)), AXIAL) is None


def test_a_contour_is_moved_as_a_whole() -> None:
    tool = SelectTool(ContourSelection())
    tool.target = Roi(1, "A", (ring(OBLIQUE),))
    done = drag(tool, on(OBLIQUE, (0, 20)), on(OBLIQUE, (3, 14)), OBLIQUE)
    np.testing.assert_allclose(
        OBLIQUE.to_plane(done.roi.contours[0].points_lps),
        OBLIQUE.to_plane(tool.target.contours[0].points_lps) + np.array([3, -6]),
        atol=1e-9,
    )


@pytest.mark.parametrize("plane", PLANES)
def test_nudging_bends_what_is_near_and_nothing_else(plane) -> None:
    away = ring(plane.through(plane.origin_lps_mm + 6 * plane.normal))
    tool = NudgeTool(radius_mm=5.0)
    tool.target = Roi(1, "A", (ring(plane), away))
    done = drag(tool, on(plane, (30, 0)), on(plane, (20, 0)), plane)
    assert done.roi.contours[1] is away
    bent = done.roi.contours[0]
    assert bent.geometric_type == "CLOSED_PLANAR"
    assert np.abs(plane.distances_mm(bent.points_lps)).max() < 1e-8
    assert np.linalg.norm(plane.to_plane(bent.points_lps) - [20, 0], axis=1).min() > 5 - 1e-6
    assert drag(tool, on(plane, (0, 0)), on(plane, (5, 0)), plane) is None


def test_cutting_closed_and_open_contours() -> None:
    line = Contour.drawn([[-40, 0, 5], [-40, 10, 5], [-40, 20, 5]], closed=False)
    tool = CutTool()
    tool.target = Roi(1, "A", (ring(AXIAL), line))
    done = drag(tool, on(AXIAL, (0.5, -30)), on(AXIAL, (0.5, 30)), AXIAL)
    assert len(done.roi.contours) == 3
    assert done.roi.contours[2] is line
    done = click(tool, on(AXIAL, (-40.3, 10)), AXIAL)
    assert [len(one.points_lps) for one in done.roi.contours] == [40, 2, 2]
    assert drag(tool, on(AXIAL, (0, -30)), on(AXIAL, (0, 5)), AXIAL) is None


def test_without_a_target_nothing_happens() -> None:
    for tool in (PointEditTool(), PointEditTool("add"), SelectTool(ContourSelection()), NudgeTool(), CutTool()):
        assert drag(tool, on(AXIAL, (20, 0)), on(AXIAL, (25, 0)), AXIAL) is None
        assert not tool.is_active
        assert tool.finish() is None
