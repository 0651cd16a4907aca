"""Voxels of a planned volume: stored values, straight into one array."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.inflating import InflatedStream
from rtvis.dicom.native_pixels import PlaneInPlace, copied
from rtvis.dicom.pixel_decoding import decode_frame, frames_of
from rtvis.dicom.reading import inflated_at, quiet
from rtvis.dicom.stored_values import clean, frame_bytes, frame_start, place
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import no_report
from rtvis.model.volume import Volume, VolumeHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report

    OnSlices: TypeAlias = Callable[[Volume, tuple[int, ...]], None]

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
    planes = [PlaneInPlace(k, plan.slices[k], plan.sources[k], voxels[k]) for k in range(len(voxels))]
    native: dict[Path, list[PlaneInPlace]] = {}
    coded: dict[Path, list[PlaneInPlace]] = {}
    for k in dict.fromkeys([*order, *range(len(planes))]):
        path = planes[k].slice.path
        assert path is not None  # plans come from files
        element = planes[k].source.element
        kind = coded if element.length is None or element.deflated else native
        kind.setdefault(path, []).append(planes[k])
    yield from copied([plane for together in native.values() for plane in together])
    yield from _decoded(coded)


def _decoded(files: dict[Path, list[PlaneInPlace]]) -> Iterator[tuple[int, ...]]:
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
