from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import RLELossless

from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume

FRAMES = np.random.default_rng(6).integers(0, 4000, (4, 3, 5)).astype(np.uint16)
Z_MM = (7.5, 2.5, 5.0, 0.0)
"""Frames out of order, as some are."""


def item(**attributes):
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, Sequence([value]) if isinstance(value, Dataset) else value)
    return ds


@pytest.fixture
def enhanced(tmp_path, plane):
    """An Enhanced CT of four frames: orientation shared, position and rescale by frame."""
    file = plane(
        tmp_path / "enhanced.dcm",
        pixels=FRAMES,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1",
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        PixelSpacing=None,
        NumberOfFrames=4,
    )
    ds = pydicom.dcmread(file)
    ds.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
            PixelMeasuresSequence=item(PixelSpacing=[0.8, 0.5], SliceThickness=2.5),
        )
    ]
    ds.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=item(ImagePositionPatient=[1, 2, z]),
            PixelValueTransformationSequence=item(RescaleSlope=n + 1, RescaleIntercept=-n, RescaleType="HU"),
        )
        for n, z in enumerate(Z_MM)
    ]
    ds.save_as(file)
    return file


def check(volume):
    order = [3, 1, 2, 0]
    assert [one.frame for one in volume.slices] == [n + 1 for n in order]
    assert [one.position_lps_mm for one in volume.slices] == [(1, 2, Z_MM[n]) for n in order]
    assert [(one.rescale_slope, one.rescale_intercept) for one in volume.slices] == [(n + 1, -n) for n in order]
    assert np.array_equal(volume.voxels, FRAMES[order])
    assert volume.grid.spacing_mm == (2.5, 0.8, 0.5)
    assert volume.units == "HU"


def test_frames_are_sorted_by_their_own_positions(enhanced):
    (plan,) = find_series(enhanced).plans
    check(read_volume(plan))


def test_compressed_frames_are_the_same(enhanced):
    (plan,) = find_series(enhanced).plans
    native = read_volume(plan)
    ds = pydicom.dcmread(enhanced)
    ds.compress(RLELossless, generate_instance_uid=False)
    ds.save_as(enhanced)
    (plan,) = find_series(enhanced).plans
    check(compressed := read_volume(plan))
    assert compressed.digest() == native.digest()


def test_frames_that_are_not_described_are_refused(enhanced):
    ds = pydicom.dcmread(enhanced)
    ds.PerFrameFunctionalGroupsSequence = ds.PerFrameFunctionalGroupsSequence[:3]
    ds.save_as(enhanced)
    (unreadable,) = find_series(enhanced).unreadable
    assert unreadable.reason == "describes 3 of its 4 frames"


def test_more_frames_than_fragments_are_refused(enhanced):
    ds = pydicom.dcmread(enhanced)
    ds.compress(RLELossless)
    group = ds.PerFrameFunctionalGroupsSequence[0]
    ds.NumberOfFrames = 5
    ds.PerFrameFunctionalGroupsSequence = [*ds.PerFrameFunctionalGroupsSequence, group]
    ds.save_as(enhanced)
    (unreadable,) = find_series(enhanced).unreadable
    assert "4 fragments" in unreadable.reason


def test_several_frames_without_functional_groups_are_listed(tmp_path, plane):
    file = plane(tmp_path / "cine.dcm", pixels=FRAMES, NumberOfFrames=4)
    scan = find_series(file)
    assert [one.path for one in scan.others] == [file]
    assert "functional groups" in scan.problems[0].message


def test_an_enhanced_mr_takes_shared_rescale_and_several_phases(tmp_path, plane):
    """Frames of two temporal positions at the same places; position and phase by frame, the rest shared."""
    file = plane(
        tmp_path / "mr.dcm",
        pixels=FRAMES,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1",
        Modality="MR",
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        PixelSpacing=None,
        NumberOfFrames=4,
    )
    ds = pydicom.dcmread(file)
    ds.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1]),
            PixelMeasuresSequence=item(PixelSpacing=[0.8, 0.5], SliceThickness=4),
            PixelValueTransformationSequence=item(RescaleSlope=2, RescaleIntercept=5, RescaleType="US"),
        )
    ]
    ds.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=item(ImagePositionPatient=[x, 0, 0]),
            FrameContentSequence=item(TemporalPositionIndex=phase, FrameAcquisitionNumber=1),
        )
        for phase, x in ((2, 0), (1, 0), (1, -4), (2, -4))
    ]
    ds.save_as(file)
    volumes = [read_volume(plan) for plan in find_series(file).plans]
    assert [one.grid.shape for one in volumes] == [(2, 3, 5), (2, 3, 5)]
    assert [[one.frame for one in volume.slices] for volume in volumes] == [[2, 3], [1, 4]]
    for volume, frames in zip(volumes, (FRAMES[1:3], FRAMES[[0, 3]]), strict=True):
        assert np.array_equal(volume.voxels, frames)
        assert np.array_equal(volume.values, frames * 2.0 + 5)
        assert volume.modality == "MR"
        assert volume.units == ""
        assert "duplicate-positions" in {one.code for one in volume.problems}
    assert len({volume.digest() for volume in volumes}) == 2


def test_frames_of_a_file_come_together_in_any_order(enhanced):
    ds = pydicom.dcmread(enhanced)
    ds.compress(RLELossless)
    ds.save_as(enhanced)
    (plan,) = find_series(enhanced).plans
    seen = []
    volume = read_volume(plan, order=[2, 0], on_slices=lambda _, ready: seen.extend(ready))
    assert sorted(seen) == [0, 1, 2, 3]
    check(volume)


def test_segmentations_and_doses_are_listed_with_their_modality(tmp_path, plane):
    dose = plane(tmp_path / "a", pixels=FRAMES, Modality="RTDOSE", SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2",
                 NumberOfFrames=4, SeriesDescription="Plan dose")  # fmt: skip
    seg = plane(tmp_path / "b", Modality="SEG", SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4", BitsAllocated=1)
    scan = find_series(tmp_path)
    assert [(one.path, one.modality, one.description) for one in scan.others] == [
        (dose, "RTDOSE", "Plan dose"),
        (seg, "SEG", "Segmentation Storage"),
    ]
    assert scan.plans == scan.unreadable == ()


@pytest.mark.parametrize("number", [b"0 ", b"-1", b"2.5 ", b"1e300 "])
def test_a_number_of_frames_that_is_none_is_refused_by_its_name(enhanced, number):
    head = b"\x28\x00\x08\x00IS"
    whole = enhanced.read_bytes()
    start = whole.index(head)
    changed = whole[: start + 6] + len(number).to_bytes(2, "little") + number + whole[start + 10 :]
    enhanced.write_bytes(changed)
    scan = find_series(enhanced)
    (refused,) = scan.unreadable
    assert scan.plans == ()
    assert refused.reason == f"can't be placed: NumberOfFrames is {float(number):g}"


def test_frames_described_beyond_the_number_of_frames_are_told_of(enhanced):
    ds = pydicom.dcmread(enhanced)
    ds.NumberOfFrames = 3
    ds.save_as(enhanced)
    (plan,) = find_series(enhanced).plans
    assert len(plan.slices) == 3
    (left_out,) = [one.message for one in plan.problems if one.code == "frames-left-out"]
    assert left_out == "describes 4 frames and NumberOfFrames is 3: the others are left out"
