"""Smooth curves through clicked points, which stay editable until the curve is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.tools import Drawn
from rtvis.app.tools_control import ControlPointTool
from rtvis.geometry.catmull_rom import STEP_MM, catmull_rom
from rtvis.geometry.polyline import without_repeats

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
        tension: 0 for the spline as it is, 1 for straight lines between the points.
    """

    name = "Spline"
    hint = "Click points, drag them; Enter or double-click ends, Esc gives up."

    def __init__(
        self,
        *,
        closed: bool = True,
        planar: bool = True,
        grab_mm: float = 1.0,
        step_mm: float = STEP_MM,
        snap_to: Grid | None = None,
        tension: float = 0.0,
    ) -> None:
        super().__init__(closed=closed, grab_mm=grab_mm, planar=planar)
        self.step_mm = step_mm
        self.snap_to = snap_to
        self.tension = tension

    @property
    def preview(self) -> NDArray[np.float64]:
        """The curve so far, through the pointer too where the next point would go there."""
        control = [*self._points, *([self._pointer] if self._pointer is not None and self._points else [])]
        points = np.array(control, dtype=np.float64).reshape(-1, 3)
        closed = self.closed and len(points) > 2
        curve = self._through(points, closed=closed)
        return np.vstack([curve, curve[:1]]) if closed else curve

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """See `ControlPointTool.press`; a new point goes to the nearest slice where that is asked for."""
        super().press(point_lps, plane)
        self._snap_held()
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """See `ControlPointTool.move`; a point that is dragged off its slice goes to the nearest one."""
        super().move(point_lps, plane)
        self._snap_held()
        return None

    def _snap_held(self) -> None:
        if self.snap_to is not None and self._held is not None:
            self._points[self._held] = on_nearest_slice(self._points[self._held], self.snap_to)

    def _through(self, control: NDArray[np.float64], *, closed: bool) -> NDArray[np.float64]:
        if not len(control):
            return control
        return catmull_rom(control, closed=closed, step_mm=self.step_mm, tension=self.tension)

    def finish(self) -> Finished | None:
        """The curve as a contour; None, and nothing drawn, when the points are too few."""
        control, closed = self.controls, self.closed
        self.cancel()
        points = self._through(control, closed=closed)
        if len(points) < (3 if closed else 2):
            return None
        return Drawn(points, closed)


class Curve3DTool(SplineTool):
    """A curve that needs no plane (needles, catheters, vessels): clicks in several views in turn set its points.

    Args:
        smooth: whether it is a spline; otherwise straight lines join the points, which then are all it has.
    """

    name = "3D curve"
    hint = "Click points in any view, drag them, scroll between; Enter or double-click to finish, Esc to give up."
    in_space = True

    def __init__(self, *, closed: bool = False, smooth: bool = False) -> None:
        super().__init__(closed=closed, planar=False)
        self.smooth = smooth

    def _through(self, control: NDArray[np.float64], *, closed: bool) -> NDArray[np.float64]:
        return super()._through(control, closed=closed) if self.smooth else without_repeats(control, tolerance_mm=0.0)


def on_nearest_slice(point_lps: ArrayLike, grid: Grid) -> NDArray[np.float64]:
    """The point moved along the slice normal onto the plane of the nearest slice."""
    point = np.asarray(point_lps, dtype=np.float64)
    distances = grid.slice_distances_mm
    along = float(point @ grid.normal)
    nearest = distances[int(np.argmin(np.abs(distances - along)))]
    return np.asarray(point + (nearest - along) * grid.normal)
