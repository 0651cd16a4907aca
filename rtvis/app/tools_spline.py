"""Smooth curves through clicked points, which stay editable until the curve is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.tools import ControlPointTool, Drawn
from rtvis.geometry.catmull_rom import STEP_MM, catmull_rom

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.tools import Finished
    from rtvis.geometry.grid import Grid
    from rtvis.geometry.plane import Plane


class SplineTool(ControlPointTool):
    """A centripetal Catmull-Rom spline through control points, in one plane or in space.

    Args:
        closed: whether it comes back to its first point.
        planar: whether all points lie on the plane where the first was clicked.
        grab_mm: see `ControlPointTool`.
        step_mm: how far apart points of the committed contour are at most.
        snap_to: a grid on whose nearest slice each control point is put, or None.
    """

    name = "Spline"
    hint = "Click points, drag them where they belong; Enter or double-click to finish, Esc to give up."

    def __init__(
        self,
        *,
        closed: bool = True,
        planar: bool = True,
        grab_mm: float = 1.0,
        step_mm: float = STEP_MM,
        snap_to: Grid | None = None,
    ) -> None:
        super().__init__(closed=closed, grab_mm=grab_mm, planar=planar)
        self.step_mm = step_mm
        self.snap_to = snap_to

    @property
    def preview(self) -> NDArray[np.float64]:
        """The curve so far, through the pointer too where the next point would go there."""
        control = [*self._points, *([self._pointer] if self._pointer is not None and self._points else [])]
        points = np.array(control, dtype=np.float64).reshape(-1, 3)
        closed = self.closed and len(points) > 2
        curve = catmull_rom(points, closed=closed, step_mm=self.step_mm) if len(points) else points
        return np.vstack([curve, curve[:1]]) if closed else curve

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """See `ControlPointTool.press`; a new point goes to the nearest slice where that is asked for."""
        before = len(self._points)
        super().press(point_lps, plane)
        if self.snap_to is not None and len(self._points) > before:
            self._points[-1] = on_nearest_slice(self._points[-1], self.snap_to)
        return None

    def finish(self) -> Finished | None:
        """The curve as a contour; None, and nothing drawn, when the points are too few."""
        control, closed = self.controls, self.closed
        self.cancel()
        points = catmull_rom(control, closed=closed, step_mm=self.step_mm) if len(control) else control
        if len(points) < (3 if closed else 2):
            return None
        return Drawn(points, closed)


def on_nearest_slice(point_lps: ArrayLike, grid: Grid) -> NDArray[np.float64]:
    """The point moved along the slice normal onto the plane of the nearest slice."""
    point = np.asarray(point_lps, dtype=np.float64)
    distances = grid.slice_distances_mm
    along = float(point @ grid.normal)
    nearest = distances[int(np.argmin(np.abs(distances - along)))]
    return np.asarray(point + (nearest - along) * grid.normal)
