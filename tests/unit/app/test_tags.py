"""The tag tree: all of it, private and nested ones too, and what is damaged doesn't hide the rest."""

from __future__ import annotations

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from rtvis.app.tags import read_tags, search
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
    assert node.name == "Private element"


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
