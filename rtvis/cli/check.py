"""`rtvis check`: import report and export checks of a structure set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_ct, add_force
from rtvis.cli.printing import print_json, say, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from rtvis.cli.arguments import Subparsers
    from rtvis.model.problem import Problem

DETAILS = """\
Says what is odd in a structure set and where, what breaks the standard, and how other programs
would read it. What several contours of an ROI share takes one line; --json lists each. With the
images (--ct), references and positions are checked too. --repair OUT writes a copy whose image
references are mended by geometry; the input is never changed, and where all references hold no
copy is written.

example:  rtvis check rs.dcm --ct ~/studies/lung"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        subparsers, "check", run, "check a structure set: report, standard, other readers", details=DETAILS
    )
    parser.add_argument("structure_set", metavar="RTSTRUCT", type=Path, help="a structure set file")
    add_ct(parser)
    add_by_geometry(parser)
    parser.add_argument("--repair", metavar="OUT", type=Path, help="write a copy with references mended by geometry")
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Check one structure set."""
    from rtvis.app.checking import check_structure_set
    from rtvis.app.description import describe_problems

    result = check_structure_set(
        options.structure_set,
        options.ct,
        by_geometry=options.by_geometry,
        repair_to=options.repair,
        force=options.force,
    )
    if options.json:
        print_json(
            {
                "errors": describe_problems(result.errors),
                "warnings": describe_problems(result.warnings),
                "readers": result.readers,
                "matched_by": result.matched_by,
                "volume_id": result.volume_id,
                "residual_mm": result.residual_mm,
                "repaired": str(options.repair) if result.repairs else None,
            }
        )
    else:
        for label, problems in (("error", result.errors), ("warning", result.warnings)):
            for line in _grouped(f"{label}: ", problems):
                tell(line)
        for reader, losses in result.readers.items():
            for loss in losses:
                tell(f"{reader}: {loss}")
        tell(f"{len(result.errors)} errors, {len(result.warnings)} warnings")
        if result.volume_id is not None:
            how = str(result.matched_by).replace("_", " ")
            tell(f"matched by {how} to {result.volume_id}, residual {result.residual_mm:.3f} mm")
        if options.ct is None:
            say("without the images (--ct) neither references to them nor positions were checked")
        for line in _grouped("", result.repairs):
            say(line)
    if options.repair is not None:
        say(f"wrote {options.repair}" if result.repairs else f"all references hold: {options.repair} was not written")
    return 1 if result.errors else 0


def _grouped(label: str, problems: Iterable[Problem]) -> Iterator[str]:
    """One line for what contours of one ROI share: a set whose program closes contours twice has a thousand of them."""
    groups: dict[tuple[str, int | None], list[Problem]] = {}
    for one in problems:
        groups.setdefault((one.code, one.roi), []).append(one)
    for (code, _roi), alike in groups.items():
        more = f" (and {len(alike) - 1} more like this)" if len(alike) > 1 else ""
        yield f"{label}{code}: {alike[0].message}{more}"
