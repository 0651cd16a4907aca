"""Where every element of a DICOM file begins and ends, found strictly and without decoding or trusting anything.

A signature is over bytes, so what is signed and checked must be found in the bytes themselves, by rules without
guesses: every length inside its parent, every item closed, no element twice, nesting bounded. A file that breaks one of
them is refused here, before any other reader sees it; two programs could read it as two different things.

Sources: PS3.5 chapter 7 (data set encoding), A.4 (encapsulated pixel data), A.5 (deflated); PS3.10 7.1 (file meta
information).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydicom.datadict import dictionary_VR

from rtvis.dicom.encoding import (
    DEFLATED_LE,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    LONG_VRS,
    PIXEL_DATA,
    PREAMBLE_BYTES,
    PREFIX,
    SEQUENCE_END,
    SHORT_VRS,
    TRANSFER_SYNTAX_UID,
    UNDEFINED,
    Encoding,
    encoding_of,
    guessed_syntax,
    tag_text,
)
from rtvis.dicom.inflating import inflated
from rtvis.model.errors import UnreadableError

NESTING_LIMIT: Final = 32  # structure sets nest 3 deep, structured reports about 10
INFLATED_LIMIT: Final = 512 << 20  # bytes; a kilobyte of deflated data can claim a megabyte
FILE_LIMIT: Final = 4 << 30  # bytes
_ELEMENT_LIMIT: Final = 1_000_000  # items and fragments too; the largest structure sets hold some 100 000

_PROGRAMS: Final = {b"MZ": "Windows", b"\x7fELF": "Linux", b"\xcf\xfa\xed\xfe": "macOS", b"#!": "script"}


class MalformedError(UnreadableError):
    """The bytes break the rules of PS3.5 or PS3.10; the message says which, and where in the file."""


@dataclass(slots=True)
class Item:
    """One item of a sequence; offsets are into the bytes that were scanned."""

    start: int
    value_start: int
    end: int
    elements: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class Element:
    """One data element, found but not decoded; offsets are into the bytes that were scanned.

    Attributes:
        tag: group * 65536 + element.
        vr: two bytes as the file says, or the dictionary's VR (which may be a choice, such as ``US or SS``) when the
            encoding is implicit.
        start: where its tag is.
        value_start: where its value, first item or first fragment is.
        value_end: after the value, before a sequence delimiter.
        end: after everything.
        items: the items when it is a sequence, else None.
        fragments: (start, end) of each fragment when it is encapsulated pixel data, the offset table first, else None.
    """

    tag: int
    vr: bytes
    start: int
    value_start: int
    value_end: int
    end: int
    items: list[Item] | None = None
    fragments: list[tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A whole file, taken apart.

    Attributes:
        data: the file's bytes.
        has_preamble: whether it begins with 128 bytes and ``DICM``.
        meta: the elements of group 0002, with offsets into `data`.
        body_start: where the data set begins in `data`.
        body: the data set's bytes: `data` from `body_start`, inflated where the transfer syntax says so.
        elements: the data set's elements, with offsets into `body`, in file order.
        elements_end: where the last element ends in `body`; what follows is zeros.
        transfer_syntax: its UID, as declared, or as found where nothing is declared.
        declared: whether the file itself names its transfer syntax.
        encoding: how `body` is encoded.
    """

    data: bytes
    has_preamble: bool
    meta: tuple[Element, ...]
    body_start: int
    body: bytes
    elements: tuple[Element, ...]
    elements_end: int
    transfer_syntax: str
    declared: bool
    encoding: Encoding

    @property
    def program(self) -> str:
        """The kind of program that the preamble would start as (CVE-2019-11687), or an empty text."""
        return program_in(self.data)


def program_in(data: bytes) -> str:
    """The kind of program that `data` begins like: ``Windows``, ``Linux``, ``macOS``, ``script``, or an empty text."""
    return next((kind for magic, kind in _PROGRAMS.items() if data.startswith(magic)), "")


def scan(source: bytes | str | Path) -> ScannedFile:
    """Take a file apart, strictly.

    Args:
        source: the file's bytes or its path.

    Raises:
        MalformedError: when the bytes break a rule of the standard, or a bound of this module.
        UnreadableError: when the file can't be read.
    """
    if isinstance(source, bytes):
        return _scan_bytes(source)
    path = Path(source)
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise UnreadableError(f"is larger than {FILE_LIMIT >> 30} GiB", path=path, remedy="split it")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    try:
        return _scan_bytes(data)
    except MalformedError as error:
        raise MalformedError(error.what, path=path, remedy="get the file again from where it came") from error


