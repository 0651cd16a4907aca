"""A stack of closed contours on the slices of a grid: masks and fractional occupancy.

For stacks parallel to the slices. What a slice gets:

- *On a contour plane* (within `ON_PLANE` of the gap): that plane's contours.
- *Between two planes*: what lies between their outlines, by signed distances in the slice, weighted by how near each
  plane is; where a voxel is as deep in one as it is outside the other half way between them, the upper plane's side.
- *Beyond an end plane*, as far outside as half a gap, but on no slice that was left out
  (`rtvis.geometry.slabs.slab_bounds_on_slices`): the end plane's contours.
- *In a gap that isn't bridged*: nothing, but for the half gap beyond the planes on both sides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.distance_layers import signed_distances
from rtvis.geometry.rasterise import Polygons, fill
from rtvis.geometry.slabs import BOUND_MM, owners, slab_bounds, slab_bounds_on_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.grid import Grid

ON_PLANE = 0.1
"""Of the gap between contour planes: slices this close to one are on it."""

REACH = 3.0
"""Distances between outlines of neighbouring planes are followed this many gaps far."""

TIE = 1e-5
"""Pixels this close, in pixels, to the line between two outlines are on it."""

SUBPIXELS = 8
"""In each direction, for fractional occupancy: steps of 1/64."""


def fill_stack(stack: ClosedStack, grid: Grid, mask: NDArray[np.bool_], single_mm: float | None = None) -> None:
    """Set the voxels whose centre is inside a stack that is parallel to the slices.

    Args:
        stack: its normal is the grid's, either way.
        grid: oblique, tilted and uneven ones included.
        mask: ``grid.shape``, all False; changed in place.
        single_mm: thickness of a plane that is alone; the gap between slices when None.
    """
    positions = stack.positions_mm
    heights = grid.slice_origins_lps_mm @ stack.plane.normal
    lower, upper = _bounds(positions, heights, grid, single_mm)
    layers = owners(heights, lower, upper)
    covered = np.flatnonzero(layers >= 0)
    nearest = layers[covered]
    offset = heights[covered] - positions[nearest]
    between = np.abs(offset) > ON_PLANE * (upper - lower)[nearest]
    neighbour = nearest + np.sign(offset).astype(np.intp)
    inner = (neighbour >= 0) & (neighbour < len(positions))
    low = np.minimum(nearest, np.where(inner, neighbour, nearest))
    # Slabs that touch are bridged.
    between &= inner & (upper[low] >= lower[np.minimum(low + 1, len(positions) - 1)] - BOUND_MM)
    fill(_placed(stack, grid, covered[~between], nearest[~between]), mask)
    for k, below in zip(covered[between].tolist(), low[between].tolist(), strict=True):
        share = (heights[k] - positions[below]) / (positions[below + 1] - positions[below])
        polygons = _placed(stack, grid, np.array([k, k]), np.array([below, below + 1]))
        upper = stack.loops.layers[_loops_of(stack, np.array([below, below + 1]))[0]] == below + 1
        gap = float(positions[below + 1] - positions[below])
        reach = max(REACH * gap, 4 * max(grid.spacing_mm[1:]))
        _fill_between(
            replace(polygons, slices=upper.astype(np.intp)), float(share), reach, grid.spacing_mm[1:], mask[k]
        )


def _bounds(
    positions: NDArray[np.float64], heights: NDArray[np.float64], grid: Grid, single_mm: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The slabs of contour planes; a thickness that was asked for stays as it is."""
    if single_mm and len(positions) == 1:
        return slab_bounds(positions, single_mm)
    return slab_bounds_on_slices(positions, heights, grid.spacing_mm[0])


def _fill_between(
    polygons: Polygons, share: float, reach_mm: float, pixel_mm: tuple[float, float], pixels: NDArray[np.bool_]
) -> None:
    """Fill a slice between two outlines (slices 0 and 1 of `polygons`), `share` of the way from one to the other."""
    # Outlines beyond the image tell distances within it, as far as these are followed.
    room = np.ceil(reach_mm / np.array(pixel_mm[::-1])).astype(int) + 1
    limits = np.array(pixels.shape[::-1])
    low = np.maximum(np.floor(polygons.corners_ij.min(axis=0)).astype(int) - 2, -room)
    high = np.minimum(np.ceil(polygons.corners_ij.max(axis=0)).astype(int) + 3, limits + room)
    first, last = np.maximum(low, 0), np.minimum(high, limits)
    if np.any(last <= first):
        return
    local = replace(polygons, corners_ij=polygons.corners_ij - low)
    one, other = signed_distances(local, (2, int(high[1] - low[1]), int(high[0] - low[0])), reach_mm, pixel_mm)
    value = (1 - share) * one + share * other
    inside = np.where(np.abs(value) < TIE * min(pixel_mm), other > 0, value > 0)
    (left, top), (right, bottom) = first - low, last - low
    pixels[first[1] : last[1], first[0] : last[0]] = inside[top:bottom, left:right]


