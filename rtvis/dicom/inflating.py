"""Deflated datasets (PS3.5 A.5), inflated piece by piece: what a file claims never decides how much memory it gets."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MAX_INFLATED = 1 << 29
"""A deflated dataset may grow to this: more than a thousand slices, less than a file made to fill the memory."""
_PIECE = 1 << 20
_STEEPEST = 1032
"""Bytes that one deflated byte can become at most (zlib's technical notes)."""


def inflated(data: bytes, most: int) -> tuple[bytes, bytes]:
    """A whole deflated data set, and what follows it.

    Args:
        data: the deflated bytes, and whatever stands behind them.
        most: bytes that the data set may have.

    Raises:
        UnreadableError: when it is damaged, ends early, or is larger than `most`.
    """
    if len(data) * _STEEPEST > most:
        _refuse_bomb(data, most)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(data, most)
    except zlib.error as error:
        raise UnreadableError(f"its deflated data set is damaged ({error})") from error
    if inflater.unconsumed_tail:
        raise UnreadableError(f"its deflated data set inflates to more than {most >> 20} MiB")
    if not inflater.eof:
        raise UnreadableError("is truncated: its deflated data set has no end")
    return content, inflater.unused_data


def _refuse_bomb(data: bytes, most: int) -> None:
    """Inflate and keep nothing, so that what is refused never takes the memory that it asks for."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    count = position = 0
    while not inflater.eof and count <= most:
        piece = inflater.unconsumed_tail
        if not piece:
            piece, position = data[position : position + _PIECE], position + _PIECE
        if not piece:
            return  # it ends early
        try:
            count += len(inflater.decompress(piece, _PIECE))
        except zlib.error:
            return  # told by who keeps what comes before the damage
    if count > most:
        raise UnreadableError(f"its deflated data set inflates to more than {most >> 20} MiB")


class InflatedStream:
    """The bytes of a deflated dataset, from its beginning on.

    Args:
        handle: the file, standing where the deflated bytes begin.
        path: its name, for messages.
    """

    def __init__(self, handle: BinaryIO, path: Path) -> None:
        self._handle = handle
        self._path = path
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self.position = 0
        """How many bytes were inflated."""

    def read(self, count: int) -> bytes:
        """The next `count` bytes; fewer only at the end of the dataset.

        Raises:
            UnreadableError: when the file is damaged, ends early, or inflates to more than `MAX_INFLATED`.
        """
        pieces: list[bytes] = []
        while count > 0 and (piece := self._piece(min(count, _PIECE))):
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def skip(self, count: int) -> None:
        """Leave out the next `count` bytes; raises as `read`."""
        while count > 0 and (piece := self._piece(min(count, _PIECE))):
            count -= len(piece)

    def _piece(self, most: int) -> bytes:
        while not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._handle.read(_PIECE)
            try:
                data = self._inflater.decompress(packed, most)
            except zlib.error as error:
                what = f"is damaged: its deflated dataset doesn't inflate ({error})"
                raise UnreadableError(what, path=self._path) from error
            self.position += len(data)
            if self.position > MAX_INFLATED:
                raise UnreadableError(f"inflates to more than {MAX_INFLATED >> 20} MiB", path=self._path)
            if data:
                return data
            if not packed and not self._inflater.eof:
                raise UnreadableError("is truncated: its deflated dataset has no end", path=self._path)
        return b""
