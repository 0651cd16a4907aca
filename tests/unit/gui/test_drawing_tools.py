"""Each tool in each view, with real mouse events: points are where the mouse was, and in the plane of the view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt

from rtvis.model.study import Study
from rtvis.scene.tool_overlay import PAINTED_OPACITY
from tests.unit.gui.conftest import Mouse, make_set, make_volume, settle, show

VIEWS = ("axial", "coronal", "sagittal", "oblique")
PLANAR_MM = 1e-6
ROUND_MM = 0.04
"""A brush's rim is straight pieces within 0.02 mm of the circle, simplified by 0.01 mm."""

BODY = (slice(6, 15), slice(12, 30), slice(14, 38))
"""Slices, rows and columns of a bright box in the volume of the image tools' tests."""


class Hand:
    """A hand on the mouse over one view, in pixels from the view's middle."""

    def __init__(self, window, name) -> None:
        self.window = window
        self.view = window.views.view(name)
        self.mouse = Mouse(self.view)
        self.middle = (self.view.width() // 2, self.view.height() // 2)
        self.view.plane  # noqa: B018  (brings the view to the cursor, as painting does)

    def at(self, dx, dy):
        return (self.middle[0] + dx, self.middle[1] + dy)

    def points(self, places):
        return np.array([self.view.scene.pointer_to_patient(*self.at(*place)) for place in places])

    def drag(self, places, modifiers=Qt.NoModifier) -> None:
        self.mouse.press(*self.at(*places[0]), modifiers=modifiers)
        for place in places[1:]:
            self.mouse.move(*self.at(*place), Qt.LeftButton, modifiers)
        self.mouse.release(*self.at(*places[-1]), modifiers=modifiers)

    def click(self, *places, modifiers=Qt.NoModifier) -> None:
        for place in places:
            self.mouse.move(*self.at(*place))
            self.mouse.click(*self.at(*place), modifiers)

    def enter(self) -> None:
        self.mouse.key(Qt.Key_Return)

    @property
    def roi(self):
        session = self.window.session
        return session.structure_set.roi(session.active_roi)

    def choose(self, key, **options) -> None:
        self.window.tools.choose(key)
        self.window.tools.active.set_options(**options)

    def polygon(self, *places, **options):
        """A polygon to be changed; its points."""
        self.choose("polygon", **options)
        self.click(*places)
        self.enter()
        return self.points(places)

    @property
    def half_pixel_mm(self) -> float:
        return self.view.scene.framing.mm_per_pixel / 2

    def assert_planar(self, *contours) -> None:
        for contour in contours:
            away = self.view.plane.plane.distances_mm(contour.points_lps)
            assert np.abs(away).max() <= PLANAR_MM


@pytest.fixture
def tools(window):
    """The window with its tools as they are at first."""
    from rtvis.app.tools_options import ToolOptions

    window.tools.active.options = ToolOptions()
    yield window
    window.tools.choose("navigate")


@pytest.fixture(params=VIEWS)
def hand(tools, request):
    tools.views.show_oblique(shown=request.param == "oblique")
    settle()
    yield Hand(tools, request.param)
    tools.views.show_oblique(shown=False)


def same_places(points, expected, tolerance) -> bool:
    return len(points) == len(expected) and float(np.abs(points - expected).max()) <= tolerance


# --- lines and points ------------------------------------------------------------------------------------------------


def test_a_point(hand):
    hand.choose("point")
    hand.click((31, -17))
    (contour,) = hand.roi.contours
    assert contour.geometric_type == "POINT"
    assert same_places(contour.points_lps, hand.points([(31, -17)]), hand.half_pixel_mm)
    hand.assert_planar(contour)


def test_a_straight_line(hand):
    hand.choose("line")
    hand.drag([(-40, -20), (0, 0), (10, 30), (45, 38)])
    (contour,) = hand.roi.contours
    assert contour.geometric_type == "OPEN_PLANAR"
    assert same_places(contour.points_lps, hand.points([(-40, -20), (45, 38)]), hand.half_pixel_mm)
    hand.assert_planar(contour)


@pytest.mark.parametrize("closed", [True, False])
def test_freehand(hand, closed):
    path = [(round(50 * np.cos(t)), round(38 * np.sin(t))) for t in np.linspace(0, 5.5, 40)]
    hand.choose("freehand", closed=closed)
    hand.drag(path)
    (contour,) = hand.roi.contours
    assert contour.geometric_type == ("CLOSED_PLANAR" if closed else "OPEN_PLANAR")
    assert same_places(contour.points_lps, hand.points(path), hand.half_pixel_mm)
    hand.assert_planar(contour)


@pytest.mark.parametrize("closed", [True, False])
def test_a_polygon(hand, closed):
    corners = [(-50, -40), (40, -30), (55, 20), (-10, 44)]
    expected = hand.polygon(*corners, closed=closed)
    (contour,) = hand.roi.contours
    assert contour.geometric_type == ("CLOSED_PLANAR" if closed else "OPEN_PLANAR")
    assert same_places(contour.points_lps, expected, hand.half_pixel_mm)
    hand.assert_planar(contour)


@pytest.mark.parametrize("tension", [0.0, 0.5])
def test_a_spline_goes_through_its_points_where_they_were_dragged(hand, tension):
    places = [(-50, -40), (40, -30), (55, 20), (-10, 44)]
    hand.choose("spline", tension=tension)
    hand.click(*places)
    hand.drag([(40, -30), (46, -36)])
    hand.enter()
    (contour,) = hand.roi.contours
    assert contour.geometric_type == "CLOSED_PLANAR"
    assert len(contour.points_lps) > 20
    for point in hand.points([(-50, -40), (46, -36), (55, 20), (-10, 44)]):
        assert np.linalg.norm(contour.points_lps - point, axis=1).min() <= hand.half_pixel_mm
    hand.assert_planar(contour)


def test_fewer_points_of_freehand_within_what_was_asked(hand):
    path = [(x, round(12 * np.sin(x / 15))) for x in range(-60, 61, 3)]
    hand.choose("freehand", closed=False, simplify_mm=0.4)
    hand.drag(path)
    (contour,) = hand.roi.contours
    assert len(contour.points_lps) < 20
    line = shapely.LineString(hand.view.plane.plane.to_plane(contour.points_lps))
    drawn = hand.view.plane.plane.to_plane(hand.points(path))
    assert max(line.distance(shapely.Point(*one)) for one in drawn) <= 0.4 + 1e-9


@pytest.mark.parametrize("key", ["freehand", "polygon", "spline"])
def test_a_hole_is_drawn_inside_with_subtract(hand, key):
    hand.polygon((-60, -50), (60, -50), (60, 50), (-60, 50))
    inside = [(-20, -15), (22, -18), (20, 21), (-18, 16)]
    hand.choose(key, combine="subtract")
    if key == "freehand":
        hand.drag(inside)
    else:
        hand.click(*inside)
        hand.enter()
    outer, hole = hand.roi.contours
    for point in hand.points(inside):
        assert np.linalg.norm(hole.points_lps - point, axis=1).min() <= hand.half_pixel_mm
    assert same_places(outer.points_lps, hand.points([(-60, -50), (60, -50), (60, 50), (-60, 50)]), hand.half_pixel_mm)
    assert hole.geometric_type == outer.geometric_type == "CLOSED_PLANAR"
    hand.assert_planar(outer, hole)
    assert hand.window.session.history.undo_name == "Subtract from ROI 1"


# --- the brush -------------------------------------------------------------------------------------------------------


def rim_mm(contour, centre):
    return np.linalg.norm(contour.points_lps - centre, axis=1)


def test_the_brush_is_a_circle_in_millimetres(hand):
    hand.choose("brush", radius_mm=6.0)
    hand.click((20, -10))
    (contour,) = hand.roi.contours
    (centre,) = hand.points([(20, -10)])
    assert np.abs(rim_mm(contour, centre) - 6.0).max() <= ROUND_MM
    hand.assert_planar(contour)


def test_a_brush_stroke_is_one_step_and_covers_its_way(hand):
    before = hand.window.session.structure_set
    hand.choose("brush", radius_mm=3.0)
    hand.drag([(-40, 0), (-20, 0), (0, 0), (20, 0), (40, 0)])
    (contour,) = hand.roi.contours
    plane = hand.view.plane.plane
    way = shapely.LineString(plane.to_plane(hand.points([(-40, 0), (40, 0)])))
    area = shapely.Polygon(plane.to_plane(contour.points_lps))
    assert area.symmetric_difference(way.buffer(3.0, quad_segs=64)).area <= ROUND_MM * area.length
    hand.assert_planar(contour)
    assert hand.window.session.history.undo_name == "Brush stroke on ROI 1"
    hand.window.edits.undo()
    assert hand.window.session.structure_set is before


@pytest.mark.parametrize("way", ["eraser", "shift"])
def test_eraser_and_shift_take_away(hand, way):
    hand.choose("brush", radius_mm=12.0)
    hand.click((0, 0))
    if way == "eraser":
        hand.choose("eraser", radius_mm=5.0)
        hand.click((4, 3))
    else:
        hand.choose("brush", radius_mm=5.0)
        hand.drag([(4, 3), (4, 3)], Qt.ShiftModifier)
    outer, hole = hand.roi.contours
    middle, inside = hand.points([(0, 0), (4, 3)])
    assert np.abs(rim_mm(outer, middle) - 12.0).max() <= ROUND_MM
    assert np.abs(rim_mm(hole, inside) - 5.0).max() <= ROUND_MM
    hand.assert_planar(outer, hole)


def color_at(view, place):
    return np.array(view.grab().toImage().pixelColor(*(int(one) for one in place)).getRgb()[:3], dtype=float)


def test_what_a_brush_has_covered_is_tinted_evenly_where_it_crosses_itself(hand):
    """Within its rim, in no other view; as the ROI will be, before the button is up."""
    scale = hand.view.scene.framing.mm_per_pixel
    hand.choose("brush", radius_mm=8.0 * scale)
    layer = hand.view._layer
    bare = hand.view.grab().toImage()
    hand.mouse.press(*hand.at(-50, -3))
    for place in [(50, -3), (50, 40), (-13, 40), (-13, -40), (60, -40)]:
        hand.mouse.move(*hand.at(*place), Qt.LeftButton)
    (swath,) = layer.swaths()
    assert swath.radius == pytest.approx(8.0, abs=1e-6)
    other = hand.window.views.view("coronal" if hand.view.kind.value == "axial" else "axial")
    assert other._layer.swaths() == ()
    once, twice, outside = hand.at(20, 0), hand.at(-13, -3), hand.at(20, 20)
    was = np.array(
        [bare.pixelColor(*(int(one) for one in place)).getRgb()[:3] for place in (once, twice, outside)], float
    )
    fill = np.array(swath.fill, dtype=float)
    for place, before in zip((once, twice), was, strict=False):
        assert color_at(hand.view, place) == pytest.approx(before + PAINTED_OPACITY * (fill - before), abs=4)
    assert color_at(hand.view, outside) == pytest.approx(was[2], abs=1)
    assert color_at(hand.view, hand.at(20, -3 - 8)) == pytest.approx(np.array(swath.line, dtype=float), abs=90)
    hand.mouse.release(*hand.at(60, -40))
    assert layer.swaths() == ()


def test_a_ball_paints_discs_on_the_slices_it_reaches(hand):
    hand.choose("brush", radius_mm=8.0, ball=True)
    hand.click((6, 4))
    (centre,) = hand.points([(6, 4)])
    heights = hand.window.session.volume.grid.slice_distances_mm
    reached = [height for height in heights if abs(height - centre[2]) < 8.0]
    assert len(hand.roi.contours) == len(reached) >= 5
    for contour in hand.roi.contours:
        z = contour.points_lps[0, 2]
        assert np.ptp(contour.points_lps[:, 2]) <= PLANAR_MM
        assert np.abs(heights - z).min() <= PLANAR_MM
        assert np.abs(rim_mm(contour, centre) - 8.0).max() <= 0.2


def test_the_way_of_a_ball_is_seen_where_it_is_moved_until_it_is_painted(hand):
    hand.choose("brush", radius_mm=4.0, ball=True)
    hand.mouse.press(*hand.at(-20, 0))
    hand.mouse.move(*hand.at(20, 10), Qt.LeftButton)
    (swath,) = hand.view._layer.swaths()
    assert swath.points == pytest.approx(np.array([hand.at(-20, 0), hand.at(20, 10)]) + 0.5, abs=1e-6)
    assert swath.radius == pytest.approx(4.0 / hand.view.scene.framing.mm_per_pixel)
    hand.mouse.release(*hand.at(20, 10))
    assert hand.view._layer.swaths() == ()
    assert len(hand.roi.contours) >= 2


def test_the_brush_is_seen_as_a_circle_under_the_pointer(hand):
    hand.choose("brush", radius_mm=7.0)
    hand.mouse.move(*hand.at(10, 12))
    rim = hand.view.overlay().strokes[-1].points
    framing = hand.view.scene.framing
    middle = np.array(hand.at(10, 12)) + 0.5
    assert np.linalg.norm(rim - middle, axis=1) == pytest.approx(7.0 / framing.mm_per_pixel, abs=0.3)
    other = "coronal" if hand.view.kind.value == "axial" else "axial"
    assert len(hand.window.views.view(other).overlay().strokes[-1].points) < 10  # only where the pointer is


@pytest.mark.parametrize("modifier", [Qt.ControlModifier, Qt.ShiftModifier])
def test_the_wheel_changes_the_radius_and_nothing_else(hand, modifier):
    hand.choose("brush", radius_mm=8.0)
    place, scale = hand.window.session.cursor_lps, hand.view.scene.framing.mm_per_pixel
    hand.mouse.wheel(1, modifiers=modifier)
    assert hand.window.tools.active.options.radius_mm == pytest.approx(9.2)
    hand.mouse.wheel(-2, modifiers=modifier)
    assert hand.window.tools.active.options.radius_mm < 8.0
    assert hand.view.scene.framing.mm_per_pixel == scale
    hand.window.menus.actions["Larger brush"].trigger()
    assert hand.window.tools.drawing.radius_mm == hand.window.tools.active.options.radius_mm == pytest.approx(8.0)
    assert hand.window.session.cursor_lps == pytest.approx(place)


# --- tools that look at the image ------------------------------------------------------------------------------------


@pytest.fixture
def body(tools, qtbot):
    """A bright box in the volume; its corners are half a voxel beyond the outermost voxel centres."""
    volume = make_volume()
    voxels = np.full(volume.grid.shape, 1000, dtype=np.int16)
    voxels[BODY] = 1300
    volume = replace(volume, voxels=voxels)
    show(tools, Study(volumes=(volume,), structure_sets=(make_set(volume),)), qtbot)
    low = np.array([one.start for one in BODY[::-1]], float) - 0.5
    high = np.array([one.stop for one in BODY[::-1]], float) - 0.5
    return volume.grid.to_patient(np.array([low, high])), tools


def off_the_box(points, corners):
    """How far points are from the surface of a box, mm."""
    low, high = corners
    outside = np.maximum(np.maximum(low - points, points - high), 0)
    inside = np.minimum(points - low, high - points).min(axis=1)
    return np.where((outside > 0).any(axis=1), np.linalg.norm(outside, axis=1), np.abs(inside))


@pytest.mark.parametrize("key", ["flood", "threshold"])
@pytest.mark.parametrize("name", VIEWS)
def test_what_is_bright_becomes_area(body, name, key):
    corners, window = body
    window.session.move_cursor(corners.mean(axis=0))
    window.views.show_oblique(shown=name == "oblique")
    settle()
    hand = Hand(window, name)
    if key == "flood":
        hand.choose("flood", spread=100.0)
        middle = hand.view.scene.patient_to_display(corners.mean(axis=0)) - hand.middle
        hand.click(tuple(middle.round().astype(int).tolist()))
    else:
        hand.choose("threshold", lower=200.0, upper=400.0)
        far = min(hand.middle) - 6
        hand.drag([(-far, -far), (far, -far), (far, far), (-far, far)])
    (contour,) = hand.roi.contours
    # Outlines pass half way between pixels; off the grid, where values are interpolated, up to half a voxel beside.
    tolerance = 1.6 if name == "oblique" else 0.8
    assert off_the_box(contour.points_lps, corners).max() <= tolerance
    hand.assert_planar(contour)
    plane = hand.view.plane.plane
    area = shapely.Polygon(plane.to_plane(contour.points_lps)).area
    spans = np.diff(corners, axis=0)[0]
    expected = {"axial": spans[0] * spans[1], "coronal": spans[0] * spans[2], "sagittal": spans[1] * spans[2]}
    if name in expected:
        assert area == pytest.approx(expected[name], rel=0.02)
    window.views.show_oblique(shown=False)


@pytest.mark.parametrize("name", VIEWS)
def test_a_livewire_goes_through_its_clicks_and_along_the_edge_between_them(body, name):
    corners, window = body
    window.session.move_cursor(corners.mean(axis=0))
    window.views.show_oblique(shown=name == "oblique")
    settle()
    hand = Hand(window, name)
    plane = hand.view.plane.plane
    hand.choose("flood", spread=100.0)
    middle = hand.view.scene.patient_to_display(corners.mean(axis=0)) - hand.middle
    hand.click(tuple(middle.round().astype(int).tolist()))
    edge = plane.to_plane(hand.roi.contours[0].points_lps)
    ring = shapely.LinearRing(edge)
    places = []
    for share in (0.1, 0.35, 0.6, 0.85):
        point = np.array(ring.interpolate(share, normalized=True).coords[0])
        places.append(hand.view.scene.patient_to_display(plane.to_patient(point)) - hand.middle)
    places = [tuple(place.round().astype(int).tolist()) for place in places]
    hand.choose("livewire")
    hand.click(*places)
    hand.enter()
    contour = hand.roi.contours[-1]
    assert contour.geometric_type == "CLOSED_PLANAR"
    for point in hand.points(places):
        assert np.linalg.norm(contour.points_lps - point, axis=1).min() <= hand.half_pixel_mm
    hand.assert_planar(contour)
    away = [ring.distance(shapely.Point(*one)) for one in plane.to_plane(contour.points_lps)]
    assert max(away) <= 3.1  # a voxel across the slices is 3 mm
    window.views.show_oblique(shown=False)


# --- changing contours -----------------------------------------------------------------------------------------------

SQUARE = [(-40, -36), (40, -36), (40, 36), (-40, 36)]


def test_a_contour_is_chosen_moved_and_deleted(hand):
    hand.polygon(*SQUARE)
    hand.polygon((-10, -10), (10, -10), (0, 10))
    hand.choose("select")
    hand.click((0, -36))
    assert hand.window.tools.active.selection.indices(hand.roi) == (0,)
    hand.drag([(0, -36), (5, -30), (13, -25)])
    expected = hand.points(SQUARE) + np.diff(hand.points([(0, -36), (13, -25)]), axis=0)
    assert same_places(hand.roi.contours[0].points_lps, expected, hand.half_pixel_mm)
    hand.assert_planar(*hand.roi.contours)
    assert hand.window.session.history.undo_name == "Move contour of ROI 1"
    assert hand.window.tools.active.selection.indices(hand.roi) == (0,)
    hand.click((0, -10), modifiers=Qt.ControlModifier)
    assert hand.window.tools.active.selection.indices(hand.roi) == (0, 1)
    hand.window.menus.actions["Delete chosen contours"].trigger()
    assert hand.roi.contours == ()
    hand.window.edits.undo()
    assert len(hand.roi.contours) == 2


def test_a_point_is_dragged_added_and_deleted(hand):
    hand.polygon(*SQUARE)
    hand.choose("points")
    hand.drag([(40, -36), (50, -40), (61, -47)])
    places = [SQUARE[0], (61, -47), *SQUARE[2:]]
    assert same_places(hand.roi.contours[0].points_lps, hand.points(places), hand.half_pixel_mm)
    hand.drag([(40, 0 + 36), (44, 40)])  # the third corner
    places[2] = (44, 40)
    assert same_places(hand.roi.contours[0].points_lps, hand.points(places), hand.half_pixel_mm)
    hand.drag([(-40, 10), (-55, 12)], Qt.ControlModifier)
    assert len(hand.roi.contours[0].points_lps) == 5
    (added,) = hand.points([(-55, 12)])
    assert np.linalg.norm(hand.roi.contours[0].points_lps[4] - added) <= 2 * hand.half_pixel_mm
    hand.click((-55, 12), modifiers=Qt.AltModifier)
    assert same_places(hand.roi.contours[0].points_lps, hand.points(places), hand.half_pixel_mm)
    hand.assert_planar(*hand.roi.contours)


def test_nudging_pushes_the_line_as_far_as_the_pusher_went(hand):
    hand.polygon(*SQUARE)
    hand.choose("nudge", nudge_mm=3.0)
    reach = round(3.0 / hand.view.scene.framing.mm_per_pixel)
    start, end = (40 - reach - 12, 0), (40, 0)
    hand.drag([start, ((start[0] + end[0]) // 2, 0), end])
    (contour,) = hand.roi.contours
    (middle,) = hand.points([end])
    away = np.linalg.norm(contour.points_lps - middle, axis=1)
    assert away.min() >= 3.0 - 0.1
    plane = hand.view.plane.plane
    tip = plane.to_plane(contour.points_lps)[:, 0].max() - plane.to_plane(middle)[0]
    assert tip == pytest.approx(3.0, abs=0.1)
    for corner in hand.points(SQUARE):  # what wasn't met stays
        assert np.linalg.norm(contour.points_lps - corner, axis=1).min() <= hand.half_pixel_mm
    hand.assert_planar(contour)
    assert hand.window.session.history.undo_name == "Nudge ROI 1"


def test_cutting_parts_a_contour_along_the_line(hand):
    hand.polygon(*SQUARE)
    hand.choose("cut")
    hand.drag([(-60, 5), (0, 5), (60, 5)])
    one, other = hand.roi.contours
    cut = hand.points([(-40, 5), (40, 5)])
    for contour in (one, other):
        assert contour.geometric_type == "CLOSED_PLANAR"
        for point in cut:
            assert np.linalg.norm(contour.points_lps - point, axis=1).min() <= hand.half_pixel_mm
    hand.assert_planar(one, other)
    assert hand.window.session.history.undo_name == "Cut ROI 1"


def test_joining_two_lines_by_two_clicks(hand):
    first, second = [(-50, -20), (-10, -22)], [(50, 15), (8, -18)]
    hand.polygon(*first, closed=False)
    hand.polygon(*second, closed=False)
    hand.choose("join")
    hand.click((-12, -22), (50, 15))
    (contour,) = hand.roi.contours
    assert same_places(contour.points_lps, hand.points([*first, *second[::-1]]), hand.half_pixel_mm)
    hand.assert_planar(contour)
    hand.click((-50, -20), (50, 15))
    assert [one.geometric_type for one in hand.roi.contours] == ["CLOSED_PLANAR"]
    assert hand.window.session.history.undo_name == "Close contour of ROI 1"


def test_reversing_what_is_chosen(hand):
    hand.polygon(*SQUARE)
    hand.choose("select")
    hand.click((0, -36))
    hand.window.menus.actions["Reverse chosen contours"].trigger()
    assert same_places(hand.roi.contours[0].points_lps, hand.points(SQUARE[::-1]), hand.half_pixel_mm)
    assert hand.window.session.history.undo_name == "Reverse contour of ROI 1"
