"""Pixels that need no decoding, copied from their files straight into their places by a few threads."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from itertools import groupby
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING

from rtvis.dicom.stored_values import clean, frame_start, is_native, place, swap_size, words_around
from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from rtvis.dicom.pixel_coding import PixelSource
    from rtvis.model.volume import Slice

COPIERS = min(2, os.cpu_count() or 1)
"""Threads that copy, the calling one among them: two fill fresh memory in 0.65 of the time that one takes, and a
calling thread that waits instead of copying costs half of that gain, since Python then hands itself round three."""
COPIED_AT_ONCE = 1 << 21
"""Bytes a thread copies before it says so."""
WORTH_THREADS = 1 << 22
"""Smaller volumes are copied before a thread has started."""
AHEAD = 16
"""Files that are asked of the disk before they are read, once a read was slow."""
SLOW_BYTES_PER_S = 5e8
"""Reads slower than this didn't come from the page cache."""


@dataclass(frozen=True, slots=True)
class PlaneInPlace:
    """One plane, and the place for its stored values: slice `k` of a volume, ``(rows, columns)``."""

    k: int
    slice: Slice
    source: PixelSource
    target: NDArray[np.integer]


def copied(planes: Sequence[PlaneInPlace]) -> Iterator[tuple[int, ...]]:
    """Read planes whose pixels need no decoding, about in this order.

    Args:
        planes: of files that have paths; planes of one file come one after the other.

    Yields:
        Slice indices as they get their values. Whoever stops asking stops the reading.

    Raises:
        UnreadableError: when a file is gone or became shorter.
    """
    disk = _Disk([*dict.fromkeys(plane.slice.path for plane in planes if plane.slice.path)])
    if COPIERS == 1 or sum(plane.target.nbytes for plane in planes) < WORTH_THREADS:
        for plane in planes:
            yield _copy_all([plane], disk)
        return
    yield from _shared_out(deque(_portions(planes)), disk)


def _shared_out(waiting: deque[list[PlaneInPlace]], disk: _Disk) -> Iterator[tuple[int, ...]]:
    """Copy portions here and in helping threads, until none is waiting."""
    left = len(waiting)
    ready: SimpleQueue[tuple[int, ...] | BaseException] = SimpleQueue()

    def help_copying() -> None:
        try:
            while (portion := _next(waiting)) is not None:
                ready.put(_copy_all(portion, disk))
        except BaseException as error:  # noqa: BLE001  (raised again in the calling thread)
            ready.put(error)

    helpers = [Thread(target=help_copying, name="rtvis-copying") for _ in range(COPIERS - 1)]
    started: list[Thread] = []
    portion = _next(waiting)  # the first, which is told of before all others
    try:
        for helper in helpers:
            helper.start()
            started.append(helper)
        while left:
            if portion is not None:
                yield _copy_all(portion, disk)
                left -= 1
                portion = _next(waiting)
            while left and (portion is None or not ready.empty()):
                yield _result(ready)
                left -= 1
    finally:
        waiting.clear()
        for helper in started:
            helper.join()


def _result(ready: SimpleQueue[tuple[int, ...] | BaseException]) -> tuple[int, ...]:
    result = ready.get()
    if isinstance(result, BaseException):
        raise result
    return result


def _next(waiting: deque[list[PlaneInPlace]]) -> list[PlaneInPlace] | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _portions(planes: Sequence[PlaneInPlace]) -> Iterator[list[PlaneInPlace]]:
    """Planes that one thread copies at once: the first alone, so that it is there soonest."""
    portion: list[PlaneInPlace] = []
    for plane in planes:
        portion.append(plane)
        if plane is planes[0] or len(portion) * plane.target.nbytes >= COPIED_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


class _Disk:
    """Whether files come from a slow disk, which is asked for them before they are read then."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._numbers = {path: n for n, path in enumerate(paths)}
        self._slow = False
        self._asked = 0

    def took(self, seconds: float, count: int, path: Path) -> None:
        """Take note of how long `count` bytes of a file took; what it asks for twice costs next to nothing."""
        self._slow = self._slow or count < SLOW_BYTES_PER_S * seconds
        if not self._slow:
            return
        now = self._numbers[path] + 1
        first, self._asked = max(now, self._asked), max(now + AHEAD, self._asked)
        for one in self._paths[first : self._asked]:
            with suppress(OSError, AttributeError):  # not every file system, nor every system, takes advice
                descriptor = os.open(one, os.O_RDONLY)
                try:
                    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)
                finally:
                    os.close(descriptor)


def _copy_all(planes: Sequence[PlaneInPlace], disk: _Disk) -> tuple[int, ...]:
    """Copy planes from their files; returns their slice indices."""
    for path, together in groupby(planes, key=lambda plane: plane.slice.path):
        assert path is not None  # plans come from files
        try:
            with FileIO(path) as handle:
                for plane in together:
                    started_s = perf_counter()
                    _copy(path, handle, plane)
                    disk.took(perf_counter() - started_s, plane.target.nbytes, path)
        except OSError as error:
            raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    return tuple(plane.k for plane in planes)


def _copy(path: Path, handle: FileIO, plane: PlaneInPlace) -> None:
    one, source, target = plane.slice, plane.source, plane.target
    start = frame_start(source.element.offset, one)
    if is_native(one, source, target):
        handle.seek(start)
        if _read_into(handle, target) != target.nbytes:
            raise UnreadableError("became shorter since it was found", path=path)
    else:
        swap = swap_size(source)
        lead, count = words_around(one, swap)
        handle.seek(start - lead)
        place(one, handle.read(count) or b"", target, swap=swap)
    clean(one, target)


def _read_into(handle: FileIO, target: NDArray[np.integer]) -> int:
    """Fill an array from a file; one call reads 2 GiB at the most. Returns the bytes read."""
    view, done = target.data.cast("B"), 0
    while done < len(view) and (more := handle.readinto(view[done:])):
        done += more
    return done
