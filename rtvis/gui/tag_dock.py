"""The tag tree: every element of one file, sequences folded, searchable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QAction, QApplication, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from rtvis.app.tags import TagNode, read_tags, search
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.theme import SMALL_PX, colors

NODE_ROLE = Qt.UserRole + 1
PATIENT_GROUP = "(0010,"
MOST_FOUND = 2000
"""Rows a search shows; past this a narrower search says more than a longer list."""


class TagPanel(QWidget):
    """Tags of the object chosen in the study tree; read in the background."""

    def __init__(self, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._nodes: list[TagNode] = []
        self._path: Path | None = None
        self._patient_hidden = False
        self.title = QLabel("Choose an object in the study tree.")
        self.title.setProperty("role", "small")
        self.title.setContentsMargins(12, 8, 12, 0)
        self.title.setTextInteractionFlags(Qt.TextSelectableByMouse)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search tag, name or value")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._fill)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Tag", "Name", "VR", "Value"])
        self.tree.setUniformRowHeights(True)
        self.tree.itemExpanded.connect(self._unfold)
        self.tree.setStyleSheet(f"QTreeWidget {{ font-size: {SMALL_PX}px; }}")
        self.tree.setIndentation(14)
        for column, width in enumerate((104, 150, 30, 400)):
            self.tree.setColumnWidth(column, width)
        self.tree.setContextMenuPolicy(Qt.ActionsContextMenu)
        copy = QAction("Copy", self.tree)
        copy.triggered.connect(self._copy)
        self.tree.addAction(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        holder = QVBoxLayout()
        holder.setContentsMargins(8, 0, 8, 0)
        holder.addWidget(self.field)
        layout.addLayout(holder)
        layout.addWidget(self.tree, 1)

    @property
    def path(self) -> Path | None:
        """The file whose tags are shown, or asked for."""
        return self._path

    def hide_patient(self, *, hidden: bool) -> None:
        """Keep values of group 0010, the patient's (PS3.6), to itself; or show them again."""
        if hidden != self._patient_hidden:
            self._patient_hidden = hidden
            self._fill()

    def show_file(self, path: Path | None) -> None:
        """Read and show a file's elements; with None, nothing."""
        self._path = path
        self._nodes = []
        self._fill()
        if path is None:
            self.title.setText("Choose an object in the study tree.")
            return
        self.title.setText(f"{path.name}")
        self.title.setToolTip(str(path))
        self._tasks.start("Reading tags", lambda _report: (path, read_tags(path)), self._show)

    def _show(self, result: tuple[Path, list[TagNode]]) -> None:
        path, nodes = result
        if path == self._path:  # else another object was chosen meanwhile
            self._nodes = nodes
            self._fill()

    def _fill(self) -> None:
        self.tree.clear()
        text = self.field.text().strip()
        nodes = search(self._nodes, text)[:MOST_FOUND] if text else self._nodes
        self.tree.addTopLevelItems([self._item(node) for node in nodes])

    def _unfold(self, item: QTreeWidgetItem) -> None:
        node = item.data(0, NODE_ROLE)
        if item.childCount() == 0 and node is not None:
            item.addChildren([self._item(child) for child in node.children()])

    def _item(self, node: TagNode) -> QTreeWidgetItem:
        hidden = self._patient_hidden and node.tag.startswith(PATIENT_GROUP)
        return _item(replace(node, value="hidden") if hidden else node)

    def _copy(self) -> None:
        item = self.tree.currentItem()
        if item is not None:
            QApplication.clipboard().setText("\t".join(item.text(column) for column in range(4)))


def _item(node: TagNode) -> QTreeWidgetItem:
    item = QTreeWidgetItem([node.tag, node.name, node.vr, node.value])
    item.setData(0, NODE_ROLE, node)
    item.setToolTip(3, node.value)
    if node.private:
        item.setForeground(1, QColor(colors().muted))
    if node.has_children:
        item.setChildIndicatorPolicy(QTreeWidgetItem.ShowIndicator)
    return item
