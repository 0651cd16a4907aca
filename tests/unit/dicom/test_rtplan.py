from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from rtvis.dicom.rtplan import prescribed_dose
from rtvis.model.errors import UnreadableError
from tests.unit.made_plan import item, save_plan


def reference(kind: str, dose: float | None) -> Dataset:
    return item(DoseReferenceType=kind, **({} if dose is None else {"TargetPrescriptionDose": dose}))


@pytest.fixture
def plan(tmp_path):
    def make(*references: Dataset):
        return save_plan(tmp_path / "plan.dcm", DoseReferenceSequence=list(references))

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
