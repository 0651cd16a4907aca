"""Dialogs for operations on the area of one ROI: margins, rings, smoothing, clipping, interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QButtonGroup, QComboBox, QGridLayout, QLabel, QRadioButton, QWidget

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.planned_contours import Scope, SmoothContours
from rtvis.app.planned_interpolation import Interpolate
from rtvis.app.planned_operations import (
    LONGEST_MARGIN_MM,
    SIDES,
    Clip,
    Margin,
    Ring,
    SmoothBody,
)
from rtvis.geometry.frame import orientation_letter
from rtvis.geometry.plane import Plane
from rtvis.gui.operation_dialog import OperationDialog, millimetres, row_of
from rtvis.gui.roi_choices import RoiChoice, TargetChoice
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.app.planned_edit import Planner
    from rtvis.gui.main_window import MainWindow
    from rtvis.model.structure_set import Roi

SIDE_WORDS = {"L": "Left", "R": "Right", "A": "Anterior", "P": "Posterior", "S": "Superior", "I": "Inferior"}


class OneRoiDialog(OperationDialog):
    """Operations that make one area out of another; `into_new` says where the result goes at first."""

    into_new = False

    def add_roi_row(self) -> None:
        """The row that chooses the ROI."""
        self.roi = RoiChoice()
        self.form.addRow("ROI", self.roi)
        self.roi.currentIndexChanged.connect(lambda _index: self.ask())

    def add_target_row(self) -> None:
        """The row that chooses where the result goes."""
        self.target = TargetChoice()
        self.form.addRow("Result", self.target)
        self.target.changed.connect(self.ask)

    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""
        self.roi.fill(rois, self.session.active_roi)
        self.target.fill(rois, None if self.into_new else self.roi.number)

    @property
    def number(self) -> int:
        """Of the ROI that is chosen.

        Raises:
            UsageError: when there is none.
        """
        return self.roi.needed_number

    @property
    def roi_name(self) -> str:
        """The name of the ROI that is chosen."""
        return self.roi.currentText()

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The target."""
        return (self.target.target.number,)

    def suggested(self) -> str:
        """A name for a new ROI with the result."""
        return self.roi_name

    def ask(self) -> None:
        """Propose a name, and compute."""
        self.target.suggest(self.suggested())
        super().ask()


class MarginDialog(OneRoiDialog):
    """A margin, the same in all directions or one for each side of the patient."""

    into_new = True

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Margin")

    def build(self) -> None:
        """Direction, one length or six, target."""
        self.add_roi_row()
        self.grow, self.shrink = QRadioButton("Outwards"), QRadioButton("Inwards")
        self.grow.setChecked(True)
        self.form.addRow("Grow", row_of(self.grow, self.shrink))
        self.same, self.each = QRadioButton("All sides"), QRadioButton("Each side (mm)")
        self.same.setChecked(True)
        self._groups = []
        for pair in ((self.grow, self.shrink), (self.same, self.each)):
            group = QButtonGroup(self)
            for button in pair:
                group.addButton(button)
            self._groups.append(group)
        self.form.addRow("Margin", row_of(self.same, self.each))
        self.uniform = millimetres(5.0, LONGEST_MARGIN_MM)
        self.uniform.valueChanged.connect(lambda _value: self.ask())
        self.sides = {side: millimetres(5.0, LONGEST_MARGIN_MM) for side in SIDES}
        self._six = QWidget()
        grid = QGridLayout(self._six)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for number, side in enumerate(SIDES):
            row, column = number // 2, 2 * (number % 2)
            label = QLabel(SIDE_WORDS[side])
            self.sides[side].setAccessibleName(f"{SIDE_WORDS[side]}, mm")
            self.sides[side].setSuffix("")  # there is no room for six of them; the radio button says it
            self.sides[side].valueChanged.connect(lambda _value: self.ask())
            grid.addWidget(label, row, column)
            grid.addWidget(self.sides[side], row, column + 1)
        self.form.addRow("", self.uniform)
        self.form.addRow(self._six)
        self._six.hide()
        self.grow.toggled.connect(lambda _on: self.ask())
        self.same.toggled.connect(self._show_sides)
        self.add_target_row()
        self.uniform.setFocus()
        self.uniform.selectAll()

    def _show_sides(self, same: bool) -> None:
        for side in () if same else SIDES:
            self.sides[side].blockSignals(True)
            self.sides[side].setValue(self.uniform.value())
            self.sides[side].blockSignals(False)
        self.uniform.setVisible(same)
        self._six.setVisible(not same)
        self.adjustSize()
        self.ask()

    @property
    def sides_mm(self) -> tuple[float, ...]:
        """Towards L, R, A, P, S, I."""
        if self.same.isChecked():
            return (self.uniform.value(),) * len(SIDES)
        return tuple(self.sides[side].value() for side in SIDES)

    def suggested(self) -> str:
        """The ROI's name and how much was added."""
        most, sign = max(self.sides_mm), "-" if self.shrink.isChecked() else "+"
        return f"{self.roi_name}{sign}{most:g}mm"

    def planner(self) -> Planner:
        """The margin."""
        if not any(self.sides_mm):
            raise UsageError("a margin of 0 mm changes nothing")
        return Margin(self.number, self.sides_mm, self.shrink.isChecked(), self.target.target)


