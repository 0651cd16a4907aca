"""Which dose is 100 %: the plan's prescription where it is open and fits."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from rtvis.app.dose_in_study import read_dose_in_study
from rtvis.app.opening import open_study
from rtvis.app.overlay_state import OverlayState
from tests.unit.app.test_overlays import volume
from tests.unit.made_dose import UID, dose_dataset

RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"


@pytest.fixture
def folder(tmp_path):
    stored = np.zeros((6, 8, 9), np.uint16)
    stored[2, 3, 4] = 64_000
    dose_dataset(stored).save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    plan = Dataset()
    plan.SOPClassUID, plan.SOPInstanceUID, plan.Modality = RT_PLAN, UID.format("4"), "RTPLAN"
    plan.PatientID, plan.StudyInstanceUID, plan.SeriesInstanceUID = "P1", UID.format("2"), UID.format("5")
    organ, target = Dataset(), Dataset()
    organ.DoseReferenceType, organ.TargetPrescriptionDose = "ORGAN_AT_RISK", "70"
    target.DoseReferenceType, target.TargetPrescriptionDose = "TARGET", "60"
    plan.DoseReferenceSequence = [organ, target]
    plan.file_meta = FileMetaDataset()
    plan.file_meta.MediaStorageSOPClassUID, plan.file_meta.MediaStorageSOPInstanceUID = RT_PLAN, plan.SOPInstanceUID
    plan.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plan.save_as(tmp_path / "plan.dcm", enforce_file_format=True)
    return tmp_path


def found(folder):
    return read_dose_in_study(folder / "dose.dcm", open_study(folder))


def changed(path, **attributes):
    dataset = pydicom.dcmread(path)
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)


def test_what_the_plan_prescribes_to_its_target_is_100_percent(folder):
    one = found(folder)
    assert one.prescribed_gy == 60.0
    assert one.note == "100 % is what the plan prescribes, 60 Gy"
    state = OverlayState()
    state.show_dose(one.dose, volume(1), prescribed=one.prescribed_gy)
    assert state.isodoses.reference == 60.0
    assert state.look.bounds == pytest.approx((0.0, 64.0))


def test_colours_go_little_beyond_the_prescription_where_dose_goes_far(folder):
    one = found(folder)
    state = OverlayState()
    state.show_dose(one.dose, volume(1), prescribed=10.0)
    assert state.look.bounds == pytest.approx((0.0, 12.0))
    assert state.look.threshold == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"DoseSummationType": "BEAM"}, "100 % is the largest dose, 64 Gy"),
        ({"DoseUnits": "RELATIVE"}, "100 % is the largest dose, 64 relative"),
        ({"ReferencedRTPlanSequence": []}, "100 % is the largest dose, 64 Gy"),
    ],
)
def test_of_a_beam_or_in_no_unit_the_largest_dose_is(folder, attributes, words):
    changed(folder / "dose.dcm", **attributes)
    one = found(folder)
    assert (one.prescribed_gy, one.note) == (None, words)


def test_a_plan_that_says_nothing_or_cannot_be_read_keeps_no_dose_from_being_shown(folder):
    changed(folder / "plan.dcm", DoseReferenceSequence=[])
    assert found(folder).note.endswith("the plan names no prescription")
    study = open_study(folder)
    (folder / "plan.dcm").write_bytes((folder / "plan.dcm").read_bytes()[:-30])
    one = read_dose_in_study(folder / "dose.dcm", study)
    assert one.prescribed_gy is None
    assert "plan.dcm is truncated" in one.note


def test_a_real_plan(field_data):
    place = field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR"
    study = open_study(place)
    one = read_dose_in_study(place / "DO001.dcm", study)
    assert one.prescribed_gy == 16.0
    assert one.dose.maximum > 1000
