"""The geometry of made series, attribute by attribute: kept as it is, split by rule, and reported."""

from __future__ import annotations

import json

import numpy as np
import pydicom
import pytest
import SimpleITK

from rtvis.app.opening import open_study
from rtvis.cli.main import main
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume

COS, SIN = np.cos(0.3), np.sin(0.3)
POSITIONS = {
    "HFS": [1, 0, 0, 0, 1, 0],
    "FFS": [-1, 0, 0, 0, 1, 0],
    "HFP": [-1, 0, 0, 0, -1, 0],
    "FFP": [1, 0, 0, 0, -1, 0],
    "HFDR": [0, 1, 0, -1, 0, 0],
    "HFDL": [0, -1, 0, 1, 0, 0],
    "FFDR": [0, -1, 0, -1, 0, 0],
    "FFDL": [0, 1, 0, 1, 0, 0],
}
"""ImageOrientationPatient that scanners write for each PatientPosition (PS3.3 C.7.3.1.1.2)."""


def slices(plane, folder, orientation, count=5, step=2.5, **attributes):
    """Slices along the normal, in files whose names, numbers and locations all lie about their order."""
    normal = np.cross(orientation[:3], orientation[3:])
    for n in range(count):
        k = (3 * n + 1) % count
        pixels = np.full((4, 5), k, np.int16)
        place = np.array([-7.5, 11.25, 40.0]) + k * step * normal
        told = {"InstanceNumber": count - n, "SliceLocation": (-1) ** n * 3.0 * n}
        plane(folder / f"{n}", [round(float(one), 9) for one in place], pixels,
              ImageOrientationPatient=[float(one) for one in orientation], **(told | attributes))  # fmt: skip
    return normal


def codes(plan):
    return [one.code for one in plan.problems]


