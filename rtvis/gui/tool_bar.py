"""The narrow bar of tools at the left: looking, drawing, painting, editing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QAction, QToolBar, QWidget

from rtvis.app.tools_catalogue import TOOLS

ICON_PX = 20


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
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        for number, (_, tools) in enumerate(groupby(TOOLS, lambda one: one.group)):
            if number:
                self.addSeparator()
            for tool in tools:
                self.addAction(actions[tool.key])
