from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from rtvis.dicom.element_tree import parse_file, read_file
from rtvis.dicom.encoding import IMPLICIT_LE
from rtvis.dicom.rtstruct_reader import read_structure_set, structure_set_of
from rtvis.dicom.rtstruct_writer import new_structure_set, write_structure_set
from rtvis.model.comparison import compare
from rtvis.model.structure_set import Contour, Roi

BLOCK = (0x3007, 0x1001)


def long_contour(volume, count=4000):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    index = np.stack([10 + 8 * np.cos(turn), 6 + 4 * np.sin(turn), np.full(count, 2.0)], axis=1)
    return Contour.drawn(volume.grid.to_patient(index), closed=True)


@pytest.fixture
def long_set(volume):
    short = Contour.drawn(volume.grid.to_patient([[1, 1, 1], [5, 1, 1], [5, 5, 1]]), closed=True)
    rois = (Roi(3, "long", (short, long_contour(volume))), Roi(7, "longer", (long_contour(volume, 5000),)))
    return replace(new_structure_set(volume, "Long"), rois=rois)


def test_over_long_values_are_unknown_to_explicit_vr_and_named_by_their_digest(long_set, tmp_path):
    path = tmp_path / "long.dcm"
    notes = write_structure_set(long_set, path)
    assert [(one.code, one.roi, one.contour) for one in notes] == [
        ("contour-data-too-long", 3, 1),
        ("contour-data-too-long", 7, 0),
    ]
    peer = pydicom.dcmread(path)
    assert peer[0x3007, 0x0010].value == "RTVIS STRUCTURE SET"
    lines = peer[BLOCK].value.split("\r\n")
    items = [peer.ROIContourSequence[0].ContourSequence[1], peer.ROIContourSequence[1].ContourSequence[0]]
    data = [one.get_item("ContourData") for one in items]
    assert [one.VR for one in data] == ["UN", "UN"]
    assert lines == [
        f"SHA256 3 2 {hashlib.sha256(data[0].value).hexdigest()}",
        f"SHA256 7 1 {hashlib.sha256(data[1].value).hexdigest()}",
    ]
    read = read_structure_set(path)
    assert read.problems == ()
    assert compare(long_set, read).identical


def test_a_changed_value_is_seen(long_set, tmp_path):
    path = tmp_path / "long.dcm"
    write_structure_set(long_set, path)
    data = bytearray(path.read_bytes())
    item = read_structure_set(path).roi(7).contours[0].origin.item
    digit = next(n for n in range(item.start + 200, item.end) if chr(data[n]).isdigit())
    data[digit] = ord("1") if data[digit] != ord("1") else ord("2")
    problems = structure_set_of(parse_file(bytes(data))).problems
    assert [(one.code, one.roi, one.contour) for one in problems] == [("contour-digest-differs", 7, 0)]


def test_digests_follow_an_edit_and_go_with_the_last_long_value(long_set, volume, tmp_path):
    write_structure_set(long_set, tmp_path / "a.dcm")
    read = read_structure_set(tmp_path / "a.dcm")
    edited = read.with_roi(read.roi(3).without_contour(0))
    write_structure_set(edited, tmp_path / "b.dcm")
    again = read_structure_set(tmp_path / "b.dcm")
    assert again.problems == ()
    assert re.findall(r"SHA256 (\d+ \d+)", pydicom.dcmread(tmp_path / "b.dcm")[BLOCK].value) == ["3 1", "7 1"]
    short = again.with_roi(again.roi(3).without_contour(0)).without_roi(7)
    write_structure_set(short, tmp_path / "c.dcm")
    assert 0x30071001 not in read_file(tmp_path / "c.dcm").dataset.elements
    assert read_structure_set(tmp_path / "c.dcm").problems == ()


def test_another_programs_block_stays(long_set, tmp_path):
    write_structure_set(replace(long_set, rois=(Roi(1, "a"),)), tmp_path / "a.dcm")
    peer = pydicom.dcmread(tmp_path / "a.dcm")
    peer.private_block(0x3007, "SOMEONE ELSE", create=True).add_new(0x01, "LO", "theirs")
    peer.save_as(tmp_path / "b.dcm")
    read = read_structure_set(tmp_path / "b.dcm")
    write_structure_set(replace(read, rois=(*read.rois, *long_set.rois)), tmp_path / "c.dcm")
    peer = pydicom.dcmread(tmp_path / "c.dcm")
    assert peer.private_block(0x3007, "SOMEONE ELSE")[0x01].value == "theirs"
    assert peer.private_block(0x3007, "RTVIS STRUCTURE SET")[0x01].value.startswith("SHA256 3 2 ")


def test_implicit_vr_has_no_such_limit(long_set, tmp_path):
    assert write_structure_set(long_set, tmp_path / "made.dcm", implicit_vr=True) == []
    assert read_file(tmp_path / "made.dcm").transfer_syntax_uid == IMPLICIT_LE
    assert compare(long_set, read_structure_set(tmp_path / "made.dcm")).identical
    assert (0x3007, 0x0010) not in pydicom.dcmread(tmp_path / "made.dcm")


@pytest.mark.parametrize("implicit", [False, True])
def test_the_verifier_is_content(long_set, tmp_path, implicit):
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    write_structure_set(long_set, tmp_path / "long.dcm", implicit_vr=implicit)
    done = subprocess.run(["dciodvfy", tmp_path / "long.dcm"], capture_output=True, text=True, check=False)
    assert [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")] == []


def test_private_elements_without_a_creator_are_not_replaced(long_set, tmp_path):
    short = replace(long_set, rois=(Roi(3, "short", long_set.rois[0].contours[:1]),))
    write_structure_set(short, tmp_path / "a.dcm")
    peer = pydicom.dcmread(tmp_path / "a.dcm")
    peer.add_new(BLOCK, "LO", "somebody's")
    peer.save_as(tmp_path / "b.dcm")
    read = read_structure_set(tmp_path / "b.dcm")
    write_structure_set(read.with_roi(replace(long_set.rois[1], frame_of_reference_uid="1.2.3")), tmp_path / "c.dcm")
    peer = pydicom.dcmread(tmp_path / "c.dcm")
    assert peer[BLOCK].value == "somebody's"
    assert peer[0x3007, 0x0011].value == "RTVIS STRUCTURE SET"
    assert peer[0x3007, 0x1101].value.startswith("SHA256 7 1 ")
    again = read_structure_set(tmp_path / "c.dcm")
    assert "contour-digest-differs" not in {one.code for one in again.problems}
