"""Data elements of a dataset in memory, found without being converted (PS3.5 7).

A walk over the elements notes where each value lies. It costs microseconds where a full parse costs a millisecond,
never reads further than it was given, and knows for sure when data ends too early. It forgives what headers in the
field get wrong; who needs every byte of a structure set takes `rtvis.dicom.element_tree`, and what is signed goes by
the strict rules of `rtvis.integrity.scanning`.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from rtvis.dicom.character_sets import decode_text
from rtvis.dicom.encoding import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    LONG_VRS,
    PIXEL_DATA,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    tag_text,
)
from rtvis.dicom.rtstruct_origin import RT_STRUCTURE_SET

PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
"""Float Pixel Data, Double Float Pixel Data, Pixel Data."""
SPECIFIC_CHARACTER_SET = 0x00080005
SOP_CLASS_UID = 0x00080016
PIXEL_DATA_GROUP = 0x7FE00000
_RT_STRUCTURE_SET = RT_STRUCTURE_SET.encode()
MAX_DEPTH = 64
"""Sequences nested deeper than this are hostile; real ones stay under ten."""
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


class EndedEarlyError(Exception):
    """The data ended inside an element; `tag` is the last one begun."""

    def __init__(self, tag: int) -> None:
        super().__init__(f"ends inside element {tag_text(tag)}")
        self.tag = tag


class MalformedError(Exception):
    """The bytes can't be a dataset."""


class Element(NamedTuple):
    """Where the value of pixel data lies; `length` is `UNDEFINED` where it is encapsulated."""

    tag: int
    vr: bytes
    offset: int
    length: int


Place: TypeAlias = tuple[bytes, int, int]
"""VR, offset and length of a value, bare for speed; the length is `UNDEFINED` for sequences that say so."""


_ITEM_HEADS = {little: struct.Struct(("<" if little else ">") + "HHL").unpack_from for little in (True, False)}
_LONGS = {one: struct.Struct(one.order + "L").unpack_from for one in (IMPLICIT, EXPLICIT, BIG_ENDIAN)}
_HEADS = {
    IMPLICIT: _ITEM_HEADS[True],
    EXPLICIT: struct.Struct("<HH2sH").unpack_from,
    BIG_ENDIAN: struct.Struct(">HH2sH").unpack_from,
}


def required(values: tuple[float, ...] | None, name: str, count: int) -> tuple[float, ...]:
    """The numbers of an attribute that must be there, as `Elements.numbers` gives them.

    Raises:
        ValueError: when there aren't `count` of them.
    """
    if values is None or len(values) != count:
        found = "it has none" if values is None else f"it has {len(values)} numbers"
        raise ValueError(f"{name} should be {count} numbers and {found}")
    return values


def plain_text(raw: bytes) -> str:
    """The text of a value in the default repertoire, without surrounding spaces and nulls."""
    return raw.decode("ascii", "replace").strip(" \0")


