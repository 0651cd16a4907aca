from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pydicom
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.dicom.construct import SeriesAttributes, attributes_like, write_series
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.geometry.grid import Grid
from rtvis.model.errors import InputError, OutputError, UsageError
from rtvis.model.progress import CancelledError
from rtvis.model.volume import Patient


def grid_of(axes, origin=(-100.123456789, 7.25, -1 / 3), shape=(5, 6, 7)):
    affine = np.eye(4)
    affine[:3, :3] = axes
    affine[:3, 3] = origin
    return Grid(shape, affine, np.array(origin) + np.arange(shape[0])[:, None] * affine[:3, 2])


def rotation(a, b, c):
    turns = []
    for axis, angle in enumerate((a, b, c)):
        turn = np.eye(3)
        i, j = [n for n in range(3) if n != axis]
        turn[[i, j], [i, j]] = np.cos(angle)
        turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
        turns.append(turn)
    return turns[0] @ turns[1] @ turns[2]


STORED = np.random.default_rng(2).integers(-1000, 3000, (5, 6, 7)).astype(np.int16)


def written(tmp_path, stored=STORED, grid=None, attributes=None, **more):
    grid = grid or grid_of(np.diag([1.5, 1.2, 2.5]))
    files = write_series(stored, grid, tmp_path / "series", attributes, **more)
    (plan,) = find_series(files).plans
    return files, read_volume(plan)


def test_a_file_is_what_the_standard_says(tmp_path):
    files, _ = written(tmp_path)
    data = files[0].read_bytes()
    assert data[:132] == b"\0" * 128 + b"DICM"
    ds = pydicom.dcmread(files[0])
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
    assert ds.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert ds.SOPInstanceUID.startswith("2.25.")
    assert len({pydicom.dcmread(file).SOPInstanceUID for file in files}) == len(files)
    assert [file.name for file in files] == [f"CT_{n:04d}.dcm" for n in range(1, 6)]


@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize("body_part", ["", "CHEST"])
def test_dciodvfy_finds_no_error(tmp_path, modality, body_part):
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) isn't installed")
    attributes = SeriesAttributes(modality=modality, patient=Patient("P1", "Doe^Jane"), body_part=body_part)
    files, _ = written(tmp_path, attributes=attributes)
    told = subprocess.run(["dciodvfy", files[0]], capture_output=True, text=True, check=False).stderr
    assert f"{modality}Image" in told
    assert "Error" not in told


angles = st.floats(-3, 3)


@settings(max_examples=20, deadline=None)
@given(angles, angles, angles, st.tuples(*[st.floats(0.2, 9)] * 3), st.sampled_from([1, -1]), st.floats(-0.5, 0.5))
def test_any_grid_reads_back_voxel_for_voxel_and_to_a_nanometre(tmp_path_factory, a, b, c, spacing, sign, shear):
    axes = rotation(a, b, c) * np.array(spacing)
    axes[:, 2] = sign * axes[:, 2] + shear * axes[:, 1]
    grid = grid_of(axes)
    _, volume = written(tmp_path_factory.mktemp("any"), grid=grid)
    order = slice(None) if np.linalg.det(axes) > 0 else slice(None, None, -1)
    assert np.array_equal(volume.voxels[order], STORED)
    index = np.random.default_rng(1).uniform(-3, 9, (30, 3))
    there = index.copy()
    if np.linalg.det(axes) < 0:
        there[:, 2] = 4 - index[:, 2]
    assert np.abs(volume.grid.to_patient(there) - grid.to_patient(index)).max() < 1e-6


@pytest.mark.parametrize(("sign", "turn"), [(1, 0.0), (1, 0.7), (-1, 0.0), (-1, -1.2)])
def test_pixel_to_patient_agrees_with_simpleitk(tmp_path, sign, turn):
    """Non-square pixels, flipped and oblique directions."""
    axes = rotation(turn, 0.4 * turn, -turn) @ np.diag([sign, sign, 1])
    files, volume = written(tmp_path, grid=grid_of(axes * np.array([1.5, 1.2, 2.5])))
    theirs = SimpleITK.ReadImage([str(file) for file in files])
    assert np.array_equal(SimpleITK.GetArrayFromImage(theirs), volume.voxels)
    for index in np.random.default_rng(4).uniform(-1, 7, (20, 3)):
        point = theirs.TransformContinuousIndexToPhysicalPoint(index.tolist())
        assert np.abs(volume.grid.to_patient(index) - point).max() < 1e-6


def test_unsigned_values_and_rescale_come_back(tmp_path):
    _, volume = written(tmp_path, (STORED.astype(int) + 40000).astype(np.uint16), rescale=(0.1, -1024.0))
    assert volume.voxels.dtype == np.uint16
    assert volume.rescale == (0.1, -1024.0)


def test_like_takes_patient_study_and_frame(tmp_path):
    first = SeriesAttributes(
        patient=Patient("ID 7", "Müller^Jörg", "19600101", "M"), study_date="20200102", study_id="S", window=(400, 40)
    )
    files, volume = written(tmp_path / "a", attributes=first)
    (plan,) = find_series(files).plans
    _, other = written(tmp_path / "b", attributes=attributes_like(plan, modality="MR", description="new"))
    assert other.patient == volume.patient == first.patient
    assert other.study_instance_uid == volume.study_instance_uid
    assert other.frame_of_reference_uid == volume.frame_of_reference_uid
    assert other.series_instance_uid != volume.series_instance_uid
    assert (other.description, other.modality) == ("new", "MR")


def test_nothing_is_replaced_and_nothing_half_written_stays(tmp_path):
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "CT_0003.dcm").write_text("mine")
    with pytest.raises(UsageError, match="already exists"):
        written(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["CT_0003.dcm"]

    def stop(done, total):
        if done == 3:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        written(tmp_path / "b", report=stop)
    assert list((tmp_path / "b" / "series").iterdir()) == []


def test_what_the_iod_cannot_hold_is_refused(tmp_path):
    skew = np.diag([1.0, 1.0, 2.0])
    skew[0, 1] = 0.3
    with pytest.raises(InputError, match="right angles"):
        written(tmp_path, grid=grid_of(skew))
    with pytest.raises(InputError, match="MR Image IOD has no rescale"):
        written(tmp_path, attributes=SeriesAttributes(modality="MR"), rescale=(2.0, 0.0))
    with pytest.raises(UsageError, match="modality"):
        written(tmp_path, attributes=SeriesAttributes(modality="US"))
    with pytest.raises(InputError, match="float32"):
        written(tmp_path, STORED.astype(np.float32))


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path):
    (tmp_path / "series").write_text("a file")
    with pytest.raises(OutputError):
        written(tmp_path)
