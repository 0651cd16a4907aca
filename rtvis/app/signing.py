"""Signatures put into every file of PATHs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.opening import scan_paths
from rtvis.dicom.new_files import taken_back_unless_done
from rtvis.integrity.signing import sign_file
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report
from rtvis.model.study import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rtvis.integrity.identity import Identity
    from rtvis.model.progress import Report


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
        out: folder for the signed copies, which keep their names and, below a named folder, their sub-folders; where
            two would get one name, each named folder's copies go below its name.
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
    targets = _targets(scan.files, named, out)
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
    """Where each file goes: itself without `out`, else below `out` at its place below the folder that was named.

    Where two files would get one name (CT and PET often count from 000000.dcm), all go below the names of the folders
    that were named, with as many of the folders above as it takes to tell them apart.
    """
    if out is None:
        return {path: path for path in files}
    places = {path: _place(path, named) for path in files}
    deepest = max((len(above) for above, _ in places.values()), default=0)
    for depth in range(deepest + 1):
        targets = {
            path: out.joinpath(*above[max(len(above) - depth, 0) :], below) for path, (above, below) in places.items()
        }
        if len(set(targets.values())) == len(targets):
            return targets
    raise UsageError(f"files below {out} would get one name", remedy="name each file once")


def _place(path: Path, named: Sequence[Path]) -> tuple[tuple[str, ...], Path]:
    """The folder that was named, or that a file is in which was named itself; and the place below that folder."""
    folder = next((one for one in named if path.is_relative_to(one) and one.is_dir()), path.parent)
    return folder.resolve().parts[1:], path.relative_to(folder)
