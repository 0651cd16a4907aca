"""A NIfTI file that was cut short is refused, wherever it was cut and however it is packed."""

from __future__ import annotations

import gzip

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
