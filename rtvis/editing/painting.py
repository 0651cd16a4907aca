"""Areas added to an ROI and taken from it, on the plane where its contours are, exactly: no voxels come between.

Closed contours of one plane are one region (`rtvis.geometry.regions`: nested ones are holes, partly overlapping ones
are joined). The region with an area added or taken away becomes contours again: those whose points are the same stay
the very contours they were, with all that their file carried; the others are new, and every corner that was there
before keeps its coordinates to the last bit. A hole becomes a contour of its own inside the one around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM, REPEAT_MM, find_repeats
from rtvis.geometry.plane import both_ways
from rtvis.geometry.polyline import signed_area_mm2
from rtvis.geometry.regions import Loops, areal, enclosed, find_joined, region_of
from rtvis.model.progress import no_report, part_of
from rtvis.model.structure_set import CLOSED_TYPES, XOR_TYPES, Contour, GeometricType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.plane import Depth, Plane
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi

LEAST_AREA_MM2 = 1e-3
"""Slivers smaller than this are what rounding leaves between two lines; nobody drew them."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """An area on a plane.

    Attributes:
        plane: where it lies.
        region: a shapely polygon or multipolygon in the plane's own coordinates, mm (`Plane.to_plane`).
        depth_mm: how far beside its plane contours may be and still be painted into; None where that is told for all.
    """

    plane: Plane
    region: Any
    depth_mm: Depth | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlaneContours:
    """The closed contours of an ROI on one plane.

    Attributes:
        plane: parallel to the one that was asked for, and through the contours.
        indices: of the contours in the ROI.
        rings: each ``(n, 2)`` in the plane's coordinates, the first point not repeated.
        repeats: which of them are another one once more.
    """

    plane: Plane
    indices: tuple[int, ...]
    rings: tuple[NDArray[np.float64], ...]
    repeats: NDArray[np.bool_]
    by_xor: NDArray[np.bool_]

    @property
    def region(self) -> Any:
        """What they make together, a shapely geometry; maybe empty."""
        kept = [n for n in range(len(self.rings)) if not self.repeats[n] and len(self.rings[n]) >= 3]
        if not kept:
            return shapely.Polygon()
        rings = [self.rings[n] for n in kept]
        points = np.vstack(rings)
        starts = np.cumsum([0, *(len(one) for one in rings[:-1])]).astype(np.intp)
        layers = np.zeros(len(rings), dtype=np.intp)
        return region_of(Loops(points, starts, layers, find_joined(points, starts, layers, self.by_xor[kept])), 0)


def contours_on(roi: Roi, plane: Plane, tolerance_mm: Depth = LAYER_TOLERANCE_MM) -> PlaneContours:
    """The closed contours of an ROI that lie on a plane, or on the one parallel to it that is nearest.

    Args:
        roi: whose contours.
        plane: of the view.
        tolerance_mm: how far from `plane` contours may be and still count: half the slice gaps for those that a view
            shows on a slice though their file has them a little beside it. All of one layer are taken.
    """
    against, along = both_ways(tolerance_mm)
    found: list[tuple[float, int]] = []
    closed = [n for n, one in enumerate(roi.contours) if one.geometric_type in CLOSED_TYPES and len(one.points_lps)]
    firsts = np.array([roi.contours[index].points_lps[0] for index in closed]).reshape(-1, 3)
    near = plane.is_near(firsts, (against + LAYER_TOLERANCE_MM, along + LAYER_TOLERANCE_MM))  # one tells for most
    for index in np.array(closed, dtype=np.intp)[near].tolist():
        distances = plane.distances_mm(roi.contours[index].points_lps)
        middle = float(distances.mean())
        if np.abs(distances - middle).max() <= LAYER_TOLERANCE_MM and -against <= middle <= along:
            found.append((middle, index))
    if not found:
        return PlaneContours(plane, (), (), np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
    nearest = min(found, key=lambda one: abs(one[0]))[0]
    found = [one for one in found if abs(one[0] - nearest) <= LAYER_TOLERANCE_MM]
    own = plane if abs(nearest) <= 1e-9 else plane.through(plane.origin_lps_mm + nearest * plane.normal)
    indices = tuple(index for _, index in found)
    rings = tuple(_open_ring(own.to_plane(roi.contours[index].points_lps)) for index in indices)
    boxes = np.array([np.concatenate([ring.min(axis=0), [0], ring.max(axis=0), [0]]) for ring in rings])
    areas = np.array([abs(signed_area_mm2(ring)) for ring in rings])
    repeats = find_repeats(boxes, areas, np.zeros(len(rings), dtype=np.intp), rings.__getitem__)
    by_xor = np.array([roi.contours[index].geometric_type in XOR_TYPES for index in indices])
    return PlaneContours(own, indices, rings, repeats, by_xor)


def painted(
    roi: Roi,
    areas: Sequence[Area],
    *,
    erase: bool,
    tolerance_mm: Depth = LAYER_TOLERANCE_MM,
    report: Report = no_report,
) -> Roi:
    """An ROI with areas added to it or taken from it.

    Args:
        roi: to be changed. Only its closed contours on the areas' planes are.
        areas: on one plane or several, each plane once.
        erase: whether the areas are taken away.
        tolerance_mm: see `contours_on`; of areas that don't tell their own.
        report: told after each area, and often enough within one to be stopped.

    Returns:
        The changed ROI; the very one that was given where nothing changes. Image references of new contours are left
        to the caller.
    """
    met: set[int] = set()
    dropped: set[int] = set()
    added: list[Contour] = []
    for done, area in enumerate(areas):
        part = part_of(report, done, len(areas))
        part(0, 1)
        if area.region.is_empty:
            continue
        depth = tolerance_mm if area.depth_mm is None else area.depth_mm
        here = contours_on(roi, area.plane, depth)
        if not met.isdisjoint(here.indices):  # contours half way between two planes: both areas are theirs, in turn
            roi = _changed(roi, dropped, added)
            met, dropped, added = set(), set(), []
            here = contours_on(roi, area.plane, depth)
        met.update(here.indices)
        if here.plane is not area.plane:
            area = Area(here.plane, area.region)  # noqa: PLW2901  (dropped onto the contours' own plane)
        before = here.region
        after = areal(before.difference(area.region) if erase else before.union(area.region))
        gone, fresh = _exchanged(roi, here, after, part)
        dropped |= gone
        added += fresh
    return _changed(roi, dropped, added)


def _changed(roi: Roi, dropped: set[int], added: list[Contour]) -> Roi:
    if not dropped and not added:
        return roi
    kept = tuple(one for index, one in enumerate(roi.contours) if index not in dropped)
    return replace(roi, contours=(*kept, *added))


def _exchanged(roi: Roi, here: PlaneContours, after: Any, report: Report) -> tuple[set[int], list[Contour]]:
    """Contours that no longer are, by index, and the new ones, where the region of a plane is to be `after`."""
    wanted: dict[frozenset[tuple[float, float]], NDArray[np.float64]] = {}
    for polygon in shapely.get_parts(after):
        for ring in (polygon.exterior, *polygon.interiors):
            corners = shapely.get_coordinates(ring)[:-1]
            wanted[_corners(corners)] = corners
    kept_boxes: list[NDArray[np.float64]] = []
    dropped: set[int] = set()
    for index, ring, repeat in zip(here.indices, here.rings, here.repeats.tolist(), strict=True):
        key = _corners(ring)
        again = repeat and any(np.abs(_box(ring) - one).max() <= REPEAT_MM for one in kept_boxes)
        if key in wanted or again:
            kept_boxes.append(_box(ring))
            wanted.pop(key, None)
        else:
            dropped.add(index)
    exact = {
        corner: point
        for index, ring in zip(here.indices, here.rings, strict=True)
        for corner, point in zip(map(tuple, ring.tolist()), roi.contours[index].points_lps, strict=False)
    }
    kind = GeometricType.CLOSEDPLANAR_XOR if bool(here.by_xor.any()) else None
    fresh = []
    for done, corners in enumerate(wanted.values()):
        report(done, len(wanted))
        if _is_drawn(corners):
            fresh.append(_contour(corners, here.plane, exact, kind))
    return dropped, fresh


def _is_drawn(corners: NDArray[np.float64]) -> bool:
    return len(corners) >= 3 and abs(signed_area_mm2(corners)) >= LEAST_AREA_MM2


def _contour(
    corners: NDArray[np.float64],
    plane: Plane,
    exact: dict[tuple[float, ...], NDArray[np.float64]],
    kind: GeometricType | None,
) -> Contour:
    points = plane.to_patient(corners)
    for number, corner in enumerate(map(tuple, corners.tolist())):
        if corner in exact:
            points[number] = exact[corner]
    contour = Contour.drawn(points, closed=True)
    return contour if kind is None else replace(contour, geometric_type=kind)


def _open_ring(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    while len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    return ring


def _corners(ring: NDArray[np.float64]) -> frozenset[tuple[float, float]]:
    return frozenset((u, v) for u, v in ring.tolist())


def _box(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([ring.min(axis=0), ring.max(axis=0)])


def polygon_area(plane: Plane, points_lps: Sequence[NDArray[np.float64]] | NDArray[np.float64]) -> Area:
    """The area inside a closed line of points ``(n, 3)`` LPS mm, dropped onto a plane; loops of it count too."""
    ring = plane.to_plane(np.asarray(points_lps, dtype=np.float64))
    if len(ring) < 3:
        return Area(plane, shapely.Polygon())
    return Area(plane, enclosed(ring))
