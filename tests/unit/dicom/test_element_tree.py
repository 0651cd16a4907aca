from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from rtvis.dicom.element_encoding import element, item, part_10, sequence
from rtvis.dicom.element_tree import MAX_DEPTH, parse_file, read_file
from rtvis.dicom.encoding import DEFLATED_LE, EXPLICIT, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT, IMPLICIT_LE, UNCOMPRESSED
from rtvis.model.errors import InputError, UnreadableError


def dataset(encoding, name=b"abc"):
    inner = item({0x30060022: element(0x30060022, "IS", "7", encoding)}, encoding)
    return b"".join(
        [
            element(0x00080016, "UI", "1.2.3", encoding),
            element(0x00100010, "PN", name, encoding),
            sequence(0x30060020, [inner, inner], encoding),
        ]
    )


@pytest.mark.parametrize(
    ("syntax", "bare"),
    [(syntax, bare) for syntax in (IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE) for bare in (False, True)]
    + [(DEFLATED_LE, False)],
)
def test_all_transfer_syntaxes_with_and_without_file_meta(syntax, bare):
    data = dataset(UNCOMPRESSED[syntax])
    whole = data if bare else part_10(data, sop_class_uid="1", sop_instance_uid="2", transfer_syntax_uid=syntax)
    file = parse_file(whole)
    assert file.transfer_syntax_uid == syntax
    assert file.dataset.ascii(0x00080016) == "1.2.3"
    assert [one.integer(0x30060022) for one in file.dataset.items(0x30060020)] == [7, 7]
    assert file.dataset.buffer[file.dataset.start : file.dataset.end] == data


@pytest.mark.parametrize("encoding", [IMPLICIT, EXPLICIT, UNCOMPRESSED[EXPLICIT_BE]])
def test_undefined_lengths_are_followed_and_kept(encoding):
    order = encoding.order
    inner = element(0x30060022, "IS", "7", encoding)
    item_head = struct.pack(order + "HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    item_end = struct.pack(order + "HHI", 0xFFFE, 0xE00D, 0)
    sequence_end = struct.pack(order + "HHI", 0xFFFE, 0xE0DD, 0)
    head = element(0x30060020, "SQ", b"", encoding)[:-4] + b"\xff\xff\xff\xff"
    data = element(0x00080016, "UI", "1.2.3", encoding) + head + (item_head + inner + item_end) * 2 + sequence_end
    data += element(0x300E0002, "CS", "UNAPPROVED", encoding)
    read = parse_file(data).dataset
    items = read.items(0x30060020)
    assert [one.raw for one in items] == [item_head + inner + item_end] * 2
    assert [one.integer(0x30060022) for one in items] == [7, 7]
    assert read.ascii(0x300E0002) == "UNAPPROVED"


def test_a_sequence_kept_as_un_is_implicit_inside():
    inner = item({0x30060022: element(0x30060022, "IS", "7", IMPLICIT)}, IMPLICIT)
    data = element(0x00080016, "UI", "1.2.3", EXPLICIT) + sequence(0x30060020, [inner], EXPLICIT, vr="UN")
    assert parse_file(data).dataset.items(0x30060020)[0].integer(0x30060022) == 7


@pytest.mark.parametrize("encoding", [IMPLICIT, EXPLICIT])
def test_every_truncation_is_unreadable_or_shorter_by_whole_elements(encoding):
    data = dataset(encoding)
    whole = len(parse_file(data).dataset.listed)
    for length in range(9, len(data)):
        try:
            read = parse_file(data[:length]).dataset
        except InputError:
            continue
        assert len(read.listed) < whole
        assert read.end == length


def test_damage_is_named_with_its_file(tmp_path: Path):
    path = tmp_path / "cut.dcm"
    path.write_bytes(dataset(EXPLICIT)[:-3])
    with pytest.raises(UnreadableError, match=r"cut\.dcm: is truncated or damaged"):
        read_file(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"x" * 500, b"\0" * 200, b"%PDF-1.7 of something"])
def test_other_files_are_not_dicom(data):
    with pytest.raises(InputError, match="is not a DICOM file"):
        parse_file(data)


def test_deep_nesting_is_refused():
    head = element(0x30060020, "SQ", b"", EXPLICIT)[:-4] + b"\xff\xff\xff\xff"
    item_head = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    data = element(0x00080016, "UI", "1.2.3", EXPLICIT) + (head + item_head) * 10_000
    with pytest.raises(UnreadableError, match=f"more than {MAX_DEPTH} deep"):
        parse_file(data)


def test_a_damaged_deflated_file_is_unreadable():
    data = part_10(dataset(EXPLICIT), sop_class_uid="1", sop_instance_uid="2", transfer_syntax_uid=DEFLATED_LE)
    with pytest.raises(UnreadableError, match="deflated"):
        parse_file(data[:-8])
    start = len(data) - len(zlib.compress(dataset(EXPLICIT)))
    with pytest.raises(UnreadableError, match="deflated"):
        parse_file(data[:start] + b"\xff" * 40)


def test_values_over_16_bits_are_written_as_un():
    text = b"1.5\\" * 20_000 + b"1.5 "
    data = element(0x00080016, "UI", "1.2.3", EXPLICIT) + element(0x30060050, "DS", text, EXPLICIT)
    read = parse_file(data).dataset
    assert read.elements[0x30060050].vr == b"UN"
    assert read.bytes_of(0x30060050) == text
