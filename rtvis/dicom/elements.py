"""Data elements of a dataset in memory, found without being converted (PS3.5 7).

A walk over the elements notes where each value lies. It costs microseconds where a full parse costs a millisecond,
never reads further than it was given, and knows for sure when data ends too early.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from rtvis.dicom.character_sets import decode_text

if TYPE_CHECKING:
    from collections.abc import Callable

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
"""Float Pixel Data, Double Float Pixel Data, Pixel Data."""
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Value Representations with a length of 32 bits in explicit VR (PS3.5 7.1.2)."""
SPECIFIC_CHARACTER_SET = 0x00080005
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


class Encoding(NamedTuple):
    """How elements are written: VR explicit or not, byte order."""

    implicit: bool
    little: bool


class Element(NamedTuple):
    """Where one value lies; `length` is `UNDEFINED` for sequences and encapsulated pixel data that say so."""

    tag: int
    vr: bytes
    offset: int
    length: int
    end: int
    """Where the next element begins; for pixel data, where the value begins."""


IMPLICIT_LITTLE = Encoding(implicit=True, little=True)
EXPLICIT_LITTLE = Encoding(implicit=False, little=True)
EXPLICIT_BIG = Encoding(implicit=False, little=False)


def tag_text(tag: int) -> str:
    """As the standard writes a tag: ``(0028,0010)``."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


@dataclass(slots=True)
class Elements:
    """The elements of a dataset or of an item.

    Attributes:
        data: the bytes they lie in.
        table: tag -> where its value is.
        pixels: the pixel data element, at which the walk stops, or None.
        end: where the walk ended.
        charset: value of SpecificCharacterSet, inherited by items (PS3.3 C.12.1.1.2).
    """

    data: bytes
    encoding: Encoding
    table: dict[int, Element]
    pixels: Element | None = None
    end: int = 0
    charset: str = ""

    def raw(self, tag: int) -> bytes | None:
        """The value's bytes, or None when the element is absent."""
        element = self.table.get(tag)
        if element is None or element.length == UNDEFINED:
            return None
        return self.data[element.offset : element.offset + element.length]

    def text(self, tag: int) -> str:
        """A text value as written, values joined by backslashes, trailing spaces and nulls removed; "" if absent."""
        raw = self.raw(tag)
        return "" if not raw else decode_text(raw, self.charset)

    def plain(self, tag: int) -> str:
        """A value of a VR in the default repertoire (CS, UI, DS ...), without surrounding spaces and nulls."""
        raw = self.raw(tag)
        return "" if not raw else raw.decode("ascii", "replace").strip(" \0")

    def numbers(self, tag: int) -> tuple[float, ...] | None:
        """The doubles nearest to the texts of a DS or IS (the sign of zero is kept); None if absent or empty.

        Raises:
            ValueError: when one isn't a finite decimal number.
        """
        text = self.plain(tag)
        if not text:
            return None
        values = []
        for part in text.split("\\"):
            number = part.strip(" \0")
            value = float(number) if _DECIMAL.match(number) else math.nan
            if not math.isfinite(value):
                raise ValueError(f"{tag_text(tag)} holds {text[:80]!r}, which is not a number")
            values.append(value)
        return tuple(values)

    def short(self, tag: int) -> int | None:
        """The first value of a US; None if absent or empty."""
        raw = self.raw(tag)
        return None if raw is None or len(raw) < 2 else int.from_bytes(raw[:2], _order(self.encoding))

    def items(self, tag: int) -> list[Elements]:
        """The items of a sequence; empty if absent.

        Raises:
            EndedEarlyError, MalformedError: when the sequence is damaged.
        """
        element = self.table.get(tag)
        if element is None:
            return []
        encoding = self.encoding
        if element.vr == b"UN" and element.length == UNDEFINED:
            encoding = IMPLICIT_LITTLE  # PS3.5 6.2.2, note 2
        stop = len(self.data) if element.length == UNDEFINED else element.offset + element.length
        found: list[Elements] = []
        _walk_items(self.data, element.offset, stop, encoding, tag, found)
        for one in found:
            one.charset = one.plain(SPECIFIC_CHARACTER_SET) or self.charset
        return found


def _order(encoding: Encoding) -> Literal["little", "big"]:
    return "little" if encoding.little else "big"


def walk(
    data: bytes, start: int, stop: int, encoding: Encoding, *, only_group: int | None = None, depth: int = 0
) -> Elements:
    """Find the elements from `start` up to `stop`, to an item delimiter, or to the pixel data.

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
    if depth > MAX_DEPTH:
        raise MalformedError(f"sequences are nested deeper than {MAX_DEPTH}")
    begin = _reader(encoding)
    table: dict[int, Element] = {}
    position, tag = start, 0
    found = Elements(data, encoding, table)
    while position < stop:
        if not any(data[position : position + 8]):
            if any(data[position:stop]):
                raise MalformedError("zeros stand where an element should begin")
            position = stop  # zeros appended after the dataset
            break
        if stop - position < 8:
            raise EndedEarlyError(tag)
        tag, vr, offset, length = begin(data, position, stop)
        if only_group is not None and tag >> 16 != only_group:
            break
        if tag == ITEM_END:
            position += 8
            break
        if tag in PIXEL_TAGS and depth == 0:
            found.pixels = Element(tag, vr, offset, length, offset)
            break
        if length == UNDEFINED:
            end = _walk_items(data, offset, stop, IMPLICIT_LITTLE if vr == b"UN" else encoding, tag, None, depth + 1)
        else:
            end = offset + length
            if end > stop:
                raise EndedEarlyError(tag)
        table[tag] = Element(tag, vr, offset, length, end)
        position = end
    found.end = position
    if SPECIFIC_CHARACTER_SET in table:
        found.charset = found.plain(SPECIFIC_CHARACTER_SET)
    return found


def _reader(encoding: Encoding) -> Callable[[bytes, int, int], tuple[int, bytes, int, int]]:
    """What reads the beginning of an element: (data, position, stop) to (tag, VR, offset of the value, length)."""
    order = "<" if encoding.little else ">"
    tag_of, long_of, short_of = (struct.Struct(order + form).unpack_from for form in ("HH", "L", "H"))
    implicit = encoding.implicit

    def begin(data: bytes, position: int, stop: int) -> tuple[int, bytes, int, int]:
        group, number = tag_of(data, position)
        tag = group << 16 | number
        vr = b"" if implicit else data[position + 4 : position + 6]
        if vr in LONG_VRS:
            if stop - position < 12:
                raise EndedEarlyError(tag)
            return tag, vr, position + 12, long_of(data, position + 8)[0]
        if vr.isalpha() and vr.isupper():
            return tag, vr, position + 8, short_of(data, position + 6)[0]
        # implicit, or an item of a writer that switched to it
        return tag, b"", position + 8, long_of(data, position + 4)[0]

    return begin


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
    form = struct.Struct("<HHL" if encoding.little else ">HHL").unpack_from
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
        item = walk(data, position, stop if length == UNDEFINED else position + length, encoding, depth=depth)
        if found is not None:
            found.append(item)
        position = item.end if length == UNDEFINED else position + length
    if found is None:
        raise EndedEarlyError(tag)  # of undefined length, and its delimiter didn't come
    return position
