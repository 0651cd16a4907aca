"""Changes of the points of one contour; each gives a new contour of the right type, or several.

A changed contour keeps what its file carried besides its points (`Contour.origin`), and names no images: those of its
new points are the caller's to find.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import ops

from rtvis.geometry.curve_shaping import simplified, smoothed
from rtvis.geometry.plane import fit_plane
from rtvis.geometry.regions import enclosed
from rtvis.model.structure_set import CLOSED_TYPES, Contour, GeometricType, Roi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray


def own_points(contour: Contour) -> NDArray[np.float64]:
    """A contour's points ``(n, 3)``, the first one of a closed curve not repeated."""
    points = contour.points_lps
    while contour.is_closed and len(points) > 1 and np.array_equal(points[0], points[-1]):
        points = points[:-1]
    return points


def reshaped(contour: Contour, points_lps: ArrayLike, *, closed: bool | None = None) -> Contour:
    """The contour through other points: rounded to DS, its type found anew where the old one no longer fits.

    Args:
        contour: the one that is changed.
        points_lps: ``(n, 3)`` LPS mm.
        closed: whether the last point joins the first; as before when None.

    Raises:
        ValueError: when the points make no contour (see `Contour.drawn`).
    """
    close = contour.is_closed if closed is None else closed
    made = Contour.drawn(points_lps, closed=close)
    kind, old = made.geometric_type, contour.geometric_type
    if close and kind == GeometricType.CLOSED_PLANAR and contour.is_closed:
        if old in CLOSED_TYPES:
            kind = GeometricType.CLOSEDPLANAR_XOR if old != GeometricType.CLOSED_PLANAR else kind
        elif old == GeometricType.OPEN_PLANAR:  # how some programs write closed outlines
            repeated = np.vstack([made.points_lps, made.points_lps[:1]])
            return replace(made, points_lps=repeated, geometric_type=old, origin=contour.origin)
    return replace(made, geometric_type=kind, origin=contour.origin)


def point_moved(contour: Contour, index: int, to_lps: ArrayLike) -> Contour:
    """One point somewhere else."""
    points = own_points(contour).copy()
    points[index] = to_lps
    return reshaped(contour, points)


def moved(contour: Contour, by_lps_mm: ArrayLike) -> Contour:
    """The whole contour somewhere else."""
    return reshaped(contour, own_points(contour) + np.asarray(by_lps_mm, dtype=np.float64))


def point_added(contour: Contour, after: int, at_lps: ArrayLike) -> Contour:
    """One point more, after the one at index `after`."""
    return reshaped(contour, np.insert(own_points(contour), after + 1, np.asarray(at_lps, dtype=np.float64), axis=0))


def points_deleted(contour: Contour, indices: Sequence[int]) -> Contour | None:
    """Without some points; None when too few are left for a contour of its kind."""
    points = np.delete(own_points(contour), list(indices), axis=0)
    if len(points) < (3 if contour.is_closed else 1):
        return None
    return reshaped(contour, points)


def reverse(contour: Contour) -> Contour:
    """The same points the other way round."""
    return reshaped(contour, own_points(contour)[::-1])


def smooth(contour: Contour, width_mm: float) -> Contour:
    """Bends smaller than `width_mm` taken out (`rtvis.geometry.curve_shaping.smoothed`)."""
    if len(own_points(contour)) < 3:
        return contour
    return reshaped(contour, smoothed(own_points(contour), width_mm, closed=contour.is_closed))


def simplify(contour: Contour, tolerance_mm: float) -> Contour:
    """Fewer of its own points; the very contour where none can go."""
    before = own_points(contour)
    points = simplified(before, tolerance_mm, closed=contour.is_closed)
    return contour if len(points) == len(before) else reshaped(contour, points)


def closed_up(contour: Contour) -> Contour:
    """An open contour whose last point joins its first from now on.

    Raises:
        ValueError: when its points are too few, or on one line.
    """
    return reshaped(contour, own_points(contour), closed=True)


