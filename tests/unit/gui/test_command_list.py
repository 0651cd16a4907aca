"""Ctrl-K finds every action."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from rtvis.gui.command_list import ALSO_CALLED, KEYS_ROLE, CommandList, commands_of


@pytest.fixture
def commands(window, qtbot):
    window.menus.actions["Commands"].trigger()
    [dialog] = window.findChildren(CommandList)
    yield dialog
    dialog.reject()
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(CommandList))


def titles(dialog):
    items = [dialog.list.item(row) for row in range(dialog.list.count())]
    return [f"{item.text()}    {item.data(KEYS_ROLE)}".rstrip() for item in items]


def test_every_action_is_in_the_list(window, commands):
    listed = {one.action for one in commands_of(window.menuBar())}
    hidden = {action for action in window.menus.actions.values() if not action.isVisible()}
    assert set(window.menus.actions.values()) <= listed | hidden
    assert any(title.startswith("View › Layout › Four views") for title in titles(commands))


def test_words_in_any_order_find_and_enter_does_it(window, commands):
    QTest.keyClicks(commands.field, "alone coro")
    assert titles(commands) == ["View › Layout › Coronal alone    Alt+2"]
    QTest.keyClick(commands.field, Qt.Key_Return)
    assert not commands.isVisible()
    assert window.views.maximised_view == "coronal"


def test_arrows_choose_while_one_types(window, commands):
    QTest.keyClicks(commands.field, "alone")
    QTest.keyClick(commands.field, Qt.Key_Down)
    QTest.keyClick(commands.field, Qt.Key_Down)
    QTest.keyClick(commands.field, Qt.Key_Return)
    assert window.views.maximised_view == "sagittal"


def test_what_cannot_be_done_now_is_listed_and_not_done(window, commands):
    QTest.keyClicks(commands.field, "delete roi")
    assert titles(commands)[:2] == [
        "ROI › Delete ROI    Ctrl+G, I, D",
        "Contour › Delete last contour of ROI    Ctrl+Backspace",
    ]
    before = window.session.structure_set
    QTest.keyClick(commands.field, Qt.Key_Return)
    assert window.session.structure_set is before
    assert commands.isVisible()
    QTest.keyClick(commands.field, Qt.Key_Escape)
    assert not commands.isVisible()


@pytest.mark.parametrize(("words", "found"), [("non-planar", "3D curve"), ("contrast", "Window/level")])
def test_what_others_call_it_finds_it_too(commands, words, found):
    QTest.keyClicks(commands.field, words)
    assert any(found in title for title in titles(commands))


def test_other_names_are_of_commands_that_are_there(window):
    assert set(ALSO_CALLED) <= set(window.menus.actions)


def test_words_that_find_nothing_are_answered(window, commands):
    QTest.keyClicks(commands.field, "xyzzy")
    assert titles(commands) == ["No command is called this: try fewer letters, or another word"]
    QTest.keyClick(commands.field, Qt.Key_Return)
    commands.list.itemActivated.emit(commands.list.item(0))
    assert commands.isVisible()


def test_what_only_tells_something_is_no_command(window, monkeypatch):
    monkeypatch.setattr("rtvis.gui.start_page.recent_paths", list)
    assert not [one.title for one in commands_of(window.menuBar()) if "Nothing yet" in one.title]
    assert [action.text() for action in window.menus.recent.actions()] == ["Nothing yet"]
