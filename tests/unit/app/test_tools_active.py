"""The tool in hand, fed as views feed it: options, keys, the active ROI, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.commits import commit
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.app.tools import Drawn, Painted, Reshaped
from rtvis.app.tools_active import ActiveTool
from rtvis.app.tools_aiming import Keys
from rtvis.app.tools_catalogue import MEASURES, TOOLS, tool_info
from rtvis.app.tools_options import LEAST_RADIUS_MM, MOST_RADIUS_MM, ToolOptions, stepped_radius
from rtvis.app.tools_select import delete_chosen, join_chosen, reverse_chosen
from rtvis.geometry.grid import Grid
from rtvis.model.errors import UsageError
from rtvis.model.study import Study
from rtvis.model.volume import Patient, Slice, Volume
from rtvis.scene.contour_lines import ContourLines

PIXEL_MM = 0.5
SQUARE = [(-10, -10), (10, -10), (10, 10), (-10, 10)]


def make_volume() -> Volume:
    origins = np.array([-30.0, -30, -10]) + np.arange(8)[:, None] * [0, 0, 2.0]
    axes = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    grid = Grid.from_slices(origins, axes, (1.0, 1.0), (60, 60), frame_of_reference_uid="1.2.3")
    voxels = np.zeros(grid.shape, dtype=np.int16)
    voxels[:, 20:40, 20:40] = 100
    slices = tuple(
        Slice(f"1.2.4.{n}", "1.2.840.10008.5.1.4.1.1.2", tuple(origin), axes, (1.0, 1.0), 60, 60)
        for n, origin in enumerate(origins.tolist())
    )
    return Volume(
        volume_id="1.2.5",
        series_instance_uid="1.2.5",
        study_instance_uid="1.2.6",
        modality="CT",
        patient=Patient("P"),
        grid=grid,
        slices=slices,
        voxels=voxels,
    )


class Desk:
    """A session with a tool in hand, and an axial view of 0.5 mm pixels."""

    def __init__(self) -> None:
        self.session = Session()
        self.session.show(Study(volumes=(make_volume(),)))
        self.active = ActiveTool(self.session)
        self.view = VolumePlanes(self.session.volume.grid).at(PlaneKind.AXIAL, [0.0, 0.0, 0.0])

    def at(self, uv):
        return np.array([uv[0], uv[1], self.view.position_mm], float)

    def drag(self, places, **keys):
        self.active.press(self.at(places[0]), self.view, PIXEL_MM, Keys(**keys))
        for place in places[1:]:
            self.active.move(self.at(place), self.view, PIXEL_MM)
        return self.commit(self.active.release_button(self.at(places[-1]), self.view))

    def click(self, *places, **keys):
        return [self.drag([place, place], **keys) for place in places][-1]

    def commit(self, finished):
        if finished is not None:
            commit(self.session, finished, tolerance_mm=self.active.tolerance_mm)
        return finished

    def polygon(self, *corners, **options):
        self.active.choose("polygon")
        self.active.set_options(**options)
        self.click(*corners)
        return self.commit(self.active.finish())

    @property
    def roi(self):
        return self.session.structure_set.roi(self.session.active_roi)


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.active.release()


def test_all_tools_can_be_chosen_and_have_options_that_there_are(desk):
    known = set(ToolOptions.__dataclass_fields__)
    for info in (*TOOLS, *MEASURES):
        desk.active.choose(info.key)
        assert set(info.options) <= known
        assert (desk.active.tool is None) == (info.make is None)
        assert tool_info(info.key) is info
    with pytest.raises(KeyError):
        desk.active.choose("hammer")


def test_options_reach_the_tool_in_hand_and_those_chosen_later(desk):
    desk.active.choose("brush")
    desk.active.set_options(radius_mm=5.5, ball=True)
    assert desk.active.tool.radius_mm == 5.5
    assert desk.active.tool.ball is desk.session.volume.grid
    desk.active.choose("eraser")
    assert desk.active.tool.radius_mm == 5.5
    assert desk.active.tool.erase
    heard = []
    desk.active.options_changed.connect(lambda: heard.append(1))
    desk.active.set_options(radius_mm=5.5)
    assert not heard


@pytest.mark.parametrize("radius", [0.5, 0.6, 1.0, 8.0, 99.0])
def test_each_step_of_a_radius_changes_it_within_its_bounds(radius):
    assert stepped_radius(radius, 1) > radius
    assert stepped_radius(radius, -1) < radius or radius == LEAST_RADIUS_MM
    assert stepped_radius(radius, 60) == MOST_RADIUS_MM
    assert stepped_radius(radius, -60) == LEAST_RADIUS_MM


@pytest.mark.parametrize(
    ("combine", "shift", "erase"), [("add", 0, 0), ("add", 1, 1), ("subtract", 0, 1), ("subtract", 1, 0)]
)
def test_a_closed_line_becomes_an_area_and_shift_turns_it_round(desk, combine, shift, erase):
    desk.polygon(*SQUARE)
    desk.active.choose("freehand")
    desk.active.set_options(combine=combine, closed=False)
    done = desk.drag([(-3, -3), (3, -3), (0, 4)], shift=bool(shift))
    assert isinstance(done, Painted)
    assert done.erase == bool(erase)
    assert len(desk.roi.contours) == (2 if erase else 1)


def test_simplified_lines_keep_within_what_was_asked(desk):
    desk.active.choose("freehand")
    desk.active.set_options(simplify_mm=0.5, closed=False)
    path = [(x, 0.2 * (x % 2)) for x in range(-20, 21)]
    done = desk.drag(path)
    assert isinstance(done, Drawn)
    assert len(done.points) == 2


def test_the_threshold_s_ends_are_the_window_s_until_they_are_set(desk):
    desk.session.set_window(100, 30)
    assert desk.active.setup.range == (-20, 80)
    desk.active.choose("threshold")
    desk.session.set_window(200, 50)
    assert (desk.active.tool.low, desk.active.tool.high) == (-50, 150)
    desk.active.set_options(lower=10.0)
    assert desk.active.setup.range == (10, 150)
    desk.session.show_volume(make_volume())
    assert desk.active.options.lower is None  # other images, other values


def test_values_that_a_flood_fill_takes_and_shift_takes_away(desk):
    desk.active.choose("flood")
    desk.active.set_options(spread=10.0)
    done = desk.active.press(desk.at((0, 0)), desk.view, PIXEL_MM)
    area = done.areas[0].region
    assert area.area == pytest.approx(400, rel=0.01)  # 20 x 20 voxels
    assert not done.erase
    assert desk.active.press(desk.at((0, 0)), desk.view, PIXEL_MM, Keys(shift=True)).erase


def test_a_locked_roi_is_refused_before_anything_is_drawn(desk):
    desk.polygon(*SQUARE)
    desk.session.lock_roi(desk.roi.number, locked=True)
    before = desk.session.structure_set
    for key in ("freehand", "brush", "points", "cut", "join", "flood"):
        desk.active.choose(key)
        with pytest.raises(UsageError, match="locked"):
            desk.active.press(desk.at((0, 0)), desk.view, PIXEL_MM)
        assert not desk.active.tool.is_active
    desk.active.choose("distance")
    desk.active.press(desk.at((0, 0)), desk.view, PIXEL_MM)  # measuring changes nothing
    assert desk.session.structure_set is before


def test_a_locked_roi_may_be_looked_at_and_not_moved(desk):
    desk.polygon(*SQUARE)
    desk.session.lock_roi(desk.roi.number, locked=True)
    desk.active.choose("select")
    desk.click((10, 0))
    assert desk.active.selection.indices(desk.roi) == (0,)
    before = desk.session.structure_set
    with pytest.raises(UsageError, match="locked"):
        desk.drag([(10, 0), (20, 4)])
    assert desk.drag([(10, 0), (10, 0)]) is None
    assert desk.session.structure_set is before
    with pytest.raises(UsageError, match="locked"):
        delete_chosen(desk.session, desk.active.selection)


def test_what_is_chosen_follows_edits_and_undo(desk):
    desk.polygon(*SQUARE)
    desk.polygon((-4, -4), (4, -4), (0, 4))
    desk.active.choose("select")
    desk.click((10, 0))
    done = desk.drag([(10, 0), (13, 2)])
    assert isinstance(done, Reshaped)
    selection = desk.active.selection
    assert selection.indices(desk.roi) == (0,)
    assert selection.contours == (desk.roi.contours[0],)
    desk.session.undo()
    assert selection.contours == (desk.roi.contours[0],)
    assert reverse_chosen(desk.session, selection) == f"Reverse contour of {desk.roi.name}"
    assert delete_chosen(desk.session, selection) == f"Delete contour of {desk.roi.name}"
    assert selection.contours == ()
    assert len(desk.roi.contours) == 1
    assert delete_chosen(desk.session, selection) is None


def test_a_tremble_of_the_hand_moves_nothing(desk):
    desk.polygon(*SQUARE)
    desk.active.choose("select")
    before = desk.session.structure_set
    assert desk.drag([(10, 0), (10 + 2 * PIXEL_MM, 0)]) is None
    assert desk.session.structure_set is before


def test_contours_are_shown_where_they_are_dragged_to_once_they_are_dragged(desk):
    desk.polygon(*SQUARE)
    desk.active.choose("select")
    assert desk.active.tool.lines == []
    desk.active.press(desk.at((10, 0)), desk.view, PIXEL_MM)
    assert desk.active.tool.lines == []
    desk.active.move(desk.at((10 + 2 * PIXEL_MM, 0)), desk.view, PIXEL_MM)
    assert desk.active.tool.lines == []  # a tremble of the hand
    desk.active.move(desk.at((17, 3)), desk.view, PIXEL_MM)
    ((points, closed),) = desk.active.tool.lines
    assert closed
    np.testing.assert_allclose(
        points - desk.roi.contours[0].points_lps, np.tile(desk.at((7, 3)) - desk.at((0, 0)), (4, 1))
    )


def test_only_two_open_contours_are_joined(desk):
    desk.polygon((-20, 0), (-5, 0), closed=False)
    desk.polygon((20, 1), (4, 0), closed=False)
    desk.active.choose("select")
    desk.click((-12, 0))
    with pytest.raises(UsageError, match="two open contours"):
        join_chosen(desk.session, desk.active.selection)
    desk.click((20, 1), ctrl=True)
    join_chosen(desk.session, desk.active.selection)
    np.testing.assert_allclose(desk.roi.contours[0].points_lps[:, 0], [-20, -5, 4, 20])


def test_a_closed_contour_is_not_joined_by_the_tool(desk):
    desk.polygon(*SQUARE)
    desk.active.choose("join")
    with pytest.raises(UsageError, match="open"):
        desk.active.press(desk.at((10, 0)), desk.view, PIXEL_MM)


def test_near_is_meant_on_the_screen(desk):
    desk.polygon(*SQUARE)
    desk.active.choose("points")
    assert desk.active.press(desk.at((12, 12)), desk.view, 0.1) is None
    assert not desk.active.tool.is_active
    desk.active.press(desk.at((12, 12)), desk.view, 1.0)
    assert desk.active.tool.is_active


def test_contours_up_to_half_a_gap_beside_the_slice_are_painted_into(desk):
    desk.session.add_contour([[x, y, 0.7] for x, y in SQUARE], closed=True)
    desk.active.choose("brush")
    desk.active.set_options(radius_mm=3.0)
    desk.click((10, 0))
    (contour,) = desk.roi.contours
    assert np.ptp(contour.points_lps[:, 2]) <= 1e-6
    assert contour.points_lps[0, 2] == pytest.approx(0.7)


def test_points_that_make_no_contour_are_refused_and_let_go(desk):
    desk.polygon((-20, 0), (20, 0), closed=False)
    before = desk.session.structure_set
    desk.active.choose("join")
    desk.click((0, 0))
    with pytest.raises(UsageError, match="nothing was changed"):
        desk.click((0, 0))
    assert not desk.active.tool.is_active
    assert desk.session.structure_set is before


@pytest.mark.parametrize("kind", [PlaneKind.AXIAL, PlaneKind.SAGITTAL])
def test_a_ball_paints_into_contours_beside_the_slices_in_whatever_view_it_is_moved(desk, kind):
    """A set drawn on other images: its contours are on no slice of these. New layers between them would be wrong."""
    grid = desk.session.volume.grid
    beside = 0.4 * grid.least_gap_mm
    heights = [float(origin[2]) + beside for origin in grid.slice_origins_lps_mm]
    square = np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]])
    for height in heights:
        desk.session.add_contour(np.column_stack([square, np.full(4, height)]), closed=True)
    middle = [5.0, 0.0, heights[len(heights) // 2]]
    desk.view = VolumePlanes(grid).at(kind, middle)
    desk.active.choose("brush")
    desk.active.set_options(ball=True, radius_mm=4.0)
    desk.active.press(middle, desk.view, PIXEL_MM)
    desk.commit(desk.active.release_button(middle, desk.view))
    assert desk.session.history.undo_name.startswith("Brush stroke")
    assert sorted({float(one.points_lps[0][2]) for one in desk.roi.contours}) == pytest.approx(heights)


UNEVEN = np.array([0.0, 1.0, 2.0, 6.0, 7.0, 8.0])
"""Heights of slices, of which that at 2 mm reaches half a millimetre down and two up."""


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ball", [False, True])
@pytest.mark.parametrize(("height", "met"), [(1.45, False), (1.55, True), (3.9, True), (4.1, False)])
def test_paint_reaches_what_the_slice_shows_where_gaps_differ(desk, ball, turned, height, met):
    volume = desk.session.volume
    way = -1 if turned else 1  # a normal that points to the feet
    origins = np.array([[-30.0, -30 * way, z] for z in UNEVEN[::way]])
    grid = Grid.from_slices(origins, (1.0, 0, 0, 0, way, 0), (1.0, 1.0), (60, 60), frame_of_reference_uid="1.2.3")
    uneven = replace(volume, grid=grid, voxels=volume.voxels[:6], slices=volume.slices[:6])
    desk.session.show(Study(volumes=(uneven,)))
    desk.view = VolumePlanes(grid).at(PlaneKind.AXIAL, [0.0, 0, 2.0])
    desk.session.add_contour([[x, y, height] for x, y in SQUARE], closed=True)
    desk.active.choose("brush")
    desk.active.set_options(radius_mm=0.6 if ball else 3.0, ball=ball)
    desk.click((10, 0))
    assert desk.session.history.undo_name.startswith("Brush stroke")
    heights = {round(float(one.points_lps[0, 2]), 6) for one in desk.roi.contours}
    assert heights == ({height} if met else {2.0, height})
    seen = ContourLines()
    seen.set_rois(desk.session.visible_rois())
    (shown,) = seen.cut(desk.view)
    assert [line.off_plane for line in shown.lines] == [met]
