"""The Help menu: every command in one list, mouse and keys, what this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QToolButton

from rtvis.gui.command_list import CommandList
from rtvis.gui.feature import Feature
from rtvis.gui.messages import show_note
from rtvis.gui.start_page import NOT_CLINICAL

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus

GESTURES = """\
Wheel, Up, Down: one slice        PgUp, PgDn: ten slices        Home, End: first, last
Ctrl+wheel, right drag: zoom        Middle drag: pan
Left drag: the active tool        Shift+move: linked cursor
Ctrl+click while navigating: choose the ROI of the contour under the mouse
Double click, Space: one view alone        R: fit        F6: next view        Ctrl+K: every command
While drawing: Enter finishes, Esc gives up, Backspace takes a point back
Painting: Shift turns adding and taking away round        [ and ], Ctrl+wheel: radius
Contours: A selects, Ctrl+click adds to what is chosen, Delete deletes it; D drags points (Ctrl adds, Alt deletes one)
Curves in space (C): click in any view, in 3D on what is seen; drag points in any view
In 3D: left drag turns, middle drag pans, right drag and wheel zoom; a click moves the cursor to what is seen;
A P L R S I look from that side, 0 is the first look"""


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
        show_note(self.window, "Mouse and keys", GESTURES)

    def show_about(self) -> None:
        """What this is."""
        show_note(self.window, "rtvis", f"See, draw, save, sign and deliver radiotherapy volumes.\n\n{NOT_CLINICAL}")
