"""A tree that says what will be in it, and how, while it is empty."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QPainter, QPaintEvent, QPalette
from qtpy.QtWidgets import QTreeWidget

MARGIN_PX = 12


class HintedTree(QTreeWidget):
    """Shows `hint`, quietly, where rows would be."""

    hint = ""

    def set_hint(self, hint: str) -> None:
        """Say another thing while there are no rows."""
        self.hint = hint
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or the hint."""
        super().paintEvent(event)
        if self.topLevelItemCount() or not self.hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.PlaceholderText))
        room = self.viewport().rect().adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        painter.drawText(room, Qt.AlignLeft | Qt.AlignTop | Qt.TextWordWrap, self.hint)
        painter.end()
