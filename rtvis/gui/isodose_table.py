"""The table of isodose levels: which are drawn, their values and their colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.number_text import number_text
from rtvis.gui.number_box import NumberBox

if TYPE_CHECKING:
    from rtvis.app.isodoses import IsodoseLevel, Isodoses
    from rtvis.app.overlay_state import OverlayState
    from rtvis.model.dose import Dose

SWATCH_PX = 12
VALUE, DOSE = 0, 1
LEAST_ROW_PX = 20
FEWEST_ROWS, MOST_ROWS = 3, 12
MOST_DOSE = 1e6


class IsodoseTable(QWidget):
    """Edits the isodose levels of the session's overlay.

    A tick draws a level, a double click (or F2) changes its value; Del takes it away.

    Args:
        state: whose `isodoses`.
    """

    def __init__(self, state: OverlayState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._levels: tuple[IsodoseLevel, ...] = ()
        self._dose: Dose | None = None
        self.shown = QCheckBox("Isodose lines")
        self.shown.toggled.connect(lambda on: self._set(replace(state.isodoses, shown=on)))
        self.unit = QComboBox()
        self.unit.setAccessibleName("Levels in")
        self.unit.addItem("in %", True)
        self.unit.addItem("in Gy", False)
        self.unit.activated.connect(lambda _n: self._set(state.isodoses.counted(in_percent=self.unit.currentData())))
        self.reference = NumberBox()
        self.reference.setAccessibleName("Reference dose")
        self.reference.setToolTip("The dose that is 100 %; the largest dose of the file at first")
        self.reference.setRange(1e-3, MOST_DOSE)
        self.reference.setDecimals(2)
        self.reference.setKeyboardTracking(False)
        self.reference.setButtonSymbols(NumberBox.NoButtons)
        self.reference.setAlignment(Qt.AlignRight)
        self.reference.valueChanged.connect(lambda dose: self._set(state.isodoses.with_reference(dose)))
        self.tree = self._make_tree()
        self.add = QPushButton("Add level")
        self.add.clicked.connect(lambda: self._set(state.isodoses.with_one_more()))
        self.color = QPushButton("Colour…")
        self.color.clicked.connect(self.ask_color)
        self.remove = QPushButton("Remove")
        self.remove.clicked.connect(self.remove_chosen)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("The levels that are there at first; those set by hand are kept with the study")
        self.reset.clicked.connect(state.reset_isodoses)
        self._lay_out()
        self.refresh()

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setEditTriggers(QAbstractItemView.NoEditTriggers)
        tree.setVerticalScrollBarPolicy(Qt.ScrollBarAsNeeded)
        tree.header().setStretchLastSection(True)
        tree.header().setSectionResizeMode(VALUE, QHeaderView.Stretch)
        tree.setAccessibleName("Isodose levels")
        tree.itemChanged.connect(self._edited)
        tree.currentItemChanged.connect(lambda _now, _before: self._row_chosen())
        tree.itemDoubleClicked.connect(lambda item, _column: self.tree.editItem(item, VALUE))
        return tree

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.addWidget(self.shown, 1)
        row.addWidget(self.unit)
        column.addLayout(row)
        row = QHBoxLayout()
        self._reference_label = QLabel("100 % is")
        self._reference_label.setProperty("role", "muted")
        row.addWidget(self._reference_label)
        row.addWidget(self.reference, 1)
        column.addLayout(row)
        column.addWidget(self.tree)
        row = QHBoxLayout()
        for button in (self.add, self.color, self.remove, self.reset):
            button.setStyleSheet("padding: 4px 8px;")
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def refresh(self) -> None:
        """Show the levels as the state has them."""
        isodoses, units = self._state.isodoses, self._state.unit_text or "Gy"
        with QSignalBlocker(self.shown), QSignalBlocker(self.unit), QSignalBlocker(self.reference):
            self.shown.setChecked(isodoses.shown)
            self.unit.setItemText(1, f"in {units}")
            self.unit.setCurrentIndex(0 if isodoses.in_percent else 1)
            self.reference.setSuffix(f" {units}")
            self.reference.setValue(isodoses.reference)
        for widget in (self.reference, self._reference_label):
            widget.setVisible(isodoses.in_percent)
        for widget in (self.tree, self.add, self.reference):
            widget.setEnabled(isodoses.shown)
        self.reset.setEnabled(self._state.has_own_isodoses)
        item = self.tree.currentItem() if self._dose is self._state.dose else None
        chosen = -1 if item is None else self.tree.indexOfTopLevelItem(item)
        self._dose = self._state.dose
        with QSignalBlocker(self.tree):
            self.tree.clear()
            self._levels = isodoses.levels
            for level in isodoses.levels:
                self._add_row(level, isodoses, units)
            if chosen >= 0:  # nobody chose the first row of a list that is new
                self.tree.setCurrentItem(self.tree.topLevelItem(min(chosen, len(self._levels) - 1)))
        rows = min(max(len(self._levels), FEWEST_ROWS), MOST_ROWS)
        self.tree.setFixedHeight(rows * max(self.tree.sizeHintForRow(0), LEAST_ROW_PX) + 2)
        self._row_chosen()

    def _row_chosen(self) -> None:
        """Colour and removal are of a row: without one there is nothing that they could act on."""
        for widget in (self.color, self.remove):
            widget.setEnabled(self._state.isodoses.shown and self.tree.currentItem() is not None)

    def _add_row(self, level: IsodoseLevel, isodoses: Isodoses, units: str) -> None:
        unit = "%" if isodoses.in_percent else units
        dose = f"{number_text(isodoses.dose_of(level))} {units}" if isodoses.in_percent else ""
        item = QTreeWidgetItem(self.tree, [f"{level.value:.5g} {unit}", dose])
        item.setFlags(item.flags() | Qt.ItemIsEditable | Qt.ItemIsUserCheckable)
        item.setCheckState(VALUE, Qt.Checked if level.shown else Qt.Unchecked)
        item.setIcon(VALUE, _swatch(level))
        item.setTextAlignment(DOSE, Qt.AlignRight | Qt.AlignVCenter)
        item.setToolTip(VALUE, "Double click or F2: another value.  Del: remove")

    def _set(self, isodoses: Isodoses) -> None:
        self._state.set_isodoses(isodoses)
        self.refresh()  # also where nothing changed: what was typed is written as it counts

    def _row_of(self, item: QTreeWidgetItem) -> IsodoseLevel:
        return self._levels[self.tree.indexOfTopLevelItem(item)]

    def _edited(self, item: QTreeWidgetItem, column: int) -> None:
        level, isodoses = self._row_of(item), self._state.isodoses
        if column != VALUE:
            self.refresh()
            return
        shown = item.checkState(VALUE) == Qt.Checked
        if shown != level.shown:
            self._set(isodoses.with_level(replace(level, shown=shown), level))
            return
        try:
            value = float(item.text(VALUE).split()[0].rstrip("%").replace(",", "."))
        except (ValueError, IndexError):
            value = level.value
        signed = self._state.dose is not None and self._state.dose.minimum < 0
        usable = 0 < abs(value) < MOST_DOSE and (value > 0 or signed)
        self._set(isodoses.with_level(replace(level, value=value), level) if usable else isodoses)

    def ask_color(self) -> None:
        """Choose another colour for the chosen level."""
        item = self.tree.currentItem()
        if item is None:
            return
        level = self._row_of(item)
        chosen = QColorDialog.getColor(QColor(*level.color), self, f"Colour of {item.text(VALUE)}")
        if chosen.isValid():
            rgb = (chosen.red(), chosen.green(), chosen.blue())
            self._set(self._state.isodoses.with_level(replace(level, color=rgb), level))

    def remove_chosen(self) -> None:
        """Take the chosen level away."""
        item = self.tree.currentItem()
        if item is not None:
            self._set(self._state.isodoses.without(self._row_of(item)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 changes a value, Del takes a level away."""
        key = event.key()
        item = self.tree.currentItem()
        if key == Qt.Key_Delete and item is not None:
            self.remove_chosen()
        elif key == Qt.Key_F2 and item is not None:
            self.tree.editItem(item, VALUE)
        else:
            super().keyPressEvent(event)


def _swatch(level: IsodoseLevel) -> QIcon:
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(QColor(*level.color))
    return QIcon(pixmap)
