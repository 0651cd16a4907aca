"""The contours of ROIs as a view shows them: those in its plane, and where it cuts the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.palette import Rgb, roi_color

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.model.structure_set import Roi

IN_PLANE_TOLERANCE_MM = 0.05
"""A contour this close to the plane is in it: files carry positions with as few as two decimals."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A polyline ``(n, 3)`` LPS mm; `off_plane` when it was drawn up to half a slice away from the plane."""

    points_lps_mm: NDArray[np.float64]
    closed: bool
    off_plane: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RoiLines:
    """What one ROI shows in a view.

    Attributes:
        lines: contours in the plane, and outlines where the plane cuts contours of other planes.
        points: single points ``(n, 3)``: POINT contours, and where an open curve crosses the plane.
    """

    number: int
    name: str
    color: Rgb
    lines: tuple[Line, ...]
    points: tuple[Line, ...]


class ContourLines:
    """Cuts the contours of ROIs by view planes; shared by all views of a structure set.

    What is costly is kept by ROI, so that after an edit only the edited ROI is looked at anew.
    """

    def __init__(self) -> None:
        self._rois: tuple[Roi, ...] = ()

    def set_rois(self, rois: Iterable[Roi]) -> None:
        """Show these ROIs (the visible ones); call again after each edit."""
        self._rois = tuple(rois)

    def cut(self, view: ViewPlane) -> tuple[RoiLines, ...]:
        """What each ROI shows in a view plane; ROIs that show nothing are left out."""
        del view
        return tuple(RoiLines(roi.number, roi.name, roi_color(roi), (), ()) for roi in self._rois)
