from __future__ import annotations

import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from rtvis.dicom.rtplan import prescribed_dose
from rtvis.model.errors import UnreadableError


def reference(kind: str, dose: float | None) -> Dataset:
    one = Dataset()
    one.DoseReferenceType = kind
    if dose is not None:
        one.TargetPrescriptionDose = dose
    return one


@pytest.fixture
def plan(tmp_path):
    def make(*references: Dataset):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.5"
        meta.MediaStorageSOPInstanceUID = "1.2.3"
        ds = FileDataset(str(tmp_path / "plan.dcm"), {}, file_meta=meta, preamble=b"\0" * 128)
        ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = meta.MediaStorageSOPClassUID, "1.2.3", "RTPLAN"
        ds.DoseReferenceSequence = list(references)
        ds.save_as(tmp_path / "plan.dcm", enforce_file_format=True)
        return tmp_path / "plan.dcm"

    return make


def test_the_largest_dose_to_a_target_is_prescribed(plan) -> None:
    oar = reference("ORGAN_AT_RISK", 70.0)
    assert prescribed_dose(plan(reference("TARGET", 50.0), reference("TARGET", 60.0), oar)) == 60.0
    assert prescribed_dose(plan(reference("TARGET", 0.5))) == 0.5
    assert prescribed_dose(plan(reference("", 30.0))) == 30.0


def test_a_plan_without_a_dose_prescribes_none(plan) -> None:
    assert prescribed_dose(plan()) is None
    assert prescribed_dose(plan(reference("TARGET", None), reference("TARGET", 0.0))) is None
    assert prescribed_dose(plan(reference("ORGAN_AT_RISK", 20.0))) is None


def test_what_is_no_plan_is_one_line(tmp_path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff" * 500)
    with pytest.raises(UnreadableError):
        prescribed_dose(tmp_path / "noise")
