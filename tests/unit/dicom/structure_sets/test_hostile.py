"""Files made to be slow, to fill the memory or to mislead: refused or reported, within two seconds, in one line."""

from __future__ import annotations

import resource
import struct
import time
import zlib
from contextlib import contextmanager

import pytest

from rtvis.cli.main import main
from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.element_encoding import element, item, part_10, sequence
from rtvis.dicom.encoding import DEFLATED_LE, EXPLICIT, EXPLICIT_LE, IMPLICIT_LE
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.errors import RtvisError
from rtvis.model.structure_set import Roi

MOST_SECONDS = 2.0
ITEM_BEGIN = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def file_of(parts):
    base = {
        tags.SOP_CLASS_UID: element(tags.SOP_CLASS_UID, "UI", tags.RT_STRUCTURE_SET, EXPLICIT),
        tags.STRUCTURE_SET_LABEL: element(tags.STRUCTURE_SET_LABEL, "SH", "hostile", EXPLICIT),
    } | parts
    dataset = b"".join(base[tag] for tag in sorted(base))
    return part_10(
        dataset, sop_class_uid=tags.RT_STRUCTURE_SET, sop_instance_uid="1.2.3", transfer_syntax_uid=EXPLICIT_LE
    )


def roi(number):
    return item(
        {
            tags.ROI_NUMBER: element(tags.ROI_NUMBER, "IS", str(number), EXPLICIT),
            tags.ROI_NAME: element(tags.ROI_NAME, "LO", "name", EXPLICIT),
        },
        EXPLICIT,
    )


def with_contours(contours):
    owner = item(
        {
            tags.REFERENCED_ROI_NUMBER: element(tags.REFERENCED_ROI_NUMBER, "IS", "1", EXPLICIT),
            tags.CONTOUR_SEQUENCE: sequence(tags.CONTOUR_SEQUENCE, contours, EXPLICIT),
        },
        EXPLICIT,
    )
    return file_of(
        {
            tags.STRUCTURE_SET_ROI_SEQUENCE: sequence(tags.STRUCTURE_SET_ROI_SEQUENCE, [roi(1)], EXPLICIT),
            tags.ROI_CONTOUR_SEQUENCE: sequence(tags.ROI_CONTOUR_SEQUENCE, [owner], EXPLICIT),
        }
    )


def contour(data, count=None, kind="CLOSED_PLANAR"):
    parts = {
        tags.CONTOUR_GEOMETRIC_TYPE: element(tags.CONTOUR_GEOMETRIC_TYPE, "CS", kind, EXPLICIT),
        tags.CONTOUR_DATA: element(tags.CONTOUR_DATA, "DS", data, EXPLICIT),
    }
    if count is not None:
        parts[tags.NUMBER_OF_CONTOUR_POINTS] = element(tags.NUMBER_OF_CONTOUR_POINTS, "IS", count, EXPLICIT)
    return item(parts, EXPLICIT)


def nested(depth, *, defined):
    data = b""
    for _ in range(depth):
        if defined:
            data = sequence(
                tags.ROI_CONTOUR_SEQUENCE, [struct.pack("<HHI", 0xFFFE, 0xE000, len(data)) + data], EXPLICIT
            )
        else:
            data = b"\x06\x30\x39\x00SQ\0\0\xff\xff\xff\xff" + ITEM_BEGIN + data + ITEM_END + SEQUENCE_END
    return file_of({tags.ROI_CONTOUR_SEQUENCE: data})


@contextmanager
def quickly():
    start = time.process_time()
    yield
    assert time.process_time() - start < MOST_SECONDS


FLOODS = {
    "a million empty items": lambda: with_contours([item({}, EXPLICIT)] * 1_000_000),
    "a million empty items of undefined length": lambda: with_contours([ITEM_BEGIN + ITEM_END] * 1_000_000),
    "a million empty contours": lambda: with_contours([contour("", "0")] * 1_000_000),
    "a million points": lambda: with_contours([contour("1\\2\\3", "1", "POINT")] * 1_000_000),
    "empty contours below the limit of items": lambda: with_contours([contour("", "0")] * 150_000),
    "a hundred thousand ROIs": lambda: file_of(
        {tags.STRUCTURE_SET_ROI_SEQUENCE: sequence(tags.STRUCTURE_SET_ROI_SEQUENCE, [roi(1)] * 100_000, EXPLICIT)}
    ),
    "nested 10,000 deep": lambda: nested(10_000, defined=False),
    "cut within an item": lambda: with_contours([contour("1\\2\\3")] * 1000)[:-7],
}


