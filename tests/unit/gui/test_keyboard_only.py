"""A day's work without a mouse, and every part of the window within reach of the keys."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QHeaderView,
    QScrollBar,
    QWidget,
)

from rtvis.gui.panel_keys import first_to_focus
from tests.unit.gui.conftest import ORIGIN, SPACING, settle

SHIFT, CTRL, ALT, NONE = Qt.ShiftModifier, Qt.ControlModifier, Qt.AltModifier, Qt.NoModifier


def press(*keys, held=NONE):
    """Keys go to what has the focus, by way of shortcuts, as a person's do."""
    for key in keys:
        QTest.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key, held)
        settle()


def write(text):
    QTest.keyClicks(QApplication.focusWidget(), text)


def activate(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=5000)
    settle()


def test_from_start_to_quit_without_a_mouse(empty_window, study, monkeypatch, tmp_path, qtbot):
    window, session = empty_window, empty_window.session
    activate(window, qtbot)
    monkeypatch.setattr("rtvis.app.opening.open_study", lambda *_, **__: study)
    monkeypatch.setattr("rtvis.gui.opening_actions.ask_folder", lambda *_: str(tmp_path))
    target = tmp_path / "RS.dcm"
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(target))

    press(Qt.Key_O, held=CTRL)
    qtbot.waitUntil(lambda: window.has_study and not window.tasks.running, timeout=20_000)
    assert window.views.view("axial").hasFocus()

    press(Qt.Key_Home, Qt.Key_Up, Qt.Key_Up, Qt.Key_Up)
    assert session.cursor_lps[2] == pytest.approx(ORIGIN[2] + 3 * SPACING[0])

    press(Qt.Key_L, held=CTRL | SHIFT)
    level = window.docks["levels"].widget()
    for name, number in (("Window", "300"), ("Level", "-50")):
        box = next(one for one in level.findChildren(QAbstractSpinBox) if one.accessibleName() == name)
        while not box.hasFocus():
            press(Qt.Key_Tab)
        box.selectAll()
        write(number)
        press(Qt.Key_Return)
    assert session.window == (300.0, -50.0)

    press(Qt.Key_F8)
    assert window.roi_panel.tree.hasFocus()
    press(Qt.Key_Home)
    press(Qt.Key_M)  # the marker
    assert session.active_roi == 2
    press(Qt.Key_Space)
    assert session.hidden_rois == {2}
    press(Qt.Key_Space)
    press(Qt.Key_H, held=CTRL)
    assert session.hidden_rois == {1}
    press(Qt.Key_H, held=CTRL | SHIFT)
    assert not session.hidden_rois
    press(Qt.Key_L, held=ALT)
    assert session.locked_rois == {2}
    press(Qt.Key_L, held=ALT)

    press(Qt.Key_Escape)
    assert window.views.view("axial").hasFocus()
    press(Qt.Key_T)  # point
    before = session.cursor_lps.copy()
    press(Qt.Key_Right, Qt.Key_Right, Qt.Key_Down, held=SHIFT)
    _, row, column = SPACING
    assert session.cursor_lps - before == pytest.approx([2 * column, row, 0.0], abs=1e-6)  # seen from the feet: L, P
    place = session.cursor_lps.copy()
    press(Qt.Key_Period)
    drawn = session.structure_set.roi(2).contours[-1]
    assert drawn.geometric_type == "POINT"
    assert drawn.points_lps[0] == pytest.approx(place, abs=1e-3)

    press(Qt.Key_I)  # straight line
    press(Qt.Key_Comma)
    press(Qt.Key_Left, held=ALT | SHIFT)
    press(Qt.Key_Comma)
    line = session.structure_set.roi(2).contours[-1]
    ends = line.points_lps[[0, -1]]
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(10 * column, abs=0.01)

    window.menus.actions["Distance"].trigger()
    press(Qt.Key_Period)
    press(Qt.Key_Up, held=SHIFT)
    press(Qt.Key_Period)
    assert session.measurements.count == 1

    press(Qt.Key_S, held=CTRL)
    qtbot.waitUntil(lambda: target.exists() and not window.tasks.running, timeout=20_000)
    assert not session.unsaved
    press(Qt.Key_Q, held=CTRL)
    assert not window.isVisible()


