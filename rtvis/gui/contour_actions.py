"""The Contour menu's operations by slice, and the ROI menu's operations on areas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rtvis.app.contour_planes import ground_of
from rtvis.app.planned_contours import CopyToSlices, DeleteContours, Scope
from rtvis.app.planned_edit import Planner, commit_planned
from rtvis.gui import contour_dialogs, operation_dialogs
from rtvis.gui.combine_dialog import CombineDialog
from rtvis.gui.contour_dialogs import place_of
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.operation_dialog import OperationDialog
from rtvis.model.errors import RtvisError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

NEEDS = Need.ROI | Need.PLANES | Need.WHOLE


class ContourActions(Feature):
    """Opens dialogs, one at a time, and does at once what needs no question."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.dialog: OperationDialog | None = None

    def fill(self, menus: Menus) -> None:
        """Operations in the Contour and ROI menus."""
        contour = menus.menu("Contour")
        contour.addSeparator()
        menus.add(contour, "Copy contours to next slice", partial(self.copy_by, 1), "Ctrl+Up", needs=NEEDS)
        menus.add(contour, "Copy contours to previous slice", partial(self.copy_by, -1), "Ctrl+Down", needs=NEEDS)
        ask = self._opener
        menus.add(contour, "Copy contours to slices…", ask(contour_dialogs.CopyDialog), "Ctrl+Shift+Up", needs=NEEDS)
        interpolate = ask(operation_dialogs.InterpolateDialog)
        menus.add(contour, "Interpolate between slices…", interpolate, "Ctrl+I", needs=NEEDS)
        menus.add(contour, "Smooth…", ask(operation_dialogs.SmoothDialog), needs=NEEDS)
        menus.add(contour, "Simplify…", ask(contour_dialogs.SimplifyDialog), needs=NEEDS)
        menus.add(contour, "Reverse contours…", ask(contour_dialogs.ReverseDialog), needs=NEEDS)
        menus.add(contour, "Move or copy contours to another ROI…", ask(contour_dialogs.GiveDialog), needs=NEEDS)
        contour.addSeparator()
        menus.add(contour, "Delete contours on slice", self.delete_here, "Ctrl+Delete", needs=NEEDS)
        menus.add(contour, "Delete contours…", ask(contour_dialogs.DeleteDialog), "Ctrl+Shift+Delete", needs=NEEDS)
        menus.add(contour, "Delete all contours of ROI", self.delete_all, needs=NEEDS)
        roi = menus.menu("ROI")
        roi.addSeparator()
        combine = menus.submenu("ROI", "Com&bine")
        for title, operation, keys in (
            ("Union…", "union", "Ctrl+U"),
            ("Intersection…", "intersection", ""),
            ("Difference…", "difference", ""),
            ("Exclusive or…", "xor", ""),
        ):
            dialog = partial(CombineDialog, operation=operation)
            menus.add(combine, title, ask(dialog), keys, needs=NEEDS)
        menus.add(roi, "Margin…", ask(operation_dialogs.MarginDialog), "Ctrl+Shift+M", needs=NEEDS)
        menus.add(roi, "Ring…", ask(operation_dialogs.RingDialog), needs=NEEDS)
        menus.add(roi, "Clip by plane…", ask(operation_dialogs.ClipDialog), needs=NEEDS)

    def release(self) -> None:
        """Close what is open."""
        if self.dialog is not None:
            self.dialog.reject()

    def _opener(self, make: Callable[[MainWindow], OperationDialog]) -> Callable[[], None]:
        return partial(self.open_dialog, make)

    def open_dialog(self, make: Callable[[MainWindow], OperationDialog]) -> None:
        """Open a dialog in the place of the one that is open."""
        if self.dialog is not None:
            self.dialog.reject()
        dialog = make(self.window)
        dialog.finished.connect(partial(self._closed, dialog))
        self.dialog = dialog
        dialog.show()

    def _closed(self, dialog: OperationDialog, _result: int) -> None:
        if self.dialog is dialog:
            self.dialog = None

    def copy_by(self, step: int) -> None:
        """Copy the active ROI's contours on the slice shown to the next one (1) or the one before (-1); go there."""
        number, ground = self.session.active_roi, ground_of(self.session)
        if number is None or ground is None:
            return
        place = place_of(self.window)
        if self._make(CopyToSlices(number, place, (step,))):
            self.session.move_cursor(place.planes(ground).step(place.kind, place.cursor_lps, step))

    def delete_here(self) -> None:
        """Delete the active ROI's contours on the slice of the active view."""
        if self.session.active_roi is not None:
            self._make(DeleteContours(self.session.active_roi, Scope(place_of(self.window))))

    def delete_all(self) -> None:
        """Delete all contours of the active ROI, which stays."""
        if self.session.active_roi is not None:
            self._make(DeleteContours(self.session.active_roi, Scope()))

    def _make(self, planner: Planner) -> bool:
        current, ground = self.session.structure_set, ground_of(self.session)
        if current is None or ground is None:
            return False
        try:
            planned = planner(current, ground, no_report)
            name = commit_planned(self.session, planned)
        except RtvisError as error:
            self.window.show_error(error)
            return False
        # A contour within another that was there is a hole: nobody is to make one unawares.
        self.window.say(f"{name}: {planned.remark}" if isinstance(planner, CopyToSlices) else name)
        return True
