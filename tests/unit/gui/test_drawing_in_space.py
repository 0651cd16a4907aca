"""Curves that need no plane: clicked in several views and in 3D, dragged anywhere, saved and read back the same."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from qtpy.QtCore import Qt

from rtvis.app.tools_options import ToolOptions
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.geometry.plane import fit_plane
from rtvis.scene.offscreen import can_render
from rtvis.scene.picking import Picked, PickedKind
from rtvis.scene.projection3d import Projection3D
from tests.unit.gui.conftest import Mouse


@pytest.fixture
def space(window):
    """The window with the curve tool in hand."""
    window.tools.active.options = ToolOptions()
    window.tools.choose("curve3d")
    yield window
    window.tools.choose("navigate")


def settled(view):
    view.plane  # noqa: B018  (brings the view to the cursor, as painting does)
    return view


def click_in(window, name, dx, dy):
    """Click beside a view's middle; the patient point there."""
    view = settled(window.views.view(name))
    x, y = view.width() // 2 + dx, view.height() // 2 + dy
    mouse = Mouse(view)
    mouse.move(x, y)
    mouse.click(x, y)
    return view.scene.pointer_to_patient(x, y)


EIGHT = (
    ("axial", -60, -30),
    ("sagittal", -50, 40),
    ("coronal", 30, -44),
    ("axial", 50, 38),
    ("sagittal", 20, -60),
    ("coronal", -64, 36),
    ("axial", -20, 55),
    ("sagittal", 66, 12),
)


@pytest.mark.parametrize("closed", [False, True])
def test_a_spline_through_eight_points_in_three_views_is_saved_as_what_it_is(space, tmp_path, closed):
    space.tools.active.set_options(curve_smooth=True, curve_closed=closed)
    picked = []
    for number, place in enumerate(EIGHT):
        space.session.move_cursor([4.0 - number, 2.0 * number - 7, -10.0 + 3 * (number % 5)])
        picked.append(click_in(space, *place))
    picked = np.array(picked)
    plane, _ = fit_plane(picked)
    assert np.abs(plane.distances_mm(picked)).max() > 5.0  # clearly off their best plane
    Mouse(space.views.view("axial")).key(Qt.Key_Return)

    roi = space.session.structure_set.roi(space.session.active_roi)
    (contour,) = roi.contours
    pixel = max(space.views.view(name).scene.framing.mm_per_pixel for name in ("axial", "sagittal", "coronal"))
    for point in picked:
        assert np.linalg.norm(contour.points_lps - point, axis=1).min() <= pixel / 2
    target = tmp_path / "RS.dcm"
    assert space.edits.save_to(target)
    saved = pydicom.dcmread(target)
    item = next(one for one in saved.ROIContourSequence if one.ReferencedROINumber == roi.number).ContourSequence[0]
    assert item.ContourGeometricType == "OPEN_NONPLANAR"
    coordinates = np.array([float(one) for one in item.ContourData]).reshape(-1, 3)
    assert np.array_equal(coordinates, contour.points_lps)
    assert np.array_equal(coordinates[0], coordinates[-1]) == closed
    (again,) = read_structure_set(target).roi(roi.number).contours
    assert again.geometric_type == "OPEN_NONPLANAR"
    assert np.array_equal(again.points_lps, contour.points_lps)


def test_a_curve_in_one_plane_gets_the_planar_type(space):
    for dx, dy in ((-40, -20), (10, 30), (45, -10)):
        click_in(space, "coronal", dx, dy)
    Mouse(space.views.view("coronal")).key(Qt.Key_Return)
    (contour,) = space.session.structure_set.roi(space.session.active_roi).contours
    assert contour.geometric_type == "OPEN_PLANAR"


def test_all_views_show_the_curve_as_it_grows_and_what_is_far_is_faint(space):
    space.session.move_cursor([0.0, 0.0, -10.0])
    first = click_in(space, "axial", -50, -30)
    space.session.move_cursor([0.0, 0.0, 11.0])
    second = click_in(space, "axial", 40, 20)
    for name in ("axial", "coronal", "sagittal"):
        view = settled(space.views.view(name))
        framing = view.scene.framing
        dots = view.overlay().dots[-2:]
        for dot, point in zip(dots, (first, second), strict=True):
            assert (dot.x, dot.y) == pytest.approx(framing.patient_to_display(point), abs=1e-6)
    opacities = [dot.opacity for dot in settled(space.views.view("axial")).overlay().dots[-2:]]
    assert opacities[0] < opacities[1] == 1.0
    curve = space.views.view("sagittal").overlay().strokes[-1]
    assert curve.opacity < 1


