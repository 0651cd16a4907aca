"""Frames of the device protocol: one byte of type, four bytes of length (big endian), then that many bytes.

No input or output here: bytes in, frames out, and never more than one unfinished frame is held.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">BI")
MAX_CONTROL = 8 * 1024 * 1024
"""Bytes of the largest control frame, an OFFER: a manifest of about 30,000 files."""
MAX_DATA = 256 * 1024
"""Bytes of one DATA frame: large enough that its header costs nothing, small enough to be held by every session."""
_MAX_SMALL = 64 * 1024


class FrameType(IntEnum):
    """What a frame is; the numbers travel and never change meaning."""

    HELLO = 1
    CHALLENGE = 2
    OFFER = 3
    RESUME = 4
    FILE = 5
    DATA = 6
    FILE_END = 7
    FILE_RESULT = 8
    COMMIT = 9
    RECEIPT = 10
    WORKING = 11
    REFUSE = 12


_LIMITS = dict.fromkeys(FrameType, _MAX_SMALL) | {
    FrameType.OFFER: MAX_CONTROL,
    FrameType.RESUME: MAX_CONTROL,
    FrameType.DATA: MAX_DATA,
    FrameType.COMMIT: 0,
}


class FrameError(ValueError):
    """Bytes that aren't a frame, or a frame that is larger than its kind may be."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame."""

    kind: FrameType
    payload: bytes


def limit_of(kind: FrameType) -> int:
    """Bytes that the payload of such a frame may have at most."""
    return _LIMITS[kind]


def encode_frame(kind: FrameType, payload: bytes = b"") -> bytes:
    """The bytes of one frame.

    Raises:
        FrameError: when the payload is larger than its kind may be.
    """
    if len(payload) > limit_of(kind):
        raise FrameError(f"a {kind.name} frame of {len(payload)} bytes; {limit_of(kind)} are allowed")
    return HEADER.pack(kind, len(payload)) + payload


class FrameDecoder:
    """Cuts a stream of bytes into frames, however it was chunked.

    A header that asks for too much is refused before one byte of its payload is kept.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """Bytes held of a frame that isn't whole yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """All frames that `data` completes.

        Raises:
            FrameError: for an unknown type or an excessive length; the stream is of no use after that.
        """
        self._buffer += data
        frames: list[Frame] = []
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            number, length = HEADER.unpack_from(self._buffer, start)
            kind = self._kind(number, length)
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            frames.append(Frame(kind, bytes(memoryview(self._buffer)[start + HEADER.size : end])))
            start = end
        if start:
            del self._buffer[:start]
        return frames

    def _kind(self, number: int, length: int) -> FrameType:
        try:
            kind = FrameType(number)
        except ValueError:
            self._buffer.clear()
            raise FrameError(f"a frame of unknown type {number}") from None
        if length > limit_of(kind):
            self._buffer.clear()
            raise FrameError(f"a {kind.name} frame that claims {length} bytes; {limit_of(kind)} are allowed")
        return kind