def stack_occupancy(stack: ClosedStack, grid: Grid) -> NDArray[np.float32]:
    """The share of each voxel that a stack parallel to the slices takes up.

    In the plane by `SUBPIXELS` sub-pixels in each direction; along the normal exactly, by how much of the slice's slab
    each contour plane's slab takes up.

    Returns:
        ``grid.shape`` float32, 0 to 1.
    """
    heights = grid.slice_origins_lps_mm @ stack.plane.normal
    lower, upper = _bounds(stack.positions_mm, heights, grid, None)
    order = np.argsort(heights)
    low, high = np.empty(len(heights)), np.empty(len(heights))
    low[order], high[order] = _every_slab(heights[order], grid.spacing_mm[0])
    result = np.zeros(grid.shape, dtype=np.float32)
    rows, columns = grid.shape[1:]
    for k in range(len(heights)):
        shares = (np.minimum(upper, high[k]) - np.maximum(lower, low[k])) / (high[k] - low[k])
        for layer in np.flatnonzero(shares > 1e-6):
            placed = _placed(stack, grid, np.array([k]), np.array([layer]))
            window, share = _shares(placed, (rows, columns))
            result[k][window] += np.float32(shares[layer]) * share
    return np.minimum(result, np.float32(1.0))


def _shares(polygons: Polygons, shape: tuple[int, int]) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
    """The rows and columns of a slice that polygons reach, and the share of each of these pixels within them."""
    limits = np.array(shape[::-1])
    low = np.clip(np.floor(polygons.corners_ij.min(axis=0) + 0.5), 0, limits).astype(int)
    high = np.clip(np.ceil(polygons.corners_ij.max(axis=0) + 0.5), low, limits).astype(int)
    (left, top), (columns, rows) = low.tolist(), (high - low).tolist()
    window = slice(top, top + rows), slice(left, left + columns)
    if not (rows and columns):
        return window, np.zeros((rows, columns), dtype=np.float32)
    fine = np.zeros((1, rows * SUBPIXELS, columns * SUBPIXELS), dtype=bool)
    corners = (polygons.corners_ij - low + 0.5) * SUBPIXELS - 0.5
    fill(replace(polygons, corners_ij=corners, slices=np.zeros_like(polygons.slices)), fine)
    blocks = fine.reshape(rows, SUBPIXELS, columns, SUBPIXELS)
    return window, np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def _every_slab(heights: NDArray[np.float64], single_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slabs of image slices: half the way to each neighbour, whatever the gap; images leave nothing out."""
    if len(heights) == 1:
        return heights - single_mm / 2, heights + single_mm / 2
    middles = (heights[:-1] + heights[1:]) / 2
    first, last = 2 * heights[0] - middles[0], 2 * heights[-1] - middles[-1]
    return np.append(first, middles), np.append(middles, last)


def _placed(stack: ClosedStack, grid: Grid, slices: NDArray[np.intp], layers: NDArray[np.intp]) -> Polygons:
    """The loops of layers on slices, one pair of slice and layer after the other."""
    loops = stack.loops
    chosen, counts = _loops_of(stack, layers)
    slice_of = np.repeat(slices, counts)
    index, starts = loops.gathered(chosen)
    axes = np.column_stack([grid.affine_lps[:3, 0], grid.affine_lps[:3, 1], grid.normal])
    to_ij = np.linalg.inv(axes)[:2].T
    # Straight from the stack's plane: a third of the work of going by way of patient points. Heights change nothing, as
    # they are along the grid's own normal (`rtvis.model.masks.roi_stacks`).
    flat = loops.points @ (np.array([stack.plane.u, stack.plane.v]) @ to_ij)
    offsets = grid.slice_origins_lps_mm @ to_ij
    corners = flat[index] - np.repeat(offsets[slice_of], loops.sizes[chosen], axis=0)
    return Polygons(corners, starts, slice_of, loops.joined[chosen] if loops.overlapping.any() else None)


def _loops_of(stack: ClosedStack, layers: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The loops of layers, one layer after the other, and how many each has."""
    order = np.argsort(stack.loops.layers, kind="stable")
    first = np.searchsorted(stack.loops.layers[order], np.arange(len(stack.positions_mm) + 1))
    counts = first[layers + 1] - first[layers]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return order[np.arange(total) + np.repeat(first[layers] - (ends - counts), counts)], counts
