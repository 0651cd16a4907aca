"""What stands before a data set in a file: preamble, prefix and file meta information (PS3.10 7.1)."""

from __future__ import annotations

import struct
from typing import Final

from rtvis.dicom.element_encoding import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, element
from rtvis.dicom.encoding import EXPLICIT, PREAMBLE_BYTES, PREFIX
from rtvis.integrity.scanning import ScannedFile
from rtvis.model.errors import UnreadableError

_PREFIX: Final = bytes(PREAMBLE_BYTES) + PREFIX


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
        0x00020001: element(0x00020001, "OB", b"\0\1", EXPLICIT),
        0x00020010: element(0x00020010, "UI", scanned.transfer_syntax, EXPLICIT),
        0x00020012: element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID, EXPLICIT),
        0x00020013: element(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME, EXPLICIT),
    }
    if 0x00020002 not in kept:
        made[0x00020002] = element(0x00020002, "UI", _uid(scanned, 0x00080016, "SOP Class UID (0008,0016)"), EXPLICIT)
    if 0x00020003 not in kept:
        made[0x00020003] = element(
            0x00020003, "UI", _uid(scanned, 0x00080018, "SOP Instance UID (0008,0018)"), EXPLICIT
        )
    group = b"".join(content for _, content in sorted({**made, **kept}.items()))
    preamble = scanned.data[:132] if scanned.has_preamble else _PREFIX
    return preamble + element(0x00020000, "UL", struct.pack("<I", len(group)), EXPLICIT) + group


def _uid(scanned: ScannedFile, tag: int, name: str) -> bytes:
    for one in scanned.elements:
        if one.tag == tag and one.value_end > one.value_start:
            return scanned.body[one.value_start : one.value_end]
    raise UnreadableError(f"has no {name}, which a file's meta information must name")
