"""Closed polygons rasterised by the even-odd rule, at pixel centres, in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def even_odd_mask(polygons: Iterable[NDArray[np.float64]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixel centres lie inside polygons: in an odd number of them, so that a hole is a hole.

    Args:
        polygons: each ``(n, 2)`` column, row in pixels (whole numbers are centres); the last point joins the first.
        shape: rows, columns.

    Returns:
        ``(rows, columns)`` bool. Winding doesn't matter; keyholes and self-crossing lines follow the rule.
    """
    rows, columns = shape
    flips = np.zeros((rows, columns + 1), dtype=np.int32)
    for polygon in polygons:
        if len(polygon) < 3:
            continue
        x0, y0 = polygon[:, 0], polygon[:, 1]
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        # A scan line at a whole row crosses an edge when low <= row < high: a corner on it counts once.
        first = np.clip(np.ceil(np.minimum(y0, y1)), 0, rows).astype(np.intp)
        last = np.clip(np.ceil(np.maximum(y0, y1)), 0, rows).astype(np.intp)
        counts = last - first
        edge = np.repeat(np.arange(len(polygon)), counts)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
        share = (row - y0[edge]) / (y1[edge] - y0[edge])
        crossing = x0[edge] + share * (x1[edge] - x0[edge])
        np.add.at(flips, (row, np.clip(np.ceil(crossing), 0, columns).astype(np.intp)), 1)
    return np.asarray(np.cumsum(flips[:, :columns], axis=1) % 2 == 1)
