"""Control points: clicked one by one, and movable until what they make is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.tools import SET_POINT, Tool, on_plane, patient_point, same_plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.tools import Finished
    from rtvis.geometry.plane import Plane


class ControlPointTool(Tool):
    """Clicks set control points; a press on one of them takes it along. Nothing is committed before Enter.

    Args:
        closed: whether the last point will join the first.
        grab_mm: a press so near to a control point, seen in the view's plane, takes it instead of setting a new one.
        planar: whether all points are to lie on the plane of the view where the first was set; clicks in views of other
            planes are then left alone.
    """

    def __init__(self, *, closed: bool = False, grab_mm: float = 1.0, planar: bool = False) -> None:
        super().__init__(closed=closed)
        self.grab_mm = grab_mm
        self.planar = planar
        self._plane: Plane | None = None
        self._held: int | None = None
        self._is_new = False

    @property
    def controls(self) -> NDArray[np.float64]:
        """The control points ``(n, 3)``."""
        return np.array(self._points, dtype=np.float64).reshape(-1, 3)

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Take the control point that is there, or set a new one on the plane of the view."""
        if self.planar and self._points and self._plane is not None and not same_plane(self._plane, plane):
            return None
        self._let_go()
        self._held = self._at(point_lps, plane)
        self._is_new = self._held is None
        if self._held is None:
            if not self._points:
                self._plane = plane
            self._points.append(on_plane(point_lps, self._plane if self.planar and self._plane is not None else plane))
            self._held = len(self._points) - 1  # a click that becomes a drag puts it where it belongs
            self._made_step(SET_POINT)
        self._pointer = None
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Put the held point where the pointer is in the view, as deep as it was; or let the curve's end follow."""
        if self._held is not None:
            shift = on_plane(point_lps, plane) - on_plane(self._points[self._held], plane)
            self._points[self._held] = self._points[self._held] + shift
        elif not self.planar or self._plane is None or same_plane(self._plane, plane):
            self._pointer = on_plane(point_lps, plane)
        else:
            self._pointer = None
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Let the held point go."""
        del point_lps, plane
        self._let_go()
        return None

    def _let_go(self) -> None:
        """The held point stays where it is; setting it and dragging it there are one step."""
        held, self._held = self._held, None
        if held is not None and self._points[held] is not self.built.value[held]:
            if self._is_new:
                self.built.undo()
            self._made_step(SET_POINT if self._is_new else "move of point")

    def remove_last(self) -> None:
        """Take back the point that was set last."""
        self._let_go()
        super().remove_last()

    def step_back(self) -> None:
        """See `Tool.step_back`; what is held is let go."""
        self._let_go()
        super().step_back()

    def step_forward(self) -> None:
        """See `Tool.step_forward`; what is held is let go."""
        self._let_go()
        super().step_forward()

    def takes(self, plane: Plane) -> bool:
        """See `Tool.takes`."""
        return not self.planar or self._plane is None or same_plane(self._plane, plane)

    def cancel(self) -> None:
        """Give the curve up."""
        super().cancel()
        self._plane = self._held = None

    def _at(self, point_lps: ArrayLike, plane: Plane) -> int | None:
        if not self._points:
            return None
        away = np.linalg.norm(plane.to_plane(self.controls) - plane.to_plane(patient_point(point_lps)), axis=1)
        # Far from the plane a point is drawn faint, and isn't what a click on this slice means.
        away[np.abs(plane.distances_mm(self.controls)) > max(self.grab_mm, 1.0)] = np.inf
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= self.grab_mm else None
