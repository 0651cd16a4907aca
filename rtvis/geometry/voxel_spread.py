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
    result = mask.copy()
    window = _window(mask, grid, margins, max(margins.along("ij")))
    result[window] = _spread(mask[window], grid.slice_origins_lps_mm, grid, margins)
    return result


def kept(mask: NDArray[np.bool_], grid: Grid, margins: Margins) -> NDArray[np.bool_]:
    """The voxels of a mask with no voxel centre outside it within margins; the grid's outside is outside.

    Whatever `spread` made is brought back by this to no less than it was made from.

    Args:
        mask: ``grid.shape``.
        grid: its rows and columns at right angles.
        margins: how far each side moves inwards.
    """
    # What is outside and further off in the plane than the window's rim is never the nearest.
    window = _window(np.pad(mask, 1), grid, margins, 0.0)
    outside = np.pad(~mask, 1, constant_values=True)
    origins = grid.origin_at(np.arange(-1, grid.shape[0] + 1)) - grid.affine_lps[:3, 0] - grid.affine_lps[:3, 1]
    outside[window] = _spread(outside[window], origins, grid, margins.turned)
    return np.asarray(mask & ~outside[1:-1, 1:-1, 1:-1])


def _window(mask: NDArray[np.bool_], grid: Grid, margins: Margins, reach_mm: float) -> tuple[slice, slice, slice]:
    """All slices, and the rows and columns of a mask with room for a reach and for the shift of tilted slices."""
    origins = grid.slice_origins_lps_mm
    steps = np.diff(origins, axis=0) if len(origins) > 1 else grid.affine_lps[None, :3, 2]
    along = steps @ grid.normal
    slope = float(np.max(np.linalg.norm(steps - along[:, None] * grid.normal, axis=1) / np.abs(along)))
    sides = []
    for axis, spacing in ((1, grid.spacing_mm[1]), (2, grid.spacing_mm[2])):
        held = np.flatnonzero(mask.any(axis=(0, 3 - axis)))
        room = int(np.ceil((reach_mm + slope * max(margins.along("k"))) / spacing)) + 2
        low, high = (int(held[0]), int(held[-1])) if len(held) else (0, 0)
        sides.append(slice(max(0, low - room), min(mask.shape[axis], high + room + 1)))
    return slice(None), sides[0], sides[1]


def _spread(
    mask: NDArray[np.bool_], origins_lps_mm: NDArray[np.float64], grid: Grid, margins: Margins
) -> NDArray[np.bool_]:
    result = mask.copy()
    _, between_rows, between_columns = grid.spacing_mm
    half_i, half_j, half_k = ([max(one, LEAST_MARGIN_MM) for one in margins.along(axis)] for axis in "ijk")
    places = origins_lps_mm @ np.column_stack([grid.row_direction, grid.column_direction, grid.normal])
    rows = mask.shape[1]
    for source, own in enumerate(mask):
        if not own.any():
            continue
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
