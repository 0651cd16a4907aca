"""What the stream that DCMTK signs leaves out of padding is counted, so that it can be told."""

from __future__ import annotations

import struct

import pytest

from rtvis.integrity.mac_stream import MacStream, Padding
from rtvis.integrity.scanning import scan


def element(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def file_with(*pairs):
    syntax = element(0x00020010, b"UI", b"1.2.840.10008.1.2.1\0")
    meta = element(0x00020000, b"UL", struct.pack("<I", len(syntax))) + syntax
    body = b"".join(element({b"LO": 0x00081030, b"UI": 0x00080018}[vr], vr, value) for vr, value in pairs)
    return scan(b"\0" * 128 + b"DICM" + meta + body)


@pytest.mark.parametrize(
    ("vr", "value", "signed", "left_out"),
    [
        (b"LO", b"PLAN", b"PLAN", 0),
        (b"LO", b"CTA ", b"CTA ", 0),
        (b"LO", b"PLAN  ", b"PLAN", 2),
        (b"LO", b"CTA   ", b"CTA ", 3),  # whatever pads it there, one space is signed
        (b"LO", b"CT\0\0", b"CT\0\0", 0),  # nulls are no padding of text, and are signed
        (b"LO", b"ABC\0", b"ABC\0", 0),
        (b"LO", b"AB\0   ", b"AB\0 ", 3),
        (b"LO", b"ABC", b"ABC ", 1),  # padding is signed that isn't there
        (b"UI", b"1.2.3\0", b"1.2.3\0", 0),
        (b"UI", b"1.2.3 ", b"1.2.3\0", 1),
        (b"UI", b"1.2.3", b"1.2.3\0", 1),
    ],
)
def test_bytes_of_padding_that_are_left_out_or_replaced_are_counted(vr, value, signed, left_out):
    scanned = file_with((vr, value))
    stream = MacStream(scanned, Padding.REDUCED)
    pieces = []
    coverage = stream.feed(lambda piece: pieces.append(bytes(piece)), None)
    assert b"".join(pieces).endswith(signed)
    assert stream.repadded == left_out
    assert ("padding of text values" in coverage.uncovered) == (left_out > 0)
    assert coverage.total - coverage.covered == left_out


def test_padding_of_all_elements_is_counted_together():
    stream = MacStream(file_with((b"UI", b"1.2.3 "), (b"LO", b"PLAN  ")), Padding.REDUCED)
    stream.feed(lambda _piece: None, None)
    assert stream.repadded == 3
    stream.feed(lambda _piece: None, None)
    assert stream.repadded == 3
