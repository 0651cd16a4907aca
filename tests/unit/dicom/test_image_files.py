from __future__ import annotations

import numpy as np
import pytest
import SimpleITK

from rtvis.dicom.image_files import build_series, read_image, stored_values
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.model.errors import InputError, NothingFoundError, UnreadableError, UsageError

VALUES = np.random.default_rng(8).integers(-1000, 3000, (4, 5, 6)).astype(np.int16)


def image_file(path, array=VALUES):
    image = SimpleITK.GetImageFromArray(array)
    image.SetSpacing((1.5, 1.2, 2.5))
    image.SetOrigin((-10.5, 20.25, -300))
    c, s = np.cos(0.3), np.sin(0.3)
    image.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
    SimpleITK.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha", "mhd"])
def test_built_series_is_the_image(tmp_path, suffix):
    path = image_file(tmp_path / f"image.{suffix}")
    built = build_series(path, tmp_path / "out")
    (plan,) = find_series(tmp_path / "out").plans
    volume = read_volume(plan)
    assert built.series_instance_uid == volume.series_instance_uid
    assert len(built.files) == 4
    assert np.array_equal(volume.voxels, VALUES)
    theirs = SimpleITK.ReadImage(str(path))
    for index in ((0, 0, 0), (5, 4, 3), (2.5, 0.5, 1.25)):
        point = theirs.TransformContinuousIndexToPhysicalPoint([float(one) for one in index])
        assert np.abs(volume.grid.to_patient(index) - point).max() < 1e-6


def test_npy_needs_a_spacing_and_takes_an_origin(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, VALUES)
    with pytest.raises(UsageError, match="--spacing"):
        read_image(path)
    array, grid = read_image(path, (2.5, 1.2, 1.5), (1, 2, 3))
    assert np.array_equal(array, VALUES)
    assert grid.spacing_mm == (2.5, 1.2, 1.5)
    assert grid.to_patient((1, 1, 1)).tolist() == [2.5, 3.2, 5.5]


def test_objects_in_npy_are_not_loaded(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([object()]), allow_pickle=True)
    with pytest.raises(UnreadableError):
        read_image(path, (1, 1, 1))


def test_like_without_a_series_is_one_error(tmp_path):
    image_file(tmp_path / "image.nrrd")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingFoundError):
        build_series(tmp_path / "image.nrrd", tmp_path / "out", like=tmp_path / "empty")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["missing.nii", "text.nrrd", "photo.jpg"])
def test_what_is_no_image_is_one_line(tmp_path, name):
    if name != "missing.nii":
        (tmp_path / name).write_text("not an image")
    with pytest.raises(UnreadableError) as caught:
        read_image(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_geometry_is_not_taken_twice(tmp_path):
    with pytest.raises(UsageError, match="its own geometry"):
        read_image(image_file(tmp_path / "image.nrrd"), (1, 1, 1))


@pytest.mark.parametrize(
    ("values", "dtype", "rescale"),
    [
        (VALUES, np.int16, (1, 0)),
        (np.array([0, 255], np.uint8), np.int16, (1, 0)),
        (np.array([True, False]), np.int16, (1, 0)),
        (np.array([0, 65535], np.uint16), np.uint16, (1, 0)),
        (np.array([-1024.0, 3071.0], np.float32), np.int16, (1, 0)),
        (np.array([-40000, 20000], np.int32), np.uint16, (1, -40000)),
        (np.array([2**50 + 5, 2**50 + 9], np.uint64), np.uint16, (1, float(2**50 + 5))),
        (np.array([0.5, -3.25, 100], np.float32), np.int16, (0.25, 0)),
        (np.array([0.1, -12.3, 100], np.float32), np.int16, (0.1, 0)),
    ],
)
def test_values_that_sixteen_bits_hold(values, dtype, rescale):
    stored, (slope, intercept) = stored_values(values)
    assert stored.dtype == dtype
    assert (slope, intercept) == rescale
    assert np.array_equal((stored * slope + intercept).astype(values.dtype), values)


@pytest.mark.parametrize(
    "values",
    [
        np.array([0, 70000], np.int32),
        np.array([2**63 + 5, 2**63 + 9], np.uint64),
        np.array([np.nan, 0.0]),
        np.array([np.inf, 0.0], np.float32),
        np.array([np.pi, np.e]),
        np.array([1e30, 0.0]),
    ],
)
def test_values_that_would_change_are_refused(values):
    with pytest.raises(InputError):
        stored_values(values)
