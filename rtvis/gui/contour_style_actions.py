"""How contours are drawn, in the View menu; remembered for the next start."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QAction, QActionGroup

from rtvis.app.contour_style import DEFAULT_STYLE, THICKEST_PX, THINNEST_PX, ContourLook, ContourStyle
from rtvis.gui.contour_style_dialog import TITLES, ContourStyleDialog
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.settings import settings

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

STYLE_KEY = "contours/style"
WIDTH_STEP_PX = 0.6


class ContourStyleActions(Feature):
    """Outline, filled or both; thicker and thinner; all of it by sliders."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._looks: dict[ContourLook, QAction] = {}
        self.session.set_contour_style(style_from(str(settings().value(STYLE_KEY, ""))))
        self.session.contour_style_changed.connect(self._changed)

    def fill(self, menus: Menus) -> None:
        """Into View."""
        menu = menus.submenu("View", "Contours")
        group = QActionGroup(self)
        for look, title in TITLES.items():
            action = menus.add(
                menu, f"{title} contours", partial(self._set_look, look), needs=Need.STUDY, checkable=True
            )
            group.addAction(action)
            self._looks[look] = action
        menus.add(menu, "Next contour look", self.next_look, "Ctrl+Alt+F", needs=Need.STUDY)
        menu.addSeparator()
        menus.add(menu, "Thicker contours", partial(self.step_width, 1), "Ctrl+Alt+Up", needs=Need.STUDY)
        menus.add(menu, "Thinner contours", partial(self.step_width, -1), "Ctrl+Alt+Down", needs=Need.STUDY)
        menus.add(menu, "Contour style…", self.ask, "Ctrl+Alt+L", needs=Need.STUDY)
        self._looks[self.session.contour_style.look].setChecked(True)

    def release(self) -> None:
        """Let go of the session."""
        self.session.contour_style_changed.disconnect(self._changed)

    def _set_look(self, look: ContourLook) -> None:
        self.session.set_contour_style(replace(self.session.contour_style, look=look))
        self._looks[look].setChecked(True)

    def next_look(self) -> None:
        """Outline, filled, both, and outline again."""
        looks = list(ContourLook)
        self._set_look(looks[(looks.index(self.session.contour_style.look) + 1) % len(looks)])
        self.window.say(f"Contours: {TITLES[self.session.contour_style.look].lower()}")

    def step_width(self, steps: int) -> None:
        """Draw lines thicker, or with a negative number thinner."""
        style = self.session.contour_style
        width = min(max(style.width_px + steps * WIDTH_STEP_PX, THINNEST_PX), THICKEST_PX)
        self.session.set_contour_style(replace(style, width_px=width))

    def ask(self) -> None:
        """All of it by sliders, seen at once."""
        dialog = ContourStyleDialog(self.session, self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _changed(self) -> None:
        style = self.session.contour_style
        settings().setValue(STYLE_KEY, json.dumps(asdict(style)))
        self._looks[style.look].setChecked(True)


def style_from(text: str) -> ContourStyle:
    """A style as settings keep it; the usual one where that can't be read."""
    try:
        kept = json.loads(text)
        return ContourStyle(
            ContourLook(kept["look"]), float(kept["width_px"]), float(kept["opacity"]), float(kept["fill_opacity"])
        )
    except (ValueError, TypeError, KeyError):
        return DEFAULT_STYLE
