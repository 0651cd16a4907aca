"""On the smallest screen that hospitals still have, 1366 x 768, nothing that is needed is cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QCheckBox, QTabBar

from rtvis.app.tools_catalogue import MEASURES, TOOLS
from rtvis.gui.theme import DARK, LIGHT
from rtvis.gui.tool_bar import LEAST_PX, MOST_PX, button_side
from rtvis.model.study import Study
from tests.unit.gui.conftest import settle

SMALL = (1366, 768)
BARS_PX = 70
"""What a desktop's panel and a title bar take of the screen's height."""


@pytest.fixture
def small(own_window):
    own_window.setGeometry(0, 0, *SMALL)
    settle()
    own_window.dock_area.share()
    settle()
    return own_window


def inside(widget, outer):
    corner = widget.mapTo(outer, QPoint(0, 0))
    room = outer.rect()
    return room.contains(corner) and room.contains(corner + QPoint(widget.width() - 1, widget.height() - 1))


@pytest.mark.parametrize("height", [SMALL[1], SMALL[1] - BARS_PX])
def test_every_tool_has_a_whole_button(small, height):
    small.resize(SMALL[0], height)
    settle()
    assert small.height() == height
    assert len(small.menus.tool_bar.buttons) == len(TOOLS)
    for button in small.menus.tool_bar.buttons:
        assert button.isVisible()
        assert inside(button, small.menus.tool_bar), button.text()
        assert button.iconSize().width() + 8 <= button.width()


@pytest.mark.parametrize(("height", "side"), [(100, LEAST_PX), (710, 33), (5000, MOST_PX)])
def test_buttons_are_as_large_as_there_is_room(height, side):
    assert button_side(height, buttons=19, lines=3) == side


def test_every_panel_has_a_tab_that_can_be_read_without_scrolling(small):
    small.docks["problems"].setWindowTitle("Report (12)")
    settle()
    bars = [bar for bar in small.findChildren(QTabBar) if bar.isVisible() and bar.parent() is small]
    assert sorted(bar.tabText(n) for bar in bars for n in range(bar.count())) == sorted(
        dock.windowTitle() for dock in small.docks.values()
    )
    for bar in bars:
        assert bar.width() <= SMALL[0] / 4
        assert bar.tabRect(bar.count() - 1).right() < bar.width()


def test_views_and_lists_keep_their_share(small):
    assert small.views.width() >= 960
    assert small.views.height() >= 620
    assert small.roi_panel.tree.height() >= 200
    small.session.activate_roi(1)
    settle()
    assert small.roi_panel.tree.height() >= 120
    assert inside(small.roi_panel.details, small)


@pytest.mark.parametrize("key", [one.key for one in (*TOOLS, *MEASURES)])
def test_every_option_of_a_tool_is_whole(small, key):
    small.tools.choose(key)
    settle()
    strip = small.tool_strip
    for option, field in strip.fields.items():
        if field.isVisible():
            assert inside(field, strip), option
            assert field.width() >= field.sizeHint().width(), option
    small.tools.choose("navigate")


def test_every_menu_fits_the_screen(small):
    menus = [action.menu() for action in small.menuBar().actions()]
    menus += [action.menu() for menu in menus for action in menu.actions() if action.menu() is not None]
    for menu in menus:
        menu.aboutToShow.emit()
        assert menu.sizeHint().height() <= SMALL[1] - BARS_PX, menu.title()
    assert max(len(menu.actions()) for menu in menus) <= 24


def test_the_status_bar_says_all_it_has_to(small):
    small.session.activate_roi(1)
    small.status.show_pointer(small.session.cursor_lps)
    settle()
    labels = (small.status.value, small.status.position, small.status.window, small.status.tool, small.status.integrity)
    for label in labels:
        assert label.width() >= label.sizeHint().width(), label.text()


def test_a_name_can_be_typed_though_another_panel_was_in_front(small):
    small.dock_area.bring_forward("levels")
    settle()
    assert small.roi_panel.visibleRegion().isEmpty()
    small.menus.actions["New ROI"].trigger()
    settle()
    assert not small.roi_panel.visibleRegion().isEmpty()
    assert small.roi_panel.tree.state() == small.roi_panel.tree.EditingState


def test_space_presses_what_has_the_focus_and_maximises_only_from_a_view(small, qtbot):
    small.activateWindow()
    qtbot.waitUntil(small.isActiveWindow)
    small.dock_area.bring_forward("3d")
    settle()
    box = next(one for one in small.docks["3d"].findChildren(QCheckBox) if one.isVisible())
    before = box.isChecked()
    box.setFocus()
    QTest.keyClick(box, Qt.Key_Space)
    assert box.isChecked() is not before
    assert small.views.maximised_view is None
    QTest.keyClick(box, Qt.Key_Space)
    coronal = small.views.view("coronal")
    coronal.setFocus()
    QTest.keyClick(coronal, Qt.Key_Space)
    assert small.views.maximised_view == "coronal"


def test_options_of_a_tool_are_reached_by_tab_and_left_by_escape(small):
    small.tools.choose("spline")
    settle()
    strip = small.tool_strip
    closed, opened = (strip.fields["closed"].button(value) for value in (True, False))
    assert closed.isChecked()
    closed.setFocus(Qt.TabFocusReason)
    reached = {closed}
    for _ in range(12):
        strip.focusNextChild()
        reached.add(small.focusWidget())
    assert opened in reached
    assert strip.fields["tension"].box in reached
    opened.setFocus(Qt.TabFocusReason)
    QTest.keyClick(opened, Qt.Key_Space)
    assert opened.isChecked()
    QTest.keyClick(opened, Qt.Key_Escape)
    assert small.views.isAncestorOf(small.focusWidget())
    QTest.mouseClick(closed, Qt.LeftButton)
    assert closed.isChecked()
    assert small.views.isAncestorOf(small.focusWidget())  # a click leaves the keys with the views
    small.tools.choose("navigate")


def test_every_button_of_panels_and_tools_has_words_for_it(small):
    for button in small.findChildren(QAbstractButton):
        if button.isVisible() and button.focusPolicy() != Qt.NoFocus:
            assert button.text() or button.toolTip() or button.accessibleName(), button


def test_figures_stay_in_sight_beside_the_longest_names(small, study):
    (volume,) = study.volumes
    patient = replace(volume.patient, name="Wolfeschlegelsteinhausen^Hubert Blaine", patient_id="0123456789ABCDEF" * 3)
    volume = replace(volume, patient=patient, description="Thorax with contrast, venous phase " * 2)
    named = replace(study.structure_sets[0], volume=volume, patient=patient, label="A label that is far too long")
    rois = (
        replace(named.rois[0], name="Organ_at_risk_with_a_name_of_the_largest_length_that_there_may_be"),
        named.rois[1],
    )
    small.show_study(Study(volumes=(volume,), structure_sets=(replace(named, rois=rois),)))
    small.session.activate_roi(1)
    settle()
    tree = small.study_tree
    assert tree.horizontalScrollBar().maximum() == 0
    for item in tree.findItems("image", Qt.MatchContains | Qt.MatchRecursive, 1):
        assert tree.viewport().rect().contains(tree.visualItemRect(item).center())
    title = small.roi_panel.details.title
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()
    assert "…" in title.text()
    assert title.toolTip() == rois[0].name
    assert small.width() == SMALL[0]


def test_empty_panels_say_what_will_be_there_and_buttons_wait_for_it(empty_window, study):
    panel = empty_window.roi_panel
    assert empty_window.study_tree.hint
    assert not any(one.isEnabled() for one in (panel.add, panel.show_all, panel.delete))
    empty_window.show_study(Study(volumes=study.volumes))
    assert [one.isEnabled() for one in (panel.add, panel.show_all, panel.delete)] == [True, False, False]
    assert panel.tree.hint
    empty_window.show_study(study)
    assert all(one.isEnabled() for one in (panel.add, panel.show_all, panel.delete))


def _luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_words_and_boxes_stand_out_as_wcag_aa_asks(theme):
    for words in ("text", "strong", "muted", "accent", "warn", "bad"):
        for ground in ("window", "panel", "alternate", "raised"):
            assert _contrast(getattr(theme, words), getattr(theme, ground)) >= 4.5, (words, ground)
    for words in ("text", "strong"):
        assert _contrast(getattr(theme, words), theme.accent_dim) >= 4.5, words
    for shape in ("box", "accent"):
        assert _contrast(getattr(theme, shape), theme.window) >= 3.0, shape
