"""Bending and thinning curves: smoothing, simplifying, pushing, in patient millimetres.

Curves are points ``(n, 3)`` LPS mm; closed ones don't repeat their first point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from rtvis.geometry.polyline import even_points, length_mm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.geometry.plane import Depth, Plane

REACH = 3.0
"""How many standard deviations of the smoothing weights are followed."""


def resampled(points_lps_mm: ArrayLike, step_mm: float, *, closed: bool) -> NDArray[np.float64]:
    """Points at even distances of about `step_mm` along a curve; both ends of an open one are kept.

    Raises:
        ValueError: when the step isn't positive.
    """
    if not step_mm > 0:
        raise ValueError(f"a step of {step_mm} mm leads nowhere")
    points = np.asarray(points_lps_mm, dtype=np.float64)
    line = np.vstack([points, points[:1]]) if closed else points
    length = length_mm(line)
    if length == 0.0:
        return points[:1]
    even = even_points(line, max(int(np.ceil(length / step_mm)), 3 if closed else 1) + 1)
    return even[:-1] if closed else even


def smoothed(points_lps_mm: ArrayLike, width_mm: float, *, closed: bool) -> NDArray[np.float64]:
    """A curve with its bends smaller than `width_mm` taken out, without shrinking what is larger.

    Each point becomes a Gaussian mean of its neighbours along the curve; what this takes off a round curve is given
    back by doing it twice with opposite signs. Open curves keep their ends. The result has points every third of the
    width. A curve in a plane stays in it.

    Args:
        points_lps_mm: ``(n, 3)``
        width_mm: standard deviation of the weights along the curve.
        closed: whether its last point joins its first.
    """
    even = resampled(points_lps_mm, width_mm / 3, closed=closed)
    if len(even) < 5:
        return np.array(points_lps_mm, dtype=np.float64)
    sigma = width_mm / (length_mm(even, closed=closed) / (len(even) - (0 if closed else 1)))
    offsets = np.arange(-int(np.ceil(REACH * sigma)), int(np.ceil(REACH * sigma)) + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    once = _averaged(even, weights, closed=closed)
    result = 2 * once - _averaged(once, weights, closed=closed)
    if not closed:
        result[0], result[-1] = even[0], even[-1]
    return np.asarray(result)


def _averaged(points: NDArray[np.float64], weights: NDArray[np.float64], *, closed: bool) -> NDArray[np.float64]:
    if closed:
        return np.asarray(scipy.ndimage.correlate1d(points, weights, axis=0, mode="wrap"))
    reach = min(len(weights) // 2, len(points) - 1)
    # Turned over at the ends, so that an end is the mean of what is on both sides of it and stays.
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -2 - reach : -1]
    longer = np.vstack([before, points, after])
    return np.asarray(scipy.ndimage.correlate1d(longer, weights, axis=0, mode="nearest")[reach : reach + len(points)])


def simplified(points_lps_mm: ArrayLike, tolerance_mm: float, *, closed: bool) -> NDArray[np.float64]:
    """Fewer of a curve's own points, none of those left out farther than `tolerance_mm` from the new line.

    Douglas and Peucker's rule, in space. A closed curve keeps at least three points.

    Raises:
        ValueError: when the tolerance is negative.
    """
    if tolerance_mm < 0:
        raise ValueError(f"a tolerance of {tolerance_mm} mm can't be kept")
    points = np.asarray(points_lps_mm, dtype=np.float64)
    if len(points) <= (3 if closed else 2):
        return points
    line = np.vstack([points, points[:1]]) if closed else points
    kept = np.zeros(len(line), dtype=bool)
    kept[[0, -1]] = True
    stack = [(0, len(line) - 1)]
    if closed:
        far = int(np.argmax(np.linalg.norm(points - points[0], axis=1)))
        kept[far] = True
        stack = [(0, far), (far, len(points))]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        distances = _from_segment(line[first + 1 : last], line[first], line[last])
        worst = int(np.argmax(distances))
        if distances[worst] > tolerance_mm:
            middle = first + 1 + worst
            kept[middle] = True
            stack += [(first, middle), (middle, last)]
    if closed and kept[:-1].sum() < 3:
        two = np.flatnonzero(kept[:-1])
        distances = _from_segment(points, points[two[0]], points[two[-1]])
        kept[int(np.argmax(distances))] = True
    return np.asarray(points[kept[:-1] if closed else kept])


def deviation_mm(before_lps_mm: ArrayLike, after_lps_mm: ArrayLike, *, closed: bool) -> float:
    """How far the farthest point of a curve is from the line of another, such as itself after it was changed.

    Args:
        before_lps_mm: ``(n, 3)`` the points.
        after_lps_mm: ``(m, 3)`` the other curve.
        closed: whether its last point joins its first.
    """
    before = np.asarray(before_lps_mm, dtype=np.float64)
    after = np.asarray(after_lps_mm, dtype=np.float64)
    if not len(before) or not len(after):
        return 0.0
    ends = np.vstack([after[1:], after[:1]]) if closed else after[1:]
    if not len(ends):
        return float(np.linalg.norm(before - after[0], axis=1).max())
    starts = after[: len(ends)]
    nearest = np.full(len(before), np.inf)
    for start, end in zip(starts, ends, strict=True):
        np.minimum(nearest, _from_segment(before, start, end), out=nearest)
    return float(nearest.max())


def _from_segment(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    way = end - start
    square = float(way @ way)
    share = np.clip((points - start) @ way / square, 0.0, 1.0) if square > 0 else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - start - share[:, None] * way, axis=1))


def pushed(
    points_lps_mm: ArrayLike,
    plane: Plane,
    way_lps_mm: ArrayLike,
    radius_mm: float,
    *,
    closed: bool,
    depth_mm: Depth = np.inf,
) -> NDArray[np.float64]:
    """A curve that a round pusher was moved against.

    Points that come to lie within the pusher are moved out to its rim, away from its middle; the line gets points
    enough there to bend. A pusher that begins inside an outline widens it, one that begins outside dents it.

    Args:
        points_lps_mm: ``(n, 3)``
        plane: of the view. Points move in it, whatever their distance from it.
        way_lps_mm: ``(m, 3)`` where the middle of the pusher went.
        radius_mm: of the pusher.
        closed: whether the curve's last point joins its first.
        depth_mm: points farther than this from the plane aren't touched.

    Returns:
        ``(k, 3)``; the very points that were given where the pusher met none.
    """
    points = np.asarray(points_lps_mm, dtype=np.float64)
    if len(points) < 2:
        return points
    way = resampled(np.asarray(way_lps_mm, dtype=np.float64).reshape(-1, 3), radius_mm / 4, closed=False)
    for middle in plane.to_plane(way):
        points = _refined(points, plane, middle, radius_mm, closed=closed, depth_mm=depth_mm)
        flat = plane.to_plane(points)
        offset = flat - middle
        distance = np.linalg.norm(offset, axis=1)
        inside = (distance < radius_mm) & plane.is_near(points, depth_mm)
        if inside.any():
            # A point in the very middle has no side; it goes where its neighbours aren't.
            direction = offset[inside] / np.maximum(distance[inside], 1e-9)[:, None]
            moved = points.copy()
            shift = (radius_mm - distance[inside])[:, None] * direction
            moved[inside] += shift[:, :1] * plane.u + shift[:, 1:] * plane.v
            points = moved
    return points


def _refined(
    points: NDArray[np.float64],
    plane: Plane,
    middle: NDArray[np.float64],
    radius_mm: float,
    *,
    closed: bool,
    depth_mm: Depth,
) -> NDArray[np.float64]:
    """The curve with points at most a quarter of the radius apart where the pusher touches its line."""
    ends = np.vstack([points[1:], points[:1]]) if closed else points[1:]
    starts = points[: len(ends)]
    flat, way = plane.to_plane(starts), plane.to_plane(ends) - plane.to_plane(starts)
    square = np.maximum((way**2).sum(axis=1), 1e-18)
    share = np.clip(((middle - flat) * way).sum(axis=1) / square, 0.0, 1.0)
    near = np.linalg.norm(flat + share[:, None] * way - middle, axis=1) < radius_mm
    near &= plane.is_near(starts + share[:, None] * (ends - starts), depth_mm)
    counts = np.where(near, np.ceil(np.linalg.norm(ends - starts, axis=1) / (radius_mm / 4)), 1).astype(np.intp)
    counts = np.clip(counts, 1, 10_000)
    if counts.max(initial=1) == 1:
        return points
    index = np.repeat(np.arange(len(starts)), counts)
    step = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (step / counts[index])[:, None]
    result = starts[index] + share * (ends - starts)[index]
    return result if closed else np.vstack([result, points[-1:]])
