"""Elements, items and files as bytes (PS3.5 7, PS3.10 7.1)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rtvis.dicom.encoding import (
    DEFLATED_LE,
    EXPLICIT,
    ITEM,
    LONG_VRS,
    LONGEST_SHORT_VALUE,
    PREAMBLE_BYTES,
    PREFIX,
    SEQUENCE_END,
    UNDEFINED,
    Encoding,
    tag_text,
)
from rtvis.model.errors import OutputError

if TYPE_CHECKING:
    from rtvis.dicom.element_tree import Item

IMPLEMENTATION_CLASS_UID = "2.25.189306142276463893283951632021371746113"
"""Names rtvis as the program that wrote a file (PS3.7 D.3.3.2)."""
IMPLEMENTATION_VERSION_NAME = "RTVIS"


def element(tag: int, vr: str, value: bytes | str, encoding: Encoding) -> bytes:
    """One element with its value padded to even length.

    A value too long for a 16-bit length is written as UN with a 32-bit one (PS3.5 6.2.2 note 1). Text is of the default
    repertoire; a byte beyond it that was read with `rtvis.dicom.element_tree.Item.ascii` comes out as it was.

    Raises:
        OutputError: when a text holds what no byte stands for.
    """
    data = value if isinstance(value, bytes) else _bytes(tag, value)
    if len(data) % 2:
        data += b"\0" if vr in {"UI", "OB", "UN"} else b" "
    group, number = tag >> 16, tag & 0xFFFF
    if not encoding.explicit:
        return struct.pack(encoding.order + "HHI", group, number, len(data)) + data
    name = vr.encode("ascii")
    if name not in LONG_VRS and len(data) > LONGEST_SHORT_VALUE:
        name = b"UN"
    if name in LONG_VRS:
        return struct.pack(encoding.order + "HH2sHI", group, number, name, 0, len(data)) + data
    return struct.pack(encoding.order + "HH2sH", group, number, name, len(data)) + data


def _bytes(tag: int, text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        what = f"{tag_text(tag)} can't hold {text!r}: its value representation knows ASCII only"
        raise OutputError(what, remedy="use other characters") from error


def sequence(tag: int, items: Iterable[bytes], encoding: Encoding, *, vr: str = "SQ") -> bytes:
    """A sequence of items already encoded; of undefined length only where 32 bits don't suffice."""
    content = b"".join(items)
    if len(content) < UNDEFINED:
        return element(tag, vr, content, encoding)
    head = element(tag, vr, b"", encoding)[:-4] + b"\xff\xff\xff\xff"
    return head + content + struct.pack(encoding.order + "HHI", SEQUENCE_END >> 16, SEQUENCE_END & 0xFFFF, 0)


def item(elements: Mapping[int, bytes], encoding: Encoding) -> bytes:
    """An item of defined length from tag -> encoded element; they are put in tag order."""
    return wrapped(b"".join(elements[tag] for tag in sorted(elements)), encoding)


def wrapped(content: bytes, encoding: Encoding) -> bytes:
    """An item of defined length around elements already encoded."""
    if len(content) >= UNDEFINED:
        raise OutputError("a structure set with an item of more than 4 GiB can't be written", remedy="split the ROI")
    return struct.pack(encoding.order + "HHI", ITEM >> 16, ITEM & 0xFFFF, len(content)) + content


def with_changes(original: Item, changes: Mapping[int, bytes | None]) -> bytes:
    """The elements of a data set or item with some replaced, added, or (None) taken out; the rest byte for byte.

    Group lengths (retired, PS3.5 7.2) are left out, since they no longer hold.
    """
    kept = [
        (one.tag, original.buffer[one.start : one.end])
        for one in original.listed
        if one.tag not in changes and one.tag & 0xFFFF
    ]
    added = [(tag, data) for tag, data in changes.items() if data is not None]
    return b"".join(data for _, data in sorted(kept + added, key=lambda pair: pair[0]))


def part_10(
    dataset: bytes, *, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, preamble: bytes = b""
) -> bytes:
    """A whole file: preamble, ``DICM``, file meta information, data set (PS3.10 7.1)."""
    content = b"".join(
        [
            element(0x00020001, "OB", b"\x00\x01", EXPLICIT),
            element(0x00020002, "UI", sop_class_uid, EXPLICIT),
            element(0x00020003, "UI", sop_instance_uid, EXPLICIT),
            element(0x00020010, "UI", transfer_syntax_uid, EXPLICIT),
            element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID, EXPLICIT),
            element(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME, EXPLICIT),
        ]
    )
    length = element(0x00020000, "UL", struct.pack("<I", len(content)), EXPLICIT)
    if transfer_syntax_uid == DEFLATED_LE:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        dataset = deflater.compress(dataset) + deflater.flush()
        dataset += b"\0" * (len(dataset) % 2)  # PS3.5 A.5
    return (preamble or bytes(PREAMBLE_BYTES)) + PREFIX + length + content + dataset
