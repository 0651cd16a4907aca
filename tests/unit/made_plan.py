"""RT Plan files made for tests, and the doses of their beams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.unit.made_dose import UID, dose_dataset

RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
DOSE_SHAPE = (4, 5, 6)


def item(**values) -> Dataset:
    """An item of a sequence, or a data set, with these attributes."""
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def save_plan(path: Path, **values) -> Path:
    """Write a plan with these attributes, none of which it needs."""
    plan = item(**({"SOPClassUID": RT_PLAN, "SOPInstanceUID": UID.format("4"), "Modality": "RTPLAN"} | values))
    plan.file_meta = FileMetaDataset()
    plan.file_meta.MediaStorageSOPClassUID, plan.file_meta.MediaStorageSOPInstanceUID = RT_PLAN, plan.SOPInstanceUID
    plan.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plan.save_as(path, enforce_file_format=True)
    return path


def write_plan(path: Path, beams=(1, 2, 3), *, setup=()) -> Path:
    """Write a plan of the patient of `made_dose` with these treatment beams and setup beams."""
    named = [item(ReferencedBeamNumber=n, BeamMeterset=100.0) for n in beams]
    return save_plan(
        path, PatientID="P1", PatientName="Doe^Jo", StudyInstanceUID=UID.format("2"), SeriesInstanceUID=UID.format("5"),
        SeriesDescription="Plan",
        BeamSequence=[
            item(BeamNumber=n, BeamName=f"Field {n}", TreatmentDeliveryType="SETUP" if n in setup else "TREATMENT")
            for n in (*beams, *setup)
        ],
        FractionGroupSequence=[item(ReferencedBeamSequence=named)],
        DoseReferenceSequence=[item(DoseReferenceType="TARGET", TargetPrescriptionDose=2.0)],
    )  # fmt: skip


def write_beam(folder: Path, number: int, beams, *, scaling="0.001", **said) -> np.ndarray:
    """Write the dose of some beams of that plan; its values in Gy."""
    stored = np.random.default_rng(number).integers(0, 2000, DOSE_SHAPE).astype(np.uint16)
    dose = dose_dataset(stored, number=number, scaling=scaling, **said)
    dose.DoseSummationType = "BEAM"
    group = item(ReferencedBeamSequence=[item(ReferencedBeamNumber=n) for n in beams], ReferencedFractionGroupNumber=1)
    dose.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence = [group]
    dose.save_as(folder / f"dose {number}.dcm", enforce_file_format=True)
    return stored * float(scaling)
