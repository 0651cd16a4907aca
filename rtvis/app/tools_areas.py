"""What becomes of a line that was drawn, by the options: with fewer points, or the area inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.tools import Drawn, Painted, ToPaint
from rtvis.editing.painting import polygon_area
from rtvis.geometry.curve_shaping import simplified
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from rtvis.app.tools import Finished
    from rtvis.app.tools_options import ToolOptions
    from rtvis.geometry.plane import Plane

AT_ONCE = 1000
"""A line of more points may cross itself so often that working out its area is felt."""


def drawn_as_asked(
    drawn: Drawn, has: Collection[str], options: ToolOptions, plane: Plane | None, *, inverted: bool
) -> Finished:
    """A drawn line with fewer points, or as an area, where the options say so.

    Args:
        drawn: the line.
        has: names of the options that the tool has.
        options: of all tools.
        plane: where the line lies, for its area.
        inverted: whether adding is taking away, and the other way round.

    Raises:
        UsageError: when the line encloses no area and is to be one.
    """
    if "simplify_mm" in has and options.simplify_mm > 0 and len(drawn.points) > 3:
        points = simplified(drawn.points, options.simplify_mm, closed=drawn.closed)
        drawn = Drawn(points, drawn.closed)
    if "combine" not in has or options.combine == "contour" or plane is None:
        return drawn
    line, view, erase = drawn.points, plane, (options.combine == "subtract") != inverted

    def find() -> Painted:
        area = polygon_area(view, line)
        if area.region.is_empty:
            raise UsageError("nothing was changed: the line encloses no area", remedy="draw around one")
        return Painted((area,), erase, "Subtract from" if erase else "Add area to")

    return ToPaint(find, erase) if len(line) > AT_ONCE else find()
