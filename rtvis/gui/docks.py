"""The panels beside the views, and where they stand."""

from __future__ import annotations

from itertools import pairwise

from qtpy import sip
from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

DOCK_WIDTH, DOCK_SHARE = 304, 0.24
"""On the right at first: so much, and this share of a window that is wide enough."""

LEAST_WIDTH, MOST_WIDTH = 280, 440

ABOVE = ("study", "problems", "history")
"""What is open and was done; below stand the taller ones. In two rows all tabs can be read at once."""


class Docks(QObject):
    """Builds one dock for each panel, on the right: two rows of tabs, the first of each in front.

    Args:
        window: that they belong to.
        panels: (key, title, widget) of each; those in `ABOVE` make the upper row, in this order.
    """

    def __init__(self, window: QMainWindow, panels: list[tuple[str, str, QWidget]]) -> None:
        super().__init__(window)
        self._window = window
        self._released = False
        self.by_key: dict[str, QDockWidget] = {}
        window.setDockOptions(QMainWindow.AnimatedDocks | QMainWindow.AllowTabbedDocks)
        window.setTabPosition(Qt.RightDockWidgetArea, QTabWidget.North)
        for key, title, widget in panels:
            dock = QDockWidget(title, window)
            dock.setObjectName(key)
            dock.setWidget(widget)
            dock.setFeatures(QDockWidget.DockWidgetMovable | QDockWidget.DockWidgetClosable)
            widget.setMinimumWidth(LEAST_WIDTH)
            widget.setAttribute(Qt.WA_StyledBackground)  # so that it and its tab are one surface
            window.addDockWidget(Qt.RightDockWidgetArea, dock)
            self.by_key[key] = dock
        upper = [self.by_key[key] for key in ABOVE if key in self.by_key]
        lower = [dock for key, dock in self.by_key.items() if key not in ABOVE]
        for first, second in (*pairwise(upper), *pairwise(lower)):
            window.tabifyDockWidget(first, second)
        for row in (upper, lower):
            row[0].raise_()
        self._first, self._last = upper[0], lower[0]
        for dock in self.by_key.values():
            dock.topLevelChanged.connect(self._set_titles)
            dock.dockLocationChanged.connect(self._set_titles)
            dock.visibilityChanged.connect(self._set_titles)

    def share(self) -> None:
        """Give each its share of the window, as at the first start."""
        pair, height = [self._first, self._last], self._window.height()
        width = min(max(DOCK_WIDTH, round(self._window.width() * DOCK_SHARE)), MOST_WIDTH)
        self._window.resizeDocks(pair, [width, width], Qt.Horizontal)
        self._window.resizeDocks(pair, [height * 3 // 10, height * 7 // 10], Qt.Vertical)

    def bring_forward(self, key: str) -> None:
        """Show a panel in front of those that share its place."""
        dock = self.by_key[key]
        dock.show()
        dock.raise_()

    def release(self) -> None:
        """Leave the docks alone from now on: they are hidden one by one as the window closes."""
        self._released = True

    def _set_titles(self, _change: object = None) -> None:
        """A tab already says a dock's title; it isn't written twice."""
        if self._released or sip.isdeleted(self._window):  # it hides them, too, as it goes without being closed
            return
        for dock in self.by_key.values():
            tabbed = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if tabbed and dock.titleBarWidget() is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif not tabbed and dock.titleBarWidget() is not None:
                dock.titleBarWidget().deleteLater()
                dock.setTitleBarWidget(None)
        for bar in self._window.findChildren(QTabBar):
            bar.setDrawBase(False)
            bar.setElideMode(Qt.ElideNone)  # a tab that doesn't fit is scrolled to; one cut to "St…" says nothing
            bar.setUsesScrollButtons(True)
