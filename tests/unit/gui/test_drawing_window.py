"""Tools and the window around them: the bar, the strip of options, locked ROIs, undo, the end of previews."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QFileDialog, QToolBar

from rtvis.app.tools_catalogue import MEASURES, TOOLS
from rtvis.app.tools_options import ToolOptions
from rtvis.geometry.plane import Plane
from rtvis.gui.menus import GROUPS
from rtvis.gui.tool_options import FIELDS
from tests.unit.gui.conftest import ORIGIN, SPACING, Mouse

Z = ORIGIN[2] + SPACING[0] * np.arange(20)


@pytest.fixture
def tools(window):
    window.tools.active.options = ToolOptions()
    window.tools.active.options_changed.emit()
    yield window
    window.tools.choose("navigate")


def test_every_tool_is_in_a_menu_with_a_key_of_its_own_and_drawing_ones_in_the_bar(window):
    bar = window.findChild(QToolBar, "tools")
    assert [action for action in bar.actions() if not action.isSeparator()] == [
        window.menus.tools[tool.key] for tool in TOOLS
    ]
    keys = [window.menus.tools[tool.key].shortcut().toString() for tool in (*TOOLS, *MEASURES) if tool.shortcut]
    assert len(set(keys)) == len(keys) == len(TOOLS) + len(MEASURES) - 1
    for tool in TOOLS:
        title = "View" if tool.group == "look" else "Contour"
        group = window.menus.submenu(title, GROUPS[tool.group])
        assert group.menuAction() in window.menus.menu(title).actions()
        assert window.menus.tools[tool.key] in group.actions()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.key)
def test_the_strip_shows_the_options_of_the_tool_in_hand_and_views_keep_their_size(tools, axial, tool):
    size = axial.size()
    tools.menus.tools[tool.key].trigger()
    QApplication.processEvents()
    strip = tools.tool_strip
    shown = {option for option, field in strip.fields.items() if not field.isHidden()}
    expected = set(tool.options) - ({"tension"} if tool.key == "curve3d" else set())
    assert shown == expected
    assert strip.hint.text == tool.hint.removesuffix(".")
    assert axial.size() == size
    assert set(tool.options) <= set(FIELDS)


def test_options_are_chosen_in_the_strip_and_typed(tools):
    tools.tools.choose("brush")
    fields = tools.tool_strip.fields
    QTest.mouseClick(fields["ball"].button(True), Qt.LeftButton)
    assert tools.tools.drawing.ball is tools.session.volume.grid
    box = fields["radius_mm"].box
    box.selectAll()
    QTest.keyClicks(box, "12.5")
    QTest.keyClick(box, Qt.Key_Return)
    assert tools.tools.drawing.radius_mm == 12.5
    assert tools.views.isAncestorOf(tools.focusWidget())  # the keys are the views' again
    tools.tools.active.step_radius(-1)
    assert box.value() == tools.tools.active.options.radius_mm < 12.5


def test_the_threshold_follows_the_window_until_it_is_typed_and_is_seen_as_a_tint(tools, axial):
    tools.session.set_window(100, 50)
    tools.tools.choose("threshold")
    assert (tools.tools.drawing.low, tools.tools.drawing.high) == (0, 100)
    fields = tools.tool_strip.fields
    fields["lower"].box.setValue(60)
    tools.session.set_window(400, 50)
    assert (tools.tools.drawing.low, tools.tools.drawing.high) == (60, 100)
    tools.tool_strip.from_window.click()
    assert (tools.tools.drawing.low, tools.tools.drawing.high) == (-150, 250)
    tools.tools.active.set_options(lower=60.0, upper=100.0)
    volume = tools.session.volume
    view = axial.plane
    values = {}
    for j, i in np.ndindex(volume.grid.shape[1:]):
        point = volume.grid.to_patient([i, j, view.slice_index])
        values.setdefault(bool(60 <= volume.value_at(point) <= 100), []).append(point)
    tools.tools.choose("threshold")
    with_tint = axial.grab().toImage()
    tools.tools.active.set_options(lower=5000.0, upper=6000.0)
    without = axial.grab().toImage()
    for inside, points in values.items():
        changed = 0
        sample = points[:: max(len(points) // 40, 1)]
        for point in sample:
            x, y = (int(value) for value in axial.scene.patient_to_display(point))
            changed += with_tint.pixelColor(x, y) != without.pixelColor(x, y)
        assert changed > 0.8 * len(sample) if inside else changed < 0.2 * len(sample)


@pytest.mark.parametrize("key", ["freehand", "brush", "points", "nudge", "cut", "threshold", "polygon"])
def test_a_locked_roi_is_left_alone_and_one_line_says_so(tools, mouse, key):
    tools.session.activate_roi(1)
    tools.session.lock_roi(1, locked=True)
    before = tools.session.structure_set
    tools.tools.choose(key)
    mouse.drag([(150, 100), (200, 120), (230, 200)])
    assert tools.session.structure_set is before
    assert not tools.tools.drawing.is_active
    assert "Box is locked" in tools.status.currentMessage()
    tools.session.lock_roi(1, locked=False)


def test_undo_leads_the_views_to_what_changed(tools, axial, mouse):
    tools.session.move_cursor([0.0, 0.0, Z[4]])
    tools.tools.choose("freehand")
    axial.plane  # noqa: B018  (brings the view to the cursor, as painting does)
    mouse.drag([(150, 100), (200, 120), (180, 160)])
    (contour,) = tools.session.structure_set.roi(tools.session.active_roi).contours
    tools.session.move_cursor([0.0, 0.0, Z[12]])
    tools.menus.undo.trigger()
    assert axial.plane.slice_index == 4
    tools.session.move_cursor([0.0, 0.0, Z[15]])
    tools.menus.redo.trigger()
    assert axial.plane.slice_index == 4
    assert contour.points_lps[0, 2] == pytest.approx(Z[4])


def test_the_tool_in_hand_works_on_the_roi_as_it_is_after_undo(tools):
    tools.session.activate_roi(1)
    tools.tools.choose("points")
    assert tools.tools.drawing.target is tools.session.structure_set.roi(1)
    tools.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    assert tools.tools.drawing.target is tools.session.structure_set.roi(1)
    tools.edits.undo()
    assert tools.tools.drawing.target is tools.session.structure_set.roi(1)
    tools.session.activate_roi(2)
    assert tools.tools.drawing.target.number == 2


def test_undo_while_something_is_held_lets_it_go(tools, axial, mouse):
    tools.session.activate_roi(1)
    tools.session.add_contour([[0, 0, Z[8]], [10, 0, Z[8]], [5, 8, Z[8]]], closed=True)
    tools.session.move_cursor([0, 0, Z[8]])
    tools.tools.choose("points")
    axial.plane  # noqa: B018
    x, y = axial.scene.patient_to_display([5.0, 8.0, Z[8]]) - 0.5
    mouse.press(x, y)
    mouse.move(x + 9, y, Qt.LeftButton)
    tools.edits.undo()
    after = tools.session.structure_set
    mouse.release(x + 9, y)
    assert tools.session.structure_set is after


def test_select_takes_contours_of_other_rois_and_makes_theirs_the_active_one(tools, axial, mouse):
    tools.session.move_cursor([0, 0, Z[8]])
    axial.plane  # noqa: B018
    tools.tools.choose("select")
    assert tools.session.active_roi is None
    x, y = axial.scene.patient_to_display([10.0, 3.0, Z[8]]) - 0.5
    mouse.click(x, y)
    assert tools.session.active_roi == 1
    (index,) = tools.tools.active.selection.indices(tools.session.structure_set.roi(1))
    assert tools.session.structure_set.roi(1).contours[index].points_lps[0, 2] == pytest.approx(Z[8])
    before = tools.session.structure_set
    mouse.key(Qt.Key_Escape)
    tools.menus.actions["Delete chosen contours"].trigger()
    assert tools.session.structure_set is before
    assert "No contour is chosen" in tools.status.currentMessage()


def test_what_a_contour_tool_has_nothing_to_work_on_is_said(tools, mouse):
    tools.tools.choose("nudge")
    mouse.drag([(100, 100), (150, 100)])
    assert "there is no ROI to change" in tools.status.currentMessage()


def test_a_contour_across_the_view_is_met_where_it_is_seen(tools):
    """The box's axial squares cross the sagittal view between their corners."""
    tools.session.move_cursor([2.0, 1.0, Z[8]])
    tools.session.activate_roi(1)
    view = tools.views.view("sagittal")
    view.plane  # noqa: B018
    tools.tools.choose("points")
    tools.tools.active.set_options(point_action="add")
    x, y = view.scene.patient_to_display([2.0, -8.0, Z[8]]) - 0.5
    Mouse(view).drag([(x, y), (x - 6, y)])
    changed = [one for one in tools.session.structure_set.roi(1).contours if len(one.points_lps) == 5]
    assert len(changed) == 1
    moved = 6 * view.scene.framing.mm_per_pixel
    place = np.array([tools.session.cursor_lps[0], -8.0 - moved, Z[8]])
    assert np.linalg.norm(changed[0].points_lps - place, axis=1).min() <= view.scene.framing.mm_per_pixel


