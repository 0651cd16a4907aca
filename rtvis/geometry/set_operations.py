"""Union, intersection, difference and exclusive or of two stacks of closed contours, plane by plane.

Where planes agree (the same normal, the same positions) the result is exact: polygons are combined as polygons, with
shapely. Where they don't, the caller combines masks or distance fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM, PARALLEL_DEG
from rtvis.geometry.regions import areal, region_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack

    Report = Callable[[int, int], None]

OPERATIONS = ("union", "intersection", "difference", "xor")

LEAST_AREA_MM2 = 1e-6
LEAST_WIDTH_MM = 2e-6
"""Slivers of less area, or narrower, are the rounding of a common line."""


def planes_agree(one: ClosedStack, other: ClosedStack) -> bool:
    """Whether each plane of either stack that lies within the other's reach is one of the other's planes too."""
    if abs(float(one.plane.normal @ other.plane.normal)) < np.cos(np.radians(PARALLEL_DEG)):
        return False
    turn = np.sign(float(one.plane.normal @ other.plane.normal))
    first, second = one.positions_mm, np.sort(other.positions_mm * turn)
    low, high = max(first[0], second[0]), min(first[-1], second[-1])
    inner, outer = (
        part[(part >= low - LAYER_TOLERANCE_MM) & (part <= high + LAYER_TOLERANCE_MM)] for part in (first, second)
    )
    return len(inner) == len(outer) and bool(np.all(np.abs(inner - outer) <= LAYER_TOLERANCE_MM))


def combined(
    one: ClosedStack, other: ClosedStack, operation: str, report: Report | None = None
) -> list[NDArray[np.float64]]:
    """Combine two stacks whose planes agree.

    Args:
        one: the stack whose planes and directions the result has.
        other: combined with it.
        operation: one of `OPERATIONS`; the difference is `one` without `other`.
        report: told (planes done, planes in all); what it raises ends the work.

    Returns:
        Closed contours ``(n, 3)`` LPS mm without repeated first points; holes are contours of their own.

    Raises:
        ValueError: for another operation, or when planes don't agree (see `planes_agree`).
    """
    if operation not in OPERATIONS:
        raise ValueError(f"an operation is one of {', '.join(OPERATIONS)}, not {operation!r}")
    if not planes_agree(one, other):
        raise ValueError("the planes of the contours differ")
    plane = one.plane
    heights = other.points_lps_mm @ plane.normal
    layers = other.loops.layers
    sums = np.add.reduceat(heights, other.loops.starts) / other.loops.sizes
    positions = np.bincount(layers, sums) / np.bincount(layers)
    result: list[NDArray[np.float64]] = []
    heights_mm = _merged(one.positions_mm, positions)
    for done, height in enumerate(heights_mm):
        if report is not None:
            report(done, len(heights_mm))
        mine = _region_at(one, one.positions_mm, height, None)
        theirs = _region_at(other, positions, height, one)
        result += _contours(_apply(mine, theirs, operation), one, height)
    return result


def _apply(mine: Any, theirs: Any, operation: str) -> Any:
    if operation == "union":
        return mine.union(theirs)
    if operation == "intersection":
        return mine.intersection(theirs)
    return mine.difference(theirs) if operation == "difference" else mine.symmetric_difference(theirs)


def _merged(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[float]:
    """Heights of both, those within the tolerance once."""
    fresh = [height for height in other.tolist() if np.min(np.abs(one - height)) > LAYER_TOLERANCE_MM]
    return sorted([*one.tolist(), *fresh])


def _region_at(stack: ClosedStack, positions: NDArray[np.float64], height: float, frame: ClosedStack | None) -> Any:
    """The region of a stack on the plane at a height, in the directions of `frame`."""
    nearest = int(np.argmin(np.abs(positions - height)))
    if abs(positions[nearest] - height) > LAYER_TOLERANCE_MM:
        return shapely.Polygon()
    region = region_of(stack.loops, nearest)
    if frame is None or region.is_empty:
        return region
    return shapely.transform(region, lambda flat: frame.plane.to_plane(stack.plane.to_patient(flat)))


def _contours(region: Any, frame: ClosedStack, height: float) -> list[NDArray[np.float64]]:
    result = []
    for polygon in shapely.get_parts(areal(region)):
        if _is_sliver(polygon.exterior):
            continue
        for ring in (polygon.exterior, *(one for one in polygon.interiors if not _is_sliver(one))):
            flat = shapely.get_coordinates(ring)[:-1]
            result.append(frame.plane.to_patient(flat) + height * frame.plane.normal)
    return result


def _is_sliver(ring: Any) -> bool:
    area = float(shapely.Polygon(ring).area)
    return area < LEAST_AREA_MM2 or 2 * area < LEAST_WIDTH_MM * float(ring.length)
