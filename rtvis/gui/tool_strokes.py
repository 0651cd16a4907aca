"""Strokes whose area takes a while to work out: made in the background, one after the other, and cancelled by undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from rtvis.app.commits import painted_set, roi_to_paint
from rtvis.app.tools import ToPaint
from rtvis.model.errors import RtvisError, UsageError

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.app.tools import Painted
    from rtvis.geometry.plane import Depth
    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet


@dataclass(eq=False)
class Stroke:
    """One that waits, or is being worked out.

    Attributes:
        finished: what the tool gave.
        tolerance_mm: see `rtvis.app.commits.commit`.
        key: of the structure set that was drawn in.
        roi: number of the ROI that was active; None for a new one.
    """

    finished: Painted | ToPaint
    tolerance_mm: Depth
    key: str
    roi: int | None


@dataclass(frozen=True, eq=False)
class Worked:
    """What a stroke makes of the set that it was worked out on."""

    stroke: Stroke
    base: StructureSet
    edited: StructureSet
    roi: Roi
    name: str


class StrokeQueue(QObject):
    """Makes strokes edits of the session, in the order in which they were drawn.

    Where the set is edited meanwhile, a stroke is worked out anew on what it is then: it never takes an edit back.

    `said` carries a line for the status bar, `failed` an error; `changed` follows what `is_busy` tells.
    """

    changed = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, tasks: BackgroundTasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._waiting: list[Stroke] = []
        self._working: Stroke | None = None
        self._task: Task | None = None
        tasks.ended.connect(self._ended)

    @property
    def is_busy(self) -> bool:
        """Whether a stroke isn't an edit yet."""
        return bool(self._waiting)

    def add(self, finished: Painted | ToPaint, tolerance_mm: Depth) -> None:
        """Work this out, after those that were drawn before.

        Raises:
            UsageError: when there is no ROI to take from.
            ValueError: when there is no volume to draw on.
        """
        roi_to_paint(self._session, erase=finished.erase)
        current = self._session.ensure_structure_set()
        self._waiting.append(Stroke(finished, tolerance_mm, current.key, self._session.active_roi))
        self.changed.emit()
        self._start()

    def cancel_last(self) -> bool:
        """Give up the stroke that was drawn last; whether there was one that isn't an edit yet."""
        if not self._waiting:
            return False
        self._waiting.pop()
        if not self._waiting and self._task is not None:
            self._task.cancel()
        self.changed.emit()
        return True

    def clear(self) -> None:
        """Give up all of them: what they were drawn on is gone."""
        while self.cancel_last():
            pass

    def _start(self) -> None:
        if self._task is not None or not self._waiting:
            return
        stroke = self._waiting[0]
        try:
            current, roi = self._ground(stroke)
        except (RtvisError, ValueError) as error:
            self._give_up(error)
            return

        def work(report: Report) -> Worked | str:
            try:
                if isinstance(stroke.finished, ToPaint):
                    report(0, 1)
                    stroke.finished = stroke.finished.find()
                edited = painted_set(current, roi, stroke.finished, tolerance_mm=stroke.tolerance_mm, report=report)
            except UsageError as error:
                return str(error)
            except ValueError as error:
                return f"nothing was changed: {error}"
            return Worked(stroke, current, edited, roi, f"{stroke.finished.name} {roi.name}")

        self._working = stroke
        self._task = self._tasks.start("Painting", work, self._done)

    def _ground(self, stroke: Stroke) -> tuple[StructureSet, Roi]:
        """The set as it is now, and the ROI of a stroke.

        Raises:
            UsageError: when either isn't there any more.
        """
        current = self._session.structure_set
        if current is None or current.key != stroke.key:
            raise UsageError("another structure set is shown now", remedy="draw it again there")
        if stroke.roi is None:
            return current, self._session.fresh_roi()
        if stroke.roi not in {one.number for one in current.rois}:
            raise UsageError("the ROI was deleted while it was painted on", remedy="draw it again in another one")
        return current, current.roi(stroke.roi)

    def _done(self, worked: Worked | str) -> None:
        if isinstance(worked, str):
            self.said.emit(worked)
            return
        stroke = worked.stroke
        if self._working is not stroke or stroke not in self._waiting:
            return
        if self._session.structure_set is not worked.base:
            self._working = None  # it stays at the head of those that wait, and is worked out anew
            return
        self._waiting.remove(stroke)
        if worked.edited is worked.base:
            self.said.emit("Nothing changed")
            return
        try:
            self._session.apply(worked.name, worked.edited)
        except RtvisError as error:
            self.failed.emit(error)
            return
        if stroke.roi is None:
            for later in self._waiting:  # drawn on while this one was yet to become an ROI
                later.roi = worked.roi.number if later.roi is None else later.roi
        self._session.activate_roi(worked.roi.number)
        self.said.emit(worked.name)

    def _give_up(self, error: Exception) -> None:
        self._waiting.pop(0)
        self.failed.emit(error if isinstance(error, RtvisError) else UsageError(f"nothing was changed: {error}"))
        self._start()

    def _ended(self) -> None:
        if self._task is None or self._task in self._tasks.running:
            return
        self._task = None
        if self._working in self._waiting:  # it failed, or was stopped in the status bar
            self._waiting.remove(self._working)
        self._working = None
        self.changed.emit()
        self._start()
