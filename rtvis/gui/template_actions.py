"""The ROI menu's templates, and its check of names against TG-263."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.roi_edits import color_by_names
from rtvis.app.roi_templates import RoiTemplate, apply_template, load_template, save_template, template_of
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.name_check_dialog import NameCheckDialog
from rtvis.gui.paths import ask_files, ask_save
from rtvis.gui.template_dialog import TemplateDialog
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus

PATTERN = "Templates of ROIs (*.json);;All files (*)"


class TemplateActions(Feature):
    """New ROIs from a template, a template from ROIs, names by the report."""

    def fill(self, menus: Menus) -> None:
        """Actions in the ROI menu."""
        menu = menus.menu("ROI")
        menu.addSeparator()
        needs = Need.STUDY | Need.WHOLE
        menus.add(menu, "New ROIs from template…", self.ask_template, "Ctrl+Shift+T", needs=needs)
        menus.add(menu, "Save ROIs as template…", self.save, needs=Need.SET)
        menus.add(menu, "Colours by TG-263 names", self.color_by_names, needs=Need.SET)
        menus.add(menu, "Check names against TG-263…", self.check_names, needs=Need.SET)

    def ask_template(self) -> None:
        """Offer templates, and add what is chosen."""
        dialog = TemplateDialog(self.session.structure_set, self.load, self.window)
        dialog.accepted.connect(lambda: self.apply(dialog.chosen))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def apply(self, template: RoiTemplate) -> None:
        """Add the ROIs of a template that aren't there yet."""
        if self.session.structure_set is None and self.session.volume is None:
            return  # what is open is neither images nor contours
        try:
            added = apply_template(self.session, template)
        except RtvisError as error:
            self.window.show_error(error)
            return
        self.window.say(f"{len(added)} ROI{'s'[: len(added) != 1]} added" if added else "All of them are there already")

    def load(self) -> RoiTemplate | None:
        """Ask for a template file and read it; None where that came to nothing."""
        paths = ask_files(self.window, "Template of ROIs", PATTERN)
        if not paths:
            return None
        try:
            return load_template(paths[0])
        except RtvisError as error:
            self.window.show_error(error)
            return None

    def save(self) -> None:
        """Ask where to, and write the names, types and colours of the active set's ROIs as a template."""
        current = self.session.structure_set
        if current is None:
            return
        path = ask_save(self.window, "Save ROIs as template", "template.json", PATTERN)
        if not path:
            return
        try:
            save_template(template_of(current, Path(path).stem), path, overwrite=True)
        except RtvisError as error:
            self.window.show_error(error)
            return
        self.window.say(f"Saved {path}")

    def color_by_names(self) -> None:
        """Give ROIs the colours that their names have."""
        try:
            known = color_by_names(self.session)
        except RtvisError as error:
            self.window.show_error(error)
            return
        current = self.session.structure_set
        rois = 0 if current is None else len(current.rois)
        kept = "" if known == rois else "; the others keep theirs"
        self.window.say(f"{known} of {rois} ROIs have the colours that go with their names{kept}")

    def check_names(self) -> None:
        """Show what the report says of the names."""
        dialog = NameCheckDialog(self.window)
        dialog.show()
