from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume


@pytest.mark.parametrize("frames", [1, 3])
def test_bytes_in_words_of_a_big_endian_file_are_read_where_a_frame_ends_within_a_word(tmp_path, plane, frames):
    pixels = np.arange(1, 15 * frames + 1, dtype=np.uint8).reshape(frames, 3, 5)
    cells = pixels.tobytes() + b"\0" * (pixels.size % 2)
    words = np.frombuffer(cells, "<u2").byteswap()  # OW of bytes is written as words (PS3.5 8.1.1)
    file = plane(
        tmp_path / "a.dcm",
        pixels=words.view(np.uint8).reshape(1, -1),
        syntax=ExplicitVRBigEndian,
        Rows=3,
        Columns=5,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1",
        NumberOfFrames=frames,
    )
    if frames > 1:
        ds = pydicom.dcmread(file)
        ds.PerFrameFunctionalGroupsSequence = [positioned(z) for z in range(frames)]
        ds.save_as(file)
    (plan,) = find_series(file).plans
    assert np.array_equal(read_volume(plan).voxels, pixels)


def positioned(z):
    position, group = Dataset(), Dataset()
    position.ImagePositionPatient = [0, 0, z]
    group.PlanePositionSequence = [position]
    return group
