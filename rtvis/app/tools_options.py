"""What a person sets about drawing tools; the same options serve all tools that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from rtvis.app.tools_image import ImageOf
    from rtvis.app.tools_select import ContourSelection
    from rtvis.geometry.grid import Grid

Combine = Literal["contour", "add", "subtract"]
PointAction = Literal["drag", "add", "delete"]

RADIUS_STEP = 1.15
"""Factor by which one step of a key or of the wheel changes a radius."""

LEAST_RADIUS_MM, MOST_RADIUS_MM = 0.5, 100.0


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """Options of the drawing tools.

    Attributes:
        closed: whether freehand, polygon, spline and livewire come back to their first point.
        combine: what a closed line becomes: a contour of its own, or an area added to the active ROI or taken from it.
        curve_closed: whether a curve in space comes back to its first point.
        curve_smooth: whether it is a spline; otherwise straight lines join its points.
        snap: whether points of a curve in space are put on the nearest slice.
        tension: of splines, 0 to 1.
        radius_mm: of brush and eraser.
        ball: whether they paint through the slices, as a ball.
        nudge_mm: radius of the pusher.
        lower: least value that the threshold takes, in the volume's units; None follows the window.
        upper: largest one.
        spread: how far values may be from that of the clicked pixel in a flood fill, in the volume's units.
        within_mm: how far from the click a flood fill may go; 0 for no limit.
        fill_holes: whether a flood fill takes what is all around enclosed.
        erase: whether threshold and flood fill take away.
        smoothness: of the livewire, pixels.
        simplify_mm: points of a finished line that are within this of the line without them are left out; 0 keeps all.
        point_action: what a press does to a point.
    """

    closed: bool = True
    combine: Combine = "contour"
    curve_closed: bool = False
    curve_smooth: bool = False
    snap: bool = False
    tension: float = 0.0
    radius_mm: float = 8.0
    ball: bool = False
    nudge_mm: float = 8.0
    lower: float | None = None
    upper: float | None = None
    spread: float = 50.0
    within_mm: float = 0.0
    fill_holes: bool = True
    erase: bool = False
    smoothness: float = 1.0
    simplify_mm: float = 0.0
    point_action: PointAction = "drag"


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """What a tool is made and set up with.

    Attributes:
        options: as they are.
        image: gives the image on a plane; None without a volume.
        grid: of the volume, or the planes that are laid around contours without images; None without either.
        window: (width, level) that the images are shown at.
        selection: the contours that are chosen.
    """

    options: ToolOptions
    image: ImageOf | None
    grid: Grid | None
    window: tuple[float, float]
    selection: ContourSelection

    @property
    def range(self) -> tuple[float, float]:
        """Lower and upper value of the threshold; what isn't set is where the window ends."""
        width, level = self.window
        lower = level - width / 2 if self.options.lower is None else self.options.lower
        upper = level + width / 2 if self.options.upper is None else self.options.upper
        return (lower, upper)


def stepped_radius(radius_mm: float, steps: int) -> float:
    """A radius some steps larger or smaller, rounded to a tenth of a millimetre; each step changes it."""
    changed = radius_mm * RADIUS_STEP**steps
    if steps and round(changed, 1) == round(radius_mm, 1):
        changed = radius_mm + 0.1 * steps
    return float(np.clip(round(changed, 1), LEAST_RADIUS_MM, MOST_RADIUS_MM))
