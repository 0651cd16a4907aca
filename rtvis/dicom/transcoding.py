"""A data set written again in Implicit VR Little Endian, which has no limit of 65,534 bytes (PS3.5 A.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.dicom.element_encoding import element, sequence, wrapped
from rtvis.dicom.element_tree import MAX_DEPTH
from rtvis.dicom.encoding import IMPLICIT
from rtvis.model.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.dicom.element_tree import Element, Item


def in_implicit_vr(dataset: Item, path: Path | None = None) -> bytes:
    """The elements of a data set in Implicit VR Little Endian; values byte for byte, sequences of defined length.

    Args:
        dataset: the data set.
        path: the file it came from, for messages.

    Raises:
        UsageError: for a big-endian data set, whose numbers would have to be turned round.
        UnreadableError: when its sequences nest too deep.
    """
    if not dataset.encoding.little:
        raise UsageError("can't be written as implicit VR: it is big endian", path=path, remedy="leave the option out")
    try:
        return _content(dataset, 0)
    except UnreadableError as error:
        raise UnreadableError(error.what, path=path, remedy=error.remedy) from error


def _content(item: Item, depth: int) -> bytes:
    if depth > MAX_DEPTH:
        raise UnreadableError(f"nests sequences more than {MAX_DEPTH} deep", remedy="write it without implicit VR")
    if not item.encoding.explicit:
        return item.buffer[item.value : item.stop]
    return b"".join(_element(item, one, depth) for one in item.listed if one.tag & 0xFFFF)


def _element(owner: Item, one: Element, depth: int) -> bytes:
    if one.vr == b"SQ":
        return _sequence(one.tag, owner.items_of(one), depth)
    if one.undefined:  # UN: its items are implicit already (PS3.5 6.2.2 note 4)
        return _sequence(one.tag, one.children or [], depth)
    return element(one.tag, "UN", owner.buffer[one.value : one.stop], IMPLICIT)


def _sequence(tag: int, items: list[Item], depth: int) -> bytes:
    return sequence(tag, [wrapped(_content(one, depth + 1), IMPLICIT) for one in items], IMPLICIT)
