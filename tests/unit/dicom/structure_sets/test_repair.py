from __future__ import annotations

import pydicom
import pytest

from rtvis.dicom.matching import match
from rtvis.dicom.repair import repair
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.dicom.series import find_series
from rtvis.model.comparison import compare
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import Contour, ImageReference, Roi


@pytest.fixture
def read(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    return read_structure_set(tmp_path / "a.dcm")


def test_references_are_mended_and_the_file_says_so(read, volume_maker, tmp_path):
    target = volume_maker(series="1.2.8", frame="1.2.99")
    told = repair(read, target, tmp_path / "mended.dcm")
    assert told[0].code == "repaired"
    mended = match(read_structure_set(tmp_path / "mended.dcm"), [target])
    assert mended.matched_by == "references"
    assert mended.problems == ()
    assert compare(read, mended).identical
    assert {one.frame_of_reference_uid for one in mended.rois} == {"1.2.99"}
    assert mended.roi(1).contours[0].images == (ImageReference("1.2.840.10008.5.1.4.1.1.2", "1.2.8.2"),)
    file = pydicom.dcmread(tmp_path / "mended.dcm")
    assert "8 of 8 contours and 3 ROIs" in file.ContributingEquipmentSequence[0].ContributionDescription
    assert file.ContributingEquipmentSequence[0].PurposeOfReferenceCodeSequence[0].CodeMeaning == "Modifying Equipment"
    assert file.SOPInstanceUID != read.sop_instance_uid
    for one, other in zip(
        pydicom.dcmread(read.path).ROIContourSequence[0].ContourSequence,
        file.ROIContourSequence[0].ContourSequence,
        strict=True,
    ):
        assert one.get_item("ContourData").value == other.get_item("ContourData").value


def test_images_without_a_frame_of_reference_are_named_in_that_of_the_set(read, volume_maker, tmp_path):
    repair(read, volume_maker(series="1.2.8", frame=""), tmp_path / "mended.dcm")
    (frame,) = pydicom.dcmread(tmp_path / "mended.dcm").ReferencedFrameOfReferenceSequence
    assert frame.FrameOfReferenceUID == read.frame_of_reference_uid != ""
    assert frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.8"


def test_nothing_to_repair(read, volume, structure_set, tmp_path):
    with pytest.raises(UsageError, match="nothing to repair"):
        repair(read, volume, tmp_path / "b.dcm")
    with pytest.raises(UsageError, match="from a file"):
        repair(structure_set, volume, tmp_path / "b.dcm")
    assert not (tmp_path / "b.dcm").exists()


def test_faults_that_were_there_do_not_stand_in_the_way(field_data, tmp_path):
    scan = find_series([field_data / "pairs" / "LUNG1-002_XiO"])
    before = read_structure_set(scan.structure_sets[0])
    repair(before, scan.plans[0], tmp_path / "mended.dcm")
    after = match(read_structure_set(tmp_path / "mended.dcm"), scan.plans)
    assert after.problems == ()
    assert compare(before, after).identical


def test_drawing_on_images_the_file_does_not_name_adds_them(read, volume_maker, tmp_path):
    target = volume_maker(series="1.2.8")
    matched = match(read, [target])
    drawn = Contour.drawn(target.grid.to_patient([[1, 1, 2]]), closed=False)
    notes = write_structure_set(matched.with_roi(Roi(9, "point", (drawn,))), tmp_path / "b.dcm")
    assert "references-added" in [one.code for one in notes]
    again = match(read_structure_set(tmp_path / "b.dcm"), [target])
    assert again.matched_by == "references"
    assert again.roi(9).contours[0].images[0].sop_instance_uid == "1.2.8.3"
