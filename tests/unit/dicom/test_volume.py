from __future__ import annotations

import random
import threading
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from rtvis.dicom import native_pixels
from rtvis.dicom import volume as reading
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import middle_out, read_usable, read_volume
from rtvis.model.errors import InputError, RtvisError, UnreadableError
from rtvis.model.progress import CancelledError


def open_one(path):
    (plan,) = find_series(path).plans
    return read_volume(plan)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda one: one.name
)
@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.uint8])
def test_stored_values_do_not_depend_on_the_transfer_syntax(tmp_path, plane, syntax, dtype):
    pixels = np.random.default_rng(3).integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (4, 6)).astype(dtype)
    explicit = plane(tmp_path / "a" / "1", pixels=pixels, SOPInstanceUID="1.5")
    if syntax == ExplicitVRBigEndian and dtype == np.uint8:
        words = pixels.tobytes()  # OW of bytes is written as words (PS3.5 8.1.1)
        swapped = np.frombuffer(words, "<u2").byteswap().view(np.uint8).reshape(pixels.shape)
        other = plane(tmp_path / "b" / "1", pixels=swapped, syntax=syntax, SOPInstanceUID="1.5")
    else:
        other = plane(tmp_path / "b" / "1", pixels=pixels, syntax=syntax, SOPInstanceUID="1.5")
    first, second = open_one(explicit), open_one(other)
    assert first.voxels.dtype == dtype
    assert np.array_equal(first.voxels[0], pixels)
    assert np.array_equal(second.voxels[0], pixels)
    assert first.digest() == second.digest()


def test_files_without_preamble_and_meta_are_read(tmp_path, plane):
    for name, syntax in (("i", ImplicitVRLittleEndian), ("b", ExplicitVRBigEndian)):
        whole = plane(tmp_path / name, syntax=syntax).read_bytes()
        start = whole.index(b"\x08\x00\x16\x00" if name == "i" else b"\x00\x08\x00\x16")
        bare = tmp_path / f"bare-{name}"
        bare.write_bytes(whole[start:])
        assert open_one(bare).voxels[0].ravel().tolist() == list(range(20))


def test_bits_above_bits_stored_are_replaced(tmp_path, plane):
    raw = np.array([[0xF001, 0x0FFF], [0x1800, 0x07FF]], dtype=np.uint16)
    common = {"BitsStored": 12, "HighBit": 11}
    unsigned = plane(tmp_path / "u", pixels=raw, **common)
    assert open_one(unsigned).voxels[0].tolist() == [[1, 0xFFF], [0x800, 0x7FF]]
    signed = plane(tmp_path / "s", pixels=raw.view(np.int16), **common)
    assert open_one(signed).voxels[0].tolist() == [[1, -1], [-2048, 2047]]


HIGH = {"BitsStored": 12, "HighBit": 14}
"""Twelve bits from bit 3 on; an overlay in bit 15, and padding below."""


def cells_of(values, sign: int) -> np.ndarray:
    """Stored values in cells of 16 bits as `HIGH` says, with all other bits the wrong way round."""
    cells = (np.asarray(values) & 0xFFF) << 3
    return (cells | 0x8007 if sign >= 0 else cells | 0x0005).astype(np.uint16)


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless],
    ids=lambda one: one.name,
)
def test_stored_values_below_a_high_bit_further_up_are_shifted_down(tmp_path, plane, syntax):
    def write(name, cells, **attributes):
        native = ExplicitVRLittleEndian if syntax == RLELossless else syntax
        file = plane(tmp_path / name, pixels=cells, syntax=native, **attributes)
        if syntax == RLELossless:
            ds = pydicom.dcmread(file)
            ds.BitsStored, ds.HighBit = 16, 15  # pydicom encodes the lowest BitsStored bits only
            ds.compress(RLELossless)
            ds.BitsStored, ds.HighBit = attributes["BitsStored"], attributes["HighBit"]
            ds.save_as(file)
        return open_one(file)

    unsigned = [[0, 1, 2047], [2048, 4094, 4095]]
    volume = write("u", cells_of(unsigned, 1), **HIGH)
    assert volume.voxels[0].tolist() == unsigned
    (told,) = [one for one in volume.problems if one.code == "high-bit"]
    assert "bits 3 to 14" in told.message
    signed = [[0, 1, -1], [2047, -2048, -1000]]
    volume = write("s", cells_of(signed, -1).view(np.int16), **HIGH)
    assert volume.voxels[0].tolist() == signed


