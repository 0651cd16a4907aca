"""A NIfTI file that was cut short is refused, wherever it was cut and however it is packed."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
import SimpleITK

from rtvis.dicom.image_files import read_image
from rtvis.model.errors import UnreadableError


@pytest.fixture
def image() -> SimpleITK.Image:
    return SimpleITK.GetImageFromArray(np.arange(1, 61, dtype=np.int16).reshape(3, 4, 5))


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_whole_file_is_read(image, ending, tmp_path) -> None:
    SimpleITK.WriteImage(image, str(tmp_path / f"i{ending}"))
    array, _ = read_image(tmp_path / f"i{ending}")
    np.testing.assert_array_equal(array, SimpleITK.GetArrayFromImage(image))


@pytest.mark.parametrize("cut", [1, 2, 60, 119])
def test_a_cut_file_is_refused(image, cut, tmp_path) -> None:
    SimpleITK.WriteImage(image, str(tmp_path / "i.nii"))
    data = (tmp_path / "i.nii").read_bytes()
    (tmp_path / "cut.nii").write_bytes(data[:-cut])
    with pytest.raises(UnreadableError, match="truncated"):
        read_image(tmp_path / "cut.nii")
    (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(data[:-cut]))
    with pytest.raises(UnreadableError, match="truncated"):
        read_image(tmp_path / "cut.nii.gz")


def test_cut_or_damaged_compression_is_refused(image, tmp_path) -> None:
    SimpleITK.WriteImage(image, str(tmp_path / "i.nii.gz"))
    data = (tmp_path / "i.nii.gz").read_bytes()
    for number, bad in enumerate((data[:-12], data[:40] + b"\0\0\0\0" + data[44:])):
        path = tmp_path / f"bad{number}.nii.gz"
        path.write_bytes(bad)
        with pytest.raises(UnreadableError):
            read_image(path)


@pytest.mark.parametrize("level", [0, 6])
def test_a_single_voxel_that_was_damaged_is_noticed_by_the_checksum(image, level, tmp_path) -> None:
    SimpleITK.WriteImage(image, str(tmp_path / "i.nii"))
    data = (tmp_path / "i.nii").read_bytes()
    packed = gzip.compress(data, level)
    if level == 0:  # stored as it is: what is flipped here is a voxel, and unpacking as such goes well
        at = packed.index(data[-20:])
        packed = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
    else:
        packed = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    (tmp_path / "bad.nii.gz").write_bytes(packed)
    with pytest.raises(UnreadableError):
        read_image(tmp_path / "bad.nii.gz")


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "f4", "f8", "scaled", "big-endian", "two members"])
def test_whole_files_of_every_make_are_read(kind, tmp_path) -> None:
    values = np.arange(1, 61).reshape(3, 4, 5)
    stored = values.astype("u1" if kind not in {"i2", "u2", "f4", "f8"} else kind)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(stored), str(tmp_path / "i.nii"))
    data = bytearray((tmp_path / "i.nii").read_bytes())
    if kind == "scaled":
        struct.pack_into("<2f", data, 112, 2.0, -5.0)  # scl_slope, scl_inter
        values = 2 * values - 5
    if kind == "big-endian":
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(stored.astype("i2")), str(tmp_path / "i.nii"))
        data = _swapped(bytearray((tmp_path / "i.nii").read_bytes()))
    packed = gzip.compress(data)
    if kind == "two members":
        packed = gzip.compress(data[:370]) + gzip.compress(data[370:])
    (tmp_path / "packed.nii.gz").write_bytes(packed)
    array, _ = read_image(tmp_path / "packed.nii.gz")
    np.testing.assert_array_equal(array, values)


def _swapped(data: bytearray) -> bytes:
    """A NIfTI-1 file of 16-bit voxels with its bytes the other way round (nifti1.h)."""
    for place, width, count in ((0, 4, 1), (40, 2, 8), (56, 4, 3), (68, 2, 4), (76, 4, 11), (252, 2, 2), (256, 4, 18)):
        for at in range(place, place + width * count, width):
            data[at : at + width] = data[at : at + width][::-1]
    for at in range(352, len(data), 2):
        data[at : at + 2] = data[at : at + 2][::-1]
    return bytes(data)


def test_a_whole_file_is_unpacked_once(image, tmp_path, monkeypatch) -> None:
    SimpleITK.WriteImage(image, str(tmp_path / "i.nii.gz"))
    monkeypatch.setattr("rtvis.dicom.image_files.require_whole_nifti", lambda path: pytest.fail(f"unpacked {path}"))
    read_image(tmp_path / "i.nii.gz")
