"""Planners for edits of contours one by one: smoothing, simplifying, copying, deleting, giving to other ROIs.

Each takes what a dialog asks, then is called with the structure set, its images (or the planes of contours without any)
and a `Report` (`rtvis.app.planned_edit`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.commits import with_references
from rtvis.app.contour_grid import on_their_plane
from rtvis.app.contour_planes import ContourPlanes, shown_grid
from rtvis.app.contours_by_slice import contours_on_slice, shifts_to_slices
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.planned_edit import REMOVED_COLOR, PlannedEdit
from rtvis.editing import reshaping
from rtvis.editing.slice_edits import between_rois, contours_within, copied_by, without
from rtvis.geometry.curve_shaping import deviation_mm
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rtvis.app.contour_planes import EditGround
    from rtvis.app.oblique import Oblique
    from rtvis.app.planes import ViewPlane
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, Roi, StructureSet

LEAST_TO_SMOOTH = 3
"""Points: fewer have no bend that could be taken out."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a view is: its kind, the cursor ``(3,)`` LPS mm that it goes through, and how oblique planes face."""

    kind: PlaneKind
    cursor_lps: NDArray[np.float64]
    oblique: Oblique

    def planes(self, ground: EditGround) -> VolumePlanes:
        """The view planes of images, or of contours without any."""
        return VolumePlanes(shown_grid(ground), self.oblique)

    def view(self, ground: EditGround) -> ViewPlane:
        """The plane that is shown."""
        return self.planes(ground).at(self.kind, self.cursor_lps)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Which contours of an ROI are meant: all, those on the slice of a place, or those on slices counted from 0."""

    place: Place | None = None
    slices: tuple[int, int] | None = None

    def indices(self, roi: Roi, ground: EditGround) -> tuple[int, ...]:
        """The contours, by index."""
        if self.place is None:
            return tuple(range(len(roi.contours)))
        if self.slices is None:
            return contours_on_slice(roi, self.place.view(ground))
        planes, kind = self.place.planes(ground), self.place.kind
        first, last = (
            planes.at(kind, planes.at_slice(kind, self.place.cursor_lps, index)) for index in sorted(self.slices)
        )
        way = float(first.plane.distances_mm(last.plane.origin_lps_mm))
        lower, upper = (last, first) if way < 0 else (first, last)
        return contours_within(roi, first.plane, lower.reach_mm[0] + max(-way, 0.0), upper.reach_mm[1] + max(way, 0.0))

    def found(self, roi: Roi, ground: EditGround) -> tuple[int, ...]:
        """The contours, by index.

        Raises:
            UsageError: when there are none.
        """
        indices = self.indices(roi, ground)
        if not indices:
            where = "" if self.place is None else " on this slice" if self.slices is None else " on these slices"
            raise UsageError(f"{roi.name} has no contour{where}", remedy="scroll to one, or choose another ROI")
        return indices

    @property
    def words(self) -> str:
        """As the name of an edit says it."""
        if self.place is None:
            return ""
        return " on slice" if self.slices is None else " on slices"


class OnScope(ABC):
    """What operations on some contours of one ROI share: the ROI, its contours that are meant, and that there are any.

    Attributes:
        number: of the ROI.
        scope: which of its contours.
    """

    __slots__ = ()
    number: int
    scope: Scope

    def __call__(self, structure_set: StructureSet, ground: EditGround, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: when there is no contour, or nothing would change.
        """
        roi = structure_set.roi(self.number)
        chosen = self.scope.found(roi, ground)
        report(0, 1)
        return self._planned(structure_set, roi, chosen, report)

    @abstractmethod
    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        """The edit of the chosen contours, by index."""


