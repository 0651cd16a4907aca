"""Headers that are laid out like one before: in the files of a series the same elements lie at the same places.

Going from element to element costs more than all else that is done with a header. What that walk finds depends on
nothing but the heads of the elements, and a few values that decide how to go on. A file with the same bytes there has
the same table of elements, and needs no walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.encoding import PREAMBLE_BYTES, PREFIX, TRANSFER_SYNTAX_UID, UNDEFINED

if TYPE_CHECKING:
    from rtvis.dicom.elements import Elements
    from rtvis.dicom.reading import Header

DECIDING = frozenset({TRANSFER_SYNTAX_UID, 0x00080005, 0x00080016, 0x00080060})
"""Elements whose values a walk, or what is concluded from it, depends on: transfer syntax, character set, SOP class,
modality."""
REMEMBERED = 8
"""Layouts: UIDs and numbers of different lengths make a handful in one series."""


class HeaderLayouts:
    """The layouts that were met last."""

    def __init__(self) -> None:
        self._layouts: list[_Layout] = []

    def like(self, data: bytes) -> Header | None:
        """A header that was laid out as this one is.

        Args:
            data: a file from its beginning on.

        Returns:
            A header whose tables of elements hold for `data` too (the values are others); None where none is known.
        """
        for n, layout in enumerate(self._layouts):
            if layout.fits(data):
                if n:
                    self._layouts.insert(0, self._layouts.pop(n))
                return layout.header
        return None

    def remember(self, header: Header) -> None:
        """Take note of a header that was walked through, if it ends at pixel data and wasn't inflated."""
        if header.pixels is not None and not header.is_deflated:
            self._layouts = [_Layout(header), *self._layouts[: REMEMBERED - 1]]


class _Layout:
    """Where the bytes are that decide, and what they are."""

    def __init__(self, header: Header) -> None:
        self.header = header
        assert header.pixels is not None
        decides = np.ones(header.pixels.offset, dtype=bool)
        if header.elements.data.startswith(PREFIX, PREAMBLE_BYTES):
            decides[:PREAMBLE_BYTES] = False
        for elements in (header.meta, header.elements):
            if elements is not None:
                _leave_out_values(elements, decides)
        self._places = np.flatnonzero(decides)
        self._end = header.pixels.offset
        self._bytes = self._at_places(header.elements.data)

    def fits(self, data: bytes) -> bool:
        return len(data) >= self._end and self._at_places(data) == self._bytes

    def _at_places(self, data: bytes) -> bytes:
        return np.frombuffer(data, np.uint8, self._end)[self._places].tobytes()


def _leave_out_values(elements: Elements, decides: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    """All but the values of known length: what lies between them is heads, and sequences that had to be walked."""
    for tag, (_, offset, length) in elements.table.items():
        if length != UNDEFINED and tag not in DECIDING:
            decides[offset : offset + length] = False
