"""Which tool the mouse is, in all views at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from qtpy.QtCore import QObject, Signal

from rtvis.app.measuring import AreaMeasureTool, MeasureTool
from rtvis.app.tools import Curve3DTool, FreehandTool, PointTool, PolygonTool, Tool


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """What menus and the tool bar show of a tool; `make` gives the state machine of a drawing tool."""

    key: str
    title: str
    shortcut: str
    hint: str
    make: Callable[[], Tool] | None = None


TOOLS: tuple[ToolInfo, ...] = (
    ToolInfo("navigate", "Navigate", "N", "Click or drag to move the linked cursor"),
    ToolInfo("window", "Window/level", "W", "Drag sideways for window width, up and down for level"),
    ToolInfo("pan", "Pan", "H", "Drag to move the image"),
    ToolInfo("point", "Point", "T", PointTool.hint, PointTool),
    ToolInfo("freehand", "Freehand", "F", FreehandTool.hint, FreehandTool),
    ToolInfo("polygon", "Polygon", "P", PolygonTool.hint, PolygonTool),
    ToolInfo("curve3d", "3D curve", "C", Curve3DTool.hint, Curve3DTool),
)

MEASURES: tuple[ToolInfo, ...] = (
    ToolInfo("distance", "Distance", "M", "Drag, or click both ends, in any views", partial(MeasureTool, "distance")),
    ToolInfo("angle", "Angle", "Shift+M", "Click one end, the corner, the other end", partial(MeasureTool, "angle")),
    ToolInfo("area", "Area", "Ctrl+M", PolygonTool.hint, AreaMeasureTool),
    ToolInfo("probe", "Probe", "B", "Click to keep the value there in sight", partial(MeasureTool, "probe")),
    ToolInfo(
        "plane",
        "Oblique plane through three points",
        "",
        "Click three points in any views",
        partial(MeasureTool, "plane"),
    ),
)
"""Tools that change nothing."""


class ToolChoice(QObject):
    """The active tool. `changed` follows a choice, `previewed` each change of what is being drawn."""

    changed = Signal()
    previewed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.info = TOOLS[0]
        self.drawing: Tool | None = None

    @property
    def key(self) -> str:
        """The active tool's key."""
        return self.info.key

    def choose(self, key: str) -> None:
        """Make a tool the active one; a contour that is being drawn is given up.

        Raises:
            KeyError: when there is no such tool.
        """
        info = {one.key: one for one in (*TOOLS, *MEASURES)}[key]
        if self.drawing is not None:
            self.drawing.cancel()
        self.info = info
        self.drawing = info.make() if info.make is not None else None
        self.changed.emit()
        self.previewed.emit()
