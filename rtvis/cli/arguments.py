"""Arguments that several commands share, each described once."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  (argparse gives it no other name)


def add_command(
    subparsers: Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], int] | None,
    summary: str,
    *,
    details: str = "",
    json: bool = True,
) -> argparse.ArgumentParser:
    """Add a command with the options that all commands have.

    Args:
        subparsers: of the program, or of a group of commands.
        name: the word on the command line.
        run: called with the parsed options; None for a group.
        summary: one line for lists of commands.
        details: what `--help` says besides: what it reads, what it writes, an example.
        json: whether the command has `--json`.
    """
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=_filled(details) or None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if run is not None:
        parser.set_defaults(run=run)
        if json:
            parser.add_argument(
                "--json", action="store_true", help="print one JSON document, and nothing else, on stdout"
            )
        parser.add_argument("--debug", action="store_true", help="show a traceback with an error")
    return parser


def _filled(text: str) -> str:
    """Paragraphs filled to the terminal's width; examples are left as they are."""
    width = min(shutil.get_terminal_size().columns - 2, 100)
    paragraphs = text.split("\n\n")
    return "\n\n".join(one if one.startswith("example:") else textwrap.fill(one, width) for one in paragraphs)


def add_paths(parser: argparse.ArgumentParser, *, nargs: str = "+", what: str = "DICOM files or folders") -> None:
    """Add PATH..., files or folders that are searched recursively."""
    parser.add_argument(
        "paths", metavar="PATH", nargs=nargs, type=Path, help=f"{what} (folders are searched recursively)"
    )


def add_identity(parser: argparse.ArgumentParser) -> None:
    """Add `--identity DIR`."""
    parser.add_argument(
        "--identity",
        metavar="DIR",
        required=True,
        type=Path,
        help="identity folder, from `rtvis identity create`; its passphrase is asked for, or RTVIS_PASSPHRASE",
    )


def add_trust(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Add `--trust CERT_OR_DIR`."""
    parser.add_argument(
        "--trust",
        metavar="CERT_OR_DIR",
        required=required,
        type=Path,
        help="a certificate, or a folder of certificates, that you trust",
    )


def add_force(parser: argparse.ArgumentParser) -> None:
    """Add `--force`."""
    parser.add_argument("--force", action="store_true", help="replace an output file that is already there")


def add_ct(parser: argparse.ArgumentParser) -> None:
    """Add `--ct PATH`."""
    parser.add_argument("--ct", metavar="PATH", type=Path, help="the images it was drawn on (file or folder)")


def add_by_geometry(parser: argparse.ArgumentParser) -> None:
    """Add `--by-geometry`."""
    parser.add_argument(
        "--by-geometry",
        action="store_true",
        help="where neither references nor frame of reference lead to images, take those that the contours fit",
    )


def numbers(count: int, what: str) -> Callable[[str], tuple[float, ...]]:
    """An argparse type: `count` numbers joined by commas, such as ``X,Y,Z``."""

    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(float(part) for part in text.split(","))
        except ValueError:
            values = ()
        if len(values) != count or not all(abs(value) < 1e9 for value in values):
            raise argparse.ArgumentTypeError(f"{what} must be {count} numbers joined by commas, not {text!r}")
        return values

    return parse


def number(what: str) -> Callable[[str], float]:
    """An argparse type: one number, neither endless nor NaN."""
    several = numbers(1, what)

    def parse(text: str) -> float:
        try:
            return several(text)[0]
        except argparse.ArgumentTypeError:
            raise argparse.ArgumentTypeError(f"{what} must be a number, not {text!r}") from None

    return parse


def positive(what: str) -> Callable[[str], float]:
    """An argparse type: one number above 0."""
    any_number = number(what)

    def parse(text: str) -> float:
        value = any_number(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{what} must be above 0, not {text!r}")
        return value

    return parse


def share(what: str) -> Callable[[str], float]:
    """An argparse type: one number from 0 to 1."""
    any_number = number(what)

    def parse(text: str) -> float:
        value = any_number(text)
        if not 0 <= value <= 1:
            raise argparse.ArgumentTypeError(f"{what} must be from 0 to 1, not {text!r}")
        return value

    return parse


def size(text: str) -> tuple[int, int]:
    """An argparse type: ``WxH`` in pixels, each 64 to 16384."""
    parts: list[Any] = text.lower().split("x")
    if (
        len(parts) != 2
        or not all(part.isdigit() for part in parts)
        or not all(64 <= int(part) <= 16384 for part in parts)
    ):
        raise argparse.ArgumentTypeError(f"a size is WIDTHxHEIGHT in pixels, 64 to 16384 each, not {text!r}")
    return int(parts[0]), int(parts[1])
