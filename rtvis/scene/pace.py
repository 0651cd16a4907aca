"""How many triangles there is time for while something moves, learned from what drawing took."""

from __future__ import annotations

import math

MOVING_MS = 45.0
"""What a drawing may take while something moves."""

FIRST_IN_SOFTWARE = 150_000
"""Before anything was drawn without a graphics card. With one there is no end to it."""

BESIDE_TISSUE = 60_000
"""Where rays are cast on the processor as well, which have more use for the time."""

FEWEST = 10_000
"""Fewer hardly save anything: what is left is the size of the picture."""

QUICK = 0.5
"""A drawing that took this share of what it may leaves room for more triangles, and with `ROOM` of what would fit
they aren't too many the next time."""

ROOM = 0.7


class Pace:
    """Learns how many triangles may be drawn in one scene while it moves.

    Attributes:
        most: triangles; infinite where there is time for all.
    """

    def __init__(self, *, in_software: bool) -> None:
        self.most: float = FIRST_IN_SOFTWARE if in_software else math.inf

    def learn(self, triangles: int, milliseconds: float) -> None:
        """A drawing of so many triangles took so long."""
        if triangles <= 0:
            return
        share = milliseconds / MOVING_MS
        if share > 1:
            self.most = max(min(self.most, triangles / share), FEWEST)
        elif share < QUICK:
            self.most = max(self.most, triangles * ROOM / max(share, 1e-3))

    def allowed(self, *, beside_tissue: bool) -> float:
        """Triangles for the next drawing; `beside_tissue` where rays are cast on the processor."""
        return min(self.most, BESIDE_TISSUE) if beside_tissue else self.most
