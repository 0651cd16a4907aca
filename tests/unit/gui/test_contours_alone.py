"""Contours without images, in a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDialogButtonBox

from rtvis.app.opening import open_study
from rtvis.app.planes import PlaneKind
from rtvis.app.view3d_state import Look3D
from rtvis.gui.contour_actions import ContourActions
from rtvis.gui.patient_text import patient_text
from rtvis.gui.theme import VIEW_BACKGROUND
from rtvis.gui.three_d_actions import ThreeDActions
from rtvis.gui.three_d_panel import BOX
from rtvis.model.structure_set import Contour, ImageReference, Roi
from rtvis.model.study import Study
from rtvis.scene.overlay import PREVIEW_WIDTH
from tests.unit.gui.conftest import ORIGIN, SPACING, Mouse, make_set, make_volume, settle, show

Z = ORIGIN[2] + SPACING[0] * np.arange(5, 12)
"""Where the box of the set has contours."""


@pytest.fixture
def alone(window, qtbot):
    """A window with a set whose images aren't there."""
    made = replace(make_set(make_volume()), volume=None, matched_by="")
    return show(window, Study(structure_sets=(made,)), qtbot)


def texts(view):
    return [label.text for label in view.overlay().labels]


def stroke_points(view):
    """Patient points of all contour lines of a view."""
    color = (255, 80, 40)
    strokes = [one.points for one in view.overlay().strokes if tuple(one.color) == color]
    return (
        np.vstack([view.scene.framing.display_to_patient(x, y) for one in strokes for x, y in one]) if strokes else None
    )


def test_contours_are_shown_in_all_slice_views_where_they_are(alone):
    for name, axis, low, high in (("axial", 0, -10, 10), ("coronal", 2, Z[0], Z[-1]), ("sagittal", 1, -8, 8)):
        points = stroke_points(alone.views.view(name))
        slack = SPACING[0] / 2 + 0.01 if axis == 2 else 0.01
        assert points[:, axis].min() == pytest.approx(low, abs=slack), name
        assert points[:, axis].max() == pytest.approx(high, abs=slack), name


def test_the_wheel_goes_from_contour_to_contour(alone):
    axial = alone.views.view("axial")
    axial.go_to_slice(0)
    seen = []
    for _ in range(axial.plane.slice_count):
        if stroke_points(axial) is not None:
            seen.append(axial.plane.position_mm)
        Mouse(axial).wheel(1)
    assert seen == pytest.approx(Z.tolist())


