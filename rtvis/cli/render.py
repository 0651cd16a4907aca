"""`rtvis render`: a picture without a display."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_by_geometry, add_command, add_force, add_paths, number, numbers, positive, size
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

VIEWS = ("four", "axial", "sagittal", "coronal", "3d")

DETAILS = """\
Draws the first volume and its structure set as the window would, into a PNG file. --at is the
patient point (LPS mm) all views go through; the middle of the volume when left out. Window and
level are in the volume's units (HU for CT).

example:  rtvis render ~/studies/lung --out lung.png --view four --at 0,-20,-150 --window 1500 --level -600"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "render", run, "write a picture of a study, without a display", details=DETAILS)
    add_paths(parser)
    add_by_geometry(parser)
    parser.add_argument("--out", metavar="P.png", required=True, type=Path, help="the picture to write")
    parser.add_argument("--view", choices=VIEWS, default="four", help="which view (default: four)")
    parser.add_argument("--at", metavar="X,Y,Z", type=numbers(3, "a point"), help="patient point, LPS mm")
    parser.add_argument("--size", metavar="WxH", type=size, default=(1600, 1200), help="pixels (default: 1600x1200)")
    parser.add_argument("--window", metavar="W", type=positive("the window"), help="window width; goes with --level")
    parser.add_argument("--level", metavar="L", type=number("the level"), help="window level; goes with --window")
    parser.add_argument("--suv", action="store_true", help="show PET as SUV by body weight (g/ml) where it can be")
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Render one picture."""
    from rtvis.app.opening import open_study
    from rtvis.app.session import Session
    from rtvis.model.errors import UsageError
    from rtvis.scene.picture import render_picture, save_picture

    if (options.window is None) != (options.level is None):
        raise UsageError("--window and --level go together", remedy="give both, or neither")
    if options.out.suffix.lower() != ".png":
        raise UsageError("the picture is a PNG file", path=options.out, remedy="give a name that ends in .png")
    if options.out.exists() and not options.force:
        raise UsageError("already exists", path=options.out, remedy="choose another name, or use --force")
    session = Session()
    with progress("reading") as report:
        study = open_study(options.paths, by_geometry=options.by_geometry, suv=options.suv, report=report)
        session.show(study)
    window = None if options.window is None else (options.window, options.level)
    pixels = render_picture(session, view=options.view, at=options.at, size=options.size, window=window)
    save_picture(pixels, options.out, overwrite=options.force)
    width_height = (pixels.shape[1], pixels.shape[0])
    if options.json:
        print_json({"path": str(options.out), "size": list(width_height)})
    else:
        say(f"wrote {options.out} ({width_height[0]} x {width_height[1]})")
    return 0
