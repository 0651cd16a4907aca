"""`rtvis diff`: two structure sets, ROI by ROI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command
from rtvis.cli.printing import print_json, tell

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Compares what two structure sets say (names, types, colours, contours), not their bytes, with the
largest distance in mm per ROI. Exit status 1 when they are not identical.

example:  rtvis diff before.dcm after.dcm"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "diff", run, "compare two structure sets, ROI by ROI", details=DETAILS)
    parser.add_argument("a", metavar="A", type=Path, help="a structure set file")
    parser.add_argument("b", metavar="B", type=Path, help="another")


def run(options: argparse.Namespace) -> int:
    """Compare two structure sets."""
    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.model.comparison import compare

    result = compare(read_structure_set(options.a), read_structure_set(options.b))
    if options.json:
        rois = [
            {
                "name": one.name,
                "status": one.status,
                "max_mm": one.max_mm,
                "contours_a": one.contours_a,
                "contours_b": one.contours_b,
                "changes": list(one.changes),
            }
            for one in result.rois
        ]
        print_json({"identical": result.identical, "rois": rois})
    else:
        for one in result.rois:
            if one.status != "same":
                far = "" if one.max_mm is None else f", up to {one.max_mm:g} mm"
                tell(f"{one.status}: {one.name} ({one.contours_a} and {one.contours_b} contours{far})")
        tell("identical" if result.identical else "not identical")
    return 0 if result.identical else 1
