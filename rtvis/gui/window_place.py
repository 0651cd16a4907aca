"""Where a window stands on the screen and how its docks are laid out; remembered from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, QTimer
from qtpy.QtGui import QGuiApplication

from rtvis.gui.settings import settings

if TYPE_CHECKING:
    from qtpy.QtWidgets import QMainWindow

    from rtvis.gui.docks import Docks

FIRST_SIZE = QSize(1440, 900)
FRAME = QSize(8, 40)
"""What frame and title bar take, at most; how much it is can be asked only once the window is on the screen."""

STATE_KEY = "window/state-2"
GEOMETRY_KEY = "window/geometry"


def first_size() -> QSize:
    """1440 x 900, or what a smaller screen has room for: the status bar must not lie beyond its edge."""
    return within_screen(FIRST_SIZE)


def within_screen(size: QSize) -> QSize:
    """A size of a window or dialog, or what a smaller screen has room for within a frame."""
    screen = QGuiApplication.primaryScreen()
    return size if screen is None else size.boundedTo(screen.availableSize() - FRAME)


class WindowPlace:
    """The place of one window.

    Args:
        window: which has its docks and toolbars, all named.
        docks: shared out where nothing is remembered of them.
    """

    def __init__(self, window: QMainWindow, docks: Docks) -> None:
        self._window = window
        self._docks = docks
        self._first_layout = False

    def restore(self) -> None:
        """Go where the window was last."""
        geometry, state = settings().value(GEOMETRY_KEY), settings().value(STATE_KEY)
        self._first_layout = state is None
        if geometry is not None:
            self._window.restoreGeometry(geometry)
        if state is not None:
            self._window.restoreState(state)

    def remember(self) -> None:
        """Keep where the window is now."""
        settings().setValue(GEOMETRY_KEY, self._window.saveGeometry())
        settings().setValue(STATE_KEY, self._window.saveState())

    def shown(self) -> None:
        """Share out the docks the first time; only a window that is shown has sizes to share."""
        if self._first_layout:
            self._first_layout = False
            QTimer.singleShot(0, self._docks.share)
