"""The digests against a second, plain reading of their definition: struct, hashlib and lists, nothing shared."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvis.geometry.grid import Grid
from rtvis.model.digest import escape_text, slice_digest, slice_record, structure_set_digest, volume_digest
from rtvis.model.errors import InputError, UsageError
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.volume import Patient, Slice, Volume

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

# Found by `plain_volume_digest` below, not by rtvis.
KNOWN_MD5 = "md5:6c309c000eda277efc5a960fb49752da"
KNOWN_SHA256 = "sha256:dcaf5adeaa4fe5760b18085647137d4cb2b19323bab701f0e1a20861c46201b3"


def make_volume(
    voxels: NDArray[np.integer],
    *,
    orientation: tuple[float, ...] = AXIAL,
    uids: list[str] | None = None,
    heights: list[float] | None = None,
    patient: Patient | None = None,
    **header: object,
) -> Volume:
    """A volume of spacing (2.0, 0.5) whose slices are `heights` along their normal."""
    count, rows, columns = voxels.shape
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(row, column)
    heights = heights or [3.0 * k for k in range(count)]
    uids = uids or [f"1.2.3.{k}" for k in range(count)]
    slices = tuple(
        Slice(
            uid,
            "1.2.840.10008.5.1.4.1.1.2",
            tuple((np.array([-7.5, 0.1, 20.0]) + height * normal).tolist()),
            orientation,  # type: ignore[arg-type]
            (2.0, 0.5),
            rows,
            columns,
            path=Path(f"{uid}.dcm"),
        )
        for uid, height in zip(uids, heights, strict=True)
    )
    slices = tuple(replace(one, **header) for one in slices)  # type: ignore[arg-type]
    even = [one.position_lps_mm for one in slices]
    if len(set(heights)) < count:  # a grid can't have two slices at one position, a digest has to bear them
        even = [[0, 0, float(k)] for k in range(count)]
        grid = Grid.from_slices(even, AXIAL, (2.0, 0.5), (rows, columns), frame_of_reference_uid="1.9")
    else:
        grid = Grid.from_slices(even, orientation, (2.0, 0.5), (rows, columns), frame_of_reference_uid="1.9")
    patient = patient or Patient("ID 7", "Läufer^Ä", "19700101", "O")
    return Volume(
        volume_id="1.5",
        series_instance_uid="1.5",
        study_instance_uid="1.4",
        modality="CT",
        patient=patient,
        grid=grid,
        voxels=voxels,
        slices=slices,
        patient_position="HFS",
    )


def plain_volume_digest(volume: Volume, algorithm: str = "md5") -> tuple[str, list[bytes]]:
    """Straight from the page, value by value."""
    smallest = min(volume.slices, key=lambda one: one.sop_instance_uid.encode("ascii"))
    a, b = smallest.orientation[:3], smallest.orientation[3:]
    n = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    records: list[tuple[float, bytes, int, bytes]] = []
    for k, one in enumerate(volume.slices):
        p = one.position_lps_mm
        record = b""
        for number in (*p, *one.orientation, *one.pixel_spacing_mm):
            record += struct.pack("<d", number)
        record += struct.pack("<I", one.rows) + struct.pack("<I", one.columns)
        for number in (one.bits_allocated, one.bits_stored, one.pixel_representation):
            record += struct.pack("<H", number)
        record += struct.pack("<d", one.rescale_slope) + struct.pack("<d", one.rescale_intercept)
        letter = {8: "b", 16: "h", 32: "i"}[one.bits_allocated]
        letter = letter if one.pixel_representation == 1 else letter.upper()
        for j in range(one.rows):
            for i in range(one.columns):
                record += struct.pack("<" + letter, int(volume.voxels[k, j, i]))
        distance = p[0] * n[0] + p[1] * n[1] + p[2] * n[2]
        records.append((distance, one.sop_instance_uid.encode("ascii"), one.frame, record))
    records.sort(key=lambda entry: entry[:3])
    unique = [entry for at, entry in enumerate(records) if entry not in records[:at]]
    digests = [hashlib.new(algorithm, record).digest() for *_, record in unique]
    patient = volume.patient
    block = (
        f"0010,0020={patient.patient_id}\n0010,0010={patient.name}\n0010,0030={patient.birth_date}\n"
        f"0010,0040={patient.sex}\n0020,000d={volume.study_instance_uid}\n0020,000e={volume.series_instance_uid}\n"
        f"0020,0052={volume.frame_of_reference_uid}\n0008,0060={volume.modality}\n0018,5100={volume.patient_position}\n"
    )
    objects: list[str] = []
    for _, uid, _, _ in unique:
        if uid.decode() not in objects:
            objects.append(uid.decode())
    block += "".join(f"0008,0018={uid}\n" for uid in objects)
    whole = b"rtvis volume digest 1\n" + block.encode("utf-8") + b"\n" + b"".join(digests)
    return f"{algorithm}:{hashlib.new(algorithm, whole).hexdigest()}", digests


def assert_same(volume: Volume, algorithm: str = "md5") -> None:
    expected, slices = plain_volume_digest(volume, algorithm)
    found = volume_digest(volume, algorithm)
    assert found.text == expected
    assert [one.digest.value for one in found.slices] == slices
    assert volume.digest(algorithm) == expected


def test_a_known_volume_has_a_known_digest() -> None:
    """Fixed for good: what other devices and other versions must find too."""
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    volume = make_volume(voxels, pixel_representation=1, rescale_intercept=-1024.0, bits_stored=12)
    assert volume.digest() == KNOWN_MD5
    assert volume.digest("sha256") == KNOWN_SHA256
    assert_same(volume)


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
@pytest.mark.parametrize(
    ("dtype", "bits", "signed"),
    [("i1", 8, 1), ("u1", 8, 0), ("i2", 16, 1), ("u2", 16, 0), ("i4", 32, 1), ("u4", 32, 0)],
)
def test_every_coding_agrees_with_the_plain_reading(dtype: str, bits: int, signed: int, algorithm: str) -> None:
    limits = np.iinfo(dtype)
    voxels = np.random.default_rng(1).integers(limits.min, limits.max, (3, 4, 5), dtype=dtype, endpoint=True)
    voxels[0, 0, :2] = limits.min, limits.max
    assert_same(make_volume(voxels, bits_allocated=bits, bits_stored=bits, pixel_representation=signed), algorithm)


def test_memory_order_and_wider_arrays_do_not_matter() -> None:
    voxels = np.random.default_rng(2).integers(-2000, 2000, (3, 4, 5), dtype=np.int16)
    header = {"pixel_representation": 1}
    expected = make_volume(voxels.copy(), **header).digest()  # type: ignore[arg-type]
    for other in (voxels.astype(">i2"), np.asfortranarray(voxels), voxels.astype(np.int32)):
        assert make_volume(other, **header).digest() == expected  # type: ignore[arg-type]


@given(seed=st.integers(0, 2**32), slope=st.sampled_from([1.0, 0.0, -0.0, 0.1]), intercept=st.floats(-2000, 2000))
@settings(max_examples=40, deadline=None)
def test_oblique_volumes_in_any_file_order_agree(seed: int, slope: float, intercept: float) -> None:
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    count = int(rng.integers(1, 6))
    uids = [f"1.2.{number}" for number in rng.permutation(20)[:count]]
    volume = make_volume(
        rng.integers(0, 4096, (count, 3, 2), dtype=np.uint16),
        orientation=tuple(turn[:, :2].T.ravel().tolist()),
        uids=uids,
        rescale_slope=slope,
        rescale_intercept=intercept,
    )
    assert_same(volume)


def small(**header: object) -> Volume:
    return make_volume(np.zeros((2, 2, 3), dtype=np.uint16), **header)  # type: ignore[arg-type]


def test_the_sign_of_zero_and_a_slope_of_zero_are_kept() -> None:
    digests = {
        small(rescale_intercept=intercept, rescale_slope=slope).digest()
        for intercept in (0.0, -0.0)
        for slope in (0.0, -0.0, 1.0)
    }
    assert len(digests) == 6


def test_one_voxel_changes_one_slice() -> None:
    voxels = np.random.default_rng(3).integers(0, 4096, (5, 6, 7), dtype=np.uint16)
    changed = voxels.copy()
    changed[3, 2, 1] ^= 1
    before, after = volume_digest(make_volume(voxels)), volume_digest(make_volume(changed))
    assert before.text != after.text
    differing = [one.sop_instance_uid for one, other in zip(before.slices, after.slices, strict=True) if one != other]
    assert differing == ["1.2.3.3"]


@pytest.mark.parametrize(
    "change",
    [
        {"position_lps_mm": (0.0, 0.0, 0.1)},
        {"orientation": (0.0, 1.0, 0.0, -1.0, 0.0, 0.0)},
        {"pixel_spacing_mm": (0.5, 2.0)},
        {"bits_stored": 12},
        {"pixel_representation": 1},
        {"bits_allocated": 32},
        {"rescale_slope": 2.0},
        {"rescale_intercept": -1024.0},
    ],
)
def test_everything_in_the_record_counts(change: dict[str, object]) -> None:
    volume = small()
    one = volume.slices[0]
    assert slice_digest(one, volume.voxels[0]) != slice_digest(replace(one, **change), volume.voxels[0])  # type: ignore[arg-type]


def test_where_the_bytes_came_from_does_not_count() -> None:
    one = small().slices[0]
    other = replace(one, path=Path("elsewhere"), transfer_syntax_uid="1.2.840.10008.1.2.4.70", lossy=True)
    stored = np.zeros((2, 3), dtype=np.uint16)
    assert slice_digest(one, stored) == slice_digest(other, stored)


def test_the_head_of_a_record_is_118_bytes() -> None:
    volume = small()
    head, voxels = slice_record(volume.slices[0], volume.voxels[0])
    assert len(head) == 118
    assert voxels.nbytes == 2 * 3 * 2


@pytest.mark.parametrize(
    "change",
    [
        {"patient_id": "x"},
        {"name": "x"},
        {"birth_date": "x"},
        {"sex": "x"},
    ],
)
def test_the_patient_counts(change: dict[str, str]) -> None:
    patient = Patient("ID", "Name", "19700101", "O")
    assert small(patient=patient).digest() != small(patient=replace(patient, **change)).digest()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("trailing  \0", "trailing"),
        ("  leading", "  leading"),
        ("tab\tline\nreturn\rnull\0.", "tab%09line%0Areturn%0Dnull%00."),
        ("escape\x1b\x1f", "escape%1B%1F"),
        ("Yamada^Tarou=山田^太郎", "Yamada^Tarou=山田^太郎"),
        ("one\\two", "one\\two"),
        ("100%", "100%"),
        ("\x7f\x80", "\x7f\x80"),
        ("bad\udcff", "bad\ufffd"),
        ("", ""),
    ],
)
def test_text_as_digests_carry_it(text: str, escaped: str) -> None:
    assert escape_text(text) == escaped


def test_odd_names_go_into_the_digest_escaped() -> None:
    written = small(patient=Patient("a\nb ", "\udcff")).digest()
    assert written == plain_volume_digest(small(patient=Patient("a%0Ab", "\ufffd")))[0]


def test_slices_at_one_position_are_ordered_by_uid() -> None:
    voxels = np.arange(12, dtype=np.uint16).reshape(3, 2, 2)
    volume = make_volume(voxels, uids=["1.9", "1.10", "1.2"], heights=[0.0, 0.0, 0.0])
    assert [one.sop_instance_uid for one in volume_digest(volume).slices] == ["1.10", "1.2", "1.9"]
    assert_same(volume)


def test_an_image_that_is_there_twice_counts_once() -> None:
    voxels = np.arange(12, dtype=np.uint16).reshape(3, 2, 2)
    voxels[2] = voxels[0]
    twice = make_volume(voxels, uids=["1.1", "1.2", "1.1"], heights=[0.0, 3.0, 0.0])
    once = make_volume(voxels[:2].copy(), uids=["1.1", "1.2"], heights=[0.0, 3.0])
    assert twice.digest() == once.digest()
    assert len(volume_digest(twice).slices) == 2


def test_two_images_with_one_uid_have_no_digest() -> None:
    voxels = np.arange(12, dtype=np.uint16).reshape(3, 2, 2)
    volume = make_volume(voxels, uids=["1.1", "1.2", "1.1"])
    with pytest.raises(InputError, match=r"two different images with SOP Instance UID 1\.1") as caught:
        volume_digest(volume)
    assert caught.value.path == Path("1.1.dcm")


def test_a_volume_known_to_be_a_part_of_its_series_has_no_digest() -> None:
    whole = make_volume(np.zeros((3, 2, 2), np.int16))
    part = replace(whole, incomplete="1 image of the series can't be read")
    with pytest.raises(InputError, match="1 image of the series can't be read"):
        volume_digest(part)
    with pytest.raises(InputError):
        part.digest("sha256")


def test_frames_of_one_object_are_told_apart_and_named_once() -> None:
    voxels = np.arange(12, dtype=np.uint16).reshape(3, 2, 2)
    volume = make_volume(voxels, uids=["1.1", "1.1", "1.1"])
    frames = tuple(replace(one, frame=3 - k) for k, one in enumerate(volume.slices))
    volume = replace(volume, slices=frames)
    assert [one.frame for one in volume_digest(volume).slices] == [3, 2, 1]
    assert_same(volume)


def test_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(UsageError, match="crc32"):
        small().digest("crc32")
    with pytest.raises(UsageError, match="sha1"):
        structure_set_digest(StructureSet(""), "sha1")


def some_set() -> StructureSet:
    square = np.array([[0.0, -0.0, 5], [10, 0.1, 5], [10, 10, 1 / 3]])
    organ = Roi(3, "Herz\tÄ ", (Contour(square, "CLOSED_PLANAR"), Contour(square[:1], "POINT")), (255, 0, 7), "ORGAN")
    return StructureSet("label", (organ, Roi(1, "empty")))


def plain_structure_set_digest(structure_set: StructureSet, algorithm: str) -> str:
    text = b"rtvis structure set digest 1\n"
    for roi in structure_set.rois:
        name = roi.name.rstrip(" \0").replace("\t", "%09")
        color = "" if roi.color is None else f"{roi.color[0]},{roi.color[1]},{roi.color[2]}"
        text += f"{roi.number}\t{name}\t{roi.interpreted_type}\t{color}\n".encode()
        for contour in roi.contours:
            text += f"{contour.geometric_type}\t{len(contour.points_lps)}\n".encode()
            for point in contour.points_lps.tolist():
                text += struct.pack("<3d", *point)
    return hashlib.new(algorithm, text).hexdigest()


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_structure_sets_agree_with_the_plain_reading(algorithm: str) -> None:
    for one in (some_set(), StructureSet("")):
        expected = f"{algorithm}:{plain_structure_set_digest(one, algorithm)}"
        assert structure_set_digest(one, algorithm).text == expected


def test_what_a_structure_set_says_counts_and_its_file_does_not() -> None:
    one = some_set()
    organ = one.rois[0]
    same = replace(one, label="other", path=Path("x"), sop_instance_uid="1", origin=object())
    assert structure_set_digest(same) == structure_set_digest(one)
    changes = [
        one.with_roi(replace(organ, name="Lunge")),
        one.with_roi(replace(organ, color=(255, 0, 8))),
        one.with_roi(replace(organ, color=None)),
        one.with_roi(replace(organ, interpreted_type="PTV")),
        one.with_roi(replace(organ, number=4)).without_roi(3),
        one.with_roi(organ.without_contour(1)),
        one.with_roi(replace(organ, contours=organ.contours[::-1])),
        one.with_roi(
            replace(organ, contours=(organ.contours[0], Contour(organ.contours[1].points_lps, "OPEN_PLANAR")))
        ),
        replace(one, rois=one.rois[::-1]),
        one.without_roi(1),
    ]
    moved = np.nextafter(organ.contours[0].points_lps, np.inf)
    changes.append(one.with_roi(replace(organ, contours=(Contour(moved, "CLOSED_PLANAR"), organ.contours[1]))))
    assert len({structure_set_digest(other).text for other in [one, *changes]}) == len(changes) + 1
