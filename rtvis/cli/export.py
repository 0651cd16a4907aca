"""`rtvis export`: a structure set written again, or as masks, a label map or surfaces."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_ct, add_force, positive
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Writes a structure set as something else, or again.

--format masks writes one file for each ROI that has closed contours into the folder PATH, labelmap
one file with ROI numbers as voxels, both on the images' grid (--ct); a voxel is inside when its
centre is, or with --fractional holds the share of it that the ROI takes up. --format surfaces writes
closed surfaces in patient mm (LPS) into the folder PATH, for display with fewer triangles
(--triangles 0.2). What has no volume is listed with the reason.

--format rtstruct writes the structure set again. Contours nobody touched keep their coordinates byte for byte; what
breaks the standard in them is a warning, not a change.

--profile axial is for receivers that only know closed planar contours on the image planes: an ROI
that has others becomes a twin, named so, without them, and each contour left out is listed with
the reason. It needs the images (--ct).

example:  rtvis export rs.dcm --ct ct/ --format masks --out masks/
          rtvis export rs.dcm --format surfaces --type ply --out surfaces/
          rtvis export rs.dcm --format rtstruct --out copy.dcm"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", run, "write masks, surfaces or a structure set", details=DETAILS)
    parser.add_argument("structure_set", metavar="RTSTRUCT", type=Path, help="a structure set file")
    add_ct(parser)
    add_by_geometry(parser)
    parser.add_argument(
        "--format", choices=("masks", "labelmap", "surfaces", "rtstruct"), required=True, help="what to write"
    )
    parser.add_argument("--out", metavar="PATH", required=True, type=Path, help="the file or folder to write")
    parser.add_argument(
        "--type",
        choices=("nii.gz", "nrrd", "stl", "ply", "vtp", "obj"),
        help="of masks and label maps (default: nii.gz) or of surfaces (default: stl)",
    )
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
    parser.add_argument(
        "--fractional", action="store_true", help="masks hold the share of each voxel that is inside, 0 to 1"
    )
    parser.add_argument(
        "--triangles",
        metavar="SHARE",
        type=positive("the share of triangles"),
        default=1.0,
        help="keep about this share of a surface's triangles (up to 1, the default)",
    )
    add_force(parser)


ONE_FORMAT_ONLY = (
    ("profile", "faithful", "rtstruct"),
    ("holes", "keyhole", "rtstruct"),
    ("implicit", False, "rtstruct"),
    ("fractional", False, "masks"),
    ("triangles", 1.0, "surfaces"),
)
"""Options that one format has, and what they are when nobody names them."""


def run(options: argparse.Namespace) -> int:
    """Export one structure set."""
    from rtvis.model.errors import UsageError

    for name, default, only in ONE_FORMAT_ONLY:
        if getattr(options, name) != default and options.format != only:
            raise UsageError(f"--{name} goes with --format {only}", remedy="leave one of them out")
    return _run_volumes(options) if options.format != "rtstruct" else _run_rtstruct(options)


def _run_rtstruct(options: argparse.Namespace) -> int:
    """Write a structure set again."""
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
    warnings = Counter(one.code for one in result.warnings)
    if options.json:
        outputs = [
            {"roi": one.name, "number": one.number, "path": str(result.path), "contours": one.contours}
            | {"merged": one.merged}
            for one in result.rois
        ]
        skipped = [
            {"roi": one.name, "number": one.roi, "contour": one.contour, "reason": one.reason} for one in result.skipped
        ]
        listed = [
            {"code": one.code, "roi": one.roi, "contour": one.contour, "message": one.message}
            for one in result.warnings
        ]
        print_json({"outputs": outputs, "skipped": skipped, "warnings": listed})
    else:
        for code, count in warnings.items():
            first = next(one.message for one in result.warnings if one.code == code)
            say(f"warning: {code}: {first}" + (f" (and {count - 1} more; --json lists them)" if count > 1 else ""))
        for left in result.skipped:
            contour = "" if left.contour is None else f"contour {left.contour + 1} "
            say(f"skipped: ROI {left.roi} {left.name!r}: {contour}{left.reason}")
        count = sum(one.contours for one in result.rois)
        say(f"wrote {result.path} ({len(result.rois)} ROIs, {count} contours)")
    return 0


def _run_volumes(options: argparse.Namespace) -> int:
    """Export masks, a label map or surfaces."""
    from rtvis.app.export_volumes import export_labelmap, export_masks, export_surfaces
    from rtvis.app.matched_set import open_structure_set

    structure_set = open_structure_set(options.structure_set, options.ct, by_geometry=options.by_geometry)
    out, kind, force = options.out, options.type, options.force
    with progress("export") as report:
        if options.format == "masks":
            fractional = options.fractional
            result = export_masks(
                structure_set, out, kind or "nii.gz", fractional=fractional, force=force, report=report
            )
        elif options.format == "labelmap":
            result = export_labelmap(structure_set, out, kind, force=force, report=report)
        else:
            share = options.triangles
            result = export_surfaces(structure_set, out, kind or "stl", triangles=share, force=force, report=report)
    count = "triangles" if options.format == "surfaces" else "voxels"
    for name, message in result.notes:
        say(f"note: {name}: {message}" if name else f"note: {message}")
    if options.json:
        outputs = [
            {"roi": one.roi, "number": one.number, "path": str(one.path), count: one.count}
            | ({} if one.label is None else {"label": one.label})
            for one in result.outputs
        ]
        skipped = [{"roi": name, "reason": reason} for name, reason in result.skipped]
        notes = [{"roi": name, "message": message} for name, message in result.notes]
        print_json({"outputs": outputs, "skipped": skipped, "notes": notes})
    else:
        for name, reason in result.skipped:
            say(f"skipped: {name}: {reason}")
        for one in result.outputs:
            label = "" if one.label is None else f"label {one.label}, "
            say(f"wrote {one.path} ({one.roi}: {label}{one.count} {count})")
    return 0
