"""Every action of the window, in a menu, with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from enum import Flag, auto
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAction, QActionGroup, QMenu

from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.tools_catalogue import MEASURES, TOOLS
from rtvis.gui.icons import icon
from rtvis.gui.quiet_menu import QuietMenu
from rtvis.gui.theme import LIGHT, colors
from rtvis.gui.tool_bar import ToolBar

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

PRESETS = 7

MENUS = ("&File", "&Edit", "&View", "&Contour", "&Measure", "&ROI", "&Study", "&Devices", "&Help")

GROUPS = {"look": "&Mouse tool", "draw": "&Draw", "paint": "&Paint", "edit": "&Change"}
"""Submenus by the group of the tools in them: of the Contour menu, and of View for those that only look."""

VIEW_MENUS = (
    ("&Layout", GROUPS["look"]),
    ("&Window/level", "&Colour map", "O&verlay", "Co&ntours", "&Texts in views"),
    ("3&D",),
)
"""Submenus of the View menu in their order, whichever feature fills them; a line between groups."""


NO_COMMAND = "no-command"
"""A property of entries that only tell something; the list of commands leaves them out."""


class Need(Flag):
    """What must be there for an action to make sense; without it the action is greyed out."""

    NOTHING = 0
    STUDY = auto()
    """Anything is open."""
    VOLUME = auto()
    PLANES = auto()
    """Slice views show something: images, or contours without any."""
    SET = auto()
    """A structure set is active."""
    ROI = auto()
    """An ROI is active."""
    CONTOURS = auto()
    """The active ROI has contours."""
    MEASURED = auto()
    """Something was measured."""
    WHOLE = auto()
    """What is shown has been read to its end: half a volume can be looked at, and not be drawn on."""


class Menus:
    """Builds menus and tool bar of a window and keeps the actions by name."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}
        self._needs: list[tuple[QAction, Need]] = []
        self._menus = {title.replace("&", ""): QuietMenu(title, window) for title in MENUS}
        for menu in self._menus.values():
            window.menuBar().addMenu(menu)
        self._submenus: dict[tuple[str, str], QMenu] = {}
        self.tools: dict[str, QAction] = {}
        self.tool_group = QActionGroup(window)
        self._file()
        self._edit()
        self._view()
        self._contour()
        self._measure()
        self._roi()
        self._study()
        self._devices()
        self._tool_bar()
        self.name_presets()

    def menu(self, title: str) -> QMenu:
        """A menu of the bar by its plain title: ``File``, ``Edit``, ``View``, ``Contour`` and so on."""
        return self._menus[title]

    def submenu(self, menu: str, title: str) -> QMenu:
        """A menu within one of the bar, made when first asked for; `title` with its ``&`` the first time."""
        key = (menu, title.replace("&", ""))
        if key not in self._submenus:
            self._submenus[key] = self._menus[menu].addMenu(title)
        return self._submenus[key]

    def add(
        self,
        menu: QMenu,
        text: str,
        slot: Callable[[], object],
        shortcut: object = None,
        *,
        needs: Need = Need.NOTHING,
        checkable: bool = False,
    ) -> QAction:
        """Add an action; it is kept in `actions` by its text without ``&`` and a last ``…``.

        Args:
            menu: of `menu` or `submenu`.
            text: what it says; ``…`` at the end where more is asked before anything happens.
            slot: called without arguments.
            shortcut: as QKeySequence takes it; None or "" for none.
            needs: what must be there; `refresh` greys the action out without it.
            checkable: whether it shows a state; setting that is the caller's.

        Raises:
            ValueError: when there is an action of this name or with this shortcut already.
        """
        name = text.rstrip("…").replace("&", "")
        keys = QKeySequence(shortcut) if shortcut else QKeySequence()
        taken = [one.text() for one in self.actions.values() if not keys.isEmpty() and one.shortcut() == keys]
        if name in self.actions or taken:
            raise ValueError(f"{name} ({keys.toString()}) is there already: {taken or name}")
        action = QAction(text, self._window)
        action.setShortcut(keys)
        action.setCheckable(checkable)
        action.triggered.connect(lambda _checked=False: slot())
        self.actions[name] = action
        if needs:
            self._needs.append((action, needs))
        menu.addAction(action)
        return action

    def _file(self) -> None:
        window = self._window
        menu = self.menu("File")
        self.add(menu, "Open &folder…", window.opening.ask_folder, QKeySequence.Open)
        self.add(menu, "Open f&iles…", window.opening.ask_files, "Ctrl+Shift+O")
        self.recent = menu.addMenu("Open &recent")
        self.recent.aboutToShow.connect(self._fill_recent)
        self.add(menu, "Open &demo", window.opening.open_demo)
        menu.addSeparator()
        self.add(menu, "&Save structure set", window.edits.save, QKeySequence.Save, needs=Need.SET)
        self.add(menu, "Save structure set &as…", window.edits.save_as, "Ctrl+Shift+S", needs=Need.SET)
        self.add(menu, "&Unsaved work of earlier…", window.recovery.show)
        menu.addSeparator()
        self.add(menu, "Save &picture…", window.view_actions.save_picture, "Ctrl+Shift+P", needs=Need.STUDY)
        self.add(menu, "&Copy picture", window.view_actions.copy_picture, "Ctrl+Shift+C", needs=Need.STUDY)
        menu.addSeparator()
        self.add(menu, "S&top what is under way", window.status.cancel_task, "Shift+Esc")
        self.add(menu, "&Close study", window.close_study, "Ctrl+W", needs=Need.STUDY)
        self.add(menu, "&Quit", window.close, QKeySequence.Quit)

    def _fill_recent(self) -> None:
        from rtvis.gui.recent_studies import recent_paths, recent_text  # noqa: PLC0415  (read when the menu opens)

        self.recent.clear()
        hidden = self._window.session.patient_hidden
        for number, path in enumerate(recent_paths(), 1):
            text = recent_text(number, path, hidden=True) if hidden else path
            self.recent.addAction(text.replace("&", "&&"), partial(self._window.opening.open_asking, [path]))
        if self.recent.isEmpty():
            nothing = self.recent.addAction("Nothing yet")
            nothing.setEnabled(False)
            nothing.setProperty(NO_COMMAND, True)

    def _edit(self) -> None:
        edits = self._window.edits
        menu = self.menu("Edit")
        self.undo = self.add(menu, "Undo", edits.undo, QKeySequence.Undo)
        self.redo = self.add(menu, "Redo", edits.redo, "Ctrl+Shift+Z")
        self.redo.setShortcuts([self.redo.shortcut(), QKeySequence("Ctrl+Y")])

    def _view(self) -> None:
        window, views = self._window, self._window.view_actions
        menu = self.menu("View")
        for group in VIEW_MENUS:
            for title in group:
                self.submenu("View", title)
            menu.addSeparator()
        layout = self.submenu("View", "Layout")
        for number, (name, title) in enumerate(
            (("axial", "Axial"), ("coronal", "Coronal"), ("sagittal", "Sagittal"), ("3d", "3D")), 1
        ):
            self.add(layout, f"{title} alone", partial(views.show_alone, name), f"Alt+{number}", needs=Need.STUDY)
        self.add(layout, "Four views", views.four_views, "Alt+0", needs=Need.STUDY)
        self.add(layout, "Active view large", views.enlarge_active, "Alt+5", needs=Need.STUDY)
        maximise = self.add(layout, "Maximise active view", views.maximise_active, "Space", needs=Need.STUDY)
        maximise.setShortcutContext(Qt.WidgetWithChildrenShortcut)  # of the views: elsewhere Space presses buttons
        layout.addSeparator()
        self.add(layout, "Oblique view", views.toggle_oblique, "Alt+6", needs=Need.PLANES)
        self.add(layout, "Oblique alone", partial(views.show_alone, "oblique"), "Alt+7", needs=Need.PLANES)
        self.add(layout, "Oblique plane by angles…", views.ask_oblique, "Ctrl+Shift+B", needs=Need.PLANES)
        layout.addSeparator()
        self.add(layout, "&Fit views", views.fit, "Ctrl+0", needs=Need.STUDY)
        self.add(layout, "One pixel per voxel (1:1)", views.show_actual_size, "Ctrl+1", needs=Need.VOLUME)
        self.add(layout, "Reset views", views.reset, "Ctrl+Shift+0", needs=Need.PLANES)
        self.add(layout, "Next view", partial(views.next_view, 1), "F6", needs=Need.STUDY)
        self.add(layout, "Previous view", partial(views.next_view, -1), "Shift+F6", needs=Need.STUDY)
        levels = self.submenu("View", "Window/level")
        self.presets = [
            self.add(levels, f"Preset {n + 1}", partial(views.apply_preset, n), str(n + 1)) for n in range(PRESETS)
        ]
        levels.addSeparator()
        self.add(levels, "Reset window/level", window.session.reset_window, "Shift+W", needs=Need.VOLUME)
        look = self.submenu("View", "3D").addMenu("&Look from")
        for letter, side in zip("APLRSI", ("front", "back", "left", "right", "above", "below"), strict=True):
            self.add(look, f"From {side} ({letter})", partial(views.look_from, letter), needs=Need.STUDY)
        self.panels = menu.addMenu("&Panels")
        for dock in window.docks.values():
            self.panels.addAction(dock.toggleViewAction())
        self.add(menu, "F&ull screen", window.toggle_full_screen, "F11")
        self.light = self.add(menu, "L&ight theme", window.toggle_theme, checkable=True)
        self.light.setChecked(colors() is LIGHT)

    def _contour(self) -> None:
        window = self._window
        menu = self.menu("Contour")
        for tool in TOOLS:
            group = self.submenu("View" if tool.group == "look" else "Contour", GROUPS[tool.group])
            looks = Need.VOLUME if tool.needs_image else Need.PLANES
            needs = looks | Need.WHOLE if tool.changes_set else looks
            choose = partial(window.tools.choose, tool.key)
            action = self.add(group, tool.title, choose, tool.shortcut, needs=needs, checkable=True)
            action.setIcon(icon(tool.key))
            action.setToolTip(f"{tool.title} ({tool.shortcut})\n{tool.hint}")
            self.tool_group.addAction(action)
            self.tools[tool.key] = action
        self.tools[TOOLS[0].key].setChecked(True)
        menu.addSeparator()
        self.add(
            menu, "Delete last contour of ROI", window.edits.delete_last_contour, "Ctrl+Backspace", needs=Need.CONTOURS
        )

    def _measure(self) -> None:
        window = self._window
        menu = self.menu("Measure")
        for tool in MEASURES:
            choose = partial(window.tools.choose, tool.key)
            needs = Need.VOLUME if tool.needs_image else Need.PLANES
            action = self.add(menu, tool.title, choose, tool.shortcut, needs=needs, checkable=True)
            action.setToolTip(tool.hint)
            self.tool_group.addAction(action)
            self.tools[tool.key] = action
        menu.addSeparator()
        measured, needs = window.session.measurements, Need.MEASURED
        self.add(menu, "Remove last measurement", measured.remove_last, "Shift+Backspace", needs=needs)
        self.add(menu, "Remove all measurements", measured.clear, needs=needs)

    def _roi(self) -> None:
        rois = self._window.roi_panel
        menu = self.menu("ROI")
        self.add(menu, "New ROI", rois.new_roi, "Ctrl+Shift+N", needs=Need.STUDY | Need.WHOLE)
        self.add(menu, "Choose no ROI (draw on a new one)", rois.choose_none, "Ctrl+Shift+A", needs=Need.ROI)
        self.add(menu, "Rename ROI", rois.rename_chosen, "F2", needs=Need.ROI)
        self.add(menu, "Colour of ROI…", rois.recolor_chosen, needs=Need.ROI)
        self.add(menu, "Delete ROI", rois.delete_chosen, needs=Need.ROI)
        menu.addSeparator()
        self.add(menu, "Go to ROI", self._window.view_actions.go_to_active_roi, "G", needs=Need.CONTOURS)
        shown = self.submenu("ROI", "&Show or hide")
        self.add(shown, "Show only this ROI", rois.show_only_chosen, "Ctrl+H", needs=Need.ROI)
        self.add(shown, "Show or hide all ROIs", rois.toggle_all, "Ctrl+Shift+H", needs=Need.SET)

    def _study(self) -> None:
        integrity = self._window.integrity
        menu = self.menu("Study")
        self.add(menu, "Digests…", integrity.digest, "Ctrl+D", needs=Need.STUDY)
        self.add(menu, "Sign…", self._window.integrity.sign, "Ctrl+Shift+G", needs=Need.STUDY)
        self.add(menu, "Verify signatures…", integrity.verify, "Ctrl+Shift+V", needs=Need.STUDY)
        menu.addSeparator()
        self.add(menu, "Match to images by geometry…", self._window.matching.match)
        self.add(menu, "Repair references…", self._window.matching.repair)
        menu.addSeparator()
        self.add(menu, "Create identity…", self._window.devices.create_identity)

    def _devices(self) -> None:
        menu = self.menu("Devices")
        devices = self._window.devices
        self.add(menu, "Send to device…", self._window.integrity.send, "Ctrl+Shift+D", needs=Need.STUDY)
        menu.addSeparator()
        self.receive = self.add(menu, "Receive…", devices.receive_or_stop, "Ctrl+Shift+R")
        self.add(menu, "What a device holds…", devices.show_held)
        menu.addSeparator()
        self.add(menu, "Set up a device…", devices.set_up)
        self.add(menu, "Trust a sender…", devices.trust)

    def _tool_bar(self) -> None:
        self.tool_bar = ToolBar(self.tools, self._window)
        self._window.addToolBar(Qt.LeftToolBarArea, self.tool_bar)

    def refresh(self) -> None:
        """Enable what can be done now, and name what would be undone."""
        session = self._window.session
        self.receive.setText("Receive…" if self._window.devices.server is None else "Stop receiving")
        self.name_steps()
        there = self._there()
        for action, needs in self._needs:
            action.setEnabled(needs in there)
        for feature in self._window.features:
            feature.refresh()
        matching, current = self._window.matching, session.structure_set
        self.actions["Match to images by geometry"].setEnabled(bool(matching.unmatched))
        self.actions["Repair references"].setEnabled(current is not None and current.volume is not None)

    def name_steps(self) -> None:
        """Name what would be undone and redone: points of what is being built come first, then strokes, then edits."""
        active, history = self._window.tools.active, self._window.session.history
        undo = active.undo_name or (None if history is None else history.undo_name)
        if active.undo_name is None and self._window.edits.is_working:
            undo = "stroke"
        redo = active.redo_name
        if redo is None and active.undo_name is None and history is not None:
            redo = history.redo_name
        hidden = partial(without_patient_names, self._window.session)  # steps tell names of ROIs
        self.undo.setText(hidden(f"Undo {undo}") if undo else "Undo")
        self.undo.setEnabled(undo is not None)
        self.redo.setText(hidden(f"Redo {redo}") if redo else "Redo")
        self.redo.setEnabled(redo is not None)

    def _there(self) -> Need:
        window, session = self._window, self._window.session
        current, active = session.structure_set, session.active_roi
        met = {
            Need.STUDY: window.has_study,
            Need.VOLUME: session.volume is not None,
            Need.PLANES: session.grid is not None,
            Need.SET: current is not None,
            Need.ROI: active is not None,
            Need.CONTOURS: current is not None and active is not None and bool(current.roi(active).contours),
            Need.MEASURED: session.measurements.count > 0,
            Need.WHOLE: not window.opening.is_previewing,
        }
        there = Need.NOTHING
        for need, is_met in met.items():
            there |= need if is_met else Need.NOTHING
        return there

    def name_presets(self) -> None:
        """Name the presets after the modality that is shown."""
        presets = self._window.view_actions.presets()
        for n, action in enumerate(self.presets):
            action.setVisible(n < len(presets))
            action.setText(presets[n].title if n < len(presets) else f"Preset {n + 1}")
