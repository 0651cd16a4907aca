"""How many rays there is time for, learned from what drawing took."""

from __future__ import annotations

from collections import deque

import numpy as np

KEPT = 6
"""Drawings that are remembered: more would remember how the scene looked before."""

LEAST_SPREAD = 0.3
"""Drawings tell what a ray takes apart from the rest once their numbers of rays differ by this share."""

LEAST_SHARE = 0.3
"""Of the time allowed that is spent on rays, however long the rest takes: no rays at all would help nobody."""

LEAST_RAYS = 0.02
"""Of what a drawing took that rays took at least: there are some in each."""


class RayBudget:
    """What drawings with rays took, at one number of samples along each.

    A drawing takes the milliseconds of the rest of the scene, and those of its rays, whose number is that of the pixels
    divided by the square of the pixels between them. The rest is told apart once drawings with different numbers are
    there.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._rest_ms = 0.0

    def learn(self, pixels: float, milliseconds: float) -> None:
        """A drawing with rays `pixels` apart took so long."""
        self._seen.append((pixels**-2, milliseconds))
        rays, took = np.array(self._seen).T
        if np.ptp(rays) > LEAST_SPREAD * rays.max():
            slope = float(np.cov(rays, took, bias=True)[0, 1] / np.var(rays))
            rest = float(took.mean() - max(slope, 0.0) * rays.mean())
            self._rest_ms = float(np.clip(rest, 0.0, (1 - LEAST_RAYS) * took.min()))

    @property
    def cost_ms(self) -> float | None:
        """What rays through every pixel would take; None while nothing was learned. Of the last two drawings."""
        if not self._seen:
            return None
        last = list(self._seen)[-2:]
        return float(np.mean([max(took - self._rest_ms, LEAST_RAYS * took) / rays for rays, took in last]))

    def pixels(self, allowed_ms: float, cost_ms: float | None = None) -> float | None:
        """How far apart rays must be for a drawing to take as long as allowed; None while nothing is known.

        Args:
            allowed_ms: for the whole drawing.
            cost_ms: what rays through every pixel take, where that is known otherwise.
        """
        cost = self.cost_ms if cost_ms is None else cost_ms
        if cost is None:
            return None
        return float(np.sqrt(cost / max(allowed_ms - self._rest_ms, LEAST_SHARE * allowed_ms)))
