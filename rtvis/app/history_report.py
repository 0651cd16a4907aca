"""Histories that lie beside structure sets, checked with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from rtvis.app.saving import history_path
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.editing.history_check import check_history, is_what_was_saved
from rtvis.integrity.detached_signature import DetachedVerdict, sign_detached, verify_detached
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import RtvisError, UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from rtvis.integrity.identity import Identity
    from rtvis.model.progress import Report

Status: TypeAlias = Literal["intact", "broken"]


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """One history.

    Attributes:
        path: of the history.
        rtstruct: the structure set that it lies beside.
        status: ``intact`` when its chain holds, the set is what it ends with, and its signature isn't a wrong one.
        records: how many hold.
        seal: of the last of them.
        signature: of the history file.
        reason: what is wrong; empty when nothing is.
    """

    path: Path
    rtstruct: Path
    status: Status
    records: int
    seal: str
    signature: DetachedVerdict
    reason: str = ""


def histories_beside(paths: Iterable[Path], trust: TrustStore | None = None) -> tuple[HistoryFile, ...]:
    """Check the history of each structure set among files; those without one are left out."""
    return tuple(_checked(history_path(path), path, trust) for path in paths if history_path(path).exists())


def sign_history(path: Path, identity: Identity, *, overwrite: bool = False, report: Report = no_report) -> Path:
    """Sign a history as it is now; the path of the signature.

    Args:
        path: of a ``.history`` file.
        identity: who vouches for it.
        overwrite: whether a signature that is there may be replaced.
        report: of the check before.

    Raises:
        UsageError: when the history is broken, or is signed and `overwrite` is False.
        UnreadableError: when it can't be read.
        OutputError: when the signature can't be written.
    """
    verdict = check_history(path, report=report)
    if not verdict.holds:
        raise UsageError(
            f"is broken, and not signed: {verdict.problem}", path=path, remedy="save the set with it again"
        )
    return sign_detached(path, identity, overwrite=overwrite)


def _checked(path: Path, rtstruct: Path, trust: TrustStore | None) -> HistoryFile:
    unsigned = DetachedVerdict("unsigned")
    try:
        verdict = check_history(path)
        signature = verify_detached(path, trust)
        reason = verdict.problem or is_what_was_saved(verdict, read_structure_set(rtstruct))
    except RtvisError as error:
        return HistoryFile(path, rtstruct, "broken", 0, "", unsigned, error.what)
    if not reason and signature.status == "invalid":
        reason = signature.reason
    status: Status = "broken" if reason else "intact"
    return HistoryFile(path, rtstruct, status, len(verdict.entries), verdict.seal, signature, reason)
