"""Signatures of every file of PATHs checked, and what they say of whole volumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.history_report import HistoryFile, histories_beside
from rtvis.app.opening import scan_paths
from rtvis.app.whole_volumes import LostImages, lost_text
from rtvis.dicom.volume import read_volume
from rtvis.integrity.verification import FileVerdict, verify_file
from rtvis.model.digest import volume_digest
from rtvis.model.errors import InputError, RtvisError
from rtvis.model.progress import CancelledError, no_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.integrity.trust import TrustStore
    from rtvis.model.progress import Report

WORST_FIRST = ("invalid", "unsigned", "untrusted", "partial", "valid")
"""File statuses from worst to best: a volume is as good as the worst of its files."""


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
    files = scan.files
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
