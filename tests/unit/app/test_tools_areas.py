"""Tools that paint: brush, eraser, ball, areas by hand, and those that look at the image; and what a commit makes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from rtvis.app.commits import commit
from rtvis.app.session import Session
from rtvis.app.slice_image import SliceImages, slice_image
from rtvis.app.tools import Drawn, Reshaped
from rtvis.app.tools_areas import drawn_as_asked
from rtvis.app.tools_brush import BrushTool
from rtvis.app.tools_image import FloodTool, LivewireTool, ThresholdTool
from rtvis.app.tools_options import ToolOptions
from rtvis.editing.painting import contours_on, painted
from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import Plane
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import Roi
from rtvis.model.volume import Slice, Volume

TURN = np.radians(33.0)
AXIAL = Plane([0, 0, 5], [1, 0, 0], [0, 1, 0])
CORONAL = Plane([0, 7, 0], [1, 0, 0], [0, 0, -1])
SAGITTAL = Plane([3, 0, 0], [0, 1, 0], [0, 0, -1])
OBLIQUE = Plane([10, -20, 30], [np.cos(TURN), 0, np.sin(TURN)], [0, 1, 0])
PLANES = [AXIAL, CORONAL, SAGITTAL, OBLIQUE]


def on(plane, uv):
    return plane.to_patient(np.array(uv, float))


def drag(tool, places, plane):
    tool.press(on(plane, places[0]), plane)
    for uv in places[1:]:
        tool.move(on(plane, uv), plane)
    return tool.release(on(plane, places[-1]), plane)


@pytest.mark.parametrize("plane", PLANES)
def test_a_stroke_is_the_area_that_a_disc_sweeps(plane) -> None:
    done = drag(BrushTool(radius_mm=6.0), [(0, 0), (10, 0), (20, 0)], plane)
    (area,) = done.areas
    exact = shapely.LineString([(0, 0), (20, 0)]).buffer(6.0, quad_segs=500)
    assert area.region.symmetric_difference(exact).area < 0.01 * exact.area
    assert shapely.hausdorff_distance(area.region.exterior, exact.exterior) < 0.05
    contour = painted(Roi(1, "A"), done.areas, erase=False).contours[0]
    assert np.abs(plane.distances_mm(contour.points_lps)).max() < 1e-9
    assert (done.erase, done.name) == (False, "Brush stroke on")


def test_a_click_is_a_disc_and_the_pointer_shows_the_brush() -> None:
    tool = BrushTool(radius_mm=3.0)
    tool.move(on(AXIAL, (1, 1)), AXIAL)
    assert np.allclose(np.linalg.norm(tool.preview - on(AXIAL, (1, 1)), axis=1), 3.0)
    assert not tool.is_active
    done = drag(tool, [(1, 1)], AXIAL)
    assert done.areas[0].region.area == pytest.approx(9 * np.pi, rel=0.01)
    tool.radius_mm = 1e9
    assert tool.radius_mm == 200.0


def test_the_eraser_takes_away() -> None:
    roi = painted(Roi(1, "A"), drag(BrushTool(radius_mm=10.0), [(0, 0)], AXIAL).areas, erase=False)
    done = drag(BrushTool(radius_mm=4.0, erase=True), [(0, 0)], AXIAL)
    assert done.erase
    holed = painted(roi, done.areas, erase=True)
    assert contours_on(holed, AXIAL).region.area == pytest.approx((100 - 16) * np.pi, rel=0.01)


@pytest.mark.parametrize("plane", [AXIAL, CORONAL, SAGITTAL])
def test_a_ball_paints_the_slices_it_reaches_whatever_view_it_is_moved_in(plane) -> None:
    origins = np.array([-100.0, -100.0, 0.0]) + np.arange(60)[:, None] * [0.0, 0.0, 1.0] - [0, 0, 25]
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (1, 1), (200, 200))
    start, end = on(plane, (0, 0)), on(plane, (4, 3))
    done = drag(BrushTool(radius_mm=8.0, ball=grid), [(0, 0), (4, 3)], plane)
    volume = sum(area.region.area for area in done.areas) * 1.0
    assert volume == pytest.approx(4 / 3 * np.pi * 8**3 + np.pi * 64 * 5, rel=0.02)
    heights = sorted(float(area.plane.origin_lps_mm[2]) for area in done.areas)
    low, high = min(start[2], end[2]) - 8, max(start[2], end[2]) + 8
    assert heights[0] == pytest.approx(np.floor(low) + 1)
    assert heights[-1] == pytest.approx(np.ceil(high) - 1)


def test_an_area_drawn_inside_is_a_hole() -> None:
    def area(corners, combine):
        line = Drawn(on(OBLIQUE, corners), closed=True)
        return drawn_as_asked(line, {"combine"}, ToolOptions(combine=combine), OBLIQUE, inverted=False)

    outer = area([(0, 0), (30, 0), (30, 30), (0, 30)], "add")
    roi = painted(Roi(1, "A"), outer.areas, erase=False)
    done = area([(10, 10), (20, 10), (20, 20), (10, 20)], "subtract")
    assert (outer.erase, done.erase, done.name) == (False, True, "Subtract from")
    holed = painted(roi, done.areas, erase=True)
    assert contours_on(holed, OBLIQUE).region.area == pytest.approx(800)
    with pytest.raises(UsageError, match="encloses no area"):
        area([(0, 0), (1, 1), (2, 2)], "add")


@pytest.fixture(scope="module")
def volume() -> Volume:
    """A bright ball of 20 mm in the middle of 40 oblique slices of 80 x 100 pixels; values = 2 x stored - 1000."""
    row, column = np.array([np.cos(0.2), np.sin(0.2), 0]), np.array([-np.sin(0.2), np.cos(0.2), 0])
    origins = np.array([-40.0, -30.0, 10.0]) + np.arange(40)[:, None] * [0, 0, 1.5]
    grid = Grid.from_slices(origins, [*row, *column], (0.8, 0.9), (80, 100))
    k, j, i = np.indices(grid.shape)
    points = grid.to_patient(np.stack([i, j, k], axis=-1).reshape(-1, 3))
    ball = np.linalg.norm(points - grid.centre_lps_mm, axis=1).reshape(grid.shape) < 20
    stored = np.where(ball, 600, 100).astype(np.int16) + np.random.default_rng(0).integers(-5, 5, grid.shape, np.int16)
    slices = tuple(
        Slice(f"1.{n}", "1", tuple(origins[n]), (*row, *column), (0.8, 0.9), 80, 100, 16, 16, 1, 2.0, -1000.0)
        for n in range(40)
    )
    return Volume(
        volume_id="1", series_instance_uid="1", study_instance_uid="2", modality="CT", patient=None, grid=grid,
        slices=slices, voxels=stored,
    )  # fmt: skip


def native(volume: Volume, k: int) -> Plane:
    grid = volume.grid
    return Plane(grid.centre_lps_mm, grid.row_direction, grid.column_direction).through(grid.slice_origins_lps_mm[k])


def test_the_image_on_a_slice_is_its_voxels(volume) -> None:
    image = slice_image(volume, native(volume, 7))
    np.testing.assert_array_equal(image.values, volume.values[7])
    points = volume.grid.to_patient([[12, 30, 7]])
    assert image.pixel_at(points[0]) == (30, 12)
    np.testing.assert_allclose(image.plane.to_patient(image.coordinates([30], [12])), points, atol=1e-9)


def test_the_image_on_another_plane_is_interpolated_and_empty_outside(volume) -> None:
    centre = volume.grid.centre_lps_mm
    image = slice_image(volume, Plane(centre, OBLIQUE.u, OBLIQUE.v))
    row, column = image.pixel_at(centre)
    assert image.values[row, column] == pytest.approx(200, abs=12)
    assert np.isnan(image.values).any()
    assert not image.contains(-1, 0)
    images = SliceImages(volume)
    assert images(image.plane) is images(Plane(centre, OBLIQUE.u, OBLIQUE.v))


def planes_of(volume) -> list[Plane]:
    centre = volume.grid.centre_lps_mm
    return [native(volume, 20), Plane(centre, OBLIQUE.u, OBLIQUE.v)]


@pytest.mark.parametrize("number", [0, 1])
def test_the_livewire_follows_the_ball_in_any_plane(volume, number) -> None:
    plane = planes_of(volume)[number]
    middle = plane.to_plane(volume.grid.centre_lps_mm)
    turn = np.linspace(0, 2 * np.pi, 5, endpoint=False)
    tool = LivewireTool(SliceImages(volume))
    for u, v in middle + 20 * np.column_stack([np.cos(turn), np.sin(turn)]):
        tool.move(on(plane, (u, v)), plane)
        assert tool.press(on(plane, (u, v)), plane) is None
    assert len(tool.preview) > 5
    drawn = tool.finish()
    assert drawn.closed
    assert np.abs(plane.distances_mm(drawn.points)).max() < 1e-9
    away = np.linalg.norm(plane.to_plane(drawn.points) - middle, axis=1)
    assert np.abs(away - 20).max() < 2.0
    assert shapely.Polygon(plane.to_plane(drawn.points)).area == pytest.approx(np.pi * 400, rel=0.05)


@pytest.mark.parametrize("closed", [True, False])
def test_a_closed_livewire_of_two_clicks_goes_back_along_the_edge(volume, closed) -> None:
    plane = native(volume, 20)
    middle = plane.to_plane(volume.grid.centre_lps_mm)
    tool = LivewireTool(SliceImages(volume), closed=closed)
    tool.press(on(plane, middle + np.array([20, 0])), plane)
    assert tool.finish() is None  # one click leads nowhere
    for shift in ((20, 0), (0, 20)):
        tool.press(on(plane, middle + np.array(shift)), plane)
    drawn = tool.finish()
    ends = plane.to_plane(drawn.points[[0, -1]]) - middle
    assert drawn.closed is closed
    np.testing.assert_allclose(ends[0], (20, 0), atol=1e-9)
    if closed:
        assert len(drawn.points) >= 3
        shown = plane.to_plane(drawn.points) - middle
        assert np.linalg.norm(shown - [0, 20], axis=1).min() < 1e-9  # there the way back begins
        assert not np.allclose(ends[1], (20, 0))  # a closed contour doesn't repeat its first point
    else:
        np.testing.assert_allclose(ends[1], (0, 20), atol=1e-9)


def test_the_livewire_takes_clicks_back_and_ignores_those_beside_the_image(volume) -> None:
    plane = native(volume, 20)
    middle = plane.to_plane(volume.grid.centre_lps_mm)
    tool = LivewireTool(SliceImages(volume), closed=False)
    assert tool.press(on(plane, (900, 0)), plane) is None
    assert not tool.is_active
    for shift in ((20, 0), (0, 20), (-20, 0)):
        tool.press(on(plane, middle + shift), plane)
    long = len(tool.preview)
    tool.remove_last()
    assert 1 < len(tool.preview) < long
    drawn = tool.finish()
    np.testing.assert_allclose(plane.to_plane(drawn.points[[0, -1]]) - middle, [(20, 0), (0, 20)], atol=1e-9)
    assert tool.finish() is None


def test_the_livewire_puts_the_very_way_forward_that_it_took_back(volume) -> None:
    plane = native(volume, 20)
    middle = plane.to_plane(volume.grid.centre_lps_mm)
    tool = LivewireTool(SliceImages(volume), closed=False)
    shown = []
    for shift in ((20, 0), (0, 20), (-20, 0)):
        tool.press(on(plane, middle + shift), plane)
        shown.append(tool.preview)
    for way in (shown[1], shown[0], np.empty((0, 3))):
        tool.step_back()
        np.testing.assert_array_equal(tool.preview, way)
    for way in shown:
        tool.step_forward()
        np.testing.assert_array_equal(tool.preview, way)
    tool.step_back()
    tool.press(on(plane, middle + np.array([-15, 13])), plane)
    assert tool.built.redo_name is None
    drawn = tool.finish()
    np.testing.assert_allclose(plane.to_plane(drawn.points[-1]) - middle, (-15, 13), atol=1e-9)


def test_threshold_takes_the_pixels_in_range_within_the_line_exactly(volume) -> None:
    plane = native(volume, 20)
    middle = plane.to_plane(volume.grid.centre_lps_mm)
    around = list(middle + np.array([(-25, -25), (2, -25), (2, 25), (-25, 25)]))
    done = drag(ThresholdTool(SliceImages(volume), low=0), around, plane)
    image = slice_image(volume, plane)
    rows, columns = np.indices(image.values.shape)
    flat = image.coordinates(rows.ravel(), columns.ravel())
    filled = shapely.contains_xy(done.areas[0].region, flat[:, 0], flat[:, 1]).reshape(image.values.shape)
    wanted = (image.values >= 0) & (flat[:, 0] < middle[0] + 2).reshape(image.values.shape)
    np.testing.assert_array_equal(filled, wanted)
    assert drag(ThresholdTool(SliceImages(volume), low=9e9), around, plane) is None


def test_flood_fill_takes_what_hangs_together(volume) -> None:
    plane = native(volume, 20)
    done = FloodTool(SliceImages(volume), spread=100).press(volume.grid.centre_lps_mm, plane)
    assert done.areas[0].region.area == pytest.approx(np.pi * 400, rel=0.02)
    outside = FloodTool(SliceImages(volume), spread=100).press(volume.grid.to_patient([2, 2, 20]), plane)
    assert outside.areas[0].region.area == pytest.approx(80 * 100 * 0.72 - np.pi * 400, rel=0.03)
    assert len(outside.areas[0].region.interiors) == 1
    whole = FloodTool(SliceImages(volume), spread=100, fill_holes=True).press(volume.grid.to_patient([2, 2, 20]), plane)
    assert len(whole.areas[0].region.interiors) == 0
    near = FloodTool(SliceImages(volume), spread=100, within_mm=5).press(volume.grid.centre_lps_mm, plane)
    assert near.areas[0].region.area == pytest.approx(np.pi * 25, rel=0.1)
    assert FloodTool(SliceImages(volume), spread=1).press(on(plane, (900, 900)), plane) is None


@pytest.fixture
def session(small_study) -> Session:
    opened = Session()
    opened.open([small_study])
    return opened


def test_a_stroke_is_one_undo_step_on_the_active_roi_with_its_images(session) -> None:
    plane = native(session.volume, 4)
    session.activate_roi(1)
    before = session.structure_set
    middle = plane.to_plane(before.roi(1).contours[0].points_lps.mean(axis=0))
    assert (
        commit(session, drag(BrushTool(radius_mm=6.0), [middle + np.array([4, 0])], plane)) == "Brush stroke on Block"
    )
    after = session.structure_set.roi(1)
    assert len(after.contours) == 2
    assert after.contours[0] is before.roi(1).contours[1]
    assert [one.sop_instance_uid for one in after.contours[1].images] == [session.volume.slices[4].sop_instance_uid]
    assert session.undo() == "Brush stroke on Block"
    assert session.structure_set is before


def test_a_stroke_without_an_active_roi_makes_one_in_the_same_step(session) -> None:
    plane = native(session.volume, 4)
    commit(session, drag(BrushTool(radius_mm=3.0), [(0, 0)], plane))
    assert session.structure_set.roi(session.active_roi).name == "ROI 1"
    session.undo()
    assert len(session.structure_set.rois) == 4


def test_erasing_needs_an_roi_and_what_changes_nothing_is_no_edit(session) -> None:
    plane = native(session.volume, 4)
    erased = drag(BrushTool(radius_mm=1.0, erase=True), [(900, 900)], plane)
    with pytest.raises(UsageError, match="no ROI"):
        commit(session, erased)
    session.activate_roi(1)
    assert commit(session, erased) is None
    assert not session.unsaved


def test_other_results_of_tools_are_committed_too(session) -> None:
    session.activate_roi(1)
    roi = session.structure_set.roi(1)
    assert commit(session, Reshaped(roi.without_contour(0), "Cut")) == "Cut Block"
    points = session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    assert commit(session, Drawn(points, closed=True)) == "Add contour to Block"
    assert len(session.structure_set.roi(1).contours) == 2
