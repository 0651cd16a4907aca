"""A line of sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ray:
    """What is seen at one place of a view, front to back.

    Attributes:
        origin_lps_mm: ``(3,)`` where it begins.
        direction: ``(3,)`` unit vector, away from the eye.
    """

    origin_lps_mm: NDArray[np.float64]
    direction: NDArray[np.float64]

    def at(self, distances_mm: ArrayLike) -> NDArray[np.float64]:
        """Points ``(..., 3)`` LPS mm at distances ``(...)`` from its origin."""
        return self.origin_lps_mm + np.asarray(distances_mm)[..., None] * self.direction

    def through_box(self, low: ArrayLike, high: ArrayLike) -> tuple[float, float] | None:
        """Where it enters and leaves a box along the patient's axes, mm from its origin and not before it.

        Args:
            low: ``(3,)`` corner of the box, LPS mm.
            high: ``(3,)`` the opposite one.

        Returns:
            None when it passes by.
        """
        a, b = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        level = self.direction == 0
        if np.any(level & ((self.origin_lps_mm < a) | (self.origin_lps_mm > b))):
            return None
        along = ~level
        first = (a - self.origin_lps_mm)[along] / self.direction[along]
        second = (b - self.origin_lps_mm)[along] / self.direction[along]
        enters = max(float(np.minimum(first, second).max()), 0.0)
        leaves = float(np.maximum(first, second).min())
        return (enters, leaves) if enters <= leaves else None