class RingDialog(OneRoiDialog):
    """The rind of an ROI."""

    into_new = True

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Ring")

    def build(self) -> None:
        """How far inside and outside, target."""
        self.add_roi_row()
        self.inwards = self.length("Inside", 0.0, LONGEST_MARGIN_MM)
        self.outwards = self.length("Outside", 5.0, LONGEST_MARGIN_MM)
        self.add_target_row()

    def suggested(self) -> str:
        """The ROI's name, as one that isn't for dose (TG-263: it begins with z)."""
        return f"zRing_{self.roi_name}"

    def planner(self) -> Planner:
        """The ring."""
        if not self.inwards.value() + self.outwards.value():
            raise UsageError("a ring of 0 mm is none")
        return Ring(self.number, self.inwards.value(), self.outwards.value(), self.target.target)


class SmoothDialog(OneRoiDialog):
    """Smoothing: contour by contour, or the body in three dimensions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Smooth")

    def build(self) -> None:
        """Way, width, target."""
        self.add_roi_row()
        self.way = QComboBox()
        self.way.addItems(["The body in 3D", "Each contour by itself"])
        self.way.currentIndexChanged.connect(self._way_chosen)
        self.form.addRow("Smooth", self.way)
        self.width_mm = self.length("Bends below", 3.0, 50.0, least=0.1, step=0.5)
        self.add_target_row()

    def _way_chosen(self, way: int) -> None:
        self.target.setVisible(way == 0)
        self.form.labelForField(self.target).setVisible(way == 0)
        self.ask()

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The target; the ROI itself where contours are smoothed one by one."""
        return (self.roi.number if self.way.currentIndex() else self.target.target.number,)

    def suggested(self) -> str:
        """The ROI's name, with what was done to it."""
        return f"{self.roi_name}_smooth"

    def planner(self) -> Planner:
        """The smoothing."""
        if self.way.currentIndex():
            return SmoothContours(self.number, self.width_mm.value(), Scope())
        return SmoothBody(self.number, self.width_mm.value(), self.target.target)


class ClipDialog(OneRoiDialog):
    """What of an ROI is on one side of a view's plane; the plane follows the cursor."""

    follows_cursor = True

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Clip by plane")

    def build(self) -> None:
        """Plane, side, target."""
        self.add_roi_row()
        self.kind = QComboBox()
        for kind in PlaneKind:
            self.kind.addItem(f"{kind.value.capitalize()} plane", kind)
        views = self.window_of_dialog.views
        active = views.active_name if views is not None else ""
        self.kind.setCurrentIndex(max(self.kind.findData(next((one for one in PlaneKind if one == active), None)), 0))
        self.side = QComboBox()
        self.form.addRow("Plane", self.kind)
        self.form.addRow("Keep", self.side)
        hint = QLabel("It goes through the linked cursor: scroll to move it.")
        hint.setWordWrap(True)
        hint.setProperty("role", "small")
        self.form.addRow("", hint)
        self.add_target_row()
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        self.side.currentIndexChanged.connect(lambda _index: self.ask())
        self._name_sides()

    def _kind_chosen(self) -> None:
        self._name_sides()
        self.ask()

    def _plane(self) -> Plane | None:
        if self.session.grid is None:
            return None
        planes = VolumePlanes(self.session.grid, self.session.oblique)
        return planes.at(self.kind.currentData(), self.session.cursor_lps).plane

    def _name_sides(self) -> None:
        plane = self._plane()
        self.side.blockSignals(True)
        self.side.clear()
        normal = np.zeros(3) if plane is None else plane.normal
        for sign in (1.0, -1.0) if plane is not None else ():
            letters = orientation_letter(sign * normal)
            words = "-".join(SIDE_WORDS[letter] for letter in letters)
            self.side.addItem(words.lower().capitalize(), sign)
        self.side.blockSignals(False)

    def ask(self) -> None:
        """The oblique plane may have been turned: name its sides anew."""
        chosen = self.side.currentIndex()
        self._name_sides()
        self.side.blockSignals(True)
        self.side.setCurrentIndex(max(chosen, 0))
        self.side.blockSignals(False)
        super().ask()

    def suggested(self) -> str:
        """The ROI's name, with the side that stays."""
        return f"{self.roi_name}_{self.side.currentText().lower()}"

    def planner(self) -> Planner:
        """The clipping."""
        plane = self._plane()
        if plane is None:
            raise UsageError("there are no images", remedy="open them first")
        if self.side.currentData() < 0:
            plane = Plane(plane.origin_lps_mm, plane.u, -plane.v)
        return Clip(self.number, plane, self.side.currentText().lower(), self.target.target)


class InterpolateDialog(OneRoiDialog):
    """Contours on the slices between those that were drawn, seen before they are accepted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "Interpolate between slices")

    def build(self) -> None:
        """The ROI alone."""
        self.add_roi_row()
        self.ok.setText("Accept")

    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""
        self.roi.fill(rois, self.session.active_roi)

    def changed_numbers(self) -> tuple[int | None, ...]:
        """The ROI itself."""
        return (self.roi.number,)

    def ask(self) -> None:
        """Compute."""
        OperationDialog.ask(self)

    def planner(self) -> Planner:
        """The interpolation."""
        return Interpolate(self.number)
