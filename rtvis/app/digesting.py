"""Digests of whole PATHs: of volumes and structure sets, or of plain files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.opening import raise_nothing, scan_paths
from rtvis.app.whole_volumes import LostImages, doubt_text, lost_text
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.volume import read_volume
from rtvis.model.digest import ALGORITHMS, VolumeDigest, structure_set_digest, volume_digest
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report
from rtvis.model.study import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.problem import Problem
    from rtvis.model.progress import Report


@dataclass(frozen=True, slots=True)
class VolumeDigestResult:
    """One volume's digest, or None with the reason first in `problems`.

    Attributes:
        lossy: the images are compressed with loss: the digest depends on the decoder.
        remarks: what else whoever compares the digest must know, such as a file beside the images that can't be read.
    """

    volume_id: str
    series_instance_uid: str
    digest: VolumeDigest | None
    lossy: bool
    problems: tuple[Problem | str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestReport:
    """Digests of what PATHs held; structure sets as (path, ``md5:<hex>``)."""

    volumes: tuple[VolumeDigestResult, ...]
    structure_sets: tuple[tuple[Path, str], ...]
    unreadable: tuple[Unreadable, ...]


def digest_paths(paths: Iterable[str | Path], algorithm: str = "md5", report: Report = no_report) -> DigestReport:
    """The digest of every volume and structure set in PATHs, version 1; volumes are held in memory one at a time.

    A volume has none when an image of its series can't be read: the digest of what is left would pass for that of the
    whole, here and wherever the same image is damaged.

    Raises:
        InputError: when nothing in PATHs can be read.
        UsageError: for an unknown algorithm.
    """
    _check_algorithm(algorithm)
    scan = scan_paths(paths, report=report)
    unreadable = list(scan.unreadable)
    lost_images = LostImages(scan.unreadable)
    volumes = [_volume_digest(plan, lost_images, algorithm, report) for plan in scan.plans]
    structure_sets: list[tuple[Path, str]] = []
    for path in scan.structure_sets:
        try:
            structure_sets.append((path, structure_set_digest(read_structure_set(path), algorithm).text))
        except InputError as error:
            unreadable.append(Unreadable(path, error.what))
    if not (volumes or structure_sets or scan.others):
        raise_nothing(unreadable, scan.ignored, None)
    return DigestReport(tuple(volumes), tuple(structure_sets), tuple(unreadable))


def _volume_digest(plan: VolumePlan, lost_images: LostImages, algorithm: str, report: Report) -> VolumeDigestResult:
    lost, perhaps = lost_images.of(plan)
    digest: VolumeDigest | None = None
    why: list[str] = []
    beside = [doubt_text(one) for one in perhaps]
    gaps = [one.message for one in plan.problems if one.code == "missing-slices"]
    try:
        if lost:
            raise InputError(lost_text(lost))
        digest = volume_digest(read_volume(plan, report=report), algorithm)
    except InputError as error:
        why.append(str(error))
    lossy = any(one.lossy for one in plan.slices)
    problems: tuple[Problem | str, ...] = (*why, *plan.problems, *beside)
    return VolumeDigestResult(plan.volume_id, plan.series_instance_uid, digest, lossy, problems, (*gaps, *beside))


def digest_files(
    paths: Iterable[str | Path], algorithm: str = "md5", report: Report = no_report
) -> tuple[list[tuple[Path, str]], list[Unreadable]]:
    """The plain hash of every DICOM file in PATHs, as `md5sum` gives it, also of those that are damaged.

    Returns:
        (absolute path, hex digits) of each file, sorted; then those whose bytes can't be had.

    Raises:
        InputError: when nothing in PATHs can be read.
        UsageError: for an unknown algorithm.
    """
    _check_algorithm(algorithm)
    scan = scan_paths(paths, report=report)
    hashes: dict[Path, str] = {}
    left = [one for one in scan.unreadable if not one.path.is_file()]  # a pipe would be waited for
    damaged = [one.path for one in scan.unreadable if one.path.is_file()]
    for path in (*scan.files, *damaged):
        try:
            hashes[path.resolve()] = hash_file(path, algorithm)
        except OSError as error:
            left.append(Unreadable(path, f"can't be read ({error.strerror})"))
    if not hashes:
        raise_nothing(left, scan.ignored, None)
    return sorted(hashes.items()), left


def hash_file(path: Path, algorithm: str = "md5") -> str:
    """Hex digits of the hash of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, algorithm).hexdigest()


def _check_algorithm(algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise UsageError(f"unknown digest algorithm {algorithm!r}", remedy=f"use one of {', '.join(ALGORITHMS)}")