@pytest.mark.parametrize("name", FLOODS)
def test_refused(name, tmp_path, capsys):
    path = tmp_path / "hostile.dcm"
    path.write_bytes(FLOODS[name]())
    with quickly(), pytest.raises(RtvisError) as refusal:
        read_structure_set(path)
    assert refusal.value.path == path
    assert "\n" not in str(refusal.value)
    assert main(["check", str(path)]) == 2
    streams = capsys.readouterr()
    assert (streams.out, len(streams.err.splitlines())) == ("", 1)


def test_a_deflated_bomb_takes_no_memory(tmp_path):
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()
    path = tmp_path / "bomb.dcm"
    head = part_10(b"", sop_class_uid=tags.RT_STRUCTURE_SET, sop_instance_uid="1.2.3", transfer_syntax_uid=DEFLATED_LE)
    path.write_bytes(head[:-2] + bomb)
    before = peak_mib()
    with quickly(), pytest.raises(RtvisError, match="inflates to more than 512 MiB"):
        read_structure_set(path)
    assert peak_mib() - before < 100


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("zeros", [1, 8, 100, 2048, 2051])
@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE])
def test_zeros_behind_the_data_set_are_no_data(syntax, zeros, tmp_path):
    explicit = read_of(with_contours([contour("1\\2\\3", "1", "POINT")]), tmp_path)
    write_structure_set(explicit, tmp_path / "a.dcm", implicit_vr=syntax == IMPLICIT_LE)
    data = (tmp_path / "a.dcm").read_bytes()
    padded = read_of(data + bytes(zeros), tmp_path)
    assert padded.contour_count == 1
    write_structure_set(padded.with_roi(Roi(2, "new", frame_of_reference_uid="1.2.3")), tmp_path / "b.dcm")
    assert {one.number for one in read_structure_set(tmp_path / "b.dcm").rois} == {1, 2}
    with pytest.raises(RtvisError, match="damaged"):
        read_of(data + bytes(zeros) + b"x" * 9, tmp_path)


def test_a_doubled_element_is_told(tmp_path):
    label = element(tags.STRUCTURE_SET_LABEL, "SH", "once", EXPLICIT)
    data = with_contours([contour("1\\2\\3", "1", "POINT")]).replace(
        element(tags.STRUCTURE_SET_LABEL, "SH", "hostile", EXPLICIT), label + label
    )
    assert [one.code for one in read_of(data, tmp_path).problems].count("element-doubled") == 1


def read_of(data, folder):
    (folder / "read.dcm").write_bytes(data)
    return read_structure_set(folder / "read.dcm")


ODDITIES = {
    "10^9 points promised": (lambda: with_contours([contour("1\\2\\3", "1000000000")]), "point-count-differs"),
    "a count beyond any integer": (lambda: with_contours([contour("1\\2\\3", "9" * 400)]), "point-count-differs"),
    "NaN": (lambda: with_contours([contour("nan\\1\\2", "1")]), "bad-contour-data"),
    "infinity": (lambda: with_contours([contour("inf\\1\\2", "1")]), "bad-contour-data"),
    "1e400": (lambda: with_contours([contour("1e400\\1\\2", "1")]), "bad-contour-data"),
    "text": (lambda: with_contours([contour("one\\two\\three", "1")]), "bad-contour-data"),
    "a number of 60,000 digits": (lambda: with_contours([contour("1" * 60_000 + "\\2\\3")]), "bad-contour-data"),
    "separators": (lambda: with_contours([contour("\\" * 60_000)]), "bad-contour-data"),
    "points": (lambda: with_contours([contour("." * 60_000)]), "bad-contour-data"),
    "nested 10,000 deep in defined lengths": (lambda: nested(10_000, defined=True), "roi-number-missing"),
    "paths for UIDs": (
        lambda: file_of(
            {
                tags.SOP_INSTANCE_UID: element(tags.SOP_INSTANCE_UID, "UI", "../../etc/passwd", EXPLICIT),
                tags.STRUCTURE_SET_ROI_SEQUENCE: sequence(tags.STRUCTURE_SET_ROI_SEQUENCE, [roi(1)], EXPLICIT),
            }
        ),
        "bad-uid",
    ),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_reported(name, tmp_path, capsys):
    make, code = ODDITIES[name]
    path = tmp_path / "hostile.dcm"
    path.write_bytes(make())
    with quickly():
        read = read_structure_set(path)
    assert code in {one.code for one in read.problems}
    assert all("\n" not in one.message for one in read.problems)
    assert main(["check", str(path)]) == 1
    assert main(["export", str(path), "--format", "rtstruct", "--out", str(tmp_path / "again.dcm")]) == 0
    capsys.readouterr()
    ours, theirs = (tmp_path / "again.dcm").read_bytes(), path.read_bytes()
    dataset = theirs[theirs.index(b"\x08\x00\x16\x00UI") :]
    assert ours.endswith(dataset)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
