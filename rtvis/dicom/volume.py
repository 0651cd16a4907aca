"""Voxels of a planned volume: stored values, straight into one array."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.inflating import InflatedStream
from rtvis.dicom.native_pixels import PlaneInPlace, copied
from rtvis.dicom.pixel_decoding import decode_frame, frames_of
from rtvis.dicom.reading import inflated_at, quiet
from rtvis.dicom.stored_values import clean, frame_bytes, frame_start, place
from rtvis.model.errors import InputError, UnreadableError
from rtvis.model.progress import no_report
from rtvis.model.volume import Volume, VolumeHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from pathlib import Path
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report

    OnSlices: TypeAlias = Callable[[Volume, tuple[int, ...]], None]
    OnFailure: TypeAlias = Callable[[Path, InputError], object]
    _Decoding: TypeAlias = tuple[int, Path, Future[None]]

DECODERS = min(8, os.cpu_count() or 1)
"""Threads that decode: every decoder releases the GIL."""


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
    return _read(plan, _room(plan), report, order=order or (), on_slices=on_slices, failed=_raise)


def read_usable(
    plan: VolumePlan,
    report: Report = no_report,
    *,
    order: Iterable[int] | None = None,
    on_slices: OnSlices | None = None,
) -> tuple[Volume | None, dict[Path, str]]:
    """Likewise, without the files that can't be used; each file is read and decoded once, however many these are.

    Args:
        plan: as for `read_volume`.
        report: likewise.
        order: likewise.
        on_slices: likewise. Where a file is unusable, it is told at the end of all slices of the volume without that
            file's, which is another one than the volume that it was told of before.

    Returns:
        The volume of the files that can be used, None when there are none; and why not, by file, of the others.
    """
    try:
        voxels = _room(plan)
    except UnreadableError as error:
        return None, {one.path: error.what for one in plan.slices if one.path is not None}
    found: dict[Path, str] = {}
    leave_out: OnFailure = lambda path, error: found.setdefault(path, error.what)  # noqa: E731  (a line says it)
    volume = _read(plan, voxels, report, order=order or (), on_slices=on_slices, failed=leave_out)
    if not found:
        return volume, found
    lost = {one.path: found[one.path] for one in plan.slices if one.path in found}
    rest = plan.without(lost)
    if rest is None:
        return None, lost
    kept = voxels[[k for k, one in enumerate(plan.slices) if one.path not in lost]]
    kept.flags.writeable = False
    volume = Volume(voxels=kept, **_header(rest))
    report(len(plan.slices), len(plan.slices))
    if on_slices is not None:
        on_slices(volume, tuple(range(len(kept))))
    return volume, lost


def _raise(_path: Path, error: InputError) -> None:
    raise error


def _room(plan: VolumePlan) -> NDArray[np.integer]:
    try:
        return np.zeros(plan.grid.shape, dtype=plan.dtype)
    except (MemoryError, ValueError) as error:
        what = f"volume {plan.volume_id} takes {plan.voxel_bytes >> 20} MiB, more memory than there is"
        raise UnreadableError(what, path=plan.slices[0].path) from error


def _header(plan: VolumePlan) -> dict[str, Any]:
    return {one.name: getattr(plan, one.name) for one in fields(VolumeHeader)}


def _read(
    plan: VolumePlan,
    voxels: NDArray[np.integer],
    report: Report,
    *,
    order: Iterable[int],
    on_slices: OnSlices | None,
    failed: OnFailure,
) -> Volume:
    """Read all files but those that `failed` is told of, where that doesn't raise."""
    volume = Volume(voxels=voxels.view(), **_header(plan))
    done, count = 0, len(plan.slices)
    with quiet():
        for ready in _fill(plan, voxels, order, failed):
            done += len(ready)
            report(done, count)
            if on_slices is not None:
                on_slices(volume, ready)
    voxels.flags.writeable = False
    return volume


def _fill(
    plan: VolumePlan, voxels: NDArray[np.integer], order: Iterable[int], failed: OnFailure
) -> Iterator[tuple[int, ...]]:
    """Read all planes; yields slice indices as they get their values."""
    planes = [PlaneInPlace(k, plan.slices[k], plan.sources[k], voxels[k]) for k in range(len(voxels))]
    native: dict[Path, list[PlaneInPlace]] = {}
    coded: dict[Path, list[PlaneInPlace]] = {}
    for k in dict.fromkeys([*order, *range(len(planes))]):
        path = planes[k].slice.path
        assert path is not None  # plans come from files
        element = planes[k].source.element
        kind = coded if element.length is None or element.deflated else native
        kind.setdefault(path, []).append(planes[k])
    yield from _copied(native, failed)
    yield from _decoded(coded, failed)


def _copied(files: dict[Path, list[PlaneInPlace]], failed: OnFailure) -> Iterator[tuple[int, ...]]:
    """Read files whose pixels need no decoding; after one that can't be read, the rest of them."""
    missing = dict(files)
    done: set[int] = set()
    while missing:
        try:
            for ready in copied([one for planes in missing.values() for one in planes if one.k not in done]):
                done.update(ready)
                yield ready
            missing.clear()
        except InputError as error:
            path = error.path if error.path in missing else next(iter(missing))
            assert path is not None
            failed(path, error)
            del missing[path]


def _decoded(files: dict[Path, list[PlaneInPlace]], failed: OnFailure) -> Iterator[tuple[int, ...]]:
    """Read files whose pixels have to be decoded: read here, decoded by a few threads, a few frames ahead."""
    if not files:
        return
    lost: set[Path] = set()
    with ThreadPoolExecutor(DECODERS) as pool:
        try:
            for k, path, task in _a_few_ahead(_decodings(files, pool, lost)):
                try:
                    task.result()
                except InputError as error:
                    if path not in lost:
                        failed(path, error)
                    lost.add(path)
                if path not in lost:
                    yield (k,)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _a_few_ahead(decodings: Iterable[_Decoding]) -> Iterator[_Decoding]:
    running: deque[_Decoding] = deque()
    for one in decodings:
        running.append(one)
        while len(running) > 2 * DECODERS or (running and running[0][2].done()):
            yield running.popleft()
    yield from running


def _decodings(
    files: dict[Path, list[PlaneInPlace]], pool: ThreadPoolExecutor, lost: Container[Path]
) -> Iterator[_Decoding]:
    """Have planes decoded, file by file; of a file that was lost meanwhile no more than was begun."""
    for path, planes in files.items():
        try:
            for plane, data in _encoded(path, planes):
                yield plane.k, path, pool.submit(_decode, data, plane)
                if path in lost:
                    break
        except InputError as error:
            broken: Future[None] = Future()
            broken.set_exception(error)
            yield planes[0].k, path, broken


def _encoded(path: Path, planes: list[PlaneInPlace]) -> Iterator[tuple[PlaneInPlace, bytes]]:
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
                    stream.skip(frame_start(element.offset, plane.slice) - stream.position)
                    yield plane, stream.read(frame_bytes(plane.slice))
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    if by_frame:
        raise UnreadableError(f"has no pixel data for {len(by_frame)} of its frames", path=path)


def _decode(data: bytes, plane: PlaneInPlace) -> None:
    if plane.source.element.length is None:
        decode_frame(data, plane.slice, plane.source.photometric, plane.target)
    else:
        place(plane.slice, data, plane.target)
    clean(plane.slice, plane.target)
