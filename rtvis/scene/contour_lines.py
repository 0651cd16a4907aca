"""The contours of ROIs as a view shows them: those in its plane, and where it cuts the others."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.palette import Rgb, roi_color
from rtvis.geometry.section import Curve, Section, SectionIndex
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.geometry.plane import Plane
    from rtvis.geometry.section import SectionLine
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi

IN_PLANE_TOLERANCE_MM = 0.05
"""A contour this close to the plane is in it: files carry positions with as few as two decimals."""

MOST_UNJOINED = 3
"""ROIs that are cut one by one beside a joint index: those under edit. More of them are worth a new one."""


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
        self._joint: JointIndex | None = None
        self._indexed: dict[int, tuple[Roi, SectionIndex | None]] = {}
        self._waiting: list[Roi] = []
        self._previewed: list[tuple[Roi, SectionIndex]] = []

    def set_rois(self, rois: Iterable[Roi], *, points_at_once: float = math.inf) -> None:
        """Show these ROIs (the visible ones); call again after each edit.

        Args:
            rois: in the order in which they are drawn.
            points_at_once: once contours with so many points were looked at, others wait for `go_on`. Until then they
                are cut as they were before, or not at all.
        """
        self.version += 1
        before = self._indexed
        self._indexed, self._waiting = {}, []
        looked_at = 0
        for roi in rois:
            known = before.get(roi.number)
            if known is not None and known[1] is not None and known[0].contours is roi.contours:
                self._indexed[roi.number] = (roi, known[1])
            elif looked_at < points_at_once:
                self._indexed[roi.number] = (roi, _index(roi))
                looked_at += roi.point_count
            else:
                self._indexed[roi.number] = (roi, None) if known is None else known
                self._waiting.append(roi)
        if self._joint is not None:
            self.set_joint(self._joint)

    @property
    def is_behind(self) -> bool:
        """Whether there are contours that wait for `go_on`."""
        return bool(self._waiting)

    def go_on(self, points_at_once: float) -> None:
        """Look at contours that wait, until so many of their points were looked at."""
        self.version += 1
        looked_at = 0
        while self._waiting and looked_at < points_at_once:
            roi = self._waiting.pop(0)
            self._indexed[roi.number] = (roi, _index(roi))
            looked_at += roi.point_count

    def set_preview(self, rois: Iterable[Roi]) -> None:
        """Show these besides: what an edit that isn't made yet would give."""
        self.version += 1
        self._previewed = [(roi, _index(roi)) for roi in rois]

    def cut(self, view: ViewPlane) -> tuple[RoiLines, ...]:
        """What each ROI shows in a view plane; ROIs that show nothing are left out.

        A contour up to half a slice away from the plane is shown on it, marked as off the plane.
        """
        return self._shown(self._indexed.values(), view, self._joint)

    @property
    def unjoined(self) -> tuple[Roi, ...]:
        """All ROIs shown, where a joint index of them would be quicker than what there is; else none."""
        waiting = {roi.number: roi for roi in self._waiting}
        rois = tuple(waiting.get(roi.number, roi) for roi, _ in self._indexed.values())
        others = [roi for roi in rois if self._joint is None or not self._joint.has(roi)]
        return rois if len(others) > MOST_UNJOINED else ()

    def set_joint(self, joint: JointIndex) -> None:
        """Cut by this from now on where ROIs are still as they were when it was made; what is seen is the same.

        One of none of the ROIs that are shown isn't kept: it would hold the contours of a study that was closed.
        """
        self._joint = joint if any(joint.has(roi) for roi, _ in self._indexed.values()) else None

    def cut_preview(self, view: ViewPlane) -> tuple[RoiLines, ...]:
        """Likewise, of what is previewed."""
        return self._shown(self._previewed, view)

    @staticmethod
    def _shown(
        indexed: Iterable[tuple[Roi, SectionIndex | None]], view: ViewPlane, joint: JointIndex | None = None
    ) -> tuple[RoiLines, ...]:
        plane = view.plane
        tolerance = max(*view.reach_mm, IN_PLANE_TOLERANCE_MM)
        sections = {} if joint is None else joint.cut(plane, tolerance)
        shown: list[RoiLines] = []
        for roi, index in indexed:
            joined = joint is not None and joint.has(roi)
            section = sections.get(roi.number) if joined else None if index is None else index.cut(plane, tolerance)
            made = None if section is None else _lines_of(roi, section, view)
            if made is not None:
                shown.append(made)
        return tuple(shown)


