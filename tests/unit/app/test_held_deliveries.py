"""Deliveries told of by what their files say, and without the patient where that is hidden."""

from __future__ import annotations

import shutil

import pydicom

from rtvis.app.held_deliveries import describe_deliveries
from rtvis.transfer.inbox import HeldVolume


def delivered(study, folder):
    folder.mkdir()
    for number, path in enumerate(sorted(study.rglob("*.dcm")), start=1):
        dataset = pydicom.dcmread(path)
        dataset.PatientName, dataset.PatientID = "Roe^Jane", "J-4711"
        if dataset.Modality == "RTSTRUCT":
            dataset.StructureSetLabel = "Plan of Roe"
        else:
            dataset.SeriesDescription = "Thorax Roe"
        dataset.save_as(folder / f"{number:05d}.dcm")
    return HeldVolume("1.2", "1.2", "md5:0", "Ada", "2026-01-01T00:00:00Z", 10, folder, structure_sets=1)


def test_a_delivery_is_told_of_by_what_its_files_say(small_study, tmp_path):
    asked = []
    held = delivered(small_study, tmp_path / "one")
    [found] = describe_deliveries([held], lambda *numbers: asked.append(numbers))
    assert asked == [(1, 1)]
    assert (found.volume, found.modality, found.description) == (held, "CT", "Thorax Roe")
    assert (found.patient.name, found.patient.patient_id) == ("Roe^Jane", "J-4711")
    assert found.labels == ("Plan of Roe",)


def test_without_the_patient_nothing_names_them(small_study, tmp_path):
    [found] = describe_deliveries([delivered(small_study, tmp_path / "one")])
    hidden = found.without_patient()
    assert "Roe" not in repr((hidden.patient, hidden.description, hidden.labels))
    assert hidden.modality == "CT"
    assert hidden.description.startswith("Thorax")


def test_a_delivery_whose_files_are_damaged_or_gone_is_listed_all_the_same(small_study, tmp_path):
    held = delivered(small_study, tmp_path / "one")
    for path in held.path.iterdir():
        path.write_bytes(path.read_bytes()[:200])
    [found] = describe_deliveries([held])
    assert (found.volume, found.modality, found.labels) == (held, "", ())
    shutil.rmtree(held.path)
    [found] = describe_deliveries([held])
    assert found.volume is held
