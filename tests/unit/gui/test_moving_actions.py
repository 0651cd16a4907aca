"""View > Slices and zoom: in menus and in Ctrl-K what wheel and keys do."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.gui.command_list import commands_of
from rtvis.gui.moving_actions import NO_VIEW, ZOOM_PER_KEY
from tests.unit.gui.conftest import ORIGIN, SPACING, settle


def choose(window, name):
    window.menus.actions[name].trigger()
    settle()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Next slice", 5),
        ("Previous slice", 3),
        ("Ten slices on", 14),
        ("Ten slices back", 0),
        ("First slice", 0),
        ("Last slice", 19),
    ],
)
def test_entries_scroll_the_active_view(window, axial, name, expected):
    axial.setFocus()
    axial.go_to_slice(4)
    choose(window, name)
    assert window.session.cursor_lps[2] == pytest.approx(ORIGIN[2] + expected * SPACING[0])


def test_another_view_scrolls_along_its_own_axis(window):
    coronal = window.views.view("coronal")
    coronal.setFocus()
    before = window.session.cursor_lps.copy()
    choose(window, "Next slice")
    assert window.session.cursor_lps - before == pytest.approx([0.0, -SPACING[1], 0.0])  # forward is anterior


def test_keys_of_the_menu_leave_keys_of_views_and_lists_alone(window, axial, qtbot):
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=5000)
    axial.setFocus()
    axial.go_to_slice(4)
    QTest.keyClick(axial, Qt.Key_Up)  # once, not by the view and by the menu
    assert axial.plane.slice_index == 5
    window.roi_panel.tree.setFocus()
    QTest.keyClick(window.roi_panel.tree, Qt.Key_Down)
    assert axial.plane.slice_index == 5


def test_zoom_keeps_the_cursor_where_it_is(window, axial):
    axial.setFocus()
    window.session.move_cursor([-20.0, 4.0, -10.0])
    settle()
    place, scale = axial.scene.patient_to_display(window.session.cursor_lps), axial.scene.framing.mm_per_pixel
    choose(window, "Zoom in")
    assert axial.scene.framing.mm_per_pixel == pytest.approx(scale / ZOOM_PER_KEY)
    assert axial.scene.patient_to_display(window.session.cursor_lps) == pytest.approx(place, abs=1e-9)
    choose(window, "Zoom out")
    assert axial.scene.framing.mm_per_pixel == pytest.approx(scale)


def test_zoom_about_the_middle_where_the_cursor_is_not_seen(window, axial):
    axial.setFocus()
    axial.pan_by(5000, 0)
    middle = axial.scene.framing.display_to_patient(axial.width() / 2, axial.height() / 2)
    choose(window, "Zoom in")
    assert axial.scene.framing.display_to_patient(axial.width() / 2, axial.height() / 2) == pytest.approx(
        middle, abs=1e-9
    )
    axial.fit()


def test_3d_zooms_and_has_no_slices(window):
    view = window.views.view("3d")
    view.setFocus()
    cursor, camera = window.session.cursor_lps.copy(), view.scene.camera.copied()
    choose(window, "Zoom in")
    choose(window, "Zoom in")
    assert view.scene.camera.copied().GetDistance() == pytest.approx(camera.GetDistance() / ZOOM_PER_KEY**2)
    choose(window, "Next slice")
    assert window.session.cursor_lps == pytest.approx(cursor)
    assert window.status.currentMessage() == NO_VIEW


@pytest.mark.parametrize(
    "words", ["next slice", "scroll", "zoom", "solo", "dark mode", "fusion", "screenshot", "tg263"]
)
def test_words_that_people_know_find_something(window, words):
    assert [one for one in commands_of(window.menuBar()) if one.matches(words.split())]
