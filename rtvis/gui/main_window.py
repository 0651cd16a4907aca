"""The window: menus, tools, views, docks and status bar around one session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from qtpy.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from rtvis.app.measuring import Measured
from rtvis.app.patient_hiding import without_patient_words
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.chords import ChordHint, give_chords
from rtvis.gui.device_actions import DeviceActions
from rtvis.gui.docks import Docks
from rtvis.gui.edit_actions import EditActions
from rtvis.gui.features import FEATURES
from rtvis.gui.icons import icon
from rtvis.gui.integrity_actions import IntegrityActions
from rtvis.gui.leaving import Leaving
from rtvis.gui.matching_actions import MatchingActions
from rtvis.gui.menus import Menus
from rtvis.gui.messages import show_error
from rtvis.gui.opening_actions import OpeningActions
from rtvis.gui.paths import dropped_paths
from rtvis.gui.patient_text import title_text
from rtvis.gui.problem_dock import ProblemList
from rtvis.gui.recovery_actions import RecoveryActions
from rtvis.gui.roi_dock import RoiPanel
from rtvis.gui.settings import settings
from rtvis.gui.start_page import StartPage
from rtvis.gui.status_bar import StatusBar
from rtvis.gui.study_dock import StudyTree
from rtvis.gui.tag_dock import TagPanel
from rtvis.gui.theme import LIGHT, THEME_KEY, apply_theme, colors
from rtvis.gui.tool_choice import ToolChoice
from rtvis.gui.tool_options import ToolStrip
from rtvis.gui.view_actions import ViewActions
from rtvis.gui.window_place import WindowPlace, first_size
from rtvis.model.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from psygnal import SignalInstance

    from rtvis.app.tools import Finished
    from rtvis.gui.views import Views
    from rtvis.model.volume import Volume


class MainWindow(QMainWindow):
    """One window on one session."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.session = session or Session()
        self.tasks = BackgroundTasks(self)
        self.tools = ToolChoice(self, self.session)
        self.views: Views | None = None
        self._released = False
        self.setWindowIcon(icon("brand"))
        self.setAcceptDrops(True)
        self.resize(first_size())
        self.edits = EditActions(self.session, self.tools.active, self.tasks, self)
        self.leaving = Leaving(self.session, self.edits, self)
        self.opening = OpeningActions(self.tasks, self.may_lose_edits, lambda: not self.has_study, self)
        self.recovery = RecoveryActions(self.session, self.opening, self)
        self.matching = MatchingActions(self.session, self.tasks, self.opening, self.edits.saved_first, self)
        self.view_actions = ViewActions(self.session, self.edits, self)
        self.integrity = IntegrityActions(self.session, self.tasks, self.open_paths, self.edits.saved_first, self)
        self.devices = DeviceActions(self.session, self.tasks, self)
        self.features = tuple(make(self) for make in FEATURES)
        self._build_centre()
        self._build_docks()
        self.status = StatusBar(self.session, self.tasks, self)
        self.setStatusBar(self.status)
        self.menus = Menus(self)
        for feature in self.features:
            feature.fill(self.menus)
        give_chords(self.menuBar())
        ChordHint(self, self.say)
        self._connect()
        self._place.restore()
        self._refresh()

    def _build_centre(self) -> None:
        self.start_page = StartPage()
        self.start_page.open_folder.connect(self.opening.ask_folder)
        self.start_page.open_files.connect(self.opening.ask_files)
        self.start_page.open_demo.connect(self.opening.open_demo)
        self.start_page.open_recent.connect(lambda path: self.opening.open_asking([path]))
        self.centre = QStackedWidget()
        self.centre.addWidget(self.start_page)
        self.tool_strip = ToolStrip(self.tools, self.session)
        self.tool_strip.hide()
        self.tool_strip.done.connect(self._show_views)
        self.centre.currentChanged.connect(
            lambda _index: self.tool_strip.setVisible(self.centre.currentWidget() is not self.start_page)
        )
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tool_strip)
        column.addWidget(self.centre, 1)
        self.setCentralWidget(middle)

    def _build_docks(self) -> None:
        self.study_tree = StudyTree(self.session)
        self.roi_panel = RoiPanel(self.session)
        self.tag_panel = TagPanel(self.tasks)
        self.problem_list = ProblemList(self.session)
        self.dock_area = Docks(
            self,
            [
                ("study", "Study", self.study_tree),
                ("problems", "Report", self.problem_list),
                ("rois", "ROIs", self.roi_panel),
                *(panel for feature in self.features for panel in feature.panels),
                ("tags", "Tags", self.tag_panel),
            ],
        )
        self.docks = self.dock_area.by_key
        self._place = WindowPlace(self, self.dock_area)

    def _connect(self) -> None:
        for signal, slot in self._heard():
            signal.connect(slot)
        self.tools.changed.connect(self._tool_changed)
        self.tools.steps_changed.connect(self.menus.name_steps)
        self.edits.working.connect(self.menus.name_steps)
        self.tools.refused.connect(lambda error: self.say(str(error)))
        self.tasks.failed.connect(self.show_error)
        for actions in (self.edits, self.recovery, self.matching, self.devices):
            actions.failed.connect(self.show_error)
            actions.said.connect(self.say)
        self.integrity.found.connect(self.status.set_integrity)
        self.devices.receiving.connect(self.status.set_receiving)
        self.devices.receiving.connect(self.menus.refresh)
        self.devices.open_asked.connect(lambda path: self.opening.open_asking([path]))
        self.roi_panel.failed.connect(self.show_error)
        self.roi_panel.said.connect(self.say)
        self.roi_panel.centred.connect(self.view_actions.go_to_roi)
        self.roi_panel.typing.connect(lambda: self.dock_area.bring_forward("rois"))
        self.view_actions.said.connect(self.say)
        self.opening.read.connect(self.show_study)
        self.opening.read.connect(self.recovery.study_shown)  # once it is shown
        self.opening.read.connect(self.matching.study_shown)
        self.opening.preview.connect(self.show_preview)
        self.opening.gave_up.connect(self._forget_preview)
        self.opening.begun.connect(self.start_page.show_opening)
        self.opening.ended.connect(lambda: self.start_page.show_opening(None))

    def _heard(self) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        """What of the session the window follows."""
        session = self.session
        return (
            (session.study_changed, self._study_changed),
            (session.saving_remarks_changed, self._study_changed),
            (session.volume_changed, self._volume_changed),
            (session.structure_set_changed, self._refresh),
            (session.texts_changed, self._refresh),
            (session.active_roi_changed, self.menus.refresh),
            (session.measurements.changed, self.menus.refresh),
            (session.measurements.failed, self.show_error),
            (session.journal_changed, self._journal_changed),
        )

    # --- opening -------------------------------------------------------------------------------------------------

    def open_paths(self) -> list[str]:
        """What is open: the paths as they were opened, and structure sets saved since."""
        return [*self.opening.paths, *(str(path) for path in self.edits.saved_paths)]

    @property
    def has_study(self) -> bool:
        """Whether anything is open."""
        study = self.session.study
        return bool(study.volumes or study.structure_sets or study.others)

    def show_study(self, study: Study) -> None:
        """Show a study that is already read."""
        with self.tasks.held():
            self._show_study(study)

    def _show_study(self, study: Study) -> None:
        seen = self.session.volume
        self.edits.forget()
        views = self.ensure_views()
        self._set_previewing(previewing=False)
        self.leaving.let_go()
        self.session.show(study)
        if seen is not None and seen is self.session.volume:
            # It was shown while it filled: what was told of it then was told of a part.
            self.session.reset_window()
            views.values_changed()
            self._volume_changed()
        else:
            self.status.show_pointer(None)  # what was under the mouse was a place in another patient
        self._show_views()

    def show_preview(self, volume: Volume) -> None:
        """Show a volume that is still being read; it can be looked at, and not yet be drawn on."""
        views = self.ensure_views()
        if self.session.volume is volume:
            views.values_changed()
            return
        self._set_previewing(previewing=True)
        with self.tasks.held():
            self.session.show(Study(volumes=(volume,)))
            self._show_views()

    def _forget_preview(self) -> None:
        self._set_previewing(previewing=False)
        if self.may_lose_edits():
            self._close_study()

    def _set_previewing(self, *, previewing: bool) -> None:
        if previewing:
            self.tools.choose("navigate")
        self.roi_panel.setEnabled(not previewing)
        self.menus.refresh()

    def _show_views(self) -> None:
        self.centre.setCurrentWidget(self.views)
        if self.views is not None and not self.views.isAncestorOf(self.focusWidget()):
            self.views.view(self.views.active_name).setFocus(Qt.OtherFocusReason)

    def close_study(self) -> None:
        """Close what is open, give up what is being opened, and show the start page."""
        if self.may_lose_edits():
            self.opening.cancel()
            self._set_previewing(previewing=False)
            self._close_study()

    def _close_study(self) -> None:
        self.opening.forget()
        self.edits.forget()
        self.leaving.let_go()
        self.session.show(Study())
        self.start_page.refresh()
        self.centre.setCurrentWidget(self.start_page)

    def ensure_views(self) -> Views:
        """The views; made on first use, since VTK takes longer to load than a window to appear."""
        if self.views is None:
            from rtvis.gui.views import Views  # noqa: PLC0415  (VTK loads here)

            self.views = Views(self.session, self.tools, self.tasks)
            self.views.pointed.connect(self.status.show_pointer)
            self.views.drawn.connect(self._finished)
            self.view_actions.views = self.views
            self.centre.addWidget(self.views)
            self.views.addAction(self.menus.actions["Maximise active view"])
            for feature in self.features:
                feature.views_made(self.views)
        return self.views

    def _finished(self, finished: Finished) -> None:
        if isinstance(finished, Measured):
            self.view_actions.measured(finished)
        else:
            self.edits.commit(finished, tolerance_mm=self.tools.active.tolerance_mm)

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
        QTimer.singleShot(0, partial(self.opening.open_asking, paths))  # the drag must end before a question is asked

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc that nothing else takes leads from a panel back to the views."""
        if event.key() == Qt.Key_Escape and not event.modifiers() and self.centre.currentWidget() is self.views:
            self._show_views()
        else:
            super().keyPressEvent(event)

    # --- what the window shows -----------------------------------------------------------------------------------

    def _volume_changed(self) -> None:
        self.menus.name_presets()
        if not self.opening.is_previewing:  # a digest of half a volume would be a wrong one
            self.integrity.digest_shown()

    def _study_changed(self) -> None:
        count = self.problem_list.problem_count
        self.docks["problems"].setWindowTitle(f"Report ({count})" if count else "Report")
        self._refresh()

    def _journal_changed(self) -> None:
        failure = self.session.journal_failure
        if failure is None:
            self.status.set_journal("")
            self.say("Edits are on disk again")
        else:
            self.status.set_journal("edits are not on disk", str(failure))
            self.show_error(failure)

    def _refresh(self) -> None:
        self.setWindowTitle(title_text(self.session))
        self.menus.refresh()

    def _tool_changed(self) -> None:
        self.menus.tools[self.tools.key].setChecked(True)
        self.status.set_tool(self.tools.info.title, draws=self.tools.info.changes_set)

    def say(self, text: str) -> None:
        """One line for a few seconds."""
        self.status.showMessage(without_patient_words(self.session, text))

    def show_error(self, error: BaseException) -> None:
        """Tell an error; nothing stops because of it."""
        show_error(self, error)

    # --- actions -------------------------------------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        """Full screen on and off."""
        self.setWindowState(self.windowState() ^ Qt.WindowFullScreen)

    def toggle_theme(self) -> None:
        """Light or dark; remembered."""
        name = "dark" if colors() is LIGHT else "light"
        settings().setValue(THEME_KEY, name)
        apply_theme(QApplication.instance(), name)
        for panel in (self.study_tree, self.roi_panel, self.problem_list):
            panel.rebuild()
        if self.views is not None:
            self.views.theme_changed()
        self.tool_strip.theme_changed()
        for feature in self.features:
            feature.theme_changed()
        self.menus.light.setChecked(name == "light")

    # --- the end -------------------------------------------------------------------------------------------------

    def may_lose_edits(self) -> bool:
        """Whether what is open may go; see `Leaving.may_lose_edits`."""
        return self.leaving.may_lose_edits()

    def end(self) -> None:
        """Close because the terminal or the system says so; see `Leaving.end`."""
        self.leaving.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when work is unsaved or under way; then stop what is and free what VTK holds."""
        if not (self.leaving.may_stop(self.tasks) and self.may_lose_edits()):
            event.ignore()
            return
        self.release()
        event.accept()

    def release(self) -> None:
        """Stop threads, stop listening, free the views."""
        if self._released:
            return
        self._released = True
        self._place.remember()
        for feature in self.features:
            feature.release()
        self.dock_area.release()
        self.devices.release()
        self.tasks.close()
        for signal, slot in self._heard():
            signal.disconnect(slot)
        self.leaving.let_go()
        self.session.close()
        for part in (self.study_tree, self.roi_panel, self.problem_list, self.status):
            part.release()
        if self.views is not None:
            self.views.release()
        self.tool_strip.release()
        self.tools.release()

    def showEvent(self, event: QShowEvent) -> None:
        """Share out the docks the first time; only a window that is shown has sizes to share."""
        super().showEvent(event)
        self._place.shown()
