"""Digests of ContourData that a signature skips.

A DS value over 65,534 bytes is written as UN in explicit VR (PS3.5 6.2.2), and a signature leaves out each element of
VR UN and each sequence that holds one (PS3.3 C.12.1.1.3.1.1): all of ROIContourSequence. So rtvis names the SHA-256 of
each such value in a private element of the data set itself, which a signature does cover.
`assets/docs/structure-sets.md` describes it for other programs.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.element_encoding import element
from rtvis.dicom.encoding import LONGEST_SHORT_VALUE
from rtvis.dicom.rtstruct_origin import ContourOrigin
from rtvis.model.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.dicom.element_tree import Item
    from rtvis.dicom.rtstruct_items import ItemWriter
    from rtvis.model.structure_set import Roi, StructureSet

PRIVATE_GROUP = 0x3007
PRIVATE_CREATOR = "RTVIS STRUCTURE SET"
_FIRST_BLOCK = 0x10
DIGESTS_ELEMENT = 0x01
"""(3007,xx01) UT: a line ``SHA256 <ROI number> <contour number from 1> <64 hexadecimal digits>`` for each value."""


def _blocks(dataset: Item | None) -> tuple[int | None, int]:
    """The block of group 3007 that is ours, and the first free one (PS3.5 7.8.1)."""
    if dataset is None:
        return None, _FIRST_BLOCK
    numbers = [tag & 0xFFFF for tag in dataset.elements if tag >> 16 == PRIVATE_GROUP]
    # A block is taken by its creator, or by elements whose creator got lost: these are nobody's to replace.
    taken = {number if number <= 0xFF else number >> 8 for number in numbers}
    creators = {number: dataset.ascii(PRIVATE_GROUP << 16 | number) for number in numbers if number <= 0xFF}
    ours = next((number for number, name in creators.items() if name == PRIVATE_CREATOR), None)
    free = next((number for number in range(_FIRST_BLOCK, 0x100) if number not in taken), 0xFF)
    return ours, free


def _digests_tag(block: int) -> int:
    return PRIVATE_GROUP << 16 | block << 8 | DIGESTS_ELEMENT


def digest_elements(structure_set: StructureSet, writer: ItemWriter, old: Item | None) -> dict[int, bytes | None]:
    """The private elements that name over-long values as they are about to be written.

    Args:
        structure_set: what is written.
        writer: knows the encoding and the texts.
        old: the data set it came from, or None.

    Returns:
        Tag -> element, for a data set; None for one of `old` that no longer holds.
    """
    ours, free = _blocks(old)
    block = free if ours is None else ours
    creator, digests = PRIVATE_GROUP << 16 | block, _digests_tag(block)
    lines = []
    if writer.encoding.explicit:
        for roi in structure_set.rois:
            for index, contour in enumerate(roi.contours):
                data = writer.contour_data(contour)
                if len(data) > LONGEST_SHORT_VALUE:
                    data += b" " * (len(data) % 2)
                    lines.append(f"SHA256 {roi.number} {index + 1} {hashlib.sha256(data).hexdigest()}")
    if not lines:
        return {} if ours is None else {creator: None, digests: None}
    return {
        creator: element(creator, "LO", PRIVATE_CREATOR, writer.encoding),
        digests: element(digests, "UT", "\r\n".join(lines), writer.encoding),
    }


def digest_problems(dataset: Item, rois: Iterable[Roi]) -> list[Problem]:
    """ContourData that isn't what rtvis's private element says it is: ``contour-digest-differs``."""
    block = _blocks(dataset)[0]
    if block is None:
        return []
    contours = {roi.number: roi.contours for roi in rois}
    problems = []
    for line in dataset.bytes_of(_digests_tag(block)).decode("latin-1").split("\n"):
        words = line.split()
        if len(words) != 4 or words[0] != "SHA256" or not (words[1] + words[2]).isascii():
            continue  # padding, or of a later version
        if not (words[1].lstrip("-").isdigit() and words[2].isdigit()):
            continue
        number, index = int(words[1]), int(words[2]) - 1
        listed = contours.get(number, ())
        origin = listed[index].origin if 0 <= index < len(listed) else None
        data = origin.item.bytes_of(tags.CONTOUR_DATA) if isinstance(origin, ContourOrigin) else b""
        if hashlib.sha256(data).hexdigest() != words[3].lower():
            what = f"contour {index + 1} of ROI {number} is not what it was when rtvis wrote it: its SHA-256 differs"
            problems.append(Problem("contour-digest-differs", what, number, index))
    return problems
