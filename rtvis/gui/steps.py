"""Work that must be done in the window's thread, a step at a time, with whatever waits in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Generator


class Steps(QObject):
    """Takes the steps of one piece of work after the other; a new one ends the one before.

    Args:
        parent: whom it belongs to.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Generator[None, None, Any] | None = None
        self._done: Callable[[Any], None] | None = None
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._go_on)

    @property
    def is_busy(self) -> bool:
        """Whether there are steps to be taken."""
        return self._steps is not None

    def begin(self, steps: Generator[None, None, Any], done: Callable[[Any], None]) -> None:
        """Take these steps, the first one soon; `done` is called with what they return."""
        self.stop()
        self._steps, self._done = steps, done
        self._next.start()

    def stop(self) -> None:
        """Give up what is under way."""
        self._next.stop()
        steps, self._steps, self._done = self._steps, None, None
        if steps is not None:
            steps.close()

    def finish(self) -> None:
        """Take all steps that are left now."""
        while self.is_busy:
            self._go_on()

    def _go_on(self) -> None:
        if self._steps is None or self._done is None:
            return
        try:
            next(self._steps)
        except StopIteration as end:
            done = self._done
            self.stop()
            done(end.value)
        except BaseException:
            self.stop()
            raise
        else:
            self._next.start()
