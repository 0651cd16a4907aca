"""The tag tree: all of it, private and nested ones too, and what is damaged doesn't hide the rest."""

from __future__ import annotations

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from rtvis.app.tags import HIDDEN, patient_words_of, read_tags, search, tree_text, without_patient
from rtvis.app.tags_compare import Change, compare
from rtvis.model.errors import UnreadableError


@pytest.fixture
def path(tmp_path):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.PatientName = "Doe^Jo"
    dataset.StructureSetLabel = "x" * 16
    block = dataset.private_block(0x3007, "ACME 1.0", create=True)
    block.add_new(0x01, "LO", "hidden treasure")
    inner, outer = Dataset(), Dataset()
    inner.ContourGeometricType = "POINT"
    inner.ContourData = [float(n) for n in range(300)]
    outer.ReferencedROINumber = 7
    outer.ContourSequence = [inner]
    dataset.ROIContourSequence = [outer]
    dataset.PixelData = bytes(range(256)) * 40
    dataset["PixelData"].VR = "OB"
    target = tmp_path / "one.dcm"
    dataset.save_as(target, enforce_file_format=True)
    return target


def test_every_element_is_there_with_tag_name_and_vr(path):
    nodes = {node.tag: node for node in read_tags(path)}
    expected = {str(tag).lower().replace(" ", "") for tag in pydicom.dcmread(path)}
    assert {str(tag) for tag in nodes} >= {
        f"({element.tag.group:04x},{element.tag.element:04x})" for element in pydicom.dcmread(path)
    }
    assert len(expected) <= len(nodes)
    assert (nodes["(0010,0010)"].name, nodes["(0010,0010)"].vr) == ("Patient's Name", "PN")
    assert nodes["(0002,0010)"].value.startswith("1.2.840.10008.1.2.1")


def test_private_elements_are_named_by_their_creator_or_called_private(path):
    node = next(node for node in read_tags(path) if node.value == "hidden treasure")
    assert node.private
    assert (node.name, node.creator) == ("Private element", "ACME 1.0")
    assert search(read_tags(path), "acme")[-1].value == "hidden treasure"


def test_sequences_are_folded_and_unfold_to_any_depth(path):
    roi_contours = next(node for node in read_tags(path) if node.tag == "(3006,0039)")
    assert roi_contours.value == "1 item"
    [item] = roi_contours.children()
    contours = next(node for node in item.children() if node.tag == "(3006,0040)")
    [contour] = contours.children()
    data = next(node for node in contour.children() if node.tag == "(3006,0050)")
    assert data.value.endswith("(300 values)")


def test_long_binary_values_are_told_by_their_length(path):
    pixels = next(node for node in read_tags(path) if node.tag == "(7fe0,0010)")
    assert pixels.value.startswith("10240 bytes: 00 01 02")


def test_search_looks_into_sequences_whatever_the_case(path):
    nodes = read_tags(path)
    assert [node.value for node in search(nodes, "TREASURE")] == ["hidden treasure"]
    assert [node.tag for node in search(nodes, "contour geometric")] == ["(3006,0042)"]
    assert search(nodes, "nothing like it") == []


def test_a_file_that_is_not_dicom_is_one_clear_error(tmp_path):
    target = tmp_path / "notes.txt"
    target.write_text("no DICOM here")
    with pytest.raises(UnreadableError, match=r"notes\.txt"):
        read_tags(target)


def test_a_value_is_whole_where_it_is_copied(path):
    (data,) = search(read_tags(path), "(3006,0050)")
    assert len(data.value) < len(data.whole_value)
    assert data.whole_value.split("\\") == [f"{n}.0" for n in range(300)]


def test_the_tree_as_text_has_every_element_at_its_depth_and_no_patient_who_is_hidden(path):
    lines = tree_text(read_tags(path), without_patient).split("\n")
    assert "(0010,0010)\tPN\tPatient's Name\thidden" in lines
    assert "  Item 1\t\tROI 7\t2 elements" in lines
    assert "        (3006,0042)\tCS\tContour Geometric Type\tPOINT" in lines


def test_search_finds_no_hidden_value_and_stops_at_enough(path):
    nodes = read_tags(path)
    assert search(nodes, "doe", shown=without_patient) == []
    assert len(search(nodes, "contour", most=2)) == 2


