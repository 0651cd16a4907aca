"""Rings in one plane: which lie in which, and holes joined to their outline by a channel of no width.

The keyhole technique of PS3.3 C.8.8.6.3: the outline runs to a hole, round it the other way, and back along the same
line. No point is moved and none is made up; the two ends of the channel are written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy
import shapely

from rtvis.geometry.polyline import signed_area_mm2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_CHANNELS = 64
"""So many of the shortest channels to a hole are tried before it is given up."""
INWARDS = 1e-9
"""Share of a channel left out at its ends when asking whether it crosses anything: it begins and ends on a ring."""


def parents(rings: Sequence[NDArray[np.float64]]) -> list[int | None] | None:
    """For each ring ``(n, 2)`` mm the smallest ring that it lies in, None for one that lies in no other.

    Returns:
        None as a whole when two rings cross, so that neither lies in the other.
    """
    polygons = [shapely.Polygon(ring) for ring in rings]
    areas = [abs(signed_area_mm2(ring)) for ring in rings]
    boxes = shapely.STRtree(polygons)
    result: list[int | None] = [None] * len(rings)
    for index, ring in enumerate(rings):
        for other in boxes.query(polygons[index]).tolist():
            if other == index:
                continue
            inside = shapely.contains_xy(polygons[other], ring[:, 0], ring[:, 1])
            if inside.all() and not _edges_cross(ring, rings[other]):
                best = result[index]
                if best is None or areas[other] < areas[best]:
                    result[index] = other
            elif inside.any() or _edges_cross(ring, rings[other]):
                return None
    return result


def _edges_cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(shapely.crosses(shapely.LinearRing(one), shapely.LinearRing(other)))


def depths(parent_of: Sequence[int | None]) -> list[int]:
    """How many rings each ring lies in."""
    result = []
    for start in parent_of:
        depth, ring = 0, start
        while ring is not None:
            depth, ring = depth + 1, parent_of[ring]
        result.append(depth)
    return result


def keyhole(outline: NDArray[np.float64], holes: Sequence[NDArray[np.float64]]) -> list[tuple[int, int]] | None:
    """One ring through an outline and its holes.

    Args:
        outline: ``(n, 2)`` mm, the first point not repeated.
        holes: rings inside it that don't touch each other, likewise.

    Returns:
        The ring as (ring, point) pairs, ring 0 being the outline and ring n + 1 hole n; None when a hole can't be
        reached without crossing something.
    """
    rings = [outline, *holes]
    edges = shapely.STRtree([shapely.LinearRing(one) for one in rings])
    turn = np.sign(signed_area_mm2(outline))
    path = [(0, point) for point in range(len(outline))]
    left = list(range(1, len(rings)))
    while left:
        places = np.array([rings[ring][point] for ring, point in path])
        tree = scipy.spatial.cKDTree(places)
        shortest = {ring: float(tree.query(rings[ring])[0].min()) for ring in left}
        ring = min(left, key=shortest.__getitem__)
        channel = _channel(rings[ring], tree, places, edges)
        if channel is None:
            return None
        at, begin = channel
        count = len(rings[ring])
        step = -1 if np.sign(signed_area_mm2(rings[ring])) == turn else 1
        tour = [(ring, (begin + step * n) % count) for n in range(count + 1)]
        path = [*path[: at + 1], *tour, *path[at:]]
        left.remove(ring)
    return path


def _channel(
    hole: NDArray[np.float64], tree: scipy.spatial.cKDTree, places: NDArray[np.float64], edges: shapely.STRtree
) -> tuple[int, int] | None:
    """The shortest line from a path to a hole that crosses no ring: the place on the path, the point of the hole."""
    distances, nearest = tree.query(hole, k=min(4, len(places)))
    distances, nearest = distances.reshape(len(hole), -1), nearest.reshape(len(hole), -1)
    order = np.argsort(distances, axis=None, kind="stable")[:MOST_CHANNELS]
    for flat in order.tolist():
        point, rank = divmod(flat, distances.shape[1])
        at = int(nearest[point, rank])
        start, end = places[at], hole[point]
        if not np.array_equal(start, end):
            inner = shapely.LineString([start + INWARDS * (end - start), end - INWARDS * (end - start)])
            if len(edges.query(inner, predicate="intersects")):
                continue
        return at, point
    return None
