"""The camera around a 3D scene: standard directions, fitting, turning, zooming, panning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.vtkRenderingCore import vtkCamera

from rtvis.scene.ray import Ray

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray
    from vtkmodules.vtkRenderingCore import vtkRenderer

DIRECTIONS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "A": ((0, -1, 0), (0, 0, 1)),
    "P": ((0, 1, 0), (0, 0, 1)),
    "L": ((1, 0, 0), (0, 0, 1)),
    "R": ((-1, 0, 0), (0, 0, 1)),
    "S": ((0, 0, 1), (0, -1, 0)),
    "I": ((0, 0, -1), (0, -1, 0)),
}
"""Where one looks from, and what is up, in LPS."""

START_TURN_DEG = (-28.0, 18.0)
"""The first look: from the front, turned to the side and raised, so that depth is seen."""

FIT_MARGIN = 1.06
"""A fitted scene leaves 3 % of the view free on each side."""

PARALLEL_DISTANCE_MM = 3000.0
"""From where one looks along parallel lines: beyond any patient."""

CENTRING_STEPS = 8
"""Each takes most of what is left of the way to the middle."""


class Camera3D:
    """Moves the camera of a renderer; nothing here renders.

    Args:
        renderer: whose active camera is moved.
        extent: gives points ``(n, 3)`` LPS mm that are all to be seen when the scene is fitted, or None for none.
        aimed: called after each move.
    """

    def __init__(
        self,
        renderer: vtkRenderer,
        extent: Callable[[], NDArray[np.float64] | None],
        aimed: Callable[[], None],
    ) -> None:
        self._renderer = renderer
        self._extent = extent
        self._aimed = aimed
        self._fitted = False
        self._size: tuple[float, float] | None = None

    def look_from(self, letter: str) -> None:
        """Look from one of the sides A, P, L, R, S, I at all that is shown."""
        towards, up = DIRECTIONS[letter]
        camera = self._renderer.GetActiveCamera()
        focal = np.array(camera.GetFocalPoint())
        distance = camera.GetDistance()
        camera.SetPosition(*(focal + distance * np.array(towards)).tolist())
        camera.SetViewUp(*up)
        self.fit()

    def reset(self) -> None:
        """The first look: from the front, a little from the side and from above, at all that is shown."""
        self.look_from("A")
        camera = self._renderer.GetActiveCamera()
        camera.Azimuth(START_TURN_DEG[0])
        camera.Elevation(START_TURN_DEG[1])
        camera.OrthogonalizeViewUp()
        self.fit()

    def set_size(self, width: float, height: float) -> None:
        """The view's size in logical pixels; what was fitted and not moved since is fitted again.

        Without it the renderer's window says what the view's size is.
        """
        self._size = max(width, 1.0), max(height, 1.0)
        if self._fitted:
            self.fit()

    @property
    def size(self) -> tuple[float, float]:
        """The view's (width, height) in logical pixels."""
        if self._size is not None:
            return self._size
        width, height = self._renderer.GetSize()
        return float(max(width, 1)), float(max(height, 1))

    @property
    def right_and_up(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Unit vectors ``(3,)`` LPS of what is to the right and upwards in the view."""
        camera = self._renderer.GetActiveCamera()
        ahead = np.array(camera.GetDirectionOfProjection())
        right = np.cross(ahead, camera.GetViewUp())
        right /= np.linalg.norm(right)
        return right, np.cross(right, ahead)

    def ray(self, x: float, y: float) -> Ray:
        """What is seen at a place of the view.

        Args:
            x: logical pixels from the view's left edge, as a mouse event's `localPos` gives them: the middle of the
                first pixel is at 0.5.
            y: the same from its upper edge, downwards.
        """
        camera = self._renderer.GetActiveCamera()
        width, height = self.size
        ahead = np.array(camera.GetDirectionOfProjection())
        right, up = self.right_and_up
        across, above = (2 * x - width) / height, 1 - 2 * y / height
        position = np.array(camera.GetPosition())
        if camera.GetParallelProjection():
            scale = camera.GetParallelScale()
            return Ray(position + scale * (across * right + above * up), ahead)
        tangent = np.tan(np.radians(camera.GetViewAngle()) / 2)
        towards = ahead + tangent * (across * right + above * up)
        return Ray(position, towards / np.linalg.norm(towards))

    def fit(self) -> None:
        """Show all there is, as large as it goes with a margin, in the direction the camera looks in."""
        points = self._extent()
        if points is None:
            return
        camera = self._renderer.GetActiveCamera()
        back = -np.array(camera.GetDirectionOfProjection())
        right, up = self.right_and_up
        depth = points @ back
        aspect = self.size[0] / self.size[1]
        if self.is_parallel:
            self._fit_parallel(points, right, up, back)
            return
        half = np.tan(np.radians(camera.GetViewAngle()) / 2) / FIT_MARGIN
        place, distances = np.zeros(3), []
        tangents = ((right, half * aspect), (up, half))
        for axis, tangent in tangents:
            # A camera at c sees a point p where |p - c| along the axis is at most (c - p) along `back` times the
            # tangent: the outermost points of either side decide where it stands and how far away.
            along = points @ axis
            high, low = float((along + depth * tangent).max()), float((-along + depth * tangent).max())
            place += axis * (high - low) / 2
            distances.append((high + low) / (2 * tangent))
        middle = float(depth.min() + depth.max()) / 2
        distance = max(*distances, float(depth.max()) + 1.0)
        for axis, _ in tangents:  # in the direction where there is room to spare, what is seen goes to the middle
            for _ in range(CENTRING_STEPS):
                seen = (points @ axis - place @ axis) / (distance - depth)
                place += axis * float(seen.min() + seen.max()) / 2 * (distance - middle)
        camera.SetFocalPoint(*(place + back * middle).tolist())
        camera.SetPosition(*(place + back * distance).tolist())
        camera.SetViewUp(*up.tolist())
        self._aimed()
        self._fitted = True

    def _fit_parallel(
        self,
        points: NDArray[np.float64],
        right: NDArray[np.float64],
        up: NDArray[np.float64],
        back: NDArray[np.float64],
    ) -> None:
        camera = self._renderer.GetActiveCamera()
        axes = np.column_stack([right, up, back])
        low, high = (points @ axes).min(axis=0), (points @ axes).max(axis=0)
        aspect = self.size[0] / self.size[1]
        camera.SetFocalPoint(*(axes @ ((low + high) / 2)).tolist())
        camera.SetViewUp(*up.tolist())
        camera.SetParallelScale(max((high[1] - low[1]) / 2, (high[0] - low[0]) / 2 / aspect, 1.0) * FIT_MARGIN)
        self._stand_at(PARALLEL_DISTANCE_MM)
        self._aimed()
        self._fitted = True

    @property
    def is_parallel(self) -> bool:
        """Whether lines of sight are parallel."""
        return bool(self._renderer.GetActiveCamera().GetParallelProjection())

    def set_parallel(self, *, parallel: bool) -> None:
        """Look along parallel lines, or from a point; what lies as far away as the focal point keeps its size."""
        if parallel == self.is_parallel:
            return
        camera = self._renderer.GetActiveCamera()
        tangent = np.tan(np.radians(camera.GetViewAngle()) / 2)
        if parallel:
            camera.SetParallelScale(camera.GetDistance() * tangent)
            self._stand_at(PARALLEL_DISTANCE_MM)
        else:
            self._stand_at(camera.GetParallelScale() / tangent)
        camera.SetParallelProjection(parallel)
        if self._fitted:
            self.fit()
        self._aimed()

    def _stand_at(self, distance_mm: float) -> None:
        """Go to or from the focal point, looking the same way."""
        camera = self._renderer.GetActiveCamera()
        ahead = np.array(camera.GetDirectionOfProjection())
        camera.SetPosition(*(np.array(camera.GetFocalPoint()) - distance_mm * ahead).tolist())

    def turn(self, dx: float, dy: float, height: float) -> None:
        """Turn by a drag of (dx, dy) logical pixels (y down) in a view `height` pixels high: half a turn a height."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        camera.Azimuth(-180.0 * dx / height)
        camera.Elevation(180.0 * dy / height)
        camera.OrthogonalizeViewUp()
        self._aimed()

    def orbit(self, angle_deg: float) -> None:
        """Go around the patient's long axis through the focal point, counter-clockwise seen from above."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        focal = np.array(camera.GetFocalPoint())
        camera.SetPosition(*(focal + turn @ (np.array(camera.GetPosition()) - focal)).tolist())
        camera.SetViewUp(*(turn @ np.array(camera.GetViewUp())).tolist())
        self._aimed()

    def copied(self) -> vtkCamera:
        """Where one looks from now, for `see_as`."""
        camera = vtkCamera()
        camera.DeepCopy(self._renderer.GetActiveCamera())
        return camera

    def see_as(self, camera: vtkCamera) -> None:
        """Look from where another camera looked when it was `copied`."""
        self._renderer.GetActiveCamera().DeepCopy(camera)
        self._fitted = False
        self._aimed()

    def zoom(self, factor: float) -> None:
        """Come nearer by a factor."""
        self._fitted = False
        camera = self._renderer.GetActiveCamera()
        if self.is_parallel:
            camera.SetParallelScale(camera.GetParallelScale() / factor)
        else:
            camera.Dolly(factor)
        self._aimed()

    def pan(self, dx: float, dy: float, height: float) -> None:
        """Move the scene by a drag of (dx, dy) logical pixels (y down) in a view `height` pixels high."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        up = np.array(camera.GetViewUp())
        right = np.cross(camera.GetDirectionOfProjection(), up)
        half = camera.GetDistance() * np.tan(np.radians(camera.GetViewAngle()) / 2)
        scale = 2 * (camera.GetParallelScale() if self.is_parallel else half) / height
        shift = (up * dy - right * dx) * scale
        camera.SetPosition(*(np.array(camera.GetPosition()) + shift).tolist())
        camera.SetFocalPoint(*(np.array(camera.GetFocalPoint()) + shift).tolist())
        self._aimed()

    def centre_on(self, point_lps_mm: ArrayLike) -> None:
        """Turn about a patient point from now on, keeping the direction of view."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        shift = np.asarray(point_lps_mm, dtype=np.float64) - np.array(camera.GetFocalPoint())
        camera.SetPosition(*(np.array(camera.GetPosition()) + shift).tolist())
        camera.SetFocalPoint(*np.asarray(point_lps_mm, dtype=np.float64).tolist())
        self._aimed()
