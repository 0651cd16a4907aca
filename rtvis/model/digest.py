"""The volume digest and the structure set digest, version 1: the same 128 (or 256) bits on any device.

MD5 recognises a volume and finds accidents; it doesn't stop a forger. What stops one is the signature over SHA-256
or better.
"""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.errors import InputError, UsageError
from rtvis.model.guessed_text import certain_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import Slice, Volume

ALGORITHMS = ("md5", "sha256")
_SPECIAL = {code: f"%{code:02X}" for code in range(0x20)} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_THREADS = 2  # hashlib releases the GIL; two threads already reach memory speed on the machines this runs on


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest and the algorithm it was made with."""

    algorithm: str
    value: bytes

    @property
    def text(self) -> str:
        """As it is written everywhere: ``md5:<32 hex digits>``."""
        return f"{self.algorithm}:{self.value.hex()}"


@dataclass(frozen=True, slots=True)
class SliceDigest:
    """The digest of one slice record."""

    sop_instance_uid: str
    frame: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class VolumeDigest:
    """The digest of a volume, and of each slice in digest order."""

    digest: Digest
    slices: tuple[SliceDigest, ...]

    @property
    def text(self) -> str:
        """``md5:<hex>`` of the volume."""
        return self.digest.text


def _check(algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise UsageError(f"unknown digest algorithm {algorithm!r}", remedy=f"use one of {', '.join(ALGORITHMS)}")


def _new(algorithm: str, data: bytes = b"") -> hashlib._Hash:
    return hashlib.new(algorithm, data, usedforsecurity=False)


def escape_text(text: str) -> str:
    """Text as digests carry it: trailing spaces and nulls removed, control characters below U+0020 as ``%XX``.

    Surrogates, by which Python carries undecodable bytes, become U+FFFD, as do letters that were guessed.
    """
    return "".join(_SPECIAL.get(ord(one), one) for one in certain_text(text).rstrip(" \0"))


def slice_record(header: Slice, stored: NDArray[np.integer]) -> tuple[bytes, NDArray[np.integer]]:
    """The slice record in two parts: 118 bytes of header, and the voxels as little-endian values of BitsAllocated.

    Args:
        header: what the file says of the plane.
        stored: ``(rows, columns)`` stored values, already cleaned above BitsStored.
    """
    head = struct.pack(
        "<11d2I3H2d",
        *header.position_lps_mm,
        *header.orientation,
        *header.pixel_spacing_mm,
        header.rows,
        header.columns,
        header.bits_allocated,
        header.bits_stored,
        header.pixel_representation,
        header.rescale_slope,
        header.rescale_intercept,
    )
    kind = "i" if header.pixel_representation else "u"
    width = (header.bits_allocated + 7) // 8
    return head, np.ascontiguousarray(stored, dtype=np.dtype(f"<{kind}{width}"))


def slice_digest(header: Slice, stored: NDArray[np.integer], algorithm: str = "md5") -> Digest:
    """``h(slice record)`` of one image plane.

    Args:
        header: the plane.
        stored: its stored values, ``(rows, columns)``.
        algorithm: ``md5`` or ``sha256``.
    """
    head, voxels = slice_record(header, stored)
    hasher = _new(algorithm, head)
    hasher.update(voxels.data)
    return Digest(algorithm, hasher.digest())


def _normal(orientation: tuple[float, float, float, float, float, float]) -> tuple[float, float, float]:
    # Plain doubles, one operation after the other: vector libraries may fuse or reorder them, and two slices at nearly
    # one position would then change places from machine to machine.
    ax, ay, az, bx, by, bz = orientation
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


def volume_digest(volume: Volume, algorithm: str = "md5") -> VolumeDigest:
    """The volume digest, version 1.

    Raises:
        UsageError: for an unknown algorithm.
        InputError: when one SOP Instance UID stands for two different images, or the volume is known to be only a part
            of its series: the digest of that would pass for that of the whole.
    """
    _check(algorithm)
    if volume.incomplete:
        raise InputError(volume.incomplete, remedy="get an intact copy of the series")
    first_by_uid = min(volume.slices, key=lambda one: (one.sop_instance_uid.encode(), one.frame))
    normal = _normal(first_by_uid.orientation)

    def order(k: int) -> tuple[float, bytes, int]:
        one = volume.slices[k]
        x, y, z = one.position_lps_mm
        distance = x * normal[0] + y * normal[1] + z * normal[2]
        return distance, one.sop_instance_uid.encode(), one.frame

    indices = sorted(range(len(volume.slices)), key=order)
    with ThreadPoolExecutor(_THREADS) as pool:
        digests = list(pool.map(lambda k: slice_digest(volume.slices[k], volume.voxels[k], algorithm), indices))
    slices: list[SliceDigest] = []
    seen: dict[tuple[str, int], Digest] = {}
    for k, digest in zip(indices, digests, strict=True):
        one = volume.slices[k]
        key = (one.sop_instance_uid, one.frame)
        if key in seen:
            if seen[key] != digest:
                raise InputError(
                    f"volume {volume.volume_id} has two different images with SOP Instance UID {one.sop_instance_uid}",
                    path=one.path,
                    remedy="no digest can be given; remove one of the two",
                )
            continue
        seen[key] = digest
        slices.append(SliceDigest(one.sop_instance_uid, one.frame, digest))
    hasher = _new(algorithm, b"rtvis volume digest 1\n" + metadata_block(volume, slices) + b"\n")
    for entry in slices:
        hasher.update(entry.digest.value)
    return VolumeDigest(Digest(algorithm, hasher.digest()), tuple(slices))


def metadata_block(volume: Volume, slices: list[SliceDigest]) -> bytes:
    """The metadata block: one UTF-8 line for each tag, then one for each object in slice order."""
    patient = volume.patient
    lines = [
        ("0010,0020", patient.patient_id),
        ("0010,0010", patient.name),
        ("0010,0030", patient.birth_date),
        ("0010,0040", patient.sex),
        ("0020,000d", volume.study_instance_uid),
        ("0020,000e", volume.series_instance_uid),
        ("0020,0052", volume.frame_of_reference_uid),
        ("0008,0060", volume.modality),
        ("0018,5100", volume.patient_position),
    ]
    objects = dict.fromkeys(entry.sop_instance_uid for entry in slices)
    lines += [("0008,0018", uid) for uid in objects]
    return "".join(f"{tag}={escape_text(value)}\n" for tag, value in lines).encode()


def structure_set_digest(structure_set: StructureSet, algorithm: str = "md5") -> Digest:
    """The structure set digest, version 1: whether two sets say the same, whatever the file around them."""
    _check(algorithm)
    hasher = _new(algorithm, b"rtvis structure set digest 1\n")
    for roi in structure_set.rois:
        color = "" if roi.color is None else ",".join(str(part) for part in roi.color)
        parts = (str(roi.number), escape_text(roi.name), escape_text(roi.interpreted_type), color)
        hasher.update(("\t".join(parts) + "\n").encode())
        for contour in roi.contours:
            hasher.update(f"{escape_text(contour.geometric_type)}\t{len(contour.points_lps)}\n".encode())
            hasher.update(np.ascontiguousarray(contour.points_lps, dtype="<f8").tobytes())
    return Digest(algorithm, hasher.digest())
