"""A tree whose rows are made when they are unfolded, and of a long sequence only so many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QKeyEvent, QKeySequence
from qtpy.QtWidgets import QAction, QApplication, QTreeWidget, QTreeWidgetItem, QWidget

from rtvis.gui.background import BackgroundTasks, Task
from rtvis.gui.theme import CHEVRON, CHEVRON_RIGHT, SMALL_PX, colors

ROW_ROLE = Qt.UserRole + 1
REST_ROLE = Qt.UserRole + 2
PORTION = 300
"""Rows that are made at once; what follows is one more row, which is replaced when it is reached."""


class Row(Protocol):
    """An element or an item."""

    @property
    def has_children(self) -> bool:
        """Whether there is anything in it."""

    @property
    def is_long(self) -> bool:
        """Whether its text takes a while."""

    def children(self) -> Iterator[Any]:
        """What is in it."""


class TagTree(QTreeWidget):
    """Rows of elements and items.

    Args:
        titles: of the columns.
        widths: of the columns, in pixels.
        make_item: makes the row of an element.
        tasks: where long texts are made that are copied.
        parent: the widget that it is in.
    """

    def __init__(
        self,
        titles: list[str],
        widths: tuple[int, ...],
        make_item: Callable[[Any], QTreeWidgetItem],
        tasks: BackgroundTasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._make_item = make_item
        self._tasks = tasks
        self._copying: Task | None = None
        self.setHeaderLabels(titles)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setStyleSheet(
            f"QTreeWidget {{ font-size: {SMALL_PX}px; }}"
            f" QTreeView::branch:has-children:closed {{ image: url({CHEVRON_RIGHT.as_posix()}); }}"
            f" QTreeView::branch:has-children:open {{ image: url({CHEVRON.as_posix()}); }}"
        )
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self.setContextMenuPolicy(Qt.ActionsContextMenu)
        self.itemExpanded.connect(self._unfold)
        self.currentItemChanged.connect(self._reached)
        self.itemClicked.connect(self._reached)

    def _copy(self, row: Row, text: Callable[[], str]) -> None:
        """Put a text on the clipboard; long ones are made in the background, until another is copied."""
        if self._copying is not None and self._copying in self._tasks.running:
            self._copying.cancel()
        self._copying = None
        if row.is_long:
            done = QApplication.clipboard().setText
            self._copying = self._tasks.start("Copying tags", lambda _report: text(), done)
        else:
            QApplication.clipboard().setText(text())

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show these at the top level, and unfold again what was unfolded before."""
        unfolded, place = self._unfolded(), self.verticalScrollBar().value()
        self.clear()
        self._add(self.invisibleRootItem(), iter(rows))
        self._unfold_again(self.invisibleRootItem(), unfolded)
        self.verticalScrollBar().setValue(place)

    def row_of(self, item: QTreeWidgetItem | None) -> Any:
        """What a row shows; None for one that stands for more of them."""
        return None if item is None else item.data(0, ROW_ROLE)

    def add_copy(self, title: str, text: Callable[[Any], str], keys: QKeySequence.StandardKey | None = None) -> QAction:
        """An action in the context menu that copies `text` of the current row."""

        def copy() -> None:
            row = self.row_of(self.currentItem())
            if row is not None:
                self._copy(row, lambda: text(row))

        return self.add_action(title, copy, keys)

    def add_action(
        self, title: str, slot: Callable[[], object], keys: QKeySequence.StandardKey | None = None
    ) -> QAction:
        """An action in the context menu; its keys work while the tree has the focus."""
        action = QAction(title, self)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.WidgetShortcut)
        action.triggered.connect(lambda _checked=False: slot())
        self.addAction(action)
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy as the first of the actions does; a tree of itself copies one cell as it is shown."""
        if event.matches(QKeySequence.Copy) and self.actions():
            self.actions()[0].trigger()
        else:
            super().keyPressEvent(event)

    def _add(self, parent: QTreeWidgetItem, rows: Iterator[Row]) -> None:
        items = []
        for row in islice(rows, PORTION):
            item = self._make_item(row)
            item.setData(0, ROW_ROLE, row)
            if row.has_children:
                item.setChildIndicatorPolicy(QTreeWidgetItem.ShowIndicator)
            items.append(item)
        if len(items) == PORTION:
            more = QTreeWidgetItem(["More…"])
            more.setToolTip(0, "Click, or go there with the arrow keys, to see more")
            more.setForeground(0, QColor(colors().accent))
            more.setData(0, REST_ROLE, rows)
            items.append(more)
        parent.addChildren(items)

    def _unfold(self, item: QTreeWidgetItem) -> None:
        row = self.row_of(item)
        if item.childCount() == 0 and row is not None:
            self._add(item, row.children())

    def _reached(self, item: QTreeWidgetItem | None, _other: object = None) -> None:
        rest = None if item is None else item.data(0, REST_ROLE)
        if item is None or rest is None:
            return
        item.setData(0, REST_ROLE, None)
        parent = item.parent() or self.invisibleRootItem()
        place = parent.indexOfChild(item)
        self._add(parent, rest)
        following = parent.child(place + 1)
        parent.removeChild(item)
        if following is not None:
            self.setCurrentItem(following)

    def _unfolded(self) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()

        def look(parent: QTreeWidgetItem, way: tuple[str, ...]) -> None:
            for n in range(parent.childCount()):
                child = parent.child(n)
                if child.isExpanded():
                    here = (*way, child.text(0))
                    found.add(here)
                    look(child, here)

        look(self.invisibleRootItem(), ())
        return found

    def _unfold_again(self, parent: QTreeWidgetItem, unfolded: set[tuple[str, ...]], way: tuple[str, ...] = ()) -> None:
        if not unfolded:
            return
        for n in range(parent.childCount()):
            child = parent.child(n)
            here = (*way, child.text(0))
            if here in unfolded:
                child.setExpanded(True)
                self._unfold_again(child, unfolded, here)
