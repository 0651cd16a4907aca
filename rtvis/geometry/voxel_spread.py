"""Voxel centres within margins of other voxel centres, on any grid: even, uneven, tilted, oblique."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.distance_volumes import LEAST_MARGIN_MM
from rtvis.geometry.gauge_sweeps import FAR, ONE, ROUNDING, least_over_layers, swept

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from rtvis.geometry.distance_volumes import Margins
    from rtvis.geometry.grid import Grid

    Report = Callable[[int, int], None]

CLOSE = 1e-6
"""Of squared gauges and pixels: a centre exactly at the end of a margin is within it."""

UPRIGHT_MM = 1e-6
"""Slices that are shifted against each other by no more are right above each other."""

THREADS = 2
"""Slices are worked on side by side: numpy lets go of the interpreter."""


def is_upright(grid: Grid) -> bool:
    """Whether the voxels of all slices are right above each other, whatever the gaps."""
    axes = np.array([grid.row_direction, grid.column_direction])
    return bool(np.ptp(grid.slice_origins_lps_mm @ axes.T, axis=0).max() <= UPRIGHT_MM)


def spread(mask: NDArray[np.bool_], grid: Grid, margins: Margins, report: Report | None = None) -> NDArray[np.bool_]:
    """The voxels whose centre is within margins of the centre of a voxel of a mask, those of the mask included.

    Args:
        mask: ``grid.shape``.
        grid: its rows and columns at right angles.
        margins: half axes along the rows, columns and normal of the slices.
        report: told (slices done, slices in all); what it raises ends the work.
    """
    result = mask.copy()
    window = _window(mask, grid, margins, max(margins.along("ij")))
    result[window] = _spread(mask[window], grid.slice_origins_lps_mm, grid, margins, report)
    return result


def kept(mask: NDArray[np.bool_], grid: Grid, margins: Margins, report: Report | None = None) -> NDArray[np.bool_]:
    """The voxels of a mask with no voxel centre outside it within margins; the grid's outside is outside.

    Whatever `spread` made is brought back by this to no less than it was made from.

    Args:
        mask: ``grid.shape``.
        grid: its rows and columns at right angles.
        margins: how far each side moves inwards.
        report: told (slices done, slices in all); what it raises ends the work.
    """
    # What is outside and further off in the plane than the window's rim is never the nearest.
    window = _window(np.pad(mask, 1), grid, margins, 0.0)
    outside = np.pad(~mask, 1, constant_values=True)
    origins = grid.origin_at(np.arange(-1, grid.shape[0] + 1)) - grid.affine_lps[:3, 0] - grid.affine_lps[:3, 1]
    outside[window] = _spread(outside[window], origins, grid, margins.turned, report)
    return np.asarray(mask & ~outside[1:-1, 1:-1, 1:-1])


def _window(mask: NDArray[np.bool_], grid: Grid, margins: Margins, reach_mm: float) -> tuple[slice, slice, slice]:
    """All slices, and the rows and columns of a mask with room for a reach and for the shift of tilted slices."""
    origins = grid.slice_origins_lps_mm
    steps = np.diff(origins, axis=0) if len(origins) > 1 else grid.affine_lps[None, :3, 2]
    along = steps @ grid.normal
    slope = float(np.max(np.linalg.norm(steps - along[:, None] * grid.normal, axis=1) / np.abs(along)))
    used = [one for one in mask if one.any()]
    flat = np.logical_or.reduce(used) if used else mask[0]
    sides = []
    for axis, spacing in ((1, grid.spacing_mm[1]), (2, grid.spacing_mm[2])):
        held = np.flatnonzero(flat.any(axis=2 - axis))
        room = int(np.ceil((reach_mm + slope * max(margins.along("k"))) / spacing)) + 2
        low, high = (int(held[0]), int(held[-1])) if len(held) else (0, 0)
        sides.append(slice(max(0, low - room), min(mask.shape[axis], high + room + 1)))
    return slice(None), sides[0], sides[1]


def _spread(
    mask: NDArray[np.bool_],
    origins_lps_mm: NDArray[np.float64],
    grid: Grid,
    margins: Margins,
    report: Report | None,
) -> NDArray[np.bool_]:
    half = [[max(one, LEAST_MARGIN_MM) for one in margins.along(axis)] for axis in "kji"]
    tell = report or (lambda _done, _all: None)
    if is_upright(grid):
        return _upright(mask, origins_lps_mm @ grid.normal, grid, half, tell)
    result = mask.copy()
    places = origins_lps_mm @ np.column_stack([grid.row_direction, grid.column_direction, grid.normal])
    for source, own in enumerate(mask):
        tell(source, len(mask))
        if own.any():
            counts = np.pad(np.cumsum(own, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
            for to, offset in enumerate(places - places[source]):
                _to_slice(counts, result[to], offset, grid, half)
    return result


def _upright(
    mask: NDArray[np.bool_], heights_mm: NDArray[np.float64], grid: Grid, half_mm: list[list[float]], tell: Report
) -> NDArray[np.bool_]:
    """On a grid whose slices are right above each other, axis by axis."""

    def within(own: NDArray[np.bool_]) -> NDArray[np.uint16] | None:
        if not own.any():
            return None
        plane = np.where(own, np.uint16(0), np.uint16(FAR))
        for axis in range(2):
            plane = swept(plane, axis, grid.spacing_mm[axis + 1], half_mm[axis + 1])
        return plane

    result = mask.copy()
    with ThreadPoolExecutor(THREADS) as pool:
        planes = list(pool.map(within, mask))
        found = pool.map(lambda height: least_over_layers(planes, height - heights_mm, half_mm[0]), heights_mm)
        for k, best in enumerate(found):
            tell(k, len(mask))
            if best is not None:
                result[k] |= best <= ONE + ROUNDING
    return result


def _to_slice(
    counts: NDArray[np.int32],
    result: NDArray[np.bool_],
    offset_mm: NDArray[np.float64],
    grid: Grid,
    half_mm: list[list[float]],
) -> None:
    """Add what one slice's voxels reach on another, which is shifted against it by any part of a pixel.

    Args:
        counts: sums along each row of the one slice's voxels, ``(rows, columns + 1)``.
        result: ``(rows, columns)`` of the other slice, changed in place.
        offset_mm: from the one to the other along the rows, the columns and the normal.
        grid: its pixels.
        half_mm: half axes along the normal, columns and rows, each low and high.
    """
    x, y, z = offset_mm.tolist()
    half_k, half_j, half_i = half_mm
    rows = len(result)
    _, between_rows, between_columns = grid.spacing_mm
    room = 1 + CLOSE - (z / half_k[z > 0]) ** 2
    if room < 0:
        return
    lowest, highest = (way * half * np.sqrt(room) for way, half in zip((-1, 1), half_j, strict=True))
    first = max(int(np.ceil((lowest - y) / between_rows - CLOSE)), 1 - rows)
    last = min(int(np.floor((highest - y) / between_rows + CLOSE)), rows - 1)
    for down in range(first, last + 1):
        across = y + down * between_rows
        left = np.sqrt(max(room - (across / half_j[across > 0]) ** 2, 0.0))
        low = int(np.ceil((-half_i[0] * left - x) / between_columns - CLOSE))
        high = int(np.floor((half_i[1] * left - x) / between_columns + CLOSE))
        if low <= high:
            upper, lower = slice(max(down, 0), rows + min(down, 0)), slice(max(-down, 0), rows - max(down, 0))
            result[upper] |= _any_of(counts[lower], low, high)


def _any_of(counts: NDArray[np.int32], low: int, high: int) -> NDArray[np.bool_]:
    """Which columns have anything `low` to `high` columns before them; `counts` are sums of all columns before."""
    columns = np.arange(counts.shape[1] - 1)
    last = np.clip(columns - low + 1, 0, len(columns))
    first = np.clip(columns - high, 0, len(columns))
    return np.asarray(counts[:, last] > counts[:, first])
