"""A cancel that reaches who waits for a device: the lines are cut, and what waits for an answer ends at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rtvis.model.progress import CancelledError

ASKED_EVERY_S = 0.1
"""How often it is asked whether to go on while nothing moves: a cancel is answered within this much."""


class Lines:
    """The connections of one call, to be cut together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_cut = threading.Event()

    @property
    def is_cut(self) -> bool:
        """Whether they were given up."""
        return self._is_cut.is_set()

    def dial(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect, as `socket.create_connection` does; `cut` ends the wait.

        Raises:
            TimeoutError: when nobody answers in time.
            OSError: when the host isn't known or refuses, or the lines are cut.
        """
        failure: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                line = socket.socket(family, kind, protocol)
            except OSError as error:  # addresses of a kind that this computer hasn't
                failure = error
                continue
            try:
                line.settimeout(timeout_s)
                with self.held(line):
                    if self.is_cut:
                        raise OSError("given up")
                    line.connect(address)
            except OSError as error:
                line.close()
                failure = error
            else:
                return line
        raise failure or OSError("no address")

    @contextmanager
    def held(self, line: socket.socket) -> Iterator[None]:
        """Have a line cut with the others while the block runs.

        Raises:
            OSError: when it can't be held: no more files may be open.
        """
        twin = line.dup()  # TLS takes the line over; a twin still reaches it
        try:
            with self._lock:
                self._open.add(twin)
            yield
        finally:
            with self._lock:
                self._open.discard(twin)
            twin.close()

    def cut(self) -> None:
        """End every wait on these lines, now and from now on."""
        self._is_cut.set()
        with self._lock:
            for line in self._open:
                _shut(line)

    @contextmanager
    def cut_when(self, go_on: Callable[[], None]) -> Iterator[None]:
        """While the block runs, cut the lines as soon as `go_on`, called now and then, raises `CancelledError`."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(ASKED_EVERY_S):
                try:
                    if not self.is_cut:
                        go_on()
                except CancelledError:
                    self._is_cut.set()
                if self.is_cut:  # again and again: one that was just about to connect couldn't be cut yet
                    self.cut()

        watcher = threading.Thread(target=watch, name="rtvis-giving-up", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _shut(line: socket.socket) -> None:
    with suppress(OSError):  # it isn't connected any more
        line.shutdown(socket.SHUT_RDWR)
