"""`rtvis verify`: check digital signatures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_paths, add_trust
from rtvis.cli.printing import print_json, progress, say, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from rtvis.app.history_report import HistoryFile
    from rtvis.cli.arguments import Subparsers
    from rtvis.integrity.detached_signature import DetachedVerdict
    from rtvis.integrity.verification import FileVerdict, SignatureVerdict

DETAILS = """\
For each DICOM file: valid, partial (intact, but not all of it is covered), untrusted (intact, but
the signer is nobody you trust), invalid, or unsigned; and for each volume the worst of its files.
Files of a folder that are alike are told of in one line; --json lists each.
A history of edits beside a structure set is checked too. Exit status 1 unless all are valid and no
history is broken.

example:  rtvis verify signed/ --trust ~/identities/ada/certificate.pem"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "verify", run, "check the digital signatures in files", details=DETAILS)
    add_paths(parser)
    add_trust(parser, required=False)


def run(options: argparse.Namespace) -> int:
    """Verify every DICOM file of PATHs."""
    from rtvis.app.verifying import verify_paths
    from rtvis.integrity.public_key import WEAK_MACS
    from rtvis.integrity.trust import TrustStore

    trust = None if options.trust is None else TrustStore.load(options.trust)
    with progress("verifying") as report:
        result = verify_paths(options.paths, trust, report=report)
    weak = sorted({each.mac for one in result.files for each in one.signatures if each.mac in WEAK_MACS})
    for mac in weak:
        count = sum(any(each.mac == mac for each in one.signatures) for one in result.files)
        say(f"warning: {mac} can be forged today; {count} of {len(result.files)} files are signed with it")
    if options.json:
        files = [
            {
                "path": str(one.path),
                **_verdict(one),
                "signatures": [{"uid": each.uid} | _verdict(each) for each in one.signatures],
            }
            for one in result.files
        ]
        volumes = [{"volume_id": one.volume_id, "digest": one.digest, "status": one.status} for one in result.volumes]
        print_json({"files": files, "volumes": volumes, "histories": [_history(one) for one in result.histories]})
    else:
        for line in _lines(result.files):
            tell(line)
        for volume in result.volumes:
            tell(f"volume {volume.volume_id}: {volume.status}, {volume.digest or 'no digest'}")
        for history in result.histories:
            why = f" ({history.reason})" if history.reason else ""
            signer = f", {history.signature.status} signature" if history.signature.status != "unsigned" else ""
            tell(f"history {history.status}: {history.path}, {history.records} records{signer}{why}")
    return 0 if result.holds else 1


def _lines(files: Sequence[FileVerdict]) -> list[str]:
    """What a person reads about files: one line for those of a folder that most are equal to, one for each other.

    Files that are invalid are named each: somebody will want to look at them.
    """
    kinds = {one.path: (one.status, one.signer, one.reason) for one in files}
    counts: dict[Path, Counter[tuple[str, str | None, str]]] = {}
    for one in files:
        if one.status != "invalid":
            counts.setdefault(one.path.parent, Counter())[kinds[one.path]] += 1
    usual = {folder: kind for folder, count in counts.items() for kind, _ in count.most_common(1)}
    lines: list[str] = []
    told: set[Path] = set()
    for one in files:
        folder, kind = one.path.parent, kinds[one.path]
        number = counts[folder][kind] if kind == usual.get(folder) else 1
        by = f" by {one.signer}" if one.signer else ""
        why = f" ({one.reason})" if one.reason else ""
        if number == 1:
            lines.append(f"{one.status}{by}: {one.path}{why}")
        elif folder not in told:
            told.add(folder)
            if one.status == "unsigned":
                lines.append(f"{number} files in {folder} are not signed")
            else:
                lines.append(f"{one.status}{by}: {number} files in {folder}{why}")
    return lines


def _history(one: HistoryFile) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "rtstruct": str(one.rtstruct),
        "status": one.status,
        "records": one.records,
        "seal": one.seal,
        "signature": signature_words(one.signature),
        "reason": one.reason,
    }


def signature_words(one: DetachedVerdict) -> dict[str, Any]:
    """A detached signature as JSON tells it."""
    signed_at = None if one.signed_at is None else one.signed_at.isoformat()
    return {"status": one.status, "signer": one.signer or None, "signed_at": signed_at, "reason": one.reason}


def _verdict(one: FileVerdict | SignatureVerdict) -> dict[str, Any]:
    return {
        "status": one.status,
        "signer": one.signer,
        "mac": one.mac,
        "signed_at": None if one.signed_at is None else one.signed_at.isoformat(),
        "coverage": {"share": one.coverage.share, "uncovered": list(one.coverage.uncovered)},
        "reason": one.reason,
    }
