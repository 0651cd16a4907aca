"""Buttons side by side, of which one is chosen or each does something."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Key = TypeVar("Key")

SEGMENT_ROOM = 4
"""Letters' worth of room around the word on a button."""


def segments(
    choices: Iterable[tuple[Key, str]], chosen: Callable[[Key], object], *, exclusive: bool, by_key: bool = False
) -> dict[Key, QToolButton]:
    """Buttons side by side; of exclusive ones one is on. With `by_key` they show the key, and the text as a tip."""
    made: dict[Key, QToolButton] = {}
    group: QButtonGroup | None = None
    for key, text in choices:
        button = QToolButton()
        button.setText(str(key) if by_key else text)
        button.setProperty("segment", "true")
        if by_key:
            button.setToolTip(text)
        button.setCheckable(exclusive)
        if exclusive:
            group = group or QButtonGroup(button)
            group.addButton(button)
        button.clicked.connect(lambda _on=False, key=key: chosen(key))
        made[key] = button
    return made


def row_of_segments(buttons: Iterable[QToolButton]) -> QWidget:
    """The buttons in one frame, each as wide as its word needs among the others."""
    holder = QWidget()
    holder.setProperty("segments", "true")
    holder.setAttribute(Qt.WA_StyledBackground)
    row = QHBoxLayout(holder)
    row.setContentsMargins(2, 2, 2, 2)
    row.setSpacing(2)
    for button in buttons:
        # A row of buttons mustn't make the panel wider than its dock.
        button.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
        button.setStyleSheet("padding: 3px 2px;")
        row.addWidget(button, len(button.text()) + SEGMENT_ROOM)
    return holder