def test_a_point_is_dragged_in_another_view_in_that_view_s_plane(space):
    point = click_in(space, "axial", -30, -20)
    click_in(space, "axial", 45, 10)
    space.session.move_cursor(point)
    view = settled(space.views.view("coronal"))
    x, y = view.scene.patient_to_display(point) - 0.5
    Mouse(view).drag([(x, y), (x + 8, y + 5), (x + 20, y + 15)])
    moved = space.tools.drawing.controls[0]
    expected = view.scene.pointer_to_patient(x + 20, y + 15)
    half = view.scene.framing.mm_per_pixel / 2
    assert np.abs(moved - expected)[[0, 2]].max() <= half
    assert moved[1] == pytest.approx(point[1], abs=1e-9)  # as deep as it was
    assert len(space.tools.drawing.controls) == 2


def test_points_snap_to_slices(space):
    space.tools.active.set_options(snap=True)
    click_in(space, "coronal", 15, 22)
    (point,) = space.tools.drawing.controls
    distances = space.session.volume.grid.slice_distances_mm
    assert np.abs(distances - point[2]).min() <= 1e-9


def test_backspace_and_escape(space):
    before = space.session.structure_set
    click_in(space, "axial", 15, 22)
    click_in(space, "coronal", 35, 12)
    mouse = Mouse(space.views.view("coronal"))
    mouse.key(Qt.Key_Backspace)
    assert len(space.tools.drawing.controls) == 1
    mouse.key(Qt.Key_Escape)
    assert not space.tools.drawing.is_active
    assert space.session.structure_set is before


# --- in 3D -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def view3d(space):
    if not can_render():
        pytest.skip("no OpenGL on this machine")
    space.views.fit()
    return space.views.view3d


def on_screen(view3d, point):
    (place,) = Projection3D.of(view3d.scene.camera).to_display(point)
    return place


@pytest.mark.parametrize("parallel", [False, True])
def test_points_are_shown_where_the_line_of_sight_through_them_is(view3d, parallel):
    view3d.scene.camera.set_parallel(parallel=parallel)
    try:
        for point in ([0.0, 0, 0], [12.0, -20, 7], [-25.0, 14, -33]):
            x, y = on_screen(view3d, point)
            ray = view3d.scene.camera.ray(x, y)
            away = np.array(point) - ray.origin_lps_mm
            assert np.linalg.norm(np.cross(ray.direction, away)) <= 1e-6
    finally:
        view3d.scene.camera.set_parallel(parallel=False)


def test_clicks_on_what_is_seen_in_3d_are_points_of_the_curve(space, view3d):
    cursor = space.session.cursor_lps
    view3d.scene.prepare()
    picked = []
    for dx, dy in ((-30, -20), (25, 10), (5, 40)):
        x, y = view3d.width() / 2 + dx, view3d.height() / 2 + dy
        seen = view3d.scene.pick(x, y)
        assert seen is not None
        picked.append(seen.point_lps_mm)
        Mouse(view3d).click(x, y)
    assert space.tools.drawing.controls == pytest.approx(np.array(picked), abs=1e-6)
    assert space.session.cursor_lps == pytest.approx(cursor)  # the click was the tool's
    Mouse(view3d).key(Qt.Key_Return)
    (contour,) = space.session.structure_set.roi(space.session.active_roi).contours
    assert contour.points_lps == pytest.approx(np.array(picked), abs=1e-6)


def test_a_point_is_dragged_in_3d_in_the_plane_of_the_display(space, view3d):
    point = click_in(space, "axial", -20, -14)
    click_in(space, "axial", 35, 20)
    projection = Projection3D.of(view3d.scene.camera)
    x, y = on_screen(view3d, point)
    Mouse(view3d).drag([(x, y), (x + 6, y - 4), (x + 14, y - 11)])
    moved = space.tools.drawing.controls[0]
    assert on_screen(view3d, moved) == pytest.approx([x + 14, y - 11], abs=0.5)
    assert (moved - point) @ projection.ahead == pytest.approx(0, abs=1e-6)
    assert len(space.tools.drawing.controls) == 2


def test_with_other_tools_a_click_in_3d_moves_the_cursor(window, view3d):
    window.tools.choose("freehand")
    x, y = view3d.width() / 2 + 25, view3d.height() / 2 + 10
    view3d.scene.prepare()
    seen = view3d.scene.pick(x, y)
    Mouse(view3d).click(x, y)
    assert window.session.cursor_lps == pytest.approx(seen.anchor_lps_mm)


def test_a_point_on_a_surface(window, view3d):
    window.tools.choose("point")
    at = np.array([3.0, 4.0, 5.0])
    seen = Picked(at, np.array([0.0, 0, 1]), 1, PickedKind.SURFACE, at)
    assert view3d.take_click(seen)
    (contour,) = window.session.structure_set.roi(window.session.active_roi).contours
    assert contour.geometric_type == "POINT"
    assert contour.points_lps[0] == pytest.approx(at, abs=1e-9)
