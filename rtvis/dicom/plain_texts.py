"""Whether a data set has text beyond ASCII: what nobody may put under another character set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VR

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.element_tree import MAX_DEPTH

if TYPE_CHECKING:
    from rtvis.dicom.element_tree import Element, Item

TEXT_VRS = frozenset({b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UT"})
"""Value Representations that Specific Character Set rules over (PS3.5 6.1.2.3)."""


def has_text_beyond_ascii(item: Item, depth: int = 0) -> bool:
    """Whether text of a data set, or of an item anywhere in it, has bytes beyond ASCII.

    Private text counts where the file says that it is text. What a contour says of itself is left out: there are many,
    and the standard knows no text in them. Sequences nested deeper than `MAX_DEPTH` aren't looked into: yes, for all
    that is known.
    """
    if depth > MAX_DEPTH:
        return True
    for one in item.listed:
        vr = one.vr if item.encoding.explicit else _dictionary_vr(one)
        if vr == b"SQ" or one.undefined:
            items = [] if one.tag == tags.CONTOUR_SEQUENCE else item.items_of(one)
            if any(has_text_beyond_ascii(inner, depth + 1) for inner in items):
                return True
        elif vr in TEXT_VRS and not item.buffer[one.value : one.stop].isascii():
            return True
    return False


def _dictionary_vr(one: Element) -> bytes:
    try:
        return dictionary_VR(one.tag).encode()
    except KeyError:
        return b""
