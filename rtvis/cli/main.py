"""The program `rtvis`: finds the command, runs it, and turns errors into one line and an exit status."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import re
import sys
import traceback
from typing import TYPE_CHECKING

from rtvis.cli.printing import print_what_cannot_be_encoded
from rtvis.cli.usage import Parser
from rtvis.model.errors import RtvisError
from rtvis.model.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (
    "demo",
    "view",
    "render",
    "info",
    "build",
    "check",
    "diff",
    "export",
    "import",
    "stats",
    "digest",
    "identity",
    "sign",
    "verify",
    "history",
    "device",
    "send",
)
"""In the order in which `rtvis --help` lists them. Each is a module here with `add_parser(subparsers)`."""

MODULES = {"import": "import_masks"}
"""Commands whose name can't be a module's."""

EPILOG = """\
Exit status: 0 done, or the thing checked holds; 1 the thing checked doesn't hold (bad signature, failed check,
delivery refused); 2 wrong usage, or nothing that was named could be read.
`rtvis COMMAND --help` explains each command. rtvis is not for clinical use."""


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
OF_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR})
"""What is wrong with a path somebody named, wherever it comes up first."""
"""What a full or broken device behind stdout answers. Files that commands write have errors of their own."""


def build_parser() -> Parser:
    """The parser of the whole program."""
    parser = Parser(
        prog="rtvis",
        description="Radiotherapy volumes and structure sets: see, draw, save losslessly, sign and deliver.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in COMMANDS:
        importlib.import_module(f"rtvis.cli.{MODULES.get(name, name)}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the command line without the program's name; `sys.argv` when None.

    Returns:
        The exit status: 0 done or holds, 1 doesn't hold, 2 wrong usage or unreadable input, 130 interrupted.
    """
    print_what_cannot_be_encoded()
    parser = build_parser()
    given = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(join_negative_numbers(given))
    parser.refuse_empty(given)
    if options.version:
        from importlib.metadata import version

        print(f"rtvis {version('rtvis')}")
        return 0
    if options.command is None:
        parser.print_help(sys.stderr)
        return 2
    return run_command(options)


def join_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """Write ``--at -10,5,0`` as ``--at=-10,5,0``: argparse takes a value that begins with a minus for an option.

    >>> join_negative_numbers(["render", "--at", "-10,5,0", "--level", "-600"])
    ['render', '--at=-10,5,0', '--level=-600']
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in {"--at", "--origin", "--level"} and re.match(r"-[0-9.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def run_command(options: argparse.Namespace) -> int:
    """Run a parsed command; errors become one line on stderr."""
    debug = bool(getattr(options, "debug", False))
    try:
        status = int(options.run(options))
        if sys.stdout is not None:  # None where the caller closed it
            sys.stdout.flush()
    except RtvisError as error:
        if debug:
            traceback.print_exc()
        print(f"rtvis {options.command}: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print(f"rtvis {options.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _give_up_stdout()  # the reader of our output has gone
        return 1
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.filename is None and error.errno in NO_ROOM:
            _give_up_stdout()
            print(f"rtvis {options.command}: stdout can't be written ({error.strerror})", file=sys.stderr)
            return 2
        what = f"unexpected {type(error).__name__}: {error}; run again with --debug and report it"
        if isinstance(error, OSError) and error.errno in OF_THE_NAME:
            what = f"{error.filename}: can't be used ({error.strerror}); check its name, and who may enter its folder"
        print(f"rtvis {options.command}: {one_line(what)}", file=sys.stderr)
        return 2
    return status


def _give_up_stdout() -> None:
    """Leave the interpreter a stdout that it can flush when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
