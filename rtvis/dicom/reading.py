"""DICOM files read quietly: what is DICOM, what isn't, and what is but can't be used.

Files with and without preamble and file meta information (PS3.10 7.1) are read, in any transfer syntax; the dataset of
one without file meta is taken as what its first bytes show.
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

import pydicom

from rtvis.dicom.elements import SOP_CLASS_UID, Element, Elements, EndedEarlyError, MalformedError, walk
from rtvis.dicom.encoding import (
    DEFLATED_LE,
    EXPLICIT,
    IMPLICIT_LE,
    ITEM,
    LONG_VRS,
    PREAMBLE_BYTES,
    PREFIX,
    SEQUENCE_END,
    SHORT_VRS,
    TRANSFER_SYNTAX_UID,
    UNDEFINED,
    encoding_of,
    guessed_syntax,
    little_endian_tag,
    tag_text,
)
from rtvis.dicom.header_layouts import HeaderLayouts
from rtvis.dicom.inflating import MAX_INFLATED, InflatedStream
from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from rtvis.dicom.encoding import Encoding

MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
MODALITY = 0x00080060
_WINDOWS = (1 << 14, 1 << 18, 1 << 22)
"""Bytes read from the beginning of a file until its elements fit: nearly every image header fits the first."""
LARGEST_HEADER = 1 << 29
"""Elements before the pixel data that take more than this are refused: they would have to be held in memory."""
_WARNINGS = threading.RLock()


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixel data of a file lies.

    Attributes:
        tag: Pixel Data, or one of the two float kinds.
        offset: of the value, from the beginning of the file; of the inflated dataset where `deflated`.
        length: of the value in bytes; None for encapsulated pixel data.
        big_endian: byte order of native pixel data.
    """

    tag: int
    vr: str
    offset: int
    length: int | None
    deflated: bool = False
    big_endian: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A file's elements up to its pixel data.

    Attributes:
        path: the file.
        meta: its file meta information, or None.
        elements: its dataset.
        transfer_syntax_uid: as the file meta says, or as the dataset shows where it doesn't say.
        pixels: its pixel data, or None.
        size: bytes of the file; of the inflated dataset where it is deflated.
    """

    path: Path
    meta: Elements | None
    elements: Elements
    transfer_syntax_uid: str
    pixels: PixelElement | None
    size: int

    @property
    def is_deflated(self) -> bool:
        """Whether the dataset was inflated to be read (PS3.5 A.5)."""
        return self.transfer_syntax_uid == DEFLATED_LE

    @property
    def ends_at_contours(self) -> bool:
        """Whether the walk stopped before the contours of an RT Structure Set."""
        return self.elements.stopped

    @property
    def sop_class_uid(self) -> str:
        """SOPClassUID, or MediaStorageSOPClassUID where only the file meta has it."""
        uid = self.elements.plain(SOP_CLASS_UID)
        return uid or ("" if self.meta is None else self.meta.plain(MEDIA_STORAGE_SOP_CLASS_UID))


def quiet() -> warnings.catch_warnings[None]:
    """A block in which pydicom's warnings are not shown: what they are about is told as problems."""
    return warnings.catch_warnings(action="ignore")


def scan_header(path: str | Path, layouts: HeaderLayouts | None = None) -> Header | None:
    """A file's elements up to its pixel data, or None when the file isn't DICOM.

    Args:
        path: the file.
        layouts: of files that were scanned before; files that are laid out like one of them are scanned quicker.

    Raises:
        UnreadableError: when it is DICOM and can't be used: truncated, damaged, or without a SOP class; or when
            the file can't be opened.
    """
    place = path if isinstance(path, Path) else Path(path)
    try:
        with io.FileIO(place, opener=_opened) as handle:
            found = os.fstat(handle.fileno())
            if not S_ISREG(found.st_mode):
                raise UnreadableError("isn't a file but a pipe, socket or device", path=place)
            return _scan(place, handle, found.st_size, layouts)
    except OSError as error:
        raise UnreadableError(f"can't be opened ({error.strerror})", path=place) from error


