"""The contours of ROIs as a view shows them: those in its plane, and where it cuts the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.palette import Rgb, roi_color
from rtvis.geometry.section import Curve, SectionIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.geometry.plane import Plane
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

    Attributes:
        version: another number each time something else is to be shown.
    """

    def __init__(self) -> None:
        self.version = 0
        self._indexed: dict[int, tuple[Roi, SectionIndex]] = {}
        self._previewed: list[tuple[Roi, SectionIndex]] = []

    def set_rois(self, rois: Iterable[Roi]) -> None:
        """Show these ROIs (the visible ones); call again after each edit."""
        self.version += 1
        before = self._indexed
        self._indexed = {}
        for roi in rois:
            known = before.get(roi.number)
            if known is not None and known[0].contours is roi.contours:
                self._indexed[roi.number] = (roi, known[1])
            else:
                self._indexed[roi.number] = (roi, _index(roi))

    def set_preview(self, rois: Iterable[Roi]) -> None:
        """Show these besides: what an edit that isn't made yet would give."""
        self.version += 1
        self._previewed = [(roi, _index(roi)) for roi in rois]

    def cut(self, view: ViewPlane) -> tuple[RoiLines, ...]:
        """What each ROI shows in a view plane; ROIs that show nothing are left out.

        A contour up to half a slice away from the plane is shown on it, marked as off the plane.
        """
        return self._shown(self._indexed.values(), view)

    def cut_preview(self, view: ViewPlane) -> tuple[RoiLines, ...]:
        """Likewise, of what is previewed."""
        return self._shown(self._previewed, view)

    @staticmethod
    def _shown(indexed: Iterable[tuple[Roi, SectionIndex]], view: ViewPlane) -> tuple[RoiLines, ...]:
        plane = view.plane
        tolerance = max(view.gap_mm / 2, IN_PLANE_TOLERANCE_MM)
        shown: list[RoiLines] = []
        for roi, index in indexed:
            section = index.cut(plane, tolerance)
            lines = [Line(one.points_lps_mm, one.closed, _is_off(plane, one.points_lps_mm)) for one in section.in_plane]
            lines += [Line(one.points_lps_mm, one.closed) for one in section.outlines]
            points = section.points_lps_mm
            off = np.abs(plane.distances_mm(points)) > IN_PLANE_TOLERANCE_MM
            marks = [
                Line(points[chosen], closed=False, off_plane=is_off) for is_off, chosen in ((False, ~off), (True, off))
            ]
            marks = [mark for mark in marks if len(mark.points_lps_mm)]
            if lines or marks:
                shown.append(RoiLines(roi.number, roi.name, roi_color(roi), tuple(lines), tuple(marks)))
        return tuple(shown)


def _index(roi: Roi) -> SectionIndex:
    return SectionIndex(Curve(one.points_lps, one.is_closed) for one in roi.contours)


def _is_off(plane: Plane, points_lps_mm: NDArray[np.float64]) -> bool:
    return bool(np.max(np.abs(plane.distances_mm(points_lps_mm))) > IN_PLANE_TOLERANCE_MM)
