"""The tools that a window offers, in their groups, with their keys and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtvis.app.levels import RegionTool
from rtvis.app.measuring import AreaMeasureTool, MeasureTool
from rtvis.app.slice_image import SliceImage
from rtvis.app.tools import FreehandTool, LineTool, PointTool, PolygonTool, Tool
from rtvis.app.tools_brush import BrushTool
from rtvis.app.tools_image import FloodTool, ImageOf, LivewireTool, ThresholdTool
from rtvis.app.tools_options import Setup
from rtvis.app.tools_select import JoinTool, SelectTool
from rtvis.app.tools_shape import CutTool, NudgeTool, PointEditTool
from rtvis.app.tools_spline import Curve3DTool, SplineTool
from rtvis.geometry.plane import Plane


def _nothing(_tool: Any, _setup: Setup) -> None:
    """No options."""


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """A tool as menus and the tool bar show it.

    Attributes:
        key: by which it is chosen.
        title: in menus.
        shortcut: as QKeySequence takes it; empty for none.
        hint: one line for the status bar.
        make: gives the state machine; None for those that only look.
        group: ``look``, ``draw``, ``paint``, ``edit`` or ``measure``.
        options: names of the `ToolOptions` that it has, in the order in which they are shown.
        set_up: gives the state machine the options as they are; called when they change, too.
        needs_image: whether it works on values of voxels; others work over contours without images as well.
        changes_set: whether it changes structure sets.
    """

    key: str
    title: str
    shortcut: str
    hint: str
    make: Callable[[Setup], Tool] | None = None
    group: str = "look"
    options: tuple[str, ...] = ()
    set_up: Callable[[Any, Setup], None] = _nothing
    needs_image: bool = False

    @property
    def changes_set(self) -> bool:
        """Whether it changes structure sets."""
        return self.group in {"draw", "paint", "edit"}


def _set_closed(tool: Tool, setup: Setup) -> None:
    tool.closed = setup.options.closed or setup.options.combine != "contour"


def _set_spline(tool: SplineTool, setup: Setup) -> None:
    _set_closed(tool, setup)
    tool.tension = setup.options.tension


def _set_livewire(tool: LivewireTool, setup: Setup) -> None:
    _set_closed(tool, setup)
    tool.smoothness = setup.options.smoothness


def _set_curve(tool: Curve3DTool, setup: Setup) -> None:
    tool.closed = setup.options.curve_closed
    tool.smooth = setup.options.curve_smooth
    tool.tension = setup.options.tension
    tool.snap_to = setup.grid if setup.options.snap and setup.image is not None else None


def _set_brush(tool: BrushTool, setup: Setup) -> None:
    tool.radius_mm = setup.options.radius_mm
    tool.ball = setup.grid if setup.options.ball else None


def _set_threshold(tool: ThresholdTool, setup: Setup) -> None:
    tool.low, tool.high = setup.range
    tool.erase = setup.options.erase


def _set_flood(tool: FloodTool, setup: Setup) -> None:
    options = setup.options
    tool.spread, tool.fill_holes, tool.erase = options.spread, options.fill_holes, options.erase
    tool.within_mm = options.within_mm or None


def _set_nudge(tool: NudgeTool, setup: Setup) -> None:
    tool.radius_mm = setup.options.nudge_mm


def _set_points(tool: PointEditTool, setup: Setup) -> None:
    tool.action = setup.options.point_action


def _image(setup: Setup) -> ImageOf:
    if setup.image is None:
        return _no_image
    return setup.image


def _no_image(plane: Plane) -> SliceImage:
    raise ValueError(f"there is no image on {plane}")


_LINE = ("closed", "combine", "simplify_mm")
_WIRE = ("closed", "combine", "smoothness", "simplify_mm")

TOOLS: tuple[ToolInfo, ...] = (
    ToolInfo("navigate", "Navigate", "N", "Click or drag to move the linked cursor"),
    ToolInfo(
        "window",
        "Window/level",
        "W",
        "Drag sideways: width, up and down: level; with Shift those of the overlay",
        needs_image=True,
    ),
    ToolInfo("pan", "Pan", "H", "Drag to move the image"),
    ToolInfo("point", "Point", "T", PointTool.hint, lambda _: PointTool(), "draw"),
    ToolInfo("line", "Straight line", "I", LineTool.hint, lambda _: LineTool(), "draw"),
    ToolInfo("freehand", "Freehand", "F", FreehandTool.hint, lambda _: FreehandTool(), "draw", _LINE, _set_closed),
    ToolInfo(
        "polygon",
        "Polygon",
        "P",
        PolygonTool.hint,
        lambda _: PolygonTool(),
        "draw",
        ("closed", "combine"),
        _set_closed,
    ),
    ToolInfo(
        "spline",
        "Spline",
        "S",
        SplineTool.hint,
        lambda _: SplineTool(),
        "draw",
        ("closed", "combine", "tension"),
        _set_spline,
    ),
    ToolInfo(
        "livewire",
        "Livewire",
        "L",
        LivewireTool.hint,
        lambda setup: LivewireTool(_image(setup)),
        "draw",
        _WIRE,
        _set_livewire,
        needs_image=True,
    ),
    ToolInfo(
        "curve3d",
        "3D curve",
        "C",
        Curve3DTool.hint,
        lambda _: Curve3DTool(),
        "draw",
        ("curve_closed", "curve_smooth", "tension", "snap"),
        _set_curve,
    ),
    ToolInfo(
        "brush",
        "Brush",
        "B",
        "Drag to paint, with Shift to take away; [ and ] or Ctrl+wheel change the radius.",
        lambda _: BrushTool(),
        "paint",
        ("radius_mm", "ball"),
        _set_brush,
    ),
    ToolInfo(
        "eraser",
        "Eraser",
        "E",
        "Drag to take away, with Shift to paint; [ and ] or Ctrl+wheel change the radius.",
        lambda _: BrushTool(erase=True),
        "paint",
        ("radius_mm", "ball"),
        _set_brush,
    ),
    ToolInfo(
        "threshold",
        "Threshold",
        "Y",
        ThresholdTool.hint,
        lambda setup: ThresholdTool(_image(setup), low=0.0),
        "paint",
        ("lower", "upper", "erase"),
        _set_threshold,
        needs_image=True,
    ),
    ToolInfo(
        "flood",
        "Flood fill",
        "K",
        FloodTool.hint,
        lambda setup: FloodTool(_image(setup), spread=0.0),
        "paint",
        ("spread", "within_mm", "fill_holes", "erase"),
        _set_flood,
        needs_image=True,
    ),
    ToolInfo("select", "Select", "A", SelectTool.hint, lambda setup: SelectTool(setup.selection), "edit"),
    ToolInfo(
        "points",
        "Edit points",
        "D",
        "Drag a point; Ctrl+press on a line to add one, Alt+click to delete one.",
        lambda _: PointEditTool(),
        "edit",
        ("point_action",),
        _set_points,
    ),
    ToolInfo("nudge", "Nudge", "U", NudgeTool.hint, lambda _: NudgeTool(), "edit", ("nudge_mm",), _set_nudge),
    ToolInfo("cut", "Cut", "X", CutTool.hint, lambda _: CutTool(), "edit"),
    ToolInfo("join", "Join", "J", JoinTool.hint, lambda _: JoinTool(), "edit"),
)

MEASURES: tuple[ToolInfo, ...] = (
    ToolInfo(
        "distance",
        "Distance",
        "M",
        "Drag, or click both ends, in any views",
        lambda _: MeasureTool("distance"),
        "measure",
    ),
    ToolInfo(
        "angle",
        "Angle",
        "Shift+M",
        "Click one end, the corner, the other end",
        lambda _: MeasureTool("angle"),
        "measure",
    ),
    ToolInfo("area", "Area", "Ctrl+M", PolygonTool.hint, lambda _: AreaMeasureTool(), "measure"),
    ToolInfo("probe", "Probe", "V", "Click to keep the value in sight", lambda _: MeasureTool("probe"), "measure"),
    ToolInfo(
        "plane",
        "Oblique plane through three points",
        "",
        "Click three points in any views",
        lambda _: MeasureTool("plane"),
        "measure",
    ),
    ToolInfo(
        "levels_region",
        "Levels from region",
        "Ctrl+L",
        RegionTool.hint,
        lambda _: RegionTool(),
        "measure",
        needs_image=True,
    ),
)
"""Tools that change nothing."""


def tool_info(key: str) -> ToolInfo:
    """The tool with a key.

    Raises:
        KeyError: when there is none.
    """
    return {one.key: one for one in (*TOOLS, *MEASURES)}[key]
