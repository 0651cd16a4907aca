"""Ways to the panels for who has no mouse at hand: F7 from one to the next, F8 to the list of ROIs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus


class PanelKeys(Feature):
    """Gives the focus to a panel, in front of those that share its place; Esc leads back to the views."""

    def fill(self, menus: Menus) -> None:
        """Into View > Panels."""
        panels = menus.panels
        panels.addSeparator()
        menus.add(panels, "Next panel", partial(self.go_on, 1), "F7")
        menus.add(panels, "Previous panel", partial(self.go_on, -1), "Shift+F7")
        menus.add(panels, "List of ROIs", self.go_to_rois, "F8", needs=Need.STUDY)

    def go_on(self, step: int) -> None:
        """To the next panel that isn't closed (1), or to the one before (-1)."""
        keys = [key for key, dock in self.window.docks.items() if dock.toggleViewAction().isChecked()]
        if not keys:
            return
        focused = self.window.focusWidget()
        here = [n for n, key in enumerate(keys) if focused is not None and self.window.docks[key].isAncestorOf(focused)]
        start = here[0] if here else (-1 if step > 0 else 0)
        self.go_to(keys[(start + step) % len(keys)])

    def go_to(self, key: str) -> None:
        """Bring a panel to the front and give the first in it that can have it the focus."""
        self.window.dock_area.bring_forward(key)
        first = first_to_focus(self.window.docks[key].widget())
        if first is not None:
            first.setFocus(Qt.ShortcutFocusReason)

    def go_to_rois(self) -> None:
        """The list itself, at the active ROI."""
        self.window.dock_area.bring_forward("rois")
        self.window.roi_panel.tree.setFocus(Qt.ShortcutFocusReason)


def first_to_focus(panel: QWidget) -> QWidget | None:
    """The first in a panel, in the order of Tab, that takes the focus; None where nothing does."""
    one = panel
    while True:
        if one.focusPolicy() & Qt.TabFocus and one.isEnabled() and one.isVisibleTo(panel):
            return one
        one = one.nextInFocusChain()
        if one is panel or not panel.isAncestorOf(one):
            return None
