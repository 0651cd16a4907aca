"""What JPEG, JPEG-LS and JPEG 2000 codestreams say of their size, before any decoder believes it."""

from __future__ import annotations

_JPEG_START, _J2K_START = b"\xff\xd8", b"\xff\x4f\xff\x51"
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 (ISO 10918-1 table B.1) and SOF55 (ISO 14495-1 C.2.2); C4, C8 and CC are no frame headers."""
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


def codestream_size(data: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components of a codestream; None when it doesn't say.

    Args:
        data: JPEG, JPEG-LS or JPEG 2000 (with or without the boxes of a JP2 file).
    """
    if data.startswith(_JPEG_START):
        return _jpeg(data)
    start = 0 if data.startswith(_J2K_START) else data.find(_J2K_START) if data.startswith(_JP2_SIGNATURE) else -1
    return None if start < 0 else _jpeg_2000(data[start : start + 46])


def _jpeg(data: bytes) -> tuple[int, int, int] | None:
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1  # fill byte
        elif marker in _STANDALONE:
            position += 2
        elif marker in _FRAME_HEADERS:
            head = data[position + 5 : position + 10]
            if len(head) < 5:
                return None
            return int.from_bytes(head[0:2], "big"), int.from_bytes(head[2:4], "big"), head[4]
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _jpeg_2000(head: bytes) -> tuple[int, int, int] | None:
    """SIZ marker segment (ISO 15444-1 A.5.1): Xsiz, Ysiz, XOsiz, YOsiz stand 8 bytes in, Csiz 40."""
    if len(head) < 42:
        return None
    right, bottom, left, top = (int.from_bytes(head[n : n + 4], "big") for n in (8, 12, 16, 20))
    return bottom - top, right - left, int.from_bytes(head[40:42], "big")
