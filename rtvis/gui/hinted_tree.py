"""A tree that says what will be in it, and how, while it is empty."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QPaintEvent, QPalette
from qtpy.QtWidgets import QTreeWidget

from rtvis.gui.painting import painting

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
        room = self.viewport().rect().adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        with painting(self.viewport()) as painter:
            painter.setPen(self.palette().color(QPalette.PlaceholderText))
            painter.drawText(room, Qt.AlignLeft | Qt.AlignTop | Qt.TextWordWrap, self.hint)
