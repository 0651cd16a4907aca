"""`rtvis view`: the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_paths
from rtvis.cli.streams import end_as_usual

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Opens the window on PATHs, or empty. It needs a display; `rtvis render` makes pictures without one.
Of several structure sets that fit the images the one that is named as a file is shown, of several such the last;
else the newest by Structure Set Date and Time.

example:  rtvis view ~/studies/lung"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "view", run, "open the window", details=DETAILS, json=False)
    add_paths(parser, nargs="*")


def run(options: argparse.Namespace) -> int:
    """Open the window and wait until it is closed."""
    from rtvis.app.display import require_display
    from rtvis.app.named_paths import require_paths

    require_paths(options.paths)
    require_display()
    from rtvis.gui.application import run as run_window

    end_as_usual()
    return run_window([str(path) for path in options.paths])
