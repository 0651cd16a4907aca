"""The ROI menu's actions on ROIs as a whole, and the menu over the list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QAction, QMenu

from rtvis.app.roi_edits import INTERPRETED_TYPES, renumber_roi
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.question_dialog import asked_number
from rtvis.gui.quiet_menu import QuietMenu
from rtvis.model.errors import RtvisError
from rtvis.model.structure_set import LARGEST_IS

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

CONTEXT: tuple[str, ...] = (
    "Go to ROI",
    "Show only this ROI",
    "Show or hide chosen ROIs",
    "",
    "Rename ROI",
    "Colour of ROI",
    "Number of ROI",
    "Lock or unlock ROI",
    "Duplicate ROI",
    "",
    "Margin",
    "Union",
    "",
    "Delete ROI",
)
"""Actions over the list, by name; a line where a name is empty."""


class RoiActions(Feature):
    """What the ROI panel does, by menu and key."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._types: dict[str, QAction] = {}
        self.menu: QMenu | None = None

    def fill(self, menus: Menus) -> None:
        """Actions on the chosen ROIs."""
        panel = self.window.roi_panel
        menu = menus.menu("ROI")
        menu.addSeparator()
        types = menus.submenu("ROI", "T&ype of ROI")
        for term in INTERPRETED_TYPES:
            choose = partial(panel.interpret_chosen, term)
            self._types[term] = menus.add(types, f"Type {term or 'none'}", choose, needs=Need.ROI, checkable=True)
        menus.add(menu, "Number of ROI…", self.ask_number, needs=Need.ROI)
        menus.add(menu, "Lock or unlock ROI", panel.toggle_lock, "Alt+L", needs=Need.ROI)
        menus.add(menu, "Duplicate ROI", panel.duplicate_chosen, "Ctrl+J", needs=Need.ROI)
        order = menus.submenu("ROI", "&Order in the list")
        menus.add(order, "Move ROI up in the list", partial(panel.move_chosen, -1), "Alt+Up", needs=Need.ROI)
        menus.add(order, "Move ROI down in the list", partial(panel.move_chosen, 1), "Alt+Down", needs=Need.ROI)
        shown = menus.submenu("ROI", "Show or hide")
        menus.add(shown, "Show or hide chosen ROIs", panel.toggle_chosen, "Ctrl+Alt+H", needs=Need.ROI)
        panel.menu_asked.connect(self.open_menu)
        panel.measure_with(self.window.tasks)

    def refresh(self) -> None:
        """Tick the active ROI's type."""
        current, number = self.session.structure_set, self.session.active_roi
        kind = None
        if current is not None and number is not None:
            kind = next((one.interpreted_type for one in current.rois if one.number == number), None)
        for term, action in self._types.items():
            action.setChecked(term == kind)

    def open_menu(self, place: QPoint) -> None:
        """The menu over the list."""
        menus = self.window.menus
        menu = QuietMenu("", self.window)
        for name in CONTEXT:
            if name:
                menu.addAction(menus.actions[name])
            else:
                menu.addSeparator()
        menu.insertMenu(menus.actions["Number of ROI"], menus.submenu("ROI", "Type of ROI"))
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(place)

    def ask_number(self) -> None:
        """Ask for the active ROI's number."""
        number = self.session.active_roi
        if number is None:
            return
        words = "ROI number (ROINumber, unique in the set)"
        wanted = asked_number(self.window, "Number of ROI", words, number, (0, LARGEST_IS))
        if wanted is not None:
            try:
                renumber_roi(self.session, number, wanted)
            except RtvisError as error:
                self.window.show_error(error)
