"""How an oblique plane goes through a volume: in steps as wide as voxels are apart along its normal."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid

ROUNDING = 1e-6
"""Of a step: what a sum of steps may be off by. A plane half-way between two belongs to the upper one throughout."""


class Steps(NamedTuple):
    """Steps along one normal.

    Attributes:
        low_mm: height of the first one.
        gap_mm: between steps.
        number: how many there are.
    """

    low_mm: float
    gap_mm: float
    number: int

    def nearest(self, height_mm: float) -> int:
        """The step nearest to a height, from 0; of those that would follow outside the volume too."""
        return floor((height_mm - self.low_mm) / self.gap_mm + 0.5 + ROUNDING)


class ObliqueSteps:
    """Steps through one grid along any normal; one of them goes through the voxel where views start.

    Args:
        grid: of the volume.
        axes: ``(3, 3)`` unit vectors along which column, row and slice index grow, at right angles to each other.
        start_lps_mm: ``(3,)`` where views start.
    """

    def __init__(self, grid: Grid, axes: NDArray[np.float64], start_lps_mm: NDArray[np.float64]) -> None:
        self._corners = grid.corners_lps_mm()
        self._axes, self._spacing_mm = np.array(axes[::-1]), np.array(grid.spacing_mm)
        self._start = start_lps_mm

    def voxel_mm(self, direction: NDArray[np.float64]) -> float:
        """How far apart voxels are along a unit vector ``(3,)`` LPS."""
        return float(np.linalg.norm((self._axes @ direction) * self._spacing_mm))

    def along(self, normal: NDArray[np.float64]) -> Steps:
        """The steps along a unit normal ``(3,)`` LPS; heights are those over the patient origin."""
        gap = self.voxel_mm(normal)
        heights = self._corners @ normal
        start = float(self._start @ normal)
        below, above = (
            max(int(np.floor(room / gap - 0.5 + ROUNDING)), 0)
            for room in (start - heights.min(), heights.max() - start)
        )
        return Steps(start - gap * below, gap, below + 1 + above)

    def moved(self, cursor: NDArray[np.float64], normal: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """A cursor ``(3,)`` LPS mm moved by whole gaps from where it is, no farther than the first or last step."""
        known = self.along(normal)
        index = known.nearest(float(cursor @ normal))
        way = min(max(index + steps, 0), known.number - 1) - index
        return np.asarray(cursor + known.gap_mm * way * normal)

    def on(self, cursor: NDArray[np.float64], normal: NDArray[np.float64], target: int) -> NDArray[np.float64]:
        """A cursor ``(3,)`` LPS mm moved along the normal onto a step, the first or last where there is no such."""
        known = self.along(normal)
        height = known.low_mm + known.gap_mm * int(np.clip(target, 0, known.number - 1))
        return np.asarray(cursor + (height - float(cursor @ normal)) * normal)