def test_values_further_up_fit_a_wider_array_too(tmp_path, plane):
    plane(tmp_path / "a", (0, 0, 0), np.full((2, 2), 60000, np.uint16))
    plane(tmp_path / "b", (0, 0, 1), cells_of(np.full((2, 2), -1000), -1).view(np.int16), **HIGH)
    volume = open_one(tmp_path)
    assert volume.voxels.dtype == np.int32
    assert volume.voxels[:, 0, 0].tolist() == [60000, -1000]


def test_values_one_bit_further_up_are_taken_from_there(tmp_path, plane):
    pixels = np.full((2, 2), 0x0ABC << 1, np.uint16)
    volume = open_one(plane(tmp_path / "a", pixels=pixels, BitsStored=12, HighBit=12))
    assert volume.voxels[0, 0, 0] == 0xABC


@pytest.mark.parametrize("high_bit", [10, 16, 200])
def test_a_high_bit_that_cannot_be_is_told_and_not_used(tmp_path, plane, high_bit):
    volume = open_one(plane(tmp_path / "a", pixels=np.full((2, 2), 0x0ABC, np.uint16), BitsStored=12, HighBit=high_bit))
    assert volume.voxels[0, 0, 0] == 0xABC
    (told,) = [one for one in volume.problems if one.code == "high-bit"]
    assert told.message == f"HighBit is {high_bit}, not BitsStored - 1 (11), which was used"


def test_slices_of_different_types_share_one_that_holds_both(tmp_path, plane):
    plane(tmp_path / "a", (0, 0, 0), np.full((2, 2), 60000, np.uint16))
    plane(tmp_path / "b", (0, 0, 1), np.full((2, 2), -1000, np.int16))
    volume = open_one(tmp_path)
    assert volume.voxels.dtype == np.int32
    assert volume.voxels[:, 0, 0].tolist() == [60000, -1000]
    assert "mixed-types" in {one.code for one in volume.problems}


def test_monochrome1_stays_as_stored(tmp_path, plane):
    assert open_one(plane(tmp_path / "a", PhotometricInterpretation="MONOCHROME1")).voxels[0, 0, 1] == 1


def test_units_window_and_values(tmp_path, plane):
    file = plane(tmp_path / "a", RescaleSlope=2, RescaleIntercept=-1000, WindowWidth=[400, 1500], WindowCenter=[40, 9])
    volume = open_one(file)
    assert (volume.units, volume.window) == ("HU", (400.0, 40.0))
    assert volume.values[0, 0, 3] == -994


@pytest.mark.parametrize(
    ("said", "expected"), [((0, 1, 2, 3, 4), (30, 2)), ((0, 4), (10, 0)), ((3, 4), (40, 3)), ((), None)]
)
def test_the_window_of_the_middle_image_is_proposed_or_the_nearest_to_it(tmp_path, plane, said, expected):
    for z in range(5):
        window = {"WindowWidth": 10 * (z + 1), "WindowCenter": z} if z in said else {}
        plane(tmp_path / str(z), (0, 0, z), **window)
    assert open_one(tmp_path).window == expected


def test_the_array_is_one_and_read_only(tmp_path, plane):
    for z in range(3):
        plane(tmp_path / str(z), (0, 0, z))
    volume = open_one(tmp_path)
    assert volume.voxels.flags.c_contiguous
    assert not volume.voxels.flags.writeable