def test_corners_say_that_there_are_no_images_and_no_levels(alone):
    axial = alone.views.view("axial")
    said = texts(axial)
    assert "no images" in said
    assert patient_text(alone.session) in said
    assert "Jo" in patient_text(alone.session)
    assert not any(text.startswith("W ") for text in said)
    assert any("mm" in text for text in said)
    assert {"R", "L", "A", "P"} <= set(said)
    grabbed = axial.grab().toImage()
    assert grabbed.pixelColor(5, axial.height() // 2 + 40).name() == VIEW_BACKGROUND


def test_a_click_moves_the_linked_cursor_and_the_status_bar_tells_the_place(alone):
    axial, coronal = alone.views.view("axial"), alone.views.view("coronal")
    x, y = axial.scene.patient_to_display([4.0, 3.0, Z[3]])
    Mouse(axial).click(x - 0.5, y - 0.5)
    assert alone.session.cursor_lps[:2] == pytest.approx([4.0, 3.0], abs=1e-6)
    assert coronal.plane.position_mm == pytest.approx(3.0, abs=1e-6)
    Mouse(axial).move(x - 0.5, y - 0.5)
    assert alone.status.position.text().startswith("L 4.0  P 3.0")
    assert alone.status.value.text() == ""
    assert axial.name.isVisible() is False
    x, y = axial.scene.patient_to_display([10.0, 3.0, Z[3]])
    Mouse(axial).move(x - 0.5, y - 0.5)
    assert axial.name.isVisible()


def test_zoom_pan_and_hiding_work_as_over_images(alone):
    axial = alone.views.view("axial")
    before, scale = axial.scene.pointer_to_patient(100, 100), axial.scene.framing.mm_per_pixel
    Mouse(axial).wheel(2, 100, 100, Qt.ControlModifier)
    assert axial.scene.framing.mm_per_pixel < scale / 1.2
    assert axial.scene.pointer_to_patient(100, 100) == pytest.approx(before, abs=1e-9)
    Mouse(axial).drag([(100, 100), (120, 90)], Qt.MiddleButton)
    assert axial.scene.pointer_to_patient(120, 90) == pytest.approx(before, abs=1e-9)
    alone.session.set_roi_visible(1, visible=False)
    assert stroke_points(axial) is None


def test_the_oblique_view_shows_them_too(alone):
    alone.views.show_oblique(shown=True)
    settle()
    oblique = alone.views.slices[PlaneKind.OBLIQUE]
    points = stroke_points(oblique)
    assert oblique.plane.plane.distances_mm(points) == pytest.approx(0.0, abs=1e-6)
    assert "no images" in texts(oblique)
    alone.views.show_oblique(shown=False)


def test_tools_that_need_values_say_so_without_images(alone):
    before = alone.session.structure_set
    alone.tools.choose("livewire")
    Mouse(alone.views.view("axial")).drag([(100, 100), (150, 100), (150, 150), (100, 150)])
    told = alone.status.currentMessage()
    alone.tools.choose("window")
    window = alone.session.window
    Mouse(alone.views.view("axial")).drag([(100, 100), (150, 130)])
    alone.tools.choose("navigate")
    assert alone.session.structure_set is before
    assert alone.session.window == window
    assert "no images" in told
    assert "Livewire" in told


def place(view, point):
    x, y = view.scene.patient_to_display(point)
    return x - 0.5, y - 0.5


def test_what_is_measured_without_images_is_there_again_and_over_the_images(alone, study, qtbot):
    axial = alone.views.view("axial")
    axial.go_to_slice(3)
    z = axial.plane.position_mm
    alone.tools.choose("distance")
    Mouse(axial).drag([place(axial, [-8.0, 2.0, z]), place(axial, [0.0, 2.0, z]), place(axial, [4.0, 2.0, z])])
    assert alone.status.currentMessage() == "Distance: 12.0 mm"
    assert "12.0 mm" in texts(axial)
    alone.tools.choose("probe")
    Mouse(axial).click(*place(axial, [3.0, 4.0, z]))
    assert f"L 3.0  P 4.0  S {z:.1f} mm" in texts(axial)
    alone.tools.choose("navigate")
    show(alone, Study(structure_sets=alone.session.study.structure_sets), qtbot)
    assert alone.session.measurements.count == 2
    show(alone, study, qtbot)
    alone.session.move_cursor([0.0, 0.0, z])
    assert "12.0 mm" in texts(alone.views.view("axial"))
    alone.session.measurements.clear()


def naming(made, differ=False):
    """The set, whose contours name the images of their planes; with `differ` those of one plane name two."""
    box = made.rois[0]
    named = [
        replace(one, images=(ImageReference("1.2.840.10008.5.1.4.1.1.2", f"1.2.3.{n}"),))
        for n, one in enumerate(box.contours)
    ]
    other = replace(named[2], images=(ImageReference("1.2.840.10008.5.1.4.1.1.2", "1.2.3.99"),))
    return replace(made, rois=(replace(box, contours=(*named, other) if differ else tuple(named)), Roi(2, "New")))


@pytest.mark.parametrize(("differ", "named"), [(False, ["1.2.3.2"]), (True, [])])
def test_a_contour_drawn_without_images_names_the_image_that_others_on_its_plane_name(
    alone, qtbot, tmp_path, differ, named
):
    made = naming(alone.session.structure_set, differ)
    show(alone, Study(structure_sets=(made,)), qtbot)
    axial = alone.views.view("axial")
    alone.session.move_cursor([0.0, 0.0, Z[2]])
    alone.session.activate_roi(2)
    alone.tools.choose("polygon")
    for corner in ((-4.0, -3.0), (5.0, -3.0), (5.0, 4.0)):
        Mouse(axial).click(*place(axial, [*corner, Z[2]]))
    Mouse(axial).key(Qt.Key_Return)
    alone.tools.choose("navigate")
    drawn = alone.session.structure_set.roi(2).contours[-1]
    assert drawn.points_lps == pytest.approx(np.array([[-4.0, -3, Z[2]], [5, -3, Z[2]], [5, 4, Z[2]]]), abs=1e-6)
    warnings = alone.session.save(tmp_path / "alone.dcm")
    assert ("missing-images" in [one.code for one in warnings]) == differ
    (saved,) = open_study([tmp_path / "alone.dcm"]).structure_sets
    contour = saved.roi(2).contours[-1]
    assert [one.sop_instance_uid for one in contour.images] == named
    assert np.array_equal(contour.points_lps, drawn.points_lps)


def test_a_brush_without_images_paints_into_the_contour_that_is_shown(alone):
    axial = alone.views.view("axial")
    alone.session.move_cursor([0.0, 0.0, Z[2]])
    alone.session.activate_roi(1)
    alone.tools.choose("brush")
    alone.tools.active.set_options(radius_mm=4.0)
    Mouse(axial).drag([place(axial, [10.0, 0.0, Z[2]]), place(axial, [14.0, 0.0, Z[2]])])
    alone.tools.choose("navigate")
    contours = alone.session.structure_set.roi(1).contours
    assert len(contours) == 7
    (painted,) = [one for one in contours if one.points_lps[0, 2] == Z[2]]
    assert painted.points_lps[:, 0].max() == pytest.approx(18.0, abs=0.05)
    alone.session.undo()


def opened(alone, name, qtbot):
    action = alone.menus.actions[name.removesuffix("…")]
    assert action.isEnabled(), name
    action.trigger()
    found = next(one for one in alone.features if isinstance(one, ContourActions))
    qtbot.waitUntil(lambda: not found.dialog.preview.is_busy, timeout=10_000)
    return found.dialog


def ok(dialog):
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.Ok), Qt.LeftButton)


