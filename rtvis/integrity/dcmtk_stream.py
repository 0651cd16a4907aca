"""The shortened stream that DCMTK's `dcmsign` signs when a sequence is large: recognised, so that it can be reported.

`dcmsign` (3.6.7, and the head of its source in May 2026) writes the stream through a buffer of 16 384 bytes. When the
buffer fills inside a sequence that lies in an item of another sequence, the test for unknown VRs, made again when
writing goes on, leaves that inner sequence's position at its end, and its rest is never written. A structure set of
half a megabyte has some 15 % of its bytes signed. `dcmsign` itself calls such a signature valid, whatever was done to
the rest. Here the same stream is made on purpose, so that the verdict can be: intact as far as it goes, and this far.
"""

from __future__ import annotations

from typing import Final

from rtvis.integrity.mac_stream import (
    DIGITAL_SIGNATURES_SEQUENCE,
    ITEM_TAG,
    MAC_PARAMETERS_SEQUENCE,
    SEQUENCE_END_TAG,
    Buffer,
    Coverage,
    MacStream,
    Update,
    element_name,
    is_signable_tag,
)
from rtvis.integrity.scanning import Element

_CAPACITY: Final = 16_384


class _BufferFullError(Exception):
    """The buffer filled inside an inner sequence: what is left of that sequence gets lost."""


class DcmtkStream:
    """The stream as `dcmsign` makes it."""

    def __init__(self, stream: MacStream, elements: tuple[Element, ...], update: Update) -> None:
        self._stream = stream
        self._elements = elements
        self._update = update
        self._room = _CAPACITY
        self._written = 0

    def feed(self, tags: frozenset[int] | None) -> Coverage:
        """Give the stream of the listed elements to `update`; the coverage counts what is lost."""
        coverage = Coverage()
        signed = self._stream.has_signed_pixels(self._elements)
        for element in self._elements:
            if element.tag in {MAC_PARAMETERS_SEQUENCE, DIGITAL_SIGNATURES_SEQUENCE}:
                continue
            size = element.end - element.start
            coverage.total += size
            if not self._stream.is_signable(element, signed=signed) or (tags is not None and element.tag not in tags):
                coverage.covered += size
                coverage.miss(element_name(element.tag), size, matters=is_signable_tag(element.tag))
                continue
            before, whole = (
                self._written,
                sum(len(one) for one in self._stream.pieces(element, Coverage(), signed=signed)),
            )
            self._element(element, depth=0, signed=signed)
            written = self._written - before
            coverage.covered += size
            if written < whole:
                coverage.miss(element_name(element.tag), round(size * (1 - written / whole)), matters=True)
        return coverage

    def _element(self, element: Element, depth: int, *, signed: bool) -> None:
        """Write one element that lies in `depth` sequences."""
        if element.items is None:
            pieces = list(self._stream.pieces(element, Coverage(), signed=signed))
            if element.fragments is None:
                self._put(pieces[0], depth, need=len(pieces[0]))
                self._put(pieces[1], depth)
            else:
                for piece in pieces:
                    self._put(piece, depth, need=12 if piece is pieces[0] else 0)
            return
        self._put(self._stream.header(element, b"SQ", 0), depth, need=12)
        try:
            for item in element.items:
                self._put(ITEM_TAG, depth + 1, need=4)
                inner = self._stream.has_signed_pixels(item.elements)
                for one in item.elements:
                    if is_signable_tag(one.tag):
                        self._element(one, depth + 1, signed=inner)
        except _BufferFullError:
            if depth != 1:  # the loss begins with the outermost of the sequences that lie in another
                raise
            self._room = _CAPACITY
        self._put(SEQUENCE_END_TAG, depth, need=4)

    def _put(self, piece: Buffer, depth: int, need: int = 0) -> None:
        """Write `piece`, going on after the buffer is emptied where that works; `need`: room without which none is."""
        if self._room < need:
            self._make_room(depth)
        view = memoryview(piece)
        while len(view) > self._room:
            fitting, view = view[: self._room], view[self._room :]
            self._flush(fitting)
            self._make_room(depth)
        self._flush(view)

    def _flush(self, part: memoryview) -> None:
        self._update(part)
        self._written += len(part)
        self._room -= len(part)

    def _make_room(self, depth: int) -> None:
        if depth >= 2:
            raise _BufferFullError
        self._room = _CAPACITY
