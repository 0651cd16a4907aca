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


PARTS = 100
"""Into which progress within one of several pieces of work is told."""


def no_report(done: int, total: int) -> None:
    """A `Report` for callers that don't want to know."""


def part_of(report: Report, done: int, count: int) -> Report:
    """Reports of one of several pieces of work, told as a part of the whole.

    Args:
        report: of the whole.
        done: how many pieces came before.
        count: how many there are.
    """
    return lambda step, steps: report(PARTS * done + PARTS * step // max(steps, 1), PARTS * count)
