"""The caller's side of a command: stdin, stdout and stderr closed, full or left by their reader, and its signals."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

READER_LEFT = 141
"""The exit status when the reader of our output went before its end, as in ``rtvis info PATH | head``.

It is what a shell tells of a program that SIGPIPE ended (128 + 13), as that is how most programs end here. Neither 0
nor 1 nor 2 would be true: whether a thing that was checked holds has been told to nobody. The signal itself stays
ignored, as Python has it: sockets have readers who go as well.
"""

USUAL: dict[int, Callable[[int, FrameType | None], Any] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}
"""What Python does on each signal unless the caller asked for something else."""

SHELL_ADDS = 128
"""To the number of the signal that ended a program."""

IMPORTING = "<frozen importlib._bootstrap>"
"""The file of the functions that import modules, as frames name it."""


def open_what_is_closed() -> None:
    """Let stdin, stdout and stderr that the caller closed (``>&-``) lead nowhere.

    Otherwise the next file that is opened has their number, and whatever a library prints lands in it; and Python's
    print to a stderr that is None goes to stdout, beside the JSON document.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)  # has the lowest free number: this one
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  (no path; for good)


def reader_left(stream: TextIO) -> bool:
    """Whether a stream is a pipe or a socket that nobody reads any more."""
    number = _descriptor(stream)
    if number is None:
        return False
    poll = select.poll()
    poll.register(number, 0)  # whether it is broken is told in any case
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def lead_nowhere(stream: TextIO) -> None:
    """Let what is still to be written to a stream vanish, so that the interpreter can flush it when it ends."""
    number = _descriptor(stream)
    if number is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def end_in_order() -> None:
    """Let SIGTERM, SIGHUP and SIGINT (Ctrl-C) leave no half-written file.

    Signals that the caller wants ignored (`nohup`, jobs in the background) stay so.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # no other may set handlers
    for number, usual in USUAL.items():
        if signal.getsignal(number) == usual:
            signal.signal(number, _end)


def end_as_usual() -> None:
    """Undo `end_in_order`: a window ends in its own way."""
    for number, usual in USUAL.items():
        if signal.getsignal(number) is _end:
            signal.signal(number, usual)


def _end(number: int, frame: FrameType | None) -> None:
    """End as the signal does by itself, without the files that are being written; Ctrl-C is an exception where it may.

    Modules of compiled code that are being imported import others, and crash when an exception comes out of that.
    """
    interrupted = number == signal.SIGINT
    if interrupted and not _is_importing(frame):
        raise KeyboardInterrupt
    files = sys.modules.get("rtvis.dicom.files")  # what isn't loaded writes nothing, and now is no time to load it
    if files is not None:
        files.discard_unfinished()
    if interrupted:
        with suppress(OSError):
            os.write(2, b"rtvis: interrupted\n")
        os._exit(SHELL_ADDS + number)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(SHELL_ADDS + number)  # the first process of a container isn't ended by signals of its own


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False


def say(message: str) -> None:
    """Print a message for people on stderr; where it can't be written, or nobody reads it, the work goes on."""
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        lead_nowhere(sys.stderr)


def _descriptor(stream: TextIO) -> int | None:
    """Its number, where it is a file of the system."""
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
