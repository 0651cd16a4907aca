"""Files made to fill the memory or to keep a reader busy."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import tracemalloc
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from rtvis.app.opening import open_study
from rtvis.dicom.codestream import codestream_size
from rtvis.dicom.pixel_decoding import syntax_name
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.model.errors import RtvisError, UnreadableError

ROOT = Path(__file__).parents[3]


@contextmanager
def frugal(seconds=2.0, mib=64):
    """A block that takes no more time or (Python's) memory."""
    tracemalloc.start()
    started = time.perf_counter()
    try:
        yield
        taken, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < mib << 20
    assert taken < seconds


def reason(path):
    scan = find_series(path)
    assert not scan.plans
    (one,) = scan.unreadable
    return one.reason


def deflated(path, plane, pixel_bytes, *, claimed=None, rows=4, columns=5):
    """A deflated file whose pixel data are `pixel_bytes` zeros."""
    file = plane(path, syntax=DeflatedExplicitVRLittleEndian, Rows=rows, Columns=columns)
    whole = file.read_bytes()
    start = 132 + 12 + int.from_bytes(whole[140:144], "little")
    header = zlib.decompress(whole[start:], wbits=-15)
    header = header[: header.rindex(b"\xe0\x7f\x10\x00")]
    length = pixel_bytes if claimed is None else claimed
    packer = zlib.compressobj(1, wbits=-15)
    packed = [packer.compress(header + b"\xe0\x7f\x10\x00OW\0\0" + length.to_bytes(4, "little"))]
    packed += [packer.compress(bytes(1 << 20)) for _ in range(pixel_bytes >> 20)]
    packed.append(packer.compress(bytes(pixel_bytes & 0xFFFFF)))
    file.write_bytes(whole[:start] + b"".join(packed) + packer.flush())
    return file


def test_a_megabyte_that_inflates_to_gigabytes_is_refused_before_it_does(tmp_path, plane):
    file = deflated(tmp_path / "a", plane, 64 << 20, claimed=(2 << 30) - 2, rows=0x7FFF, columns=0x7FFF)
    with frugal():
        assert "would inflate to more than 512 MiB" in reason(file)


def test_a_deflated_file_that_goes_on_behind_its_pixels_is_not_kept_in_memory(tmp_path, plane):
    file = deflated(tmp_path / "a", plane, 600 << 20, claimed=40)
    with frugal(seconds=4):
        assert "inflates to more than 512 MiB" in reason(file)


def test_a_deflated_volume_takes_its_voxels_and_little_more(tmp_path, plane):
    file = deflated(tmp_path / "a", plane, 32 << 20, rows=4096, columns=4096)
    with frugal(mib=100):
        (volume,) = open_study(file).volumes
    assert volume.voxels.shape == (1, 4096, 4096)


def compressed(path, plane, syntax, pixels=None):
    file = plane(path, pixels=np.zeros((16, 16), np.int16) if pixels is None else pixels)
    ds = pydicom.dcmread(file)
    ds.compress(syntax)
    ds.save_as(file)
    return file


def test_an_rle_frame_that_claims_gigabytes_is_refused(tmp_path, plane):
    file = compressed(tmp_path / "a", plane, RLELossless)
    ds = pydicom.dcmread(file)
    ds.Rows = ds.Columns = 60_000
    ds.save_as(file)
    with frugal():
        assert reason(file) == "claims a compressed frame of 60000 x 60000 pixels"


def test_many_frames_out_of_next_to_nothing_are_refused(tmp_path, plane):
    file = compressed(tmp_path / "a", plane, RLELossless)
    ds = pydicom.dcmread(file)
    ds.Rows = ds.Columns = 4096
    ds.NumberOfFrames = 400
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2.1"
    ds.PerFrameFunctionalGroupsSequence = [position(z) for z in range(400)]
    ds.PixelData = encapsulate([b"\1\0\0\0"] * 400)
    ds.save_as(file)
    with frugal():
        assert "claims 12800 MiB of pixels out of 6 KiB" in reason(file)


def position(z):
    place, item = Dataset(), Dataset()
    place.ImagePositionPatient = [0, 0, z]
    item.PlanePositionSequence = [place]
    return item


def test_a_codestream_larger_than_its_header_says_is_never_decoded(tmp_path, plane):
    file = compressed(tmp_path / "a", plane, JPEG2000Lossless, np.zeros((64, 64), np.int16))
    data = file.read_bytes()
    siz = data.index(b"\xff\x4f\xff\x51") + 8
    assert codestream_size(data[siz - 8 :]) == (64, 64, 1)
    huge = (60_000).to_bytes(4, "big") * 2
    file.write_bytes(data[:siz] + huge + data[siz + 8 : siz + 16] + huge + data[siz + 24 :])
    (plan,) = find_series(file).plans
    with frugal(), pytest.raises(UnreadableError, match="60000 x 60000 pixels of 1 values, not 64 x 64"):
        read_volume(plan)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc3\x00\x0b\x10\x00\x20\x00\x30\x01", (32, 48, 1)),
        (b"\xff\xd8\xff\xff\xf7\x00\x0b\x10\x00\x20\x00\x30\x03", (32, 48, 3)),
        (b"\xff\xd8\xff\xc4\x00\x02\xff\xc0\x00\x0b\x10\x00\x20\x00\x30\x01", (32, 48, 1)),
        (b"\xff\xd8\xff\xc0\x00\x0b\x10\x00", None),
        (b"\xff\xd8\x00\x00", None),
        (b"\xff\x4f\xff\x51\x00\x29", None),
        (b"", None),
    ],
)
def test_sizes_in_codestreams(data, size):
    assert codestream_size(data) == size


def test_a_header_without_end_is_refused_in_bounded_memory(tmp_path, plane, monkeypatch):
    monkeypatch.setattr("rtvis.dicom.reading.LARGEST_HEADER", 1 << 22)
    ds = pydicom.dcmread(plane(tmp_path / "good"))
    ds.add_new(0x00091001, "OB", bytes(8 << 20))
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    file = tmp_path / "a"
    file.write_bytes(buffer.getvalue())
    with frugal(mib=24):
        assert reason(file) == "has more than 4 MiB before its pixel data"


def test_altered_files_are_opened_or_refused(tmp_path):
    """A share of the many that `scripts/bench fuzz_volumes` tries."""
    script = ROOT / "scripts" / "benchmarks" / "fuzz_volumes.py"
    command = [sys.executable, script, "--count", "240", "--no-field-data"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    result = json.loads(done.stdout)
    assert result["failures"] == []
    assert result["opened"] > 20
    assert result["refused"] > 20
    assert done.returncode == 0


def test_a_file_that_claims_more_than_there_is_costs_nothing(tmp_path, plane):
    file = plane(tmp_path / "a", Rows=60_000, Columns=60_000)
    with frugal():
        assert "bytes of pixel data where" in reason(file)
    with pytest.raises(RtvisError, match="where 1 x 60000 x 60000 pixels take"):
        open_study(file)


def test_a_transfer_syntax_that_is_no_uid_is_named_in_a_short_line():
    assert syntax_name("1.2.840.10008.1.2.5") == "RLE Lossless (1.2.840.10008.1.2.5)"
    assert syntax_name("1.2\nA\x00" + 100 * "9") == f"unknown (1.2?A?{58 * '9'})"
