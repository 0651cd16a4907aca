"""Keys beside a menu's entries are there, and quieter than the words."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QRect
from qtpy.QtGui import QColor

from rtvis.gui.quiet_menu import QuietMenu
from rtvis.gui.theme import MENU_RIGHT_PX, apply_theme, colors
from tests.unit.gui.test_theme import contrast


@pytest.fixture(params=["dark", "light"])
def menu(request, qapp):
    apply_theme(qapp, request.param)
    made = QuietMenu("Entries")
    made.addAction("HHHH HHHH").setShortcut("Ctrl+H")
    made.addAction("HHHH HHHH")
    made.addMenu("Inner").addAction("One more").setShortcut("Ctrl+Shift+H")
    yield made
    made.deleteLater()
    apply_theme(qapp, "dark")


def ink(menu, room):
    """Contrast of the strongest pixel in a part of the menu with what it stands on."""
    picture = menu.grab(room).toImage()
    pixels = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    return max(contrast(QColor(pixel), colors().raised) for pixel in pixels)


def columns(menu, row):
    """Where the words and the keys of an entry stand."""
    menu.ensurePolished()
    menu.resize(menu.sizeHint())
    room = menu.actionGeometry(menu.actions()[row])
    keys = menu.fontMetrics().horizontalAdvance("Ctrl+H")
    left = room.right() - MENU_RIGHT_PX - keys
    return QRect(room.left(), room.top(), left - room.left(), room.height()), QRect(
        left, room.top(), room.right() - left, room.height()
    )


def test_keys_are_seen_and_quieter_than_the_words(menu):
    words, keys = columns(menu, 0)
    assert ink(menu, words) > contrast(colors().muted, colors().raised) + 1.0
    assert 3.0 < ink(menu, keys) <= contrast(colors().muted, colors().raised) + 0.1


def test_an_entry_without_keys_has_nothing_there(menu):
    words, keys = columns(menu, 1)
    assert ink(menu, words) > 4.5
    assert ink(menu, keys) == pytest.approx(1.0, abs=0.01)


def test_menus_within_are_quiet_too(menu):
    assert isinstance(menu.actions()[2].menu(), QuietMenu)


def test_every_menu_of_the_window_is_quiet(window):
    waiting = [action.menu() for action in window.menuBar().actions()]
    while waiting:
        one = waiting.pop()
        assert isinstance(one, QuietMenu), one.title()
        waiting += [action.menu() for action in one.actions() if action.menu() is not None]
