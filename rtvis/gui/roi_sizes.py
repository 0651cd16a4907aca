"""Figures of ROIs, computed off the window's thread and kept for as long as their contours stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from rtvis.app.roi_figures import RoiFigures, roi_figures
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks, Task

if TYPE_CHECKING:
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, Roi

WAIT_MS = 200
"""What was just edited may be edited again at once: figures come when the hand rests."""

Known = tuple["tuple[Contour, ...]", "float | None", RoiFigures]


class RoiSizes(QObject):
    """Figures by ROI; `found` carries the number of an ROI whose figures are there now."""

    found = Signal(int)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks: BackgroundTasks | None = None
        self._known: dict[int, Known] = {}
        self._task: Task | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._start)
        session.structure_set_changed.connect(self._wait)

    def start_with(self, tasks: BackgroundTasks) -> None:
        """Compute in these tasks from now on."""
        self._tasks = tasks
        tasks.ended.connect(self._ended)
        self._wait()

    def of(self, roi: Roi) -> RoiFigures | None:
        """The figures of an ROI as it is now; None while they are being computed."""
        known = self._known.get(roi.number)
        if known is not None and known[0] is roi.contours and known[1] == self._gap:
            return known[2]
        return None

    def release(self) -> None:
        """Stop listening and computing."""
        self._session.structure_set_changed.disconnect(self._wait)
        self._timer.stop()
        if self._tasks is not None:
            self._tasks.ended.disconnect(self._ended)
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def _gap(self) -> float | None:
        current = self._session.structure_set
        header = None if current is None else current.volume
        return None if header is None else header.grid.spacing_mm[0]

    def _missing(self) -> list[Roi]:
        current = self._session.structure_set
        return [] if current is None else [roi for roi in current.rois if self.of(roi) is None]

    def _wait(self) -> None:
        current = self._session.structure_set
        rois = () if current is None else current.rois
        self._known = {roi.number: self._known[roi.number] for roi in rois if self.of(roi) is not None}
        if self._task is not None:
            self._task.cancel()  # what it measures may be of a study that was closed
        if self._tasks is not None and self._missing():
            self._timer.start()

    def _start(self) -> None:
        missing, gap = self._missing(), self._gap
        if self._tasks is None or not missing:
            return
        if self._task is not None:  # what it computes may be of yesterday; the rest is asked for when it ends
            self._task.cancel()
            return

        def work(report: Report, found: Callable[[object], None]) -> None:
            for done, roi in enumerate(missing):
                report(done, len(missing))
                found((roi, gap, roi_figures(roi, gap)))

        self._task = self._tasks.start("Measuring ROIs", work, lambda _result: None, self._one_found)

    def _one_found(self, piece: tuple[Roi, float | None, RoiFigures]) -> None:
        roi, gap, figures = piece
        self._known[roi.number] = (roi.contours, gap, figures)
        self.found.emit(roi.number)

    def _ended(self) -> None:
        if self._task is not None and self._tasks is not None and self._task not in self._tasks.running:
            failed = not self._task.cancelled and bool(self._missing())
            self._task = None
            if not failed:
                self._wait()
