"""Open curves between drawn ones, by corresponding points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.polyline import even_points

if TYPE_CHECKING:
    from numpy.typing import NDArray


def between_curves(one: NDArray[np.float64], other: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """An open curve between two, point by point at equal parts of their lengths.

    Args:
        one: ``(n, 3)`` LPS mm.
        other: ``(m, 3)``; taken in the direction in which its ends are nearer to those of `one`.
        share: 0 gives `one`, 1 `other`.

    Returns:
        ``(max(n, m), 3)``

    Raises:
        ValueError: when a curve has fewer than two points.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("a curve needs two points")
    count = max(len(one), len(other))
    straight = np.linalg.norm(one[0] - other[0]) + np.linalg.norm(one[-1] - other[-1])
    crossed = np.linalg.norm(one[0] - other[-1]) + np.linalg.norm(one[-1] - other[0])
    second = other[::-1] if crossed < straight else other
    return np.asarray((1 - share) * even_points(one, count) + share * even_points(second, count))
