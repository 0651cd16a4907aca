"""Texts of a file in its own character set: kept byte for byte, joined by new ones."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pydicom
import pytest

from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.errors import ExportError


@pytest.fixture
def in_character_set(structure_set, tmp_path):
    """Function that writes a set whose first ROI has a name given by its bytes, as another program would."""

    def write(character_set: str | list[str] | None, name: bytes, syntax: str = "1.2.840.10008.1.2.1"):
        path = tmp_path / "theirs.dcm"
        write_structure_set(structure_set, path, overwrite=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer = pydicom.dcmread(path)
            peer.PatientName = "Doe^Jane"
            peer.StructureSetROISequence[0].ROIName = "X" * len(name)
            peer.SpecificCharacterSet = character_set
            if character_set is None:
                del peer.SpecificCharacterSet
            peer.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
            pydicom.dcmwrite(path, peer)
        path.write_bytes(path.read_bytes().replace(b"X" * len(name), name))
        return read_structure_set(path)

    return write


def saved(structure_set, tmp_path):
    notes = write_structure_set(structure_set, tmp_path / "ours.dcm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        terms = pydicom.dcmread(tmp_path / "ours.dcm").get("SpecificCharacterSet", "")
    return read_structure_set(tmp_path / "ours.dcm"), terms, [one.code for one in notes]


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
def test_letters_of_a_file_without_a_character_set_stand_when_something_else_is_changed(
    in_character_set, tmp_path, syntax
):
    read = in_character_set(None, b"Gl\xe4ndchen", syntax)
    assert read.rois[0].name == "Gl\u00e4ndchen"
    changed = read.with_roi(replace(read.rois[0], algorithm="AUTOMATIC")).with_roi(replace(read.rois[1], name="wire"))
    again, terms, notes = saved(changed, tmp_path)
    assert [one.name for one in again.rois] == ["Gl\u00e4ndchen", "wire", "xor"]
    assert terms == ""
    assert "character-set-named" not in notes
    assert b"Gl\xe4ndchen" in (tmp_path / "ours.dcm").read_bytes()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
def test_letters_added_beside_them_make_the_character_set_named_that_they_were_shown_in(
    in_character_set, tmp_path, syntax
):
    read = in_character_set(None, b"Gl\xe4ndchen", syntax)
    with pytest.raises(ExportError, match="ISO_IR 100"):
        saved(read.with_roi(replace(read.rois[1], name="\u80ba")), tmp_path)
    again, terms, notes = saved(read.with_roi(replace(read.rois[1], name="H\u00fcfte")), tmp_path)
    assert [one.name for one in again.rois] == ["Gl\u00e4ndchen", "H\u00fcfte", "xor"]
    assert terms == "ISO_IR 100"
    assert "character-set-named" in notes


def test_any_letters_can_be_added_where_there_are_none_beyond_ascii(in_character_set, tmp_path):
    read = in_character_set(None, b"Gland")
    again, terms, _ = saved(read.with_roi(replace(read.rois[1], name="\u80ba")), tmp_path)
    assert (again.rois[1].name, terms) == ("\u80ba", "ISO_IR 192")


def test_code_extensions_are_kept_and_written(in_character_set, tmp_path):
    read = in_character_set(["", "ISO 2022 IR 87"], b"\x1b$BGY:8\x1b(B")
    assert read.rois[0].name == "\u80ba\u5de6"
    changed = read.with_roi(replace(read.rois[0], frame_of_reference_uid="1.2.3"))
    changed = changed.with_roi(replace(read.rois[1], name="\u80ba\u5de6 axial"))
    again, terms, _ = saved(changed, tmp_path)
    assert [one.name for one in again.rois] == ["\u80ba\u5de6", "\u80ba\u5de6 axial", "xor"]
    assert list(terms) == ["", "ISO 2022 IR 87"]


def test_an_item_with_a_character_set_of_its_own_keeps_to_it(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "theirs.dcm")
    peer = pydicom.dcmread(tmp_path / "theirs.dcm")
    peer.SpecificCharacterSet = "ISO_IR 100"
    peer.StructureSetROISequence[0].SpecificCharacterSet = "ISO_IR 192"
    peer.StructureSetROISequence[0].ROIName = "\u80ba"
    peer.save_as(tmp_path / "theirs.dcm")
    read = read_structure_set(tmp_path / "theirs.dcm")
    again, _, _ = saved(read.with_roi(replace(read.rois[0], name="\u80ba \u00e4")), tmp_path)
    assert again.rois[0].name == "\u80ba \u00e4"
