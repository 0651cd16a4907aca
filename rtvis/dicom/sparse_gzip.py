"""gzip (RFC 1952) of arrays that are mostly zeros, such as masks: what is empty costs next to nothing.

The array is taken in bands. A band of zeros is not compressed again but written as the ready-made piece for it, and its
part of the checksum is a table look-up. Pieces end at full flushes (RFC 1951), so that they can stand side by side; any
gzip reads the result.
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

BAND_BYTES = 1 << 14
"""About half the window of deflate."""

GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, any system: the same array gives the same bytes (RFC 1952 2.3)."""


class _Zeros:
    """What a number of zero bytes are in deflate, and what they do to a checksum."""

    def __init__(self, size: int) -> None:
        block = bytes(size)
        compressor = _compressor()
        self.deflated = compressor.compress(block) + compressor.flush(zlib.Z_FULL_FLUSH)
        # CRC-32 over given bytes is affine in its start value: 32 start values of one bit each tell it for all.
        self._none = zlib.crc32(block, 0)
        self._bits = [zlib.crc32(block, 1 << bit) ^ self._none for bit in range(32)]

    def crc32(self, start: int) -> int:
        """The checksum after these zeros, from the one before them."""
        value = self._none
        for bit, change in enumerate(self._bits):
            if start >> bit & 1:
                value ^= change
        return value


def _compressor() -> zlib._Compress:
    return zlib.compressobj(1, zlib.DEFLATED, -15, 9, zlib.Z_RLE)


def write_gzip(handle: BinaryIO, header: bytes, array: NDArray[Any]) -> None:
    """Write a header and an array's bytes, in C order, as one gzip member.

    Args:
        handle: where to.
        header: bytes before the array's.
        array: C-contiguous; several dimensions, the first of which are best its slices.
    """
    bands = _bands(array)
    held = np.asarray(bands.any(axis=1))
    zeros = _Zeros(bands.shape[1] * array.itemsize)
    compressor = _compressor()
    handle.write(GZIP_HEADER)
    handle.write(compressor.compress(header))
    handle.write(compressor.flush(zlib.Z_FULL_FLUSH))
    checksum = zlib.crc32(header)
    changes = np.flatnonzero(np.diff(held)) + 1
    edges = [0, *changes.tolist(), len(held)]
    for begin, end in pairwise(edges):
        if held[begin]:
            piece = np.ascontiguousarray(bands[begin:end]).data.cast("B")
            checksum = zlib.crc32(piece, checksum)
            handle.write(compressor.compress(piece))
            handle.write(compressor.flush(zlib.Z_FULL_FLUSH))
        else:
            handle.write(zeros.deflated * (end - begin))
            for _ in range(end - begin):
                checksum = zeros.crc32(checksum)
    handle.write(compressor.flush(zlib.Z_FINISH))
    size = len(header) + array.nbytes
    handle.write(checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"))


def _bands(array: NDArray[Any]) -> NDArray[Any]:
    """The array as ``(bands, length)``, each band at most `BAND_BYTES` where the shape allows."""
    flat = array.reshape(array.shape[0], -1) if array.ndim > 1 else array.reshape(1, -1)
    length = flat.shape[1]
    parts = max(1, length * array.itemsize // BAND_BYTES)
    while length % parts:
        parts -= 1
    return flat.reshape(-1, length // parts)
