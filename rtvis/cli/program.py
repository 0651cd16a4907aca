"""The program `rtvis` once it is loaded: finds and runs the command, turns errors into one line and an exit status."""

from __future__ import annotations

import argparse
import errno
import importlib
import re
import sys
import traceback
from typing import TYPE_CHECKING

from rtvis.cli import streams
from rtvis.cli.printing import print_what_cannot_be_encoded, say
from rtvis.cli.streams import READER_LEFT, end_in_order, lead_nowhere, open_what_is_closed, reader_left
from rtvis.cli.usage import Parser
from rtvis.model.errors import RtvisError

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
delivery refused); 2 wrong usage, or nothing that was named could be read; 130 interrupted; 141 the reader of
stdout left. `rtvis COMMAND --help` explains each command. rtvis is not for clinical use."""


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a full or broken device behind stdout answers. Files that commands write have errors of their own."""

OF_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR})
"""What is wrong with a path somebody named, wherever it comes up first."""


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


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the command line without the program's name; `sys.argv` when None.

    Returns:
        The exit status: 0 done or holds, 1 doesn't hold, 2 wrong usage or unreadable input, 130 interrupted, 141 the
        reader of stdout left.
    """
    open_what_is_closed()
    print_what_cannot_be_encoded()
    if arguments is None:  # this is the program, and not somebody who calls it
        end_in_order()
    try:
        try:
            return _run_line(sys.argv[1:] if arguments is None else arguments)
        finally:  # also after --help: what is left for the interpreter's end can only fail there
            _flush()
    except BrokenPipeError:
        lead_nowhere(sys.stdout)
        return READER_LEFT
    except OSError as error:  # of the help, say: commands tell theirs
        if error.filename is not None or error.errno not in NO_ROOM:
            raise
        lead_nowhere(sys.stdout)
        say(f"rtvis: stdout can't be written ({error.strerror})")
        return 2
    except KeyboardInterrupt:  # before there is a command to name, or after it
        say("rtvis: interrupted")
        return 130


def _run_line(given: Sequence[str]) -> int:
    parser = build_parser()
    options = parser.parse_args(join_negative_numbers(given))
    parser.refuse_empty(given)
    if options.version:
        from importlib.metadata import version

        print(f"rtvis {version('rtvis')}")
        return 0
    if options.command is None:
        streams.say(parser.format_help().rstrip())
        return 2
    return run_command(options)


def _flush() -> None:
    """Write what is left for stdout and stderr.

    Raises:
        BrokenPipeError: when stdout's reader has gone; a reader of messages may go.
        SystemExit: with 2, when stdout can't be written otherwise.
    """
    try:
        sys.stderr.flush()
    except OSError:
        lead_nowhere(sys.stderr)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        lead_nowhere(sys.stdout)
        say(f"rtvis: stdout can't be written ({error.strerror})")
        sys.exit(2)


def join_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """Write ``--at -10,5,0`` as ``--at=-10,5,0``: argparse takes a value that begins with a minus for an option.

    >>> join_negative_numbers(["render", "--at", "-10,5,0", "--level", "-600"])
    ['render', '--at=-10,5,0', '--level=-600']
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in {"--at", "--origin", "--level", "--spacing"} and re.match(r"-[0-9.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def run_command(options: argparse.Namespace) -> int:
    """Run a parsed command; errors become one line on stderr."""
    debug = bool(getattr(options, "debug", False))
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except RtvisError as error:
        if debug:
            traceback.print_exc()
        say(f"rtvis {options.command}: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        say(f"rtvis {options.command}: interrupted")
        return 130
    except Exception as error:
        if isinstance(error, BrokenPipeError) and reader_left(sys.stdout):
            raise
        if debug:
            raise
        if isinstance(error, OSError) and error.filename is None and error.errno in NO_ROOM:
            lead_nowhere(sys.stdout)
            say(f"rtvis {options.command}: stdout can't be written ({error.strerror})")
            return 2
        what = f"unexpected {type(error).__name__}: {error}; run again with --debug and report it"
        if isinstance(error, OSError) and error.errno in OF_THE_NAME:
            what = f"{error.filename}: can't be used ({error.strerror}); check its name, and who may enter its folder"
        say(f"rtvis {options.command}: {what}")
        return 2
    return status
