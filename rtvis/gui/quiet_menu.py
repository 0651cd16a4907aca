"""Menus that show what an entry does first, and the keys for it second, as the list of commands does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QMenu, QStyle, QStyleOptionMenuItem, QStylePainter

from rtvis.gui.theme import MENU_RIGHT_PX, colors

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent


class QuietMenu(QMenu):
    """A menu whose shortcuts are muted. A style sheet can't tell an entry's keys from its words."""

    def addMenu(self, title: str) -> QMenu:
        """Add a menu within this one, quiet too."""
        inner = QuietMenu(title, self)
        self.addAction(inner.menuAction())
        return inner

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as every menu, then the entries with keys once more, their keys in the colour of what is secondary."""
        super().paintEvent(event)
        entries = [(action, self.actionGeometry(action)) for action in self.actions() if action.isVisible()]
        if not all(self.rect().contains(room) for _, room in entries):
            return  # too long for the screen: it scrolls, and its ends are under arrows
        painter = QStylePainter(self)
        for action, room in entries:
            if not event.rect().intersects(room):
                continue
            option = QStyleOptionMenuItem()
            self.initStyleOption(option, action)
            option.rect = room
            option.text, _, keys = option.text.partition("\t")
            if not keys:
                continue
            painter.fillRect(room, QColor(colors().raised))
            painter.drawControl(QStyle.CE_MenuItem, option)
            chosen = bool(option.state & QStyle.State_Selected)
            there = bool(option.state & QStyle.State_Enabled)
            painter.setPen(QColor(colors().disabled if not there else colors().text if chosen else colors().muted))
            left = room.right() - MENU_RIGHT_PX - option.tabWidth
            place = QRect(left, room.top(), room.right() - left, room.height())
            painter.drawText(place, Qt.AlignLeft | Qt.AlignVCenter, keys)
