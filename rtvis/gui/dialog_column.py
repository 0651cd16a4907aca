"""How dialogs are laid out: one column, the same margins and gaps in all."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rtvis.gui.theme import EDGE_PX

GAP_PX = 12


def dialog_column(dialog: QWidget, gap_px: int = GAP_PX) -> QVBoxLayout:
    """The empty column of a dialog."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
    column.setSpacing(gap_px)
    return column


def foot_row(told: QWidget, *buttons: QWidget) -> QHBoxLayout:
    """The lowest row: what is told on the left, buttons on the right."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(told, 1)
    for button in buttons:
        row.addWidget(button)
    return row