@dataclass(frozen=True, slots=True, eq=False)
class SmoothContours(OnScope):
    """Contours smoothed one by one, bends smaller than a width taken out."""

    number: int
    width_mm: float
    scope: Scope

    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        chosen = tuple(n for n in chosen if len(reshaping.own_points(roi.contours[n])) >= LEAST_TO_SMOOTH)
        changed: dict[int, tuple[Contour, ...]] = {}
        farthest = 0.0
        for done, index in enumerate(chosen):
            report(done, len(chosen))
            was = roi.contours[index]
            try:
                now = reshaping.smooth(was, self.width_mm)
            except ValueError:  # a contour so small that smoothing leaves a line: it stays as it is
                continue
            changed[index] = (now,)
            farthest = max(farthest, deviation_mm(was.points_lps, now.points_lps, closed=now.is_closed))
        remark = f"{len(changed)} contours, moved by up to {farthest:.2g} mm"
        if len(chosen) > len(changed):
            remark += f"; {len(chosen) - len(changed)} too small to smooth stay"
        name = f"Smooth contours {self.width_mm:g} mm{self.scope.words} of {roi.name}"
        return _reshaped(name, structure_set, roi, changed, remark)


@dataclass(frozen=True, slots=True, eq=False)
class Simplify(OnScope):
    """Points left out that are within a tolerance of the line without them."""

    number: int
    tolerance_mm: float
    scope: Scope

    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        changed: dict[int, tuple[Contour, ...]] = {}
        before = after = 0
        farthest = 0.0
        for done, index in enumerate(chosen):
            report(done, len(chosen))
            was = roi.contours[index]
            try:
                now = reshaping.simplify(was, self.tolerance_mm)
            except ValueError:  # what is left would have no area
                now = was
            before += len(reshaping.own_points(was))
            after += len(reshaping.own_points(now))
            if now is not was:
                changed[index] = (now,)
                farthest = max(farthest, deviation_mm(was.points_lps, now.points_lps, closed=now.is_closed))
        if not changed:
            raise UsageError(
                f"no point of {roi.name} can go at {self.tolerance_mm:g} mm", remedy="allow a larger deviation"
            )
        remark = f"{before:,} points become {after:,}; farthest from before: {farthest:.2g} mm"
        name = f"Simplify {self.tolerance_mm:g} mm{self.scope.words} of {roi.name}"
        return _reshaped(name, structure_set, roi, changed, remark)


@dataclass(frozen=True, slots=True, eq=False)
class Reverse(OnScope):
    """The direction of contours turned round."""

    number: int
    scope: Scope

    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        del report
        changed = {index: (reshaping.reverse(roi.contours[index]),) for index in chosen}
        name = f"Reverse contours{self.scope.words} of {roi.name}"
        return _reshaped(name, structure_set, roi, changed, _count(len(chosen)))


