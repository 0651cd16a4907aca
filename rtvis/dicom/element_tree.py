"""The elements of a DICOM file as places in its bytes, so that what nobody touched is written back as it stands.

pydicom turns each value into objects and each sequence into data sets; a structure set of a million points is then
slow to read and can't be written back byte for byte. Here an element is a tag and where its value lies. Sequences of
defined length are only looked into when somebody asks. Headers of images, of which a few values are wanted in
microseconds, are walked by `rtvis.dicom.elements`; what is signed goes by the stricter `rtvis.integrity.scanning`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

from rtvis.dicom.encoding import (
    DEFLATED_LE,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    PREAMBLE_BYTES,
    PREFIX,
    SEQUENCE_END,
    SHORT_VRS,
    TRANSFER_SYNTAX_UID,
    UNDEFINED,
    Encoding,
    encoding_of,
    guessed_syntax,
)
from rtvis.dicom.files import refuse_what_is_no_file
from rtvis.dicom.inflating import MAX_INFLATED, inflated
from rtvis.model.errors import InputError, UnreadableError

MAX_DEPTH = 32
"""Sequences of undefined length nested deeper than this are refused; a structure set needs four levels."""
MAX_ITEMS = 200_000
"""A sequence with more items is refused; the largest real structure sets have some ten thousand contours in all."""


class Element:
    """One data element: header ``buffer[start:value]``, value ``buffer[value:stop]``, all of it ``[start:end]``.

    `end` lies after the sequence delimiter of a sequence of undefined length. `children` are its items when they had to
    be visited to find the end.
    """

    __slots__ = ("children", "end", "start", "stop", "tag", "undefined", "value", "vr")

    def __init__(self, tag: int, vr: bytes, start: int, value: int, stop: int, end: int) -> None:  # noqa: PLR0917
        self.tag = tag
        self.vr = vr
        self.start = start
        self.value = value
        self.stop = stop
        self.end = end
        self.undefined = False
        self.children: list[Item] | None = None


class Item:
    """A data set, or an item of a sequence: elements in ``buffer[value:stop]``, all of it ``[start:end]``."""

    __slots__ = ("_by_tag", "_listed", "buffer", "encoding", "end", "start", "stop", "value")

    def __init__(  # noqa: PLR0917  (made by the hundred thousand: keywords would cost a tenth of the reading time)
        self, buffer: bytes, encoding: Encoding, start: int, value: int, stop: int, end: int
    ) -> None:
        self.buffer = buffer
        self.encoding = encoding
        self.start = start
        self.value = value
        self.stop = stop
        self.end = end
        self._listed: list[Element] | None = None
        self._by_tag: dict[int, Element] | None = None

    @property
    def raw(self) -> bytes:
        """The item as it stands in the file, its header and delimiter included."""
        return self.buffer[self.start : self.end]

    @classmethod
    def parsed(cls, buffer: bytes, encoding: Encoding, start: int, end: int, listed: list[Element]) -> Item:
        """A data set whose elements are known."""
        item = cls(buffer, encoding, start, start, end, end)
        item.know(listed)
        return item

    def know(self, listed: list[Element]) -> None:
        """Take over elements that were found on the way."""
        self._listed = listed

    @property
    def listed(self) -> list[Element]:
        """All elements in file order, doubled tags too.

        Raises:
            UnreadableError: when they can't be told apart.
        """
        if self._listed is None:
            self._listed, _ = _read_elements(self.buffer, self.value, self.stop, self.encoding, 0)
        return self._listed

    @property
    def elements(self) -> dict[int, Element]:
        """Tag -> element, in file order; of a doubled tag the first."""
        if self._by_tag is None:
            self._by_tag = {}
            for one in self.listed:
                self._by_tag.setdefault(one.tag, one)
        return self._by_tag

    def bytes_of(self, tag: int) -> bytes:
        """The value of `tag` as it stands in the file; empty when it is absent."""
        element = self.elements.get(tag)
        return b"" if element is None else self.buffer[element.value : element.stop]

    def items(self, tag: int) -> list[Item]:
        """The items of the sequence `tag`; empty when it is absent or empty.

        Raises:
            UnreadableError: when the value is not a sequence of items.
        """
        element = self.elements.get(tag)
        return [] if element is None else self.items_of(element)

    def items_of(self, element: Element) -> list[Item]:
        """The items of one of this data set's sequences; see `items`."""
        if element.value == element.stop:
            return []
        if element.children is None:
            encoding = IMPLICIT if element.vr == b"UN" else self.encoding  # PS3.5 6.2.2 note 4
            element.children, _ = _read_items(self.buffer, element.value, element.stop, encoding, 1)
        return element.children

    def ascii(self, tag: int) -> str:
        """A value of the default repertoire (UI, CS, IS, DA, TM) without its padding."""
        return self.bytes_of(tag).decode("latin-1").strip(" \0")

    def integer(self, tag: int) -> int | None:
        """An IS value, None when it is absent, empty or not an integer."""
        text = self.ascii(tag)
        try:
            return None if "_" in text else int(text)  # Python reads 1_0 as 10, the standard doesn't
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, eq=False)
class DicomFile:
    """A file taken apart; its file meta information (PS3.10 7.1) only says how to read the data set."""

    path: Path | None
    transfer_syntax_uid: str
    dataset: Item
    preamble: bytes = field(default=b"")


