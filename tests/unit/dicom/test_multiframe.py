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
