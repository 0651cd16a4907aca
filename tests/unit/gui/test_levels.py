"""Levels by mouse and keys: handles of the histogram in HU, a region in a view, numbers, presets, colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtTest import QTest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.levels import histogram_of
from rtvis.gui.histogram_view import LOWER, MIDDLE, UPPER, HistogramView, column_heights
from rtvis.gui.levels_actions import LevelsActions
from tests.unit.gui.conftest import Mouse, make_volume, settle

HISTOGRAM = histogram_of(make_volume())  # -100.5 to 99.5 HU, a bin each


@pytest.fixture
def view(qapp):
    made = HistogramView()
    made.resize(420, 160)
    made.set_histogram(HISTOGRAM)
    made.set_bounds(-60.0, 40.0)
    made.dragged.connect(made.set_bounds)
    yield made
    made.deleteLater()
    settle()


@pytest.fixture
def levels(window, qtbot):
    feature = next(one for one in window.features if isinstance(one, LevelsActions))
    feature.show_panel()
    settle()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    settle()
    yield feature
    window.tools.choose("navigate")
    window.session.set_color_map(GRAY, inverse=False)
    window.docks["study"].raise_()


def dragged(view, name, hu):
    """Drag a handle by HU with real events; how many HU a pixel is follows."""
    start = view.handle(name)
    pixels = hu / (view.value_at(start.x() + 1) - view.value_at(start.x()))
    end = start + QPointF(pixels, 0)
    Mouse(view).drag([(start.x(), start.y()), (start.x() + pixels / 2, start.y()), (end.x(), end.y())])
    return view._bounds


def test_the_axis_reaches_from_the_least_value_to_the_largest(view):
    assert view.value_at(view.x_of(-100.5)) == pytest.approx(-100.5)
    assert view.value_at(12) == pytest.approx(-100.5)
    assert view.value_at(420 - 12) == pytest.approx(99.5)


def test_the_ends_and_the_middle_are_dragged_in_hu(view):
    assert dragged(view, LOWER, 25.0) == pytest.approx((-35.0, 40.0))
    assert dragged(view, UPPER, -15.0) == pytest.approx((-35.0, 25.0))
    assert dragged(view, MIDDLE, 30.0) == pytest.approx((-5.0, 55.0))


def test_an_end_stops_before_the_other_and_a_middle_may_leave_the_axis(view):
    lower, upper = dragged(view, LOWER, 500.0)
    assert -60 < lower < upper == 40
    view.set_bounds(-60.0, 40.0)
    assert dragged(view, MIDDLE, 120.0) == pytest.approx((60.0, 160.0))
    assert view.value_at(420 - 12) == pytest.approx(160.0)  # the axis follows once the mouse lets go


def test_within_a_narrow_window_the_side_decides_which_end_is_meant(view):
    view.set_bounds(0.0, 1.0)
    bottom = view.handle(LOWER).y()
    x = view.handle(LOWER).x()
    Mouse(view).drag([(x - 5, bottom), (x - 60, bottom)])
    assert view._bounds[0] < -20
    assert view._bounds[1] == 1.0


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_shows_all(view):
    x = 200.0
    value = view.value_at(x)
    Mouse(view).wheel(3, x, 80)
    assert view.value_at(x) == pytest.approx(value)
    assert view.value_at(400) - view.value_at(20) < 120
    Mouse(view).double_click(20, 30)
    assert view.value_at(12) == pytest.approx(-100.5)


@pytest.mark.parametrize("columns", [7, 200, 931])
@pytest.mark.parametrize("log", [True, False])
def test_bars_are_high_where_values_are_frequent(columns, log):
    heights = column_heights(HISTOGRAM, (-100.5, 99.5), columns, log=log)
    assert heights.shape == (columns,)
    assert heights.min() >= 0
    assert heights.max() == pytest.approx(1.0)
    beyond = column_heights(HISTOGRAM, (200.0, 300.0), columns, log=log)
    assert not beyond.any()


# --- in the window -------------------------------------------------------------------------------------------------


def test_values_are_counted_only_once_the_panel_is_seen(window, study, qtbot):
    feature = next(one for one in window.features if isinstance(one, LevelsActions))
    window.docks["study"].raise_()
    settle()
    window.show_study(study)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    assert feature.panel.histogram._histogram is None
    feature.show_panel()
    qtbot.waitUntil(lambda: feature.panel.histogram._histogram is not None, timeout=10_000)
    assert feature.panel.histogram._histogram.counts.sum() == study.volumes[0].voxels.size


def test_a_drag_of_a_handle_is_the_window_of_every_view(window, levels, axial):
    window.session.set_bounds(-60.0, 40.0)
    histogram = levels.panel.histogram
    lower, upper = dragged(histogram, UPPER, 20.0)
    assert (lower, upper) == pytest.approx((-60.0, 60.0), abs=0.5)
    assert window.session.bounds == pytest.approx((lower, upper))
    assert levels.panel.numbers["Upper"].value() == pytest.approx(upper, abs=0.05)
    assert any(label.text.startswith(f"W {upper - lower:.4g}") for label in axial.overlay().labels)


def test_numbers_are_typed(window, levels):
    for name, text in (("Window", "350"), ("Level", "-25")):
        box = levels.panel.numbers[name]
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key_Return)
    assert window.session.window == (350.0, -25.0)
    box = levels.panel.numbers["Lower"]
    box.selectAll()
    QTest.keyClicks(box, "-100")
    QTest.keyClick(box, Qt.Key_Return)
    assert window.session.bounds == pytest.approx((-100.0, 150.0))


@pytest.mark.parametrize("scale", [1e-6, 1e8])
def test_numbers_tell_fractions_and_billions_as_they_are(window, levels, study, scale):
    volume = replace(study.volumes[0], modality="MR", units="", value_factor=scale, volume_id="1.2.77")
    window.session.show_volume(volume)
    window.session.set_window(123.4 * scale, -45.6 * scale)
    boxes = levels.panel.numbers
    expected = {"Window": 123.4, "Level": -45.6, "Lower": -107.3, "Upper": 16.1}
    assert {name: box.value() / scale for name, box in boxes.items()} == pytest.approx(expected, rel=1e-3)
    box = boxes["Level"]
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, f"{20 * scale:.12f}")
    QTest.keyClick(box, Qt.Key_Return)
    assert window.session.window == pytest.approx((123.4 * scale, 20 * scale), rel=1e-6)


def test_a_preset_s_button_and_key_do_the_same(window, levels):
    lung = next(button for button, _ in levels.panel._presets if button.text() == "Lung")
    QTest.mouseClick(lung, Qt.LeftButton)
    assert window.session.window == (1500.0, -600.0)
    window.menus.actions["Reset window/level"].trigger()
    assert window.session.window == (400.0, 40.0)
    window.menus.presets[1].trigger()  # key 2
    assert window.session.window == (1500.0, -600.0)


def test_a_rectangle_dragged_in_a_view_sets_the_levels(window, levels, axial):
    window.session.activate_roi(1)
    QTest.mouseClick(levels.panel.region, Qt.LeftButton)
    assert window.tools.key == "levels_region"
    assert window.status.tool.text() == "Levels from region   ROI Box"
    assert levels.panel.region.isChecked()
    before = window.session.structure_set
    start, end = (120, 100), (190, 150)
    corners = [axial.scene.pointer_to_patient(*place) for place in (start, end)]
    mouse = Mouse(axial)
    mouse.press(*start)
    mouse.move(*end, Qt.LeftButton)
    place = axial.scene.patient_to_display(corners[1])
    shown = [one for one in axial.overlay().strokes if len(one.points) == 5 and np.allclose(one.points[2], place)]
    assert (255, 255, 255) in {one.color for one in shown}  # it isn't drawn for an ROI
    assert (255, 80, 40) not in {one.color for one in shown}
    mouse.release(*end)
    volume = window.session.volume
    index = np.rint(volume.grid.to_index(np.array(corners))).astype(int)
    (i0, j0, k), (i1, j1, _) = index.min(axis=0), index.max(axis=0)
    inside = volume.values[k, j0 : j1 + 1, i0 : i1 + 1]
    assert window.session.bounds == pytest.approx(np.quantile(inside, [0.01, 0.99]), abs=6)
    assert window.session.structure_set is before
    QTest.mouseClick(levels.panel.region, Qt.LeftButton)
    assert window.tools.key == "navigate"


def test_own_presets_are_kept_applied_and_forgotten(window, levels):
    window.session.set_window(1234.0, 56.0)
    levels.ask_name()
    QTest.keyClicks(levels.panel.name, "Stent")
    QTest.keyClick(levels.panel.name, Qt.Key_Return)
    ((button, _),) = levels.panel._own
    assert button.text() == "Stent"
    window.session.reset_window()
    QTest.mouseClick(button, Qt.LeftButton)
    assert window.session.window == (1234.0, 56.0)
    again = LevelsActions(window)
    assert again.panel._own == []  # filled with the next volume
    assert [one.title for one in again._own.of("CT")] == ["Stent"]
    again.release()
    again.panel.deleteLater()
    again.deleteLater()
    levels._drop(levels._own.of("CT")[0])
    assert not levels.panel._own


def test_a_preset_without_a_name_is_refused_in_one_line(window, levels):
    levels.panel.name.setText("  ")
    QTest.keyClick(levels.panel.name, Qt.Key_Return)
    assert "needs a name" in window.status.currentMessage()


def test_colour_map_and_inverse_change_the_picture(window, levels, axial):
    window.session.move_cursor([0.0, 0.0, -10.0])
    point = np.array([22.0, 20.0, axial.plane.position_mm])
    x, y = axial.scene.patient_to_display(point)
    value = window.session.volume.value_at(point)
    window.session.set_bounds(value - 300, value + 100)  # three quarters of the way up

    def seen():
        settle()
        color = (
            axial.grab().toImage().pixelColor(int(x * axial.devicePixelRatioF()), int(y * axial.devicePixelRatioF()))
        )
        return np.array([color.red(), color.green(), color.blue()])

    assert seen() == pytest.approx(np.full(3, 191), abs=8)
    levels.panel.colors.setCurrentIndex(levels.panel.colors.findData("hot_iron"))
    levels.panel.colors.activated.emit(levels.panel.colors.currentIndex())
    assert seen() == pytest.approx(COLOR_MAPS["hot_iron"].table()[191].astype(int), abs=12)
    box = levels.panel.inverse
    QTest.mouseClick(box, Qt.LeftButton, pos=QPoint(8, box.height() // 2))
    assert seen() == pytest.approx(COLOR_MAPS["hot_iron"].table()[64].astype(int), abs=12)
    levels.panel.colors.setCurrentIndex(0)
    levels.panel.colors.activated.emit(0)
    assert seen() == pytest.approx(np.full(3, 64), abs=8)


def test_colours_are_remembered_for_a_modality(window, levels):
    window.menus.actions["PET"].trigger()
    window.menus.actions["Invert"].trigger()
    assert (window.session.color_map.key, window.session.inverse) == ("pet", True)
    assert window.menus.actions["PET"].isChecked()
    volume = window.session.volume
    window.session.show_volume(None)
    window.session.set_color_map(GRAY, inverse=False)
    window.session.show_volume(volume)
    assert (window.session.color_map.key, window.session.inverse) == ("pet", True)
