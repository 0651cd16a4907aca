"""Ctrl-K: every action of the menus in one list, found by typing parts of its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qtpy.QtCore import QEvent, QModelIndex, QObject, Qt
from qtpy.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from qtpy.QtWidgets import (
    QAction,
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMenuBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.gui.command_words import ALSO_CALLED, in_a_terminal
from rtvis.gui.menus import NO_COMMAND
from rtvis.gui.theme import colors

COMMAND_ROLE, KEYS_ROLE = Qt.UserRole + 1, Qt.UserRole + 2
KEYS_MARGIN_PX = 12
SIZE = (560, 420)
TOP_PX = 72
NOTHING_FOUND = "No command is called this: try fewer letters, or another word"


@dataclass(frozen=True, slots=True)
class Command:
    """An action with the menus it is in, such as ``View › Layout › Four views``."""

    title: str
    action: QAction

    @property
    def name(self) -> str:
        """Of the command alone, without its menus."""
        return str(self.action.text()).replace("&", "").rstrip("…")

    def matches(self, words: list[str]) -> bool:
        """Whether all words (casefolded) are somewhere in the title, or in what others call it."""
        text = f"{self.title} {ALSO_CALLED.get(self.name, '')}".casefold()
        return all(word in text for word in words)

    def distance(self, phrase: str) -> int:
        """How far off a command is that matches a phrase (casefolded); 0 where it is called so."""
        name, title = self.name.casefold(), self.title.casefold()
        names = f"{name} {ALSO_CALLED.get(self.name, '')}".casefold()
        words = set(phrase.split())
        whole, whole_of_names = words <= set(name.split()), words <= set(names.split())
        ways = (
            whole and phrase in name,
            whole or whole_of_names,
            phrase in name,
            all(word in names for word in words),
            phrase in title,
        )
        return ways.index(True) if True in ways else len(ways)


def commands_of(bar: QMenuBar) -> list[Command]:
    """Every action in a menu bar's menus that can be seen there, in their order."""
    return [command for entry in bar.actions() for command in _commands(entry, "")]


def _commands(action: QAction, path: str) -> Iterator[Command]:
    text = action.text().replace("&", "")
    menu = action.menu()
    if action.isSeparator() or not action.isVisible() or not text or action.property(NO_COMMAND):
        return
    if menu is None:
        yield Command(f"{path}{text}", action)
    else:
        if isinstance(menu, QMenu):
            menu.aboutToShow.emit()  # menus that are filled when they open
        for entry in menu.actions():
            yield from _commands(entry, f"{path}{text} › ")


class _WithKeys(QStyledItemDelegate):
    """A command at the left, its shortcut at the right, quiet: keys stand below each other."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().paint(painter, option, index)
        keys = index.data(KEYS_ROLE)
        if keys:
            painter.save()
            there = bool(index.flags() & Qt.ItemIsEnabled)
            chosen = bool(option.state & QStyle.State_Selected)
            painter.setPen(QColor(colors().text if chosen else colors().muted if there else colors().disabled))
            room = option.rect.adjusted(0, 0, -KEYS_MARGIN_PX, 0)
            painter.drawText(room, Qt.AlignRight | Qt.AlignVCenter, keys)
            painter.restore()


class CommandList(QDialog):
    """Type, choose with the arrows, Enter does it; Esc leaves everything as it is."""

    def __init__(self, bar: QMenuBar, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.Dialog | Qt.FramelessWindowHint)
        self.setObjectName("commands")
        self.setWindowTitle("Commands")
        self.resize(*SIZE)
        self._commands = commands_of(bar)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a command")
        self.field.setAccessibleName("Command")
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_WithKeys(self.list))
        self.list.itemActivated.connect(self._run)
        self.list.itemClicked.connect(self._run)
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(lambda: self._run(self.list.currentItem()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        if parent is not None:
            corner = parent.mapToGlobal(parent.rect().topLeft())
            self.move(corner.x() + (parent.width() - SIZE[0]) // 2, corner.y() + TOP_PX)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        phrase = self.field.text().casefold().strip()
        found = [command for command in self._commands if command.matches(phrase.split())]
        # What is called so comes before what others call so, and this before what is only in a menu called so.
        for command in sorted(found, key=lambda one: one.distance(phrase)):
            shortcut = command.action.shortcut().toString(QKeySequence.NativeText)
            item = QListWidgetItem(command.title, self.list)
            item.setData(COMMAND_ROLE, command)
            item.setData(KEYS_ROLE, shortcut)
            item.setData(Qt.AccessibleTextRole, f"{command.title}, {shortcut}" if shortcut else command.title)
            item.setToolTip("" if command.action.isEnabled() else "Not possible now")
            if not command.action.isEnabled():
                item.setFlags(Qt.NoItemFlags)
        elsewhere = in_a_terminal(phrase)
        for answer in elsewhere or ([] if found else [NOTHING_FOUND]):
            told = QListWidgetItem(answer, self.list)
            told.setData(KEYS_ROLE, "")
            told.setForeground(QColor(colors().muted))
            told.setFlags(Qt.ItemIsEnabled)  # an answer, to be read as one; not an entry to choose
        for row in range(self.list.count()):
            if self.list.item(row).flags() & Qt.ItemIsSelectable:
                self.list.setCurrentRow(row)
                return

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is None or item.data(COMMAND_ROLE) is None or not item.flags() & Qt.ItemIsEnabled:
            return
        action = item.data(COMMAND_ROLE).action
        self.accept()  # first: what the action asks must not be asked behind this list
        action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and page keys move in the list while one types."""
        keys = {Qt.Key_Up, Qt.Key_Down, Qt.Key_PageUp, Qt.Key_PageDown}
        if watched is self.field and isinstance(event, QKeyEvent) and event.key() in keys:
            if event.type() == QEvent.KeyPress:
                self.list.keyPressEvent(event)
            return True
        return bool(super().eventFilter(watched, event))
