"""Drawing tools as state machines that know patient points and planes, and neither windows nor structure sets.

A view feeds a tool with patient points (LPS mm) and the plane they were pointed at on; the tool gives points to preview
and, when the contour is done, its points. Committing is the caller's: `Session.add_contour(drawn.points, closed=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.geometry.plane import Plane

LEAST_STEP_MM = 0.05
"""Points of a freehand stroke closer than this to the one before add bytes, not shape."""

SAME_PLANE_TOLERANCE_MM = 1e-3
"""A view that was scrolled since a polygon began is a different plane; rounding isn't."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A finished contour: ``(n, 3)`` LPS mm, and whether its last point joins its first (which isn't repeated)."""

    points: NDArray[np.float64]
    closed: bool


class Tool:
    """What all drawing tools share; a tool by itself draws nothing.

    Events return what was finished by them, or None. `preview` is what to draw meanwhile.

    Attributes:
        closed: whether the contour that is being drawn will be closed.
        hint: one line that tells what to do next, for the status bar.
    """

    name = ""
    hint = ""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self._points: list[NDArray[np.float64]] = []
        self._pointer: NDArray[np.float64] | None = None

    @property
    def is_active(self) -> bool:
        """Whether a contour has been begun and not finished."""
        return bool(self._points)

    @property
    def preview(self) -> NDArray[np.float64]:
        """Points ``(n, 3)`` of the contour so far, the pointer's included where the next point would go there."""
        points = [*self._points, *([self._pointer] if self._pointer is not None and self._points else [])]
        return np.array(points, dtype=np.float64).reshape(-1, 3)

    def press(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """The button went down at a patient point ``(3,)`` of a view with this plane."""
        raise NotImplementedError

    def move(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """The pointer moved, with or without the button down."""
        del plane
        self._pointer = _point(point_lps)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """The button went up."""
        del point_lps, plane
        return None

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """The second press of a double click (it comes instead of a second `press`): finishes what clicks build."""
        del point_lps, plane
        return self.finish()

    def remove_last(self) -> None:
        """Take back the last clicked point."""
        if self._points:
            self._points.pop()

    def cancel(self) -> None:
        """Give up the contour that is being drawn."""
        self._points.clear()
        self._pointer = None

    def finish(self) -> Drawn | None:
        """End the contour with the points it has (Enter); None, and nothing drawn, when they are too few."""
        points = _without_repeats(self._points)
        closed = self.closed
        self.cancel()
        if len(points) < (3 if closed else 2):
            return None
        return Drawn(points, closed)


class PointTool(Tool):
    """One click, one point."""

    name = "Point"
    hint = "Click to set a point."

    def press(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Set the point, on the plane of the view."""
        return Drawn(_on_plane(point_lps, plane)[None, :], closed=False)


class FreehandTool(Tool):
    """Press, draw, release. Every point lies on the plane of the view where the stroke began."""

    name = "Freehand"
    hint = "Drag to draw; release to finish."

    def __init__(self, *, closed: bool = True) -> None:
        super().__init__(closed=closed)
        self._plane: Plane | None = None

    def press(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Begin the stroke."""
        self.cancel()
        self._plane = plane
        self._points.append(_on_plane(point_lps, plane))
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Draw on, while the button is down."""
        del plane
        if self._plane is not None:
            point = _on_plane(point_lps, self._plane)
            if np.linalg.norm(point - self._points[-1]) >= LEAST_STEP_MM:
                self._points.append(point)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """End the stroke."""
        self.move(point_lps, plane)
        return self.finish()

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def cancel(self) -> None:
        """Give up the stroke."""
        super().cancel()
        self._plane = None


class PolygonTool(Tool):
    """Click the corners; double-click, Enter, or a click on the first corner finishes."""

    name = "Polygon"
    hint = "Click corners; double-click or Enter to finish, Esc to give up, Backspace to take one back."

    def __init__(self, *, closed: bool = True, snap_mm: float = 1.0) -> None:
        super().__init__(closed=closed)
        self.snap_mm = snap_mm
        self._plane: Plane | None = None

    def press(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Set a corner. A click in a view of another plane is left alone: a polygon stays on the plane it began on."""
        if self._plane is None or not self._points:
            self._plane = plane
        elif not _same_plane(self._plane, plane):
            return None
        point = _on_plane(point_lps, self._plane)
        if self.closed and len(self._points) >= 3 and np.linalg.norm(point - self._points[0]) <= self.snap_mm:
            return self.finish()
        self._points.append(point)
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Let the last line follow the pointer, in views of the same plane."""
        if self._plane is not None and self._points:
            self._pointer = _on_plane(point_lps, self._plane) if _same_plane(self._plane, plane) else None
        return None

    def cancel(self) -> None:
        """Give up the polygon."""
        super().cancel()
        self._plane = None


class Curve3DTool(Tool):
    """Click points in several views in turn; the curve through them needs no plane (needles, catheters, vessels)."""

    name = "3D curve"
    hint = "Click points in any view, scroll between them; Enter or double-click to finish, Esc to give up."

    def press(self, point_lps: ArrayLike, plane: Plane) -> Drawn | None:
        """Add a point, on the plane of the view that was clicked."""
        self._points.append(_on_plane(point_lps, plane))
        self._pointer = None
        return None


def _point(point_lps: ArrayLike) -> NDArray[np.float64]:
    point = np.array(point_lps, dtype=np.float64)
    if point.shape != (3,) or not np.all(np.isfinite(point)):
        raise ValueError(f"a patient point must be three finite coordinates, not {point_lps!r}")
    return point


def _on_plane(point_lps: ArrayLike, plane: Plane) -> NDArray[np.float64]:
    """The point dropped onto the plane, along its normal."""
    point = _point(point_lps)
    return np.asarray(point - float(plane.distances_mm(point)) * plane.normal)


def _same_plane(one: Plane, other: Plane) -> bool:
    parallel = abs(float(one.normal @ other.normal)) > 1 - 1e-9
    return parallel and abs(float(one.distances_mm(other.origin_lps_mm))) <= SAME_PLANE_TOLERANCE_MM


def _without_repeats(points: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Points without those that repeat the one before (a double click presses twice at one place)."""
    kept: list[NDArray[np.float64]] = []
    for point in points:
        if not kept or not np.array_equal(point, kept[-1]):
            kept.append(point)
    return np.array(kept, dtype=np.float64).reshape(-1, 3)