def _scan_bytes(data: bytes) -> ScannedFile:
    has_preamble = data.startswith(PREFIX, PREAMBLE_BYTES)
    start = PREAMBLE_BYTES + len(PREFIX) if has_preamble else 0
    meta: list[Element] = []
    if has_preamble or data[:2] == b"\x02\x00":
        meta_walker = _Walker(data, EXPLICIT)
        start = meta_walker.read_meta(start, meta)
    declared = next((_text(data, one) for one in meta if one.tag == TRANSFER_SYNTAX_UID), "")
    if not declared and len(data) - start < 8:
        raise MalformedError("holds no DICOM data set")
    syntax = declared or guessed_syntax(data[start : start + 8])
    if not syntax:
        raise MalformedError("is no DICOM file")
    body = _inflated(data[start:]) if syntax == DEFLATED_LE else data[start:]
    encoding = encoding_of(syntax)
    walker = _Walker(body, encoding)
    elements, end = walker.read_dataset()
    return ScannedFile(
        data, has_preamble, tuple(meta), start, body, tuple(elements), end, syntax, bool(declared), encoding
    )


def _text(data: bytes, element: Element) -> str:
    return data[element.value_start : element.value_end].rstrip(b"\0 ").decode("ascii", "replace")


def _inflated(data: bytes) -> bytes:
    try:
        body, rest = inflated(data, INFLATED_LIMIT)
    except UnreadableError as error:
        raise MalformedError(error.what) from error
    checksum = struct.pack("<II", zlib.crc32(body), len(body))  # some writers keep gzip's trailer (RFC 1952)
    if rest.strip(b"\0") and rest != checksum:
        raise MalformedError("something follows its deflated data set")
    return body


@lru_cache(maxsize=8192)
def dictionary_vr(tag: int) -> bytes:
    """The VR where the encoding doesn't say: the dictionary's (PS3.6), ``LO`` for a private creator, else ``UN``."""
    if tag & 0xFFFF == 0:
        return b"UL"
    if tag & 0x10000:
        return b"LO" if 0x10 <= tag & 0xFFFF <= 0xFF else b"UN"
    try:
        return dictionary_VR(tag).encode()
    except KeyError:
        return b"UN"


