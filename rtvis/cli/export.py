"""`rtvis export`: a structure set written again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_ct, add_force
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Writes a structure set again. Contours nobody touched keep their coordinates byte for byte; what
breaks the standard in them is a warning, not a change.

--profile axial is for receivers that only know closed planar contours on the image planes: an ROI
that has others becomes a twin, named so, without them, and each contour left out is listed with
the reason. It needs the images (--ct).

example:  rtvis export rs.dcm --format rtstruct --out copy.dcm"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", run, "write a structure set again", details=DETAILS)
    parser.add_argument("structure_set", metavar="RTSTRUCT", type=Path, help="a structure set file")
    add_ct(parser)
    add_by_geometry(parser)
    parser.add_argument("--format", choices=("rtstruct",), required=True, help="what to write")
    parser.add_argument("--out", metavar="PATH", required=True, type=Path, help="the file to write")
    parser.add_argument(
        "--profile", choices=("faithful", "axial"), default="faithful", help="as drawn, or for axial receivers"
    )
    parser.add_argument(
        "--holes",
        choices=("keyhole", "xor", "nested"),
        default="keyhole",
        help="how the axial profile tells holes: joined to their outline, as CLOSEDPLANAR_XOR, or contours in contours",
    )
    parser.add_argument(
        "--implicit", action="store_true", help="write implicit VR, for receivers that can't read long contours as UN"
    )
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Export one structure set."""
    from rtvis.app.exporting import export_structure_set

    with progress("export") as report:
        result = export_structure_set(
            options.structure_set,
            options.out,
            ct=options.ct,
            by_geometry=options.by_geometry,
            profile=options.profile,
            holes=options.holes,
            implicit_vr=options.implicit,
            force=options.force,
            report=report,
        )
    for one in result.warnings:
        say(f"warning: {one.code}: {one.message}")
    if options.json:
        outputs = [
            {"roi": one.name, "number": one.number, "path": str(result.path), "contours": one.contours}
            | {"merged": one.merged}
            for one in result.rois
        ]
        skipped = [
            {"roi": one.name, "number": one.roi, "contour": one.contour, "reason": one.reason} for one in result.skipped
        ]
        print_json({"outputs": outputs, "skipped": skipped})
    else:
        for left in result.skipped:
            contour = "" if left.contour is None else f"contour {left.contour + 1} "
            say(f"skipped: ROI {left.roi} {left.name!r}: {contour}{left.reason}")
        count = sum(one.contours for one in result.rois)
        say(f"wrote {result.path} ({len(result.rois)} ROIs, {count} contours)")
    return 0
