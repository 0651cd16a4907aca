"""Every gesture on a slice view, in millimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from rtvis.app.oblique import Oblique
from rtvis.geometry.grid import Grid
from rtvis.gui.slice_slider import SliceSlider
from tests.unit.gui.conftest import AXIAL, ORIGIN, SPACING, Mouse, settle

Z = ORIGIN[2] + SPACING[0] * np.arange(20)


def test_the_view_starts_on_a_slice_with_all_of_the_volume_in_it(window, axial):
    view = axial.plane
    assert view.slice_index is not None
    assert view.position_mm == pytest.approx(Z[view.slice_index], abs=1e-9)
    corners = axial.scene.patient_to_display(window.session.volume.grid.corners_lps_mm())
    assert corners.min() >= 0
    assert corners[:, 0].max() <= axial.width()
    assert corners[:, 1].max() <= axial.height()


def test_one_notch_of_the_wheel_is_exactly_one_slice(axial, mouse, window):
    start = axial.plane.slice_index
    mouse.wheel(1)
    assert axial.plane.position_mm == pytest.approx(Z[start + 1], abs=1e-9)
    mouse.wheel(-3)
    assert axial.plane.position_mm == pytest.approx(Z[start - 2], abs=1e-9)
    assert window.session.cursor_lps[2] == pytest.approx(Z[start - 2], abs=1e-9)


def test_parts_of_a_notch_add_up_and_scrolling_stops_at_the_ends(axial, mouse):
    start = axial.plane.slice_index
    mouse.wheel(0.5)
    assert axial.plane.slice_index == start
    mouse.wheel(0.5)
    assert axial.plane.slice_index == start + 1
    mouse.wheel(100)
    assert axial.plane.slice_index == 19
    mouse.wheel(-100)
    assert axial.plane.slice_index == 0


@pytest.mark.parametrize(
    ("key", "steps"), [(Qt.Key_Up, 1), (Qt.Key_Down, -1), (Qt.Key_PageUp, 9), (Qt.Key_PageDown, -10)]
)
def test_keys_scroll_by_one_and_ten(axial, mouse, key, steps):
    while axial.plane.slice_index != 10:
        mouse.wheel(10 - axial.plane.slice_index)
    mouse.key(key)
    assert axial.plane.slice_index == 10 + steps  # ten up would leave the volume: it stops on the last slice


def test_the_other_views_follow_their_own_axes(window):
    for name, axis, spacing in (("coronal", 1, SPACING[1]), ("sagittal", 0, SPACING[2])):
        view = window.views.view(name)
        before = window.session.cursor_lps.copy()
        Mouse(view).wheel(1)
        moved = window.session.cursor_lps - before
        assert abs(moved[axis]) == pytest.approx(spacing)
        assert (before[axis] - ORIGIN[axis]) % spacing == pytest.approx(0, abs=1e-9)
        assert np.delete(moved, axis) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_ctrl_wheel_zooms_about_the_pointer(axial, mouse):
    x, y = 120, 90
    before, scale = axial.scene.pointer_to_patient(x, y), axial.scene.framing.mm_per_pixel
    mouse.wheel(2, x, y, Qt.ControlModifier)
    assert axial.scene.framing.mm_per_pixel < scale / 1.2
    assert axial.scene.pointer_to_patient(x, y) == pytest.approx(before, abs=1e-9)


def test_right_drag_zooms_about_where_it_began(axial, mouse):
    x, y = 200, 150
    before, scale = axial.scene.pointer_to_patient(x, y), axial.scene.framing.mm_per_pixel
    mouse.drag([(x, y), (x, y - 20), (x + 5, y - 50)], Qt.RightButton)
    assert axial.scene.framing.mm_per_pixel < scale / 1.3
    assert axial.scene.pointer_to_patient(x, y) == pytest.approx(before, abs=1e-9)


def test_middle_drag_takes_the_point_under_the_pointer_along(axial, mouse, window):
    cursor = window.session.cursor_lps.copy()
    before = axial.scene.pointer_to_patient(100, 100)
    mouse.drag([(100, 100), (130, 80), (160, 115)], Qt.MiddleButton)
    assert axial.scene.pointer_to_patient(160, 115) == pytest.approx(before, abs=1e-9)
    assert window.session.cursor_lps == pytest.approx(cursor)


def test_r_fits_again(axial, mouse):
    scale = axial.scene.framing.mm_per_pixel
    mouse.wheel(5, modifiers=Qt.ControlModifier)
    mouse.key(Qt.Key_R, "r")
    assert axial.scene.framing.mm_per_pixel == pytest.approx(scale)


def test_one_to_one_shows_a_pixel_of_the_volume_as_one_of_the_screen_about_the_cursor(axial, mouse, window):
    mouse.wheel(2, modifiers=Qt.ControlModifier)
    window.menus.actions["One pixel per voxel (1:1)"].trigger()
    framing = axial.scene.framing
    assert framing.mm_per_pixel == pytest.approx(min(SPACING[1:]) * axial.devicePixelRatioF())
    middle = axial.scene.framing.display_to_patient(framing.width / 2, framing.height / 2)
    assert middle[:2] == pytest.approx(window.session.cursor_lps[:2], abs=1e-6)  # the slice is the nearest one
    window.menus.actions["Fit views"].trigger()


def test_reset_brings_back_the_first_look_of_every_view(axial, mouse, window):
    session = window.session
    window.menus.actions["Reset views"].trigger()
    first = (session.cursor_lps, session.window, axial.scene.framing.mm_per_pixel, session.oblique)
    mouse.wheel(3)
    mouse.wheel(2, modifiers=Qt.ControlModifier)
    session.set_window(77, 11)
    session.turn_oblique(Oblique.through(np.array([[0.0, 0, 0], [1, 0, 0.5], [0, 1, 0.5]])))
    window.menus.actions["Reset views"].trigger()
    assert session.cursor_lps == pytest.approx(first[0], abs=1e-9)
    assert session.window == first[1]
    assert axial.scene.framing.mm_per_pixel == pytest.approx(first[2])
    assert session.oblique == first[3]


def test_a_click_moves_the_linked_cursor_and_the_other_views(axial, mouse, window):
    point = axial.scene.pointer_to_patient(210, 170)
    mouse.click(210, 170)
    assert window.session.cursor_lps == pytest.approx(point)
    assert window.views.view("sagittal").plane.position_mm == pytest.approx(point[0], abs=1e-9)
    assert window.views.view("coronal").plane.position_mm == pytest.approx(point[1], abs=1e-9)


def test_a_drag_across_a_view_changes_window_and_level_by_the_range_of_values(axial, mouse, window):
    """As in 3D Slicer: to the right wider, upwards a higher level, so much a pixel as the shorter side shares out."""
    window.session.set_window(150, 40)
    values = window.session.volume.values
    pixel = np.ptp(np.quantile(values, [0.001, 0.999])) / min(axial.width(), axial.height())
    window.tools.choose("window")
    mouse.drag([(100, 100), (150, 100), (200, 60)])
    width, level = window.session.window
    assert width == pytest.approx(150 + 100 * pixel, rel=0.01)
    assert level == pytest.approx(40 + 40 * pixel, rel=0.01)
    assert not window.session.unsaved


def test_levels_of_a_phantom_of_one_value_are_dragged_by_the_window(window, axial, mouse, study):
    volume = study.volumes[0]
    flat = replace(volume, voxels=np.full(volume.voxels.shape, 1000, np.int16), volume_id="1.2.77")
    window.session.show_volume(flat)
    window.session.set_window(400, 40)
    window.tools.choose("window")
    mouse.drag([(100, 100), (150, 100)])
    window.tools.choose("navigate")
    side = min(axial.width(), axial.height())
    assert window.session.window == pytest.approx((400 + 50 * 400 / side, 40))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
def test_levels_are_dragged_finely_whatever_the_values_are(window, axial, mouse, study, scale):
    """Fractions of a PET as well as its counts: a window dragged shut comes open again, and a pixel is no jump."""
    volume = replace(study.volumes[0], modality="MR", units="", value_factor=scale, volume_id="1.2.77")
    window.session.show_volume(volume)
    spread = np.ptp(volume.values)
    window.session.set_window(spread, float(volume.values.mean()))
    window.tools.choose("window")
    mouse.drag([(100, 100), (101, 100)])
    assert 0 < window.session.window[0] - spread < 0.02 * spread
    mouse.drag([(390, 100), (200, 100), (1, 100)])
    mouse.drag([(390, 100), (200, 100), (1, 100)])
    assert 0 < window.session.window[0] < 0.01 * spread
    mouse.drag([(1, 100), (200, 100), (390, 100)])
    assert window.session.window[0] > 0.5 * spread
    window.tools.choose("navigate")
    assert "nan" not in window.status.window.text()


def test_value_and_position_under_the_pointer_are_told(axial, mouse, window):
    mouse.move(150, 140)
    point = axial.scene.pointer_to_patient(150, 140)
    assert window.status.position.text() == f"L {point[0]:.1f}  P {point[1]:.1f}  S {point[2]:.1f} mm"
    value = window.session.volume.value_at(point)
    assert window.status.value.text() == f"HU {value:.4g}"


def test_a_double_click_maximises_and_brings_all_back(mouse, window):
    mouse.double_click(100, 100)
    assert [frame.isVisible() for frame in window.views.frames.values()] == [True, False, False, False]
    mouse.double_click(100, 100)
    assert all(frame.isVisible() for frame in window.views.frames.values())


def test_contours_are_painted_where_they_are(window, axial):
    """The square of the ROI, at the pixels where the closed form puts its edge."""
    window.session.move_cursor([25.0, 20.0, Z[8]])
    middle = axial.scene.patient_to_display(np.array([10.0, 0.0, Z[8]]))
    picture = axial.grab().toImage()
    ratio = picture.devicePixelRatio()
    row = [picture.pixelColor(int(x), int(middle[1] * ratio)) for x in range(picture.width())]
    reddish = [n for n, color in enumerate(row) if color.red() > 160 and color.green() < 130 and color.blue() < 110]
    assert any(abs((n + 0.5) / ratio - middle[0]) <= 1.5 for n in reddish)


def test_letters_and_slice_are_written(axial):
    texts = {label.text for label in axial.overlay().labels}
    assert {"R", "L", "A", "P", "Axial"} <= texts
    assert any(text.startswith(f"{axial.plane.slice_index + 1}/20") for text in texts)


def test_a_maximised_view_shows_all_of_the_volume_larger_and_a_zoomed_one_the_same_part(axial, mouse, window):
    small = axial.scene.framing.mm_per_pixel
    window.views.maximise("axial")
    settle()
    assert axial.scene.framing.mm_per_pixel < 0.7 * small
    window.views.maximise(None)
    settle()
    assert axial.scene.framing.mm_per_pixel == pytest.approx(small)
    mouse.wheel(4, axial.width() / 2, axial.height() / 2, Qt.ControlModifier)
    middle = axial.scene.framing.display_to_patient(axial.width() / 2, axial.height() / 2)
    zoomed = axial.scene.framing.mm_per_pixel
    window.views.maximise("axial")
    settle()
    assert axial.scene.framing.mm_per_pixel < 0.7 * zoomed
    assert axial.scene.framing.display_to_patient(axial.width() / 2, axial.height() / 2) == pytest.approx(
        middle, abs=1e-6
    )


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
def test_the_slider_goes_where_the_view_is_and_takes_it_elsewhere(window, name):
    view = window.views.view(name)
    slider = window.views.frames[name].findChild(SliceSlider)
    count = view.plane.slice_count
    assert slider.isVisible()
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, count - 1, view.plane.slice_index)
    QTest.keyClick(slider, Qt.Key_End if slider.invertedControls() else Qt.Key_Home)
    first = view.plane.slice_index
    assert first == slider.value()
    Mouse(view).wheel(1)
    assert slider.value() == view.plane.slice_index != first
    Mouse(view).key(Qt.Key_End)
    assert view.plane.slice_index == slider.value() == count - 1
    place = window.session.cursor_lps.copy()
    Mouse(view).key(Qt.Key_Home)
    assert view.plane.slice_index == slider.value() == 0
    axis = {"axial": 2, "coronal": 1, "sagittal": 0}[name]
    moved = window.session.cursor_lps - place
    assert abs(moved[axis]) > 1
    assert np.delete(moved, axis) == pytest.approx([0, 0], abs=1e-9)


def test_the_slider_s_upper_end_is_where_the_wheel_scrolls_forward(window, axial):
    slider = window.views.frames["axial"].findChild(SliceSlider)
    QTest.mouseClick(slider, Qt.LeftButton, pos=QPoint(slider.width() // 2, 4))
    top = axial.plane.position_mm
    assert top > Z[5]
    assert axial.plane.slice_index > 10


def test_the_slice_told_on_a_tilted_stack_is_that_of_the_cursor(window, study):
    """The rows of a tilted stack cross a coronal plane: a click higher up in it is on another row."""
    volume = study.volumes[0]
    grid = volume.grid
    origins = grid.slice_origins_lps_mm + np.arange(20)[:, None] * np.array([0.0, 1.2, 0.0])
    tilted = Grid.from_slices(origins, AXIAL, SPACING[1:], grid.shape[1:], frame_of_reference_uid="1.2.3.4")
    window.session.show_volume(replace(volume, grid=tilted, volume_id="1.2.78"))
    coronal = window.views.view("coronal")
    slider = window.views.frames["coronal"].findChild(SliceSlider)
    for x, y in ((120, 60), (120, 200), (200, 130)):
        Mouse(coronal).click(x, y)
        row = round(float(tilted.to_index(window.session.cursor_lps)[1]))
        if 0 <= row < 40:
            assert coronal.plane.slice_index == slider.value() == row
            assert any(label.text.startswith(f"{row + 1}/40") for label in coronal.overlay().labels)
