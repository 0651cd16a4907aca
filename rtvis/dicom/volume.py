"""Voxels of a planned volume: stored values, straight into one array."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import lru_cache
from io import FileIO
from itertools import groupby, islice
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.inflating import InflatedStream
from rtvis.dicom.pixel_decoding import decode_frame, frames_of
from rtvis.dicom.reading import inflated_at, quiet
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import no_report
from rtvis.model.volume import Volume, VolumeHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    from rtvis.dicom.image_plane import PixelSource
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report
    from rtvis.model.volume import Slice

    OnSlices: TypeAlias = Callable[[Volume, tuple[int, ...]], None]

DECODERS = min(8, os.cpu_count() or 1)
"""Threads that decode: every decoder releases the GIL."""
COPIERS = min(2, os.cpu_count() or 1)
"""Threads that copy pixels that need no decoding: two fill fresh memory in 0.6 of the time that one takes."""
COPIED_AT_ONCE = 1 << 21
"""Bytes a thread copies before it says so: handing work over costs what copying 64 KiB does."""
WORTH_THREADS = 1 << 22
"""Smaller volumes are copied before a thread has started."""
AHEAD = 16
"""Files that are asked of the disk before they are read, once a read was slow."""
SLOW_BYTES_PER_S = 5e8
"""Reads slower than this didn't come from the page cache."""


@dataclass(frozen=True, slots=True)
class _Plane:
    """One plane and the place for its values."""

    k: int
    slice: Slice
    source: PixelSource
    target: NDArray[np.integer]


def middle_out(count: int, middle: int | None = None) -> list[int]:
    """Slice indices from one slice on outwards to both ends, for `read_volume`'s `order`.

    Args:
        count: slices in all.
        middle: where to begin; the middle one without.

    >>> middle_out(6)
    [3, 2, 4, 1, 5, 0]
    """
    start = count // 2 if middle is None else middle
    return sorted(range(count), key=lambda k: (abs(k - start), k))


def read_volume(
    plan: VolumePlan,
    report: Report = no_report,
    *,
    order: Iterable[int] | None = None,
    on_slices: OnSlices | None = None,
) -> Volume:
    """Read the stored values of a planned volume.

    Values come as they are stored (PS3.3 C.7.6.3): no rescale, no photometric change (MONOCHROME1 stays as it is).
    Bits above BitsStored are replaced by the sign (signed) or zeros (unsigned). The array's type is that of
    BitsAllocated and PixelRepresentation, or one that holds all where slices differ.

    Args:
        plan: from `rtvis.dicom.series.find_series`.
        report: told (slices read, slices in all).
        order: slice indices in the order in which they are wanted, such as `middle_out` gives; those it leaves out
            come after them. Frames of one compressed file come together, at the place of the first one wanted.
        on_slices: told, in the thread that called `read_volume`, of the volume and of slices k of it that are there
            now. It is the volume that will be returned, so it can be shown while it fills; voxels that aren't read
            yet are 0. What it raises stops the reading.

    Raises:
        UnreadableError: when a file is gone, changed since it was found, or its pixel data can't be decoded.
    """
    try:
        voxels = np.zeros(plan.grid.shape, dtype=plan.dtype)
    except (MemoryError, ValueError) as error:
        what = f"volume {plan.volume_id} takes {plan.voxel_bytes >> 20} MiB, more memory than there is"
        raise UnreadableError(what, path=plan.slices[0].path) from error
    header = {one.name: getattr(plan, one.name) for one in fields(VolumeHeader)}
    volume = Volume(voxels=voxels.view(), **header)
    done, count = 0, len(plan.slices)
    with quiet():
        for ready in _fill(plan, voxels, order or ()):
            done += len(ready)
            report(done, count)
            if on_slices is not None:
                on_slices(volume, ready)
    voxels.flags.writeable = False
    return volume


