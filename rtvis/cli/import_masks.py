"""`rtvis import`: masks and label maps become a structure set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_force
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Reads masks (NIfTI, NRRD, MetaImage) on the grid of the images and writes contours around them;
filled again they are the same masks, voxel for voxel, unless a mask leaves out every second slice
or more: contours can't tell empty slices from slices nobody drew on, and a note says so. A file
with one value besides 0 becomes one ROI with the file's name; a label map becomes one ROI for each
value, with that value as its number where it is above 0 and free.

example:  rtvis import masks/ --ct ct/ --out rs.dcm"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "import", run, "make a structure set from masks", details=DETAILS)
    parser.add_argument("masks", metavar="MASK", nargs="+", type=Path, help="mask or label map files, or folders")
    parser.add_argument("--ct", metavar="PATH", required=True, type=Path, help="the images the masks are on")
    parser.add_argument("--out", metavar="RS.dcm", required=True, type=Path, help="the file to write")
    parser.add_argument("--label", default="rtvis", help="StructureSetLabel, up to 16 characters (default: rtvis)")
    parser.add_argument(
        "--tolerance",
        metavar="MM",
        type=float,
        default=0.0,
        help="leave out corners this close to the outline; up to 0.35 of a pixel keeps every voxel (default: 0)",
    )
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Import masks."""
    from rtvis.app.mask_structures import import_masks
    from rtvis.dicom.rtstruct_writer import write_structure_set
    from rtvis.model.errors import UsageError

    if not 0 <= options.tolerance < 1000:
        raise UsageError(f"a tolerance is 0 mm or more, not {options.tolerance:g}", remedy="give one such as 0.3")
    if options.out.exists() and not options.force:
        raise UsageError("already exists", path=options.out, remedy="choose another name, or use --force")
    with progress("reading") as report:
        structure_set = import_masks(
            options.masks, options.ct, label=options.label, tolerance_mm=options.tolerance, report=report
        )
    warnings = write_structure_set(structure_set, options.out, overwrite=options.force)
    for one in [*structure_set.problems, *warnings]:
        say(f"note: {one.message}")
    if options.json:
        rois = [{"number": one.number, "name": one.name, "contours": len(one.contours)} for one in structure_set.rois]
        problems = [{"code": one.code, "message": one.message} for one in structure_set.problems]
        print_json({"path": str(options.out), "rois": rois, "problems": problems})
    else:
        say(f"wrote {options.out} ({len(structure_set.rois)} ROIs, {structure_set.contour_count} contours)")
    return 0
