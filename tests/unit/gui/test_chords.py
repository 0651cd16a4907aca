"""Shortcuts of three strokes: every entry has one, they do what entries do, and they stay the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.gui.chords import letters_of


def entries(actions):
    for action in actions:
        if action.menu() is not None:
            yield from entries(action.menu().actions())
        elif not action.isSeparator():
            yield action


def strike(window, keys):
    QApplication.setActiveWindow(window)
    window.views.view("axial").setFocus()
    for key, modifier in keys:
        QTest.keyClick(window.views.view("axial"), key, modifier)


def test_every_entry_of_the_menus_has_a_shortcut_of_its_own(window):
    keys = [one.shortcut().toString() for one in entries(window.menuBar().actions())]
    assert all(keys)
    assert len(keys) == len(set(keys)) > 200


def test_three_strokes_do_what_the_entry_does(window):
    shown, tool = window.session.color_map, window.tools.key
    strike(window, [(Qt.Key_G, Qt.ControlModifier), (Qt.Key_C, Qt.NoModifier), (Qt.Key_H, Qt.NoModifier)])
    try:
        assert window.session.color_map.title == "Hot iron"
        assert window.tools.key == tool, "C alone would have chosen a tool"
    finally:
        window.session.set_color_map(shown)


def test_the_first_stroke_says_what_is_waited_for(window):
    strike(window, [(Qt.Key_G, Qt.ControlModifier)])
    try:
        assert "two letters" in window.status.currentMessage()
    finally:
        strike(window, [(Qt.Key_Escape, Qt.NoModifier)])


def test_a_letter_that_goes_on_with_nothing_is_no_longer_waited_for(window):
    strike(window, [(Qt.Key_G, Qt.ControlModifier), (Qt.Key_9, Qt.NoModifier), (Qt.Key_B, Qt.NoModifier)])
    try:
        assert window.tools.key == "brush"
    finally:
        window.tools.choose("navigate")


@pytest.mark.parametrize(
    ("texts", "letters"),
    [
        (["Grey", "Hot iron", "Hot metal blue"], ["G", "H", "M"]),
        (["From front (A)", "From back (P)"], ["A", "P"]),
        (["&Open", "S&ave", "Save"], ["O", "A", "S"]),
        (["A", "A", "A"], ["A", "B", "C"]),
    ],
)
def test_letters_are_those_that_one_would_guess(texts, letters):
    assert letters_of(texts) == letters


@given(st.lists(st.text(max_size=12), max_size=36))
def test_letters_are_all_different_whatever_the_texts(texts):
    letters = letters_of(texts)
    assert len(set(letters)) == len(texts)
    assert all(one.isascii() and len(one) == 1 and (one.isalpha() or one.isdigit()) for one in letters)


def test_more_entries_than_letters_are_refused():
    with pytest.raises(ValueError, match="no letter is left"):
        letters_of(["one"] * 37)