def levels(roi):
    return sorted({round(float(one.points_lps[0, 2]), 6) for one in roi.contours})


def dashed(view):
    return [one for one in view.overlay().strokes if one.dashed and one.width == PREVIEW_WIDTH]


def test_slices_are_filled_and_copied_without_images_as_with_them(alone, qtbot):
    session, axial = alone.session, alone.views.view("axial")
    session.activate_roi(1)
    box = session.structure_set.roi(1)
    square = box.contours[0].points_lps * [0.5, 0.5, 0.0]
    ends = tuple(Contour.drawn(square + np.array([0.0, 0.0, z]), closed=True) for z in (Z[0], Z[-1]))
    session.apply("Add ROI", session.structure_set.with_roi(Roi(3, "Two ends", ends, (10, 200, 30))))
    session.activate_roi(3)
    session.move_cursor([0.0, 0.0, Z[3]])
    dialog = opened(alone, "Interpolate between slices…", qtbot)
    assert "5 contours on 5 slices; no images: on planes 3 mm apart" in dialog.told.text()
    assert dashed(axial)
    ok(dialog)
    assert levels(session.structure_set.roi(3)) == pytest.approx(Z.tolist())
    session.undo()
    assert levels(session.structure_set.roi(3)) == pytest.approx([Z[0], Z[-1]])
    session.move_cursor([0.0, 0.0, Z[0]])
    alone.menus.actions["Copy contours to next slice"].trigger()
    assert levels(session.structure_set.roi(3)) == pytest.approx([Z[0], Z[1], Z[-1]])
    assert axial.plane.position_mm == pytest.approx(Z[1])
    alone.menus.actions["Delete contours on slice"].trigger()
    assert levels(session.structure_set.roi(3)) == pytest.approx([Z[0], Z[-1]])


def test_a_margin_without_images_grows_beyond_the_planes_that_were_laid(alone, qtbot):
    session, axial = alone.session, alone.views.view("axial")
    session.activate_roi(1)
    dialog = opened(alone, "Margin…", qtbot)
    dialog.uniform.setValue(40.0)
    qtbot.waitUntil(lambda: not dialog.preview.is_busy, timeout=10_000)
    assert dashed(axial)
    ok(dialog)
    grown = session.structure_set.rois[-1]
    points = np.vstack([one.points_lps for one in grown.contours])
    assert points.min(axis=0) == pytest.approx([-50.0, -48.0, Z[0] - 40.0], abs=1.6)
    assert points.max(axis=0) == pytest.approx([50.0, 48.0, Z[-1] + 40.0], abs=1.6)
    assert session.active_roi == grown.number
    assert session.grid.contains(points).all()
    session.undo()


def test_what_needs_a_gap_says_so_where_one_plane_is_all_there_is(alone, qtbot):
    session = alone.session
    only = replace(session.structure_set.roi(1), contours=session.structure_set.roi(1).contours[:1])
    session.apply("Leave one", session.structure_set.with_roi(only))
    session.activate_roi(1)
    dialog = opened(alone, "Margin…", qtbot)
    assert "Nothing tells how far slices are apart" in dialog.told.text()
    assert not dialog.ok.isEnabled()
    dialog.reject()
    session.undo()