@dataclass(slots=True)
class Elements:
    """The elements of a dataset or of an item.

    Attributes:
        data: the bytes they lie in.
        table: tag -> where its value is.
        pixels: the pixel data element, at which the walk stops, or None.
        end: where the walk ended.
        stopped: whether the walk stopped before the contours of an RT Structure Set.
        charset: value of SpecificCharacterSet, inherited by items (PS3.3 C.12.1.1.2).
    """

    data: bytes
    encoding: Encoding
    table: dict[int, Place]
    pixels: Element | None = None
    end: int = 0
    charset: str = ""
    stopped: bool = False

    def raw(self, tag: int) -> bytes | None:
        """The value's bytes, or None when the element is absent."""
        place = self.table.get(tag)
        if place is None:
            return None
        _, offset, length = place
        return None if length == UNDEFINED else self.data[offset : offset + length]

    def text(self, tag: int) -> str:
        """A text value as written, values joined by backslashes, trailing spaces and nulls removed; "" if absent."""
        raw = self.raw(tag)
        return "" if not raw else decode_text(raw, self.charset)

    def plain(self, tag: int) -> str:
        """A value of a VR in the default repertoire (CS, UI, DS ...), without surrounding spaces and nulls."""
        raw = self.raw(tag)
        return plain_text(raw) if raw else ""

    def numbers(self, tag: int) -> tuple[float, ...] | None:
        """The doubles nearest to the texts of a DS or IS (the sign of zero is kept); None if absent or empty.

        Raises:
            ValueError: when one isn't a finite decimal number.
        """
        raw = self.raw(tag)
        try:
            return _decimals(raw) if raw else None
        except ValueError as error:
            raise ValueError(f"{tag_text(tag)} holds {error}, which is not a number") from None

    def short(self, tag: int) -> int | None:
        """The first value of a US; None if absent or empty."""
        raw = self.raw(tag)
        return None if raw is None or len(raw) < 2 else int.from_bytes(raw[:2], _order(self.encoding))

    def items(self, tag: int) -> list[Elements]:
        """The items of a sequence; empty if absent.

        Raises:
            EndedEarlyError, MalformedError: when the sequence is damaged.
        """
        place = self.table.get(tag)
        if place is None:
            return []
        vr, offset, length = place
        encoding = self.encoding
        if vr == b"UN" and length == UNDEFINED:
            encoding = IMPLICIT  # PS3.5 6.2.2, note 2
        stop = len(self.data) if length == UNDEFINED else offset + length
        found: list[Elements] = []
        _walk_items(self.data, offset, stop, encoding, tag, found)
        for one in found:
            one.charset = one.plain(SPECIFIC_CHARACTER_SET) or self.charset
        return found


@lru_cache(1024)
def _decimals(raw: bytes) -> tuple[float, ...] | None:
    """The numbers of a DS or IS; most are the same in all slices of a series."""
    text = raw.decode("ascii", "replace").strip(" \0")
    if not text:
        return None
    values = []
    for part in text.split("\\"):
        number = part.strip(" \0")
        value = float(number) if _DECIMAL.match(number) else math.nan
        if not math.isfinite(value):
            raise ValueError(repr(text[:80]))
        values.append(value)
    return tuple(values)


def _order(encoding: Encoding) -> Literal["little", "big"]:
    return "little" if encoding.little else "big"


def walk(
    data: bytes, start: int, stop: int, encoding: Encoding, *, only_group: int | None = None, depth: int = 0
) -> Elements:
    """Find the elements from `start` up to `stop`, to an item delimiter, or to the pixel data.

    In an RT Structure Set it ends at the first element of group 3006: hundreds of thousands of contours follow, which
    `rtvis.dicom.element_tree` reads when they are asked for.

    Args:
        data: where they lie.
        start: where the first begins.
        stop: where the data ends.
        encoding: how they are written.
        only_group: stop before the first element of another group (for file meta information).
        depth: how many sequences this is in.

    Raises:
        EndedEarlyError: when an element reaches past `stop`.
        MalformedError: when the bytes can't be a dataset.
    """
    table: dict[int, Place] = {}
    found = Elements(data, encoding, table)
    found.end, found.pixels = _scan(data, start, stop, encoding, table, only_group, depth)
    if found.pixels is not None and found.pixels.tag < PIXEL_DATA_GROUP:
        found.pixels, found.stopped = None, True
    if SPECIFIC_CHARACTER_SET in table:
        found.charset = found.plain(SPECIFIC_CHARACTER_SET)
    return found


