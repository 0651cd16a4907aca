"""`rtvis stats`: volumes, places and values of ROIs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_ct, positive
from rtvis.cli.printing import print_json, progress, say, tell

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers
    from rtvis.model.statistics import RoiStatistics

DETAILS = """\
volume: contour area times thickness; a plane owns half the way to each neighbour, an end plane as
much outside as inside, and a gap over 1.5 times the median is not bridged. With the images (--ct)
also the volume of the voxels whose centre is inside, and mean, standard deviation, minimum and
maximum of their values; and how often values occur (--histogram WIDTH, in --json).

example:  rtvis stats rs.dcm --ct ct/
          rtvis stats rs.dcm --ct ct/ --json --histogram 25"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "stats", run, "print volumes and values of ROIs", details=DETAILS)
    parser.add_argument("structure_set", metavar="RTSTRUCT", type=Path, help="a structure set file")
    add_ct(parser)
    add_by_geometry(parser)
    parser.add_argument(
        "--histogram",
        metavar="WIDTH",
        type=positive("the width of bins"),
        help="count values in bins of this width, in the images' units (with --ct and --json)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the numbers of one structure set."""
    from rtvis.app.roi_numbers import structure_set_statistics
    from rtvis.model.errors import UsageError

    if options.histogram is not None and not (options.json and options.ct):
        raise UsageError("--histogram needs images, and is told in JSON", remedy="add --ct and --json")
    with progress("counting") as report:
        found = structure_set_statistics(
            options.structure_set,
            options.ct,
            by_geometry=options.by_geometry,
            bin_width=options.histogram,
            report=report,
        )
    for one in found:
        for problem in one.problems:
            say(f"note: {one.name}: {problem.message}")
    if options.json:
        print_json({"rois": [_document(one) for one in found]})
        return 0
    tell(f"{'no':>4}  {'volume cc':>12}  {'voxels cc':>12}  {'mean':>9}  {'std':>9}  {'min':>7}  {'max':>7}  ROI")
    for one in found:
        values = one.values
        columns = [_text(one.volume_cc, 12, 3), _text(one.voxel_volume_cc, 12, 3)]
        if values is None:
            columns += [_text(None, width, 0) for width in (9, 9, 7, 7)]
        else:
            columns += [_text(values.mean, 9, 2), _text(values.std, 9, 2)]
            columns += [_text(values.min, 7, 0), _text(values.max, 7, 0)]
        tell("  ".join([f"{one.number:>4}", *columns, one.name]))
    return 0


def _text(value: float | None, width: int, decimals: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.{decimals}f}"


def _document(one: RoiStatistics) -> dict[str, object]:
    values, bins = one.values, one.histogram
    return {
        "number": one.number,
        "name": one.name,
        "volume_cc": one.volume_cc,
        "voxel_volume_cc": one.voxel_volume_cc,
        "centroid_lps_mm": one.centroid_lps_mm,
        "extent_mm": one.extent_mm,
        "area_mm2": one.area_mm2,
        "length_mm": one.length_mm,
        "mean": values and values.mean,
        "std": values and values.std,
        "min": values and values.min,
        "max": values and values.max,
        "histogram": bins and {"start": bins.start, "width": bins.width, "counts": list(bins.counts)},
        "problems": [{"code": problem.code, "message": problem.message} for problem in one.problems],
    }