def test_images_and_no_study_take_their_place(alone, study, qtbot):
    axial = alone.views.view("axial")
    show(alone, study, qtbot)
    assert "CT" in texts(axial)
    show(alone, Study(), qtbot)
    assert axial.plane is None
    assert texts(axial) == []


def test_real_sets_without_images(window, field_data, qtbot):
    show(window, open_study(field_data / "rt_without_images" / "EclipseProstatePhantom"), qtbot)
    axial = window.views.view("axial")
    assert window.session.volume is None
    assert len(axial.overlay().strokes) > 5
    where = axial.plane.position_mm
    Mouse(axial).wheel(1)
    assert axial.plane.position_mm - where == pytest.approx(2.5)
    assert len(axial.overlay().strokes) > 5


@pytest.fixture
def in_3d(alone, qtbot):
    view = alone.views.view3d
    alone.session.view3d.change(**{name: getattr(Look3D(), name) for name in Look3D.__slots__})
    qtbot.waitUntil(lambda: not view.scene.rois_without_surface() and not alone.tasks.running, timeout=20_000)
    view._canvas.update()
    view._canvas.repaint()
    yield view
    alone.session.view3d.change(cut=None)


def box_in_3d(view):
    return next(one for one in view.scene.rois if one.roi.name == "Box")


def test_planes_are_seen_in_3d_as_frames_where_the_slices_are(alone, in_3d):
    alone.session.move_cursor([2.0, 1.0, Z[3]])
    in_3d._follow_now()
    in_3d._canvas.repaint()
    bounds = [np.array(one.GetBounds()).reshape(3, 2) for one in in_3d.scene.planes.props]
    flat = {int(np.argmin(np.ptp(one, axis=1))): one for one in bounds}
    assert {axis: one[axis, 0] for axis, one in flat.items()} == pytest.approx({0: 2.0, 1: 1.0, 2: Z[3]})
    actions = alone.menus.actions
    assert actions["Axial plane in 3D"].isEnabled()
    actions["No planes in 3D"].trigger()
    assert not any(one.GetVisibility() for one in in_3d.scene.planes.props)
    actions["Standard planes in 3D"].trigger()


def test_contours_can_be_cut_in_3d_at_a_plane_that_follows(alone, in_3d):
    action = alone.menus.actions["Cut at the axial plane"]
    assert action.isEnabled()
    action.trigger()
    for height in (Z[2], Z[4]):
        alone.session.move_cursor([0.0, 0.0, height])
        in_3d._follow_now()
        in_3d._canvas.repaint()
        planes = box_in_3d(in_3d).surface_actor.GetMapper().GetClippingPlanes()
        assert planes.GetItem(0).GetOrigin()[2] == pytest.approx(height)
        assert planes.GetItem(0).GetNormal() == pytest.approx((0, 0, -1))  # what is below is left


def test_contours_can_be_cut_in_3d_to_a_box(alone, in_3d):
    panel = next(one.panel for one in alone.features if isinstance(one, ThreeDActions))
    assert panel.cut.isEnabled()
    panel.choose_cut(BOX)
    cut = alone.session.view3d.look.cut
    low, high = alone.session.grid.corners_lps_mm().min(axis=0), alone.session.grid.corners_lps_mm().max(axis=0)
    assert np.all(np.array(cut.low) > low)
    assert np.all(np.array(cut.high) < high)
    assert panel.box_texts[0].text() == f"{round(cut.low[0])} to {round(cut.high[0])}"
    assert box_in_3d(in_3d).surface_actor.GetMapper().GetClippingPlanes().GetNumberOfItems() == 6


def test_an_edit_beyond_the_planes_leaves_the_camera_where_it_is(alone, in_3d):
    in_3d.scene.camera.turn(40, 10, 200)
    looks = in_3d.scene.camera.copied().GetPosition()
    before = alone.session.grid
    far = np.array([[-10.0, -8, 90], [10, -8, 90], [10, 8, 90]])
    alone.session.activate_roi(1)
    alone.session.add_contour(far, closed=True)
    assert alone.session.grid is not before
    in_3d._canvas.repaint()
    assert in_3d.scene.camera.copied().GetPosition() == looks
