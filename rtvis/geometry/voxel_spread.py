"""Voxel centres within margins of other voxel centres, on any grid: tilted, uneven, oblique."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.distance_volumes import LEAST_MARGIN_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.distance_volumes import Margins
    from rtvis.geometry.grid import Grid

ROUNDING = 1e-6
"""Of squared gauges and pixels: a centre exactly at the end of a margin is within it."""


def spread(mask: NDArray[np.bool_], grid: Grid, margins: Margins) -> NDArray[np.bool_]:
    """The voxels whose centre is within margins of the centre of a voxel of a mask, those of the mask included.

    Args:
        mask: ``grid.shape``.
        grid: its rows and columns at right angles.
        margins: half axes along the rows, columns and normal of the slices.
    """
    return _spread(mask, grid.slice_origins_lps_mm, grid, margins)


def kept(mask: NDArray[np.bool_], grid: Grid, margins: Margins) -> NDArray[np.bool_]:
    """The voxels of a mask with no voxel centre outside it within margins; the grid's outside is outside.

    Whatever `spread` made is brought back by this to no less than it was made from.

    Args:
        mask: ``grid.shape``.
        grid: its rows and columns at right angles.
        margins: how far each side moves inwards.
    """
    outside = np.pad(~mask, 1, constant_values=True)
    origins = grid.origin_at(np.arange(-1, grid.shape[0] + 1)) - grid.affine_lps[:3, 0] - grid.affine_lps[:3, 1]
    return np.asarray(mask & ~_spread(outside, origins, grid, margins.turned)[1:-1, 1:-1, 1:-1])


def _spread(
    mask: NDArray[np.bool_], origins_lps_mm: NDArray[np.float64], grid: Grid, margins: Margins
) -> NDArray[np.bool_]:
    result = mask.copy()
    _, between_rows, between_columns = grid.spacing_mm
    half_i, half_j, half_k = ([max(one, LEAST_MARGIN_MM) for one in margins.along(axis)] for axis in "ijk")
    places = origins_lps_mm @ np.column_stack([grid.row_direction, grid.column_direction, grid.normal])
    rows = mask.shape[1]
    for source, own in enumerate(mask):
        counts = np.pad(np.cumsum(own, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
        for to, (x, y, z) in enumerate((places - places[source]).tolist()):
            room = 1 + ROUNDING - (z / half_k[z > 0]) ** 2
            if room < 0:
                continue
            lowest, highest = (way * half * np.sqrt(room) for way, half in zip((-1, 1), half_j, strict=True))
            first = max(int(np.ceil((lowest - y) / between_rows - ROUNDING)), 1 - rows)
            last = min(int(np.floor((highest - y) / between_rows + ROUNDING)), rows - 1)
            for down in range(first, last + 1):
                across = y + down * between_rows
                left = np.sqrt(max(room - (across / half_j[across > 0]) ** 2, 0.0))
                low = int(np.ceil((-half_i[0] * left - x) / between_columns - ROUNDING))
                high = int(np.floor((half_i[1] * left - x) / between_columns + ROUNDING))
                if low <= high:
                    upper, lower = slice(max(down, 0), rows + min(down, 0)), slice(max(-down, 0), rows - max(down, 0))
                    result[to, upper] |= _any_of(counts[lower], low, high)
    return result


def _any_of(counts: NDArray[np.int32], low: int, high: int) -> NDArray[np.bool_]:
    """Which columns have anything `low` to `high` columns before them; `counts` are sums of all columns before."""
    columns = np.arange(counts.shape[1] - 1)
    last = np.clip(columns - low + 1, 0, len(columns))
    first = np.clip(columns - high, 0, len(columns))
    return np.asarray(counts[:, last] > counts[:, first])
