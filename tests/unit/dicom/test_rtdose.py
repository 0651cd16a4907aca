"""Dose files: where each frame's dose is, how much it is, and what is refused."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

import rtvis
from rtvis.dicom.rtdose import read_dose
from rtvis.dicom.series import find_series
from rtvis.model.errors import UnreadableError
from tests.unit.made_dose import dose_dataset, write_dose

HOT = (3, 4, 6)
"""Frame, row, column of the one voxel that has a dose."""


def hot_spot(dtype=np.uint32, shape=(6, 8, 9)):
    stored = np.zeros(shape, dtype)
    stored[HOT] = 60_000
    return stored


def place_of(said, offset_mm):
    """Where the hot voxel's centre is, by the equation of PS3.3 C.7.6.2.1.1, from attributes alone."""
    position = np.array(said.get("position", (-31.0, 12.5, -140.0)))
    x, y = np.array(said.get("orientation", (1.0, 0, 0, 0, 1.0, 0))).reshape(2, 3)
    return position + 2.0 * HOT[2] * x + 2.5 * HOT[1] * y + offset_mm * np.cross(x, y)


TILTED = (np.cos(0.3), 0.0, np.sin(0.3), 0.0, 1.0, 0.0)

KINDS = {
    "relative": ({"offsets": [0, 3, 6, 9, 12, 15]}, 9.0),
    "relative, descending": ({"offsets": [0, -3, -6, -9, -12, -15]}, -9.0),
    "relative, uneven": ({"offsets": [0, 2, 4, 7, 12, 15]}, 7.0),
    "relative, on oblique planes": ({"orientation": TILTED, "offsets": [0, 3, 6, 9, 12, 15]}, 9.0),
    "relative, sagittal planes": ({"orientation": (0, 1.0, 0, 0, 0, -1.0), "offsets": [0, 3, 6, 9, 12, 15]}, 9.0),
    "relative, feet first": ({"orientation": (-1.0, 0, 0, 0, 1.0, 0), "offsets": [0, 3, 6, 9, 12, 15]}, 9.0),
    "absolute": ({"offsets": [-140, -137, -134, -131, -128, -125]}, 9.0),
    "absolute, descending": ({"offsets": [-140, -143, -146, -149, -152, -155]}, -9.0),
    "absolute, first plane at z 0": ({"position": (-31.0, 12.5, 0.0), "offsets": [0, 3, 6, 9, 12, 15]}, 9.0),
    # The normal of these planes points to the feet: z grows against it.
    "absolute, feet first": (
        {"orientation": (-1.0, 0, 0, 0, 1.0, 0), "offsets": [-140, -137, -134, -131, -128, -125]},
        -9.0,
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_hot_spot_is_where_the_offsets_put_its_frame(tmp_path, name):
    said, offset_mm = KINDS[name]
    dose = read_dose(write_dose(tmp_path / "dose.dcm", hot_spot(), **said))
    place = place_of(said, offset_mm)
    assert float(dose.at(place)) == pytest.approx(60.0)
    assert dose.volume.value_at(place) == pytest.approx(60.0)
    step = dose.volume.grid.row_direction
    assert float(dose.at(place + 0.5 * step)) == pytest.approx(45.0)
    assert dose.maximum == pytest.approx(60.0)
    assert dose.units == "Gy"


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_every_encoding_gives_the_same_dose(tmp_path, dtype, syntax):
    stored = np.arange(6 * 8 * 9, dtype=dtype).reshape(6, 8, 9) * 7
    dataset = dose_dataset(stored)
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax is ExplicitVRBigEndian:
        dataset.PixelData = stored.astype(stored.dtype.newbyteorder(">")).tobytes()
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    np.testing.assert_array_equal(dose.volume.voxels, stored)
    np.testing.assert_allclose(dose.volume.values, stored * 0.001, rtol=1e-6)


def test_a_difference_of_doses_may_be_negative(tmp_path):
    stored = np.full((2, 3, 4), -500, np.int32)
    dataset = dose_dataset(stored)
    dataset.DoseType = "ERROR"
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    assert dose.dose_type == "ERROR"
    assert float(dose.volume.values.min()) == pytest.approx(-0.5)


def test_a_single_plane_needs_no_offsets_and_stands_for_its_thickness(tmp_path):
    dataset = dose_dataset(np.full((1, 3, 4), 2000, np.uint16))
    dataset.SliceThickness = "4"
    assert "GridFrameOffsetVector" not in dataset
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    inside = np.array([-29.0, 15.0, -140.0])
    assert float(dose.at(np.add(inside, [0, 0, 1.9]))) == pytest.approx(2.0)
    assert np.isnan(dose.at(np.add(inside, [0, 0, 2.1])))


def test_outside_its_voxel_centres_a_dose_says_nothing(tmp_path):
    dose = read_dose(write_dose(tmp_path / "dose.dcm", hot_spot()))
    first, last = dose.volume.grid.to_patient([[0, 0, 0], [8, 7, 5]])
    assert np.isfinite(dose.at(np.array([first, last]))).all()
    assert np.isnan(dose.at(np.array([first - [0.1, 0, 0], np.add(last, [0, 0, 0.1])]))).all()


def test_units_types_and_plan_are_told(tmp_path):
    dataset = dose_dataset(hot_spot())
    dataset.DoseUnits, dataset.DoseSummationType = "RELATIVE", "BEAM"
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    assert (dose.units, dose.summation_type, dose.dose_type) == ("relative", "BEAM", "PHYSICAL")
    assert dose.plan_uid == dataset.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID
    assert not dose.volume.problems


REFUSED = {
    "scaling absent": (lambda one: delattr(one, "DoseGridScaling"), "DoseGridScaling is absent"),
    "scaling 0": (lambda one: setattr(one, "DoseGridScaling", "0"), "DoseGridScaling is 0"),
    "offsets absent": (lambda one: delattr(one, "GridFrameOffsetVector"), "GridFrameOffsetVector is absent"),
    "too few offsets": (lambda one: setattr(one, "GridFrameOffsetVector", [0, 3]), "has 2 elements for 6 frames"),
    "offsets of neither kind": (
        lambda one: setattr(one, "GridFrameOffsetVector", [5, 8, 11, 14, 17, 20]),
        "begins with 5, which is neither 0",
    ),
    "offsets back and forth": (
        lambda one: setattr(one, "GridFrameOffsetVector", [0, 3, 6, 5, 9, 12]),
        "neither ascends nor descends",
    ),
    "z coordinates on sagittal planes": (
        lambda one: (
            setattr(one, "ImageOrientationPatient", [0, 1, 0, 0, 0, -1]),
            setattr(one, "GridFrameOffsetVector", [-140, -137, -134, -131, -128, -125]),
        ),
        "aren't transverse",
    ),
    "no position": (lambda one: delattr(one, "ImagePositionPatient"), "ImagePositionPatient should be 3 numbers"),
    "no grid": (lambda one: delattr(one, "PixelData"), "there is no dose grid"),
    "another object": (
        lambda one: (setattr(one, "Modality", "RTPLAN"), setattr(one, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.481.5")),
        "isn't an RT Dose file",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dose_that_cannot_be_placed_or_scaled_is_refused_in_one_line(tmp_path, name):
    change, words = REFUSED[name]
    dataset = dose_dataset(hot_spot())
    change(dataset)
    path = tmp_path / "dose.dcm"
    dataset.save_as(path, enforce_file_format=True)
    with pytest.raises(UnreadableError, match=words) as caught:
        read_dose(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_dose_is_refused(tmp_path):
    whole = write_dose(tmp_path / "dose.dcm", hot_spot()).read_bytes()
    for share in (0.02, 0.3, 0.6, 0.99):
        (tmp_path / "cut.dcm").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableError, match=r"truncated|isn't an RT Dose"):
            read_dose(tmp_path / "cut.dcm")


def test_oddities_that_keep_nothing_from_being_shown_are_told(tmp_path):
    dataset = dose_dataset(hot_spot())
    del dataset.FrameIncrementPointer
    del dataset.FrameOfReferenceUID
    dataset.DoseUnits = "CGY"
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    codes = [problem.code for problem in dose.volume.problems]
    assert codes == ["frame-increment", "dose-units", "missing-frame-of-reference"]
    assert dose.units == "CGY"


def test_a_dose_is_listed_with_its_frame_of_reference(tmp_path):
    write_dose(tmp_path / "dose.dcm", hot_spot(), frame_of_reference_uid="1.2.3.4")
    (other,) = find_series(tmp_path).others
    assert (other.modality, other.frame_of_reference_uid, other.patient_id) == ("RTDOSE", "1.2.3.4", "P1")


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not installed")
def test_the_made_doses_are_valid(tmp_path):
    path = write_dose(tmp_path / "dose.dcm", hot_spot())
    said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert not [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]


def test_scripts_read_a_dose_in_one_line(tmp_path):
    dose = rtvis.read_dose(write_dose(tmp_path / "dose.dcm", hot_spot()))
    assert isinstance(dose, rtvis.Dose)
    assert float(dose.volume.values.max()) == pytest.approx(dose.maximum)


def test_real_doses(field_data):
    """Frames that descend (brachytherapy), 16 and 32 bits, run-length coded, without a position among the offsets."""
    brachy = read_dose(field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR" / "DO001.dcm")
    assert brachy.volume.grid.shape == (56, 80, 80)
    np.testing.assert_allclose(brachy.volume.grid.slice_origins_lps_mm[[0, -1], 2], [-45.0, 10.0])
    assert brachy.maximum == pytest.approx(2043.182, abs=1e-3)
    beams = sorted((field_data / "pairs" / "phantom_Oncentra").glob("RD*.dcm"))
    assert sorted(round(read_dose(one).maximum, 3) for one in beams) == [0.0, 5.527, 6.042, 6.252]
    small = field_data / "broken_and_small"
    plain, coded = read_dose(small / "rtdose.dcm"), read_dose(small / "rtdose_rle.dcm")
    np.testing.assert_array_equal(plain.volume.voxels, coded.volume.voxels)
    with pytest.raises(UnreadableError, match="'1A', which is not a number"):
        read_dose(small / "badVR.dcm")


def test_a_dose_whose_stored_values_lie_in_the_upper_bits_is_read_from_there(tmp_path):
    stored = np.zeros((6, 8, 9), np.uint16)
    stored[HOT] = (3000 << 4) | 0b1010  # an overlay was once kept in the lower bits (PS3.5 8.1.1)
    one = dose_dataset(stored)
    one.BitsStored, one.HighBit = 12, 15
    one.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    assert dose.volume.voxels[HOT] == 3000
    assert dose.maximum == pytest.approx(3.0)
    assert "stored values are taken from bits 4 to 15" in "".join(one.message for one in dose.volume.problems)


def test_damage_of_any_kind_is_one_line_or_a_dose(tmp_path):
    whole = write_dose(tmp_path / "dose.dcm", hot_spot()).read_bytes()
    chance = np.random.default_rng(7)
    path = tmp_path / "damaged.dcm"
    for n in range(300):
        damaged = bytearray(whole)
        if n % 3 == 0:
            del damaged[int(chance.integers(len(whole))) :]
        else:
            for place in chance.integers(len(whole) - 1728, size=1 + n % 4):
                damaged[place] = int(chance.integers(256))
        path.write_bytes(damaged)
        told = ""
        try:
            read_dose(path)
        except UnreadableError as error:
            told = str(error)
        assert "\n" not in told


def test_the_beam_that_a_dose_is_of_is_told(tmp_path):
    dataset = dose_dataset(hot_spot())
    dataset.DoseSummationType = "BEAM"
    plan = dataset.ReferencedRTPlanSequence[0]
    plan.ReferencedFractionGroupSequence = [Dataset()]
    group = plan.ReferencedFractionGroupSequence[0]
    group.ReferencedFractionGroupNumber = 1
    group.ReferencedBeamSequence = [Dataset()]
    group.ReferencedBeamSequence[0].ReferencedBeamNumber = 3
    dataset.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    dose = read_dose(tmp_path / "dose.dcm")
    assert dose.beams == (3,)
    assert dose.part == "BEAM 3"
    assert read_dose(write_dose(tmp_path / "plan.dcm", hot_spot())).part == "PLAN"


def test_the_beams_of_real_doses_are_told(field_data):
    folder = field_data / "pairs" / "phantom_Oncentra"
    parts = [read_dose(one).part for one in sorted(folder.glob("RD*"))]
    assert len(parts) == len(set(parts)) == 4
    assert all(part.startswith("BEAM ") for part in parts)
