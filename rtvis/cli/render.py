"""`rtvis render`: a picture without a display."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import (
    add_by_geometry,
    add_command,
    add_force,
    add_paths,
    number,
    numbers,
    positive,
    share,
    size,
)
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.app.session import Session
    from rtvis.cli.arguments import Subparsers
    from rtvis.model.progress import Report

VIEWS = ("four", "axial", "sagittal", "coronal", "3d")
COLOR_MAPS = (
    "gray", "hot_iron", "pet", "hot_metal_blue", "pet_20_step", "viridis", "cool_warm", "rainbow", "rainbow_dim",
)  # fmt: skip
"""The keys of `rtvis.app.color_maps.COLOR_MAPS`, which would take long to load for every --help."""

DETAILS = """\
Draws the first volume and its structure set as the window would, into a PNG file. Of several sets that fit
the images it is the one that is named as a file, of several such the last; else the newest. --at is the
patient point (LPS mm) all views go through; the middle of the volume when left out. Window and
level are in the volume's units (HU for CT).

--overlay puts a second series over the images: a file or folder with one series, or one of those of PATH
by its modality (PT), a part of its description, its place in the list of `rtvis info` (2) or its UID.
--dose puts an RT Dose over them, as colours and isodose lines; without images it is shown on its own grid.
Of a folder with doses of beams it is their sum, where the plan is in it or in PATH and each beam is there once.
What is in another frame of reference needs --anyway, and the picture says so.

example:  rtvis render ~/studies/lung --out lung.png --view four --at 0,-20,-150 --window 1500 --level -600
          rtvis render ~/studies/pet-ct --out fused.png --overlay PT --suv --opacity 0.5
          rtvis render ~/plan --out dose.png --dose ~/plan/RD.dcm --fill 0.2"""


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
    parser.add_argument(
        "--color-map", metavar="NAME", choices=COLOR_MAPS, help=f"colours of the images: {', '.join(COLOR_MAPS)}"
    )
    parser.add_argument("--inverse", action="store_true", help="turn the colour map of the images round")
    parser.add_argument("--fill", metavar="SHARE", type=share("--fill"), help="fill contours, as opaque as 0 to 1 says")
    over = parser.add_mutually_exclusive_group()
    over.add_argument("--overlay", metavar="FILE|NAME", help="a second series over the images")
    over.add_argument("--dose", metavar="FILE", type=Path, help="an RT Dose over the images, or a folder with one")
    parser.add_argument(
        "--overlay-map", metavar="NAME", choices=COLOR_MAPS, help="colour map of what is over the images"
    )
    parser.add_argument("--opacity", metavar="SHARE", type=share("--opacity"), help="of what lies over the images")
    parser.add_argument("--anyway", action="store_true", help="show it though it may lie elsewhere")
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Render one picture."""
    from rtvis.app.opening import open_study
    from rtvis.app.session import Session
    from rtvis.model.errors import UsageError
    from rtvis.scene.picture import render_picture, save_picture

    if (options.window is None) != (options.level is None):
        raise UsageError("--window and --level go together", remedy="give both, or neither")
    if not (options.overlay or options.dose):
        given = {"--overlay-map": options.overlay_map, "--opacity": options.opacity, "--anyway": options.anyway or None}
        without = next((name for name, value in given.items() if value is not None), None)
        if without is not None:
            raise UsageError(f"{without} is of an overlay, and there is none", remedy="add --overlay or --dose")
    if options.out.suffix.lower() != ".png":
        raise UsageError("the picture is a PNG file", path=options.out, remedy="give a name that ends in .png")
    if options.out.exists() and not options.force:
        raise UsageError("already exists", path=options.out, remedy="choose another name, or use --force")
    session = Session()
    with progress("reading") as report:
        study = open_study(options.paths, by_geometry=options.by_geometry, suv=options.suv, report=report)
        session.show(study)
        _put_over(session, options, report)
    _paint_as(session, options)
    window = None if options.window is None else (options.window, options.level)
    pixels = render_picture(session, view=options.view, at=options.at, size=options.size, window=window)
    save_picture(pixels, options.out, overwrite=options.force)
    width_height = (pixels.shape[1], pixels.shape[0])
    if options.json:
        print_json({"path": str(options.out), "size": list(width_height)})
    else:
        say(f"wrote {options.out} ({width_height[0]} x {width_height[1]})")
    return 0


def _put_over(session: Session, options: argparse.Namespace, report: Report) -> None:
    """What goes over the images, and how it is painted there."""
    from dataclasses import replace

    from rtvis.app.color_maps import color_map
    from rtvis.app.dose_named import show_named_dose
    from rtvis.app.overlay_named import show_named_series

    if options.overlay is not None:
        show_named_series(session, options.overlay, suv=options.suv, anyway=options.anyway, report=report)
    elif options.dose is not None:
        title, found = show_named_dose(session, options.dose, anyway=options.anyway, report=report)
        say(f"{title or 'dose'}: {found.note}")
    else:
        _put_first_dose(session, report)
    look = session.overlay.look
    if options.overlay_map is not None:
        look = replace(look, color_map=color_map(options.overlay_map))
    if options.opacity is not None:
        look = replace(look, opacity=options.opacity)
    session.overlay.set_look(look)


def _put_first_dose(session: Session, report: Report) -> None:
    """Without images a dose is shown, as in the window; one that can't be read keeps no contours from being drawn."""
    from rtvis.app.dose_named import show_first_dose
    from rtvis.model.errors import RtvisError

    try:
        shown = show_first_dose(session, report)
    except RtvisError as error:
        if session.structure_set is None:
            raise
        say(f"without the dose: {error}")
    else:
        if shown is not None:
            say(f"{shown[0]}: {shown[1].note}")


def _paint_as(session: Session, options: argparse.Namespace) -> None:
    """Colours of the images, and how contours are drawn."""
    from dataclasses import replace

    from rtvis.app.color_maps import color_map
    from rtvis.app.contour_style import ContourLook

    if options.color_map is not None or options.inverse:
        chosen = session.color_map if options.color_map is None else color_map(options.color_map)
        session.set_color_map(chosen, inverse=options.inverse)
    if options.fill is not None:
        session.set_contour_style(replace(session.contour_style, look=ContourLook.BOTH, fill_opacity=options.fill))
