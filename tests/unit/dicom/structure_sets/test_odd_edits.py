"""Edits in files whose sequences or values are odd: they can be saved, and nothing beside them is lost."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.errors import ExportError
from rtvis.model.structure_set import LARGEST_IS, Contour, Roi, StructureSet

TRIANGLE = Contour.drawn([[0, 0, 0], [10, 0, 0], [10, 10, 0]], closed=True)


def peer_read(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the values that are odd on purpose
        return pydicom.dcmread(path)


def made(path: Path, structure_set: StructureSet) -> Dataset:
    """A file of a made set, to be made odd with pydicom."""
    write_structure_set(structure_set, path)
    return peer_read(path)


def odd(peer: Dataset, path: Path) -> StructureSet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.save_as(path)
    return read_structure_set(path)


def saved(structure_set: StructureSet, path: Path) -> StructureSet:
    write_structure_set(structure_set, path)
    return read_structure_set(path)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "found"},
        {"color": (1, 2, 3)},
        {"interpreted_type": "CTV"},
        {"contours": (TRIANGLE,)},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("unnumbered", ["roi", "contours", "both"])
def test_rois_without_a_number_can_be_edited_and_saved(change, unnumbered, structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    if unnumbered != "contours":
        peer.StructureSetROISequence[1].ROINumber = None
    if unnumbered != "roi":
        peer.ROIContourSequence[1].ReferencedROINumber = None
    read = odd(peer, tmp_path / "odd.dcm")
    for number in [one.number for one in read.rois if one.number not in {1, 3}]:
        before = read.roi(number)
        back = saved(read.with_roi(replace(before, **change)), tmp_path / f"{number}.dcm")
        assert len(back.rois) == len(read.rois)
        attribute, wanted = next(iter(change.items()))
        if attribute == "contours":
            assert [len(one.contours) for one in back.rois if one.number == number] == [1]
        else:
            assert getattr(back.roi(number), attribute) == wanted
            assert len(back.roi(number).contours) == len(before.contours)


def test_numbers_made_up_fit_an_integer_string(structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    peer.StructureSetROISequence[0].ROINumber = LARGEST_IS
    peer.ROIContourSequence[0].ReferencedROINumber = LARGEST_IS
    peer.StructureSetROISequence[1].ROINumber = None
    read = odd(peer, tmp_path / "odd.dcm")
    assert LARGEST_IS in {one.number for one in read.rois}
    assert max(one.number for one in read.rois) <= LARGEST_IS
    assert len({one.number for one in read.rois}) == len(read.rois)


def test_an_underscore_is_no_digit(structure_set, tmp_path):
    made(tmp_path / "a.dcm", structure_set.with_roi(Roi(44_44, "d")))
    data = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "b.dcm").write_bytes(data.replace(b"IS\x04\x004444", b"IS\x04\x004_44"))
    read = read_structure_set(tmp_path / "b.dcm")
    assert "roi-number-missing" in {one.code for one in read.problems}
    assert 444 not in {one.number for one in read.rois}


def test_what_a_second_list_of_contours_says_survives_an_edit(structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    second = Dataset()
    second.ReferencedROINumber = 1
    second.ROIDisplayColor = [7, 8, 9]
    second.ContourSequence = Sequence([peer.ROIContourSequence[0].ContourSequence.pop()])
    second.private_block(0x3287, "ACME", create=True).add_new(1, "LO", "kept")
    plain = Dataset()
    plain.ReferencedROINumber = 1
    plain.ContourSequence = Sequence([peer.ROIContourSequence[0].ContourSequence.pop()])
    peer.ROIContourSequence += [second, plain]
    read = odd(peer, tmp_path / "odd.dcm")
    assert len(read.roi(1).contours) == len(structure_set.roi(1).contours)
    back = saved(read.with_roi(read.roi(1).with_contour(TRIANGLE)), tmp_path / "b.dcm")
    assert len(back.roi(1).contours) == len(structure_set.roi(1).contours) + 1
    lists = [one for one in peer_read(tmp_path / "b.dcm").ROIContourSequence if one.ReferencedROINumber == 1]
    assert len(lists) == 2
    assert lists[1].private_block(0x3287, "ACME")[1].value == "kept"
    assert list(lists[1].ROIDisplayColor) == [7, 8, 9]


def test_only_the_attribute_that_was_changed_binds(structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    for one in peer.StructureSetROISequence[:2]:
        one.ROIName = "twice"
        one.ROIGenerationAlgorithm = "auto"
        del one.ReferencedFrameOfReferenceUID
    peer.RTROIObservationsSequence[0].RTROIInterpretedType = "odd type"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.StructureSetROISequence[2].ROIName = "x" * 70
    read = odd(peer, tmp_path / "odd.dcm")
    number = read.rois[0].number
    back = saved(read.with_roi(replace(read.roi(number), color=(4, 5, 6))), tmp_path / "b.dcm")
    assert (back.roi(number).color, back.roi(number).name) == ((4, 5, 6), "twice")
    assert back.roi(number).interpreted_type == "odd type"
    last = read.rois[2].number
    back = saved(read.with_roi(replace(read.roi(last), interpreted_type="PTV")), tmp_path / "c.dcm")
    assert (back.roi(last).interpreted_type, back.roi(last).name) == ("PTV", "x" * 70)
    for change in ({"name": "x" * 70}, {"algorithm": "bad"}, {"interpreted_type": "bad"}, {"number": 77}):
        with pytest.raises(ExportError):  # a twin of a doubled name with a number of its own is new
            write_structure_set(
                replace(read, rois=(replace(read.rois[0], **change), *read.rois[1:])), tmp_path / "d.dcm"
            )


@pytest.mark.parametrize("name", ["trailing ", " leading", "a=b", "a^b", "\u00a0hard", "e\u0301", "\U0001f9e0"])
def test_names_with_spaces_and_signs_can_be_saved(name, structure_set, tmp_path):
    back = saved(structure_set.with_roi(replace(structure_set.roi(2), name=name)), tmp_path / "a.dcm")
    assert back.roi(2).name.strip(" ") == name.strip(" ")


def test_a_new_roi_gets_no_observation_that_was_of_another(structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    peer.RTROIObservationsSequence[2].ReferencedROINumber = 4
    peer.RTROIObservationsSequence[2].RTROIInterpretedType = "CAVITY"
    read = odd(peer, tmp_path / "odd.dcm")
    assert read.next_number() == 4
    notes = write_structure_set(read.with_roi(Roi(4, "new", (TRIANGLE,))), tmp_path / "b.dcm")
    assert [one.roi for one in notes if one.code == "observation-of-nothing"] == [4]
    assert read_structure_set(tmp_path / "b.dcm").roi(4).interpreted_type == ""
    kept = saved(read.with_roi(replace(read.roi(1), color=(4, 5, 6))), tmp_path / "c.dcm")
    assert "observation-of-nothing" in {one.code for one in kept.problems}


def test_a_made_up_number_is_not_that_of_an_observation(structure_set, tmp_path):
    peer = made(tmp_path / "a.dcm", structure_set)
    peer.StructureSetROISequence[1].ROINumber = None
    peer.RTROIObservationsSequence[2].ReferencedROINumber = 4
    peer.RTROIObservationsSequence[2].RTROIInterpretedType = "CAVITY"
    read = odd(peer, tmp_path / "odd.dcm")
    assert "CAVITY" not in {one.interpreted_type for one in read.rois}
