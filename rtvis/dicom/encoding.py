"""How data elements are written: the facts of PS3.5 that all who read and write bytes here share.

Three walkers go over elements, because three things are wanted of them: `rtvis.dicom.elements` finds values in the
headers of thousands of files, `rtvis.dicom.element_tree` keeps where everything stands so that it is written back byte
for byte, `rtvis.integrity.scanning` refuses whatever two programs could read as two things. What they agree on is here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

IMPLICIT_LE: Final = "1.2.840.10008.1.2"
EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
DEFLATED_LE: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE: Final = "1.2.840.10008.1.2.2"
"""Transfer syntax UIDs of data sets without encapsulated pixel data (PS3.5 A.1, A.2, A.5, A.3)."""

LONG_VRS: Final = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Value representations with two reserved bytes and a 32-bit length in explicit VR (PS3.5 7.1.2)."""
SHORT_VRS: Final = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
"""Value representations with a 16-bit length in explicit VR; whatever is added to the standard has a long one."""
LONGEST_SHORT_VALUE: Final = 65534
"""Longest even value whose length fits those 16 bits."""

UNDEFINED: Final = 0xFFFFFFFF
"""Length of what ends with a delimiter (PS3.5 7.5.1)."""
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
PIXEL_DATA: Final = 0x7FE00010
TRANSFER_SYNTAX_UID: Final = 0x00020010
PREAMBLE_BYTES: Final = 128
PREFIX: Final = b"DICM"
"""What follows the preamble of a file (PS3.10 7.1)."""


class Encoding(NamedTuple):
    """Whether value representations are written, and the byte order (PS3.5 7.1, 7.3)."""

    explicit: bool
    little: bool

    @property
    def order(self) -> str:
        """Byte order as `struct` names it."""
        return "<" if self.little else ">"


IMPLICIT: Final = Encoding(explicit=False, little=True)
"""Also of the items of a UN of undefined length, whatever they stand in (PS3.5 6.2.2 note 2)."""
EXPLICIT: Final = Encoding(explicit=True, little=True)
"""Also of file meta information (PS3.10 7.1), and of all encapsulated transfer syntaxes (PS3.5 A.4)."""
BIG_ENDIAN: Final = Encoding(explicit=True, little=False)
UNCOMPRESSED: Final = {
    IMPLICIT_LE: IMPLICIT,
    EXPLICIT_LE: EXPLICIT,
    DEFLATED_LE: EXPLICIT,
    EXPLICIT_BE: BIG_ENDIAN,
}
"""Transfer syntaxes that don't encapsulate pixel data: all that there are for data sets without pixels."""


def encoding_of(transfer_syntax_uid: str) -> Encoding:
    """The encoding of a data set, once inflated, in a transfer syntax."""
    return UNCOMPRESSED.get(transfer_syntax_uid, EXPLICIT)


def guessed_syntax(head: bytes) -> str:
    """The transfer syntax of a data set that doesn't say, from its first eight bytes; "" when it can't be a data set.

    A data set begins in group 0008 or near it, so that one byte of its group is zero and tells the byte order; an
    explicit VR is two capital letters where an implicit one has the low half of a length.
    """
    if len(head) < 8:
        return ""
    explicit = head[4:6] in SHORT_VRS or head[4:6] in LONG_VRS
    if explicit and head[0] == 0 and head[1] != 0:
        return EXPLICIT_BE
    if head[0] == 0 or head[1] != 0 or (head[4:6].isalpha() and head[4:6].isupper() and not explicit):
        return ""
    return EXPLICIT_LE if explicit else IMPLICIT_LE


def little_endian_tag(tag: int) -> bytes:
    """The four bytes of a tag in little endian (PS3.5 7.3)."""
    return (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")


def tag_text(tag: int) -> str:
    """As the standard writes a tag: ``(0028,0010)``."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"
