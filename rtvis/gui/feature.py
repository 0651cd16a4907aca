"""A part of what a window offers beyond its frame; such parts know the window and not each other.

A feature overrides what it needs. To add one, write it in a module of its own and name it in `rtvis.gui.features`; the
window asks each for its panels, has each fill the menus, and tells each when the views are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.gui.views import Views

Panel = tuple[str, str, QWidget]
"""Key (its place is remembered under it), title, widget."""


class Feature(QObject):
    """One feature of one window; this one does nothing.

    Args:
        window: which is being built: its session, tasks, tools and actions are there, its menus, docks and status bar
            only from `fill` on.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Panels for the docks on the right; asked for once."""
        return ()

    def fill(self, menus: Menus) -> None:
        """Add actions to the menus (`Menus.add`)."""

    def refresh(self) -> None:
        """What is open, or what is active, changed: say so in actions that `Need` doesn't describe."""

    def views_made(self, views: Views) -> None:
        """The views are there from now on: VTK is loaded only after the window's first paint."""

    def theme_changed(self) -> None:
        """Colours are others: make anew what was coloured by hand."""

    def release(self) -> None:
        """The window goes: stop timers and threads, and disconnect from the session."""
