"""Dialogs for contours by slice: simplify, copy to slices, delete, give to another ROI, reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QComboBox, QLabel, QSpinBox

from rtvis.app.contour_planes import ground_of
from rtvis.app.planes import PlaneKind
from rtvis.app.planned_contours import CopyToSlices, DeleteContours, Give, Place, Reverse, Scope, Simplify
from rtvis.gui.operation_dialog import OperationDialog, row_of
from rtvis.gui.roi_choices import RoiChoice
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.app.planned_edit import Planner
    from rtvis.gui.main_window import MainWindow
    from rtvis.model.structure_set import Roi

ALL, SLICE, RANGE = range(3)


def place_of(window: MainWindow) -> Place:
    """Where the active view is; the axial one while the 3D view is active."""
    session = window.session
    active = "" if window.views is None else window.views.active_name
    kind = next((one for one in PlaneKind if one == active), PlaneKind.AXIAL)
    return Place(kind, session.cursor_lps, session.oblique)


class ContourDialog(OperationDialog):
    """Asks for an ROI and which of its contours are meant."""

    follows_cursor = True
    scopes: tuple[int, ...] = (ALL, SLICE, RANGE)

    def __init__(self, window: MainWindow, title: str, scope: int = ALL) -> None:
        self._first_scope = scope
        self.kind = place_of(window).kind
        super().__init__(window, title)

    @property
    def place(self) -> Place:
        """Where the view is that the dialog was opened on."""
        return Place(self.kind, self.session.cursor_lps, self.session.oblique)

    def add_roi_row(self, label: str = "ROI") -> None:
        """The row that chooses the ROI."""
        self.roi = RoiChoice()
        self.form.addRow(label, self.roi)
        self.roi.currentIndexChanged.connect(lambda _index: self.ask())

    def add_scope_row(self) -> None:
        """The rows that choose the contours."""
        self.scope_choice = QComboBox()
        words = {
            ALL: "All contours",
            SLICE: f"This {self.kind.value} slice",
            RANGE: f"A range of {self.kind.value} slices",
        }
        for scope in self.scopes:
            self.scope_choice.addItem(words[scope], scope)
        self.scope_choice.setCurrentIndex(self.scope_choice.findData(self._first_scope))
        self.form.addRow("Which", self.scope_choice)
        here, count = self._slice_shown()
        self.first_slice, self.last_slice = QSpinBox(), QSpinBox()
        for box in (self.first_slice, self.last_slice):
            box.setRange(1, max(count, 1))
            box.setValue(here)
            box.valueChanged.connect(lambda _value: self.ask())
        self.range_row = row_of(self.first_slice, QLabel("to"), self.last_slice)
        self.form.addRow("Slices", self.range_row)
        self.scope_choice.currentIndexChanged.connect(self._scope_chosen)
        self._show_range()

    def _slice_shown(self) -> tuple[int, int]:
        ground = ground_of(self.session)
        if ground is None:
            return 1, 1
        view = self.place.view(ground)
        return (view.slice_index or 0) + 1, view.slice_count

    def _scope_chosen(self) -> None:
        self._show_range()
        self.adjustSize()
        self.ask()

    def _show_range(self) -> None:
        shown = self.scope_choice.currentData() == RANGE
        self.range_row.setVisible(shown)
        self.form.labelForField(self.range_row).setVisible(shown)

    @property
    def scope(self) -> Scope:
        """The contours that are meant."""
        chosen = self.scope_choice.currentData()
        if chosen == ALL:
            return Scope()
        ends = (self.first_slice.value() - 1, self.last_slice.value() - 1)
        return Scope(self.place, ends if chosen == RANGE else None)

    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""
        self.roi.fill(rois, self.session.active_roi)

    @property
    def number(self) -> int:
        """Of the ROI that is chosen.

        Raises:
            UsageError: when there is none.
        """
        return self.roi.needed_number

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The ROI itself."""
        return (self.roi.number,)


class SimplifyDialog(ContourDialog):
    """Leaves points out, and tells how far the line moves."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Simplify contours")

    def build(self) -> None:
        """ROI, contours, tolerance."""
        self.add_roi_row()
        self.add_scope_row()
        self.tolerance = self.length("Deviation up to", 0.2, 20.0, least=0.0, step=0.1)

    def planner(self) -> Planner:
        """The simplifying."""
        return Simplify(self.number, self.tolerance.value(), self.scope)


class ReverseDialog(ContourDialog):
    """Turns the direction of contours round."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Reverse contours", SLICE)

    def build(self) -> None:
        """ROI, contours."""
        self.add_roi_row()
        self.add_scope_row()

    def planner(self) -> Planner:
        """The reversing."""
        return Reverse(self.number, self.scope)


class DeleteDialog(ContourDialog):
    """Takes contours away, shown in red before they go."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Delete contours", RANGE)

    def build(self) -> None:
        """ROI, contours."""
        self.add_roi_row()
        self.add_scope_row()
        self.ok.setText("Delete")

    def planner(self) -> Planner:
        """The deleting."""
        return DeleteContours(self.number, self.scope)


class GiveDialog(ContourDialog):
    """Moves or copies contours to another ROI."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Move or copy contours to another ROI", SLICE)

    def build(self) -> None:
        """Both ROIs, contours, whether the first keeps them."""
        self.add_roi_row("From")
        self.target = RoiChoice()
        self.form.addRow("To", self.target)
        self.add_scope_row()
        self.keep = QCheckBox("Copy: leave them in the first, too")
        self.form.addRow("", self.keep)
        self.target.currentIndexChanged.connect(lambda _index: self.ask())
        self.keep.toggled.connect(lambda _on: self.ask())

    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""
        super().refill(rois)
        self.target.fill(rois, next((one.number for one in rois if one.number != self.roi.number), None))

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The one that gets them, and the one that loses them."""
        return (self.target.number,) if self.keep.isChecked() else (self.target.number, self.roi.number)

    def planner(self) -> Planner:
        """The moving or copying."""
        target = self.target.number
        if target is None:
            raise UsageError("there is no other ROI", remedy="make one first")
        return Give(self.number, target, self.scope, keep=self.keep.isChecked())


class CopyDialog(ContourDialog):
    """Copies the contours of the slice that is shown to others."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Copy contours to slices", SLICE)

    def build(self) -> None:
        """ROI, how many slices, which way."""
        self.add_roi_row()
        self.count = QSpinBox()
        self.count.setRange(1, max(self._slice_shown()[1] - 1, 1))
        self.way = QComboBox()
        for words, signs in (("next", (1,)), ("previous", (-1,)), ("next and previous", (1, -1))):
            self.way.addItem(words, signs)
        self.form.addRow("To", row_of(self.count, self.way))
        hint = QLabel(f"From the {self.kind.value} slice that is shown.")
        hint.setProperty("role", "small")
        self.form.addRow("", hint)
        self.count.valueChanged.connect(lambda _value: self.ask())
        self.way.currentIndexChanged.connect(lambda _index: self.ask())

    def planner(self) -> Planner:
        """The copying."""
        steps = tuple(sign * step for sign in self.way.currentData() for step in range(1, self.count.value() + 1))
        return CopyToSlices(self.number, self.place, steps)
