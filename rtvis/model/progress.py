"""How long work tells how far it is, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rtvis.model.errors import RtvisError

Report: TypeAlias = Callable[[int, int], None]
"""Called with (done, total) now and then, from any thread. It may raise `CancelledError`; the work then stops, undoes
what it left half-done, and lets the error through."""


class CancelledError(RtvisError):
    """The person asked to stop; nothing half-done is left."""


def no_report(done: int, total: int) -> None:
    """A `Report` for callers that don't want to know."""
