"""Values of signatures written down in the encoding of the file they go into, and read from it."""

from __future__ import annotations

import struct

from rtvis.dicom.encoding import Encoding
from rtvis.integrity.scanning import Element, Item


def encode_short(value: int, encoding: Encoding) -> bytes:
    """A value of VR US."""
    return struct.pack(encoding.order + "H", value)


def encode_tags(tags: list[int], encoding: Encoding) -> bytes:
    """A value of VR AT: group and element numbers, each in the encoding's byte order."""
    numbers = [half for tag in tags for half in (tag >> 16, tag & 0xFFFF)]
    return struct.pack(f"{encoding.order}{len(numbers)}H", *numbers)


class ItemReader:
    """The values of one item's elements, as bytes, numbers and text."""

    def __init__(self, body: bytes, item: Item, encoding: Encoding) -> None:
        self._body = body
        self._elements: dict[int, Element] = {one.tag: one for one in item.elements}
        self._order = encoding.order

    def raw(self, tag: int) -> bytes | None:
        """The value's bytes; None when the element isn't there."""
        element = self._elements.get(tag)
        return None if element is None else self._body[element.value_start : element.value_end]

    def short(self, tag: int) -> int | None:
        """A single value of VR US; None when it isn't there or is none."""
        value = self.raw(tag)
        return int(struct.unpack(self._order + "H", value)[0]) if value is not None and len(value) == 2 else None

    def tags(self, tag: int) -> frozenset[int] | None:
        """The values of an element of VR AT; None when it isn't there."""
        value = self.raw(tag)
        if value is None:
            return None
        numbers = struct.unpack(f"{self._order}{len(value) // 2}H", value[: len(value) // 2 * 2])
        return frozenset(group << 16 | number for group, number in zip(numbers[::2], numbers[1::2], strict=False))

    def text(self, tag: int, padding: str = " ") -> str:
        """ASCII text without its padding; empty when it isn't there."""
        return (self.raw(tag) or b"").decode("ascii", "replace").rstrip(padding)
