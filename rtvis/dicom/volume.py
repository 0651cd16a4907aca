"""Voxels of a planned volume: stored values, straight into one array."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from rtvis.dicom.image_plane import syntax_name
from rtvis.dicom.reading import inflated_dataset, quiet
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import no_report
from rtvis.model.volume import Volume, VolumeHeader

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from rtvis.dicom.image_plane import PixelSource
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report
    from rtvis.model.volume import Slice

THREADS = min(8, os.cpu_count() or 1)
"""Reading files and every decoder release the GIL."""
PLUGINS = ("pylibjpeg", "pydicom")
"""Decoders rtvis installs: asked first, so that lossy images (and their digests) don't depend on what else is there."""
_DECODER_ERRORS = (
    ValueError, RuntimeError, TypeError, AttributeError, KeyError, IndexError, OverflowError, NotImplementedError,
    EOFError, MemoryError, OSError,
)  # fmt: skip


def read_volume(plan: VolumePlan, report: Report = no_report) -> Volume:
    """Read the stored values of a planned volume.

    Values come as they are stored (PS3.3 C.7.6.3): no rescale, no photometric change (MONOCHROME1 stays as it is).
    Bits above BitsStored are replaced by the sign (signed) or zeros (unsigned). The array's type is that of
    BitsAllocated and PixelRepresentation, or one that holds all where slices differ.

    Args:
        plan: from `rtvis.dicom.series.find_series`.
        report: told (slices read, slices in all).

    Raises:
        UnreadableError: when a file is gone, changed since it was found, or its pixel data can't be decoded.
    """
    try:
        voxels = np.empty(plan.grid.shape, dtype=plan.dtype)
    except MemoryError as error:
        what = f"volume {plan.volume_id} takes {plan.voxel_bytes / 2**20:.0f} MiB, more memory than there is"
        raise UnreadableError(what, path=plan.slices[0].path) from error
    files: dict[Path, list[int]] = defaultdict(list)
    for k, one in enumerate(plan.slices):
        assert one.path is not None  # plans come from files
        files[one.path].append(k)
    lock, done = threading.Lock(), 0

    def read(path: Path) -> None:
        nonlocal done
        planes = [(plan.slices[k], plan.sources[k], voxels[k]) for k in files[path]]
        _read_file(path, planes)
        with lock:
            done += len(planes)
            report(done, len(plan.slices))

    with quiet(), ThreadPoolExecutor(min(THREADS, len(files))) as pool:
        tasks = [pool.submit(read, path) for path in files]
        try:
            for task in tasks:
                task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    header = {one.name: getattr(plan, one.name) for one in fields(VolumeHeader)}
    return Volume(voxels=voxels, **header)


def _read_file(path: Path, planes: list[tuple[Slice, PixelSource, NDArray[np.integer]]]) -> None:
    """Read the planes of one file, each into its place."""
    element = planes[0][1].element
    if element.length is None:
        _decode(path, planes)
    elif element.deflated:
        data = inflated_dataset(path)
        for one, _, target in planes:
            _place(one, data[(start := _start(element.offset, one)) : start + _frame_bytes(one)], target)
    else:
        try:
            with path.open("rb", buffering=0) as handle:
                for one, source, target in planes:
                    handle.seek(_start(element.offset, one))
                    if _is_native(one, source, target):
                        if handle.readinto(target.data.cast("B")) != target.nbytes:
                            raise UnreadableError("became shorter since it was found", path=path)
                        continue
                    _place(one, handle.read(_frame_bytes(one)), target, swap=_swap(source))
        except OSError as error:
            raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    for one, _, target in planes:
        _clean(one, target)


def _frame_bytes(one: Slice) -> int:
    return one.rows * one.columns * (one.bits_allocated // 8)


def _start(offset: int, one: Slice) -> int:
    return offset + max(one.frame - 1, 0) * _frame_bytes(one)


def _stored_type(one: Slice) -> np.dtype[np.integer]:
    return np.dtype(f"<{'i' if one.pixel_representation else 'u'}{one.bits_allocated // 8}")


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


def _decode(path: Path, planes: list[tuple[Slice, PixelSource, NDArray[np.integer]]]) -> None:
    """Decode encapsulated frames with pydicom's decoders, as stored values."""
    first, source, _ = planes[0]
    syntax = UID(first.transfer_syntax_uid)
    try:
        with path.open("rb") as handle:
            handle.seek(source.element.offset)
            data = handle.read()
        decoder = get_decoder(syntax)
        plugin = next((one for one in PLUGINS if one in decoder.available_plugins), "")
        options: dict[str, Any] = {
            "rows": first.rows,
            "columns": first.columns,
            "bits_allocated": first.bits_allocated,
            "bits_stored": first.bits_stored,
            "pixel_representation": first.pixel_representation,
            "samples_per_pixel": 1,
            "photometric_interpretation": source.photometric,
            "number_of_frames": source.frames,
            "pixel_keyword": "PixelData",
        }
        for one, _, target in planes:
            frame, _ = decoder.as_array(data, index=max(one.frame - 1, 0), raw=True, decoding_plugin=plugin, **options)
            if frame.shape != target.shape:
                raise ValueError(f"it decodes to {frame.shape}")
            np.copyto(target, frame, casting="same_kind" if frame.dtype.kind == target.dtype.kind else "unsafe")
    except _DECODER_ERRORS as error:
        reason = " ".join(str(error).split())[:200]
        what = f"its pixel data in {syntax_name(syntax)} can't be decoded ({reason})"
        raise UnreadableError(what, path=path, remedy="copy it again or convert it") from error
