"""Beginnings of files, brought from a slow disk before they are asked for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SLOW_S = 0.001
"""A header that takes longer wasn't in the page cache: from there it takes a tenth."""
SLOW_SHARE = 0.05
"""Of the files, before threads are worth it; a few are slow on any busy machine."""
THREADS = 8
"""They wait for the disk, not for each other. Files of a cold disk are listed twice as fast with them; from the page
cache they would only be in the way, since taking headers apart keeps one core busy and Python lets no other help."""
AHEAD = 128
"""Files that are brought at a time."""
BYTES = 1 << 14


def ahead_of(paths: Sequence[Path]) -> Iterator[Path]:
    """The paths, one after the other; when their reader turns out to be slow, the next ones are read before they come.

    Args:
        paths: files that will be opened, in this order, by whoever takes them from here.
    """
    pool: ThreadPoolExecutor | None = None
    slow, asked = 0, 0
    try:
        for n, path in enumerate(paths):
            if pool is not None and asked < min(n + AHEAD // 2, len(paths)):
                asked = max(asked, n)
                for one in paths[asked : n + AHEAD]:
                    pool.submit(_touch, one)
                asked = min(n + AHEAD, len(paths))
            started_s = perf_counter()
            yield path
            slow += perf_counter() - started_s > SLOW_S
            if pool is None and slow > 2 + SLOW_SHARE * n:
                pool = ThreadPoolExecutor(THREADS)
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _touch(path: Path) -> None:
    """Have the beginning of a file in the page cache; what is wrong with it is told to whoever reads it."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.read(descriptor, BYTES)
        finally:
            os.close(descriptor)