def _opened(name: str, flags: int) -> int:
    """Open what is named without waiting: for who writes to a pipe, say."""
    return os.open(name, flags | os.O_NONBLOCK)


def _scan(path: Path, handle: BinaryIO, size: int, layouts: HeaderLayouts | None) -> Header | None:
    for window in (*(one for one in _WINDOWS if one < size), min(size, LARGEST_HEADER)):
        if window > _WINDOWS[0]:
            handle.seek(0)
        data = handle.read(window)
        known = None if layouts is None else layouts.like(data)
        if known is not None:
            return _laid_out_like(known, path, data, size)
        start = _dataset_start(data)
        if start is None:
            return None
        try:
            header = _parse(path, data, start, handle, size)
        except EndedEarlyError as error:
            if len(data) < min(size, LARGEST_HEADER):
                continue
            raise _ends_early(path, error, len(data) < size) from error
        except MalformedError as error:
            raise UnreadableError(f"is damaged: {error}", path=path, remedy="copy it again") from error
        if header.ends_at_contours or header.pixels is not None or header.is_deflated or len(data) == size:
            if layouts is not None:
                layouts.remember(header)
            return header  # else the window may have ended exactly between two elements
    raise _ends_early(path, EndedEarlyError(0), True)


def _laid_out_like(known: Header, path: Path, data: bytes, size: int) -> Header:
    """The header of a file whose elements lie where those of a known one do."""

    def moved(one: Elements) -> Elements:
        return Elements(data, one.encoding, one.table, one.pixels, one.end, one.charset, one.stopped)

    meta = None if known.meta is None else moved(known.meta)
    return Header(path, meta, moved(known.elements), known.transfer_syntax_uid, known.pixels, size)


def _ends_early(path: Path, error: EndedEarlyError, goes_on: bool) -> UnreadableError:
    if goes_on:
        return UnreadableError(f"has more than {LARGEST_HEADER >> 20} MiB before its pixel data", path=path)
    return UnreadableError(f"is truncated: it {error}", path=path, remedy="copy it again")


def _dataset_start(data: bytes) -> int | None:
    """Where the first element is, or None when the file isn't DICOM."""
    if data.startswith(PREFIX, PREAMBLE_BYTES):
        return PREAMBLE_BYTES + len(PREFIX)
    if len(data) < 16:
        return None
    vr, group = data[4:6], data[:2]
    if group in {b"\x02\x00", b"\x08\x00"} and data[2] < 0x80 and data[3] == 0:
        explicit = vr in SHORT_VRS or vr in LONG_VRS
        plausible = int.from_bytes(data[4:8], "little") <= 1024
        return 0 if explicit or plausible else None
    return 0 if group == b"\x00\x08" and vr in SHORT_VRS else None


def _parse(path: Path, data: bytes, start: int, handle: BinaryIO, size: int) -> Header:
    meta = None
    if data[start : start + 2] == b"\x02\x00":
        meta = walk(data, start, len(data), EXPLICIT, only_group=2)
        start = meta.end
    named = "" if meta is None else meta.plain(TRANSFER_SYNTAX_UID)
    encoding, uid = _encoding(named, data[start : start + 8] if not named.startswith("1.") else b"")
    deflated = uid == DEFLATED_LE
    if deflated:
        handle.seek(start)
        elements, size = _inflated_elements(InflatedStream(handle, path))
    else:
        elements = walk(data, start, len(data), encoding)
    header = Header(path, meta, elements, uid, _pixels(elements.pixels, encoding, deflated=deflated), size)
    if not header.sop_class_uid and not elements.plain(MODALITY):
        if elements.pixels is None and elements.end < size:
            raise EndedEarlyError(0)
        raise UnreadableError("names no SOP class and no modality", path=path, remedy="it can't be used")
    return header


