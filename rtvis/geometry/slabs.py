"""How much of space each plane of a stack of contours stands for: its slab.

A plane owns half the way to each neighbour. An end plane owns as much outside as inside. A gap of more than
`LARGEST_BRIDGE` times the median gap is not bridged: nothing was drawn there, and the planes on both sides of it are
end planes. A plane that is alone, of whatever orientation, is as thick as the gap between the images' slices. Slabs are
half-open, lower bound included, so that no point is in two of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_BRIDGE = 1.5
"""Gaps of more than so many median gaps are not bridged."""

ON_SLICE = 0.1
"""Of the smallest gap between slices: contour planes this close to one are on it."""

BOUND_MM = 1e-3
"""A slice this close below a bound is on it, and a gap this much too wide still bridged: positions in files have two or
three decimals."""


def slab_bounds(positions_mm: NDArray[np.float64], single_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the slabs of planes begin and end.

    Args:
        positions_mm: ``(planes,)`` along their normal, ascending.
        single_mm: thickness of a plane that is alone; it has no gap to tell it.

    Returns:
        Lower and upper bounds, ``(planes,)`` each, mm. Their differences are the planes' thicknesses.
    """
    gaps = np.diff(positions_mm)
    if not len(gaps):
        return positions_mm - single_mm / 2, positions_mm + single_mm / 2
    median = float(np.median(gaps))
    bridged = gaps <= LARGEST_BRIDGE * median + BOUND_MM
    half = np.where(bridged, gaps / 2, np.nan)
    below, above = np.append(np.nan, half), np.append(half, np.nan)
    # An end plane takes the half it has on its other side; one between two wide gaps the median's.
    below, above = (
        np.where(np.isnan(one), np.where(np.isnan(other), median / 2, other), one)
        for one, other in ((below, above), (above, below))
    )
    return positions_mm - below, positions_mm + above


def slab_bounds_on_slices(
    positions_mm: NDArray[np.float64], slices_mm: NDArray[np.float64], single_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where slabs begin and end among images whose slices aren't evenly apart.

    Contours that were drawn on one slice after the other say nothing of the slice beyond the last: where that one is
    nearer than the slices on the inner side are apart, their half gap would reach it. So the slab of an end plane that
    is on a slice, with its inner neighbour on the next (or alone), goes no further than half the way to the slice
    beyond. On evenly spaced slices these are the bounds of `slab_bounds`.

    Args:
        positions_mm: of the contours' planes, as for `slab_bounds`.
        slices_mm: of the images along the same normal, in any order.
        single_mm: thickness of a plane that is alone.
    """
    lower, upper = slab_bounds(positions_mm, single_mm)
    slices = np.sort(slices_mm)
    gaps = np.diff(slices)
    if len(gaps) < 2 or np.ptp(gaps) <= BOUND_MM:
        return lower, upper
    middles = (slices[:-1] + slices[1:]) / 2
    index = np.searchsorted(middles, positions_mm)
    on_slice = np.abs(slices[index] - positions_mm) <= ON_SLICE * gaps.min()
    next_slice = np.append((np.diff(index) == 1) & on_slice[1:] & on_slice[:-1], values=False)
    bridged = np.append(upper[:-1] >= lower[1:] - BOUND_MM, values=False)
    # Whether planes are on one slice after the other: told by the neighbours, by the others for one that has none.
    all_follow = len(positions_mm) == 1 or float(np.median(np.diff(index))) <= 1
    for bound, side, own, inner in (
        (lower, np.append(-np.inf, middles), np.append(False, bridged[:-1]), next_slice & bridged),
        (upper, np.append(middles, np.inf), bridged, np.append(False, (next_slice & bridged)[:-1])),
    ):
        other = bridged if bound is lower else np.append(False, bridged[:-1])
        follows = np.where(other, inner, all_follow)
        limited = ~own & on_slice & follows
        nearer = np.maximum if bound is lower else np.minimum
        bound[limited] = nearer(bound, side[index])[limited]
    return lower, upper


def owners(
    distances_mm: NDArray[np.float64], lower_mm: NDArray[np.float64], upper_mm: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The slab that each distance along the normal is in, -1 where it is in none; same shape as `distances_mm`."""
    if not len(lower_mm):
        return np.full(np.shape(distances_mm), -1, dtype=np.intp)
    value = np.asarray(distances_mm) + BOUND_MM
    found = np.searchsorted(lower_mm, value, side="right") - 1
    inside = (found >= 0) & (value < upper_mm[np.maximum(found, 0)])
    return np.where(inside, found, -1)
