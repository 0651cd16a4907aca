"""The window: menus, tools, views, docks and status bar around one session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from qtpy.QtWidgets import QApplication, QDockWidget, QMainWindow, QStackedWidget, QTabBar, QTabWidget, QWidget

from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.device_actions import DeviceActions
from rtvis.gui.edit_actions import EditActions
from rtvis.gui.icons import icon
from rtvis.gui.integrity_actions import IntegrityActions
from rtvis.gui.menus import Menus
from rtvis.gui.messages import ask_unsaved, show_error, show_note
from rtvis.gui.paths import ask_files, ask_folder, dropped_paths
from rtvis.gui.problem_dock import ProblemList
from rtvis.gui.roi_dock import RoiPanel
from rtvis.gui.start_page import NOT_CLINICAL, StartPage, remember_path, settings
from rtvis.gui.status_bar import StatusBar
from rtvis.gui.study_dock import StudyTree
from rtvis.gui.tag_dock import TagPanel
from rtvis.gui.tool_choice import ToolChoice
from rtvis.model.study import Study

if TYPE_CHECKING:
    from rtvis.gui.views import Views
    from rtvis.model.progress import Report

STATE_KEY = "window/state-1"
GEOMETRY_KEY = "window/geometry"
DOCK_WIDTH = 304

GESTURES = """\
Wheel, Up, Down: one slice        PgUp, PgDn: ten slices
Ctrl+wheel, right drag: zoom        Middle drag: pan
Left drag: the active tool        Shift+move: linked cursor
Double click, Space: one view alone        R: fit
While drawing: Enter finishes, Esc gives up, Backspace takes a point back
In 3D: left drag turns, middle drag pans, right drag and wheel zoom; A P L R S I look from that side"""


class MainWindow(QMainWindow):
    """One window on one session."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.session = session or Session()
        self.tasks = BackgroundTasks(self)
        self.tools = ToolChoice(self)
        self.views: Views | None = None
        self._opened: list[str] = []
        self._tag_path: Path | None = None
        self._released = False
        self._asking = False
        self._asked_again = False
        self.setWindowIcon(icon("brand"))
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.AnimatedDocks | QMainWindow.AllowTabbedDocks)
        self.resize(1440, 900)
        self.edits = EditActions(self.session, self)
        self.integrity = IntegrityActions(self.session, self.tasks, self.open_paths, self)
        self.devices = DeviceActions(self.tasks, self)
        self._build_centre()
        self._build_docks()
        self.status = StatusBar(self.session, self.tasks, self)
        self.setStatusBar(self.status)
        self.menus = Menus(self)
        self._connect()
        self._restore()
        self._refresh()

    def _build_centre(self) -> None:
        self.start_page = StartPage()
        self.start_page.open_folder.connect(self.ask_open_folder)
        self.start_page.open_files.connect(self.ask_open_files)
        self.start_page.open_demo.connect(self.open_demo)
        self.start_page.open_recent.connect(lambda path: self.open_asking([path]))
        self.centre = QStackedWidget()
        self.centre.addWidget(self.start_page)
        self.setCentralWidget(self.centre)

    def _build_docks(self) -> None:
        self.study_tree = StudyTree(self.session)
        self.roi_panel = RoiPanel(self.session)
        self.tag_panel = TagPanel(self.tasks)
        self.problem_list = ProblemList(self.session)
        self.docks: dict[str, QDockWidget] = {}
        for key, title, widget in (
            ("study", "Study", self.study_tree),
            ("tags", "Tags", self.tag_panel),
            ("problems", "Report", self.problem_list),
            ("rois", "ROIs", self.roi_panel),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(key)
            dock.setWidget(widget)
            widget.setMinimumWidth(240)
            self.addDockWidget(Qt.RightDockWidgetArea, dock)
            self.docks[key] = dock
        self.setTabPosition(Qt.RightDockWidgetArea, QTabWidget.North)
        self.tabifyDockWidget(self.docks["study"], self.docks["tags"])
        self.tabifyDockWidget(self.docks["tags"], self.docks["problems"])
        self.docks["study"].raise_()
        for dock in self.docks.values():
            dock.setFeatures(QDockWidget.DockWidgetMovable | QDockWidget.DockWidgetClosable)
            dock.topLevelChanged.connect(self._title_docks)
            dock.dockLocationChanged.connect(self._title_docks)
            dock.visibilityChanged.connect(self._title_docks)

    def _title_docks(self, _change: object = None) -> None:
        """A tab already says a dock's title; it isn't written twice."""
        for dock in self.docks.values():
            tabbed = bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if tabbed and dock.titleBarWidget() is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif not tabbed and dock.titleBarWidget() is not None:
                dock.titleBarWidget().deleteLater()
                dock.setTitleBarWidget(None)
        for bar in self.findChildren(QTabBar):
            bar.setDrawBase(False)

    def _connect(self) -> None:
        session = self.session
        session.study_changed.connect(self._study_changed)
        session.volume_changed.connect(self.integrity.digest_shown)
        session.structure_set_changed.connect(self._refresh)
        session.active_roi_changed.connect(self.menus.refresh)
        self.tools.changed.connect(self._tool_changed)
        self.tasks.failed.connect(self.show_error)
        self.edits.failed.connect(self.show_error)
        self.edits.said.connect(self.say)
        self.integrity.found.connect(self.status.set_integrity)
        self.devices.receiving.connect(self.status.set_receiving)
        self.devices.receiving.connect(self.menus.refresh)
        self.devices.said.connect(self.say)
        self.devices.failed.connect(self.show_error)
        self.devices.open_asked.connect(lambda path: self.open_asking([path]))
        self.study_tree.object_chosen.connect(self._show_tags)
        self.docks["tags"].visibilityChanged.connect(self._tags_visible)
        self.roi_panel.failed.connect(self.show_error)
        self.roi_panel.centred.connect(self.go_to_roi)

    # --- opening -------------------------------------------------------------------------------------------------

    def open_paths(self) -> list[str]:
        """What is open: the paths as they were opened, and structure sets saved since."""
        return [*self._opened, *(str(path) for path in self.edits.saved_paths)]

    @property
    def has_study(self) -> bool:
        """Whether anything is open."""
        study = self.session.study
        return bool(study.volumes or study.structure_sets or study.others)

    def ask_open_folder(self) -> None:
        """Choose a folder and open it."""
        path = ask_folder(self, "Open folder")
        if path:
            self.open_asking([path])

    def ask_open_files(self) -> None:
        """Choose files and open them."""
        paths = ask_files(self, "Open files")
        if paths:
            self.open_asking(paths)

    def open_asking(self, paths: list[str]) -> None:
        """Open paths; unsaved work is asked about first."""
        if self.may_lose_edits():
            self.open(paths)

    def open(self, paths: list[str]) -> None:
        """Open paths in the background; what was open stays until the new study is there."""

        def work(report: Report) -> Study:
            from rtvis.app.opening import open_study  # noqa: PLC0415  (loads in the thread, not before first paint)

            return open_study(paths, report=report)

        def done(study: Study) -> None:
            self._opened = list(paths)
            remember_path(str(Path(paths[0]).resolve()))
            self.show_study(study)

        self.tasks.start("Opening study", work, done)

    def open_demo(self) -> None:
        """Construct the phantom in a folder of its own and open it."""
        if not self.may_lose_edits():
            return

        def work(report: Report) -> tuple[Study, str]:
            from rtvis.gui.demo_study import make_demo_study  # noqa: PLC0415  (loads when it is asked for)

            return make_demo_study(report)

        def done(result: tuple[Study, str]) -> None:
            self._opened = [result[1]]
            self.show_study(result[0])

        self.tasks.start("Building the phantom", work, done)

    def show_study(self, study: Study) -> None:
        """Show a study that is already read."""
        self.edits.forget()
        self.ensure_views()
        self.session.show(study)
        self.centre.setCurrentWidget(self.views)
        if self.views is not None:
            self.views.view("axial").setFocus(Qt.OtherFocusReason)

    def close_study(self) -> None:
        """Close what is open and show the start page."""
        if self.may_lose_edits():
            self._opened = []
            self.edits.forget()
            self._tag_path = None
            self.session.show(Study())
            self.start_page.refresh()
            self.centre.setCurrentWidget(self.start_page)

    def ensure_views(self) -> Views:
        """The views; made on first use, since VTK takes longer to load than a window to appear."""
        if self.views is None:
            from rtvis.gui.views import Views  # noqa: PLC0415  (VTK loads here)

            self.views = Views(self.session, self.tools, self.tasks)
            self.views.pointed.connect(self.status.show_pointer)
            self.views.drawn.connect(self.edits.commit)
            self.centre.addWidget(self.views)
        return self.views

    def views_loaded(self, _module: object = None) -> None:
        """VTK is loaded: make the views while nobody waits for them."""
        if not self._released:
            self.ensure_views()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Local files and folders may be dropped."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = dropped_paths(event.mimeData())
        event.acceptProposedAction()
        QTimer.singleShot(0, partial(self.open_asking, paths))  # the drag must end before a question is asked

    # --- what the window shows -----------------------------------------------------------------------------------

    def _study_changed(self) -> None:
        count = self.problem_list.problem_count
        self.docks["problems"].setWindowTitle(f"Report ({count})" if count else "Report")
        self._refresh()

    def _refresh(self) -> None:
        volume, current = self.session.volume, self.session.structure_set
        patient = volume.patient if volume is not None else current.patient if current is not None else None
        words = []
        if patient is not None:
            words.append(" ".join(part for part in patient.name.split("^") if part) or patient.patient_id or "No name")
        if current is not None:
            words.append(current.label)
        mark = "*" if self.session.unsaved else ""
        self.setWindowTitle(f"{mark}{', '.join(words)} - rtvis" if words else "rtvis")
        self.menus.refresh()

    def _tool_changed(self) -> None:
        self.menus.tools[self.tools.key].setChecked(True)
        self.status.set_tool(self.tools.info.title)
        self.say(self.tools.info.hint)

    def _show_tags(self, path: Path) -> None:
        self._tag_path = path
        if self.tag_panel.isVisible():
            self.tag_panel.show_file(path)

    def _tags_visible(self, visible: bool) -> None:
        path = self._tag_path
        if path is None and self.session.volume is not None and self.session.volume.slices:
            path = self.session.volume.slices[0].path
        if visible and path != self.tag_panel.path:
            self.tag_panel.show_file(path)

    def say(self, text: str) -> None:
        """One line for a few seconds."""
        self.status.showMessage(text, 4000)

    def show_error(self, error: BaseException) -> None:
        """Tell an error; nothing stops because of it."""
        show_error(self, error)

    # --- actions -------------------------------------------------------------------------------------------------

    def sign(self) -> None:
        """Save what is unsaved, then sign."""
        if self._saved_first():
            self.integrity.sign()

    def send(self) -> None:
        """Save what is unsaved, then send."""
        if self._saved_first():
            self.integrity.send()

    def _saved_first(self) -> bool:
        return not self.session.unsaved or self.edits.save()

    def save_picture(self) -> None:
        """Save the views as they are."""
        if self.views is not None:
            self.edits.save_picture(self.views.picture())

    def copy_picture(self) -> None:
        """Copy the views as they are."""
        if self.views is not None:
            self.edits.copy_picture(self.views.picture())

    def show_alone(self, name: str | None) -> None:
        """One view alone, or all four with None."""
        if self.views is not None and self.views.maximised_view != name:
            self.views.maximise(name)

    def maximise_active(self) -> None:
        """The active view alone, or all four again."""
        if self.views is not None:
            self.views.maximise(self.views.active_name)

    def fit_views(self) -> None:
        """Fit every view."""
        if self.views is not None:
            self.views.fit()

    def look_from(self, letter: str) -> None:
        """Turn the 3D view."""
        if self.views is not None:
            self.views.view3d.look_from(letter)

    def go_to_active_roi(self) -> None:
        """Move the cursor to the active ROI."""
        if self.session.active_roi is not None:
            self.go_to_roi(self.session.active_roi)

    def go_to_roi(self, number: int) -> None:
        """Move the cursor to the middle contour of an ROI."""
        current = self.session.structure_set
        contours = current.roi(number).contours if current is not None else ()
        if contours:
            self.session.move_cursor(contours[len(contours) // 2].points_lps.mean(axis=0))

    def toggle_full_screen(self) -> None:
        """Full screen on and off."""
        self.setWindowState(self.windowState() ^ Qt.WindowFullScreen)

    def show_gestures(self) -> None:
        """What mouse and keys do."""
        show_note(self, "Mouse and keys", GESTURES)

    def show_about(self) -> None:
        """What this is."""
        show_note(self, "rtvis", f"See, draw, save, sign and deliver radiotherapy volumes.\n\n{NOT_CLINICAL}")

    # --- the end -------------------------------------------------------------------------------------------------

    def may_lose_edits(self) -> bool:
        """Whether what is open may go: nothing is unsaved, or it was saved now, or the person lets it go."""
        if not self.session.unsaved:
            return True
        self._asking = True
        try:
            answer = ask_unsaved(self)
            return answer == "discard" or (answer == "save" and self._save_all()) or self._asked_again
        finally:
            self._asking = False

    def end(self) -> None:
        """Close because the terminal or the system says so (Ctrl-C, SIGTERM).

        Unsaved work is asked about once; when it is said again while the question stands, the window closes.
        """
        self._asked_again = self._asking
        while (dialog := QApplication.activeModalWidget()) is not None and dialog.close():
            dialog.hide()
        if not self._asking:
            self.close()

    def _save_all(self) -> bool:
        """Save every structure set with edits; False as soon as one wasn't."""
        return all(self._save_one(key) for key in self.session.unsaved_sets)

    def _save_one(self, key: str) -> bool:
        current = self.session.structure_set
        if current is None or current.key != key:
            self.session.activate_structure_set(key)
        return self.edits.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when work is unsaved; then stop what is under way and free what VTK holds."""
        if not self.may_lose_edits():
            event.ignore()
            return
        self.release()
        event.accept()

    def release(self) -> None:
        """Stop threads, stop listening, free the views."""
        if self._released:
            return
        self._released = True
        settings().setValue(GEOMETRY_KEY, self.saveGeometry())
        settings().setValue(STATE_KEY, self.saveState())
        self.devices.release()
        self.tasks.close()
        self.session.study_changed.disconnect(self._study_changed)
        self.session.volume_changed.disconnect(self.integrity.digest_shown)
        self.session.structure_set_changed.disconnect(self._refresh)
        self.session.active_roi_changed.disconnect(self.menus.refresh)
        for part in (self.study_tree, self.roi_panel, self.problem_list, self.status):
            part.release()
        if self.views is not None:
            self.views.release()

    def _restore(self) -> None:
        geometry, state = settings().value(GEOMETRY_KEY), settings().value(STATE_KEY)
        self._first_layout = state is None
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state)

    def showEvent(self, event: QShowEvent) -> None:
        """Share out the docks the first time; only a window that is shown has sizes to share."""
        super().showEvent(event)
        if self._first_layout:
            self._first_layout = False
            QTimer.singleShot(0, self._share_docks)

    def _share_docks(self) -> None:
        pair = [self.docks["study"], self.docks["rois"]]
        self.resizeDocks(pair, [DOCK_WIDTH, DOCK_WIDTH], Qt.Horizontal)
        self.resizeDocks(pair, [self.height() * 2 // 5, self.height() * 3 // 5], Qt.Vertical)
