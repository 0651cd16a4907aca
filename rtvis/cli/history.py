"""`rtvis history`: the hash chain of an edit history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_force, add_identity, add_trust
from rtvis.cli.printing import print_json, progress, say, tell
from rtvis.cli.verify import signature_words

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers
    from rtvis.editing.history_check import HistoryVerdict

DETAILS = """\
A history (NAME.dcm.history, saved beside a structure set on request) tells who did what and when, with the digest of
the set before and after. Each record is sealed with a hash over all before it, and each edit is done again on the
digests; then whether the structure set beside it, or that of --rtstruct, is what was saved last: a history that lost
its end shows only so. Exit status 1 when anything doesn't hold.

A hash chain shows what was changed by whoever couldn't write a new one; its last seal, kept elsewhere, makes it proof,
and so does a signature (`rtvis history sign`), which is checked too. With --trust it must be there, and by one who is
trusted.

example:  rtvis history verify plan.dcm.history"""

SIGN_DETAILS = """\
Writes NAME.history.sig beside the history: who vouches for it as it is now. A broken history is not signed.

example:  rtvis history sign plan.dcm.history --identity ~/identities/ada"""

EXAMPLE = "example:  rtvis history verify plan.dcm.history"

HISTORY_SUFFIX = ".history"

FILE_HELP = "a .history file, or the structure set that it lies beside"


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    group = add_command(subparsers, "history", None, "check the history of edits of a structure set", details=EXAMPLE)
    commands = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = add_command(commands, "verify", run, "check the hash chain of an edit history", details=DETAILS)
    parser.add_argument("file", metavar="FILE", type=Path, help=FILE_HELP)
    parser.add_argument(
        "--rtstruct",
        metavar="RS",
        type=Path,
        help="the structure set that it is the history of; without it the one beside FILE, if any",
    )
    add_trust(parser, required=False)
    sign = add_command(commands, "sign", run_sign, "sign an edit history", details=SIGN_DETAILS)
    sign.add_argument("file", metavar="FILE", type=Path, help=FILE_HELP)
    add_identity(sign)
    add_force(sign)


def run_sign(options: argparse.Namespace) -> int:
    """Sign a history that holds."""
    from rtvis.editing.history_check import check_history
    from rtvis.integrity.detached_signature import sign_detached
    from rtvis.integrity.identity import load_identity, read_passphrase

    options.file, _ = _named(options.file)
    with progress("checking") as report:
        verdict = check_history(options.file, report=report)
    if not verdict.holds:
        say(f"{options.file}: broken, not signed: {verdict.problem}")
        return 1
    identity = load_identity(options.identity, read_passphrase(f"Passphrase of {options.identity}: "))
    path = sign_detached(options.file, identity, overwrite=options.force)
    if options.json:
        print_json({"path": str(path), "signer": identity.name, "seal": verdict.seal})
    else:
        say(f"signed as {identity.name}: {path}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Check a history."""
    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.editing.history_check import check_history, is_what_was_saved
    from rtvis.integrity.detached_signature import verify_detached
    from rtvis.integrity.trust import TrustStore

    options.file, beside = _named(options.file)
    options.rtstruct = options.rtstruct or beside
    named = None if options.rtstruct is None else read_structure_set(options.rtstruct)
    with progress("checking") as report:
        verdict = check_history(options.file, report=report)
    if options.rtstruct is None and verdict.holds:
        options.rtstruct = _beside(options.file)
    structure_set = read_structure_set(options.rtstruct) if named is None and options.rtstruct else named
    difference = "" if structure_set is None else is_what_was_saved(verdict, structure_set)
    signature = verify_detached(options.file, None if options.trust is None else TrustStore.load(options.trust))
    if options.json:
        print_json({**_document(options, verdict, difference), "signature": signature_words(signature)})
    else:
        for one in verdict.entries:
            tell(f"{one.number:5} {one.when} {one.who} {one.kind}: {one.name}")
        for remark in verdict.remarks:
            tell(f"remark: {remark}")
        edits = f"{len(verdict.entries)} records hold, last seal {verdict.seal}"
        tell(f"broken: {verdict.problem}; the first {edits}" if verdict.problem else f"intact: {edits}")
        if options.rtstruct is not None:
            tell(f"{options.rtstruct}: {difference or 'is what was saved last'}")
        if signature.status != "unsigned" or options.trust is not None:
            by = f" by {signature.signer}" if signature.signer else ""
            tell(f"signature: {signature.status}{by}" + (f" ({signature.reason})" if signature.reason else ""))
    signed = signature.status == "valid" if options.trust is not None else signature.status != "invalid"
    return 0 if verdict.holds and not difference and signed else 1


def _named(path: Path) -> tuple[Path, Path | None]:
    """The history that a path means, and the structure set where the path is that instead.

    Raises:
        InputError: when it is a structure set, and there is no history beside it.
    """
    from rtvis.app.named_paths import require_paths
    from rtvis.app.saving import history_path
    from rtvis.dicom.reading import scan_header
    from rtvis.model.errors import InputError, UsageError

    require_paths([path])
    if path.is_dir():
        raise UsageError("is a folder", path=path, remedy="name a .history file; 'rtvis verify' takes folders")
    history = history_path(path)
    if path.suffix == HISTORY_SUFFIX or (not history.is_file() and scan_header(path) is None):
        return path, None
    if not history.is_file():
        raise InputError(f"there is no {history.name} beside it", path=path, remedy="save the set with its history")
    return history, path


def _beside(history: Path) -> Path | None:
    """``rs.dcm`` of ``rs.dcm.history``, where it is."""
    place = history.with_suffix("")
    return place if history.suffix == HISTORY_SUFFIX and place.is_file() else None


def _document(options: argparse.Namespace, verdict: HistoryVerdict, difference: str) -> dict[str, object]:
    rtstruct = None
    if options.rtstruct is not None:
        rtstruct = {"path": str(options.rtstruct), "matches": not difference, "reason": difference}
    return {
        "path": str(options.file),
        "status": "intact" if verdict.holds else "broken",
        "reason": verdict.problem,
        "seal": verdict.seal,
        "saved_digest": verdict.saved_digest,
        "records": [
            {
                "number": one.number,
                "kind": one.kind,
                "name": one.name,
                "who": one.who,
                "when": one.when,
                "before": one.before,
                "after": one.after,
            }
            for one in verdict.entries
        ],
        "remarks": list(verdict.remarks),
        "rtstruct": rtstruct,
    }