def test_a_file_that_shrank_or_went_is_one_error(tmp_path, plane):
    file = plane(tmp_path / "a")
    (plan,) = find_series(file).plans
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(UnreadableError, match="shorter"):
        read_volume(plan)
    file.unlink()
    with pytest.raises(UnreadableError, match="can't be read"):
        read_volume(plan)


def test_reading_can_be_stopped(tmp_path, plane):
    for z in range(5):
        plane(tmp_path / str(z), (0, 0, z))
    (plan,) = find_series(tmp_path).plans

    def stop(done, total):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        read_volume(plan, stop)


def compress(file):
    ds = pydicom.dcmread(file)
    ds.compress(RLELossless)
    ds.save_as(file)


def damage(file):
    """Break the first segment of a compressed file."""
    good = file.read_bytes()
    start = good.index(b"\xe0\x7f\x10\x00") + 12 + 8 + 8 + 4
    file.write_bytes(good[:start] + b"\xff" * 24 + good[start + 24 :])


def test_damaged_compressed_pixels_are_named(tmp_path, plane):
    file = plane(tmp_path / "a")
    compress(file)
    assert open_one(file).voxels[0, 0, 4] == 4
    damage(file)
    (plan,) = find_series(file).plans
    with pytest.raises(UnreadableError, match="RLE Lossless"):
        read_volume(plan)


def test_a_volume_can_be_read_without_an_unusable_file(tmp_path, plane):
    files = [plane(tmp_path / str(z), (0, 0, z), np.full((2, 2), z, np.int16)) for z in range(5)]
    (plan,) = find_series(tmp_path).plans
    (single,) = find_series(files[0]).plans
    files[2].unlink()
    with pytest.raises(UnreadableError) as caught:
        read_volume(plan)
    rest = plan.without({caught.value.path: caught.value.what})
    volume = read_volume(rest)
    assert volume.voxels[:, 0, 0].tolist() == [0, 1, 3, 4]
    assert {one.code for one in volume.problems} == {"unreadable-image", "missing-slices", "uneven-gaps"}
    assert plan.without({files[0]: "gone"}).grid.shape == (4, 2, 2)
    assert single.without({files[0]: "gone"}) is None


def test_files_that_cannot_be_decoded_cost_no_second_decoding_of_the_others(tmp_path, plane, monkeypatch):
    files = [plane(tmp_path / str(z), (0, 0, z), np.full((2, 2), z, np.int16)) for z in range(12)]
    bad = {files[n] for n in (1, 4, 5, 9, 11)}
    for file in files:
        compress(file)
        if file in bad:
            damage(file)
    (plan,) = find_series(tmp_path).plans
    decoded, told, seen = [], [], {}
    decode = reading.decode_frame

    def counting(data, one, *rest):
        decoded.append(one.path)
        return decode(data, one, *rest)

    def on_slices(volume, ready):
        seen[id(volume)] = (volume, [*seen.get(id(volume), (volume, []))[1], *ready])

    monkeypatch.setattr(reading, "decode_frame", counting)
    report = lambda done, total: told.append((done, total))  # noqa: E731
    volume, lost = read_usable(plan, report, order=middle_out(12), on_slices=on_slices)
    assert sorted(decoded) == sorted(files)
    assert list(lost) == [one for one in files if one in bad]
    assert all("RLE Lossless" in reason for reason in lost.values())
    good = [n for n in range(12) if files[n] not in bad]
    assert volume.voxels[:, 0, 0].tolist() == good
    assert not volume.voxels.flags.writeable
    assert [one.path for one in volume.slices] == [files[n] for n in good]
    assert volume.grid.slice_origins_lps_mm[:, 2].tolist() == good
    assert [one.message.split()[0] for one in volume.problems if one.code == "unreadable-image"] == [
        one.name for one in files if one in bad
    ]
    first, last = seen.values()
    assert sorted(first[1]) == good
    assert last[0] is volume
    assert last[1] == list(range(len(good)))
    assert told[-1] == (12, 12)


