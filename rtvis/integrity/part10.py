"""What stands before a data set in a file: preamble, prefix and file meta information (PS3.10 7.1)."""

from __future__ import annotations

import struct
from typing import Final

from rtvis.dicom.element_encoding import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from rtvis.integrity.encoding import EXPLICIT_LITTLE_ENDIAN, encode_element, encode_text
from rtvis.integrity.scanning import ScannedFile
from rtvis.model.errors import UnreadableError

_PREFIX: Final = b"\0" * 128 + b"DICM"


def file_head(scanned: ScannedFile) -> bytes:
    """The bytes before the data set, completed where they are missing.

    What is there is kept as it is. A file without preamble gets one of zeros, and file meta information without a
    transfer syntax, or none at all, is completed from what the data set says and how it is encoded.

    Raises:
        UnreadableError: when the data set has no SOP Class UID or SOP Instance UID to name in it.
    """
    if scanned.declared and scanned.has_preamble:
        return scanned.data[: scanned.body_start]
    if scanned.declared:
        return _PREFIX + scanned.data[: scanned.body_start]
    kept = {one.tag: scanned.data[one.start : one.end] for one in scanned.meta if one.tag != 0x00020000}
    made = {
        0x00020001: _meta(0x00020001, b"OB", b"\0\1"),
        0x00020010: _meta(0x00020010, b"UI", encode_text(scanned.transfer_syntax, b"\0")),
        0x00020012: _meta(0x00020012, b"UI", encode_text(IMPLEMENTATION_CLASS_UID, b"\0")),
        0x00020013: _meta(0x00020013, b"SH", encode_text(IMPLEMENTATION_VERSION_NAME)),
    }
    if 0x00020002 not in kept:
        made[0x00020002] = _meta(0x00020002, b"UI", _uid(scanned, 0x00080016, "SOP Class UID (0008,0016)"))
    if 0x00020003 not in kept:
        made[0x00020003] = _meta(0x00020003, b"UI", _uid(scanned, 0x00080018, "SOP Instance UID (0008,0018)"))
    group = b"".join(content for _, content in sorted({**made, **kept}.items()))
    preamble = scanned.data[:132] if scanned.has_preamble else _PREFIX
    return preamble + _meta(0x00020000, b"UL", struct.pack("<I", len(group))) + group


def _meta(tag: int, vr: bytes, value: bytes) -> bytes:
    return encode_element(tag, vr, value, EXPLICIT_LITTLE_ENDIAN)


def _uid(scanned: ScannedFile, tag: int, name: str) -> bytes:
    for element in scanned.elements:
        if element.tag == tag and element.value_end > element.value_start:
            return scanned.body[element.value_start : element.value_end]
    raise UnreadableError(f"has no {name}, which a file's meta information must name")
