"""What a brush has painted so far in a stroke: its way in one view, as wide as the brush.

The area itself is worked out at the end of the stroke: of a scribble that crosses itself hundreds of times it has
thousands of holes, and would be joined, outlined and compared anew at each move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.palette import roi_color
from rtvis.app.tools_aiming import view_depth_mm
from rtvis.app.tools_brush import BrushTool
from rtvis.scene.boxes import box_around, runs_within
from rtvis.scene.tool_overlay import LINE_WIDTH, TAKING, WHITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.app.palette import Rgb
    from rtvis.app.planes import ViewPlane
    from rtvis.app.tools_active import ActiveTool
    from rtvis.scene.boxes import Box
    from rtvis.scene.framing import Framing

SAME_WAY = 1 - 1e-6
"""Cosine between the normals of a view and of the plane that is painted on, from which on the view shows it."""

TO_DRAW = 64
"""Moves that a growing way is told to have changed by, each on its own; of more, all of it is painted anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Swath:
    """A way ``(n, 2)`` in display coordinates, and all within a radius of it, in logical pixels.

    Attributes:
        points: of the way.
        radius: of the brush.
        line: colour of its rim, `LINE_WIDTH` wide.
        fill: colour within, faint.
    """

    points: NDArray[np.float64]
    radius: float
    line: Rgb
    fill: Rgb

    @property
    def reach(self) -> float:
        """How far from the way it is seen."""
        return self.radius + LINE_WIDTH / 2 + 2.0

    def within(self, box: Box) -> list[NDArray[np.float64]]:
        """The parts of the way whose swath reaches into a box, in order."""
        # Two points for a dab.
        points = self.points if len(self.points) > 1 else np.vstack([self.points, self.points])
        return runs_within(points, box, self.reach)


def swaths_of(framing: Framing, view: ViewPlane, active: ActiveTool) -> tuple[Swath, ...]:
    """What the stroke of a brush has covered so far, as a view shows it; none where it isn't on its slice."""
    tool = active.tool
    if not isinstance(tool, BrushTool) or tool.plane is None:
        return ()
    if abs(float(tool.plane.normal @ view.plane.normal)) < SAME_WAY:
        return ()
    color = WHITE if tool.target is None or not active.info.changes_set else roi_color(tool.target)
    fill = TAKING if tool.erase else color
    depth = view_depth_mm(view)
    return tuple(
        Swath(framing.patient_to_display(way), radius_mm / framing.mm_per_pixel, color, fill)
        for way, radius_mm in tool.trails
        if bool(view.plane.is_near(way[:1], depth).all())
    )


def swath_boxes(before: Sequence[Swath], after: Sequence[Swath]) -> list[Box]:
    """Where swaths look different: where a way grew, or, where it is another one, all of both."""
    boxes: list[Box] = []
    for one, other in zip_longest(before, after):
        if one is not None and other is not None and _grew(one, other):
            fresh = len(other.points) - len(one.points)
            if fresh:
                first = len(one.points) - 1
                parts = [other.points[n : n + 2] for n in range(first, len(other.points) - 1)]
                boxes += [box_around(part, other.reach) for part in (parts if fresh <= TO_DRAW else [other.points])]
        else:
            boxes += [box_around(part.points, part.reach) for part in (one, other) if part is not None]
    return boxes


def _grew(one: Swath, other: Swath) -> bool:
    same = replace(other, points=one.points)
    looks = (one.radius, one.line, one.fill) == (same.radius, same.line, same.fill)
    return looks and np.array_equal(one.points, other.points[: len(one.points)])
