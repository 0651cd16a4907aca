"""What is done with whole PATHs: digest, sign, verify, send; for commands, scripts and windows alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.history_report import HistoryFile, histories_beside
from rtvis.app.new_files import taken_back_unless_done
from rtvis.app.opening import match_all, raise_nothing, scan_paths
from rtvis.app.whole_volumes import LostImages, doubt_text, lost_text
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.volume import read_volume
from rtvis.integrity.signing import sign_file
from rtvis.integrity.verification import FileVerdict, verify_file
from rtvis.model.digest import ALGORITHMS, VolumeDigest, structure_set_digest, volume_digest
from rtvis.model.errors import InputError, NothingFoundError, RtvisError, UsageError
from rtvis.model.progress import CancelledError, no_report
from rtvis.model.study import Unreadable
from rtvis.transfer.address import parse_address
from rtvis.transfer.client import DEFAULT_TIMEOUT_S, Delivery, send_parcels
from rtvis.transfer.manifest import Parcel, build_manifest
from rtvis.transfer.sending import OpenFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rtvis.dicom.series import Scan
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.integrity.identity import Identity
    from rtvis.integrity.trust import TrustStore
    from rtvis.model.problem import Problem
    from rtvis.model.progress import Report

WORST_FIRST = ("invalid", "unsigned", "untrusted", "partial", "valid")
"""File statuses from worst to best: a volume is as good as the worst of its files."""


def files_of(scan: Scan) -> list[Path]:
    """Every DICOM file of a scan once, sorted: images, structure sets, other objects; not the unreadable ones."""
    found: set[Path] = {one.path for plan in scan.plans for one in plan.slices if one.path is not None}
    found.update(scan.structure_sets)
    found.update(other.path for other in scan.others)
    return sorted(found)


# --- digest --------------------------------------------------------------------------------------------------------


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
    for path in (*files_of(scan), *damaged):
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


# --- sign and verify -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignReport:
    """Signed files as written, and those that couldn't be."""

    files: tuple[Path, ...]
    failed: tuple[Unreadable, ...]


def sign_paths(
    paths: Iterable[str | Path],
    identity: Identity,
    *,
    mac: str = "sha256",
    out: Path | None = None,
    force: bool = False,
    report: Report = no_report,
) -> SignReport:
    """Put a PS3.15 digital signature into every DICOM file of PATHs.

    Args:
        paths: files and folders; not written to when `out` is given.
        identity: who signs.
        mac: the hash that is signed.
        out: folder for the signed copies, which keep their names and, below a named folder, their sub-folders.
        force: replace files that are there; needed when there is no `out`.
        report: called with files looked at, then with files signed, and their number in all.

    Where it ends early, stopped or for a full disk, new copies and folders are taken away again: what is there
    afterwards is all that was asked for, and signing can be begun anew. Files that were replaced stay signed.

    Raises:
        UsageError: without `out` and `force`, or when two files would get one name.
        InputError: when nothing in PATHs can be read.
    """
    if out is None and not force:
        raise UsageError("signing in place replaces the files", remedy="name a folder with --out, or use --force")
    named = [Path(one) for one in paths]
    scan = scan_paths(named, report=report)
    targets = _targets(files_of(scan), named, out)
    if not force:
        for target in targets.values():
            if target.exists():
                raise UsageError("already exists", path=target, remedy="choose another --out, or use --force")
    signed: list[Path] = []
    failed = list(scan.unreadable)
    with taken_back_unless_done(targets.values()) as new:
        for number, (source, target) in enumerate(targets.items(), start=1):
            try:
                sign_file(source, target, identity, mac=mac, overwrite=force)
                signed.append(target)
                if not force:
                    new.append(target)
            except InputError as error:
                if isinstance(error, UsageError):
                    raise
                failed.append(Unreadable(source, error.what))
            report(number, len(targets))
    return SignReport(tuple(signed), tuple(failed))


def _targets(files: Sequence[Path], named: Sequence[Path], out: Path | None) -> dict[Path, Path]:
    """Where each file goes: itself without `out`, else below `out` at its place below the folder that was named."""
    if out is None:
        return {path: path for path in files}
    targets: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for path in files:
        folders = [one for one in named if path.is_relative_to(one) and one.is_dir()]
        target = out / (path.relative_to(folders[0]) if folders else path.name)
        if target in taken:
            raise UsageError(
                f"{taken[target]} and {path} would both become {target}", remedy="sign them into different folders"
            )
        taken[target] = path
        targets[path] = target
    return targets


@dataclass(frozen=True, slots=True)
class VolumeVerdict:
    """A volume as its files' signatures leave it: the worst status among them, and its digest."""

    volume_id: str
    digest: str | None
    status: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found; `holds` only when every file is valid and every history beside one intact."""

    files: tuple[FileVerdict, ...]
    volumes: tuple[VolumeVerdict, ...] = field(default=())
    histories: tuple[HistoryFile, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every file, and there is one, is valid, and no history is broken."""
        valid = bool(self.files) and all(one.status == "valid" for one in self.files)
        return valid and all(one.status == "intact" for one in self.histories)