class _Walker:
    """Walks one buffer. It holds no state but a count, so that its methods can call each other for nested items."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self._data = data
        self._count = 0
        self._explicit = encoding.explicit
        order = encoding.order
        self._tag_and_length = struct.Struct(order + "HHI").unpack_from
        self._explicit_header = struct.Struct(order + "HH2sH").unpack_from
        self._length = struct.Struct(order + "I").unpack_from

    def read_meta(self, start: int, into: list[Element]) -> int:
        """Append the elements of group 0002 (PS3.10 7.1, explicit little endian); where the data set begins."""
        position, end = start, len(self._data)
        found: set[int] = set()
        while position + 8 <= end and self._data[position : position + 2] == b"\x02\x00":
            element = self._element(position, end, 0)
            if element.tag in found:
                raise MalformedError(f"{tag_text(element.tag)} occurs twice in the file meta information")
            found.add(element.tag)
            into.append(element)
            position = element.end
        return position

    def read_dataset(self) -> tuple[list[Element], int]:
        """All elements of the buffer, and where the last one ends."""
        elements: list[Element] = []
        position, end = 0, len(self._data)
        while position < end:
            if self._data[position : position + 4] == b"\0\0\0\0":
                if self._data.count(0, position) != end - position:  # zeros up to a sector's end are padding, no more
                    raise MalformedError(f"something follows the zeros at byte {position} of its data set")
                break
            element = self._element(position, end, 0)
            if elements:
                _refuse_disorder(elements[-1], element)
            elements.append(element)
            position = element.end
        return elements, position

    def _count_one(self) -> None:
        """Each takes some 200 bytes and microseconds here, but eight bytes of a file, or fewer in a deflated one."""
        self._count += 1
        if self._count > _ELEMENT_LIMIT:
            raise MalformedError(f"holds more than {_ELEMENT_LIMIT} elements")

    def _element(self, start: int, limit: int, depth: int) -> Element:
        """The element at `start`, which must end at `limit` or before."""
        self._count_one()
        if start + 8 > limit:
            raise _cut(start)
        if not self._explicit:
            group, number, length = self._tag_and_length(self._data, start)
            tag = group << 16 | number
            vr, value = dictionary_vr(tag), start + 8
        else:
            group, number, vr, length = self._explicit_header(self._data, start)
            tag, value = group << 16 | number, start + 8
            if vr in LONG_VRS:
                if start + 12 > limit:
                    raise _cut(start)
                if length:
                    raise MalformedError(f"{tag_text(tag)} at byte {start} has reserved bytes that aren't zero")
                length, value = self._length(self._data, start + 8)[0], start + 12
            elif vr not in SHORT_VRS:
                raise MalformedError(f"{tag_text(tag)} at byte {start} has no VR of the standard ({vr!r})")
        if group == 0xFFFE:
            raise MalformedError(f"a delimiter {tag_text(tag)} stands alone at byte {start}")
        if length == UNDEFINED:
            return self._undefined(Element(tag, vr, start, value, value, value), limit, depth)
        end = value + length
        if end > limit:
            raise MalformedError(f"{tag_text(tag)} at byte {start} claims {length} bytes, {limit - value} are there")
        element = Element(tag, vr, start, value, end, end)
        if vr == b"SQ":
            element.items = []
            self._items(element, end, depth, open_ended=False)
        return element

    def _undefined(self, element: Element, limit: int, depth: int) -> Element:
        """Complete an element of undefined length: a sequence, or encapsulated pixel data (PS3.5 7.5, A.4)."""
        if element.tag == PIXEL_DATA and element.vr in {b"OB", b"OW"}:
            self._fragments(element, limit)
        elif element.vr == b"SQ":
            element.items = []
            self._items(element, limit, depth, open_ended=True)
        elif element.vr == b"UN":
            # PS3.5 6.2.2: what had no known VR when it became explicit is a sequence in implicit little endian.
            element.items = []
            walker = self if not self._explicit else _Walker(self._data, IMPLICIT)
            walker._count = self._count  # noqa: SLF001 - the same class, other encoding
            walker._items(element, limit, depth, open_ended=True)  # noqa: SLF001
            self._count = walker._count  # noqa: SLF001
        else:
            raise MalformedError(f"{tag_text(element.tag)} at byte {element.start} has no length and can't be without")
        return element

    def _fragments(self, element: Element, limit: int) -> None:
        element.fragments = []
        position = element.value_start
        while True:
            tag, length = self._delimiter(position, limit)
            if tag == SEQUENCE_END and length == 0:
                element.value_end, element.end = position, position + 8
                return
            if tag != ITEM or position + 8 + length > limit:
                raise MalformedError(f"its pixel data is cut off or damaged at byte {position}")
            self._count_one()
            element.fragments.append((position + 8, position + 8 + length))
            position += 8 + length

    def _items(self, element: Element, limit: int, depth: int, *, open_ended: bool) -> None:
        """Read the items of a sequence up to `limit`, or up to its delimiter when it is open-ended."""
        if depth >= NESTING_LIMIT:
            raise MalformedError(f"its sequences are nested more than {NESTING_LIMIT} deep")
        items = element.items
        assert items is not None
        position = element.value_start
        while open_ended or position < limit:
            tag, length = self._delimiter(position, limit)
            if tag == SEQUENCE_END and length == 0 and open_ended:
                element.value_end, element.end = position, position + 8
                return
            if tag != ITEM:
                raise MalformedError(f"{tag_text(element.tag)} holds {tag_text(tag)} at byte {position}, not an item")
            self._count_one()
            item = Item(position, position + 8, position + 8)
            if length == UNDEFINED:
                self._item_content(item, limit, depth, open_ended=True)
            elif position + 8 + length <= limit:
                self._item_content(item, position + 8 + length, depth, open_ended=False)
            else:
                raise MalformedError(f"an item at byte {position} claims {length} bytes, more than are there")
            items.append(item)
            position = item.end

    def _item_content(self, item: Item, limit: int, depth: int, *, open_ended: bool) -> None:
        position, elements = item.value_start, item.elements
        while open_ended or position < limit:
            if open_ended:
                tag, length = self._delimiter(position, limit)
                if tag == ITEM_END and length == 0:
                    item.end = position + 8
                    return
            element = self._element(position, limit, depth + 1)
            if elements:
                _refuse_disorder(elements[-1], element)
            elements.append(element)
            position = element.end
        item.end = position

    def _delimiter(self, position: int, limit: int) -> tuple[int, int]:
        if position + 8 > limit:
            raise _cut(position)
        group, number, length = self._tag_and_length(self._data, position)
        return group << 16 | number, length


def _refuse_disorder(last: Element, element: Element) -> None:
    """PS3.5 7.1: tags ascend and none occurs twice, else programs differ over which value counts."""
    if element.tag <= last.tag:
        fault = "occurs twice" if element.tag == last.tag else f"comes after {tag_text(last.tag)}"
        raise MalformedError(f"{tag_text(element.tag)} at byte {element.start} {fault}")


def _cut(position: int) -> MalformedError:
    return MalformedError(f"is cut off at byte {position}")
