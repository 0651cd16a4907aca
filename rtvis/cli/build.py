"""`rtvis build`: construct a DICOM volume from an image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, numbers
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Reads NIfTI, NRRD, MetaImage or a NumPy array (.npy, slices x rows x columns) and writes one DICOM
file per slice into DIR: preamble, file meta information, header and data set as the standard's CT
(or MR) module tables ask. NIfTI's RAS coordinates become DICOM's LPS. A .npy has no geometry of its
own: give --spacing and --origin.

example:  rtvis build scan.nii.gz --out ct/ --like ~/studies/lung"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "build", run, "construct a DICOM volume from an image file", details=DETAILS)
    parser.add_argument("image", metavar="IMAGE", type=Path, help="NIfTI, NRRD, MetaImage or .npy")
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="folder for the slices")
    parser.add_argument(
        "--like", metavar="DIR", type=Path, help="series to take patient, study and frame of reference from"
    )
    parser.add_argument("--modality", choices=("CT", "MR"), default="CT", help="what the image is (default: CT)")
    parser.add_argument(
        "--spacing", metavar="S,R,C", type=numbers(3, "a spacing"), help="mm between slices, rows, columns (.npy)"
    )
    parser.add_argument("--origin", metavar="X,Y,Z", type=numbers(3, "an origin"), help="first voxel, LPS mm (.npy)")


def run(options: argparse.Namespace) -> int:
    """Construct one series."""
    from rtvis.dicom.image_files import build_series

    with progress("writing") as report:
        built = build_series(
            options.image,
            options.out,
            like=options.like,
            modality=options.modality,
            spacing=options.spacing,
            origin=options.origin,
            report=report,
        )
    if options.json:
        print_json({"series_instance_uid": built.series_instance_uid, "files": [str(one) for one in built.files]})
    else:
        say(f"wrote {len(built.files)} slices to {options.out} (series {built.series_instance_uid})")
    return 0
