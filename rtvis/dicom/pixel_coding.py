"""How the pixels of a file are coded (PS3.3 C.7.6.3): frames, bits, transfer syntax; and whether they can be had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pydicom.uid import UID

from rtvis.dicom.pixel_decoding import has_decoder, syntax_name
from rtvis.dicom.reading import check_encapsulated
from rtvis.model.errors import UnreadableError
from rtvis.model.problem import Problem

if TYPE_CHECKING:
    from rtvis.dicom.elements import Elements
    from rtvis.dicom.reading import Header, PixelElement
    from rtvis.model.volume import Slice

LOSSY_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2.4.{last}" for last in (50, 51, 53, 55, 81, 91, 93, 203, 100, 101, 102, 103, 104, 105, 106)
)
"""Transfer syntaxes that are lossy, or (91, 93, 203) may be; LossyImageCompression decides for the latter."""
RLE_LOSSLESS = "1.2.840.10008.1.2.5"
_MAY_BE_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in (91, 93, 203))
MOST_FRAMES = (1 << 31) - 1
"""What an IS may hold (PS3.5 6.2)."""
LARGEST_FRAME_BYTES = 1 << 27
"""A compressed frame claiming more than this is taken for an attempt to fill the memory."""
PLAUSIBLE_FILE_BYTES = 1 << 28
PLAUSIBLE_RATIO = 100
"""A compressed file whose frames claim more than both (the ratio is to its size) is taken for one too: images of
patients are compressed to a tenth at the most without loss, and to a fiftieth with."""


@dataclass(frozen=True, slots=True)
class PixelSource:
    """Where the stored values of a file are, and how they are coded; shared by the frames of a file."""

    element: PixelElement
    frames: int
    photometric: str


class PixelCoding(NamedTuple):
    """How many pixels a frame has and how their values are coded; the names are those of a `Slice`."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    pixel_representation: int
    transfer_syntax_uid: str
    lossy: bool
    lowest_bit: int


def pixel_coding(header: Header) -> PixelCoding:
    """The coding of the pixels of a file, all its frames alike.

    Raises:
        ValueError: when what it says of Rows, Columns or bits can't be.
    """
    elements, syntax = header.elements, header.transfer_syntax_uid
    rows, columns = elements.short(0x00280010) or 0, elements.short(0x00280011) or 0
    allocated = elements.short(0x00280100) or 0
    stored = elements.short(0x00280101) or allocated
    signed = elements.short(0x00280103) or 0
    if not rows or not columns:
        raise ValueError("Rows or Columns is absent or 0")
    if allocated not in {8, 16, 32} or not 1 <= stored <= allocated or signed not in {0, 1}:
        raise ValueError(f"BitsAllocated {allocated}, BitsStored {stored}, PixelRepresentation {signed} is no coding")
    lossy, lowest = _is_lossy(elements, syntax), _lowest_bit(elements, syntax, allocated, stored)
    return PixelCoding(rows, columns, allocated, stored, signed, syntax, lossy, lowest)


def frame_count(elements: Elements) -> int:
    """NumberOfFrames, 1 where it is absent or empty.

    Raises:
        ValueError: when it is no number of frames.
    """
    number = (elements.numbers(0x00280008) or (1.0,))[0]
    if number != int(number) or not 1 <= number <= MOST_FRAMES:
        raise ValueError(f"NumberOfFrames is {number:g}")
    return int(number)


@lru_cache(64)
def is_native_syntax(uid: str) -> bool:
    """Whether pixel data in a transfer syntax is native: cells as they are, not encapsulated (PS3.5 A.4)."""
    return bool(UID(uid).is_transfer_syntax and not UID(uid).is_encapsulated)


def _is_lossy(elements: Elements, syntax: str) -> bool:
    """Whether values were lost to compression: as LossyImageCompression says (PS3.3 C.7.6.1.1.5) or the syntax does."""
    flag = elements.plain(0x00282110)
    return flag == "01" or (syntax in LOSSY_SYNTAXES and not (syntax in _MAY_BE_LOSSLESS and flag == "00"))


def _lowest_bit(elements: Elements, syntax: str, allocated: int, stored: int) -> int:
    """Where stored values begin in their cells (PS3.5 8.1.1): other than 0 in what old equipment wrote.

    Native pixel data and RLE hold the cells as they are. What a JPEG codestream holds of them isn't said anywhere.
    """
    high_bit = elements.short(0x00280102)
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        return 0
    return high_bit - stored + 1 if syntax == RLE_LOSSLESS or is_native_syntax(syntax) else 0


def high_bit_note(elements: Elements, one: Slice) -> list[Problem]:
    """What is to be said where HighBit isn't BitsStored - 1; nothing where it is."""
    high_bit = elements.short(0x00280102)
    if high_bit is None or high_bit == one.bits_stored - 1:
        return []
    used = f"stored values are taken from bits {one.lowest_bit} to {high_bit}" if one.lowest_bit else "which was used"
    joint = ": " if one.lowest_bit else ", "
    message = f"HighBit is {high_bit}, not BitsStored - 1 ({one.bits_stored - 1}){joint}{used}"
    return [Problem("high-bit", message)]


def check_pixels(header: Header, source: PixelSource, one: Slice) -> None:
    """Whether the pixel data is all there and can be decoded.

    Raises:
        UnreadableError: when not.
    """
    element, path = source.element, header.path
    frame_bytes = one.rows * one.columns * (one.bits_allocated // 8)
    wanted = source.frames * frame_bytes
    if element.length is not None:
        there = min(element.length, header.size - element.offset)
        if there < min(element.length, wanted):
            what = f"is truncated: {there} of {element.length} bytes of pixel data are there"
            raise UnreadableError(what, path=path, remedy="copy it again")
        if there < wanted:
            pixels = f"{source.frames} x {one.rows} x {one.columns} pixels"
            what = f"has {there} bytes of pixel data where {pixels} take {wanted}"
            raise UnreadableError(what, path=path)
        if not is_native_syntax(one.transfer_syntax_uid):
            what = f"has native pixel data in transfer syntax {syntax_name(one.transfer_syntax_uid)}"
            raise UnreadableError(what, path=path, remedy="nothing says how to read it")
        return
    if frame_bytes > LARGEST_FRAME_BYTES:
        raise UnreadableError(f"claims a compressed frame of {one.rows} x {one.columns} pixels", path=path)
    if not has_decoder(one.transfer_syntax_uid):
        what = f"no decoder for its transfer syntax, {syntax_name(one.transfer_syntax_uid)}"
        raise UnreadableError(what, path=path, remedy="convert it to an uncompressed transfer syntax")
    encoded = check_encapsulated(header, source.frames)
    if wanted > max(PLAUSIBLE_FILE_BYTES, PLAUSIBLE_RATIO * encoded):
        what = f"claims {wanted >> 20} MiB of pixels out of {encoded >> 10} KiB of compressed data"
        raise UnreadableError(what, path=path)
