"""The rows of the ROI list: what clicks, drags and keys do to them."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QItemSelectionModel, QLocale, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QDropEvent, QKeyEvent, QMouseEvent, QResizeEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidgetItem,
    QWidget,
)

from rtvis.gui.hinted_tree import HintedTree
from rtvis.gui.icons import icon

NUMBER_ROLE = Qt.UserRole + 1
LOCKED_ROLE = Qt.UserRole + 2
NAME, TYPE, SIZE, LOCK = range(4)
TYPE_PX, LOCK_PX = 68, 24
WIDE_PX, WIDE_TYPE_PX = 360, 96
"""From this width on there is room for whole words."""

CHECK_BOX_REACH_PX = 3


class _Names(QStyledItemDelegate):
    """Draws names as they are told."""

    def __init__(self, told: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._told = told

    def displayText(self, value: object, _locale: QLocale) -> str:
        return self._told(str(value))


class RoiTree(HintedTree):
    """A list whose check boxes hide and show, whose locks lock, and which rows are dragged in.

    A click on a box or a lock doesn't choose: it must not redirect strokes. `lock_clicked` carries an ROI number,
    `dropped` the number of a row that was dragged and its new place, `delete_pressed` nothing.
    """

    lock_clicked = Signal(int)
    dropped = Signal(int, int)
    delete_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered: QTreeWidgetItem | None = None
        self.setHeaderHidden(True)
        self.setColumnCount(4)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIconSize(QSize(16, 16))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditKeyPressed)
        self.setContextMenuPolicy(Qt.CustomContextMenu)
        self.setDragDropMode(QAbstractItemView.InternalMove)
        self.setDropIndicatorShown(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(16)
        header.setSectionResizeMode(NAME, QHeaderView.Stretch)
        header.setSectionResizeMode(TYPE, QHeaderView.Fixed)
        header.setSectionResizeMode(SIZE, QHeaderView.ResizeToContents)
        header.setSectionResizeMode(LOCK, QHeaderView.Fixed)
        header.resizeSection(TYPE, TYPE_PX)
        header.resizeSection(LOCK, LOCK_PX)
        self.itemClicked.connect(self._clicked)
        self.itemEntered.connect(lambda item, _column: self._hover(item))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give types more room where there is some; details below may not push the active ROI out of sight."""
        super().resizeEvent(event)
        if event.size().height() < event.oldSize().height() and self.currentItem() is not None:
            self.scrollToItem(self.currentItem())
        self.header().resizeSection(TYPE, WIDE_TYPE_PX if self.width() >= WIDE_PX else TYPE_PX)

    def draw_names(self, told: Callable[[str], str] | None) -> None:
        """Draw names as `told` tells them; as they are with None. What is typed are always the names as they are."""
        before = self.itemDelegateForColumn(NAME)
        self.setItemDelegateForColumn(NAME, None if told is None else _Names(told, self))
        if before is not None:
            before.deleteLater()

    def show_lock(self, item: QTreeWidgetItem, *, locked: bool) -> None:
        """Draw a row's lock: closed where it is, an open one only under the mouse."""
        item.setData(LOCK, LOCKED_ROLE, locked)
        self._draw_lock(item)
        words = "Locked: edits are refused. Click to unlock." if locked else "Click to lock against edits."
        item.setToolTip(LOCK, words)

    def _draw_lock(self, item: QTreeWidgetItem) -> None:
        name = "lock" if item.data(LOCK, LOCKED_ROLE) else "unlock" if item is self._hovered else ""
        item.setData(LOCK, Qt.DecorationRole, icon(name) if name else None)

    def _hover(self, item: QTreeWidgetItem | None) -> None:
        before, self._hovered = self._hovered, item
        for one in (before, item):
            if one is not None:
                self._draw_lock(one)

    def forget_hover(self) -> None:
        """Rows are about to go."""
        self._hovered = None

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hover(None)
        super().leaveEvent(event)

    def selectionCommand(self, index: QModelIndex, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlags:
        """What a click or key selects; nothing where it hit a check box or a lock."""
        if isinstance(event, QMouseEvent) and index.isValid():
            if index.column() == LOCK:
                return QItemSelectionModel.NoUpdate
            if index.column() == NAME and event.pos().x() <= self._box_end(index):
                return QItemSelectionModel.NoUpdate
        return super().selectionCommand(index, event)

    def _box_end(self, index: QModelIndex) -> int:
        option = self.viewOptions()
        option.rect = self.visualRect(index)
        option.features |= QStyleOptionViewItem.HasCheckIndicator
        box = self.style().subElementRect(QStyle.SE_ItemViewItemCheckIndicator, option, self)
        return int(box.right()) + CHECK_BOX_REACH_PX

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == LOCK:
            self.lock_clicked.emit(item.data(NAME, NUMBER_ROLE))

    def event(self, event: QEvent) -> bool:
        """Del and Space are the list's own while it has the focus, whatever the window does with them."""
        own = isinstance(event, QKeyEvent) and event.key() in {Qt.Key_Delete, Qt.Key_Space} and not event.modifiers()
        if own and event.type() == QEvent.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes what is chosen."""
        if event.key() == Qt.Key_Delete and not event.modifiers():
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Rows don't move by themselves: the order is the structure set's, and moving is an edit."""
        dragged = self.currentItem()
        target = self.itemAt(event.pos())
        event.setDropAction(Qt.IgnoreAction)
        event.accept()
        if dragged is None:
            return
        source = self.indexOfTopLevelItem(dragged)
        place = self.topLevelItemCount() if target is None else self.indexOfTopLevelItem(target)
        if target is not None and event.pos().y() > self.visualItemRect(target).center().y():
            place += 1
        self.dropped.emit(dragged.data(NAME, NUMBER_ROLE), place - 1 if place > source else place)
