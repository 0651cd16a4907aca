"""The byte stream that a DICOM digital signature is over (PS3.15 C.1, PS3.3 C.12.1.1.3.1.1).

In words: every signable element in tag order, in the transfer syntax that the MAC parameters name, which is explicit VR
little endian for files in implicit VR or big endian; sequences and items without their lengths, sequences always closed
by a delimiter, items never. Not signable: groups below 0008, group lengths, (0008,0001), the signatures themselves
(group FFFA and (4FFE,0001)), trailing padding (FFFC,FFFC), elements of VR UN, and every sequence that holds a UN at any
depth. A value over 64 KB whose VR has a length of two bytes becomes UN when an implicit VR file is signed: a structure
set with one very long ContourData loses its whole ROIContourSequence. So coverage is counted here, byte by byte.
Fragments of pixel data have no lengths in the stream either: where a frame has several, what they are isn't covered.

DCMTK writes string values without their trailing spaces, made even again, and UIDs without any white space; nulls with
which other programs pad text stay. Values that are padded as PS3.5 6.2 says come out the same. `Padding.REDUCED` gives
DCMTK's form, `Padding.EXACT` the bytes of the file.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final

from pydicom.datadict import keyword_for_tag, private_dictionary_VR

from rtvis.dicom.encoding import ITEM, LONG_VRS, SEQUENCE_END, SHORT_VRS, little_endian_tag, tag_text
from rtvis.integrity.scanning import Element, Item, ScannedFile

Buffer = bytes | memoryview
Update = Callable[[Buffer], None]

MAC_PARAMETERS_SEQUENCE: Final = 0x4FFE0001
DIGITAL_SIGNATURES_SEQUENCE: Final = 0xFFFAFFFA
_PIXEL_REPRESENTATION: Final = 0x00280103
_NUMBER_OF_FRAMES: Final = 0x00280008

ITEM_TAG: Final = little_endian_tag(ITEM)
SEQUENCE_END_TAG: Final = little_endian_tag(SEQUENCE_END)

_CHOICES: Final = {b"OB or OW": b"OW", b"US or OW": b"OW", b"US or SS or OW": b"OW"}  # PS3.5 A.1: implicit VR has OW
_LUT_DESCRIPTORS: Final = frozenset(  # (retired ones too) two of three values are counts, never negative: as dcmsign
    {0x00281100, 0x00281101, 0x00281102, 0x00281103, 0x00281111, 0x00281112, 0x00281113, 0x00283002}
)
_STRINGS: Final = frozenset(
    {b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UC", b"UI", b"UR"}
    | {b"UT"}
)
_WORD_CODES: Final = {  # PS3.5 7.3: what big endian turns round, as codes of `array`
    **dict.fromkeys((b"US", b"SS", b"OW", b"AT"), "H"),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"OF", b"OL"), "I"),
    **dict.fromkeys((b"FD", b"OD", b"OV", b"SV", b"UV"), "Q"),
}


class Padding(Enum):
    """Which bytes of a string value go into the stream."""

    EXACT = "exact"
    REDUCED = "reduced"


@dataclass(slots=True)
class Coverage:
    """What a stream holds of a data set.

    Attributes:
        covered: bytes of the data set that are in the stream.
        total: bytes of the data set, without the signatures themselves.
        uncovered: keywords (or tags) of what isn't in it, in order.
        partial: whether something that matters is missing: anything but group lengths, padding, and private elements
            whose VR nobody knows.
    """

    covered: int = 0
    total: int = 0
    uncovered: list[str] = field(default_factory=list)
    partial: bool = False

    @property
    def share(self) -> float:
        """Covered bytes as a share of all, 0 to 1."""
        return self.covered / self.total if self.total else 0.0

    def miss(self, name: str, size: int, *, matters: bool) -> None:
        """Note that `size` bytes under `name`, counted before as covered, aren't."""
        self.covered -= size
        self.partial = self.partial or matters
        if name not in self.uncovered:
            self.uncovered.append(name)


def element_name(tag: int) -> str:
    """The keyword of a tag, or ``(gggg,eeee)`` when it has none."""
    return keyword_for_tag(tag) or tag_text(tag)


@lru_cache(maxsize=8192)
def is_signable_tag(tag: int) -> bool:
    """Whether the standard lets this tag be signed (PS3.3 C.12.1.1.3.1.1)."""
    group, number = tag >> 16, tag & 0xFFFF
    return group >= 0x0008 and number != 0 and group != 0xFFFA and tag not in _NEVER_SIGNED


_NEVER_SIGNED: Final = frozenset({0x00080001, MAC_PARAMETERS_SEQUENCE, 0xFFFCFFFC})


