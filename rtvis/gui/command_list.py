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

from rtvis.gui.menus import NO_COMMAND
from rtvis.gui.theme import colors

COMMAND_ROLE, KEYS_ROLE = Qt.UserRole + 1, Qt.UserRole + 2
KEYS_MARGIN_PX = 12
SIZE = (560, 420)
TOP_PX = 72
NOTHING_FOUND = "No command is called this: try fewer letters, or another word"

ALSO_CALLED = {
    "Next slice": "scroll forward",
    "Previous slice": "scroll back",
    "Zoom in": "enlarge magnify",
    "Zoom out": "shrink",
    "Four views": "quad mpr",
    "Full screen": "fullscreen",
    "Light theme": "dark mode",
    "Quit": "exit",
    "Stop what is under way": "cancel abort",
    "Cursor left": "crosshair",
    "Show overlay": "fusion blend",
    "Show only this ROI": "solo isolate",
    "Show or hide all ROIs": "contours",
    "Freehand": "pencil draw",
    "New ROIs from template": "tg263 tg-263 nomenclature",
    "Check names against TG-263": "tg263 nomenclature",
    "Turntable movie": "video animation rotate gif",
    "Volume not rendered": "volume rendering",
    "Hide patient": "anonymous privacy",
    "Histogram and numbers": "hu hounsfield",
    "3D curve": "non-planar nonplanar contour needle catheter",
    "Window/level": "contrast brightness",
    "Grey": "gray color map",
    "Livewire": "magnetic lasso scissors",
    "Margin": "expand grow shrink erode dilate",
    "Union": "unite merge add boolean",
    "Difference": "subtract boolean",
    "Colour of ROI": "color",
    "Distance": "ruler measure length",
    "Commands": "search palette",
    "Compare tags": "dicom header attributes",
    "Tags": "dicom header attributes",
    "Mouse and keys": "keyboard shortcuts gestures help",
    "Save picture": "screenshot export image",
    "Copy picture": "screenshot clipboard",
    "Save structure set": "rtstruct write export",
    "Send to device": "deliver export transfer",
    "Receive": "server listen",
    "Unsaved work of earlier": "recover restore crash",
    "Digests": "md5 sha256 hash checksum",
}
"""What other programs and people call a command, by its name in `Menus.actions`; typed, it finds the command too."""


@dataclass(frozen=True, slots=True)
class Command:
    """An action with the menus it is in, such as ``View › Layout › Four views``."""

    title: str
    action: QAction

    def matches(self, words: list[str]) -> bool:
        """Whether all words (casefolded) are somewhere in the title, or in what others call it."""
        name = self.action.text().replace("&", "").rstrip("…")
        text = f"{self.title} {ALSO_CALLED.get(name, '')}".casefold()
        return all(word in text for word in words)


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
        # What was typed as it stands comes before the same words elsewhere in a name.
        for command in sorted(found, key=lambda one: phrase not in one.title.casefold()):
            shortcut = command.action.shortcut().toString(QKeySequence.NativeText)
            item = QListWidgetItem(command.title, self.list)
            item.setData(COMMAND_ROLE, command)
            item.setData(KEYS_ROLE, shortcut)
            item.setData(Qt.AccessibleTextRole, f"{command.title}, {shortcut}" if shortcut else command.title)
            item.setToolTip("" if command.action.isEnabled() else "Not possible now")
            if not command.action.isEnabled():
                item.setFlags(Qt.NoItemFlags)
        if not found:
            nothing = QListWidgetItem(NOTHING_FOUND, self.list)
            nothing.setData(KEYS_ROLE, "")
            nothing.setForeground(QColor(colors().muted))
            nothing.setFlags(Qt.ItemIsEnabled)  # an answer, to be read as one; not an entry to choose
            return
        for row in range(self.list.count()):
            if self.list.item(row).flags() & Qt.ItemIsEnabled:
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
