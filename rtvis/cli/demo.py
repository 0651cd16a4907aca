"""`rtvis demo`: the main job from end to end."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command
from rtvis.cli.printing import print_json, say
from rtvis.cli.streams import end_as_usual

if TYPE_CHECKING:
    import argparse

    from rtvis.app.demo import Step
    from rtvis.app.session import Session
    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Without PATH a CT of a phantom is constructed, with a structure set. With a display the window opens
on it and everything is a menu away. With --headless, or without a display, every step is done:
open, show, draw a planar and a non-planar contour, save, digest, sign, send to a device (a process
of its own, on this machine), which verifies and answers with a receipt. Exit status 0 only if all
of it held. PATH is never written to.

example:  rtvis demo ~/studies/lung --headless --out demo/"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        subparsers, "demo", run, "the main job from end to end, on a phantom or your study", details=DETAILS
    )
    parser.add_argument("path", metavar="PATH", nargs="?", type=Path, help="a study (default: a phantom is made)")
    parser.add_argument("--headless", action="store_true", help="do every step without a window")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for pictures and results (default: rtvis-demo)")


def run(options: argparse.Namespace) -> int:
    """Show or do the main job."""
    from rtvis.app.display import has_display
    from rtvis.app.named_paths import require_paths

    if options.path is not None:
        require_paths([options.path])
    if options.headless or options.json or not has_display():
        return _run_steps(options)
    return _open_window(options)


def _run_steps(options: argparse.Namespace) -> int:
    from rtvis.app.demo import fresh_folder, run_demo
    from rtvis.scene.picture import render_picture, save_picture

    out = fresh_folder(options.out)
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def render(session: Session, path: Path) -> None:
        save_picture(render_picture(session), path)

    def said(step: Step) -> None:
        if not options.json:
            print(_line(step, colored=colored), flush=True)

    result = run_demo(options.path, out, render, said=said)
    if options.json:
        steps = [
            {"name": one.name, "seconds": one.seconds, "ok": one.ok, "message": one.message} for one in result.steps
        ]
        print_json({"steps": steps, "outputs": result.outputs})
    else:
        total = sum(one.seconds for one in result.steps)
        verdict = "all of it held" if result.ok else "NOT all of it held"
        print(f"{len(result.steps)} steps in {total:.2f} s: {verdict}. Results are in {out}")
    return 0 if result.ok else 1


def _line(step: Step, *, colored: bool) -> str:
    mark = "ok  " if step.ok else "FAIL"
    if colored:
        mark = f"\033[{'32' if step.ok else '31'}m{mark}\033[0m"
    return f"{mark} {step.name:<16} {step.seconds:7.2f} s  {step.message}"


def _open_window(options: argparse.Namespace) -> int:
    from rtvis.gui.application import run as run_window

    path = options.path
    if path is None:
        from rtvis.app.demo import fresh_folder
        from rtvis.app.phantom import build_phantom
        from rtvis.dicom.rtstruct_writer import write_structure_set

        path = fresh_folder(options.out) / "phantom"
        say(f"constructing a phantom in {path}")
        phantom = build_phantom(path / "ct")
        write_structure_set(phantom.structure_set, path / "structure-set.dcm")
    end_as_usual()
    return run_window([str(path)])
