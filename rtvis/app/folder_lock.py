"""A folder whose files several programs change, one at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PATIENCE_S = 0.25
"""Others hold the lock for milliseconds; whoever waits may be a window."""

TRY_EVERY_S = 0.005


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No other program changes files of a folder meanwhile; where it can't be locked they may, as anywhere.

    Another one is waited for no longer than `PATIENCE_S`: a stopped program must not stop others.

    Args:
        folder: made when it isn't there.
    """
    descriptor = -1
    try:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
            _lock(descriptor)
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Raises OSError where there are no locks, and where somebody else keeps one."""
    end = monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > end:
                raise
            sleep(TRY_EVERY_S)
        else:
            return
