"""Computes what an edit would give, off the window's thread, and shows it in the views while it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from rtvis.app.contour_planes import EditGround, ground_of
from rtvis.app.planned_edit import PlannedEdit, Planner
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks, Task
from rtvis.model.errors import RtvisError
from rtvis.model.progress import CancelledError

if TYPE_CHECKING:
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet

SETTLE_MS = 150
"""Nothing is computed before a hand has rested so long: each digit that is typed would begin anew."""


class EditPreview(QObject):
    """One preview at a time: what is asked last is what is shown.

    `ready` carries a `PlannedEdit`, `refused` one line that says why there is none; before either, `begun`.
    """

    begun = Signal()
    ready = Signal(object)
    refused = Signal(str)

    def __init__(self, session: Session, tasks: BackgroundTasks, label: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._label = label
        self._wanted: Planner | None = None
        self._task: Task | None = None
        self._shown = True
        self._superseded = False
        self.planned: PlannedEdit | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._start)
        tasks.ended.connect(self._ended)

    @property
    def is_busy(self) -> bool:
        """Whether what was asked last is still to come."""
        return self._wanted is not None

    def ask(self, planner: Planner) -> None:
        """Compute this and show it; what was being computed is given up."""
        self._wanted, self.planned = planner, None
        self._supersede()
        self._timer.start()
        self.begun.emit()

    def refuse(self, words: str) -> None:
        """There is nothing to compute, and this is why."""
        self._give_up()
        self._session.preview_rois(())
        self.refused.emit(words)

    def show(self, *, shown: bool) -> None:
        """Whether it is drawn in the views."""
        self._shown = shown
        self._session.preview_rois(self.planned.shown if shown and self.planned is not None else ())

    def release(self) -> None:
        """Show and compute nothing any more."""
        self._give_up()
        self._tasks.ended.disconnect(self._ended)
        self._session.preview_rois(())

    def _give_up(self) -> None:
        self._timer.stop()
        self._wanted = self.planned = None
        self._supersede()

    def _supersede(self) -> None:
        """What is being computed is no longer wanted."""
        if self._task is not None:
            self._superseded = True
            self._task.cancel()

    def _start(self) -> None:
        planner, structure_set = self._wanted, self._session.structure_set
        if planner is None or self._task is not None:  # one that still runs ends first; then this is called again
            return
        ground = ground_of(self._session)
        if structure_set is None or ground is None:
            self.refuse("There are no contours here.")
            return

        def work(report: Report) -> tuple[Planner, PlannedEdit | str]:
            return planner, plan_or_reason(planner, structure_set, ground, report)

        self._superseded = False
        self._task = self._tasks.start(self._label, work, self._done)

    def _done(self, result: tuple[Planner, PlannedEdit | str]) -> None:
        planner, planned = result
        if planner is not self._wanted:
            return
        self._wanted = None
        if isinstance(planned, str):
            self._session.preview_rois(())
            self.refused.emit(planned)
            return
        self.planned = planned
        self.show(shown=self._shown)
        self.ready.emit(planned)

    def _ended(self) -> None:
        if self._task is not None and self._task not in self._tasks.running:
            cancelled, self._task = self._task.cancelled, None
            if self._wanted is not None and not self._timer.isActive():
                if self._superseded:
                    self._start()
                else:  # a person stopped it, or it failed in a way that nobody foresaw, which the window tells
                    self._wanted = None
                    words = "Stopped. Change something to compute it again."
                    self.refused.emit(words if cancelled else "This can't be computed.")


def plan_or_reason(
    planner: Planner, structure_set: StructureSet, ground: EditGround, report: Report
) -> PlannedEdit | str:
    """What a planner gives, or one line that says why it gives nothing."""
    try:
        return planner(structure_set, ground, report)
    except CancelledError:
        raise
    except RtvisError as error:
        return one_line(error)
    except ValueError as error:
        return f"This can't be computed: {error}."


def one_line(error: RtvisError) -> str:
    """An error in one line: what is wrong, and what to do."""
    remedy = f": {error.remedy}" if error.remedy else ""
    return f"{error.what[:1].upper()}{error.what[1:]}{remedy}."
