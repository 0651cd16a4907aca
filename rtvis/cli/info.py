"""`rtvis info`: what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtvis.cli.arguments import add_by_geometry, add_command, add_paths
from rtvis.cli.printing import print_json, progress, tell

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Lists every image series (sorted, with its geometry), every structure set with the series it belongs
to, other DICOM objects, and every file that can't be used, with the reason. Nothing is changed.

example:  rtvis info ~/studies/lung --json"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        subparsers, "info", run, "list what is there: series, structure sets, problems", details=DETAILS
    )
    add_paths(parser)
    add_by_geometry(parser)


def run(options: argparse.Namespace) -> int:
    """List what PATHs hold."""
    from rtvis.app.description import describe_study
    from rtvis.app.opening import match_all, scan_paths
    from rtvis.model.errors import NothingFoundError

    with progress("reading") as report:
        scan = scan_paths(options.paths, report=report)
    structure_sets, broken = match_all(scan.structure_sets, scan.plans, by_geometry=options.by_geometry)
    if broken and not (scan.plans or structure_sets or scan.others):
        raise NothingFoundError(broken[0].reason, path=broken[0].path, remedy="get an intact copy of the file")
    document = describe_study(
        volumes=scan.plans,
        structure_sets=structure_sets,
        others=scan.others,
        unreadable=(*scan.unreadable, *broken),
        ignored=scan.ignored,
        problems=scan.problems,
    )
    if options.json:
        print_json(document)
    else:
        _print_text(document)
    return 0


def _print_text(document: dict[str, Any]) -> None:
    for one in document["series"]:
        slices, rows, columns = one["shape"]
        between, row, column = one["spacing_mm"]
        tell(f"{one['modality']}  {one['description'] or '(no description)'}  patient {one['patient_id'] or '(no ID)'}")
        tell(f"    {slices} slices of {rows} x {columns} (rows x columns), {between:g} x {row:g} x {column:g} mm")
        tell(f"    {one['volume_id']}")
        _print_problems(one)
    for one in document["structure_sets"]:
        match = f"on {one['volume_id']} by {one['matched_by']}" if one["volume_id"] else "images missing"
        tell(f"RTSTRUCT  {one['label']}  {one['path']}")
        count = len(one["rois"])
        tell(f"    {count} ROI{'s'[: count != 1]}, {match}")
        for roi in one["rois"]:
            counts = ", ".join(f"{n} {kind}" for kind, n in roi["contours"].items()) or "no contours"
            tell(f"    {roi['number']:>4}  {roi['name']}  ({counts}; {roi['points']} points)")
        _print_problems(one)
    for one in document["others"]:
        tell(f"{one['modality']}  {one['description']}  {one['path']} (listed only)")
    for one in document["unreadable"]:
        tell(f"unreadable: {one['path']}: {one['reason']}")
    _print_problems(document)
    if document["ignored"]:
        tell(f"{document['ignored']} other files (not DICOM)")


def _print_problems(document: dict[str, Any]) -> None:
    for problem in document["problems"]:
        tell(f"    ! {problem['code']}: {problem['message']}")
