"""What a wrong command line gets: one line that says what is wrong and where the help is."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line: argparse's own print the usage before it, which is longer than the error."""

    def error(self, message: str) -> NoReturn:
        """End with exit status 2, the reason and the way to the help."""
        self.exit(2, f"{self.prog}: error: {message}; see '{self.prog} --help'\n")

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help; argparse's own passes over a reader who has gone and a device that is full."""
        (sys.stdout if file is None else file).write(self.format_help())

    def refuse_empty(self, arguments: Sequence[str]) -> None:
        """End with exit status 2 when an argument is empty.

        An unset variable in a script becomes one, and as a path it would be the current folder: signed or written to by
        accident.
        """
        for before, argument in zip(["", *arguments], arguments, strict=False):
            if argument and not re.fullmatch(r"--[a-z-]+=", argument):
                continue
            option = argument.removesuffix("=") or before
            place = f"the value of {option}" if option.startswith("--") else "an argument"
            self.error(f"{place} is empty (is a variable unset?), and the current folder is '.'")
