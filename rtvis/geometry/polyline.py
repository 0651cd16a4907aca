"""Curves in patient space: length, area, and which kind of curve the points make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.plane import fit_plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

COPLANAR_TOLERANCE_MM = 0.01
"""Points within this distance of one plane are coplanar. Curves drawn on a view are planar to 1e-9 mm before DS
rounding, which moves a coordinate by less than 1e-9 mm; real needles leave any plane by tenths of a millimetre."""


def length_mm(points_lps_mm: ArrayLike, *, closed: bool = False) -> float:
    """Length of the polyline through points ``(n, 3)``; with `closed`, back to the first point."""
    points = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3)
    if closed and len(points) > 1:
        points = np.vstack([points, points[:1]])
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def even_points(points_lps_mm: ArrayLike, count: int) -> NDArray[np.float64]:
    """Points ``(count, 3)`` at equal parts of the length of the polyline through points ``(n, 3)``, both ends kept.

    Args:
        points_lps_mm: two at least, not all at one place.
        count: two at least.
    """
    points = np.asarray(points_lps_mm, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    places = np.linspace(0.0, along[-1], count)
    even = np.column_stack([np.interp(places, along, points[:, axis]) for axis in range(3)])
    even[0], even[-1] = points[0], points[-1]
    return even


def signed_area_mm2(coordinates_mm: ArrayLike) -> float:
    """Shoelace area of a closed polygon given in a plane, ``(n, 2)`` mm; positive when it turns from u to v."""
    uv = np.asarray(coordinates_mm, dtype=np.float64)
    if len(uv) < 3:
        return 0.0
    shifted = uv - uv[0]  # keeps the products small: patient coordinates can be far from zero
    following = np.roll(shifted, -1, axis=0)
    return float(0.5 * np.sum(shifted[:, 0] * following[:, 1] - following[:, 0] * shifted[:, 1]))


def is_coplanar(points_lps_mm: ArrayLike, tolerance_mm: float = COPLANAR_TOLERANCE_MM) -> bool:
    """Whether points ``(n, 3)`` lie within `tolerance_mm` of their best plane."""
    return fit_plane(points_lps_mm)[1] <= tolerance_mm


def width_mm(points_lps_mm: ArrayLike) -> float:
    """How wide points ``(n, 3)`` are across the line that they are spread along most; 0 for points on one line."""
    plane, _ = fit_plane(points_lps_mm)
    return float(np.ptp(plane.to_plane(points_lps_mm)[:, 1]))


def without_repeats(points_lps_mm: ArrayLike, *, tolerance_mm: float = 1e-9) -> NDArray[np.float64]:
    """Points ``(n, 3)`` without those that repeat the one before them."""
    points = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3)
    if len(points) < 2:
        return points
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.asarray(points[np.concatenate([[True], steps > tolerance_mm])])