def _scan(  # noqa: C901, PLR0911, PLR0912, PLR0917  (every header's every element comes by here: one loop, no calls, is twice as fast)
    data: bytes,
    start: int,
    stop: int,
    encoding: Encoding,
    table: dict[int, Place] | None,
    only_group: int | None,
    depth: int,
) -> tuple[int, Element | None]:
    """Go over elements, noting them in `table` if wanted; returns where it ended, and the pixel data it ended at."""
    if depth > MAX_DEPTH:
        raise MalformedError(f"sequences are nested deeper than {MAX_DEPTH}")
    implicit, undefined, long_vrs, short_vrs = not encoding.explicit, UNDEFINED, LONG_VRS, SHORT_VRS
    head, long = _HEADS[encoding], _LONGS[encoding]
    position, tag, vr = start, 0, b""
    watched = 0x7FE0 if depth else 0x3006
    while position < stop:
        if stop - position < 8:
            _refuse_but_zeros(data[position:stop], EndedEarlyError(tag))
            return stop, None
        if implicit:
            group, number, length = head(data, position)
            offset = position + 8
        else:
            group, number, vr, length = head(data, position)
            offset = position + 8
            if vr not in short_vrs:
                if vr in long_vrs or (vr.isalpha() and vr.isupper()):  # what is added to the standard is long
                    offset = position + 12
                    if offset > stop:
                        raise EndedEarlyError(group << 16 | number)
                    (length,) = long(data, position + 8)
                else:
                    vr = b""  # implicit, or an item of a writer that switched to it
                    (length,) = long(data, position + 4)
        tag = group << 16 | number
        if not tag and not any(data[position : position + 8]):
            _refuse_but_zeros(data[position:stop], MalformedError("zeros stand where an element should begin"))
            return stop, None  # zeros appended after the dataset
        if only_group is not None and group != only_group:
            return position, None
        if group >= watched:
            if group < 0x7FE0:
                if group == 0x3006 and _is_structure_set(data, table):
                    return position, Element(tag, vr, offset, length)
                watched = 0x7FE0
            elif tag == ITEM_END:
                return position + 8, None
            elif not depth and tag in PIXEL_TAGS:
                return position, Element(tag, vr, offset, length)
        if length == undefined:
            inner = IMPLICIT if vr == b"UN" else encoding  # PS3.5 6.2.2, note 2
            end = _walk_items(data, offset, stop, inner, tag, None, depth + 1)
        else:
            end = offset + length
            if end > stop:
                raise EndedEarlyError(tag)
        if table is not None:
            table[tag] = vr, offset, length
        position = end
    return position, None


def _refuse_but_zeros(rest: bytes, error: Exception) -> None:
    if any(rest):
        raise error


def _is_structure_set(data: bytes, table: dict[int, Place] | None) -> bool:
    _, offset, length = (table or {}).get(SOP_CLASS_UID, (b"", 0, 0))
    return data[offset : offset + length].rstrip(b" \0") == _RT_STRUCTURE_SET


def _walk_items(  # noqa: PLR0917  (private, called at two places)
    data: bytes,
    start: int,
    stop: int,
    encoding: Encoding,
    tag: int,
    found: list[Elements] | None,
    depth: int = 1,
) -> int:
    """Walk the items of a sequence, gathering them in `found` if wanted; returns where the sequence ends."""
    form = _ITEM_HEADS[encoding.little]
    position = start
    while position < stop:
        if stop - position < 8:
            raise EndedEarlyError(tag)
        group, number, length = form(data, position)
        position += 8
        kind = group << 16 | number
        if kind == SEQUENCE_END:
            return position
        if kind != ITEM:
            raise MalformedError(f"sequence {tag_text(tag)} holds {tag_text(kind)} where an item should begin")
        if length != UNDEFINED and position + length > stop:
            raise EndedEarlyError(tag)
        if found is None and length != UNDEFINED:
            position += length
            continue
        end = stop if length == UNDEFINED else position + length
        if found is None:
            position, _ = _scan(data, position, end, encoding, None, None, depth)
            continue
        item = walk(data, position, end, encoding, depth=depth)
        found.append(item)
        position = item.end if length == UNDEFINED else end
    if found is None:
        raise EndedEarlyError(tag)  # of undefined length, and its delimiter didn't come
    return position
