"""Window, level and colours: the Levels panel, its actions, and what of it settings keep."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAction, QActionGroup

from rtvis.app.color_maps import COLOR_MAPS, ColorMap, color_map
from rtvis.app.levels import Histogram, histogram_of
from rtvis.app.levels_presets import OwnPreset, OwnPresets
from rtvis.gui.feature import Feature, Panel
from rtvis.gui.levels_panel import LevelsPanel
from rtvis.gui.menus import NO_COMMAND, Need
from rtvis.gui.settings import settings
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.gui.background import Task
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume

OWN_KEY = "levels/own"
COLOR_KEY = "levels/color/{}"
REGION_TOOL = "levels_region"


class LevelsActions(Feature):
    """Levels by histogram, numbers, presets, region; colour maps. Values are counted in the background, once seen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._own = OwnPresets.from_text(str(settings().value(OWN_KEY, "")))
        self._counted: Volume | None = None
        self._counting: Task | None = None
        self._is_seen = self._released = False
        self.panel = LevelsPanel(self.session)
        self.panel.region_asked.connect(self.ask_region)
        self.panel.kept.connect(self._keep)
        self.panel.dropped.connect(self._drop)
        self._maps: dict[str, QAction] = {}
        self.session.volume_changed.connect(self._volume_changed)
        self.session.study_changed.connect(self._count)
        self.session.color_map_changed.connect(self._colors_changed)
        window.tools.changed.connect(self._tool_changed)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The Levels panel."""
        return (("levels", "Levels", self.panel),)

    def fill(self, menus: Menus) -> None:
        """Into View: region, own presets, colour maps."""
        self.window.docks["levels"].visibilityChanged.connect(self._seen)
        levels = menus.submenu("View", "Window/level")
        region = menus.tools[REGION_TOOL]
        menus.menu("Measure").removeAction(region)  # it is a tool, and measures nothing that stays
        levels.addAction(region)
        levels.addSeparator()
        menus.add(levels, "Histogram and numbers", self.show_panel, "Ctrl+Shift+L", needs=Need.VOLUME)
        menus.add(levels, "Keep levels as preset…", self.ask_name, needs=Need.VOLUME)
        self._own_menu = levels.addMenu("Own presets")
        self._own_menu.aboutToShow.connect(self._fill_own)
        maps = menus.submenu("View", "Colour map")
        group = QActionGroup(self)
        for one in COLOR_MAPS.values():
            choose = partial(self.session.set_color_map, one)
            action = menus.add(maps, one.title, choose, needs=Need.VOLUME, checkable=True)
            group.addAction(action)
            self._maps[one.key] = action
        maps.addSeparator()
        self._inverse = menus.add(maps, "Invert", self.invert, "Ctrl+Alt+I", needs=Need.VOLUME, checkable=True)
        self._show_colors()

    def release(self) -> None:
        """Let go of the session."""
        if self._counting is not None:
            self._counting.cancel()
        self._released = True
        self.session.volume_changed.disconnect(self._volume_changed)
        self.session.study_changed.disconnect(self._count)
        self.session.color_map_changed.disconnect(self._colors_changed)
        self.panel.release()

    # --- the histogram -------------------------------------------------------------------------------------------

    def _volume_changed(self) -> None:
        volume = self.session.volume
        self._counted = None
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        if volume is not None:
            chosen, inverse = self._kept_colors(volume)
            self.session.set_color_map(chosen, inverse=inverse)
        self.panel.set_own(self._own.of(volume.modality) if volume is not None else ())
        self._count()

    def _seen(self, seen: bool) -> None:
        self._is_seen = seen  # a widget in a tab behind others counts as visible: only its dock knows
        self._count()

    def refresh(self) -> None:
        """A volume that was being read is there to its end now: count it."""
        self._count()

    def _count(self) -> None:
        volume = self.session.volume
        wanted = volume is not None and volume is not self._counted and self._is_seen
        if not wanted or self._released or self._counting is not None or self.window.opening.is_previewing:
            return
        assert volume is not None

        def work(report: Report) -> tuple[Volume, Histogram]:
            return volume, histogram_of(volume, report)

        self._counting = self.window.tasks.start("Counting values", work, self._show_counted)

    def _show_counted(self, result: tuple[Volume, Histogram]) -> None:
        volume, histogram = result
        self._counting = None
        if volume is self.session.volume:
            self._counted = volume
            self.panel.set_histogram(histogram)
        else:
            self._count()

    # --- actions -------------------------------------------------------------------------------------------------

    def show_panel(self) -> None:
        """Bring the Levels panel in front, ready for a number."""
        dock = self.window.docks["levels"]
        dock.show()
        dock.raise_()
        first = self.panel.numbers["Window"]
        first.setFocus(Qt.ShortcutFocusReason)
        first.selectAll()

    def ask_region(self) -> None:
        """Let a rectangle be dragged in a view; once more and the mouse navigates again."""
        active = self.window.tools.key == REGION_TOOL
        self.window.tools.choose("navigate" if active else REGION_TOOL)

    def _tool_changed(self) -> None:
        self.panel.set_region_active(active=self.window.tools.key == REGION_TOOL)

    def invert(self) -> None:
        """Turn the colour map round."""
        self.session.set_color_map(self.session.color_map, inverse=not self.session.inverse)

    # --- own presets ---------------------------------------------------------------------------------------------

    def ask_name(self) -> None:
        """Let the levels' name be typed in the panel."""
        self.show_panel()
        self.panel.name.setFocus()

    def _keep(self, title: str) -> None:
        volume = self.session.volume
        if volume is None:
            return
        try:
            self._set_own(self._own.with_preset(OwnPreset(title, volume.modality, *self.session.window)))
        except UsageError as error:
            self.window.say(f"{error.what[:1].upper()}{error.what[1:]}: {error.remedy}")
            return
        self.panel.name.clear()
        self.window.say(f"Kept as {' '.join(title.split())}")

    def _drop(self, preset: OwnPreset) -> None:
        self._set_own(self._own.without(preset))

    def _set_own(self, presets: OwnPresets) -> None:
        self._own = presets
        settings().setValue(OWN_KEY, presets.to_text())
        volume = self.session.volume
        self.panel.set_own(presets.of(volume.modality) if volume is not None else ())

    def _fill_own(self) -> None:
        self._own_menu.clear()
        volume = self.session.volume
        for preset in self._own.of(volume.modality) if volume is not None else ():
            apply = partial(self.session.set_window, preset.width, preset.level)
            self._own_menu.addAction(preset.title).triggered.connect(lambda _checked=False, apply=apply: apply())
        if self._own_menu.isEmpty():
            none = self._own_menu.addAction("None yet")
            none.setEnabled(False)
            none.setProperty(NO_COMMAND, True)

    # --- colours -------------------------------------------------------------------------------------------------

    def _colors_changed(self) -> None:
        volume = self.session.volume
        if volume is not None:
            inverse = "/inverse" if self.session.inverse else ""
            settings().setValue(COLOR_KEY.format(volume.modality), f"{self.session.color_map.key}{inverse}")
        self._show_colors()

    def _show_colors(self) -> None:
        self._maps[self.session.color_map.key].setChecked(True)
        self._inverse.setChecked(self.session.inverse)

    def _kept_colors(self, volume: Volume) -> tuple[ColorMap, bool]:
        """Colour map and direction that a modality was last shown with; a dose keeps those that it came with."""
        kept = settings().value(COLOR_KEY.format(volume.modality))
        if kept is None and volume.is_dose:
            return self.session.color_map, self.session.inverse
        key, _, inverse = str(kept or "").partition("/")
        return color_map(key), inverse == "inverse"
