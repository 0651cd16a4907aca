"""What commands print: JSON for scripts, lines for people, progress on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtvis.model.progress import Report


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; numbers as they are, never rounded for looks."""
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def say(message: str) -> None:
    """Print a message for people on stderr."""
    print(message, file=sys.stderr)


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """A progress bar with rate and time left on stderr, where stderr is a terminal and it takes over half a second."""
    with tqdm(desc=what, unit="file", disable=None, delay=0.5, leave=False, file=sys.stderr) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
