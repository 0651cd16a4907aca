"""How views are written on: the size of texts, and the patient kept off the screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QAction, QActionGroup

from rtvis.gui.feature import Feature
from rtvis.gui.settings import settings

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

SCALE_KEY, HIDDEN_KEY = "texts/scale", "texts/patient-hidden"
SCALES = ((0.85, "Small texts"), (1.0, "Normal texts"), (1.25, "Large texts"), (1.6, "Largest texts"))


NOW_HIDDEN = "Patient, files and folders are hidden; other words of descriptions, and the images, are not"


class ReadingActions(Feature):
    """Both are remembered: a screen in public stays one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._sizes: dict[float, QAction] = {}
        self.session.scale_texts(_kept_scale())
        self.session.hide_patient(hidden=str(settings().value(HIDDEN_KEY, "false")) == "true")
        self.session.texts_changed.connect(self._show)

    def fill(self, menus: Menus) -> None:
        """Into View."""
        texts = menus.submenu("View", "Texts in views")
        group = QActionGroup(self)
        for scale, title in SCALES:
            action = menus.add(texts, title, partial(self._scale, scale), checkable=True)
            group.addAction(action)
            self._sizes[scale] = action
        texts.addSeparator()
        self._hidden = menus.add(texts, "Hide patient", self.toggle_patient, "Ctrl+Alt+K", checkable=True)
        self._show()

    def release(self) -> None:
        """Let go of the session."""
        self.session.texts_changed.disconnect(self._show)

    def _scale(self, scale: float) -> None:
        settings().setValue(SCALE_KEY, scale)
        self.session.scale_texts(scale)
        self._show()

    def toggle_patient(self) -> None:
        """Keep name, ID, files and folders off the window (`rtvis.app.patient_hiding`), or show them again."""
        hidden = not self.session.patient_hidden
        settings().setValue(HIDDEN_KEY, "true" if hidden else "false")
        self.session.hide_patient(hidden=hidden)
        self.window.say(NOW_HIDDEN if hidden else "Patient shown")

    def _show(self) -> None:
        self._hidden.setChecked(self.session.patient_hidden)
        self.window.tag_panel.hide_patient(hidden=self.session.patient_hidden)
        self.window.start_page.hide_patient(hidden=self.session.patient_hidden)
        if self.session.text_scale in self._sizes:
            self._sizes[self.session.text_scale].setChecked(True)


def _kept_scale() -> float:
    """The size that was chosen last; normal where that isn't one of those offered."""
    kept = str(settings().value(SCALE_KEY, ""))
    return next((scale for scale, _ in SCALES if str(scale) == kept), 1.0)