def _pixels(element: Element | None, encoding: Encoding, *, deflated: bool) -> PixelElement | None:
    if element is None:
        return None
    length = None if element.length == UNDEFINED else element.length
    return PixelElement(element.tag, element.vr.decode(), element.offset, length, deflated, not encoding.little)


@lru_cache(64)
def _encoding(named: str, first: bytes) -> tuple[Encoding, str]:
    """How the dataset is written (PS3.5 10), and its transfer syntax."""
    uid = named if named.startswith("1.") else guessed_syntax(first) or IMPLICIT_LE
    return encoding_of(uid), uid


def _inflated_elements(stream: InflatedStream) -> tuple[Elements, int]:
    """The elements of a deflated dataset up to its pixel data, and how long it is; the pixel data isn't kept."""
    data = b""
    while True:
        more = stream.read(max(len(data), _WINDOWS[0]))
        data += more
        try:
            elements = walk(data, 0, len(data), EXPLICIT)
        except EndedEarlyError:
            if not more:
                raise
            continue
        if elements.pixels is not None or not more:
            if elements.pixels is not None and elements.pixels.offset + elements.pixels.length > MAX_INFLATED:
                raise MalformedError(f"its pixel data would inflate to more than {MAX_INFLATED >> 20} MiB")
            stream.skip(MAX_INFLATED)  # to its end
            return elements, stream.position


def inflated_at(handle: BinaryIO, path: Path) -> InflatedStream:
    """The dataset of a file in the deflated transfer syntax, from its beginning on.

    Raises:
        UnreadableError: when the file isn't one any more.
    """
    data = handle.read(_WINDOWS[-1])
    start = _dataset_start(data)
    try:
        if start is None:
            raise MalformedError("it isn't DICOM any more")
        handle.seek(walk(data, start, len(data), EXPLICIT, only_group=2).end)
    except (EndedEarlyError, MalformedError) as error:
        raise UnreadableError(f"is damaged: {error}", path=path) from error
    return InflatedStream(handle, path)


def read_header(path: str | Path) -> Dataset:
    """Everything a file says except its pixel data, as a pydicom dataset (with `file_meta`).

    Raises:
        UnreadableError: when the file isn't DICOM, or is truncated or damaged.
    """
    place = Path(path)
    if scan_header(place) is None:
        raise UnreadableError("isn't a DICOM file", path=place)
    try:
        with _WARNINGS, quiet():
            return pydicom.dcmread(place, stop_before_pixels=True, force=True)
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError) as error:
        raise UnreadableError(f"is damaged: {error}", path=place) from error


def check_encapsulated(header: Header, frames: int) -> int:
    """Walk the fragments of encapsulated pixel data (PS3.5 A.4) to its end.

    Args:
        header: of a file with encapsulated pixel data; others are left alone.
        frames: how many there should be; each takes at least one fragment.

    Returns:
        The bytes of all fragments.

    Raises:
        UnreadableError: when the end or a frame isn't there.
    """
    pixels = header.pixels
    if pixels is None or pixels.length is not None:
        return 0
    with header.path.open("rb") as handle:
        size = handle.seek(0, io.SEEK_END)
        position, fragments = pixels.offset, -1  # the first is the Basic Offset Table
        while position + 8 <= size:
            handle.seek(position)
            head = handle.read(8)
            if head[:4] == little_endian_tag(SEQUENCE_END):
                break
            if head[:4] != little_endian_tag(ITEM):
                what = f"is damaged: no fragment of pixel data begins at byte {position}"
                raise UnreadableError(what, path=header.path)
            fragments += 1
            position += 8 + int.from_bytes(head[4:], "little")
        else:
            what = f"is truncated: it ends inside element {tag_text(pixels.tag)}"
            raise UnreadableError(what, path=header.path, remedy="copy it again")
    if fragments < frames:
        raise UnreadableError(f"has {max(fragments, 0)} fragments of pixel data for {frames} frames", path=header.path)
    return position - pixels.offset
