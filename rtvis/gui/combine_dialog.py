"""The dialog for boolean operations on ROIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QLabel

from rtvis.app.planned_operations import TITLES, Combine
from rtvis.gui.operation_dialog import OperationDialog
from rtvis.gui.roi_choices import RoiChoice, RoiTicks, TargetChoice
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.app.planned_edit import Planner
    from rtvis.gui.main_window import MainWindow
    from rtvis.model.structure_set import Roi

JOINTS = {"union": "+", "intersection": "_and_", "difference": "-", "xor": "_xor_"}
"""Between two names in the name of a result; all are characters that TG-263 has."""

MOST_NAMED = 3


class CombineDialog(OperationDialog):
    """A boolean operation on two or more ROIs."""

    def __init__(self, window: MainWindow, operation: str = "union") -> None:
        self._first_operation = operation
        super().__init__(window, "Combine ROIs")

    def build(self) -> None:
        """Operation, ROIs, target."""
        self.operation = QComboBox()
        for key, title in TITLES.items():
            self.operation.addItem(title, key)
        self.operation.setCurrentIndex(self.operation.findData(self._first_operation))
        self.first_label = QLabel("First")
        self.first = RoiChoice()
        self.others = RoiTicks()
        self.target = TargetChoice()
        self.form.addRow("Operation", self.operation)
        self.form.addRow(self.first_label, self.first)
        self.form.addRow("With", self.others)
        self.form.addRow("Result", self.target)
        self.operation.currentIndexChanged.connect(lambda _index: self.ask())
        self.first.currentIndexChanged.connect(lambda _index: self.ask())
        self.others.changed.connect(self.ask)
        self.target.changed.connect(self.ask)

    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""
        self.first.fill(rois, self.session.active_roi)
        self.others.fill(rois)
        self.target.fill(rois, None)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the ROIs, the first one first."""
        first = self.first.number
        return () if first is None else (first, *(one for one in self.others.numbers if one != first))

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The target."""
        return (self.target.target.number,)

    def ask(self) -> None:
        """Say what the first ROI is to the others, and compute."""
        operation, current = self.operation.currentData(), self.session.structure_set
        label = self.form.labelForField(self.others)
        label.setText("Without" if operation == "difference" else "With")
        if current is not None and len(self.numbers) > 1:
            names = [current.roi(number).name for number in self.numbers]
            self.target.suggest(JOINTS[operation].join(names[:MOST_NAMED]))
        super().ask()

    def planner(self) -> Planner:
        """The operation on the ROIs that are ticked."""
        if len(self.numbers) < 2:
            raise UsageError("tick one more ROI")
        return Combine(self.operation.currentData(), self.numbers, self.target.target)