@dataclass(frozen=True, slots=True, eq=False)
class CopyToSlices:
    """Contours of the slice of a place copied to others of the same view: 1 is the next one, -1 the one before."""

    number: int
    place: Place
    steps: tuple[int, ...]

    def __call__(self, structure_set: StructureSet, ground: EditGround, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: when there is no contour on the slice, or no slice to copy to.
        """
        roi = structure_set.roi(self.number)
        chosen = Scope(self.place).found(roi, ground)
        report(0, 1)
        shifts = shifts_to_slices(self.place.planes(ground), self.place.kind, self.place.cursor_lps, self.steps)
        if not shifts:
            raise UsageError("there is no such slice", remedy="copy to slices that the view scrolls to")
        copied = copied_by(roi, chosen, shifts)
        if isinstance(ground, ContourPlanes):  # slices that views show may lie beside the planes of contours
            copied = self._on_planes(copied, len(roi.contours), structure_set, ground)
        changed = with_references(structure_set, copied)
        fresh = changed.contours[len(roi.contours) :]
        slices = "slice" if len(shifts) == 1 else f"{len(shifts)} slices"
        left_out = len(self.steps) - len(shifts)
        remark = f"{_count(len(fresh))} on {len(shifts)} {'slice' if len(shifts) == 1 else 'slices'}"
        if left_out:
            what = "the planes shown" if isinstance(ground, ContourPlanes) else "the images"
            remark += f"; {left_out} would be outside {what}"
        held = sum(bool(self._held(roi, step, ground)) for step in self.steps)
        if held:
            remark += f"; {held} of them {'has' if held == 1 else 'have'} contours of {roi.name} already, which stay"
        name = f"Copy contours to {slices} in {roi.name}"
        shown = (replace(roi, contours=fresh),)
        return PlannedEdit(name, structure_set, structure_set.with_roi(changed), roi.number, shown, remark)

    @staticmethod
    def _on_planes(roi: Roi, first: int, structure_set: StructureSet, ground: ContourPlanes) -> Roi:
        """The ROI with its contours from `first` on moved to planes of contours within half a slice."""
        half = ground.shown.spacing_mm[0] / 2
        copies = []
        for one in roi.contours[first:]:
            there = on_their_plane(one.points_lps, structure_set.rois, half) if one.is_closed else one.points_lps
            copies.append(one if there is one.points_lps else reshaping.reshaped(one, there))
        return replace(roi, contours=(*roi.contours[:first], *copies))

    def _held(self, roi: Roi, step: int, ground: EditGround) -> tuple[int, ...]:
        """Contours that are on a slice to copy to already."""
        planes, place = self.place.planes(ground), self.place
        there = planes.at(place.kind, planes.step(place.kind, place.cursor_lps, step))
        here = place.view(ground)
        if there.slice_index is None or there.slice_index == here.slice_index:
            return ()
        return contours_on_slice(roi, there)


@dataclass(frozen=True, slots=True, eq=False)
class DeleteContours(OnScope):
    """Contours taken away; the ROI stays."""

    number: int
    scope: Scope

    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        del report
        gone = replace(roi, contours=tuple(roi.contours[index] for index in chosen), color=REMOVED_COLOR)
        name = f"Delete {'all contours' if self.scope.place is None else 'contours'}{self.scope.words} of {roi.name}"
        edited = structure_set.with_roi(without(roi, chosen))
        remark = f"{_count(len(chosen))} of {len(roi.contours)} will go"
        return PlannedEdit(name, structure_set, edited, roi.number, (gone,), remark)


@dataclass(frozen=True, slots=True, eq=False)
class Give(OnScope):
    """Contours moved to another ROI, or copied there (`keep`)."""

    number: int
    target: int
    scope: Scope
    keep: bool

    def _planned(self, structure_set: StructureSet, roi: Roi, chosen: tuple[int, ...], report: Report) -> PlannedEdit:
        del report
        other = structure_set.roi(self.target)
        if roi is other:
            raise UsageError("these are one and the same ROI", remedy="choose another one to give contours to")
        edited = between_rois(structure_set, self.number, chosen, self.target, keep=self.keep)
        shown = replace(other, contours=tuple(roi.contours[index] for index in chosen))
        verb = "Copy" if self.keep else "Move"
        name = f"{verb} contours{self.scope.words} from {roi.name} to {other.name}"
        return PlannedEdit(name, structure_set, edited, other.number, (shown,), _count(len(chosen)))


def _reshaped(
    name: str, structure_set: StructureSet, roi: Roi, changed: Mapping[int, tuple[Contour, ...]], remark: str
) -> PlannedEdit:
    if not changed:
        raise UsageError(f"{name}: no contour would change", remedy="choose other contours")
    edited = with_references(structure_set, reshaping.with_contours(roi, changed))
    fresh = tuple(one for group in changed.values() for one in group)
    # Of most contours the whole body is shown: without the others it has no outline in views across the slices.
    shown = (edited if 2 * len(changed) > len(roi.contours) else replace(roi, contours=fresh),)
    return PlannedEdit(name, structure_set, structure_set.with_roi(edited), roi.number, shown, remark)


def _count(number: int) -> str:
    return "1 contour" if number == 1 else f"{number} contours"
