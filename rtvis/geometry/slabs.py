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
