"""The way along edges in an image: an intelligent scissors' wire.

E. Mortensen, W. Barrett: Intelligent scissors for image composition (SIGGRAPH 1995), with the gradient's magnitude as
the only feature: it needs no training and is quick enough to follow a hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 100
"""Pixels that the wire reaches to each side of where it was fixed last."""

FLAT = 0.02
"""What a step costs on the strongest edge, as a share of a step in an even region: a straight wire is preferred."""

STRONGEST = 99.0
"""Percentile of the gradient that counts as a full edge: metal in the window doesn't make all other edges faint."""


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """Cheapest ways from one pixel to all others near it.

    Attributes:
        first: row and column of the window's first pixel.
        shape: of the window.
        previous: ``(pixels,)`` of the window, flat: the pixel before each on the way from the start, negative where
            there is none.
    """

    first: tuple[int, int]
    shape: tuple[int, int]
    previous: NDArray[np.int32]

    @classmethod
    def fixed_at(
        cls, image: NDArray[np.number], row: int, column: int, *, reach: int = REACH, sigma: float = 1.0
    ) -> Wire:
        """All ways from a pixel.

        Args:
            image: ``(rows, columns)``
            row: of the start.
            column: of the start.
            reach: pixels to each side that are looked at.
            sigma: standard deviation of the Gaussian that edges are looked for with, pixels.

        Raises:
            IndexError: when the start isn't in the image.
        """
        rows, columns = image.shape
        if not (0 <= row < rows and 0 <= column < columns):
            raise IndexError(f"pixel {row}, {column} isn't in an image of {rows} x {columns}")
        top, left = max(row - reach, 0), max(column - reach, 0)
        window = image[top : row + reach + 1, left : column + reach + 1].astype(np.float64)
        window = np.nan_to_num(window)
        gradient = scipy.ndimage.gaussian_gradient_magnitude(window, sigma, mode="nearest")
        full = max(float(np.percentile(gradient, STRONGEST)), 1e-12)
        cost = FLAT + (1 - np.clip(gradient / full, 0, 1)) ** 2
        start = (row - top) * window.shape[1] + column - left
        _, previous = scipy.sparse.csgraph.dijkstra(_graph(cost), indices=start, return_predecessors=True)
        return cls((top, left), (window.shape[0], window.shape[1]), previous)

    def to(self, row: int, column: int) -> NDArray[np.intp]:
        """Pixels ``(n, 2)`` (row, column) from the start to a pixel; to the nearest one in reach where it isn't."""
        height, width = self.shape
        r, c = (int(np.clip(row - self.first[0], 0, height - 1)), int(np.clip(column - self.first[1], 0, width - 1)))
        way = [r * width + c]
        while (previous := int(self.previous[way[-1]])) >= 0:
            way.append(previous)
        flat = np.array(way[::-1], dtype=np.intp)
        return np.column_stack([flat // width + self.first[0], flat % width + self.first[1]])


def _graph(cost: NDArray[np.float64]) -> scipy.sparse.coo_array:
    """Steps to the eight neighbours of each pixel; a step costs the mean of its two pixels times its length."""
    number = np.arange(cost.size, dtype=np.int32).reshape(cost.shape)
    sources, targets, weights = [], [], []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, cost.shape[0] - down), slice(max(-right, 0), cost.shape[1] - max(right, 0)))
        there = (slice(down, None), slice(max(right, 0), cost.shape[1] - max(-right, 0)))
        sources.append(number[here].ravel())
        targets.append(number[there].ravel())
        weights.append(((cost[here] + cost[there]) * 0.5 * np.hypot(down, right)).ravel())
    one, other, weight = (np.concatenate(part) for part in (sources, targets, weights))
    both = (np.concatenate([weight, weight]), (np.concatenate([one, other]), np.concatenate([other, one])))
    return scipy.sparse.coo_array(both, shape=(cost.size, cost.size)).tocsr()
