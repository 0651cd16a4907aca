"""Planes in patient space, and how far points are from one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


DIRECTION_TOLERANCE = 1e-2
"""Direction cosines further from unit length or from a right angle than this are a mistake, not rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A plane with its own two directions.

    Directions from files carry few decimals: `u` is normalised, and `v` made orthogonal to it, so that distances and
    in-plane coordinates are true millimetres.

    Attributes:
        origin_lps_mm: ``(3,)`` a point on the plane.
        u: ``(3,)`` unit vector in the plane (to the right, where the plane is a view).
        v: ``(3,)`` unit vector in the plane, orthogonal to `u` (downwards, where the plane is a view).
        normal: ``(3,)`` unit normal, ``cross(u, v)``.

    Raises:
        ValueError: when u and v are not unit vectors at right angles within `DIRECTION_TOLERANCE`.
    """

    origin_lps_mm: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    normal: NDArray[np.float64] = field(init=False, repr=False)
    _axes: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        origin, u, v = (np.array(value, dtype=np.float64) for value in (self.origin_lps_mm, self.u, self.v))
        if any(value.shape != (3,) or not np.all(np.isfinite(value)) for value in (origin, u, v)):
            raise ValueError("a plane needs a finite origin and two finite directions")
        length_u, length_v = float(np.linalg.norm(u)), float(np.linalg.norm(v))
        if max(abs(length_u - 1), abs(length_v - 1), abs(float(u @ v))) > DIRECTION_TOLERANCE:
            raise ValueError(f"directions of a plane must be unit vectors at right angles, not {u} and {v}")
        u /= length_u
        v -= (u @ v) * u
        v /= np.linalg.norm(v)
        self._set(origin, u, v, np.cross(u, v), np.stack([u, v], axis=-1))

    def _set(self, *values: NDArray[np.float64]) -> None:
        for name, value in zip(("origin_lps_mm", "u", "v", "normal", "_axes"), values, strict=True):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    def through(self, point_lps_mm: ArrayLike) -> Plane:
        """The parallel plane through a point ``(3,)`` LPS mm; its origin moves along the normal only.

        Raises:
            ValueError: when the point isn't finite.
        """
        point = np.asarray(point_lps_mm, dtype=np.float64)
        if not np.isfinite(point).all():
            raise ValueError(f"a plane can't go through {point_lps_mm!r}")
        # Views ask for one at each step: directions that were checked once are the same ones.
        parallel = object.__new__(Plane)
        parallel._set(
            self.origin_lps_mm + self.distances_mm(point) * self.normal, self.u, self.v, self.normal, self._axes
        )
        return parallel

    def distances_mm(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Signed distances of points ``(..., 3)`` along the normal: ``(...)`` mm."""
        return np.asarray((np.asarray(points_lps_mm, dtype=np.float64) - self.origin_lps_mm) @ self.normal)

    def is_near(self, points_lps_mm: ArrayLike, depth_mm: Depth) -> NDArray[np.bool_]:
        """Which points ``(..., 3)`` are within a depth: ``(...)``."""
        against, along = both_ways(depth_mm)
        heights = self.distances_mm(points_lps_mm)
        return np.asarray((heights >= -against) & (heights <= along))

    def to_plane(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """In-plane coordinates ``(..., 2)`` mm of points, dropped along the normal."""
        return np.asarray((np.asarray(points_lps_mm, dtype=np.float64) - self.origin_lps_mm) @ self._axes)

    def to_patient(self, coordinates_mm: ArrayLike) -> NDArray[np.float64]:
        """Patient points ``(..., 3)`` of in-plane coordinates ``(..., 2)`` mm."""
        uv = np.asarray(coordinates_mm, dtype=np.float64)
        return np.asarray(self.origin_lps_mm + uv[..., :1] * self.u + uv[..., 1:2] * self.v)


Depth: TypeAlias = float | tuple[float, float]
"""How far from a plane something still counts as on it, mm: both ways, or against its normal and along it."""


def both_ways(depth_mm: Depth) -> tuple[float, float]:
    """A depth against the normal and along it, mm."""
    return depth_mm if isinstance(depth_mm, tuple) else (depth_mm, depth_mm)


def fit_plane(points_lps_mm: ArrayLike) -> tuple[Plane, float]:
    """The least-squares plane of points, and the largest distance of a point from it.

    Args:
        points_lps_mm: ``(n, 3)`` with n at least 1; fewer than three points, or points on one line, lie on a plane of
            arbitrary turn with residual 0 (up to rounding).

    Returns:
        The plane through the centroid, and the residual in mm.
    """
    points = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3)
    centre = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - centre, full_matrices=len(points) < 3)
    plane = Plane(centre, axes[0], axes[1])
    return plane, float(np.max(np.abs(plane.distances_mm(points))))