def _fill(plan: VolumePlan, voxels: NDArray[np.integer], order: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Read all planes; yields slice indices as they get their values."""
    planes = [_Plane(k, plan.slices[k], plan.sources[k], voxels[k]) for k in range(len(voxels))]
    native: dict[Path, list[_Plane]] = {}
    coded: dict[Path, list[_Plane]] = {}
    for k in dict.fromkeys([*order, *range(len(planes))]):
        path = planes[k].slice.path
        assert path is not None  # plans come from files
        element = planes[k].source.element
        kind = coded if element.length is None or element.deflated else native
        kind.setdefault(path, []).append(planes[k])
    yield from _copied(native)
    yield from _decoded(coded)


def _copied(files: dict[Path, list[_Plane]]) -> Iterator[tuple[int, ...]]:
    """Read files whose pixels need no decoding, a few at a time."""
    planes = [plane for together in files.values() for plane in together]
    if COPIERS == 1 or sum(plane.target.nbytes for plane in planes) < WORTH_THREADS:
        disk = _Disk([*files])
        for plane in planes:
            yield _copy_all([plane], disk)
        return
    with ThreadPoolExecutor(COPIERS) as pool:
        running: deque[Future[tuple[int, ...]]] = deque()
        try:
            disk = _Disk([*files])
            for together in _portions(planes):
                running.append(pool.submit(_copy_all, together, disk))
                while len(running) > 2 * COPIERS or (running and running[0].done()):
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _portions(planes: list[_Plane]) -> Iterator[list[_Plane]]:
    """Planes that one thread copies at once: the first alone, so that it is there soonest."""
    portion: list[_Plane] = []
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


def _copy_all(planes: list[_Plane], disk: _Disk) -> tuple[int, ...]:
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


def _copy(path: Path, handle: FileIO, plane: _Plane) -> None:
    one, source, target = plane.slice, plane.source, plane.target
    handle.seek(_start(source.element.offset, one))
    if _is_native(one, source, target):
        if _read_into(handle, target) != target.nbytes:
            raise UnreadableError("became shorter since it was found", path=path)
    else:
        _place(one, handle.read(_frame_bytes(one)) or b"", target, swap=_swap(source))
    _clean(one, target)


def _read_into(handle: FileIO, target: NDArray[np.integer]) -> int:
    """Fill an array from a file; one call reads 2 GiB at the most. Returns the bytes read."""
    view, done = target.data.cast("B"), 0
    while done < len(view) and (more := handle.readinto(view[done:])):
        done += more
    return done


def _decoded(files: dict[Path, list[_Plane]]) -> Iterator[tuple[int, ...]]:
    """Read files whose pixels have to be decoded: read here, decoded by a few threads, a few frames ahead."""
    if not files:
        return
    with ThreadPoolExecutor(DECODERS) as pool:
        running: deque[tuple[int, Future[None]]] = deque()
        try:
            for path, planes in files.items():
                for plane, data in _encoded(path, planes):
                    running.append((plane.k, pool.submit(_decode, data, plane)))
                    while len(running) > 2 * DECODERS or (running and running[0][1].done()):
                        k, task = running.popleft()
                        task.result()
                        yield (k,)
            for k, task in running:
                task.result()
                yield (k,)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _encoded(path: Path, planes: list[_Plane]) -> Iterator[tuple[_Plane, bytes]]:
    """The bytes of the planes of one compressed or deflated file, in the order of the file."""
    element, frames = planes[0].source.element, planes[0].source.frames
    by_frame = {max(plane.slice.frame - 1, 0): plane for plane in planes}
    try:
        with path.open("rb") as handle:
            if element.length is None:
                handle.seek(element.offset)
                for n, data in enumerate(islice(frames_of(handle, path, frames), frames)):
                    if n in by_frame:
                        yield by_frame.pop(n), data
            else:
                stream: InflatedStream = inflated_at(handle, path)
                for n in sorted(by_frame):
                    plane = by_frame.pop(n)
                    stream.skip(_start(element.offset, plane.slice) - stream.position)
                    yield plane, stream.read(_frame_bytes(plane.slice))
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    if by_frame:
        raise UnreadableError(f"has no pixel data for {len(by_frame)} of its frames", path=path)


def _decode(data: bytes, plane: _Plane) -> None:
    if plane.source.element.length is None:
        decode_frame(data, plane.slice, plane.source.photometric, plane.target)
    else:
        _place(plane.slice, data, plane.target)
    _clean(plane.slice, plane.target)


def _frame_bytes(one: Slice) -> int:
    return one.rows * one.columns * (one.bits_allocated // 8)


def _start(offset: int, one: Slice) -> int:
    return offset + max(one.frame - 1, 0) * _frame_bytes(one)


def _stored_type(one: Slice) -> np.dtype[np.integer]:
    return _little_endian(one.pixel_representation, one.bits_allocated)


@lru_cache
def _little_endian(pixel_representation: int, bits_allocated: int) -> np.dtype[np.integer]:
    return np.dtype(f"<{'i' if pixel_representation else 'u'}{bits_allocated // 8}")


def _is_native(one: Slice, source: PixelSource, target: NDArray[np.integer]) -> bool:
    """Whether the file's bytes are the array's bytes."""
    return not source.element.big_endian and target.dtype == _stored_type(one) and target.flags.c_contiguous


def _swap(source: PixelSource) -> int:
    """Size of the words whose bytes are swapped, 0 for none: of OW it is 2, whatever BitsAllocated (PS3.5 8.1.1)."""
    return 0 if not source.element.big_endian else 2 if source.element.vr == "OW" else 1


def _place(one: Slice, data: bytes, target: NDArray[np.integer], *, swap: int = 0) -> None:
    if len(data) != _frame_bytes(one):
        raise UnreadableError("became shorter since it was found", path=one.path)
    stored = _stored_type(one)
    if swap and one.bits_allocated == 8 and swap == 2:
        padded = data + b"\0" * (len(data) % 2)
        data = np.frombuffer(padded, "<u2").byteswap().tobytes()[: len(data)]
    elif swap and one.bits_allocated > 8:
        stored = stored.newbyteorder(">")
    np.copyto(target, np.frombuffer(data, stored).reshape(one.rows, one.columns))


def _clean(one: Slice, target: NDArray[np.integer]) -> None:
    """Replace bits above BitsStored: overlays and padding were once kept there (PS3.5 8.1.1)."""
    if one.bits_stored == one.bits_allocated:
        return
    if one.pixel_representation:
        shift = target.dtype.type(target.itemsize * 8 - one.bits_stored)
        np.left_shift(target, shift, out=target)
        np.right_shift(target, shift, out=target)
    else:
        np.bitwise_and(target, target.dtype.type((1 << one.bits_stored) - 1), out=target)
