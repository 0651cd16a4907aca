"""The Help menu: every command in one list, mouse and keys, what this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QToolButton

from rtvis.gui.command_list import CommandList
from rtvis.gui.feature import Feature
from rtvis.gui.gestures_dialog import GesturesDialog
from rtvis.gui.messages import show_note
from rtvis.gui.start_page import NOT_CLINICAL

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus


class HelpActions(Feature):
    """Tells what can be done."""

    def fill(self, menus: Menus) -> None:
        """The Help menu, and a button at the end of the menu bar for those who don't know the key yet."""
        menu = menus.menu("Help")
        menus.add(menu, "Commands…", self.show_commands, "Ctrl+K")
        menus.add(menu, "Mouse and keys", self.show_gestures, QKeySequence.HelpContents)
        menus.add(menu, "About rtvis", self.show_about)
        button = QToolButton(self.window)
        button.setObjectName("search")
        button.setText("Search commands   Ctrl+K")
        button.setFocusPolicy(Qt.NoFocus)
        button.clicked.connect(self.show_commands)
        self.window.menuBar().setCornerWidget(button)

    def show_commands(self) -> None:
        """Every action in one list."""
        dialog = CommandList(self.window.menuBar(), self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_gestures(self) -> None:
        """What mouse and keys do."""
        dialog = GesturesDialog(self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_about(self) -> None:
        """What this is."""
        show_note(self.window, "rtvis", f"See, draw, save, sign and deliver radiotherapy volumes.\n\n{NOT_CLINICAL}")
