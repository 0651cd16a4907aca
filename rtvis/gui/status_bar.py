"""The bottom line: what is under the mouse, what is active, whether the work is signed, and what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from rtvis.app.number_text import number_text
from rtvis.app.overlay_state import unit_text
from rtvis.app.patient_hiding import without_patient_names, without_patient_words
from rtvis.app.roi_edits import roi_text
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks, Task
from rtvis.gui.elided_label import ElidedLabel
from rtvis.gui.text_tips import text_tip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def _time_left(seconds: float | None) -> str:
    """Such as `` 8 s left``, rounded so that it doesn't flicker; nothing while it can't be told."""
    if seconds is None or seconds < 1:
        return ""
    if seconds < 10:
        return f" {seconds:.0f} s left"
    if seconds < 90:
        return f" {5 * round(seconds / 5)} s left"
    return f" {seconds / 60:.0f} min left"


SHOW_AFTER_MS = 300
"""Progress of shorter work would only blink."""

NOTHING_RUNS = "Nothing is under way"

SAID_MS, SAID_MS_PER_LETTER = 4000, 65
"""A passing line stays for so long; longer where there is more to read: about 15 letters a second."""


class StatusBar(QStatusBar):
    """Value and unit, LPS mm, window and level, tool and ROI, integrity, progress with cancel.

    A passing line takes the place of tool and ROI; what is under the mouse is always told.
    """

    def __init__(self, session: Session, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tool, self._draws = "Navigate", False
        self._tips: dict[QLabel, str] = {}
        self._pointed_lps_mm: NDArray[np.float64] | None = None
        self._lay_out()
        self._task: Task | None = None
        self._given_up: Task | None = None
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(SHOW_AFTER_MS)
        self._delay.timeout.connect(self._show_progress)
        self._saying = QTimer(self)
        self._saying.setSingleShot(True)
        self._saying.timeout.connect(self.clearMessage)
        self._tasks = tasks
        tasks.started.connect(self._started)
        tasks.ended.connect(self._ended)
        tasks.stopped.connect(self._stopped)
        self.cancel.clicked.connect(self.cancel_task)
        session.texts_changed.connect(self._texts_changed)
        session.window_changed.connect(self.refresh)
        session.active_roi_changed.connect(self.refresh)
        session.structure_set_changed.connect(self.refresh)
        session.volume_changed.connect(self._values_changed)
        session.overlay.chosen_changed.connect(self._values_changed)
        self.refresh()

    def _lay_out(self) -> None:
        self.setSizeGripEnabled(False)
        self.value = self._label(88)
        self.position = self._label(248)
        self.window = self._label(120)
        self.tool = ElidedLabel()
        self.said = ElidedLabel()
        self.said.setProperty("role", "said")
        self.said.hide()
        self.integrity = self._label(0)
        self.journal = self._label(0)
        self.journal.setObjectName("journal")
        self.journal.hide()
        self.receiving = self._label(0)
        self.receiving.hide()
        self.progress = QProgressBar()
        self.progress.setFixedWidth(160)
        self.progress.setTextVisible(False)
        self.task_name = QLabel()
        self.cancel = QPushButton("Cancel")
        self.cancel.setStyleSheet("padding: 1px 10px;")
        self.addWidget(self.value)
        self.addWidget(self.position)
        self.addWidget(self.window)
        self.addWidget(self.tool, 1)
        self.addWidget(self.said, 1)
        for widget in (self.task_name, self.progress, self.cancel):
            self.addPermanentWidget(widget)
            widget.hide()
        self.addPermanentWidget(self.journal)
        self.addPermanentWidget(self.receiving)
        self.addPermanentWidget(self.integrity)

    @staticmethod
    def _label(width: int) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.PlainText)  # names come from files: text, never markup
        label.setMinimumWidth(width)
        return label

    def release(self) -> None:
        """Stop listening to the session, and timers."""
        self._saying.stop()
        self._delay.stop()
        self._session.texts_changed.disconnect(self._texts_changed)
        self._session.window_changed.disconnect(self.refresh)
        self._session.active_roi_changed.disconnect(self.refresh)
        self._session.structure_set_changed.disconnect(self.refresh)
        self._session.volume_changed.disconnect(self._values_changed)
        self._session.overlay.chosen_changed.disconnect(self._values_changed)

    def set_tool(self, title: str, *, draws: bool) -> None:
        """Show the name of the active tool, and where its strokes go when it draws."""
        self._tool, self._draws = title, draws
        self.refresh()

    def set_integrity(self, text: str, tip: str = "") -> None:
        """Show digest or signature, such as ``md5:af7c… signed``."""
        self.integrity.setText(text)
        self._tips[self.integrity] = tip
        self._set_tips()

    def set_journal(self, text: str, tip: str = "") -> None:
        """Show that edits are not kept as they are made; empty when they are."""
        self.journal.setText(text)
        self._tips[self.journal] = tip
        self._set_tips()
        self.journal.setVisible(bool(text))

    def _texts_changed(self) -> None:
        self._set_tips()
        self.refresh()
        self.said.setText(without_patient_words(self._session, self.said.text()))

    def _set_tips(self) -> None:
        """Tips name files, which are hidden with the patient."""
        for label, tip in self._tips.items():
            label.setToolTip(text_tip(without_patient_words(self._session, tip)))

    def set_receiving(self, text: str) -> None:
        """Show that a device is being served; empty when none is."""
        self.receiving.setText(text)
        self.receiving.setVisible(bool(text))

    def showMessage(self, text: str, timeout_ms: int = 0) -> None:
        """One passing line; Qt's own would hide what is under the mouse.

        Args:
            text: what to say; with an empty one, nothing.
            timeout_ms: for how long; as long as reading it takes with 0.
        """
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self.tool.setVisible(not text)
        if text:
            self._saying.start(timeout_ms or max(SAID_MS, SAID_MS_PER_LETTER * len(text)))
        else:
            self._saying.stop()

    def currentMessage(self) -> str:
        """The passing line; empty where nothing is said."""
        return str(self.said.text())

    def clearMessage(self) -> None:
        """Say nothing any more."""
        self.showMessage("")

    def refresh(self) -> None:
        """Show window and level, tool and ROI anew."""
        session = self._session
        for label in (self.value, self.window):
            label.setVisible(session.volume is not None)
        self.position.setVisible(session.grid is not None)
        if session.volume is None:
            self.window.clear()
        if session.grid is None:
            self.tool.clear()
            self.show_pointer(None)
            return
        width, level = session.window
        if session.volume is not None:
            self.window.setText(f"W {number_text(width)}  L {number_text(level)}")
        current, number = session.structure_set, session.active_roi
        name = current.roi(number).name if current is not None and number is not None else ""
        name = without_patient_names(session, name)
        said = f"strokes go to {name or 'a new ROI'}" if self._draws else roi_text(name) if name else ""
        self.tool.setText(f"{self._tool}   {said}".rstrip())

    def show_pointer(self, point_lps_mm: NDArray[np.float64] | None) -> None:
        """Show value and LPS coordinates ``(3,)`` mm under the mouse; with None, nothing."""
        self._pointed_lps_mm = point_lps_mm
        volume = self._session.volume
        self.value.clear()
        if point_lps_mm is None or self._session.grid is None:
            self.position.clear()
            return
        x, y, z = (float(value) for value in point_lps_mm)
        self.position.setText(f"L {x:z.1f}  P {y:z.1f}  S {z:z.1f} mm")
        if volume is None:
            return
        over = self._session.overlay.value_text(point_lps_mm)
        if self._session.overlay.alone:  # the dose over the images is the images: one value, as its lines have it
            self.value.setText(over or "outside")
            return
        value = volume.value_at(point_lps_mm)
        here = "outside" if value is None else f"{unit_text(volume) or 'value'} {number_text(value)}"
        self.value.setText(f"{here}   {over}" if over else here)

    def _values_changed(self) -> None:
        """Other images, another unit or another overlay: what rests under the mouse has other values now."""
        self.show_pointer(self._pointed_lps_mm)

    # --- progress ------------------------------------------------------------------------------------------------

    def _started(self, task: Task) -> None:
        self._task = task
        self.progress.setRange(0, 0)
        self.task_name.setText(f"{task.label}…")
        task.progressed.connect(self._progressed)
        self._delay.start()

    def _progressed(self, done: int, total: int) -> None:
        if self.sender() is self._task and self._task is not self._given_up:
            self.progress.setRange(0, max(total, 0))
            self.progress.setValue(done)
            left = self._task.seconds_left(done, total) if self._task is not None else None
            self.task_name.setText(f"{self._task.label}…{_time_left(left)}" if self._task is not None else "")

    def _show_progress(self) -> None:
        for widget in (self.task_name, self.progress, self.cancel):
            widget.show()

    def _ended(self) -> None:
        wanted = [task for task in self._tasks.running if not task.cancelled]
        if wanted:
            if self._task is not wanted[-1]:
                self._task = wanted[-1]
                self.progress.setRange(0, 0)
                self.task_name.setText(f"{self._task.label}…")
            return
        self._task = None
        self._delay.stop()
        for widget in (self.task_name, self.progress, self.cancel):
            widget.hide()

    def cancel_task(self) -> None:
        """Ask what is told of here to stop; once it has, a line says what that leaves."""
        if self._task is None:
            self.showMessage(NOTHING_RUNS)
            return
        self._given_up = self._task
        self._task.cancel()
        self.progress.setRange(0, 0)
        self.task_name.setText("Stopping…")

    def _stopped(self, task: Task) -> None:
        if task is self._given_up:  # what the window itself gives up, for something newer, needs no words
            self.showMessage(f"{task.label} was stopped: {task.if_stopped}")