def cut_at(contour: Contour, index: int) -> tuple[Contour, Contour]:
    """An open contour cut at a point that isn't an end: two, both with that point.

    Raises:
        ValueError: when it is closed, or the point is an end.
    """
    points = own_points(contour)
    if contour.is_closed or not 0 < index < len(points) - 1:
        raise ValueError("only an open contour can be cut in two, at a point between its ends")
    first = reshaped(contour, points[: index + 1])
    return first, replace(reshaped(contour, points[index:]), origin=None)


def cut_across(contour: Contour, line_lps: ArrayLike) -> tuple[Contour, ...]:
    """A closed planar contour cut by a line right across it: its parts, in its own plane.

    Args:
        contour: closed and planar.
        line_lps: ``(n, 3)`` the line, dropped onto the contour's plane.

    Returns:
        The parts, largest first, each with its holes as contours of their own; the contour alone when the line doesn't
        go all the way across.

    Raises:
        ValueError: when the contour isn't closed and planar.
    """
    if contour.geometric_type not in CLOSED_TYPES:
        raise ValueError("only a closed planar contour can be cut across")
    points = own_points(contour)
    plane, _ = fit_plane(points)
    ring = plane.to_plane(points)
    line = shapely.LineString(plane.to_plane(line_lps))
    # A keyhole or a line that crosses itself stands for areas, maybe with holes: these are what is cut.
    whole = shapely.get_parts(enclosed(ring))
    parts = sorted((part for one in whole for part in ops.split(one, line).geoms), key=lambda one: -one.area)
    if len(parts) <= len(whole):
        return (contour,)
    exact = {(u, v): point for (u, v), point in zip(ring.tolist(), points, strict=True)}
    made = []
    for outline in (ring for part in parts for ring in (part.exterior, *part.interiors)):
        corners = shapely.get_coordinates(outline)[:-1]
        lifted = plane.to_patient(corners)
        for number, (u, v) in enumerate(corners.tolist()):
            lifted[number] = exact.get((u, v), lifted[number])
        made.append(reshaped(contour, lifted))
    return (made[0], *(replace(one, origin=None) for one in made[1:]))


def joined(one: Contour, other: Contour) -> Contour:
    """Two open contours as one, by their nearest ends; the first keeps its direction.

    Raises:
        ValueError: when one of them is closed.
    """
    if one.is_closed or other.is_closed:
        raise ValueError("only open contours can be joined; areas are united instead")
    first, second = own_points(one), own_points(other)
    ends = {
        (at_end, turned): float(
            np.linalg.norm((first[-1] if at_end else first[0]) - (second[-1] if at_end == turned else second[0]))
        )
        for at_end in (True, False)
        for turned in (False, True)
    }
    at_end, turned = min(ends, key=ends.__getitem__)
    # (at_end, turned): the second follows the first's end by its first point, or turned, by its last; before its
    # beginning it ends with its last point, or turned, with its first.
    if turned:
        second = second[::-1]
    points = np.vstack([first, second] if at_end else [second, first])
    touching = len(first) - 1 if at_end else len(second) - 1
    if np.array_equal(points[touching], points[touching + 1]):
        points = np.delete(points, touching, axis=0)
    return reshaped(one, points)


def with_contours(roi: Roi, changed: Mapping[int, Sequence[Contour]]) -> Roi:
    """An ROI with some contours replaced, each by none, one or several in its place.

    Args:
        roi: whose contours.
        changed: index of a contour -> what takes its place.

    Returns:
        The very ROI where nothing changes.
    """
    result: list[Contour] = []
    for index, contour in enumerate(roi.contours):
        result += changed.get(index, (contour,))
    same = len(result) == len(roi.contours) and all(a is b for a, b in zip(result, roi.contours, strict=True))
    return roi if same else replace(roi, contours=tuple(result))