def test_long_numbers_are_told_by_their_count_and_as_they_are_written(tmp_path):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.ContourData = ["1.50", "-2.0"] * 3000
    dataset.StructureSetLabel = "behind a long value"
    dataset.save_as(tmp_path / "deflated.dcm", enforce_file_format=True)
    nodes = {node.tag: node for node in read_tags(tmp_path / "deflated.dcm")}
    assert nodes["(3006,0050)"].value.startswith("1.50\\-2.0\\1.50")
    assert nodes["(3006,0050)"].value.endswith("… (6000 values)")
    assert nodes["(3006,0002)"].value == "behind a long value"


@pytest.fixture
def image(tmp_path):
    """A file whose last element is a comment."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.Modality, dataset.PatientID, dataset.ImageComments = "CT", "P77", "a comment that is cut off"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    target = tmp_path / "image.dcm"
    dataset.save_as(target, enforce_file_format=True)
    return target


def test_a_file_without_header_is_shown_as_it_is_opened(image, tmp_path):
    data, bare = image.read_bytes(), tmp_path / "bare.dcm"
    bare.write_bytes(data[132 + 12 + int.from_bytes(data[140:144], "little") :])  # preamble, length of group 2, group 2
    wanted = [(one.tag, one.value) for one in read_tags(image) if not one.tag.startswith("(0002,")]
    assert [(one.tag, one.value) for one in read_tags(bare)] == wanted
    assert len(wanted) == 5


def test_a_file_that_is_cut_off_says_so_after_what_can_be_read(image):
    assert read_tags(image)[-1].value == "a comment that is cut off"
    image.write_bytes(image.read_bytes()[:-7])
    nodes = read_tags(image)
    assert ("(0010,0020)", "P77") in [(one.tag, one.value) for one in nodes]
    assert nodes[-1].tag == ""
    assert "ends" in nodes[-1].value


def test_ideographs_are_shown_and_found_and_odd_letters_never_hide_a_name(tmp_path):
    dataset = Dataset()
    dataset.SpecificCharacterSet = ["ISO 2022 IR 6", "ISO 2022 IR 87"]
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    dataset.PatientID = "P77"
    dataset.ImageComments = "山田 太郎"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "kanji.dcm"
    dataset.save_as(path, enforce_file_format=True)
    nodes = read_tags(path)
    name = next(one for one in nodes if one.tag == "(0010,0010)")
    assert name.value == "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert name in search(nodes, "太郎")
    words = patient_words_of(nodes)
    comment = next(one for one in nodes if one.tag == "(0020,4000)")
    assert without_patient(comment, words).value == HIDDEN


def test_what_is_in_sequences_is_hidden_too_and_so_is_the_end_of_a_long_value(tmp_path):
    inner = Dataset()
    inner.PatientName, inner.StudyDescription = "Miller^Eva", "Muller follow-up"
    inner.ROINumber, inner.ROIName = 7, "PTV Mueller"
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Müller^Eva", "P77", "19500102"
    dataset.ImageComments = f"{'long ' * 100}Mueller"
    dataset.AdditionalPatientHistory = "born 2.1.1950 or 02.01.1950"
    dataset.StructureSetROISequence = [inner]
    dataset.add_new(0x00091001, "UN", "Müller".encode())
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "nested.dcm"
    dataset.save_as(path, enforce_file_format=True)
    nodes = read_tags(path)
    words = patient_words_of(nodes)
    text = tree_text(nodes, lambda node: without_patient(node, words))
    assert not [one for one in ("Muller", "Müller", "Mueller", "Miller", "02.01.1950", "4d c3 bc") if one in text]
    assert "ROI 7 PTV …" in text
    rois = without_patient(next(one for one in nodes if one.tag == "(3006,0020)"), words)
    [item] = rois.children()
    assert item.number == "7"
    assert [one.value for one in item.children() if one.tag in {"(0008,1030)", "(0010,0010)"}] == [HIDDEN, HIDDEN]


def test_many_numbers_are_shown_and_compared_without_being_taken_apart(tmp_path, monkeypatch):
    numbers = [f"{n}.50" for n in range(40_000)]
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.ContourData = numbers
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    for name in ("one", "other"):
        dataset.save_as(tmp_path / f"{name}.dcm", enforce_file_format=True)
    monkeypatch.setattr("pydicom.valuerep.DSfloat.__new__", lambda *_, **__: pytest.fail("a number was taken apart"))
    one, other = (read_tags(tmp_path / f"{name}.dcm") for name in ("one", "other"))
    data = one[-1]
    assert data.value.startswith("0.50\\1.50\\2.50")
    assert data.value.endswith("… (40000 values)")
    assert data.whole_value == "\\".join(numbers)
    assert data.is_long
    assert {pair.change for pair in compare(one, other)} == {Change.SAME}
