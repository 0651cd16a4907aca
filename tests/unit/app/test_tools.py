"""Drawing tools, fed with patient points."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.tools import FreehandTool, PointTool, PolygonTool
from rtvis.app.tools_spline import Curve3DTool
from rtvis.geometry.plane import Plane
from rtvis.model.structure_set import Contour, GeometricType

TURN = np.radians(33.0)
OBLIQUE = Plane([10, -20, 30], [np.cos(TURN), 0, np.sin(TURN)], [0, 1, 0])
AXIAL = Plane([0, 0, 5], [1, 0, 0], [0, 1, 0])
CORONAL = Plane([0, 7, 0], [1, 0, 0], [0, 0, -1])
SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]


def on(plane, uv):
    return plane.to_patient(np.array(uv, float))


def test_freehand_stays_on_the_plane_it_began_on():
    tool = FreehandTool()
    tool.press(on(OBLIQUE, (0, 0)), OBLIQUE)
    for angle in np.linspace(0.1, 6.0, 60):
        tool.move(on(OBLIQUE, (30 * np.cos(angle), 30 * np.sin(angle))) + 0.4 * OBLIQUE.normal, AXIAL)
    assert len(tool.preview) == 61
    drawn = tool.release(on(OBLIQUE, (30, 0)), AXIAL)
    assert drawn.closed
    assert np.abs(OBLIQUE.distances_mm(drawn.points)).max() < 1e-9
    assert not tool.is_active
    assert Contour.drawn(drawn.points, closed=True).geometric_type == GeometricType.CLOSED_PLANAR


def test_freehand_ignores_moves_without_the_button_and_strokes_too_short():
    tool = FreehandTool()
    assert tool.move(on(AXIAL, (1, 1)), AXIAL) is None
    assert len(tool.preview) == 0
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    assert tool.release(on(AXIAL, (0, 0)), AXIAL) is None
    assert not tool.is_active


def test_freehand_open():
    tool = FreehandTool(closed=False)
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    drawn = tool.release(on(AXIAL, (5, 0)), AXIAL)
    assert not drawn.closed
    np.testing.assert_allclose(drawn.points, [[0, 0, 5], [5, 0, 5]])


@pytest.mark.parametrize("ending", ["double_click", "finish", "first corner"])
def test_polygon_ends_in_three_ways(ending):
    tool = PolygonTool()
    for corner in SQUARE:
        assert tool.press(on(AXIAL, corner), AXIAL) is None
    tool.move(on(AXIAL, (3, 12)), AXIAL)
    assert len(tool.preview) == 5
    if ending == "double_click":
        drawn = tool.double_click(on(AXIAL, SQUARE[-1]), AXIAL)
    elif ending == "finish":
        drawn = tool.finish()
    else:
        drawn = tool.press(on(AXIAL, (0.5, 0.5)), AXIAL)
    np.testing.assert_allclose(drawn.points, on(AXIAL, SQUARE))
    assert drawn.closed


def test_polygon_leaves_clicks_on_other_planes_alone():
    tool = PolygonTool()
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.press(on(CORONAL, (5, 5)), CORONAL)
    tool.press(on(AXIAL, (5, 5)), AXIAL.through([0, 0, 8]))
    assert len(tool.preview) == 1


def test_polygon_takes_a_corner_back_and_gives_up():
    tool = PolygonTool()
    for corner in SQUARE:
        tool.press(on(AXIAL, corner), AXIAL)
    tool.remove_last()
    assert len(tool.finish().points) == 3
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.cancel()
    assert len(tool.preview) == 0
    assert tool.finish() is None


def test_a_curve_through_points_of_several_views_is_not_planar():
    tool = Curve3DTool()
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.press(on(CORONAL, (20, 10)), CORONAL)
    tool.press(on(OBLIQUE, (-15, 25)), OBLIQUE)
    tool.press(on(AXIAL, (30, 30)), AXIAL.through([0, 0, 60]))
    drawn = tool.finish()
    assert Contour.drawn(drawn.points, closed=drawn.closed).geometric_type == GeometricType.OPEN_NONPLANAR
    np.testing.assert_allclose(drawn.points[1], on(CORONAL, (20, 10)))


def test_a_double_click_adds_no_second_point():
    tool = Curve3DTool()
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.press(on(AXIAL, (9, 0)), AXIAL)
    assert len(tool.double_click(on(AXIAL, (9, 0)), AXIAL).points) == 2


def test_point():
    drawn = PointTool().press([1, 2, 5.3], AXIAL)
    np.testing.assert_allclose(drawn.points, [[1, 2, 5]])
    assert Contour.drawn(drawn.points, closed=drawn.closed).geometric_type == GeometricType.POINT


def test_points_must_be_finite():
    with pytest.raises(ValueError, match="three finite"):
        PointTool().press([1, np.nan, 5], AXIAL)


def built(name):
    """A tool with three corners, and what it shows of each number of them."""
    tool = {"polygon": PolygonTool, "curve": Curve3DTool}[name]()
    for corner in SQUARE[:3]:
        tool.press(on(AXIAL, corner), AXIAL)
        tool.release(on(AXIAL, corner), AXIAL)
    return tool


@pytest.mark.parametrize("name", ["polygon", "curve"])
def test_points_are_taken_back_and_put_forward_to_the_first_and_to_the_last(name):
    tool = built(name)
    for left in (2, 1, 0):
        assert tool.built.undo_name == "point"
        tool.step_back()
        np.testing.assert_allclose(tool.clicked, on(AXIAL, SQUARE)[:left])
    assert not tool.is_active
    for there in (1, 2, 3):
        assert tool.built.redo_name == "point"
        tool.step_forward()
        np.testing.assert_allclose(tool.clicked, on(AXIAL, SQUARE)[:there])
    assert tool.built.redo_name is None
    tool.step_back()
    tool.press(on(AXIAL, (40, 50)), AXIAL)
    assert tool.built.redo_name is None  # what was taken back is replaced
    np.testing.assert_allclose(tool.finish().points, on(AXIAL, [*SQUARE[:2], (40, 50)]))
    assert tool.built.undo_name is None


def test_backspace_is_the_same_and_can_be_put_forward():
    tool = built("polygon")
    tool.remove_last()
    tool.step_forward()
    np.testing.assert_allclose(tool.clicked, on(AXIAL, SQUARE[:3]))


def test_a_dragged_control_point_is_a_step_of_its_own_and_a_click_that_slips_is_none():
    tool = built("curve")
    tool.press(on(AXIAL, (0.4, 0)), AXIAL)  # takes the first point along
    tool.move(on(AXIAL, (-5, -5)), AXIAL)
    tool.move(on(AXIAL, (-9, -5)), AXIAL)
    tool.release(on(AXIAL, (-9, -5)), AXIAL)
    tool.press(on(AXIAL, (30, 30)), AXIAL)  # a new one, dragged to where it belongs
    tool.move(on(AXIAL, (31, 33)), AXIAL)
    tool.release(on(AXIAL, (31, 33)), AXIAL)
    tool.step_back()
    assert len(tool.clicked) == 3
    assert tool.built.undo_name == "move of point"
    tool.step_back()
    np.testing.assert_allclose(tool.clicked, on(AXIAL, SQUARE[:3]))
    tool.step_forward()
    tool.step_forward()
    np.testing.assert_allclose(tool.clicked, on(AXIAL, [(-9, -5), *SQUARE[1:3], (31, 33)]))


def test_backspace_after_a_drag_takes_the_last_point_and_undo_has_it_back():
    tool = built("curve")
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.move(on(AXIAL, (-5, -5)), AXIAL)
    tool.release(on(AXIAL, (-5, -5)), AXIAL)
    tool.remove_last()
    np.testing.assert_allclose(tool.clicked, on(AXIAL, [(-5, -5), SQUARE[1]]))
    tool.step_back()
    np.testing.assert_allclose(tool.clicked, on(AXIAL, [(-5, -5), *SQUARE[1:3]]))


def test_a_stroke_that_is_dragged_is_given_up_as_a_whole():
    tool = FreehandTool()
    tool.press(on(AXIAL, (0, 0)), AXIAL)
    tool.move(on(AXIAL, (5, 0)), AXIAL)
    tool.step_back()
    assert not tool.is_active
    tool.step_forward()
    assert not tool.is_active
