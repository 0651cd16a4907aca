"""How closed curves of one plane make one region.

- *Nested* curves, and curves apart from each other: by the even-odd rule. A curve inside another is a hole, one inside
  a hole is an island.
- Curves that *partly overlap* are joined: they were drawn as parts of one thing.
- Curves marked XOR (CLOSEDPLANAR_XOR, PS3.3 C.8.8.6.3) always by exclusive or.

A curve is nested when at least `NESTED_SHARE` of its area is within the other: holes that touch the rim stick out of it
by what coordinates were rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

NESTED_SHARE = 0.99
"""Of the smaller curve's area within the larger one, from which on it is a hole in it (or an island), not a part of
it."""

LEAST_SHARE = 1e-6
"""Shares below this are the rounding of a common line."""

MANY_LOOPS = 100
"""So many loops in one layer are compared by a tree of their boxes; fewer sooner each with each."""

BESIDE_MM = 1e-3
"""By how much boxes are widened while layers lie side by side: more than what this rounds off coordinates."""


@dataclass(frozen=True, slots=True, eq=False)
class Loops:
    """Closed curves, each in one of several parallel planes, in coordinates of these planes.

    Attributes:
        points: ``(n, 2)`` of all curves, one after the other; the last joins the first.
        starts: ``(loops,)`` where each begins in `points`.
        layers: ``(loops,)`` the plane each is in.
        joined: ``(loops,)`` numbers shared by loops that partly overlap, directly or through others.
    """

    points: NDArray[np.float64]
    starts: NDArray[np.intp]
    layers: NDArray[np.intp]
    joined: NDArray[np.intp]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Number of points of each."""
        return np.diff(np.append(self.starts, len(self.points)))

    @property
    def overlapping(self) -> NDArray[np.bool_]:
        """``(loops,)`` which partly overlap another."""
        return np.asarray(np.bincount(self.joined, minlength=1)[self.joined] > 1)

    def gathered(self, wanted: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Indices of the points of the wanted loops, one loop after the other, and where each begins in them."""
        sizes = self.sizes[wanted]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        index = np.arange(total) + np.repeat(self.starts[wanted] - (ends - sizes), sizes)
        return index, ends - sizes


def find_joined(
    points: NDArray[np.float64], starts: NDArray[np.intp], layers: NDArray[np.intp], by_xor: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Which loops partly overlap.

    Args:
        points: ``(n, 2)`` mm.
        starts: ``(loops,)``
        layers: ``(loops,)``
        by_xor: ``(loops,)`` those that are never joined.

    Returns:
        ``(loops,)`` see `Loops.joined`.
    """
    joined = np.arange(len(starts), dtype=np.intp)
    one, other = _meeting_boxes(points, starts, layers, by_xor)
    if not len(one):
        return joined
    involved = np.unique(np.concatenate([one, other]))
    rings = dict(zip(involved.tolist(), _rings(points, starts, involved), strict=True))
    first = np.array([rings[n] for n in one.tolist()], dtype=object)
    second = np.array([rings[n] for n in other.tolist()], dtype=object)
    for pair in np.flatnonzero(shapely.intersects(first, second)).tolist():
        if _partly_overlap(first[pair], second[pair]):
            joined[joined == joined[other[pair]]] = joined[one[pair]]
    return joined


def _meeting_boxes(
    points: NDArray[np.float64], starts: NDArray[np.intp], layers: NDArray[np.intp], by_xor: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of loops of one layer whose boxes meet."""
    sizes = np.diff(np.append(starts, len(points)))
    able = np.flatnonzero(~by_xor & (sizes >= 3))
    order = able[np.argsort(layers[able], kind="stable")]
    if not len(order):
        return order, order
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    layer = layers[order]
    if np.max(np.diff(np.flatnonzero(np.diff(layer, prepend=-1, append=-1)))) > MANY_LOOPS:
        pairs = _pairs_by_tree(low[order], high[order], layer)
    else:
        pairs = _pairs_one_by_one(low[order], high[order], layer)
    return order[pairs[0]], order[pairs[1]]


def _pairs_one_by_one(low: NDArray[np.float64], high: NDArray[np.float64], layer: NDArray[np.intp]) -> NDArray[np.intp]:
    """``(2, pairs)`` those within a layer whose boxes meet, by their places; layers come one after the other."""
    pairs = [np.empty((2, 0), dtype=np.intp)]
    for step in range(1, len(layer)):
        one = np.flatnonzero(layer[step:] == layer[:-step])
        if not len(one):
            break
        pairs.append(_meeting(np.stack([one, one + step]), low, high))
    return np.concatenate(pairs, axis=1)


def _meeting(pairs: NDArray[np.intp], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.intp]:
    one, other = pairs
    return pairs[:, np.all((low[one] <= high[other]) & (low[other] <= high[one]), axis=1)]


def _pairs_by_tree(low: NDArray[np.float64], high: NDArray[np.float64], layer: NDArray[np.intp]) -> NDArray[np.intp]:
    """``(2, pairs)`` those within a layer whose boxes meet, by their places."""
    # Layers side by side, so that one tree does for all.
    aside = layer * (np.ptp(np.concatenate([low[:, 0], high[:, 0]])) + 1.0)
    boxes = shapely.box(low[:, 0] + aside - BESIDE_MM, low[:, 1], high[:, 0] + aside + BESIDE_MM, high[:, 1])
    one, other = shapely.STRtree(boxes).query(boxes)
    kept = (one < other) & (layer[one] == layer[other])
    return _meeting(np.stack([one[kept], other[kept]]), low, high)


def _rings(points: NDArray[np.float64], starts: NDArray[np.intp], wanted: NDArray[np.intp]) -> Any:
    """Shapely rings of loops of at least three points."""
    ends = np.append(starts[1:], len(points))
    return [shapely.LinearRing(points[starts[n] : ends[n]]) for n in wanted]


def _partly_overlap(one: Any, other: Any) -> bool:
    first, second = (enclosed(shapely.get_coordinates(ring)) for ring in (one, other))
    smaller = min(first.area, second.area)
    return bool(LEAST_SHARE * smaller < first.intersection(second).area < NESTED_SHARE * smaller)


def region_of(loops: Loops, layer: int) -> Any:
    """The region that the loops of a layer make, a shapely polygon or multipolygon without overlaps; maybe empty."""
    ends = np.append(loops.starts[1:], len(loops.points))
    parts: dict[int, Any] = {}
    for n in np.flatnonzero((loops.layers == layer) & (loops.sizes >= 3)):
        polygon = enclosed(loops.points[loops.starts[n] : ends[n]])
        key = int(loops.joined[n])
        parts[key] = polygon if key not in parts else parts[key].union(polygon)
    # By twos, and by twos again: one after the other, the region so far would be gone through for each of a thousand.
    regions: Any = list(parts.values()) or [shapely.Polygon()]
    while len(regions) > 1:
        rest = regions[len(regions) // 2 * 2 :]
        regions = [*shapely.symmetric_difference(regions[: len(regions) // 2 * 2 : 2], regions[1::2]), *rest]
    return areal(regions[0])


def enclosed(points: NDArray[np.float64]) -> Any:
    """What a closed line encloses, wherever it crosses, touches or follows itself.

    By the even-odd rule; a line that goes somewhere twice counts once there, so that an outline gone round twice is
    still one. The same as `shapely.make_valid` gives, in a time that grows with the number of crossings, not with its
    square.

    Args:
        points: ``(n, 2)``, at least three; the last joins the first.

    Returns:
        A valid polygon or multipolygon; maybe empty.
    """
    polygon = shapely.Polygon(points)
    if polygon.is_valid:
        return polygon
    return area_within(shapely.get_parts(shapely.union_all([polygon.exterior])))  # broken up at each crossing


def area_within(lines: NDArray[np.object_]) -> Any:
    """What lines enclose by the even-odd rule: rings within rings are holes, and islands in them.

    Args:
        lines: shapely lines that meet each other at their ends only, or closed ones that don't meet.

    Returns:
        A valid polygon or multipolygon; maybe empty.
    """
    faces = shapely.get_parts(shapely.polygonize(lines))
    if not len(faces):
        return shapely.Polygon()
    inside = faces[_lines_to_outside(faces) % 2 == 1]
    whole = inside[0] if len(inside) == 1 else shapely.multipolygons(inside)
    # Neighbours are both inside only where the line goes somewhere twice.
    return areal(whole if whole.is_valid else shapely.union_all(inside))


def _lines_to_outside(faces: NDArray[np.object_]) -> NDArray[np.intp]:
    """How many lines at least must be crossed to come out of each of the faces that lines part the plane into."""
    rings, face_of_ring = shapely.get_rings(faces, return_index=True)
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    start, end = corners[along], corners[along + 1]
    swapped = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swapped], end[swapped] = end[swapped], start[swapped]
    face = face_of_ring[ring_of[along]]
    steps = np.column_stack([start, end])
    order = np.lexsort(steps.T)
    again = np.append(np.all(steps[order[1:]] == steps[order[:-1]], axis=1), [False])  # its other side comes next
    alone = ~again & ~np.roll(again, 1)
    outside = len(faces)
    one = np.concatenate([face[order[again]], face[order[alone]]])
    other = np.concatenate([face[order[np.flatnonzero(again) + 1]], np.full(np.count_nonzero(alone), outside)])
    sides = scipy.sparse.coo_array((np.ones(len(one)), (one, other)), shape=(outside + 1, outside + 1))
    lines = scipy.sparse.csgraph.dijkstra(sides, directed=False, indices=outside, unweighted=True)
    return np.asarray(lines[:-1]).astype(np.intp)


def areal(geometry: Any) -> Any:
    """The polygons of a geometry, without the lines and points that `make_valid` and set operations may leave."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    polygons = [one for one in shapely.get_parts(geometry) if one.geom_type in {"Polygon", "MultiPolygon"}]
    if not polygons:
        return shapely.Polygon()
    return polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)
