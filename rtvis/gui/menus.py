"""Every action of the window, in a menu, with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAction, QActionGroup, QMenu, QToolBar, QToolButton

from rtvis.gui.icons import icon
from rtvis.gui.theme import LIGHT, colors
from rtvis.gui.tool_choice import MEASURES, TOOLS

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

PRESETS = 7
DRAWING_KEYS = frozenset(tool.key for tool in TOOLS if tool.make is not None)

NEED_ACTIVE_ROI = (
    "Choose no ROI (draw on a new one)",
    "Rename ROI",
    "Colour of ROI",
    "Delete ROI",
    "Go to ROI",
    "Show only this ROI",
    "Delete last contour of ROI",
)


class Menus:
    """Builds menus and tool bar of a window and keeps the actions by name."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}
        self.tool_group = QActionGroup(window)
        self._file()
        self._edit()
        self._view()
        self._contour()
        self._measure()
        self._roi()
        self._study()
        self._devices()
        self._help()
        self._tool_bar()
        self._search()
        self.name_presets()

    def _add(self, menu: QMenu | None, text: str, slot: Callable[[], object], shortcut: object = None) -> QAction:
        action = QAction(text, self._window)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: slot())
        self.actions[text.rstrip("…").replace("&", "")] = action
        if menu is not None:
            menu.addAction(action)
        return action

    def _file(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&File")
        self._add(menu, "Open &folder…", window.opening.ask_folder, QKeySequence.Open)
        self._add(menu, "Open f&iles…", window.opening.ask_files, "Ctrl+Shift+O")
        self.recent = menu.addMenu("Open &recent")
        self.recent.aboutToShow.connect(self._fill_recent)
        self._add(menu, "Open &demo", window.opening.open_demo)
        menu.addSeparator()
        self._add(menu, "&Save structure set", window.edits.save, QKeySequence.Save)
        self._add(menu, "Save structure set &as…", window.edits.save_as, "Ctrl+Shift+S")
        self._add(menu, "&Unsaved work of earlier…", window.recovery.show)
        menu.addSeparator()
        self._add(menu, "Save &picture…", window.view_actions.save_picture, "Ctrl+Shift+P")
        self._add(menu, "&Copy picture", window.view_actions.copy_picture, "Ctrl+Shift+C")
        menu.addSeparator()
        self._add(menu, "&Close study", window.close_study, "Ctrl+W")
        self._add(menu, "&Quit", window.close, QKeySequence.Quit)

    def _fill_recent(self) -> None:
        from rtvis.gui.start_page import recent_paths  # noqa: PLC0415  (read when the menu opens)

        self.recent.clear()
        for path in recent_paths():
            self.recent.addAction(path, partial(self._window.opening.open_asking, [path]))
        if self.recent.isEmpty():
            self.recent.addAction("Nothing yet").setEnabled(False)

    def _edit(self) -> None:
        edits = self._window.edits
        menu = self._window.menuBar().addMenu("&Edit")
        self.undo = self._add(menu, "Undo", edits.undo, QKeySequence.Undo)
        self.redo = self._add(menu, "Redo", edits.redo, "Ctrl+Shift+Z")

    def _view(self) -> None:
        window, views = self._window, self._window.view_actions
        menu = window.menuBar().addMenu("&View")
        layout = menu.addMenu("&Layout")
        for number, (name, title) in enumerate(
            (("axial", "Axial"), ("coronal", "Coronal"), ("sagittal", "Sagittal"), ("3d", "3D")), 1
        ):
            self._add(layout, f"{title} alone", partial(views.show_alone, name), f"Alt+{number}")
        self._add(layout, "Four views", views.four_views, "Alt+0")
        self._add(layout, "Active view large", views.enlarge_active, "Alt+5")
        self._add(layout, "Maximise active view", views.maximise_active, "Space")
        layout.addSeparator()
        self._add(layout, "Oblique view", views.toggle_oblique, "Alt+6")
        self._add(layout, "Oblique plane by angles…", views.ask_oblique, "Ctrl+Shift+B")
        layout.addSeparator()
        self._add(layout, "Next view", partial(views.next_view, 1), "F6")
        self._add(layout, "Previous view", partial(views.next_view, -1), "Shift+F6")
        levels = menu.addMenu("&Window/level")
        self.presets = [
            self._add(levels, f"Preset {n + 1}", partial(views.apply_preset, n), str(n + 1)) for n in range(PRESETS)
        ]
        levels.addSeparator()
        self._add(levels, "Reset window/level", window.session.reset_window, "Shift+W")
        look = menu.addMenu("&3D from")
        for letter, side in zip("APLRSI", ("front", "back", "left", "right", "above", "below"), strict=True):
            self._add(look, f"From {side} ({letter})", partial(views.look_from, letter))
        menu.addSeparator()
        self._add(menu, "&Fit views", views.fit, "Ctrl+0")
        self._add(menu, "Full screen", window.toggle_full_screen, "F11")
        self.light = self._add(menu, "Light theme", window.toggle_theme)
        self.light.setCheckable(True)
        self.light.setChecked(colors() is LIGHT)
        menu.addSeparator()
        self.panels = menu.addMenu("&Panels")
        for dock in window.docks.values():
            self.panels.addAction(dock.toggleViewAction())

    def _contour(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&Contour")
        self.tools: dict[str, QAction] = {}
        for tool in TOOLS:
            action = self._add(menu, tool.title, partial(window.tools.choose, tool.key), tool.shortcut)
            action.setCheckable(True)
            action.setIcon(icon(tool.key))
            action.setToolTip(f"{tool.title} ({tool.shortcut})\n{tool.hint}")
            self.tool_group.addAction(action)
            self.tools[tool.key] = action
        self.tools[TOOLS[0].key].setChecked(True)
        menu.insertSeparator(self.tools["point"])
        menu.addSeparator()
        self._add(menu, "Delete last contour of ROI", window.edits.delete_last_contour, "Ctrl+Backspace")

    def _measure(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&Measure")
        for tool in MEASURES:
            action = self._add(menu, tool.title, partial(window.tools.choose, tool.key), tool.shortcut or None)
            action.setCheckable(True)
            action.setToolTip(tool.hint)
            self.tool_group.addAction(action)
            self.tools[tool.key] = action
        menu.addSeparator()
        self._add(menu, "Remove last measurement", window.session.measurements.remove_last, "Shift+Backspace")
        self._add(menu, "Remove all measurements", window.session.measurements.clear)

    def _roi(self) -> None:
        rois = self._window.roi_panel
        menu = self._window.menuBar().addMenu("&ROI")
        self._add(menu, "New ROI", rois.new_roi, "Ctrl+Shift+N")
        self._add(menu, "Choose no ROI (draw on a new one)", rois.choose_none, "Ctrl+Shift+A")
        self._add(menu, "Rename ROI", rois.rename_chosen, "F2")
        self._add(menu, "Colour of ROI…", rois.recolor_chosen)
        self._add(menu, "Delete ROI", rois.delete_chosen)
        menu.addSeparator()
        self._add(menu, "Go to ROI", self._window.view_actions.go_to_active_roi, "G")
        self._add(menu, "Show only this ROI", rois.show_only_chosen, "Ctrl+H")
        self._add(menu, "Show or hide all ROIs", rois.toggle_all, "Ctrl+Shift+H")

    def _study(self) -> None:
        integrity = self._window.integrity
        menu = self._window.menuBar().addMenu("&Study")
        self._add(menu, "Digests…", integrity.digest, "Ctrl+D")
        self._add(menu, "Sign…", self._window.sign, "Ctrl+Shift+G")
        self._add(menu, "Verify signatures…", integrity.verify, "Ctrl+Shift+V")
        menu.addSeparator()
        self._add(menu, "Match to images by geometry…", self._window.matching.match)
        self._add(menu, "Repair references…", self._window.repair)
        menu.addSeparator()
        self._add(menu, "Create identity…", self._window.devices.create_identity)

    def _devices(self) -> None:
        menu = self._window.menuBar().addMenu("&Devices")
        devices = self._window.devices
        self._add(menu, "Send to device…", self._window.send, "Ctrl+Shift+D")
        menu.addSeparator()
        self.receive = self._add(menu, "Receive…", devices.receive_or_stop, "Ctrl+Shift+R")
        self._add(menu, "What a device holds…", devices.show_held)
        menu.addSeparator()
        self._add(menu, "Set up a device…", devices.set_up)
        self._add(menu, "Trust a sender…", devices.trust)

    def _help(self) -> None:
        menu = self._window.menuBar().addMenu("&Help")
        self._add(menu, "Commands…", self._window.show_commands, "Ctrl+K")
        self._add(menu, "Mouse and keys", self._window.show_gestures, QKeySequence.HelpContents)
        self._add(menu, "About rtvis", self._window.show_about)

    def _search(self) -> None:
        """At the end of the menu bar, for those who don't know the key yet."""
        button = QToolButton(self._window)
        button.setObjectName("search")
        button.setText("Search commands   Ctrl+K")
        button.setFocusPolicy(Qt.NoFocus)
        button.clicked.connect(self._window.show_commands)
        self._window.menuBar().setCornerWidget(button)

    def _tool_bar(self) -> None:
        bar = QToolBar("Tools", self._window)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(22, 22))
        for tool in TOOLS:
            if tool.key == "point":
                bar.addSeparator()
            bar.addAction(self.tools[tool.key])
        self._window.addToolBar(Qt.LeftToolBarArea, bar)
        self.tool_bar = bar

    def refresh(self) -> None:
        """Enable what can be done now, and name what would be undone."""
        session = self._window.session
        history = session.history
        self.receive.setText("Receive…" if self._window.devices.server is None else "Stop receiving")
        undo = history.undo_name if history is not None else None
        redo = history.redo_name if history is not None else None
        self.undo.setText(f"Undo {undo}" if undo else "Undo")
        self.undo.setEnabled(undo is not None)
        self.redo.setText(f"Redo {redo}" if redo else "Redo")
        self.redo.setEnabled(redo is not None)
        has_roi = session.active_roi is not None
        has_set, has_study = session.structure_set is not None, self._window.has_study
        for name in ("Save structure set", "Save structure set as", "Show or hide all ROIs"):
            self.actions[name].setEnabled(has_set)
        for name in NEED_ACTIVE_ROI:
            self.actions[name].setEnabled(has_roi)
        for name in ("Digests", "Sign", "Verify signatures", "Send to device", "Close study", "Save picture"):
            self.actions[name].setEnabled(has_study)
        matching, current = self._window.matching, session.structure_set
        self.actions["Match to images by geometry"].setEnabled(bool(matching.unmatched))
        self.actions["Repair references"].setEnabled(current is not None and current.volume is not None)
        previewing = self._window.opening.is_previewing
        for key, action in self.tools.items():
            drawing = key in DRAWING_KEYS
            action.setEnabled(session.volume is not None and not (drawing and previewing))
        self.actions["New ROI"].setEnabled(has_study and not previewing)

    def name_presets(self) -> None:
        """Name the presets after the modality that is shown."""
        presets = self._window.view_actions.presets()
        for n, action in enumerate(self.presets):
            action.setVisible(n < len(presets))
            action.setText(presets[n].title if n < len(presets) else f"Preset {n + 1}")
