"""Pictures of one view, and whether pictures tell the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.pictures import picture_of, set_shows_patient, shows_patient

if TYPE_CHECKING:
    from qtpy.QtGui import QPixmap

    from rtvis.gui.menus import Menus


class PictureActions(Feature):
    """Those of all views are in the File menu already; these stand below them."""

    def fill(self, menus: Menus) -> None:
        """Into File, after the pictures of all views."""
        menu = menus.menu("File")
        after = menu.actions()[menu.actions().index(menus.actions["Copy picture"]) + 1]
        made = [
            menus.add(menu, "Save picture of active view…", self.save, "Alt+Shift+P", needs=Need.STUDY),
            menus.add(menu, "Copy picture of active view", self.copy, "Alt+Shift+C", needs=Need.STUDY),
            menus.add(menu, "Patient in pictures", self.toggle_patient, checkable=True),
        ]
        menu.insertActions(after, made)
        self._patient = made[-1]
        self._patient.setChecked(shows_patient())

    def picture(self) -> QPixmap | None:
        """The view with the focus, or the one that had it last; None before there are views."""
        views = self.window.views
        return None if views is None else picture_of(views, self.session, views.active_name)

    def save(self) -> None:
        """Ask where to, and save."""
        picture = self.picture()
        if picture is not None:
            self.window.edits.save_picture(picture)

    def copy(self) -> None:
        """Put it on the clipboard."""
        picture = self.picture()
        if picture is not None:
            self.window.edits.copy_picture(picture)

    def toggle_patient(self) -> None:
        """Have pictures tell name and ID, or not."""
        set_shows_patient(shown=not shows_patient())
        self._patient.setChecked(shows_patient())
        self.window.say("Pictures tell the patient" if shows_patient() else "Pictures keep the patient to themselves")