class MacStream:
    """The signed form of one data set's elements.

    Args:
        scanned: the file.
        padding: which bytes of string values count.
        private_dictionary: whether private elements of an implicit VR file get a VR from a dictionary of private tags
            (some signers have one) instead of UN.
        signs_long_values: whether values of an implicit VR file that need a longer length than their VR has are
            signed, as the UN that they become, with the sequences they are in: so does DCMTK, against the standard.
    """

    def __init__(
        self,
        scanned: ScannedFile,
        padding: Padding = Padding.EXACT,
        *,
        private_dictionary: bool = False,
        signs_long_values: bool = False,
    ) -> None:
        self._body = memoryview(scanned.body)
        self._implicit = not scanned.encoding.explicit
        self._swapped = not scanned.encoding.little
        self._reduce = padding is Padding.REDUCED
        self._scanned = scanned
        self._signs_long_values = signs_long_values and self._implicit
        self._private_vrs: dict[int, bytes] = {}
        if private_dictionary and self._implicit:
            self._find_private_vrs(scanned.elements)
        self.repadded = 0
        """Bytes of padding that the reduced stream left out or replaced, so far."""

    @property
    def knows_private(self) -> bool:
        """Whether the dictionary of private tags knew any of the file's elements."""
        return bool(self._private_vrs)

    def signable_tags(self) -> list[int]:
        """The tags of all top-level elements that may be signed, in file order."""
        elements = self._scanned.elements
        signed = self.has_signed_pixels(elements)
        return [one.tag for one in elements if self.is_signable(one, signed=signed)]

    def feed(self, update: Update, tags: frozenset[int] | None) -> Coverage:
        """Give the stream of the listed elements to `update`, piece by piece.

        Args:
            update: called with each piece, such as a hash's ``update``.
            tags: the Data Elements Signed (0400,0020); None for all that are signable.
        """
        elements = self._scanned.elements
        signed = self.has_signed_pixels(elements)
        coverage = Coverage()
        self.repadded = 0
        for element in elements:
            if element.tag in {MAC_PARAMETERS_SEQUENCE, DIGITAL_SIGNATURES_SEQUENCE}:
                continue
            size = element.end - element.start
            coverage.total += size
            coverage.covered += size
            signable = self.is_signable(element, signed=signed)
            if signable and (tags is None or element.tag in tags):
                for piece in self.pieces(element, coverage, signed=signed):
                    update(piece)
                if element.fragments is not None and not self._is_divided_by_frame(element.fragments):
                    coverage.miss(f"division of {element_name(element.tag)} into fragments", 0, matters=True)
            else:
                coverage.miss(element_name(element.tag), size, matters=self._matters(element, signable=signable))
        left = len(self._body) - self._scanned.elements_end
        if left:
            coverage.total += left
            coverage.covered += left
            coverage.miss("zeros after the last element", left, matters=False)
        if self.repadded:
            coverage.miss("padding of text values", self.repadded, matters=False)
        return coverage

    def feed_signature_item(self, update: Update, item: Item) -> None:
        """Give what a signature says of itself: its item without certificate, signature and time stamps."""
        for element in item.elements:
            if element.tag not in _LATER_THAN_THE_MAC and self.is_signable(element, signed=False):
                for piece in self.pieces(element, Coverage(), signed=False):
                    update(piece)

    def _is_divided_by_frame(self, fragments: list[tuple[int, int]]) -> bool:
        """Whether the stream leaves open nowhere where a fragment of pixel data begins.

        Fragments stand in it without their lengths, so that two could be joined, with the tag between them becoming
        data, or one be divided where its data looks like that tag. One fragment for each frame, as nearly all files
        have, an offset table of the right length, and frames that begin alike leave no room for that.
        """
        stated = next((one for one in self._scanned.elements if one.tag == _NUMBER_OF_FRAMES), None)
        text = b"1" if stated is None else bytes(self._body[stated.value_start : stated.value_end]).strip(b" \0")
        count = int(text) if text.isdigit() and len(text) < 10 else 1
        beginnings = {bytes(self._body[start : min(end, start + 2)]) for start, end in fragments[1:]}
        offsets = fragments[0][1] - fragments[0][0] if fragments else 0
        return len(fragments) == count + 1 and len(beginnings) == 1 and offsets in {0, 4 * count}

    def is_signable(self, element: Element, *, signed: bool) -> bool:
        """Whether `element` goes into the stream; `signed`: whether its data set has signed pixels."""
        return is_signable_tag(element.tag) and not self._holds_unknown(element, signed=signed)

    def _find_private_vrs(self, elements: Sequence[Element]) -> None:
        """Look up private elements of an implicit VR file, as a signer with a dictionary of private tags did.

        Sequences among them stay UN: in the file they may be anything.
        """
        creators = {one.tag: one for one in elements if one.tag & 0x10000 and 0x10 <= one.tag & 0xFFFF <= 0xFF}
        for element in elements:
            for item in element.items or ():
                self._find_private_vrs(item.elements)
            creator = creators.get(element.tag & 0xFFFF0000 | (element.tag & 0xFF00) >> 8)
            if element.vr != b"UN" or element.items is not None or creator is None:
                continue
            name = bytes(self._body[creator.value_start : creator.value_end]).decode("latin-1").strip(" \0")
            with suppress(KeyError):
                vr = private_dictionary_VR(element.tag, name).encode()
                self._private_vrs[element.tag] = b"UN" if vr == b"SQ" else vr

    def _holds_unknown(self, element: Element, *, signed: bool) -> bool:
        if self.vr(element, signed=signed) == b"UN" and not (self._signs_long_values and element.vr in SHORT_VRS):
            return True
        for item in element.items or ():
            inner = self.has_signed_pixels(item.elements)
            if any(self._holds_unknown(one, signed=inner) for one in item.elements):
                return True
        return False

    def vr(self, element: Element, *, signed: bool) -> bytes:
        """The VR that `element` has in the stream, ``UN`` when it can't have another."""
        vr = element.vr
        if element.fragments is not None:
            return b"OB"
        if not self._implicit:
            return vr
        if element.tag in self._private_vrs:
            vr = self._private_vrs[element.tag]
        if b" or " in vr:
            vr = _CHOICES.get(vr) or (b"SS" if signed and element.tag not in _LUT_DESCRIPTORS else b"US")
        if vr in SHORT_VRS:
            return b"UN" if element.value_end - element.value_start > 0xFFFF else vr
        return vr if vr in LONG_VRS else b"UN"

    def pieces(self, element: Element, coverage: Coverage, *, signed: bool) -> Iterator[Buffer]:
        """The stream of one signable element."""
        if element.items is not None:
            yield self.header(element, b"SQ", 0)
            for item in element.items:
                yield ITEM_TAG
                inner = self.has_signed_pixels(item.elements)
                for one in item.elements:
                    if is_signable_tag(one.tag):
                        yield from self.pieces(one, coverage, signed=inner)
                    else:
                        coverage.miss(element_name(one.tag), one.end - one.start, matters=False)
            yield SEQUENCE_END_TAG
        elif element.fragments is not None:
            yield self.header(element, b"OB", 0)[:8]
            for start, end in element.fragments:
                yield ITEM_TAG
                yield self._body[start:end]
            yield SEQUENCE_END_TAG
        else:
            vr = self.vr(element, signed=signed)
            value = self.value(element, vr)
            if not self._implicit and not self._swapped and len(value) == element.value_end - element.value_start:
                yield self._body[element.start : element.value_start]
            else:
                yield self.header(element, vr, len(value))
            yield value

    @staticmethod
    def header(element: Element, vr: bytes, length: int) -> bytes:
        """Tag, VR and length in explicit VR little endian (PS3.5 7.1.2); for ``SQ`` without a length."""
        tag = little_endian_tag(element.tag)
        if vr == b"SQ":
            return tag + b"SQ\0\0"
        if vr in LONG_VRS:
            return tag + vr + b"\0\0" + length.to_bytes(4, "little")
        return tag + vr + length.to_bytes(2, "little")

    def value(self, element: Element, vr: bytes) -> Buffer:
        """The value as the stream has it: little endian, and with DCMTK's padding where that is asked for."""
        value: Buffer = self._body[element.value_start : element.value_end]
        if self._swapped and vr in _WORD_CODES:
            words = array.array(_WORD_CODES[vr])
            whole = len(value) - len(value) % words.itemsize
            words.frombytes(value[:whole])
            words.byteswap()
            return words.tobytes() + bytes(value[whole:])
        if self._reduce and value:
            if vr in _STRINGS:
                return self._reduced(bytes(value), vr)
            if len(value) % 2:
                self.repadded += 1
                return bytes(value) + b"\0"
        return value

    def _reduced(self, value: bytes, vr: bytes) -> bytes:
        if vr == b"UI":
            text = b"".join(value.split()).rstrip(b"\0")
            reduced = text + b"\0" * (len(text) % 2)
        else:
            text = value.rstrip(b" ")
            reduced = text + b" " * (len(text) % 2)
        if reduced != value:
            self.repadded += max(1, len(value) - len(text))
        return reduced

    def has_signed_pixels(self, elements: Sequence[Element]) -> bool:
        """Whether these elements' own Pixel Representation (0028,0103) is 1, which makes ``US or SS`` ``SS``."""
        if not self._implicit:
            return False  # explicit files say it themselves
        for one in elements:
            if one.tag >= _PIXEL_REPRESENTATION:
                value = self._body[one.value_start : one.value_end]
                return one.tag == _PIXEL_REPRESENTATION and bytes(value) == b"\x01\x00"
        return False

    def _matters(self, element: Element, *, signable: bool) -> bool:
        """Whether leaving `element` out makes a signature a partial one."""
        if signable:
            return True
        private_of_unknown_vr = element.tag & 0x10000 and element.items is None
        return is_signable_tag(element.tag) and not private_of_unknown_vr


_LATER_THAN_THE_MAC: Final = frozenset({0x04000115, 0x04000120, 0x04000305, 0x04000310})