def test_f7_goes_through_all_panels_and_back(window, qtbot):
    activate(window, qtbot)
    window.views.view("axial").setFocus()
    settle()
    seen = []
    for _ in window.docks:
        press(Qt.Key_F7)
        seen += [key for key, dock in window.docks.items() if dock.isAncestorOf(QApplication.focusWidget())]
    assert seen == list(window.docks)
    press(Qt.Key_F7, held=SHIFT)
    assert window.docks[seen[-2]].isAncestorOf(QApplication.focusWidget())


def test_f10_opens_the_first_menu_and_escape_leads_back(window, qtbot):
    activate(window, qtbot)
    axial = window.views.view("axial")
    axial.setFocus()
    settle()
    before = window.session.cursor_lps.copy()
    press(Qt.Key_F10)
    opened = QApplication.activePopupWidget()
    assert opened is window.menus.menu("File")
    QTest.keyClick(opened, Qt.Key_Right)
    settle()
    assert QApplication.activePopupWidget() is window.menus.menu("Edit")
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key_Escape)
    press(Qt.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert axial.hasFocus()
    assert window.session.cursor_lps == pytest.approx(before)


def test_down_in_the_menu_bar_opens_a_menu_and_scrolls_nothing(window, qtbot):
    activate(window, qtbot)
    axial = window.views.view("axial")
    axial.setFocus()
    settle()
    before = window.session.cursor_lps.copy()
    QTest.keyClick(axial, Qt.Key_Alt)
    settle()
    assert window.menuBar().hasFocus()
    press(Qt.Key_Down)
    assert QApplication.activePopupWidget() is window.menus.menu("File")
    assert window.session.cursor_lps == pytest.approx(before)
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key_Escape)
    press(Qt.Key_Escape)
    assert axial.hasFocus()


def reached(panel):
    """What Tab goes through in a panel."""
    first, found = first_to_focus(panel), []
    one = first
    while one is not None and panel.isAncestorOf(one) and one not in found:
        if one.focusPolicy() & Qt.TabFocus and one.isEnabled() and one.isVisible():
            found.append(one)
        one = one.nextInFocusChain()
    return found


def test_tab_reaches_every_list_slider_and_number_of_every_panel(window, qtbot):
    activate(window, qtbot)
    for key, dock in window.docks.items():
        window.dock_area.bring_forward(key)
        settle()
        there = reached(dock.widget())
        for kind in (QAbstractItemView, QAbstractSlider, QAbstractSpinBox):
            for one in [dock.widget(), *dock.widget().findChildren(kind)]:
                if not isinstance(one, kind) or one.objectName().startswith("qt_") or not usable(one):
                    continue
                assert one in there, (key, one)


def usable(widget: QWidget) -> bool:
    """Whether it is there for people: shown, enabled, no scroll bar and no part of another."""
    return widget.isVisible() and widget.isEnabled() and not isinstance(widget, QHeaderView | QScrollBar)


def test_without_a_tool_that_draws_a_click_at_the_cursor_says_what_to_do(window, qtbot):
    activate(window, qtbot)
    window.views.view("axial").setFocus()
    press(Qt.Key_Period)
    assert "tool" in window.status.currentMessage()
    window.views.view("3d").setFocus()
    press(Qt.Key_Left, held=SHIFT)
    assert "F6" in window.status.currentMessage()


def test_a_locked_roi_refuses_keys_as_it_does_the_mouse(window, qtbot):
    activate(window, qtbot)
    window.session.activate_roi(2)
    window.session.lock_roi(2, locked=True)
    window.views.view("axial").setFocus()
    press(Qt.Key_T, Qt.Key_Period)
    assert len(window.session.structure_set.roi(2).contours) == 1
    window.session.lock_roi(2, locked=False)
