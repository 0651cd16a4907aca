"""Planes of contours that were meant to be one: a little apart, where all others are far apart.

Coordinates rounded to a millimetre or a tenth of one beside those that aren't, or an organ drawn on images whose
positions differ a little, leave contours of one slice in planes a tenth of a millimetre apart. Taken for planes of
their own each would get half of what it stands for; and where that is so on every slice, the median gap would be the
tenth, and nothing bridged (`rtvis.geometry.slabs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rtvis.geometry.curve_planes import REPEAT_AREA, REPEAT_MM
from rtvis.geometry.regions import LEAST_SHARE, NESTED_SHARE, enclosed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CLOSE_SHARE = 0.1
"""Of the least gap between planes that are apart: planes together no deeper than that may be one."""

CLOSE_MM = 0.5
"""Deeper than this no rounding makes a plane."""

LEAST_GROUPS = 3
"""So many planes apart tell what is far; of two parts of an ROI each may have slices closer than the parts are."""

HOLE_SHARE = 0.8
"""Of a contour's area: a smaller one within it, on a plane close by, is a hole. A larger one is the same thing drawn
once more, a little smaller."""


def close_together(positions_mm: NDArray[np.float64], most_mm: float = CLOSE_MM) -> NDArray[np.intp]:
    """Which planes are so close to each other, compared with all others, that they may be one.

    Args:
        positions_mm: ``(planes,)`` ascending.
        most_mm: how deep planes that are one may be together.

    Returns:
        ``(planes,)`` what each belongs to, counted from 0.
    """
    every = np.arange(len(positions_mm), dtype=np.intp)
    gaps = np.diff(positions_mm)
    ordered = np.sort(gaps)
    if len(gaps) < 2 or not np.any(ordered[:-1] <= CLOSE_SHARE * ordered[1:]):
        return every
    jump = int(np.argmin(ordered[:-1] / ordered[1:]))
    groups = np.concatenate([[0], np.cumsum(gaps > ordered[jump])]).astype(np.intp)
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    last = np.append(first[1:], len(groups)) - 1
    depth = float(np.max(positions_mm[last] - positions_mm[first]))
    close = depth <= min(most_mm, CLOSE_SHARE * float(ordered[jump + 1]))
    return groups if close and len(first) >= LEAST_GROUPS else every


def planes_joined(
    layers: NDArray[np.intp],
    positions_mm: NDArray[np.float64],
    loops: Sequence[NDArray[np.float64]],
    most_mm: float = CLOSE_MM,
) -> NDArray[np.intp]:
    """Layers with those joined that are `close_together`, unless contours say that they were meant apart.

    They were where one lies over another of a close plane: neither beside it, nor a hole in it, nor a copy of it.

    Args:
        layers: ``(curves,)`` counted from 0, ascending along the normal.
        positions_mm: ``(curves,)`` along the normal.
        loops: the points of each, ``(n, 2)`` in the plane.
        most_mm: how deep planes that are one may be together.
    """
    counts = np.bincount(layers)
    groups = close_together(np.bincount(layers, positions_mm) / counts, most_mm)
    if groups[-1] == len(groups) - 1:
        return layers
    joined = groups.copy()
    sizes = np.bincount(groups)
    fresh = len(groups)
    for group in np.flatnonzero(sizes > 1).tolist():
        members = np.flatnonzero(groups[layers] == group)
        if not _fit([loops[n] for n in members.tolist()], layers[members]):
            apart = np.flatnonzero(groups == group)
            joined[apart] = np.arange(fresh, fresh + len(apart))
            fresh += len(apart)
    # Counted anew from below: planes that stay apart got numbers of their own.
    first = np.sort(np.unique(joined, return_index=True)[1])
    number = np.empty(fresh, dtype=np.intp)
    number[joined[first]] = np.arange(len(first))
    return np.asarray(number[joined][layers])


def _fit(loops: Sequence[NDArray[np.float64]], layers: NDArray[np.intp]) -> bool:
    """Whether contours of some planes can be those of one plane."""
    shapes = [enclosed(one) if len(one) >= 3 else None for one in loops]
    for n, one in enumerate(shapes):
        for m, other in enumerate(shapes[:n]):
            if one is not None and other is not None and layers[n] != layers[m] and not _fits(one, other):
                return False
    return True


def _fits(one: Any, other: Any) -> bool:
    smaller, larger = sorted([one.area, other.area])
    if smaller <= 0 or not one.intersects(other):
        return True
    shared = one.intersection(other).area
    if shared <= LEAST_SHARE * smaller:
        return True
    if shared >= NESTED_SHARE * smaller and smaller <= HOLE_SHARE * larger:
        return True
    boxes = np.abs(np.subtract(one.bounds, other.bounds))
    return bool(boxes.max() <= REPEAT_MM and larger - smaller <= REPEAT_AREA * larger)