def test_leaving_a_view_takes_the_brush_away_from_it(tools, axial, mouse):
    tools.tools.choose("brush")
    mouse.move(100, 100)
    count = len(axial.overlay().strokes)
    QApplication.sendEvent(axial, QEvent(QEvent.Leave))
    assert len(axial.overlay().strokes) == count - 2  # the rim and its ground
    QApplication.sendEvent(
        axial, QMouseEvent(QEvent.MouseMove, QPointF(120, 100), Qt.NoButton, Qt.NoButton, Qt.NoModifier)
    )
    assert len(axial.overlay().strokes) == count


def test_only_what_grew_is_painted(tools, axial, mouse, monkeypatch):
    """A long stroke costs no more than a short one: the part of the layer around its end is painted anew."""
    tools.tools.choose("freehand")
    tools.tools.active.set_options(closed=False)
    layer = axial._layer
    painted = []
    original = type(layer).paintEvent
    monkeypatch.setattr(
        type(layer), "paintEvent", lambda self, event: painted.append(event.rect()) or original(self, event)
    )
    mouse.press(30, 30)
    for x in range(40, 230, 5):
        mouse.move(x, 60 + x // 3, Qt.LeftButton)
        QApplication.processEvents()
    last = painted[-1]
    mouse.release(230, 130)
    assert last.width() <= 30
    assert last.height() <= 30
    assert len(painted) >= 30


def test_the_plane_of_a_press_is_that_of_its_view(tools, axial, mouse):
    tools.tools.choose("freehand")
    mouse.press(100, 100)
    assert isinstance(tools.tools.active._plane, Plane)
    assert tools.tools.active.tolerance_mm == pytest.approx((axial.plane.gap_mm / 2,) * 2)
    mouse.release(100, 100)


@pytest.mark.parametrize(("name", "said"), [("n" * 300, "too long"), ("", "is a folder")])
def test_a_name_that_no_file_can_have_is_told_and_nothing_is_lost(window, tmp_path, monkeypatch, name, said):
    errors = []
    window.edits.failed.connect(errors.append)
    monkeypatch.setattr(QFileDialog, "exec_", lambda _dialog: True)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _dialog: [str(tmp_path / name)])
    try:
        assert not window.edits.save_as()
    finally:
        window.edits.failed.disconnect(errors.append)
    assert said in str(errors[0])
    assert not list(tmp_path.iterdir())
