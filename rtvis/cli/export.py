"""`rtvis export`: a structure set written again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_ct, add_force
from rtvis.cli.printing import print_json, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Writes a structure set again. Contours nobody touched keep their coordinates byte for byte; what
breaks the standard in them is a warning, not a change.

example:  rtvis export rs.dcm --format rtstruct --out copy.dcm"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", run, "write a structure set again", details=DETAILS)
    parser.add_argument("structure_set", metavar="RTSTRUCT", type=Path, help="a structure set file")
    add_ct(parser)
    parser.add_argument("--format", choices=("rtstruct",), required=True, help="what to write")
    parser.add_argument("--out", metavar="PATH", required=True, type=Path, help="the file to write")
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Export one structure set."""
    from rtvis.app.checking import open_structure_set
    from rtvis.dicom.rtstruct_writer import write_structure_set

    structure_set = open_structure_set(options.structure_set, options.ct)
    warnings = write_structure_set(structure_set, options.out, overwrite=options.force)
    skipped = [{"roi": one.roi, "reason": one.message} for one in warnings if one.code == "not-written"]
    for one in warnings:
        say(f"warning: {one.code}: {one.message}")
    if options.json:
        outputs = [
            {"roi": roi.name, "number": roi.number, "path": str(options.out), "contours": len(roi.contours)}
            for roi in structure_set.rois
        ]
        print_json({"outputs": outputs, "skipped": skipped})
    else:
        say(f"wrote {options.out} ({len(structure_set.rois)} ROIs, {structure_set.contour_count} contours)")
    return 0
