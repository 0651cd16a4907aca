"""From the bytes of native pixel data to stored values: byte order, and which bits of a cell count (PS3.5 8.1.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.dicom.pixel_coding import PixelSource
    from rtvis.model.volume import Slice


def frame_bytes(one: Slice) -> int:
    """Bytes of a plane in native pixel data."""
    return one.rows * one.columns * (one.bits_allocated // 8)


def frame_start(offset: int, one: Slice) -> int:
    """Where a plane begins in a file (or an inflated dataset) whose pixel data begins at `offset`."""
    return offset + max(one.frame - 1, 0) * frame_bytes(one)


def is_native(one: Slice, source: PixelSource, target: NDArray[np.integer]) -> bool:
    """Whether the file's bytes are the array's bytes."""
    return not source.element.big_endian and target.dtype == _stored_type(one) and target.flags.c_contiguous


def swap_size(source: PixelSource) -> int:
    """Size of the words whose bytes are swapped, 0 for none: of OW it is 2, whatever BitsAllocated (PS3.5 8.1.1)."""
    return 0 if not source.element.big_endian else 2 if source.element.vr == "OW" else 1


def words_around(one: Slice, swap: int) -> tuple[int, int]:
    """What to read for a plane: bytes before its first, and bytes in all.

    Cells of one byte in words of two: the first or last may be in a word with a cell of another frame, or with padding.
    """
    count = frame_bytes(one)
    if not _in_words(one, swap):
        return 0, count
    lead = frame_start(0, one) % 2
    return lead, lead + count + (lead + count) % 2


def _in_words(one: Slice, swap: int) -> bool:
    return swap == 2 and one.bits_allocated == 8


def place(one: Slice, data: bytes, target: NDArray[np.integer], *, swap: int = 0) -> None:
    """Put the bytes of a plane into its place.

    Args:
        one: what the file says of it.
        data: its cells, row by row; where the bytes of words are swapped, the whole words they lie in.
        target: ``(rows, columns)``.
        swap: see `swap_size`.

    Raises:
        UnreadableError: when these aren't all bytes.
    """
    lead, count = words_around(one, swap)
    if len(data) != count:
        raise UnreadableError("became shorter since it was found", path=one.path)
    stored = _stored_type(one)
    if _in_words(one, swap):
        data = np.frombuffer(data, "<u2").byteswap().tobytes()[lead : lead + frame_bytes(one)]
    elif swap and one.bits_allocated > 8:
        stored = stored.newbyteorder(">")
    np.copyto(target, np.frombuffer(data, stored).reshape(one.rows, one.columns))


def clean(one: Slice, target: NDArray[np.integer]) -> None:
    """Leave of each cell the stored value, with its sign: overlays and padding were once kept beside it (PS3.5 8.1.1).

    Args:
        one: what the file says of the plane.
        target: its cells, which become its stored values.
    """
    if one.bits_stored == one.bits_allocated:
        return
    if one.pixel_representation:
        bits = target.itemsize * 8
        np.left_shift(target, target.dtype.type(bits - one.lowest_bit - one.bits_stored), out=target)
        np.right_shift(target, target.dtype.type(bits - one.bits_stored), out=target)
    else:
        if one.lowest_bit:
            np.right_shift(target, target.dtype.type(one.lowest_bit), out=target)
        np.bitwise_and(target, target.dtype.type((1 << one.bits_stored) - 1), out=target)


def _stored_type(one: Slice) -> np.dtype[np.integer]:
    return _little_endian(one.pixel_representation, one.bits_allocated)


@lru_cache
def _little_endian(pixel_representation: int, bits_allocated: int) -> np.dtype[np.integer]:
    return np.dtype(f"<{'i' if pixel_representation else 'u'}{bits_allocated // 8}")
