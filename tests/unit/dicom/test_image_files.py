from __future__ import annotations

import itertools
import json
import shutil
import struct
import subprocess

import numpy as np
import pytest
import SimpleITK

from rtvis.cli.main import main
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


def nifti(path, array, *, sform=None, qform=None, spacing=(1.5, 1.2, 2.5), datatype=4, slope=1.0):
    """A NIfTI-1 file by the letter of nifti1.h; sform a 3 x 4 matrix (RAS), qform (quaternion bcd, offset, qfac)."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, *array.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<hh", head, 70, datatype, array.itemsize * 8)
    quaternion, offset, qfac = qform or ((0, 0, 0), (0, 0, 0), 1)
    struct.pack_into("<8f", head, 76, qfac, *spacing, 1, 1, 1, 1)
    struct.pack_into("<fff", head, 108, 352, slope, 0)
    struct.pack_into("<B", head, 123, 2)
    struct.pack_into("<hh", head, 252, int(qform is not None), int(sform is not None))
    struct.pack_into("<6f", head, 256, *quaternion, *offset)
    if sform is not None:
        struct.pack_into("<12f", head, 280, *np.asarray(sform).ravel())
    head[344:348] = b"n+1\0"
    path.write_bytes(bytes(head) + array.astype(array.dtype.newbyteorder("<")).tobytes())
    return path


def built(path, tmp_path, **options):
    build_series(path, tmp_path / "out", **options)
    (plan,) = find_series(tmp_path / "out").plans
    return read_volume(plan)


def turned(sign):
    c, s = np.cos(0.2), np.sin(0.2)
    rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return rotation * sign


@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_a_sform_of_any_handedness_keeps_every_voxel_at_its_place(tmp_path, signs):
    axes = turned(np.array(signs)) * (1.5, 1.2, 2.5)
    offset = np.array([12.5, -40.0, 7.25])
    volume = built(nifti(tmp_path / "a.nii", VALUES, sform=np.column_stack([axes, offset])), tmp_path)
    for i, j, k in ((0, 0, 0), (5, 0, 0), (0, 4, 0), (0, 0, 3), (3, 2, 1)):
        lps = (axes @ (i, j, k) + offset) * (-1, -1, 1)
        assert volume.value_at(lps) == VALUES[k, j, i]
        assert np.abs(volume.grid.to_patient(np.rint(volume.grid.to_index(lps))) - lps).max() < 2e-6  # float32 in file


@pytest.mark.parametrize("qfac", [1, -1])
def test_a_qform_without_a_sform_is_used(tmp_path, qfac):
    half = 0.15
    path = nifti(tmp_path / "a.nii", VALUES, qform=((0, 0, np.sin(half)), (3.0, 4.0, 5.0), qfac))
    volume = built(path, tmp_path)
    c, s = np.cos(2 * half), np.sin(2 * half)
    axes = np.array([[c, -s, 0], [s, c, 0], [0, 0, qfac]]) * (1.5, 1.2, 2.5)
    for index in ((0, 0, 0), (5, 4, 3), (2, 1, 0)):
        lps = (axes @ index + (3, 4, 5)) * (-1, -1, 1)
        assert volume.value_at(lps) == VALUES[index[::-1]]
        assert np.abs(volume.grid.to_patient(np.rint(volume.grid.to_index(lps))) - lps).max() < 2e-6


def test_a_sheared_sform_is_refused_or_kept(tmp_path):
    """A CT has no room for sheared rows; and nothing may be straightened in silence."""
    sheared = np.array([[1.5, 0.5, 0, 0], [0, 1.2, 0, 0], [0, 0, 2.5, 0.0]])
    path = nifti(tmp_path / "a.nii", VALUES, sform=sheared)
    with pytest.raises(InputError) as caught:
        build_series(path, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert "a.nii" in str(caught.value)


def test_fractions_that_sixteen_bits_cannot_hold_are_refused_and_nothing_is_written(tmp_path):
    path = image_file(tmp_path / "a.nrrd", np.random.default_rng(1).normal(size=(4, 5, 6)).astype(np.float32))
    with pytest.raises(InputError, match="fractions that 16-bit integers can't hold without loss") as caught:
        build_series(path, tmp_path / "out")
    assert caught.value.path == path
    assert not (tmp_path / "out").exists()


def test_a_scaled_nifti_comes_back_value_for_value(tmp_path):
    path = nifti(tmp_path / "a.nii", VALUES, slope=0.5, sform=np.eye(3, 4))
    assert np.array_equal(built(path, tmp_path).values, VALUES * np.float32(0.5))


def test_a_nifti_of_one_time_point_is_a_volume(tmp_path):
    image = SimpleITK.JoinSeries(SimpleITK.ReadImage(str(image_file(tmp_path / "a.nii"))))
    SimpleITK.WriteImage(image, str(tmp_path / "b.nii"))
    assert np.array_equal(built(tmp_path / "b.nii", tmp_path).voxels, VALUES)


@pytest.mark.parametrize("suffix", ["nrrd", "mha"])
@pytest.mark.parametrize("signs", [(1, 1, -1), (-1, 1, 1), (1, -1, -1)])
def test_flipped_axes_of_other_formats_keep_every_voxel_at_its_place(tmp_path, suffix, signs):
    image = SimpleITK.GetImageFromArray(VALUES)
    image.SetSpacing((0.7, 0.9, 1.1))
    image.SetOrigin((1 / 3, -2 / 7, 1e3 / 13))
    image.SetDirection(turned(np.array(signs)).ravel().tolist())
    SimpleITK.WriteImage(image, str(tmp_path / f"a.{suffix}"))
    theirs = SimpleITK.ReadImage(str(tmp_path / f"a.{suffix}"))
    volume = built(tmp_path / f"a.{suffix}", tmp_path)
    for index in ((0, 0, 0), (5, 4, 3), (1, 2, 3)):
        point = theirs.TransformIndexToPhysicalPoint(index)
        assert volume.value_at(point) == VALUES[index[::-1]]
        assert np.abs(volume.grid.to_patient(np.rint(volume.grid.to_index(point))) - point).max() < 1e-6


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_the_command_builds_a_valid_series_like_another(tmp_path, capsys, modality):
    build_series(image_file(tmp_path / "a.nii"), tmp_path / "first")
    np.save(tmp_path / "b.npy", VALUES)
    command = ["build", tmp_path / "b.npy", "--out", tmp_path / "out", "--like", tmp_path / "first", "--json"]
    command += ["--modality", modality, "--spacing", "2.5,1.2,1.5", "--origin=-10,20,30.5"]
    assert main([str(one) for one in command]) == 0
    told = json.loads(capsys.readouterr().out)
    first, second = (find_series(tmp_path / name).plans[0] for name in ("first", "out"))
    assert told["series_instance_uid"] == second.series_instance_uid != first.series_instance_uid
    assert second.study_instance_uid == first.study_instance_uid
    assert second.frame_of_reference_uid == first.frame_of_reference_uid
    assert second.modality == modality
    assert second.grid.to_patient((0, 0, 0)).tolist() == [-10, 20, 30.5]
    assert np.array_equal(read_volume(second).voxels, VALUES)
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) isn't installed: the files were read back, not validated")
    for file in told["files"]:
        said = subprocess.run(["dciodvfy", "-new", file], capture_output=True, text=True, check=False)
        assert not [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]


@pytest.mark.parametrize(
    ("spacing", "origin", "why"),
    [
        ((1e-4, 1, 1), None, r"slices are 0\.0001 mm apart"),
        ((1, 1, 1), (2e6, 0, 0), r"reaches 2e\+06 mm far"),
        ((1e9, 1, 1), None, r"reaches 3e\+09 mm far"),
    ],
)
def test_what_would_not_be_read_back_is_not_built(tmp_path, spacing, origin, why):
    np.save(tmp_path / "a.npy", VALUES)
    with pytest.raises(InputError, match=why):
        build_series(tmp_path / "a.npy", tmp_path / "out", spacing=spacing, origin=origin)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("values", [[1e308, 1.5], [1e308, -1e308], [1e-310, 0]])
def test_numbers_at_the_limits_of_doubles_are_refused_without_a_warning(values):
    with pytest.raises(InputError, match=r"16.bit"):
        stored_values(np.array([[values]]))


def test_numbers_of_hundreds_of_digits_are_told_of_in_a_few():
    with pytest.raises(InputError, match=r"has values from -1e\+308 to 1e\+308, more"):
        stored_values(np.array([[[1e308, -1e308]]]))
