"""What the scale and the depth of a view, and the keys that are held, mean to the tool in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.tools import ClickTool, Tool
from rtvis.app.tools_brush import BrushTool
from rtvis.app.tools_control import ControlPointTool
from rtvis.app.tools_image import FloodTool, ThresholdTool
from rtvis.app.tools_select import SelectTool
from rtvis.app.tools_shape import PointEditTool, ShapeTool

if TYPE_CHECKING:
    from rtvis.app.planes import ViewPlane
    from rtvis.app.tools_options import ToolOptions

GRAB_PIXELS = 8.0
"""A press this close, on the screen, to a point, a line or a first corner means it."""

SLACK_PIXELS = 3.0
"""A shorter drag was meant as a click."""

LEAST_DEPTH_MM = 0.05
"""Half a slice gap, below which a point counts as being on a view's plane, is never less than this."""


class Keys:
    """Which keys are held while the mouse does something."""

    __slots__ = ("alt", "ctrl", "shift")

    def __init__(self, *, shift: bool = False, ctrl: bool = False, alt: bool = False) -> None:
        self.shift, self.ctrl, self.alt = shift, ctrl, alt


NO_KEYS = Keys()


def view_depth_mm(view: ViewPlane) -> tuple[float, float]:
    """How far from a view's plane what is shown in it may be, against its normal and along it."""
    against, along = view.reach_mm
    return max(against, LEAST_DEPTH_MM), max(along, LEAST_DEPTH_MM)


def aim(tool: Tool, view: ViewPlane, mm_per_pixel: float) -> None:
    """Tell a tool how near is near in a view: so many pixels on the screen, and as deep as the view shows."""
    near = GRAB_PIXELS * mm_per_pixel
    if isinstance(tool, ClickTool):
        tool.snap_mm = near
    elif isinstance(tool, ControlPointTool):
        tool.grab_mm = near
    elif isinstance(tool, ShapeTool):
        tool.grab_mm, tool.depth_mm = near, view_depth_mm(view)
        if isinstance(tool, SelectTool):
            tool.slack_mm = SLACK_PIXELS * mm_per_pixel


def heed_keys(tool: Tool, keys: Keys, options: ToolOptions, *, erases: bool) -> None:
    """Tell a tool what a press with these keys means.

    Args:
        tool: in hand.
        keys: held; Shift turns adding into taking away and the other way round.
        options: of all tools: what it does without keys.
        erases: whether it is the eraser.
    """
    if isinstance(tool, BrushTool):
        tool.erase = erases != keys.shift
    elif isinstance(tool, ThresholdTool | FloodTool):
        tool.erase = options.erase != keys.shift
    elif isinstance(tool, PointEditTool):
        tool.action = "add" if keys.ctrl else "delete" if keys.alt else options.point_action
    elif isinstance(tool, SelectTool):
        tool.extend = keys.ctrl or keys.shift
