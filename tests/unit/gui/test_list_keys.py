"""Letters in lists: a tool after a click, a row where one goes by keys; Esc leads back to the views."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from tests.unit.gui.conftest import settle


@pytest.fixture
def window(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=5000)
    window.dock_area.bring_forward("rois")
    window.tools.choose("navigate")
    settle()
    return window


@pytest.fixture
def tree(window):
    return window.roi_panel.tree


def press(key):
    """What a person presses goes to what has the focus, by way of shortcuts."""
    QTest.keyClick(QApplication.focusWidget(), key)
    settle()


def click(tree, row):
    place = tree.visualItemRect(tree.topLevelItem(row)).center() + QPoint(40, 0)
    QTest.mouseClick(tree.viewport(), Qt.LeftButton, Qt.NoModifier, place)
    settle()


def test_after_a_click_on_an_roi_a_letter_chooses_the_tool(window, tree):
    click(tree, 0)
    assert tree.hasFocus()
    press(Qt.Key_B)
    assert window.tools.key == "brush"
    assert window.session.active_roi == 1


def test_who_went_to_the_list_by_keys_finds_rows_by_letters(window, tree):
    window.session.activate_roi(1)
    tree.setFocus(Qt.TabFocusReason)
    press(Qt.Key_M)
    assert window.session.active_roi == 2
    press(Qt.Key_1)
    assert window.tools.key == "navigate"
    assert window.session.window == (400.0, 40.0)


def test_arrow_keys_after_a_click_make_it_a_list_for_letters_until_the_next_click(window, tree):
    click(tree, 1)
    press(Qt.Key_Up)
    assert window.session.active_roi == 1
    press(Qt.Key_B)
    assert window.tools.key == "navigate"
    click(tree, 0)
    press(Qt.Key_B)
    assert window.tools.key == "brush"


def test_shortcuts_with_ctrl_and_alt_work_in_the_list_all_the_same(window, tree):
    window.session.activate_roi(1)
    tree.setFocus(Qt.TabFocusReason)
    press(Qt.Key_Down)
    QTest.keyClick(tree, Qt.Key_L, Qt.AltModifier)
    settle()
    assert window.session.locked_rois == {2}


def test_letters_are_written_in_the_filter(window):
    field = window.roi_panel.field
    field.setFocus(Qt.MouseFocusReason)
    press(Qt.Key_B)
    assert field.text() == "b"
    assert window.tools.key == "navigate"
    field.clear()


@pytest.mark.parametrize("panel", ["tree", "field"])
def test_esc_leads_back_to_the_view_that_was_active(window, panel):
    window.views.view("sagittal").setFocus()
    settle()
    getattr(window.roi_panel, panel).setFocus(Qt.TabFocusReason)
    press(Qt.Key_Escape)
    assert window.views.view("sagittal").hasFocus()
