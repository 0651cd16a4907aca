"""Ctrl-C in the terminal and SIGTERM, brought into Qt's event loop."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from types import FrameType

from qtpy.QtCore import QObject, QSocketNotifier, Signal

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class TerminalSignals(QObject):
    """`asked` follows each SIGINT and SIGTERM, within a moment, though Qt's loop runs no Python by itself.

    Python runs a handler only between two of its own instructions, and an idle window executes none: the signal's
    number is written to a socket, which Qt watches.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._previous: dict[int, object] = {}
        if threading.current_thread() is not threading.main_thread():
            return  # only the main thread may set handlers; elsewhere somebody else ends the program
        reading, writing = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        self._ends = (reading, writing)
        self._previous_wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        for number in NUMBERS:
            self._previous[number] = signal.signal(number, _noted)
        self._notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Read, self)
        self._notifier.activated.connect(self._read)

    def _read(self, _number: object = None) -> None:
        assert self._ends is not None
        with contextlib.suppress(BlockingIOError):  # another wake-up has read it all
            if any(number in NUMBERS for number in self._ends[0].recv(64)):
                self.asked.emit()

    def restore(self) -> None:
        """Put back what was there before."""
        if self._ends is None:
            return
        self._notifier.setEnabled(False)
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what `signal` gave
        signal.set_wakeup_fd(self._previous_wakeup)
        for end in self._ends:
            end.close()
        self._ends = None


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The signal is handled where its number is read from the socket."""
