"""Letters and digits in lists and choices: they choose a tool, or find a row, as one expects of either.

Who clicks an ROI and presses B wants the brush; who goes through the list with the keyboard and presses B wants the
bladder. So a list that was reached by Tab, or moved in by the arrow keys, takes letters for itself until it is
clicked; one that was clicked leaves them to the window's shortcuts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QFocusEvent, QKeyEvent
from qtpy.QtWidgets import QAbstractItemView, QAbstractScrollArea, QComboBox, QWidget

from rtvis.gui.feature import Feature

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

BY_KEYBOARD = frozenset({Qt.TabFocusReason, Qt.BacktabFocusReason, Qt.ShortcutFocusReason})
MOVES = frozenset(
    {Qt.Key_Up, Qt.Key_Down, Qt.Key_Left, Qt.Key_Right, Qt.Key_Home, Qt.Key_End, Qt.Key_PageUp, Qt.Key_PageDown}
)


class ListKeys(Feature):
    """Watches the lists, trees and choices of a window that are there when menus are filled."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._owners: dict[QObject, QWidget] = {}
        self._keyed: QObject | None = None

    def fill(self, _menus: Menus) -> None:
        """Watch what is there; no actions."""
        for kind in (QAbstractItemView, QComboBox):
            for widget in self.window.findChildren(kind):
                if widget.window() is self.window:  # else a list that pops up: keys are its own
                    self._watch(widget)

    def _watch(self, widget: QWidget) -> None:
        widget.installEventFilter(self)
        if isinstance(widget, QAbstractScrollArea):
            widget.viewport().installEventFilter(self)
            self._owners[widget.viewport()] = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice how a list is used, and take letters for it where that is by keys."""
        kind = event.type()
        if kind == QEvent.MouseButtonPress:
            if self._keyed is self._owners.get(watched, watched):
                self._keyed = None
        elif kind == QEvent.FocusIn and isinstance(event, QFocusEvent):
            if event.reason() in BY_KEYBOARD:
                self._keyed = watched
            elif event.reason() == Qt.MouseFocusReason:
                self._keyed = None
        elif kind == QEvent.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in MOVES:
                self._keyed = watched
            elif watched is self._keyed and _writes(event):
                event.accept()
                return True
        return False


def _writes(event: QKeyEvent) -> bool:
    """Whether a key writes a letter or digit: no Ctrl, no Alt; Space isn't one, it ticks."""
    letter = event.text().strip()
    return bool(letter) and letter.isprintable() and not event.modifiers() & ~(Qt.ShiftModifier | Qt.KeypadModifier)
