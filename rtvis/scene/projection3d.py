"""Where patient points are on the display of a 3D view: the way back from `Camera3D.ray`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.scene.camera3d import Camera3D


@dataclass(frozen=True, slots=True, eq=False)
class Projection3D:
    """How a 3D view shows space now.

    Attributes:
        eye_lps_mm: ``(3,)`` LPS mm, where depth is measured from.
        ahead: ``(3,)`` unit vector the camera looks along.
        right: ``(3,)`` unit vector to the right of the display.
        up: ``(3,)`` unit vector to its upper edge.
        size: width and height in logical pixels.
        half_height: of what is seen: mm where lines of sight are parallel, otherwise mm for each mm of depth.
        parallel: whether they are.
    """

    eye_lps_mm: NDArray[np.float64]
    ahead: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    size: tuple[float, float]
    half_height: float
    parallel: bool

    @classmethod
    def of(cls, camera: Camera3D) -> Projection3D:
        """That of a camera as it stands."""
        width, height = camera.size
        right, up = camera.right_and_up
        middle, top = camera.ray(width / 2, height / 2), camera.ray(width / 2, 0.0)
        ahead = middle.direction
        if camera.is_parallel:
            half = float((top.origin_lps_mm - middle.origin_lps_mm) @ up)
        else:
            half = float(top.direction @ up) / float(top.direction @ ahead)
        return cls(middle.origin_lps_mm, ahead, right, up, (width, height), half, camera.is_parallel)

    def to_display(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Display coordinates ``(n, 2)`` of points ``(n, 3)`` LPS mm, as `Camera3D.ray` takes them; NaN behind it."""
        away = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3) - self.eye_lps_mm
        half = self._half_at(away @ self.ahead)
        width, height = self.size
        x = (away @ self.right / half * height + width) / 2
        y = (1 - away @ self.up / half) * height / 2
        return np.stack([x, y], axis=1)

    def mm_per_pixel(self, point_lps_mm: ArrayLike) -> float:
        """How long a pixel is at the depth of a point ``(3,)`` LPS mm."""
        depth = (np.asarray(point_lps_mm, dtype=np.float64) - self.eye_lps_mm) @ self.ahead
        return 2 * float(self._half_at(depth)) / self.size[1]

    def plane_at(self, point_lps_mm: ArrayLike) -> Plane:
        """The plane through a point that the display is parallel to."""
        return Plane(np.asarray(point_lps_mm, dtype=np.float64), self.right, -self.up)

    def _half_at(self, depth_mm: ArrayLike) -> NDArray[np.float64]:
        depth = np.asarray(depth_mm, dtype=np.float64)
        if self.parallel:
            return np.full(depth.shape, self.half_height)
        return np.where(depth > 0, depth, np.nan) * self.half_height
