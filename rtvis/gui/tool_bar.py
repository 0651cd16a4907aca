"""The narrow bar of tools at the left: looking, drawing, painting, editing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from qtpy.QtCore import QSize
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QAction, QToolBar, QToolButton, QWidget

from rtvis.app.tools_catalogue import TOOLS

ICON_PX = 20
LEAST_PX, MOST_PX = 24, 36
"""Side of a button: as large as the window's height allows, so that no tool is missing on a low screen."""

GAP_PX, LINE_PX, MARGIN_PX = 2, 9, 4
"""Between buttons, of a line between groups, above and below all; as the style sheet has them."""


def button_side(height: int, buttons: int, lines: int) -> int:
    """Side of each button, in pixels, in a bar of a height.

    Args:
        height: of the bar in pixels.
        buttons: how many there are.
        lines: how many lines are between their groups.
    """
    free = height - 2 * MARGIN_PX - lines * LINE_PX - (buttons + lines - 1) * GAP_PX
    return min(max(free // buttons, LEAST_PX), MOST_PX)


class ToolBar(QToolBar):
    """One button for each tool, in their groups.

    Args:
        actions: of the tools, by key.
        parent: the window.
    """

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setAccessibleName("Tools")
        self.buttons: list[QToolButton] = []
        self._lines = 0
        for number, (_, tools) in enumerate(groupby(TOOLS, lambda one: one.group)):
            if number:
                self.addSeparator()
                self._lines += 1
            for tool in tools:
                self.addAction(actions[tool.key])
                self.buttons.append(self.widgetForAction(actions[tool.key]))
        self._fit(MOST_PX)

    def _fit(self, side: int) -> None:
        icon = min(ICON_PX, side - 8)
        self.setIconSize(QSize(icon, icon))
        for button in self.buttons:
            button.setFixedSize(side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the buttons fit."""
        super().resizeEvent(event)
        side = button_side(self.height(), len(self.buttons), self._lines)
        if side != self.buttons[0].width():
            self._fit(side)
