"""What there is time for while something moves, learned from what drawing took: triangles, and pixels."""

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


SHARES = (1.0, 0.7, 0.5)
"""Of a picture's width and height that are drawn while something moves, and enlarged."""

LARGE_PIXELS = 400_000
"""In pictures that have no more pixels than this it isn't their number that takes time."""

FIRST_PIXELS = 1_500_000
"""As many are drawn before anything was learned without a graphics card."""

SLOW, SLOW_TIMES = 1.2, 2
"""Drawings in a row that took so many times what they may make the next ones smaller."""

EASY = 0.35
"""A drawing that took this share of what it may could have twice the pixels."""


class Pace:
    """Learns how many triangles may be drawn in one scene while it moves, and how large.

    Attributes:
        in_software: whether there is no graphics card.
        most: triangles; infinite where there is time for all.
        share: of the picture's width and height, one of `SHARES`.
    """

    def __init__(self, *, in_software: bool) -> None:
        self.in_software = in_software
        self.most: float = FIRST_IN_SOFTWARE if in_software else math.inf
        self.share = SHARES[0]
        self._slow = 0
        self._has_learned = not in_software

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

    def begin(self, pixels: int) -> None:
        """A picture with so many pixels is about to be drawn; the first large ones are drawn smaller."""
        if not self._has_learned:
            self.share = next((one for one in SHARES if pixels * one**2 <= FIRST_PIXELS), SHARES[-1])

    def learn_size(self, pixels: int, milliseconds: float) -> None:
        """A drawing of a picture with so many pixels, or its `share` of them, took so long."""
        self._has_learned = True
        if pixels <= LARGE_PIXELS:
            self.share, self._slow = SHARES[0], 0
            return
        at = SHARES.index(self.share)
        self._slow = self._slow + 1 if milliseconds > SLOW * MOVING_MS else 0
        if self._slow >= SLOW_TIMES:
            self.share, self._slow = SHARES[min(at + 1, len(SHARES) - 1)], 0
        elif milliseconds < EASY * MOVING_MS:
            self.share = SHARES[max(at - 1, 0)]
