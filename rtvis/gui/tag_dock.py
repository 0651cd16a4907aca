"""The tag panel: every element of one file, sequences folded, searchable; of a volume, of any of its images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.patient_hiding import FILE_HIDDEN
from rtvis.app.tags import TagNode, patient_words_of, read_tags, row_text, search, tree_text, without_patient
from rtvis.gui.background import BackgroundTasks, Task
from rtvis.gui.elided_label import ElidedLabel
from rtvis.gui.tag_tree import TagTree
from rtvis.gui.text_tips import text_tip
from rtvis.gui.theme import colors

if TYPE_CHECKING:
    from rtvis.model.progress import Report

NOTHING = "Choose an object in the study tree."
MOST_FOUND = 2000
"""Rows a search shows; past this a narrower search says more than a longer list."""

SEARCH_MS = 120
"""A search begins when nothing was typed for this long."""


class TagPanel(QWidget):
    """Tags of the object chosen in the study tree; read, and searched, in the background.

    `path_changed` follows when another file is shown, or none; `image_chosen` carries the number, from 0, of an image
    of the shown volume that a person asked for, `follow_changed` whether the images shown are those of the views;
    `compare_asked` that this file is to be compared with another.
    """

    path_changed = Signal()
    image_chosen = Signal(int)
    follow_changed = Signal(bool)
    compare_asked = Signal()

    def __init__(self, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._nodes: list[TagNode] = []
        self._path: Path | None = None
        self._asked: Path | None = None
        self._patient_hidden = False
        self._words: frozenset[str] = frozenset()
        self.other_words: Callable[[], frozenset[str]] = frozenset
        """Words of patients that other files tell."""
        self._searching: Task | None = None
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(SEARCH_MS)
        self._typed.timeout.connect(self._fill)
        self.title = ElidedLabel(NOTHING, Qt.ElideMiddle)
        self.title.setProperty("role", "small")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search tag, name or value")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._typed.start)
        self.compare = QPushButton("Compare…")
        self.compare.setToolTip("Compare these tags with those of another object or file")
        self.compare.clicked.connect(self.compare_asked)
        self.compare.setEnabled(False)
        self.tree = TagTree(["Tag", "Name", "VR", "Value"], (100, 100, 40, 240), _item, tasks)
        self.tree.header().moveSection(3, 2)  # where the panel is narrow, the value is what is looked for
        self.tree.add_copy("Copy value", lambda node: node.whole_value, QKeySequence.Copy)
        self.tree.add_copy("Copy tag", lambda node: node.tag)
        self.tree.add_copy("Copy row", row_text)
        self.tree.add_action("Copy all as text", self.copy_all)
        self._lay_out()

    def _lay_out(self) -> None:
        self.image = QSpinBox()
        self.image.setPrefix("Image ")
        self.image.setKeyboardTracking(False)
        self.image.setAccessibleName("Image whose tags are shown")
        self.image.valueChanged.connect(lambda number: self.image_chosen.emit(number - 1))
        self.follow = QCheckBox("Follow the views")
        self.follow.setToolTip("Always show the tags of the slice that the views show")
        self.follow.setChecked(True)
        self.follow.toggled.connect(self.follow_changed)
        self.images = QWidget()
        row = QHBoxLayout(self.images)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.image)
        row.addWidget(self.follow)
        row.addStretch(1)
        self.images.hide()
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.title, 1)
        first.addWidget(self.compare)
        above = QVBoxLayout()
        above.setContentsMargins(8, 8, 8, 0)
        above.setSpacing(8)
        above.addLayout(first)
        above.addWidget(self.images)
        above.addWidget(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self.tree, 1)

    @property
    def path(self) -> Path | None:
        """The file whose tags are shown, or asked for."""
        return self._path

    @property
    def asked(self) -> Path | None:
        """The file that was asked for; `path` may be another of the same object since."""
        return self._asked

    def hide_patient(self, *, hidden: bool) -> None:
        """Keep values of group 0010, the patient's (PS3.6), to itself; or show them again."""
        if hidden != self._patient_hidden:
            self._patient_hidden = hidden
            self._words = patient_words_of(self._nodes) | self.other_words()
            self._name(self._path)
            self._fill()

    def show_images(self, count: int, place: int) -> None:
        """Offer the images of a volume to choose from, or nothing where there is but one.

        Args:
            count: of images.
            place: of the one that is shown, from 0.
        """
        self.images.setVisible(count > 1)
        with QSignalBlocker(self.image):
            self.image.setRange(1, max(count, 1))
            self.image.setSuffix(f" of {count}")
            self.image.setValue(place + 1)

    def show_file(self, path: Path | None, *, same_object: bool = False) -> None:
        """Read and show a file's elements; with None, nothing.

        Args:
            path: the file.
            same_object: whether it is of the object that is shown: its elements stay until those of the file are there.
        """
        self._path = path
        if not same_object:
            self._asked = path
        self.compare.setEnabled(path is not None)
        if path is None or not same_object:
            self._nodes = []
            self._fill()
            self._name(path)
        if path is not None:
            self._tasks.start("Reading tags", lambda _report: (path, read_tags(path)), self._show)
        self.path_changed.emit()

    def _name(self, path: Path | None) -> None:
        hidden = self._patient_hidden
        self.title.setText(NOTHING if path is None else FILE_HIDDEN.capitalize() if hidden else path.name)
        self.title.setToolTip("" if path is None or hidden else text_tip(str(path)))

    def copy_all(self) -> None:
        """Copy all elements as text, those in sequences indented."""
        nodes, shown = self._nodes, self._shown

        def work(report: Report) -> str:
            return tree_text(nodes, shown, report)

        self._tasks.start("Copying tags", work, QApplication.clipboard().setText)

    def refresh(self) -> None:
        """Make the rows anew, in the colours of another theme."""
        self._fill()

    def release(self) -> None:
        """Search no more."""
        self._typed.stop()

    def _show(self, result: tuple[Path, list[TagNode]]) -> None:
        path, nodes = result
        if path == self._path:  # else another object was chosen meanwhile
            self._nodes, self._words = nodes, patient_words_of(nodes) | self.other_words()
            self._name(path)
            self._fill()

    def _shown(self, node: TagNode) -> TagNode:
        return without_patient(node, self._words) if self._patient_hidden else node

    def _fill(self) -> None:
        self._typed.stop()
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None
        text, nodes, shown = self.field.text().strip(), self._nodes, self._shown
        if not text or not nodes:
            self.tree.show_rows(map(shown, nodes))
            return

        def work(report: Report) -> tuple[str, list[TagNode], list[TagNode]]:
            return text, nodes, search(nodes, text, most=MOST_FOUND, shown=shown, report=report)

        self._searching = self._tasks.start("Searching tags", work, self._found)

    def _found(self, result: tuple[str, list[TagNode], list[TagNode]]) -> None:
        text, nodes, found = result
        if text == self.field.text().strip() and nodes is self._nodes:
            self._searching = None
            self.tree.show_rows(map(self._shown, found))


def _item(node: TagNode) -> QTreeWidgetItem:
    item = QTreeWidgetItem([node.tag, node.full_name, node.vr, node.value])
    item.setToolTip(1, node.full_name)
    item.setToolTip(3, node.value)
    if node.private:
        item.setForeground(1, QColor(colors().muted))
    return item
