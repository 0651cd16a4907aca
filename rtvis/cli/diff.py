"""`rtvis diff`: two structure sets, ROI by ROI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_ct
from rtvis.cli.printing import print_json, progress, tell

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers
    from rtvis.model.comparison import RoiDifference

DETAILS = """\
Compares what two structure sets say (names, types, colours, contours), not their bytes, with the
largest distance in mm per ROI. With the images (--ct) also how far their ROIs agree in voxels:
Dice's coefficient, and the mean, 95th percentile and maximum of the distances between their
surfaces. Exit status 1 when they are not identical.

example:  rtvis diff before.dcm after.dcm
          rtvis diff mine.dcm yours.dcm --ct ct/"""


STATUS = {"only_a": "only in A", "only_b": "only in B"}
"""How `status` is told to people, where it isn't a word."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "diff", run, "compare two structure sets, ROI by ROI", details=DETAILS)
    parser.add_argument("a", metavar="A", type=Path, help="a structure set file")
    parser.add_argument("b", metavar="B", type=Path, help="another")
    add_ct(parser)
    add_by_geometry(parser)


def run(options: argparse.Namespace) -> int:
    """Compare two structure sets."""
    from rtvis.app.roi_numbers import structure_set_comparison

    with progress("comparing") as report:
        result = structure_set_comparison(
            options.a, options.b, options.ct, by_geometry=options.by_geometry, report=report
        )
    if options.json:
        print_json({"identical": result.identical, "rois": [_document(one) for one in result.rois]})
    else:
        for one in result.rois:
            if one.status != "same":
                tell(_line(one))
        tell("identical" if result.identical else "not identical")
    return 0 if result.identical else 1


def _document(one: RoiDifference) -> dict[str, object]:
    overlap = one.overlap
    return {
        "name": one.name,
        "status": one.status,
        "max_mm": one.max_mm,
        "contours_a": one.contours_a,
        "contours_b": one.contours_b,
        "changes": list(one.changes),
        "dice": overlap and overlap.dice,
        "surface_mean_mm": overlap and overlap.distances.mean,
        "surface_95_mm": overlap and overlap.distances.percentile_95,
        "surface_max_mm": overlap and overlap.distances.hausdorff,
    }


def _line(one: RoiDifference) -> str:
    far = "" if one.max_mm is None else f", up to {one.max_mm:g} mm"
    what = f" in {', '.join(one.changes).replace('_', ' ')}" if one.changes else ""
    text = f"{STATUS.get(one.status, one.status)}{what}: {one.name} ({_contours(one)}{far})"
    if one.overlap is None:
        return text
    apart = one.overlap.distances
    surfaces = f"mean {apart.mean:.2f}, 95 % {apart.percentile_95:.2f}, most {apart.hausdorff:.2f} mm"
    return f"{text}: Dice {one.overlap.dice:.3f}, surfaces apart {surfaces}"


def _contours(one: RoiDifference) -> str:
    if one.status in STATUS:
        count = one.contours_a or one.contours_b
        return f"{count} contour{'s'[: count != 1]}"
    return f"{one.contours_a} and {one.contours_b} contours"