def info(path, capsys):
    assert main(["info", "--json", str(path)]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("position", POSITIONS)
def test_every_patient_position_is_kept_as_it_is(tmp_path, plane, position, capsys):
    orientation = POSITIONS[position]
    normal = slices(plane, tmp_path, orientation, PatientPosition=position)
    (volume,) = open_study(tmp_path).volumes
    assert volume.patient_position == position
    assert volume.voxels[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert volume.problems == ()
    expected = np.eye(4)
    expected[:3, :3] = np.column_stack([0.5 * np.array(orientation[:3]), 0.8 * np.array(orientation[3:]), 2.5 * normal])
    expected[:3, 3] = (-7.5, 11.25, 40.0)
    assert np.allclose(volume.affine_lps, expected, atol=1e-9)
    (told,) = info(tmp_path, capsys)["series"]
    assert np.allclose(told["affine_lps"], expected, atol=1e-9)
    assert told["regular"]
    assert told["problems"] == []
    assert told["spacing_mm"] == pytest.approx([2.5, 0.8, 0.5], abs=1e-9)


@pytest.mark.parametrize(
    "orientation",
    [[1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1], [COS, SIN, 0, -SIN, COS, 0], [COS, 0, SIN, SIN * SIN, COS, -SIN * COS]],
    ids=["coronal", "sagittal", "turned", "doubly oblique"],
)
def test_any_orientation_agrees_with_simpleitk(tmp_path, plane, orientation):
    slices(plane, tmp_path, orientation)
    (plan,) = find_series(tmp_path).plans
    theirs = SimpleITK.ReadImage([str(one.path) for one in plan.slices])
    assert np.array_equal(SimpleITK.GetArrayFromImage(theirs), read_volume(plan).voxels)
    for index in np.random.default_rng(2).uniform(0, 4, (20, 3)):
        point = theirs.TransformContinuousIndexToPhysicalPoint(index.tolist())
        assert np.abs(plan.grid.to_patient(index) - point).max() < 1e-6


def test_a_gantry_tilt_is_a_sheared_grid(tmp_path, plane, capsys):
    for k in range(5):
        plane(tmp_path / str(9 - k), (0, -1.25 * k, 5.0 * k), np.full((4, 5), k, np.int16), GantryDetectorTilt="14.04")
    (volume,) = open_study(tmp_path).volumes
    assert codes(volume) == ["tilt"]
    assert volume.voxels[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert volume.affine_lps[:3, 2].tolist() == [0, -1.25, 5]
    assert volume.grid.to_patient((2, 3, 4)).tolist() == [1.0, -5 + 3 * 0.8, 20]
    (told,) = info(tmp_path, capsys)["series"]
    assert (told["regular"], told["tilt_deg"]) == (False, pytest.approx(14.036, abs=1e-3))


def test_uneven_gaps_are_carried_as_they_are(tmp_path, plane, capsys):
    zs = [0.0, 1.0, 3.5, 4.0, 9.0]
    for k, z in enumerate(zs):
        plane(tmp_path / str(k), (0, 0, z), np.full((4, 5), k, np.int16))
    (volume,) = open_study(tmp_path).volumes
    assert "uneven-gaps" in codes(volume)
    assert [volume.grid.to_patient((0, 0, k))[2] for k in range(5)] == zs
    assert volume.value_at((0.5, 0.8, 8.0)) == 4
    assert volume.value_at((0.5, 0.8, 6.0)) == 3
    (told,) = info(tmp_path, capsys)["series"]
    assert not told["regular"]
    assert [origin[2] for origin in told["slice_origins_lps"]] == zs


def test_missing_slices_are_named(tmp_path, plane):
    for z in (0, 3, 6, 15, 18):
        plane(tmp_path / str(z), (0, 0, z))
    (plan,) = find_series(tmp_path).plans
    (missing,) = [one for one in plan.problems if one.code == "missing-slices"]
    assert missing.message == "2 slice(s) seem to be missing, between slices 3 and 4: gaps are multiples of 3 mm"
    assert plan.grid.shape[0] == 5


def test_two_frames_of_reference_are_two_volumes(tmp_path, plane, capsys):
    for z in range(6):
        plane(tmp_path / str(z), (0, 0, z), FrameOfReferenceUID=f"1.2.3.{z % 2 + 1}", SeriesDescription="mixed")
    plans = find_series(tmp_path).plans
    assert [(one.volume_id, one.frame_of_reference_uid, len(one.slices)) for one in plans] == [
        ("1.2.3.2", "1.2.3.1", 3),
        ("1.2.3.2#2", "1.2.3.2", 3),
    ]
    told = info(tmp_path, capsys)
    assert [one["volume_id"] for one in told["series"]] == ["1.2.3.2", "1.2.3.2#2"]
    assert all("split-series" in {problem["code"] for problem in one["problems"]} for one in told["series"])
    assert "split-series" in {problem["code"] for problem in told["problems"]}


def test_a_localizer_among_the_slices_is_a_volume_of_its_own(tmp_path, plane):
    slices(plane, tmp_path, POSITIONS["HFS"], ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    plane(tmp_path / "scout", (0, -100, 50), np.zeros((9, 9), np.int16), PixelSpacing=[1, 1],
          ImageOrientationPatient=[1, 0, 0, 0, 0, -1], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])  # fmt: skip
    plans = find_series(tmp_path).plans
    assert [one.grid.shape for one in plans] == [(5, 4, 5), (1, 9, 9)]
    assert codes(plans[0]) == ["split-series"]
    assert codes(plans[1]) == ["split-series", "single-slice"]


def test_a_localizer_of_the_same_size_and_orientation_is_told_apart_by_its_image_type(tmp_path, plane):
    slices(plane, tmp_path, POSITIONS["HFS"])
    plane(tmp_path / "scout", (0, 0, 45.1), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    assert [len(one.slices) for one in find_series(tmp_path).plans] == [5, 1]


@pytest.mark.parametrize("number", ["TemporalPositionIdentifier", "EchoNumbers", "AcquisitionNumber"])
def test_time_points_echoes_and_acquisitions_are_volumes(tmp_path, plane, number):
    for phase in (3, 1, 2):
        for k in range(4):
            plane(tmp_path / f"{phase}-{k}", (0, 0, k), np.full((4, 5), phase, np.int16), **{number: phase})
    study = open_study(tmp_path)
    assert [np.unique(one.voxels).tolist() for one in study.volumes] == [[1], [2], [3]]
    assert [one.grid.shape[0] for one in study.volumes] == [4, 4, 4]


def test_images_in_are_images_out_whatever_is_mixed(tmp_path, plane, capsys):
    slices(plane, tmp_path / "a", POSITIONS["HFS"], 7)
    slices(plane, tmp_path / "b", POSITIONS["HFDL"], 5)
    slices(plane, tmp_path / "c", POSITIONS["HFS"], 3, step=5.0, FrameOfReferenceUID="1.9")
    slices(plane, tmp_path / "d", POSITIONS["HFS"], 2)
    plane(tmp_path / "e", PixelSpacing=[0, 1])
    plane(tmp_path / "f", PixelSpacing=[0.8])
    plane(tmp_path / "g", ImageOrientationPatient=[1, 0, 0, 1, 0, 0])
    plane(tmp_path / "h", Modality="SEG", SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4")
    plane(tmp_path / "i", Modality="RTDOSE", SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2")
    told = info(tmp_path, capsys)
    assert sum(one["images"] for one in told["series"]) == 17
    assert {one["path"][-1] for one in told["unreadable"]} == {"e", "f", "g"}
    assert all(one["reason"].startswith("can't be placed") for one in told["unreadable"])
    assert {one["modality"] for one in told["others"]} == {"SEG", "RTDOSE"}


def test_digests_masks_and_numbers_use_the_one_grid(tmp_path, plane):
    """A slice moved by a micrometre is another digest, and the grid says where it is."""
    slices(plane, tmp_path, POSITIONS["HFP"])
    before = open_study(tmp_path).volumes[0]
    file = before.slices[2].path
    ds = pydicom.dcmread(file)
    x, y, z = ds.ImagePositionPatient
    ds.ImagePositionPatient = [x, y, float(z) + 1e-6]
    ds.save_as(file)
    after = open_study(tmp_path).volumes[0]
    assert after.digest() != before.digest()
    moved = after.grid.slice_origins_lps_mm - before.grid.slice_origins_lps_mm
    assert np.abs(moved).max() == pytest.approx(1e-6, rel=1e-3)
    assert np.count_nonzero(moved) == 1