def test_files_that_are_gone_cost_no_second_reading_of_the_others(tmp_path, plane, monkeypatch):
    files = [plane(tmp_path / str(z), (0, 0, z), np.full((2, 2), z, np.int16)) for z in range(12)]
    (plan,) = find_series(tmp_path).plans
    for n in (2, 3, 7):
        files[n].unlink()
    copied, copy_all = [], native_pixels._copy_all

    def counting(portion, disk):
        copied.extend(one.k for one in portion)
        return copy_all(portion, disk)

    monkeypatch.setattr(native_pixels, "_copy_all", counting)
    volume, lost = read_usable(plan)
    assert sorted(copied) == list(range(12))
    assert list(lost) == [files[n] for n in (2, 3, 7)]
    assert volume.voxels[:, 0, 0].tolist() == [0, 1, 4, 5, 6, 8, 9, 10, 11]


def test_where_no_file_can_be_used_there_is_no_volume(tmp_path, plane):
    files = [plane(tmp_path / str(z), (0, 0, z), np.full((2, 2), z, np.int16)) for z in range(3)]
    for file in files:
        compress(file)
        damage(file)
    (plan,) = find_series(tmp_path).plans
    volume, lost = read_usable(plan)
    assert volume is None
    assert list(lost) == files


def test_one_uid_twice_has_no_digest(tmp_path, plane):
    for z in range(2):
        plane(tmp_path / str(z), (0, 0, z), SOPInstanceUID="1.5")
    with pytest.raises(InputError, match="two different images"):
        open_one(tmp_path).digest()


def test_stored_values_agree_with_pydicom_on_every_real_file(field_data):
    for plan in find_series(
        [field_data / "broken_and_small", field_data / "multiframe", field_data / "odd_geometry"]
    ).plans:
        volume = read_volume(plan)
        for one, stored in zip(volume.slices, volume.voxels, strict=True):
            with warnings.catch_warnings(action="ignore"):
                frames = pydicom.dcmread(one.path).pixel_array
            assert np.array_equal(frames[one.frame - 1] if one.frame else frames, stored)


@pytest.mark.parametrize("folder", ["LUNG1-002_XiO", "STS_001_MR_T2_oblique_MIM", "STS_004_CT_MIM"])
def test_pixel_to_patient_agrees_with_simpleitk_on_real_series(field_data, folder):
    (plan,) = find_series(field_data / "pairs" / folder).plans
    grid = plan.grid
    image = SimpleITK.ReadImage([str(one.path) for one in plan.slices[:2]])
    rng = np.random.default_rng(5)
    for i, j in rng.uniform(0, 170, (20, 2)):
        for k in (0.0, 1.0):
            theirs = image.TransformContinuousIndexToPhysicalPoint((i, j, k))
            ours = grid.to_patient((i, j, k))
            # They stack along the normal by the first gap; the decimals of the files' DS bound the difference.
            assert np.abs(ours - theirs).max() < 2e-3


def test_damaged_files_raise_nothing_but_our_errors(field_data, tmp_path):
    rng = random.Random(11)
    sources = sorted((field_data / "broken_and_small").iterdir())
    whole = [path.read_bytes() for path in sources]
    for n in range(300):
        data = bytearray(whole[n % len(whole)])
        if n % 3 == 0:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.choice((1, 3, 20))):
            if data:
                data[rng.randrange(min(len(data), 4000))] = rng.randrange(256)
        file = tmp_path / "x.dcm"
        file.write_bytes(data)
        for plan in find_series(file).plans:
            with suppress(RtvisError):
                read_volume(plan)


