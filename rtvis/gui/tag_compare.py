"""The dialog that compares the tags of two objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, QTimer
from qtpy.QtGui import QColor, QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from rtvis.app.patient_hiding import words_of_session
from rtvis.app.tags import TagNode, patient_words_of, read_tags, without_patient
from rtvis.app.tags_compare import Change, TagPair, compare, found, pair_text, pairs_text
from rtvis.app.tags_objects import object_of, open_objects
from rtvis.gui.dialog_column import dialog_column, foot_row
from rtvis.gui.tag_chooser import TagChooser
from rtvis.gui.tag_dock import MOST_FOUND, SEARCH_MS
from rtvis.gui.tag_tree import TagTree
from rtvis.gui.theme import colors
from rtvis.gui.window_place import within_screen

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.app.tags_objects import OpenObject
    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.model.progress import Report

SIZE = QSize(960, 640)
SIGNS = {Change.SAME: "=", Change.CHANGED: "≠", Change.ADDED: "+", Change.REMOVED: "−"}
WIDTHS = (330, 90, 230, 230)

Answer = tuple["tuple[Path, Path, bool]", "dict[Path, list[TagNode]]", "tuple[TagPair, ...]", "dict[Change, int]"]


class TagCompare(QDialog):
    """Not modal: one scrolls on beside it. Files are read, compared and searched in the background.

    Args:
        session: whose open objects are offered.
        tasks: where the work is done.
        parent: the window.
    """

    def __init__(self, session: Session, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare tags")
        self._session = session
        self._tasks = tasks
        self._task: Task | None = None
        self._search: Task | None = None
        self._read: dict[Path, list[TagNode]] = {}
        self._words: frozenset[str] = frozenset()
        self.pairs: tuple[TagPair, ...] = ()
        self.one, self.other = TagChooser("This"), TagChooser("That")
        for chooser in (self.one, self.other):
            chooser.chosen.connect(self._compare)
        self.swap = QPushButton("Swap")
        self.swap.setToolTip("This becomes that")
        self.swap.clicked.connect(self._swap)
        self.only = QCheckBox("Differences only")
        self.only.setChecked(True)
        self.only.toggled.connect(self.refresh)
        self.by_number = QCheckBox("Match ROIs by number")
        self.by_number.setToolTip("Compare items of one ROI number, wherever they stand; else first with first")
        self.by_number.toggled.connect(self._compare)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search tag, name, value or kind of difference")
        self.field.setClearButtonEnabled(True)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(SEARCH_MS)
        self._typed.timeout.connect(self.refresh)
        self.field.textChanged.connect(self._typed.start)
        self.tree = TagTree(["Element", "Difference", "This", "That"], WIDTHS, _item, tasks)
        self.tree.add_copy("Copy row", lambda row: pair_text(row.seen), QKeySequence.Copy)
        self.tree.add_copy("Copy this value", lambda row: _whole(row.seen.one))
        self.tree.add_copy("Copy that value", lambda row: _whole(row.seen.other))
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        self.copy = QPushButton("Copy as text")
        self.copy.setToolTip("Copy all rows, or all differences, with values in full length")
        self.copy.clicked.connect(self.copy_all)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.close)
        for button in (self.swap, self.copy, self.close_button):
            button.setAutoDefault(False)
        self._lay_out()
        self.resize(within_screen(SIZE))

    def _lay_out(self) -> None:
        choosers = QGridLayout()
        choosers.setHorizontalSpacing(12)
        choosers.setVerticalSpacing(8)
        for row, chooser in enumerate((self.one, self.other)):
            choosers.addWidget(QLabel(chooser.title), row, 0)
            choosers.addWidget(chooser, row, 1)
        choosers.addWidget(self.swap, 0, 2, 2, 1)
        choosers.setColumnStretch(1, 1)
        switches = QHBoxLayout()
        switches.setSpacing(16)
        switches.addWidget(self.field, 1)
        switches.addWidget(self.only)
        switches.addWidget(self.by_number)
        layout = dialog_column(self)
        layout.addLayout(choosers)
        layout.addLayout(switches)
        layout.addWidget(self.tree, 1)
        layout.addLayout(foot_row(self.told, self.copy, self.close_button))

    def begin(self, path: Path | None) -> None:
        """Compare a file with what it suggests itself: an image with the next one, anything else with another."""
        objects = open_objects(self._session)
        self.offer(objects)
        self.one.choose(path)
        at = object_of(objects, path)
        if at is not None and len(at[0].paths) > 1:
            place = at[1] + 1 if at[1] + 1 < len(at[0].paths) else at[1] - 1
            self.other.choose(at[0].paths[place])
        else:
            kind = None if at is None else at[0].title.split()[0]
            others = [one for one in objects if path not in one.paths]
            others.sort(key=lambda one: one.title.split()[0] != kind)
            self.other.choose(others[0].paths[0] if others else path)
        self._compare()

    def offer(self, objects: tuple[OpenObject, ...]) -> None:
        """These are open now."""
        for chooser in (self.one, self.other):
            chooser.offer(objects)
        if self.one.path is None or self.other.path is None:
            if self._task is not None:
                self._task.cancel()
            self._read, self.pairs = {}, ()
            self.told.setText("Choose two objects")
            self.refresh()

    def refresh(self) -> None:
        """Show what is to be shown now: differences or all, what was searched for, with the patient or without."""
        self._typed.stop()
        if self._search is not None:
            self._search.cancel()
            self._search = None
        text, pairs, only = self.field.text().strip(), self.pairs, self.only.isChecked()
        if not text:
            seen = (pair for pair in pairs if not only or pair.change is not Change.SAME)
            self.tree.show_rows(_Shown(pair, self._shown, only) for pair in seen)
            return
        shown = self._shown

        def work(report: Report) -> tuple[str, tuple[TagPair, ...], list[TagPair]]:
            return text, pairs, found(pairs, text, differences_only=only, shown=shown, most=MOST_FOUND, report=report)

        self._search = self._tasks.start("Searching tags", work, self._found)

    def copy_all(self) -> None:
        """Copy what is compared as text: the differences, or all."""
        pairs, only, shown = self.pairs, self.only.isChecked(), self._shown

        def work(report: Report) -> str:
            return pairs_text(pairs, differences_only=only, shown=shown, report=report)

        self._tasks.start("Copying tags", work, QApplication.clipboard().setText)

    def done(self, result: int) -> None:
        """Stop what is under way, and close."""
        self._typed.stop()
        for task in (self._task, self._search):
            if task is not None:
                task.cancel()
        super().done(result)

    def _shown(self, node: TagNode) -> TagNode:
        return without_patient(node, self._words) if self._session.patient_hidden else node

    def _swap(self) -> None:
        one, other = self.one.path, self.other.path
        self.one.choose(other)
        self.other.choose(one)
        self._compare()

    def _compare(self) -> None:
        one, other, by_number = self.one.path, self.other.path, self.by_number.isChecked()
        if self._task is not None:
            self._task.cancel()
        if one is None or other is None:
            return
        known = {path: self._read[path] for path in (one, other) if path in self._read}
        self.told.setText("Comparing…")

        def work(report: Report) -> Answer:
            read = {path: known.get(path) or read_tags(path) for path in (one, other)}
            pairs = compare(read[one], read[other], by_number=by_number, report=report)
            return (one, other, by_number), read, pairs, _counted(pairs)

        self._task = self._tasks.start("Comparing tags", work, self._compared)

    def _compared(self, answer: Answer) -> None:
        asked, read, pairs, counts = answer
        if asked != (self.one.path, self.other.path, self.by_number.isChecked()):
            return
        self._task = None
        self._read, self.pairs = read, pairs
        self._words = words_of_session(self._session).union(*map(patient_words_of, read.values()))
        differing = [change for change in Change if change is not Change.SAME and counts[change]]
        words = "     ".join(f"{SIGNS[change]}  {counts[change]:,} {change.value}" for change in differing)
        self.told.setText(words or "Nothing differs")
        self.refresh()

    def _found(self, result: tuple[str, tuple[TagPair, ...], list[TagPair]]) -> None:
        text, pairs, hits = result
        if text == self.field.text().strip() and pairs is self.pairs:
            self._search = None
            self.tree.show_rows(_Shown(pair, self._shown, self.only.isChecked()) for pair in hits)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A pair as a row shows it."""

    pair: TagPair
    shown: Callable[[TagNode], TagNode]
    only: bool

    @property
    def seen(self) -> TagPair:
        return self.pair.seen_as(self.shown)

    @property
    def has_children(self) -> bool:
        return self.seen.has_children

    @property
    def is_long(self) -> bool:
        return any(node is not None and node.is_long for node in (self.pair.one, self.pair.other))

    def children(self) -> Iterator[_Shown]:
        for part in self.seen.children():
            if not self.only or part.change is not Change.SAME:
                yield _Shown(part, self.shown, self.only)


def _whole(node: TagNode | None) -> str:
    return "" if node is None else node.whole_value


def _counted(pairs: Iterable[TagPair]) -> dict[Change, int]:
    """How many elements differ, and in which way; what is added or removed as a whole counts once."""
    counts = dict.fromkeys(Change, 0)
    waiting = list(pairs)
    while waiting:
        pair = waiting.pop()
        if pair.change is Change.CHANGED and pair.has_children:
            waiting += pair.children()
        else:
            counts[pair.change] += 1
    return counts


def _item(row: _Shown) -> QTreeWidgetItem:
    pair = row.seen
    values = ["" if node is None else node.value for node in (pair.one, pair.other)]
    item = QTreeWidgetItem([pair.title, f"{SIGNS[pair.change]}  {pair.change.value}", *values])
    for column in (0, 2, 3):
        item.setToolTip(column, item.text(column))
    theme = colors()
    ink = {Change.CHANGED: theme.warn, Change.ADDED: theme.accent, Change.REMOVED: theme.bad}.get(
        pair.change, theme.muted
    )
    item.setForeground(1, QColor(ink))
    if pair.change is Change.SAME:
        for column in (0, 2, 3):
            item.setForeground(column, QColor(theme.muted))
    return item
