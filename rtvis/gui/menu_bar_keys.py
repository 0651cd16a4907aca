"""The menu bar by keys: F10 opens the first menu, and arrows are the bar's while it has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent

from rtvis.gui.feature import Feature

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus

MOVES = frozenset({Qt.Key_Up, Qt.Key_Down, Qt.Key_Left, Qt.Key_Right, Qt.Key_Home, Qt.Key_End})


class MenuBarKeys(Feature):
    """Alt and the letter under a menu's line, or Alt alone, are Qt's own; this adds what it leaves out.

    The keys that scroll slices are shortcuts of entries in the menus, for the menus to show them. Qt takes a menu bar
    for the place of those entries, and so scrolled where one wanted a menu to open.
    """

    def fill(self, menus: Menus) -> None:
        """Into View > Panels, beside the keys that lead elsewhere."""
        menus.add(menus.panels, "Menu bar", self.open, "F10")
        self.window.menuBar().installEventFilter(self)

    def open(self) -> None:
        """Open the first menu; arrows go through it and on to the others, Esc back to where one was."""
        bar = self.window.menuBar()
        bar.setActiveAction(bar.actions()[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt asks with a ShortcutOverride before a key becomes a shortcut's."""
        if event.type() == QEvent.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in MOVES:
            event.accept()
            return True
        return bool(super().eventFilter(watched, event))