def test_middle_out_names_every_slice_once():
    assert middle_out(5) == [2, 1, 3, 0, 4]
    assert middle_out(4, 0) == [0, 1, 2, 3]
    assert middle_out(1) == [0]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_volume_is_told_of_while_it_fills_in_the_order_wanted(tmp_path, plane, compressed):
    for z in range(7):
        file = plane(tmp_path / str(z), (0, 0, z), np.full((4, 4), z + 1, np.int16))
        if compressed:
            ds = pydicom.dcmread(file)
            ds.compress(RLELossless)
            ds.save_as(file)
    (plan,) = find_series(tmp_path).plans
    seen, volumes = [], []

    def on_slices(volume, ready):
        for k in ready:
            assert np.all(volume.voxels[k] == k + 1)
        seen.extend(ready)
        volumes.append(volume)
        if len(seen) == 1 and not compressed:
            assert not volume.voxels[[0, 1, 2, 4, 5, 6]].any()
        assert not volume.voxels.flags.writeable

    volume = read_volume(plan, order=middle_out(7), on_slices=on_slices)
    assert seen == [3, 2, 4, 1, 5, 0, 6]
    assert all(one is volume for one in volumes)
    assert volume.voxels[:, 0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_an_order_that_names_some_slices_gets_the_others_too(tmp_path, plane):
    for z in range(4):
        plane(tmp_path / str(z), (0, 0, z), np.full((2, 2), z + 1, np.int16))
    (plan,) = find_series(tmp_path).plans
    seen = []
    read_volume(plan, order=[2], on_slices=lambda _, ready: seen.extend(ready))
    assert seen == [2, 0, 1, 3]


@pytest.fixture
def shared_out(monkeypatch):
    """Small volumes are copied by two threads, a plane at a time."""
    monkeypatch.setattr(native_pixels, "COPIERS", 2)
    monkeypatch.setattr(native_pixels, "WORTH_THREADS", 0)
    monkeypatch.setattr(native_pixels, "COPIED_AT_ONCE", 1)


def test_threads_share_the_planes_and_tell_of_each_once(tmp_path, plane, shared_out):
    for z in range(40):
        plane(tmp_path / f"{z:02d}", (0, 0, z), np.full((4, 4), z + 1, np.int16))
    (plan,) = find_series(tmp_path).plans
    here, seen, counts = threading.get_ident(), [], []

    def on_slices(volume, ready):
        assert threading.get_ident() == here
        for k in ready:
            assert np.all(volume.voxels[k] == k + 1)
        seen.extend(ready)

    volume = read_volume(plan, lambda done, count: counts.append(done), order=middle_out(40), on_slices=on_slices)
    assert seen[0] == 20
    assert sorted(seen) == [*range(40)]
    assert counts == [*range(1, 41)]
    assert volume.voxels[:, 3, 3].tolist() == [*range(1, 41)]


def test_an_error_in_either_thread_is_raised_here_and_ends_both(tmp_path, plane, shared_out):
    for z in range(40):
        plane(tmp_path / f"{z:02d}", (0, 0, z))
    (plan,) = find_series(tmp_path).plans
    threads = threading.active_count()
    for z in (0, 7, 38, 39):
        file = tmp_path / f"{z:02d}"
        whole = file.read_bytes()
        file.write_bytes(whole[:-2])
        with pytest.raises(UnreadableError, match="shorter") as caught:
            read_volume(plan)
        assert caught.value.path == file
        assert threading.active_count() == threads
        file.write_bytes(whole)
    assert read_volume(plan).voxels.shape == (40, 4, 5)


def test_threads_end_with_a_reading_that_was_stopped(tmp_path, plane, shared_out):
    for z in range(40):
        plane(tmp_path / f"{z:02d}", (0, 0, z))
    (plan,) = find_series(tmp_path).plans
    threads = threading.active_count()

    def stop(done, total):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        read_volume(plan, stop)
    assert threading.active_count() == threads


def test_stopping_leaves_no_file_open(tmp_path, plane):
    for z in range(30):
        plane(tmp_path / str(z), (0, 0, z))
    (plan,) = find_series(tmp_path).plans
    before = set(Path("/proc/self/fd").iterdir())

    def stop(volume, ready):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        read_volume(plan, on_slices=stop)
    assert set(Path("/proc/self/fd").iterdir()) == before
