"""What the tool in hand shows over a slice: the line as it grows, its points, the brush, chosen contours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.palette import roi_color
from rtvis.app.tools import ClickTool
from rtvis.app.tools_active import ActiveTool
from rtvis.app.tools_aiming import view_depth_mm
from rtvis.app.tools_brush import BrushTool
from rtvis.app.tools_control import ControlPointTool
from rtvis.app.tools_image import FloodTool, ThresholdTool
from rtvis.app.tools_reach import seen_contours
from rtvis.app.tools_shape import NudgeTool, PointEditTool
from rtvis.scene.overlay import Area, Dot, Label, Overlay, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.palette import Rgb
    from rtvis.app.planes import ViewPlane
    from rtvis.app.tools import Line, Tool
    from rtvis.geometry.plane import Depth, Plane
    from rtvis.scene.framing import Framing
    from rtvis.scene.projection3d import Projection3D

WHITE: Rgb = (255, 255, 255)
GROUND: Rgb = (0, 0, 0)
TAKING: Rgb = (255, 138, 120)
"""The brush while it takes away."""

LINE_WIDTH = 2.0
RIM_WIDTH = 1.4
FAR_WIDTH, FAR_OPACITY = 1.5, 0.6
"""Of what is being drawn and lies off the slice."""

HALO_OPACITY = 0.45
"""Of the dark ground under a line, which parts it from bright bone."""

CLOSING_OPACITY = 0.5
"""Of the straight line that will close what is being drawn."""

PAINTED_OPACITY = 0.3
POINT_RADIUS, HANDLE_RADIUS, FAR_RADIUS = 2.6, 4.0, 3.0
MOST_POINTS = 3000
"""More points than this in one view are a line, not something to take hold of one by one."""

LABEL_AWAY_PX = 14.0


def tool_overlay(framing: Framing, view: ViewPlane, active: ActiveTool) -> Overlay:
    """The display list of the tool in hand, for one view.

    Args:
        framing: of the view.
        view: its plane.
        active: the tool, its options and what is chosen.
    """
    tool = active.tool
    if tool is None:
        return Overlay()
    color = roi_color(tool.target) if tool.target is not None and active.info.changes_set else WHITE
    sheet = _Sheet(framing, view.plane, view_depth_mm(view), color)
    shown = _chosen(sheet, active)
    if isinstance(tool, PointEditTool):
        shown += _points(sheet, tool)
    if isinstance(tool, BrushTool | NudgeTool):
        return shown + _pusher(sheet, tool)
    for line in tool.lines:
        shown += _line(sheet, tool, line)
    if tool.is_active:
        shown += _handles(sheet, tool)
        if active.length_is_told:
            shown += _length(sheet, tool)
    return shown


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is drawn on.

    Attributes:
        framing: of the view.
        plane: of the view.
        depth_mm: how far from it counts as on it.
        color: of the active ROI.
    """

    framing: Framing
    plane: Plane
    depth_mm: Depth
    color: Rgb

    def near(self, points_lps_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points are on the slice."""
        return self.plane.is_near(points_lps_mm, self.depth_mm)


def _line(sheet: _Sheet, tool: Tool, line: Line) -> Overlay:
    points, closed = line
    if not len(points):
        return Overlay()
    near = sheet.near(points)
    if not tool.in_space and not near.all() and not isinstance(tool, PointEditTool):
        return Overlay()
    flat = sheet.framing.patient_to_display(points)
    strokes: list[Stroke] = []
    if closed:
        flat, near = np.vstack([flat, flat[:1]]), np.append(near, near[0])
    elif tool.closed and len(flat) > 2 and isinstance(tool, ClickTool):
        ends = flat[[-1, 0]]
        strokes.append(Stroke(ends, sheet.color, 1.4, dashed=True, opacity=CLOSING_OPACITY))
    runs = [(flat[start:stop], is_near) for start, stop, is_near in _runs(near)]
    strokes += [Stroke(part, GROUND, LINE_WIDTH + 2.0, opacity=HALO_OPACITY) for part, _ in runs]
    strokes += [
        Stroke(part, sheet.color, LINE_WIDTH if is_near else FAR_WIDTH, opacity=1.0 if is_near else FAR_OPACITY)
        for part, is_near in runs
    ]
    areas: tuple[Area, ...] = ()
    if isinstance(tool, ThresholdTool | FloodTool) and len(flat) > 2:
        areas = (Area((flat,), sheet.color, PAINTED_OPACITY / 2),)
    return Overlay(tuple(strokes), areas=areas)


def _runs(near: NDArray[np.bool_]) -> list[tuple[int, int, bool]]:
    """Pieces of a line that are near or far: (first point, one after the last, near); they share their ends."""
    if len(near) < 2:
        return [(0, len(near), bool(near.all()))]
    pieces = near[:-1] & near[1:]
    edges = np.flatnonzero(np.diff(pieces.astype(np.int8))) + 1
    bounds = [0, *edges.tolist(), len(pieces)]
    return [(a, b + 1, bool(pieces[a])) for a, b in pairwise(bounds)]


def _handles(sheet: _Sheet, tool: Tool) -> Overlay:
    """Points that were clicked."""
    if not isinstance(tool, ControlPointTool | ClickTool) and not tool.in_space:
        return Overlay()
    points = tool.clicked
    if not len(points):
        return Overlay()
    near = sheet.near(points)
    if not tool.in_space and not near.all():
        return Overlay()
    dots = [
        Dot(float(x), float(y), WHITE if is_near else sheet.color, HANDLE_RADIUS if is_near else FAR_RADIUS, opacity)
        for (x, y), is_near, opacity in zip(
            sheet.framing.patient_to_display(points),
            near.tolist(),
            np.where(near, 1.0, FAR_OPACITY).tolist(),
            strict=True,
        )
    ]
    return Overlay(dots=tuple(dots))


def _length(sheet: _Sheet, tool: Tool) -> Overlay:
    points = tool.preview
    if len(points) < 2:
        return Overlay()
    if not tool.in_space and not sheet.near(points).all():
        return Overlay()
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    x, y = sheet.framing.patient_to_display(points[-1])
    return Overlay(labels=(Label(float(x) + LABEL_AWAY_PX, float(y) + LABEL_AWAY_PX, f"{length:.1f} mm", WHITE),))


def _points(sheet: _Sheet, tool: PointEditTool) -> Overlay:
    """Every point of the active ROI that lies on the slice, as something to take hold of."""
    found = [points[near] for _, points, _, near, _ in seen_contours(tool.target, sheet.plane, sheet.depth_mm)]
    if not found or sum(map(len, found)) > MOST_POINTS:
        return Overlay()
    places = sheet.framing.patient_to_display(np.vstack(found))
    inside = ((places > -5) & (places < [sheet.framing.width + 5, sheet.framing.height + 5])).all(axis=1)
    return Overlay(dots=tuple(Dot(float(x), float(y), sheet.color, POINT_RADIUS) for x, y in places[inside]))


def _chosen(sheet: _Sheet, active: ActiveTool) -> Overlay:
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    for contour in active.selection.contours:
        points = contour.points_lps
        near = sheet.near(points)
        if not near.any():
            continue
        flat = sheet.framing.patient_to_display(points)
        if contour.is_closed:
            flat, near = np.vstack([flat, flat[:1]]), np.append(near, near[0])
        for start, stop, is_near in _runs(near):
            opacity = 1.0 if is_near else FAR_OPACITY
            strokes.append(Stroke(flat[start:stop], GROUND, 5.0, opacity=0.55 * opacity))
            strokes.append(Stroke(flat[start:stop], WHITE, 2.4, opacity=opacity))
        if len(flat) == 1:
            dots.append(Dot(float(flat[0, 0]), float(flat[0, 1]), WHITE, HANDLE_RADIUS + 1))
    return Overlay(tuple(strokes), tuple(dots))


def _pusher(sheet: _Sheet, tool: BrushTool | NudgeTool) -> Overlay:
    """A round tool at the pointer, and the lines that it bent so far; what a brush painted is `rtvis.scene.swath`."""
    strokes: list[Stroke] = []
    for points, closed in () if isinstance(tool, BrushTool) else tool.worked:
        if not sheet.near(points).all():
            continue
        flat = sheet.framing.patient_to_display(points)
        strokes.append(Stroke(flat, sheet.color, LINE_WIDTH, closed=closed))
    taking = isinstance(tool, BrushTool) and tool.erase
    rim = tool.rim
    if len(rim) and sheet.near(rim).all():
        flat = sheet.framing.patient_to_display(rim)
        strokes.append(Stroke(flat, GROUND, RIM_WIDTH + 2.0, closed=True, opacity=0.5))
        strokes.append(Stroke(flat, TAKING if taking else WHITE, RIM_WIDTH, closed=True))
    return Overlay(tuple(strokes))


def space_overlay(projection: Projection3D, tool: Tool) -> Overlay:
    """The display list of a tool that draws in space, for the 3D view; nothing hides it there.

    Args:
        projection: of the view.
        tool: `Tool.in_space`.
    """
    if not tool.is_active:
        return Overlay()
    color = WHITE if tool.target is None else roi_color(tool.target)
    strokes: list[Stroke] = []
    for points, closed in tool.lines:
        flat = projection.to_display(points)
        if np.isfinite(flat).all():
            strokes.append(Stroke(flat, GROUND, LINE_WIDTH + 2.0, closed=closed, opacity=HALO_OPACITY))
            strokes.append(Stroke(flat, color, LINE_WIDTH, closed=closed))
    places = projection.to_display(tool.clicked)
    dots = tuple(Dot(float(x), float(y), WHITE, HANDLE_RADIUS) for x, y in places[np.isfinite(places).all(axis=1)])
    return Overlay(tuple(strokes), dots)
