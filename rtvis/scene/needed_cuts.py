"""Which of many half spaces cut anything from a plane: VTK's mappers cut with six of them at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.app.view3d_state import HalfSpace
    from rtvis.geometry.plane import Plane

MOST_CUTS = 6
"""Planes that VTK's mappers can cut with (`rtvis.scene.clipping.clip`)."""


def needed_cuts(
    plane: Plane, corners_lps_mm: NDArray[np.float64], kept: Sequence[HalfSpace], most: int = MOST_CUTS
) -> tuple[HalfSpace, ...]:
    """The half spaces that are enough to cut from a plane what all of them cut from it.

    Where more than can be are needed, those are left out without which least of the plane comes back.

    Args:
        plane: what is cut.
        corners_lps_mm: ``(n, 3)`` around all that is seen of it.
        kept: what is left lies in all of these.
        most: of them.
    """
    if len(kept) <= most:
        return tuple(kept)
    around = _around(plane, corners_lps_mm)
    needed = _bounding(around, kept)[1]
    while len(needed) > most:
        without = [[one for one in needed if one is not left] for left in needed]
        areas = [_area(_bounding(around, some)[0]) for some in without]
        needed = without[int(np.argmin(areas))]
    return tuple(needed)


def _around(plane: Plane, corners_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rectangle ``(4, 3)`` on a plane in which everything between the corners lies."""
    offsets = corners_lps_mm - plane.origin_lps_mm
    (u0, u1), (v0, v1) = ((float(one.min()), float(one.max())) for one in (offsets @ plane.u, offsets @ plane.v))
    return plane.to_patient(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]))


def _bounding(around: NDArray[np.float64], kept: Sequence[HalfSpace]) -> tuple[NDArray[np.float64], list[HalfSpace]]:
    """What is left of a convex polygon ``(n, 3)``, and the half spaces that its sides lie on.

    Where nothing is left: those that together leave nothing.
    """
    points: list[NDArray[np.float64]] = list(around)
    sides: list[HalfSpace | None] = [None] * len(points)  # from each point to the next
    for half in kept:
        heights = [float((point - half.origin_lps_mm) @ half.normal) for point in points]
        if min(heights) >= 0:
            continue
        if max(heights) <= 0:
            return np.empty((0, 3)), [*_told(sides), half]
        found: list[NDArray[np.float64]] = []
        found_sides: list[HalfSpace | None] = []
        for n, (point, side) in enumerate(zip(points, sides, strict=True)):
            following = (n + 1) % len(points)
            if heights[n] >= 0:
                found.append(point)
                found_sides.append(side)
            if (heights[n] >= 0) != (heights[following] >= 0):
                share = heights[n] / (heights[n] - heights[following])
                found.append(point + share * (points[following] - point))
                found_sides.append(half if heights[n] >= 0 else side)
        points, sides = found, found_sides
    return np.array(points), _told(sides)


def _told(sides: Sequence[HalfSpace | None]) -> list[HalfSpace]:
    return list({id(one): one for one in sides if one is not None}.values())


def _area(points: NDArray[np.float64]) -> float:
    if len(points) < 3:
        return 0.0
    return float(np.linalg.norm(np.cross(points[1:-1] - points[0], points[2:] - points[0]).sum(axis=0)) / 2)
