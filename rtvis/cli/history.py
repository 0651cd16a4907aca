"""`rtvis history`: the hash chain of an edit history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command
from rtvis.cli.printing import print_json, progress

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers
    from rtvis.editing.history_check import HistoryVerdict

DETAILS = """\
A history (NAME.dcm.history, saved beside a structure set on request) tells who did what and when, with the digest of
the set before and after. Each record is sealed with a hash over all before it, and each edit is done again on the
digests. With --rtstruct, also whether that file is what was saved last. Exit status 1 when anything doesn't hold.

A hash chain shows what was changed by whoever couldn't write a new one; its last seal, kept elsewhere, makes it proof.

example:  rtvis history verify plan.dcm.history --rtstruct plan.dcm"""

EXAMPLE = "example:  rtvis history verify plan.dcm.history --rtstruct plan.dcm"


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    group = add_command(subparsers, "history", None, "check the history of edits of a structure set", details=EXAMPLE)
    commands = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = add_command(commands, "verify", run, "check the hash chain of an edit history", details=DETAILS)
    parser.add_argument("file", metavar="FILE", type=Path, help="a .history file")
    parser.add_argument("--rtstruct", metavar="RS", type=Path, help="the structure set that it is the history of")


def run(options: argparse.Namespace) -> int:
    """Check a history."""
    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.editing.history_check import check_history, is_what_was_saved

    structure_set = None if options.rtstruct is None else read_structure_set(options.rtstruct)
    with progress("checking") as report:
        verdict = check_history(options.file, report=report)
    difference = "" if structure_set is None else is_what_was_saved(verdict, structure_set)
    if options.json:
        print_json(_document(options, verdict, difference))
    else:
        for one in verdict.entries:
            print(f"{one.number:5} {one.when} {one.who} {one.kind}: {one.name}")
        for remark in verdict.remarks:
            print(f"remark: {remark}")
        edits = f"{len(verdict.entries)} records hold, last seal {verdict.seal}"
        print(f"broken: {verdict.problem}; the first {edits}" if verdict.problem else f"intact: {edits}")
        if options.rtstruct is not None:
            print(f"{options.rtstruct}: {difference or 'is what was saved last'}")
    return 0 if verdict.holds and not difference else 1


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
