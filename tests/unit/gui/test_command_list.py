"""Ctrl-K finds every action."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from rtvis.gui.command_list import KEYS_ROLE, CommandList, commands_of
from rtvis.gui.command_words import ALSO_CALLED, in_a_terminal


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
    assert set(ALSO_CALLED) <= {one.name for one in commands_of(window.menuBar())} | set(window.menus.actions)


WORDS = """
hounsfield; hu; zoom in; zoom; rotate; measure; ruler; export; nifti; hide; anonymise; anonymize; undo; redo; save;
open; load; import; pan; scroll; next slice; window; level; contrast; brightness; lung window; bone; brain;
soft tissue; inverse; color; colour; fusion; blend; overlay; pet; suv; dose; isodose; dose wash; mpr; layout; single;
maximize; fullscreen; 3d; volume rendering; mesh; crop; clip; erase; brush; paint; pencil; polygon; bezier;
magic wand; region grow; threshold; interpolate; smooth; expand; margin; shrink; erode; ring; shell; union; merge;
boolean; xor; subtract; paste; duplicate; rename; new structure; ptv; couch; body; lock; visibility; solo; opacity;
transparency; line width; screenshot; snapshot; movie; clipboard; metadata; header; compare; sign; certificate; md5;
send; receive; audit; log; settings; font size; dark; manual; shortcuts; version; quit; center; crosshair; statistics;
histogram; distance; angle; pixel value; template; catheter; needle; nudge; push; move; split; recover; autosave;
cancel; problems; warnings; repair; link; mean; csv
"""


@pytest.mark.parametrize("phrase", [" ".join(one.split()) for one in WORDS.split(";")])
def test_what_a_planner_types_finds_something(window, phrase):
    commands = commands_of(window.menuBar())
    assert any(one.matches(phrase.split()) for one in commands) or in_a_terminal(phrase)


@pytest.mark.parametrize(
    ("phrase", "first"),
    [
        ("zoom", "Zoom in"),
        ("ruler", "Distance"),
        ("move", "Move "),
        ("undo", "Undo"),
        ("measure", "Distance"),
        ("grow", "Margin"),
    ],
)
def test_what_is_called_so_comes_before_what_only_is_in_a_menu_called_so(commands, phrase, first):
    QTest.keyClicks(commands.field, phrase)
    assert titles(commands)[0].split(" › ")[-1].startswith(first)


def test_what_only_commands_do_is_told_below_what_the_window_does(window, commands):
    QTest.keyClicks(commands.field, "export")
    *found, told = titles(commands)
    assert len(found) >= 3
    assert told.startswith("In a terminal: rtvis export")
    QTest.keyClicks(commands.field, " nifti")
    assert not commands.list.currentItem()
    QTest.keyClick(commands.field, Qt.Key_Return)
    assert commands.isVisible()


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