def read_file(path: str | Path, *, stop_tag: int | None = None) -> DicomFile:
    """Take a DICOM file apart, with or without preamble and file meta information (PS3.10 7.1).

    Args:
        path: the file.
        stop_tag: elements with this tag or a later one are left out (to leave out pixel data).

    Raises:
        InputError: when the file can't be opened or isn't DICOM.
        UnreadableError: when it is truncated, damaged, nested too deep, or in a transfer syntax that isn't for data
            sets without pixels.
    """
    path = Path(path)
    refuse_what_is_no_file(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            raise InputError("is a folder", path=path, remedy="name a file in it: 'rtvis info' lists them") from error
        what = f"can't be read ({error.strerror or error})"
        raise InputError(what, path=path, remedy="choose another file") from error
    return parse_file(data, path, stop_tag=stop_tag)


def parse_file(data: bytes, path: Path | None = None, *, stop_tag: int | None = None) -> DicomFile:
    """Take the bytes of a DICOM file apart; see `read_file`."""
    try:
        return _take_apart(path, data, stop_tag)
    except UnreadableError as error:
        raise UnreadableError(error.what, path=path, remedy=error.remedy) from error
    except InputError as error:
        raise InputError(error.what, path=path, remedy=error.remedy) from error


def data_set(data: bytes, encoding: Encoding) -> Item:
    """Take the bytes of a data set apart, of no file and in a known encoding."""
    found, end = _read_elements(data, 0, len(data), encoding, 0)
    return Item.parsed(data, encoding, 0, end, found)


def _take_apart(path: Path | None, data: bytes, stop_tag: int | None) -> DicomFile:
    start = PREAMBLE_BYTES + len(PREFIX) if data.startswith(PREFIX, PREAMBLE_BYTES) else 0
    preamble = data[:PREAMBLE_BYTES] if start else b""
    syntax = ""
    position = start
    if data[start : start + 2] == b"\x02\x00":
        found, position = _read_elements(data, start, len(data), EXPLICIT, 0, stop_tag=0x00030000)
        meta = Item.parsed(data, EXPLICIT, start, position, found)
        syntax = meta.ascii(TRANSFER_SYNTAX_UID)
    if syntax == DEFLATED_LE:
        data, position = inflated(data[position:], MAX_INFLATED)[0], 0
    if not syntax:
        syntax = guessed_syntax(data[position : position + 8])
    if not syntax:
        raise InputError("is not a DICOM file", remedy="choose another file")
    encoding = encoding_of(syntax)
    found, end = _read_elements(data, position, len(data), encoding, 0, stop_tag=stop_tag)
    if not found:
        raise UnreadableError("is truncated: it has no data set", remedy="get the file again from where it came")
    return DicomFile(path, syntax, Item.parsed(data, encoding, position, end, found), preamble)


def _truncated(position: int) -> UnreadableError:
    return UnreadableError(
        f"is truncated or damaged: the element at byte {position} goes past the end",
        remedy="get the file again from where it came",
    )


def _ended(
    result: list[Element], buffer: bytes, position: int, limit: int, error: UnreadableError
) -> tuple[list[Element], int]:
    """The elements, if only zeros follow: tapes and some archives leave them behind a data set.

    Raises:
        UnreadableError: the error, otherwise.
    """
    if limit == len(buffer) and not buffer[position:].strip(b"\0"):
        return result, position
    raise error


def _read_elements(
    buffer: bytes,
    position: int,
    limit: int,
    encoding: Encoding,
    depth: int,
    *,
    delimited: bool = False,
    stop_tag: int | None = None,
) -> tuple[list[Element], int]:
    """Elements up to `limit`, an item delimiter (when `delimited`) or `stop_tag`; and where they end."""
    result: list[Element] = []
    order = encoding.order
    head = struct.Struct(order + ("HH2sH" if encoding.explicit else "HHI")).unpack_from
    long = struct.Struct(order + "I").unpack_from
    while position < limit:
        if position + 8 > limit:
            return _ended(result, buffer, position, limit, _truncated(position))
        vr = b""
        value = position + 8
        if encoding.explicit:
            group, number, vr, length = head(buffer, position)
        else:
            group, number, length = head(buffer, position)
        tag = group << 16 | number
        if (tag == ITEM_END and delimited) or (stop_tag is not None and tag >= stop_tag):
            return result, position
        if vr and vr not in SHORT_VRS:
            if not (vr.isalpha() and vr.isupper()):
                error = UnreadableError(f"is damaged: no value representation at byte {position + 4}")
                return _ended(result, buffer, position, limit, error)
            if position + 12 > limit:
                raise _truncated(position)
            (length,) = long(buffer, position + 8)
            value = position + 12
        if length == UNDEFINED:
            element = Element(tag, vr, position, value, value, value)
            element.undefined = True
            inner = IMPLICIT if vr == b"UN" else encoding
            element.children, element.stop = _read_items(buffer, value, limit, inner, depth + 1, delimited=True)
            element.end = element.stop + 8
        else:
            if value + length > limit:
                raise _truncated(position)
            element = Element(tag, vr, position, value, value + length, value + length)
        result.append(element)
        position = element.end
    if delimited:
        raise _truncated(position)
    return result, position


def _read_items(
    buffer: bytes, position: int, limit: int, encoding: Encoding, depth: int, *, delimited: bool = False
) -> tuple[list[Item], int]:
    """Items up to `limit` or a sequence delimiter (when `delimited`); and where they end."""
    if depth > MAX_DEPTH:
        raise UnreadableError(f"nests sequences more than {MAX_DEPTH} deep", remedy="no structure set does; not opened")
    result: list[Item] = []
    head = struct.Struct(encoding.order + "HHI").unpack_from
    while position < limit:
        if position + 8 > limit:
            raise _truncated(position)
        group, number, length = head(buffer, position)
        tag = group << 16 | number
        if tag == SEQUENCE_END:
            if delimited:
                return result, position
            break  # a delimiter inside a defined length: some writers put one there
        if tag != ITEM:
            raise UnreadableError(f"is damaged: no sequence item at byte {position}")
        value = position + 8
        if length == UNDEFINED:
            found, stop = _read_elements(buffer, value, limit, encoding, depth, delimited=True)
            item = Item(buffer, encoding, position, value, stop, stop + 8)
            item.know(found)
        else:
            if value + length > limit:
                raise _truncated(position)
            item = Item(buffer, encoding, position, value, value + length, value + length)
        result.append(item)
        position = item.end
        if len(result) > MAX_ITEMS:
            raise UnreadableError(
                f"has a sequence of more than {MAX_ITEMS} items", remedy="no structure set does; not opened"
            )
    else:
        if delimited:
            raise _truncated(position)
    return result, position
