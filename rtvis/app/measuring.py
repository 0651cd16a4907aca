"""Distances, angles, areas and values that a person measures; `rtvis.app.measurements` keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.number_text import number_text
from rtvis.app.overlay_state import unit_text
from rtvis.app.tools import SET_POINT, Drawn, Finished, PolygonTool, Tool, on_plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.geometry.plane import Plane
    from rtvis.model.volume import Volume

POINTS = {"probe": 1, "distance": 2, "angle": 3, "plane": 3}
"""How many points what is measured takes; an area takes any number from three."""

LEAST_CORNERS = 3
"""Of an area."""

LEAST_DRAG_MM = 0.5
"""A shorter drag was meant as a click."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured(Drawn):
    """What a measuring tool finished: it becomes no contour.

    Attributes:
        kind: ``distance``, ``angle`` (at the second point), ``area``, ``probe``, or ``plane`` (three points that the
            oblique plane is to go through).
    """

    kind: str = "distance"

    def text(self, volume: Volume | None) -> str:
        """What was measured, with its unit; values are those of a volume, without one a probe tells its place."""
        points = self.points
        if self.kind == "distance":
            return f"{np.linalg.norm(points[1] - points[0]):.1f} mm"
        if self.kind == "angle":
            return f"{_angle_deg(points):.1f}°"
        if self.kind == "area":
            return _area_text(_area_mm2(points))
        if volume is None:
            x, y, z = points[0].tolist()
            return f"L {x:z.1f}  P {y:z.1f}  S {z:z.1f} mm"
        value = volume.value_at(points[0])
        return "outside" if value is None else f"{number_text(value)} {unit_text(volume)}".rstrip()


def _angle_deg(points: NDArray[np.float64]) -> float:
    first, second = points[0] - points[1], points[2] - points[1]
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def _area_mm2(points: NDArray[np.float64]) -> float:
    """Area within a planar polygon in space."""
    moved = points - points[0]
    return float(np.linalg.norm(np.cross(moved[1:-1], moved[2:]).sum(axis=0))) / 2


def _area_text(area_mm2: float) -> str:
    return f"{area_mm2 / 100:.2f} cm²" if area_mm2 >= 100 else f"{area_mm2:.1f} mm²"


class MeasureTool(Tool):
    """Click the points, in any views; a distance may be dragged as well."""

    name = "Measure"
    hint = "Click the points; Esc to give up, Backspace to take one back."
    in_space = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set a point; the last one finishes."""
        self._points.append(on_plane(point_lps, plane))
        self._made_step(SET_POINT)
        self._pointer = None
        return self.finish() if len(self._points) == POINTS[self.kind] else None

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The end of a distance that was dragged."""
        dragged = self.kind == "distance" and len(self._points) == 1
        if dragged and np.linalg.norm(on_plane(point_lps, plane) - self._points[0]) >= LEAST_DRAG_MM:
            return self.press(point_lps, plane)
        return None

    def finish(self) -> Finished | None:
        """Measure, when all points are there; otherwise give up."""
        points = np.array(self._points).reshape(-1, 3)
        self.cancel()
        return Measured(points, closed=False, kind=self.kind) if len(points) == POINTS[self.kind] else None


class AreaMeasureTool(PolygonTool):
    """Click the corners of an area, like a polygon's."""

    def finish(self) -> Finished | None:
        """Measure what the corners enclose."""
        drawn = super().finish()
        return Measured(drawn.points, closed=True, kind="area") if isinstance(drawn, Drawn) else None
