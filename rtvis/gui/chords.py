"""Shortcuts of three strokes for whatever has none of its own: Ctrl+G, a letter for the menu, a letter for the entry.

Single keys and keys with Ctrl go to what is done all day; a hundred further ones nobody would learn. These can be read
off the menus, they are the same in every session, and what is used often is soon known by heart.
"""

from __future__ import annotations

from string import ascii_uppercase, digits
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qtpy.QtWidgets import QAction, QMenu, QMenuBar

PREFIX = "Ctrl+G"
WAITING = f"{PREFIX}, then two letters: menus tell them beside their entries"


class ChordHint(QObject):
    """Tells after the first stroke what is waited for; the stroke itself goes on to the shortcuts.

    Args:
        window: whose shortcuts have chords; the hint lives as long.
        say: shows a line for a few seconds.
    """

    def __init__(self, window: QObject, say: Callable[[str], None]) -> None:
        super().__init__(window)
        self._say = say
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt asks with a ShortcutOverride, from the focus up to the window, before a stroke becomes a shortcut's."""
        asked = isinstance(event, QKeyEvent) and event.type() == QEvent.ShortcutOverride
        if asked and QKeySequence(int(event.modifiers()) | event.key()) == QKeySequence(PREFIX):
            self._say(WAITING)
        return bool(super().eventFilter(watched, event))


def give_chords(bar: QMenuBar) -> None:
    """Give each entry of the menus that has no shortcut one of three strokes.

    Entries that come and go, such as recent studies, have none: theirs would be another one each time.

    Args:
        bar: of the window, all menus filled.
    """
    groups = [
        (menu.title(), entries)
        for menu in _menus_in(bar.actions())
        if (entries := [one for one in menu.actions() if _is_entry(one)])
    ]
    wanting = [(title, entries) for title, entries in groups if any(one.shortcut().isEmpty() for one in entries)]
    for (_, entries), group in zip(wanting, letters_of([title for title, _ in wanting]), strict=True):
        bare = [one for one in entries if one.shortcut().isEmpty()]
        for action, letter in zip(bare, letters_of([one.text() for one in bare]), strict=True):
            action.setShortcut(QKeySequence(f"{PREFIX}, {group}, {letter}"))


def letters_of(texts: Iterable[str]) -> list[str]:
    """A letter or digit for each text, all different: one in brackets, a first letter of a word, or any other of it.

    Raises:
        ValueError: for more texts than there are letters and digits.
    """
    taken: list[str] = []
    for text in texts:
        taken.append(next((one for one in _candidates(text) if one not in taken), ""))
        if not taken[-1]:
            raise ValueError(f"no letter is left for {text!r}")
    return taken


def _candidates(text: str) -> Iterator[str]:
    plain = text.replace("&", "").upper()
    words = plain.split()
    yield from (word[1] for word in words if len(word) == 3 and word[0] == "(" and word[2] == ")")
    marked = text.upper().partition("&")[2][:1]
    every = [marked, *(word[0] for word in words), *plain, *ascii_uppercase, *digits]
    yield from (one for one in every if one in ascii_uppercase + digits and one)


def _menus_in(actions: Iterable[QAction]) -> Iterator[QMenu]:
    for action in actions:
        menu = action.menu()
        if menu is not None:
            yield menu
            yield from _menus_in(menu.actions())


def _is_entry(action: QAction) -> bool:
    return not action.isSeparator() and action.menu() is None
