from __future__ import annotations

import struct
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from rtvis.integrity import scanning
from rtvis.integrity.scanning import MalformedError, scan
from rtvis.model.errors import UnreadableError

HEAD = bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"


def element(group, number, vr, value):
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def nested(depth):
    opening = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closing = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return opening * depth + closing * depth


def test_elements_cover_the_file_without_gaps(make_file):
    scanned = scan(make_file())
    position = 0
    for one in scanned.elements:
        assert one.start == position
        position = one.end
    assert position == len(scanned.body)
    sequence = next(one for one in scanned.elements if one.tag == 0x00081140)
    assert [len(one.elements) for one in sequence.items] == [2, 0, 2]


def test_nesting_is_bounded():
    assert scan(HEAD + nested(32)).elements
    for depth in (33, 500, 100_000):
        with pytest.raises(MalformedError, match="nested more than 32"):
            scan(HEAD + nested(depth))


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (struct.pack("<HH2sH", 0x0010, 0x10, b"PN", 100) + b"A^B ", "claims 100 bytes"),
        (element(0x0010, 0x10, b"PN", b"AB") * 2, "occurs twice"),
        (element(0x0010, 0x20, b"LO", b"AB") + element(0x0010, 0x10, b"PN", b"AB"), "comes after"),
        (struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF), "cut off"),
        (struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 8) + bytes(8), "not an item"),
        (struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 7, 0), "reserved bytes"),
        (struct.pack("<HH2sHI", 0x0009, 0x1140, b"OB", 0, 0xFFFFFFFF), "can't be without"),
        (element(0x0010, 0x10, b"??", b"AB"), "no VR"),
        (b"\x08\x00\x05", "cut off"),
        (bytes(10) + b"hidden", "follows the zeros"),
        (struct.pack("<HHI", 0xFFFE, 0xE0DD, 0), "no VR"),
    ],
)
def test_what_breaks_the_standard_is_refused(tail, message):
    with pytest.raises(MalformedError, match=message):
        scan(HEAD + tail)


def test_a_deflated_bomb_is_bounded(monkeypatch):
    monkeypatch.setattr("rtvis.integrity.scanning.INFLATED_LIMIT", 1 << 20)
    head = bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x10, b"UI", 22) + b"1.2.840.10008.1.2.1.99"
    packer = zlib.compressobj(9, wbits=-15)
    bomb = packer.compress(bytes(8 << 20)) + packer.flush()
    with pytest.raises(MalformedError, match="inflates to more"):
        scan(head + bomb)


def test_programs_in_the_preamble_are_named(make_file):
    data = make_file().read_bytes()
    assert scan(data).program == ""
    assert scan(b"MZ" + data[2:]).program == "Windows"
    assert scan(b"\x7fELF" + data[4:]).program == "Linux"


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), cut=st.integers(0, 200))
def test_any_bytes_are_scanned_or_refused_never_worse(data, cut):
    for content in (data, HEAD + data, HEAD[:cut] + data):
        with suppress(UnreadableError):  # any other error fails the test
            assert scan(content).elements_end <= len(content)


def test_every_cut_of_a_file_is_noticed_or_ends_between_elements(make_file):
    data = make_file().read_bytes()
    scanned = scan(data)
    ends = {scanned.body_start + one.end for one in scanned.elements}
    for length in range(scanned.body_start + 8, len(data)):
        try:
            scan(data[:length])
        except MalformedError:
            assert length not in ends
        else:
            assert length in ends


def test_real_files_scan_as_pydicom_reads_them(field_data):
    names = [
        "broken_and_small/MR_small_bigendian.dcm", "broken_and_small/rtstruct.dcm", "broken_and_small/CT_small.dcm",
        "broken_and_small/image_dfl.dcm", "broken_and_small/MR_small_padded.dcm", "broken_and_small/MR_small_RLE.dcm",
        "pairs/TinyVMAT_Monaco_no_part10_header/TinyFS_StrctrSets.dcm",
    ]  # fmt: skip
    for name in names:
        scanned = scan(field_data / name)
        tags = [int(one) for one in dcmread(field_data / name, force=True)._dict]
        assert [one.tag for one in scanned.elements] == tags, name


def test_real_truncated_files_are_refused(field_data):
    for name in ("MR_truncated.dcm", "rtplan_truncated.dcm"):
        with pytest.raises(MalformedError, match="claims"):
            scan(field_data / "broken_and_small" / name)


def test_very_many_meta_elements_take_no_longer_than_their_number():
    meta = b"".join(struct.pack("<HH2sH", 2, number, b"UI", 0) for number in range(0x11, 0x10000))
    data = HEAD + meta + element(0x0008, 0x0060, b"CS", b"CT")
    start = time.process_time()
    assert len(scan(data).meta) == 0xFFF0
    assert time.process_time() - start < 20, "comparing each with each takes minutes"
    with pytest.raises(MalformedError, match="twice"):
        scan(HEAD + meta + meta[:8])


EMPTY_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)


@pytest.mark.parametrize(
    "opening",
    [
        struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF),
        struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF),
        struct.pack("<HH2sHI", 0x0009, 0x1001, b"UN", 0, 0xFFFFFFFF),
    ],
)
def test_items_and_fragments_count_as_elements_do(opening, monkeypatch):
    monkeypatch.setattr(scanning, "_ELEMENT_LIMIT", 100)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    assert scan(HEAD + opening + EMPTY_ITEM * 90 + end).elements
    with pytest.raises(MalformedError, match="more than 100"):
        scan(HEAD + opening + EMPTY_ITEM * 110 + end)
