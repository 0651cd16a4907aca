"""The ROI list with its sizes, locks and details, driven by mouse and keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from qtpy.QtCore import QEvent, QLocale, QMimeData, QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QDropEvent, QKeyEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialog, QLineEdit, QStyle, QStyleOptionFrame

from rtvis.gui.question_dialog import QuestionDialog
from rtvis.gui.roi_actions import RoiActions
from rtvis.gui.roi_tree import LOCK, NAME, SIZE, TYPE
from tests.unit.gui.conftest import settle


@pytest.fixture
def panel(window, qtbot):
    settle()
    found = window.roi_panel
    found.field.clear()
    for number in (1, 2):
        window.session.lock_roi(number, locked=False)
    rois = window.session.structure_set.rois
    qtbot.waitUntil(lambda: all(found.sizes.of(one) is not None for one in rois), timeout=5_000)
    return found


@pytest.fixture
def told(window, panel):
    errors = []
    panel.failed.disconnect()
    panel.failed.connect(errors.append)
    yield errors
    panel.failed.disconnect()
    panel.failed.connect(window.show_error)


def row(panel, number):
    return panel.tree.topLevelItem(number)


def names(panel) -> list[str]:
    return [row(panel, n).text(NAME) for n in range(panel.tree.topLevelItemCount())]


def click(panel, number, column=NAME, modifiers=Qt.NoModifier) -> None:
    tree = panel.tree
    rect = tree.visualRect(tree.model().index(number, column))
    QTest.mouseClick(tree.viewport(), Qt.LeftButton, modifiers, rect.center())


def drawn(panel, number):
    index = panel.tree.model().index(number, NAME)
    return panel.tree.itemDelegateForColumn(NAME).displayText(index.data(), QLocale())


def test_an_roi_without_a_name_is_seen_to_have_none(panel, window):
    """A blank row looks like a fault of the list; what is typed to name it begins empty all the same."""
    current = window.session.structure_set
    window.session.apply("Take the name away", current.with_roi(replace(current.roi(1), name="  ")))
    settle()
    assert drawn(panel, 0) == "(no name)"
    assert names(panel)[0] == "  "
    assert row(panel, 0).toolTip(NAME).find("(no name)") >= 0
    assert drawn(panel, 1) == "Marker"
    window.session.undo()


def test_each_row_tells_type_and_size(panel):
    assert [row(panel, 0).text(column) for column in (NAME, TYPE, SIZE)] == ["Box", "Organ", "6.72 cc"]
    assert [row(panel, 1).text(column) for column in (NAME, TYPE, SIZE)] == ["Marker", "", "1 point"]
    assert "closed: 7" in row(panel, 0).toolTip(SIZE)


def test_sizes_follow_edits_and_undo(window, panel, qtbot):
    window.session.activate_roi(2)
    window.session.add_contour([[0, 0, -10], [30, 40, -10]], closed=False)
    qtbot.waitUntil(lambda: row(panel, 1).text(SIZE) == "50 mm", timeout=5_000)
    kept = panel.sizes.of(window.session.structure_set.roi(1))
    assert kept is not None
    window.edits.undo()
    qtbot.waitUntil(lambda: row(panel, 1).text(SIZE) == "1 point", timeout=5_000)
    assert panel.sizes.of(window.session.structure_set.roi(1)) is kept


def test_details_tell_of_the_chosen_roi_and_change_its_type(window, panel, qtbot):
    assert not panel.details.isVisible()
    click(panel, 0)
    assert panel.details.isVisible()
    values = {name: label.text() for name, label in panel.details.values.items()}
    assert values["Number"] == "1"
    assert values["Size"] == "6.72 cc"
    assert values["Extent"] == "20.0 x 16.0 x 21.0 mm"
    assert values["Contours"] == "7 closed; 28 points"
    choice = panel.details.type_choice
    assert choice.currentText() == "Organ"
    choice.setFocus()
    QTest.keyClicks(choice, "avoid")
    choice.activated.emit(choice.currentIndex())
    assert window.session.structure_set.roi(1).interpreted_type == "AVOIDANCE"
    assert row(panel, 0).text(TYPE) == "Avoidance"
    assert window.menus.actions["Type AVOIDANCE"].isChecked()


def test_a_click_on_the_lock_locks_and_edits_are_refused_in_one_line(window, panel, told):
    click(panel, 1)
    click(panel, 0, LOCK)
    assert window.session.active_roi == 2
    assert window.session.locked_rois == {1}
    row(panel, 0).setText(NAME, "Other")
    assert [str(one.what) for one in told] == ["Box is locked"]
    assert names(panel) == ["Box", "Marker"]
    click(panel, 0)
    QTest.keyClick(panel.tree, Qt.Key_Delete)
    assert len(told) == 2
    assert not panel.details.type_choice.isEnabled()
    window.menus.actions["Lock or unlock ROI"].trigger()
    assert window.session.locked_rois == frozenset()
    QTest.keyClick(panel.tree, Qt.Key_Delete)
    assert names(panel) == ["Marker"]


def test_several_are_chosen_hidden_and_deleted_as_one_step(window, panel):
    before = window.session.structure_set
    click(panel, 0)
    click(panel, 1, modifiers=Qt.ControlModifier)
    assert panel.chosen_numbers == (1, 2)
    assert window.session.active_roi == 2
    window.menus.actions["Show or hide chosen ROIs"].trigger()
    assert window.session.hidden_rois == {1, 2}
    assert panel.chosen_numbers == (1, 2)
    row(panel, 0).setCheckState(NAME, Qt.Checked)
    assert window.session.hidden_rois == frozenset()
    QTest.keyClick(panel.tree, Qt.Key_Delete)
    assert names(panel) == []
    assert window.menus.undo.text() == "Undo Delete 2 ROIs"
    window.edits.undo()
    assert window.session.structure_set is before


def test_order_by_keys_and_by_dragging(window, panel):
    click(panel, 1)
    window.menus.actions["Move ROI up in the list"].trigger()
    assert names(panel) == ["Marker", "Box"]
    assert window.session.active_roi == 2
    window.menus.actions["Move ROI down in the list"].trigger()
    assert names(panel) == ["Box", "Marker"]
    click(panel, 0)
    low = panel.tree.visualItemRect(row(panel, 1)).bottomLeft() + QPoint(30, -1)
    drop = QDropEvent(QPointF(low), Qt.MoveAction, QMimeData(), Qt.LeftButton, Qt.NoModifier)
    panel.tree.dropEvent(drop)  # Qt delivers drops only of drags that the pointer began
    assert names(panel) == ["Marker", "Box"]
    assert window.menus.undo.text() == "Undo Move Box in the list"


def answer(monkeypatch, act):
    """Have a person answer the next question."""

    def asked(dialog):
        QTimer.singleShot(0, lambda: act(dialog))
        return QDialog.exec_(dialog)

    monkeypatch.setattr(QuestionDialog, "exec_", asked)


def test_duplicate_number_and_the_menu_over_the_list(window, panel, monkeypatch):
    click(panel, 0)
    window.menus.actions["Duplicate ROI"].trigger()
    assert names(panel) == ["Box", "Box copy 1", "Marker"]
    answer(monkeypatch, lambda dialog: dialog.reject())
    window.menus.actions["Number of ROI"].trigger()
    assert [one.number for one in window.session.structure_set.rois] == [1, 3, 2]
    answer(
        monkeypatch, lambda dialog: (QTest.keyClicks(dialog.field, "12"), QTest.keyClick(dialog.field, Qt.Key_Return))
    )
    window.menus.actions["Number of ROI"].trigger()
    assert [one.number for one in window.session.structure_set.rois] == [1, 12, 2]
    assert window.session.active_roi == 12
    found = next(one for one in window.features if isinstance(one, RoiActions))
    panel.tree.customContextMenuRequested.emit(QPoint(5, 5))
    texts = [one.text() for one in found.menu.actions()]
    assert "Delete ROI" in texts
    assert "T&ype of ROI" in texts
    found.menu.close()


def test_the_filter_finds_names_and_types_and_what_it_hides_is_not_deleted(window, panel):
    panel.tree.selectAll()
    panel.field.setText("organ")
    assert [row(panel, n).isHidden() for n in range(2)] == [False, True]
    panel.delete_chosen()
    panel.field.clear()
    assert names(panel) == ["Marker"]


def test_the_list_is_reached_and_walked_by_keys(window, panel):
    click(panel, 0)
    QTest.keyClick(panel.tree, Qt.Key_Down)
    assert window.session.active_roi == 2
    QTest.keyClick(panel.tree, Qt.Key_Space)
    assert window.session.hidden_rois == {2}


@pytest.mark.parametrize(("key", "own"), [(Qt.Key_Delete, True), (Qt.Key_Space, True), (Qt.Key_F11, False)])
def test_delete_and_space_are_the_lists_while_it_has_the_focus(panel, key, own):
    """Both are shortcuts of the window, too: Del deletes chosen contours, Space maximises a view."""
    event = QKeyEvent(QEvent.ShortcutOverride, key, Qt.NoModifier)
    event.ignore()
    QApplication.sendEvent(panel.tree, event)
    assert event.isAccepted() == own


def test_renaming_shows_the_roi_where_the_filter_hid_it(own_window):
    panel = own_window.roi_panel
    own_window.session.activate_roi(1)
    panel.field.setText("marker")
    own_window.menus.actions["Rename ROI"].trigger()
    settle()
    assert panel.field.text() == ""
    editor = panel.tree.viewport().findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "Box"


def test_what_is_typed_into_a_row_is_seen_in_its_whole_height(own_window):
    own_window.session.activate_roi(1)
    own_window.menus.actions["Rename ROI"].trigger()
    settle()
    editor = own_window.roi_panel.tree.viewport().findChild(QLineEdit)
    option = QStyleOptionFrame()
    option.initFrom(editor)
    room = editor.style().subElementRect(QStyle.SE_LineEditContents, option, editor)
    assert room.height() >= editor.fontMetrics().height()


def test_the_active_roi_stays_in_sight_where_its_details_take_room_from_the_list(window, panel, qtbot):
    session = window.session
    current = session.structure_set
    many = tuple(replace(current.roi(1), number=number, name=f"ROI {number}") for number in range(10, 60))
    session.apply("Add ROIs", replace(current, rois=(*current.rois, *many)))
    session.activate_roi(None)
    settle()
    session.activate_roi(59)
    settle()
    last = panel.tree.topLevelItem(panel.tree.topLevelItemCount() - 1)
    assert last.text(NAME) == "ROI 59"
    assert panel.tree.viewport().rect().contains(panel.tree.visualItemRect(last).center())
    assert panel.details.isVisible()


def test_a_name_that_is_sure_gives_a_type_and_the_status_bar_tells_it(own_window):
    window = own_window
    roi = window.session.add_roi("ROI 9")
    item = next(one for one in map(window.roi_panel.tree.topLevelItem, range(99)) if one and one.text(NAME) == "ROI 9")
    item.setText(NAME, "PTV test")
    assert window.session.structure_set.roi(roi.number).interpreted_type == "PTV"
    assert item.text(TYPE) == "PTV"
    assert "PTV test has the type PTV by its name" in window.status.currentMessage()
    window.session.undo()
    assert window.session.structure_set.roi(roi.number) == roi