class JointIndex:
    """Contours of many ROIs laid out together: cutting thirty takes a third of the time of cutting each.

    It takes longer to make than one for each, so it is made in a thread while those serve.
    """

    def __init__(self, rois: Iterable[Roi], report: Report = no_report) -> None:
        self._contours = {roi.number: roi.contours for roi in rois}
        self._index = SectionIndex(self._curves(report))

    def _curves(self, report: Report) -> Iterator[Curve]:
        for done, (number, contours) in enumerate(self._contours.items()):
            report(done, len(self._contours))
            for one in contours:
                yield Curve(one.points_lps, one.is_closed, number)
        report(len(self._contours), len(self._contours))  # the longest part is to come: the last moment to be stopped

    def has(self, roi: Roi) -> bool:
        """Whether an ROI's contours are among them, as they are now."""
        return self._contours.get(roi.number) is roi.contours

    def cut(self, plane: Plane, tolerance_mm: float) -> dict[int, Section]:
        """The section of each ROI that the plane meets, by its number."""
        whole = self._index.cut(plane, tolerance_mm)
        in_plane: defaultdict[int, list[SectionLine]] = defaultdict(list)
        outlines: defaultdict[int, list[SectionLine]] = defaultdict(list)
        for parts, lines in ((in_plane, whole.in_plane), (outlines, whole.outlines)):
            for line in lines:
                parts[line.group].append(line)
        numbers = {*in_plane, *outlines, *np.unique(whole.point_groups).tolist()}
        sections = {}
        for number in numbers:
            own = whole.point_groups == number
            sections[number] = Section(
                tuple(in_plane[number]), tuple(outlines[number]), whole.points_lps_mm[own], whole.point_groups[own]
            )
        return sections


def _lines_of(roi: Roi, section: Section, view: ViewPlane) -> RoiLines | None:
    plane = view.plane
    near, points = section.in_plane, section.points_lps_mm
    if view.sides_mm is not None:
        near = tuple(one for one in near if _belong(view, one.points_lps_mm.mean(axis=0)))
        points = points[_belong(view, points)]
    lines = [Line(one.points_lps_mm, one.closed, _is_off(plane, one.points_lps_mm)) for one in near]
    lines += [Line(one.points_lps_mm, one.closed) for one in section.outlines]
    marks = []
    if len(points):
        off = np.abs(plane.distances_mm(points)) > IN_PLANE_TOLERANCE_MM
        marks = [
            Line(points[chosen], closed=False, off_plane=is_off)
            for is_off, chosen in ((False, ~off), (True, off))
            if chosen.any()
        ]
    if not lines and not marks:
        return None
    return RoiLines(roi.number, roi.name, roi_color(roi), tuple(lines), tuple(marks))


def _index(roi: Roi) -> SectionIndex:
    return SectionIndex(Curve(one.points_lps, one.is_closed) for one in roi.contours)


def _belong(view: ViewPlane, points_lps_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points ``(..., 3)`` belong to a view's slice, where the gaps on both sides differ."""
    away = view.plane.distances_mm(points_lps_mm)
    against, along = (max(side, IN_PLANE_TOLERANCE_MM) for side in view.reach_mm)
    return np.asarray((away >= -against) & (away <= along))


def _is_off(plane: Plane, points_lps_mm: NDArray[np.float64]) -> bool:
    return bool(np.max(np.abs(plane.distances_mm(points_lps_mm))) > IN_PLANE_TOLERANCE_MM)
