from __future__ import annotations

import gzip

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813  (its usual name)

from rtvis.dicom.mask_files import is_sheared, nifti_header, read_voxels, write_voxels
from rtvis.geometry.grid import Grid
from rtvis.model.errors import InputError, UnreadableError, UsageError

TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]
TURNED = TURNED * np.sign(np.linalg.det(TURNED))


def grid_of(axes=TURNED, gaps=(2.5,) * 6, tilt=0.0) -> Grid:
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    origins = np.array([5.0, -40.0, 7.0]) + heights[:, None] * (axes[:, 2] + tilt * axes[:, 1])
    return Grid.from_slices(origins, [*axes[:, 0], *axes[:, 1]], (2.0, 0.5), (9, 13))


def noise(grid, share=0.4) -> np.ndarray:
    return np.random.default_rng(5).random(grid.shape) < share


@pytest.mark.parametrize("kind", ["nii.gz", "nrrd"])
@pytest.mark.parametrize("axes", [np.eye(3), TURNED, TURNED[:, [2, 0, 1]]])
def test_others_read_the_same_voxels_in_the_same_place(tmp_path, kind, axes) -> None:
    grid = grid_of(axes)
    mask = noise(grid)
    write_voxels(mask, grid, tmp_path / f"m.{kind}")
    image = sitk.ReadImage(str(tmp_path / f"m.{kind}"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), mask)
    for index in ((0, 0, 0), (12, 0, 0), (0, 8, 0), (3, 4, 6)):
        np.testing.assert_allclose(image.TransformIndexToPhysicalPoint(index), grid.to_patient(index), atol=1e-4)
    np.testing.assert_array_equal(read_voxels(tmp_path / f"m.{kind}", grid), mask)


@pytest.mark.parametrize("share", [0.0, 0.001, 1.0])
def test_empty_nearly_empty_and_full_masks(tmp_path, share) -> None:
    grid = Grid.from_slices(np.arange(5)[:, None] * [0, 0, 3.0], [1, 0, 0, 0, 1, 0], (1, 1), (300, 257))
    mask = noise(grid, share)
    write_voxels(mask, grid, tmp_path / "m.nii.gz")
    content = gzip.decompress((tmp_path / "m.nii.gz").read_bytes())  # which checks length and checksum
    assert content[352:] == mask.tobytes()


def test_labels_of_16_bits(tmp_path) -> None:
    grid = grid_of()
    labels = np.arange(np.prod(grid.shape), dtype=np.uint16).reshape(grid.shape)
    for kind in ("nii.gz", "nrrd"):
        write_voxels(labels, grid, tmp_path / f"l.{kind}")
        np.testing.assert_array_equal(read_voxels(tmp_path / f"l.{kind}", grid), labels)


def test_a_tilted_grid_is_a_sheared_matrix_and_no_quaternion(tmp_path) -> None:
    grid = grid_of(tilt=0.25)
    assert is_sheared(grid)
    header = nifti_header(grid, "|u1")
    assert np.frombuffer(header[252:256], "<i2").tolist() == [0, 1]
    matrix = np.frombuffer(header[280:328], "<f4").reshape(3, 4)
    np.testing.assert_allclose(matrix, np.diag([-1, -1, 1]) @ grid.affine_lps[:3], atol=1e-5)
    mask = noise(grid)
    write_voxels(mask, grid, tmp_path / "m.nrrd")
    np.testing.assert_array_equal(read_voxels(tmp_path / "m.nrrd", grid), mask)


@pytest.mark.parametrize("values", [np.uint8, np.uint16, np.float32])
def test_a_mask_on_a_tilted_grid_can_be_read_again_from_nifti(tmp_path, values) -> None:
    grid = grid_of(tilt=0.25)
    stored = noise(grid).astype(values) * values(3)
    write_voxels(stored, grid, tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(read_voxels(tmp_path / "m.nii.gz", grid), stored)
    (tmp_path / "plain.nii").write_bytes(gzip.decompress((tmp_path / "m.nii.gz").read_bytes()))
    np.testing.assert_array_equal(read_voxels(tmp_path / "plain.nii", grid), stored)
    with pytest.raises(InputError, match="grid"):
        read_voxels(tmp_path / "m.nii.gz", grid_of(tilt=0.2))
    (tmp_path / "short.nii").write_bytes((tmp_path / "plain.nii").read_bytes()[:-9])
    with pytest.raises(UnreadableError, match="truncated"):
        read_voxels(tmp_path / "short.nii", grid)


def test_uneven_gaps_are_refused(tmp_path) -> None:
    grid = grid_of(gaps=(2.5, 2.5, 5.0))
    with pytest.raises(InputError, match="uneven"):
        write_voxels(noise(grid), grid, tmp_path / "m.nii.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_mask_stored_with_its_axes_the_other_way_round_is_turned(tmp_path) -> None:
    grid = grid_of()
    mask = noise(grid)
    write_voxels(mask, grid, tmp_path / "m.nii.gz")
    image = sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    turned = sitk.Flip(sitk.PermuteAxes(image, [2, 0, 1]), [True, False, True])
    sitk.WriteImage(turned, str(tmp_path / "t.nrrd"))
    np.testing.assert_array_equal(read_voxels(tmp_path / "t.nrrd", grid), mask)


@pytest.mark.parametrize("change", ["moved", "spacing", "shape"])
def test_a_mask_of_another_grid_is_refused(tmp_path, change) -> None:
    grid = grid_of()
    image = sitk.GetImageFromArray(np.zeros((7, 9, 12 if change == "shape" else 13), dtype=np.uint8))
    image.SetSpacing([0.5, 2.0, 2.6 if change == "spacing" else 2.5])
    image.SetOrigin((grid.affine_lps[:3, 3] + (1.0 if change == "moved" else 0.0)).tolist())
    image.SetDirection(TURNED.ravel().tolist())
    sitk.WriteImage(image, str(tmp_path / "m.nrrd"))
    with pytest.raises(InputError, match="grid"):
        read_voxels(tmp_path / "m.nrrd", grid)


def test_only_known_endings(tmp_path) -> None:
    with pytest.raises(UsageError, match="neither"):
        write_voxels(noise(grid_of()), grid_of(), tmp_path / "m.bin")
