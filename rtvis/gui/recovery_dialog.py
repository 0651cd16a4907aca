"""The dialog that offers work back which a program left behind that ended suddenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import QDialog, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from rtvis.gui.dialog_column import dialog_column
from rtvis.gui.patient_text import is_hidden_in, text_in

if TYPE_CHECKING:
    from rtvis.editing.journal_folder import Unsaved

WORDS = (
    "rtvis ended before this work was saved. Restoring opens the images and does the edits again; nothing is written "
    "until you save."
)
ROW_HEIGHT_PX = 46


def told(unsaved: Unsaved, *, hidden: bool = False) -> str:
    """Two lines about work that was left behind: what and when, then where it belongs and how far it got.

    Names and folders are left out of them while patients are `hidden`: whose they are isn't known before it is open.
    """
    if hidden:
        nowhere = replace(unsaved.source, path=None, images=None)
        unsaved = replace(unsaved, label="", last_name="", source=nowhere)
    when = "" if unsaved.last_at is None else f" from {unsaved.last_at.astimezone():%d %b %Y, %H:%M}"
    edits = "1 edit" if unsaved.edits == 1 else f"{unsaved.edits} edits"
    source = unsaved.source.path or unsaved.source.images
    where = "" if source is None else _short(source)
    last = f"last: {unsaved.last_name}" if unsaved.last_name else ""
    problem = f"its end can't be read: {unsaved.problem}" if unsaved.problem and unsaved.edits else unsaved.problem
    second = " · ".join(part for part in (edits, last, where, problem) if part)
    return f"{unsaved.label or 'Structure set'}{when}\n{second}"


def _short(path: Path) -> str:
    return str(Path(*path.parts[-2:]))


class RecoveryDialog(QDialog):
    """Offers each piece of work: `restore` and `discard` carry the `Unsaved` that was chosen; Later closes it."""

    restore = Signal(object)
    discard = Signal(object)

    def __init__(self, works: Sequence[Unsaved], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unsaved work")
        self._works = list(works)
        words = QLabel(WORDS)
        words.setWordWrap(True)
        self.list = QListWidget()
        self.list.setTextElideMode(Qt.ElideMiddle)
        for work in works:
            # A list item shows text, never markup.
            item = QListWidgetItem(text_in(parent, told(work, hidden=is_hidden_in(parent))))
            item.setSizeHint(QSize(0, ROW_HEIGHT_PX))
            place = work.source.path or work.source.images or work.journal
            item.setToolTip("" if is_hidden_in(parent) else str(place))
            self.list.addItem(item)
        self.restore_button = QPushButton("Restore")
        self.restore_button.setProperty("primary", "true")
        self.restore_button.setDefault(True)
        self.discard_button = QPushButton("Discard…")
        self.later_button = QPushButton("Later")
        self.restore_button.clicked.connect(self._restore)
        self.discard_button.clicked.connect(lambda: self.discard.emit(self.chosen))
        self.list.currentRowChanged.connect(self._chosen)
        self.list.itemActivated.connect(self.restore_button.click)
        self.later_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        buttons.addWidget(self.later_button)
        buttons.addWidget(self.restore_button)
        layout = dialog_column(self)
        layout.addWidget(words)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.resize(560, 190 + ROW_HEIGHT_PX * min(len(works), 5))
        self.list.setCurrentRow(0)

    @property
    def chosen(self) -> Unsaved:
        """The work that is chosen in the list."""
        return self._works[max(self.list.currentRow(), 0)]

    def forget(self, work: Unsaved) -> None:
        """Take a piece of work off the list; the dialog closes with the last one."""
        row = self._works.index(work)
        del self._works[row]
        self.list.takeItem(row)
        if not self._works:
            self.reject()

    def _chosen(self, row: int) -> None:
        self.restore_button.setEnabled(0 <= row < len(self._works) and self._works[row].edits > 0)

    def _restore(self) -> None:
        work = self.chosen
        self.accept()
        self.restore.emit(work)
