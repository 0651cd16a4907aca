"""What of an ROI a pointer meets in a view: points and lines that are drawn there, by their distance on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rtvis.editing.reshaping import own_points
from rtvis.geometry.plane import both_ways

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.geometry.plane import Depth, Plane
    from rtvis.model.structure_set import Roi

HEIGHT_COUNTS = 1e-6
"""How much less than a distance on the screen one from the plane counts: of a line that goes right through the plane,
and so is one point on the screen, the place that is met is the one on the plane."""


class SeenContour(NamedTuple):
    """A contour that comes near a view's plane.

    Attributes:
        number: index in the ROI.
        points: ``(n, 3)`` LPS mm, the first one of a closed contour not repeated.
        flat: ``(n, 2)`` in the plane's coordinates, mm.
        near: ``(n,)`` which points are near the plane; none of one that only goes through it.
        heights: ``(n,)`` mm from the plane, along its normal.
    """

    number: int
    points: NDArray[np.float64]
    flat: NDArray[np.float64]
    near: NDArray[np.bool_]
    heights: NDArray[np.float64]


def seen_contours(roi: Roi | None, plane: Plane, depth_mm: Depth) -> list[SeenContour]:
    """Contours that come within `depth_mm` of a plane, or go through it."""
    found = []
    against, along = both_ways(depth_mm)
    for index, contour in enumerate(() if roi is None else roi.contours):
        heights = plane.distances_mm(contour.points_lps)
        if len(heights) and heights.min() <= along and heights.max() >= -against:
            points = own_points(contour)
            heights = heights[: len(points)]
            near = (heights >= -against) & (heights <= along)
            found.append(SeenContour(index, points, plane.to_plane(points), near, heights))
    return found


def nearest_point(
    roi: Roi | None, point_lps: ArrayLike, plane: Plane, grab_mm: float, depth_mm: Depth
) -> tuple[int, int] | None:
    """(contour, point) nearest to a place in a view; None where none is within `grab_mm`."""
    best: tuple[float, int, int] | None = None
    for index, _, flat, near, _ in seen_contours(roi, plane, depth_mm):
        away = np.linalg.norm(flat - plane.to_plane(point_lps), axis=1)
        away[~near] = np.inf
        number = int(np.argmin(away))
        if away[number] <= grab_mm and (best is None or away[number] < best[0]):
            best = (float(away[number]), index, number)
    return None if best is None else best[1:]


def nearest_line(
    roi: Roi | None, point_lps: ArrayLike, plane: Plane, grab_mm: float, depth_mm: Depth
) -> tuple[int, int, NDArray[np.float64]] | None:
    """(contour, point that the line comes from, place ``(3,)`` on it) nearest to a place in a view; None out of reach.

    Args:
        roi: whose contours; None for none.
        point_lps: ``(3,)`` LPS mm, on the plane.
        plane: of the view.
        grab_mm: how far, in the plane, the line may be.
        depth_mm: how far from the plane the place on the line may be.
    """
    best: tuple[float, int, int, NDArray[np.float64]] | None = None
    target = plane.to_plane(point_lps)
    for index, points, flat, _, heights in seen_contours(roi, plane, depth_mm):
        if len(points) < 2:
            continue
        closed = roi is not None and roi.contours[index].is_closed
        after = np.roll(np.arange(len(points)), -1) if closed else np.arange(1, len(points))
        before = np.arange(len(after))
        way, rise = flat[after] - flat[before], heights[after] - heights[before]
        square = np.maximum((way**2).sum(axis=1) + HEIGHT_COUNTS * rise**2, 1e-18)
        along = ((target - flat[before]) * way).sum(axis=1) - HEIGHT_COUNTS * heights[before] * rise
        first, last = _shares_near(heights[before], heights[after], depth_mm)
        share = np.clip(along / square, first, np.maximum(first, last))[:, None]
        away = np.linalg.norm(flat[before] + share * way - target, axis=1)
        away[first > last] = np.inf
        number = int(np.argmin(away))
        if away[number] <= grab_mm and (best is None or away[number] < best[0]):
            place = points[before[number]] + share[number] * (points[after[number]] - points[before[number]])
            best = (float(away[number]), index, number, place)
    return None if best is None else best[1:]


def contour_at(roi: Roi | None, point_lps: ArrayLike, plane: Plane, grab_mm: float, depth_mm: Depth) -> int | None:
    """Index of the contour whose line, or lone point, is at a place in a view."""
    found = nearest_line(roi, point_lps, plane, grab_mm, depth_mm) or nearest_point(
        roi, point_lps, plane, grab_mm, depth_mm
    )
    return None if found is None else found[0]


def _shares_near(
    start: NDArray[np.float64], end: NDArray[np.float64], depth_mm: Depth
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From which to which share of its way each line is within `depth_mm` of a plane; none where the first is larger.

    Args:
        start: heights ``(n,)`` mm over the plane where the lines begin.
        end: and where they end.
        depth_mm: as it says.
    """
    against, along = both_ways(depth_mm)
    rise = end - start
    level = np.abs(rise) < 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (-against - start) / rise, (along - start) / rise
    first, last = np.minimum(low, high), np.maximum(low, high)
    inside = (start >= -against) & (start <= along)
    first, last = np.where(level, np.where(inside, 0.0, 2.0), first), np.where(level, np.where(inside, 1.0, -1.0), last)
    return np.maximum(first, 0.0), np.minimum(last, 1.0)
