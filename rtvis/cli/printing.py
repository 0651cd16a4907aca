"""What commands print: JSON for scripts, lines for people, progress on stderr."""

from __future__ import annotations

import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rtvis.cli import streams
from rtvis.model.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtvis.model.progress import Report


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; numbers as they are, never rounded for looks.

    A file name that isn't UTF-8 reaches Python with a lone surrogate for each byte. JSON can carry these as escapes,
    and a reader in Python gets the very name back; as bytes they would make the document unreadable.
    """
    ascii_only = not is_utf8(sys.stdout)
    text = json.dumps(document, indent=2, ensure_ascii=ascii_only, allow_nan=False, default=str)
    print(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def is_utf8(stream: Any) -> bool:
    """Whether a text stream writes UTF-8."""
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def print_what_cannot_be_encoded() -> None:
    """Let stdout and stderr print every name: file names as their bytes, letters their encoding hasn't as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if is_utf8(stream) else "backslashreplace")


def tell(text: str) -> None:
    """Print a line for people on stdout: one line, and nothing that a terminal obeys, whatever names are in it."""
    print(one_line(text))


def say(message: str) -> None:
    """Print a message for people on stderr: one line, whatever names are in it; where nobody reads it, work goes on."""
    streams.say(one_line(message))


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """A progress bar with rate and time left on stderr, where stderr is a terminal and it takes over half a second."""
    from tqdm import tqdm  # here, as it takes a third of the time until a command line is understood

    with tqdm(desc=what, unit="file", disable=None, delay=0.5, leave=False, file=sys.stderr) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
