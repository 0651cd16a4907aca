"""Work that takes its time, off the window's thread, with progress and a way to stop it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import Any

from psygnal import EmitLoopError
from qtpy.QtCore import QObject, QThread, QTimer, Signal

from rtvis.gui.receivers import while_there
from rtvis.model.errors import RtvisError
from rtvis.model.progress import CancelledError

log = logging.getLogger(__name__)

Work = Callable[..., Any]
"""Takes a `Report`; work that hands over pieces as they are ready takes a second argument to call with each."""


def _nothing(*_arguments: object) -> None:
    """What is left to do for a task that is done."""


NOTHING_CHANGED = "nothing has changed"
"""What is left of work that only reads and computes, when it is stopped."""

LONGEST_HELD_S, HELD_AFTER_MS = 1.0, 60
"""Tasks wait for the window no longer than this, and after what it had to do until it was painted as well."""

LEAST_TO_TELL_S = 1.0
"""Time left is guessed from at least this much past: a guess from less only jumps."""


class Task(QThread):
    """One piece of work in a thread of its own.

    `progressed` carries (done, total), `parted` a piece of the result that is ready before the rest; of `succeeded`
    (the result) and `failed` (the exception) exactly one follows.
    """

    progressed = Signal(int, int)
    parted = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        label: str,
        work: Work,
        parent: QObject | None = None,
        *,
        in_parts: bool = False,
        lasting: bool = False,
        if_stopped: str = NOTHING_CHANGED,
        may_run: Event | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = label
        self._may_run = may_run
        self.if_stopped = if_stopped
        self.lasting = lasting
        self._work = work
        self._in_parts = in_parts
        self._stop = Event()
        self._percent = -1
        self._begun = monotonic()

    def cancel(self) -> None:
        """Ask the work to stop at its next report; it undoes what it left half-done."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def seconds_left(self, done: int, total: int) -> float | None:
        """How long the rest will take if it goes on as it did; None while too little is done to tell."""
        past = monotonic() - self._begun
        return past * (total - done) / done if done > 0 and total >= done and past > LEAST_TO_TELL_S else None

    def _report(self, done: int, total: int) -> None:
        self._let_window_go_first()
        if self._stop.is_set():
            raise CancelledError(f"{self.label} was cancelled")
        percent = 100 * done // total if total > 0 else 0
        if percent != self._percent:  # a signal a percent is enough; thousands a second would flood the window
            self._percent = percent
            self.progressed.emit(done, total)

    def _let_window_go_first(self) -> None:
        if self._may_run is not None:
            self._may_run.wait(LONGEST_HELD_S)

    def run(self) -> None:
        """What the thread does."""
        self._let_window_go_first()
        try:
            result = self._work(self._report, self.parted.emit) if self._in_parts else self._work(self._report)
            if self._stop.is_set() and not self.lasting:
                raise CancelledError(f"{self.label} was cancelled")
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the window shows the error)
            self.failed.emit(error)
        else:
            self.succeeded.emit(result)
        finally:
            self._work = _nothing  # whoever keeps the task keeps none of what it worked on


class BackgroundTasks(QObject):
    """The tasks of one window, and their end when it closes.

    `started` carries the task, `stopped` one that was cancelled before it was done; `ended` nothing. Errors go to
    `failed` as an exception, unless the task was cancelled.
    """

    started = Signal(object)
    stopped = Signal(object)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: list[Task] = []
        self._may_run = Event()
        self._may_run.set()
        self._let_run = QTimer(self)
        self._let_run.setSingleShot(True)
        self._let_run.timeout.connect(self._may_run.set)
        self._done: dict[Task, Callable[[Any], None]] = {}
        self._part: dict[Task, Callable[[Any], None]] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within this context and until the window was painted, tasks wait at their next report.

        Python runs one thread at a time: beside three that compute, what takes a tenth of a second in the window's
        thread takes half of one.
        """
        self._let_run.stop()
        self._may_run.clear()
        try:
            yield
        finally:
            self._let_run.start(HELD_AFTER_MS)

    @property
    def running(self) -> tuple[Task, ...]:
        """Tasks under way, oldest first."""
        return tuple(self._running)

    def start(
        self,
        label: str,
        work: Work,
        done: Callable[[Any], None],
        part: Callable[[Any], None] | None = None,
        *,
        lasting: bool = False,
        if_stopped: str = NOTHING_CHANGED,
    ) -> Task:
        """Run `work(report)` in a thread; `done(result)` is called in the window's thread.

        Neither `done` nor `part` is called any more once Qt has deleted an object that it belongs to: a dialog may be
        closed before its answer comes.

        Args:
            label: what the status bar shows, such as "Opening study".
            work: gets a `Report`; must touch neither widgets nor the session.
            done: what to do with the result.
            part: what to do with pieces of it that are ready sooner; `work` then gets a second argument, which it calls
                with each of them.
            lasting: whether what the work does stays, such as files and deliveries. Where a cancel comes when all of it
                is done, `done` is called all the same: nobody must believe that it wasn't.
            if_stopped: what the status bar says a cancel leaves, such as "no copy was written".

        Raises:
            TypeError: when `done` or `part` is the `emit` of a Qt signal (see `rtvis.gui.receivers`).
        """
        told = while_there(done)
        told_part = None if part is None else while_there(part)
        task = Task(
            label, work, self, in_parts=part is not None, lasting=lasting, if_stopped=if_stopped, may_run=self._may_run
        )
        if told_part is not None:
            self._part[task] = told_part
            task.parted.connect(self._on_part)
        self._running.append(task)
        self._done[task] = told
        task.succeeded.connect(self._on_success)
        task.failed.connect(self._on_failure)
        task.finished.connect(self._on_finished)
        self.started.emit(task)
        task.start()
        return task

    def _on_part(self, piece: object) -> None:
        task = self.sender()
        part = self._part.get(task)
        if part is not None and not task.cancelled:
            part(piece)

    def _on_success(self, result: object) -> None:
        done = self._done.pop(self.sender(), None)
        if done is not None:
            done(result)

    def _on_failure(self, error: BaseException) -> None:
        task = self.sender()
        self._done.pop(task, None)
        if isinstance(error, CancelledError):
            self.stopped.emit(task)
        elif task.cancelled:  # nobody waits for it any more
            log.info("%s was cancelled and ended with: %s", task.label, error)
            self.stopped.emit(task)
        else:
            self.failed.emit(error)

    def _on_finished(self) -> None:
        task = self.sender()
        if task in self._running:
            self._running.remove(task)
        self._done.pop(task, None)
        self._part.pop(task, None)
        task.deleteLater()
        self.ended.emit()

    def close(self) -> None:
        """Cancel everything and wait for it; results that come late are dropped."""
        self._done.clear()
        self._part.clear()
        self._let_run.stop()
        self._may_run.set()
        for task in self._running:
            task.cancel()
        for task in list(self._running):
            task.wait()


def explain(error: BaseException) -> tuple[str, str]:
    """(what is wrong, what to do) of an error, for a message."""
    while isinstance(error, EmitLoopError) and error.__cause__ is not None:
        error = error.__cause__  # psygnal's own words tell of callbacks and their variables, patients among them
    if isinstance(error, RtvisError):
        place = f"{error.path}\n\n" if error.path is not None else ""
        return f"{place}{error.what[:1].upper()}{error.what[1:]}.", error.remedy
    return f"Something unforeseen went wrong: {type(error).__name__}: {error}", (
        "your work is still here: save it, then start rtvis with --debug to see where this comes from"
    )
