"""The order of what is open: the first volume and structure set are those that are shown."""

from __future__ import annotations

import pydicom
import pytest

from rtvis.app.opening import open_study
from rtvis.app.session import Session
from tests.unit.dicom.conftest import write_plane


def write(folder, modality, series, slices):
    for k in range(slices):
        uid = f"1.2.3.{series}"
        names = {"SeriesInstanceUID": uid, "SOPInstanceUID": f"{uid}.{k + 1}", "Modality": modality}
        write_plane(folder / uid / f"{k}.dcm", (0.0, 0.0, 3.0 * k), **names)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([("PT", 9), ("CT", 6)], ["CT", "PT"]),
        ([("PT", 9), ("MR", 6), ("CT", 6)], ["CT", "MR", "PT"]),
        ([("CT", 1), ("MR", 6), ("NM", 5)], ["MR", "NM", "CT"]),  # one image alone is a scout
        ([("PT", 5), ("NM", 9)], ["PT", "NM"]),
    ],
)
def test_what_planning_is_done_on_comes_first(tmp_path, written, shown):
    for number, (modality, slices) in enumerate(written, 1):
        write(tmp_path, modality, number, slices)
    assert [volume.modality for volume in open_study(tmp_path).volumes] == shown


def dated_sets(small_study, folder, *made):
    """Copies of a structure set; each has a structure set date and time, and an instance creation time."""
    for number, (date, time, created) in enumerate(made):
        data = pydicom.dcmread(small_study / "structure-set.dcm")
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number + 1}"
        data.StructureSetDate, data.StructureSetTime = date, time
        data.InstanceCreationDate, data.InstanceCreationTime = "20240101", created
        data.save_as(folder / f"{number + 1}.dcm")


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ([("20230101", "1200", "01"), ("20230101", "120001", "01"), ("20221231", "23", "01")], 2),
        ([("20230101", "12", "010101"), ("20230101", "12", "010102")], 2),
        ([("", "", "010101"), ("20230101", "12", "010101"), ("", "", "02")], 3),
        ([("2023.02.01", "", ""), ("20230101", "12", ""), ("nonsense", "", "")], 3),  # created in 2024
    ],
)
def test_the_newest_of_several_structure_sets_is_shown(small_study, tmp_path, made, shown):
    dated_sets(small_study, tmp_path, *made)
    session = Session()
    session.open([small_study / "ct", tmp_path])
    assert session.structure_set.path == tmp_path / f"{shown}.dcm"
    session.activate_volume(session.volume.volume_id)
    assert session.structure_set.path == tmp_path / f"{shown}.dcm"


def test_a_structure_set_that_was_named_comes_before_those_found(small_study, tmp_path, monkeypatch):
    dated_sets(small_study, tmp_path, ("20230101", "", ""), ("20230102", "", ""), ("20230103", "", ""))
    one, two = tmp_path / "1.dcm", tmp_path / "2.dcm"
    ct = small_study / "ct"
    monkeypatch.chdir(tmp_path)
    for named, shown in [([ct, tmp_path, one], one), ([two, ct, one, tmp_path], one), ([ct, tmp_path, "2.dcm"], two)]:
        study = open_study(named)
        assert study.structure_sets[0].path.resolve() == shown
        session = Session()
        session.show(study)
        assert session.structure_set is study.structure_sets[0]


def test_a_newer_structure_set_of_other_images_is_not_shown_on_these(small_study, tmp_path):
    dated_sets(small_study, tmp_path, ("20230101", "", ""), ("20230102", "", ""))
    other = pydicom.dcmread(tmp_path / "2.dcm")
    other.ReferencedFrameOfReferenceSequence = []
    for roi in other.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = "1.9"
    for roi in other.ROIContourSequence:
        for contour in roi.get("ContourSequence", []):
            contour.pop("ContourImageSequence", None)
    other.save_as(tmp_path / "2.dcm")
    session = Session()
    session.open([small_study / "ct", tmp_path])
    assert [one.volume is None for one in session.structure_sets] == [True, False]
    assert session.structure_set.path == tmp_path / "1.dcm"