def verify_paths(
    paths: Iterable[str | Path], trust: TrustStore | None = None, report: Report = no_report
) -> VerifyReport:
    """Check the signatures of every DICOM file in PATHs, and the histories of edits beside structure sets.

    Args:
        paths: files and folders.
        trust: certificates that are trusted; without it no signer is (status ``untrusted``).
        report: called with files looked at, then with files checked, and their number in all.

    Raises:
        InputError: when nothing in PATHs can be read.
    """
    scan = scan_paths(paths, report=report)
    files = files_of(scan)
    verdicts: dict[Path, FileVerdict] = {}
    for number, path in enumerate(files, start=1):
        verdicts[path] = verify_file(path, trust)
        report(number, len(files))
    broken = [verify_file(one.path, trust) for one in scan.unreadable]
    lost_images = LostImages(scan.unreadable)
    volumes: list[VolumeVerdict] = []
    for plan in scan.plans:
        of_volume = {verdicts[one.path].status for one in plan.slices if one.path is not None}
        lost, _ = lost_images.of(plan)
        paths_lost = {one.path for one in lost}
        of_volume |= {one.status for one in broken if one.path in paths_lost}
        status = next(one for one in WORST_FIRST if one in of_volume)
        try:
            if lost:
                raise InputError(lost_text(lost))
            # All files are checked by now; it is asked all the same whether to go on.
            digest = volume_digest(read_volume(plan, report=lambda *_: report(len(files), len(files)))).text
        except CancelledError:
            raise
        except RtvisError:
            digest = None  # the file's own verdict or `rtvis info` says why; the signature's status stands by itself
        volumes.append(VolumeVerdict(plan.volume_id, digest, status))
    return VerifyReport((*verdicts.values(), *broken), tuple(volumes), histories_beside(files, trust))


# --- delivery ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendReport:
    """What came of sending; `holds` only when every volume is at every device.

    Attributes:
        left_out: files of PATHs that weren't offered to any device, with the reason.
    """

    deliveries: tuple[Delivery, ...]
    left_out: tuple[Unreadable, ...]

    @property
    def holds(self) -> bool:
        """Whether every delivery, and there is one, was accepted or was already there."""
        return bool(self.deliveries) and all(one.holds for one in self.deliveries)


def parcels(
    paths: Iterable[str | Path], report: Report = no_report
) -> tuple[tuple[Parcel, ...], tuple[Unreadable, ...]]:
    """Group PATHs into parcels, each a volume with the structure sets drawn on it; then what can't be delivered.

    A volume stays here when an image of its series, or a file beside its images, can't be read: that may be one of its
    images as well, and half a volume under the whole one's UID would keep the whole one out of the device later.

    Raises:
        InputError: when nothing in PATHs can be read.
    """
    scan = scan_paths(paths, report=report)
    left = list(scan.unreadable)
    left += [Unreadable(one.path, f"{one.modality or 'object'} is not delivered with a volume") for one in scan.others]
    sets, broken = match_all(scan.structure_sets, scan.plans)
    left += broken
    by_volume: dict[str, list[Path]] = {}
    for one in sets:
        assert one.path is not None
        if one.volume is None:
            left.append(Unreadable(one.path, "its images are missing: a structure set goes with its volume"))
        else:
            by_volume.setdefault(one.volume.volume_id, []).append(one.path)
    made: list[Parcel] = []
    lost_images = LostImages(scan.unreadable)
    lost = {one.path.parent: one.path for one in scan.unreadable if not one.is_copy}
    for plan in scan.plans:
        sets_here = by_volume.get(plan.volume_id, [])
        images = dict.fromkeys(one.path for one in plan.slices if one.path is not None)
        beside = next((lost[one.parent] for one in images if one.parent in lost), None)
        elsewhere, _ = lost_images.of(plan)
        try:
            if elsewhere and beside is None:
                raise InputError(f"{elsewhere[0].path} of its series can't be read, and half a volume isn't sent")
            if beside is not None:
                raise InputError(f"{beside.name} beside it can't be read, and half a volume isn't sent")
            made.append(build_manifest(read_volume(plan), sets_here, report=report))
        except InputError as error:
            left += [Unreadable(path, error.what) for path in images]
            left += [Unreadable(path, "its images can't be sent") for path in sets_here]
    return tuple(made), tuple(left)


def send_paths(
    paths: Iterable[str | Path],
    to: Sequence[str],
    identity: Identity,
    trust: TrustStore,
    *,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
    open_file: OpenFile | None = None,
) -> SendReport:
    """Deliver each volume of PATHs, with the structure sets drawn on it, to each device.

    Args:
        paths: files and folders.
        to: ``HOST:PORT`` of each device.
        identity: who sends.
        trust: certificates of the devices.
        timeout: seconds after which a silent device is given up.
        report: called with files prepared, then with bytes sent, and their number in all.
        open_file: how files are opened for sending (see `rtvis.transfer.client.send_parcels`).

    Raises:
        InputError: when nothing in PATHs can be read, or holds no volume.
        UsageError: when an address isn't HOST:PORT.
    """
    for address in to:
        parse_address(address)
    named = [Path(one) for one in paths]
    made, left = parcels(named, report=report)
    if not made:
        reason = left[0].reason if left else "no image volume"
        raise NothingFoundError(
            reason, path=left[0].path if left else named[0], remedy="name a folder with a whole image series"
        )
    deliveries = send_parcels(made, to, identity, trust, timeout=timeout, report=report, open_file=open_file)
    return SendReport(tuple(deliveries), left)
