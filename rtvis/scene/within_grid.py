"""Which pixels of a view lie within a grid: a tilted stack is no box, and a box that holds it has corners beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid

STRAIGHT_MM = 0.01
"""Slice origins this close to the line from the first to the last lie on it: written with two decimals."""

PARALLEL = 1e-9
"""Of an index a pixel: a row of pixels along a face of the grid is inside or outside as a whole."""


def columns_within(
    grid: Grid, pixels_to_patient: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixels of each row whose centres lie within the outer faces of a grid's voxels.

    Args:
        grid: uneven gaps and shear allowed.
        pixels_to_patient: ``(4, 4)``, takes (column, row, 0, 1) to LPS mm.
        size: columns and rows.

    Returns:
        First column, and the one after the last, of each row, ``(rows,)``; first is not below last where there is none.
        A plane cuts a straight stack in a convex piece. Of a stack that bends it is the hull of each row.
    """
    columns, rows = size
    first = np.full(rows, columns, dtype=np.intp)
    last = np.zeros(rows, dtype=np.intp)
    for equations, lows, highs in _slabs(grid):
        forms = equations @ pixels_to_patient[:, [0, 1, 3]]
        low, high = _spans(forms, lows, highs, rows)
        begin = np.ceil(np.clip(low, 0, columns)).astype(np.intp)
        end = np.floor(np.clip(high, -1, columns - 1)).astype(np.intp) + 1
        found = begin < end
        first[found] = np.minimum(first, begin)[found]
        last[found] = np.maximum(last, end)[found]
    return first, last


def _slabs(grid: Grid) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Parts of a grid between parallel faces; a straight stack is one, one that bends has one for each gap.

    Each as linear forms ``(3, 4)`` of LPS mm (column index, row index, mm along the normal), with the least and largest
    values that these have within it.
    """
    origins, distances = grid.slice_origins_lps_mm, grid.slice_distances_mm
    halves = np.abs(np.diff(distances)) / 2 if len(origins) > 1 else np.array([grid.spacing_mm[0] / 2])
    ends = [(0, len(origins) - 1)] if is_straight(grid) else [(k, k + 1) for k in range(len(origins) - 1)]
    planar = np.linalg.inv(np.column_stack([grid.affine_lps[:3, 0], grid.affine_lps[:3, 1], grid.normal]))[:2]
    limits = np.array([grid.shape[2], grid.shape[1]]) - 0.5
    found = []
    for a, b in ends:
        step = origins[b] - origins[a]
        along = float(step @ grid.normal)
        stack = step / along if along else grid.affine_lps[:3, 2] / float(grid.affine_lps[:3, 2] @ grid.normal)
        # What is left of a point once it is moved along the stack to the first slice.
        drop = np.eye(3) - np.outer(stack, grid.normal)
        turned = planar @ drop
        equations = np.zeros((3, 4))
        equations[:2, :3] = turned
        equations[:2, 3] = -turned @ origins[a]
        equations[2, :3] = grid.normal
        places = np.array([distances[a], distances[b]])
        upward = -1.0 if places[1] < places[0] else 1.0
        places[0] -= upward * halves[0] * (a == 0)
        places[1] += upward * halves[-1] * (b == len(origins) - 1)
        found.append((equations, np.array([-0.5, -0.5, places.min()]), np.array([*limits, places.max()])))
    return found


def is_straight(grid: Grid) -> bool:
    """Whether slices are stacked along one line, however far apart."""
    origins, distances = grid.slice_origins_lps_mm, grid.slice_distances_mm
    if len(origins) < 3:
        return True
    share = (distances - distances[0]) / (distances[-1] - distances[0])
    line = origins[0] + share[:, None] * (origins[-1] - origins[0])
    return bool(np.abs(line - origins).max() <= STRAIGHT_MM)


def _spans(
    forms: NDArray[np.float64], lows: NDArray[np.float64], highs: NDArray[np.float64], rows: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each row the columns, fractional, between which all forms (column, row, constant) are within their limits."""
    low, high = np.full(rows, -np.inf), np.full(rows, np.inf)
    y = np.arange(rows)
    for (a, b, c), least, most in zip(forms, lows, highs, strict=True):
        rest = b * y + c
        if abs(a) < PARALLEL:
            outside = (rest < least) | (rest > most)
            low[outside], high[outside] = np.inf, -np.inf
            continue
        ends = np.stack([(least - rest) / a, (most - rest) / a])
        low, high = np.maximum(low, ends.min(axis=0)), np.minimum(high, ends.max(axis=0))
    return low, high
