"""Planners for operations on areas: booleans, margins, rings, smoothing, clipping.

Each takes what a dialog asks, then is called with the structure set, its images (or the planes of contours without any)
and a `Report` (`rtvis.app.planned_edit`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app import roi_operations
from rtvis.app.contour_planes import reaching, with_known_gap
from rtvis.app.planned_edit import PlannedEdit, Target, area_indices, in_words, planned_area
from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.geometry.distance_volumes import Margins
from rtvis.geometry.slabs import owners, slab_bounds
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_stacks
from rtvis.model.progress import part_of
from rtvis.model.structure_set import Roi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.contour_planes import EditGround
    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.grid import Grid
    from rtvis.geometry.plane import Plane
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, StructureSet

TITLES = {
    "union": "Union",
    "intersection": "Intersection",
    "difference": "Difference",
    "xor": "Exclusive or",
}
LONGEST_MARGIN_MM = 200.0

EMPTY_SHARE = 0.6
"""Of the gap between planes of ROIs, or slices: contours farther from one of them than this aren't on it."""

PARALLEL = 1e-9
"""One minus the cosine of normals of planes that are parallel."""

SIDES = ("L", "R", "A", "P", "S", "I")
_SIDE_VECTORS = {
    "L": (1.0, 0.0, 0.0),
    "R": (-1.0, 0.0, 0.0),
    "P": (0.0, 1.0, 0.0),
    "A": (0.0, -1.0, 0.0),
    "S": (0.0, 0.0, 1.0),
    "I": (0.0, 0.0, -1.0),
}
"""LPS (PS3.3 C.7.6.2.1.1)."""


@dataclass(frozen=True, slots=True)
class Combine:
    """A boolean operation on two or more ROIs; of a difference, the first without all others."""

    operation: str
    numbers: tuple[int, ...]
    target: Target

    def __call__(self, structure_set: StructureSet, ground: EditGround, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: with fewer than two ROIs, or when nothing is left.
        """
        if len(self.numbers) < 2:
            raise UsageError("two or more ROIs are needed", remedy="tick them in the list")
        rois = [structure_set.roi(number) for number in self.numbers]
        result = rois[0]
        for done, other in enumerate(rois[1:]):
            result = self._folded(result, other, ground, part_of(report, done, len(rois) - 1))
        names = [one.name for one in rois]
        if self.operation == "difference":
            words = f"{names[0]} without {in_words(names[1:])}"
        else:
            words = f"{TITLES[self.operation]} of {in_words(names)}"
        areas = area_indices(result, ground.grid)
        contours = [one for index, one in enumerate(result.contours) if index in areas]
        remark = _bridged(rois, contours, ground.grid)
        return planned_area(words, structure_set, self.target, contours, ground, remark=remark)

    def _folded(self, one: Roi, other: Roi, ground: EditGround, report: Report) -> Roi:
        """Where one of them is empty the other stays as it was drawn, to the last digit."""
        report(0, 1)
        first, second = area_indices(one, ground.grid), area_indices(other, ground.grid)
        if self.operation != "intersection" and not second:
            return one
        if self.operation in {"union", "xor"} and not first:
            return replace(other, contours=tuple(replace(part, origin=None) for part in other.contours))
        return replace(one, contours=roi_operations.combined_contours(one, other, self.operation, ground, report))


def _bridged(rois: Sequence[Roi], contours: Sequence[Contour], grid: Grid) -> str:
    """What to tell when nothing is left on planes between those where something is; empty when that isn't so.

    Contours can't say that a plane is empty, and what is filled between them (`rtvis.geometry.slabs`) may fill it.
    """
    made = [one for one in roi_stacks(Roi(0, "made", tuple(contours)), grid).stacks if _heights(one, grid) is not None]
    drawn = [_heights(stack, grid) for roi in rois for stack in roi_stacks(roi, grid).stacks]
    heights = np.unique(np.concatenate([one for one in drawn if one is not None] or [np.empty(0)]))
    gaps = np.diff(heights)
    gaps = gaps[gaps > LAYER_TOLERANCE_MM]
    left = np.sort(np.concatenate([one for stack in made if (one := _heights(stack, grid)) is not None] or [heights]))
    if not (len(gaps) and len(left)):
        return ""
    covered = owners(heights, *slab_bounds(left, grid.spacing_mm[0])) >= 0
    gap = max(float(np.median(gaps)), grid.spacing_mm[0])  # what isn't on contour planes is on slices
    far = np.min(np.abs(heights[:, None] - left), axis=1) > EMPTY_SHARE * gap
    count = int(np.count_nonzero(np.diff(heights[covered & far], prepend=-np.inf) > LAYER_TOLERANCE_MM))
    if not count:
        return ""
    what = "plane is empty, but lies" if count == 1 else "planes are empty, but lie"
    return f"{count} {what} between or next to others: volumes and masks fill {'it' if count == 1 else 'them'}"


def _heights(stack: ClosedStack, grid: Grid) -> NDArray[np.float64] | None:
    """The planes of a stack along the normal of the slices; None when it isn't parallel to these."""
    turn = float(stack.plane.normal @ grid.normal)
    return None if abs(turn) < 1 - PARALLEL else stack.positions_mm * np.sign(turn)


class OnOneBody(ABC):
    """What operations on the area of one ROI share: where the result goes, and that there must be an area.

    Attributes:
        number: of the ROI.
        target: where the result goes.
    """

    __slots__ = ()
    number: int
    target: Target

    def __call__(self, structure_set: StructureSet, ground: EditGround, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: when the ROI has no area, nothing is left, or nothing tells how far slices are apart.
        """
        ground = reaching(with_known_gap(ground), self._reach_mm)
        roi = roi_with_area(structure_set, self.number, ground.grid)
        report(0, 1)
        contours = self._contours(roi, ground, report)
        name, remark = self._words(roi), self._remark(ground.grid)
        return planned_area(name, structure_set, self.target, contours, ground, source=roi, remark=remark)

    @property
    def _reach_mm(self) -> float:
        """How far the result may reach beyond the ROI, mm."""
        return 0.0

    @abstractmethod
    def _contours(self, roi: Roi, ground: EditGround, report: Report) -> tuple[Contour, ...]:
        """Those of the result."""

    @abstractmethod
    def _words(self, roi: Roi) -> str:
        """The name of the edit."""

    def _remark(self, grid: Grid) -> str:
        """What the person should know besides; mostly nothing."""
        del grid
        return ""


@dataclass(frozen=True, slots=True)
class Margin(OnOneBody):
    """An ROI grown or shrunk in three dimensions.

    Attributes:
        number: of the ROI.
        sides_mm: margins towards L, R, A, P, S, I (`SIDES`), 0 or more.
        inwards: whether it shrinks.
        target: where the result goes.
    """

    number: int
    sides_mm: tuple[float, ...]
    inwards: bool
    target: Target

    @property
    def _reach_mm(self) -> float:
        return 0.0 if self.inwards else max(self.sides_mm)

    def _contours(self, roi: Roi, ground: EditGround, report: Report) -> tuple[Contour, ...]:
        margins, _ = patient_margins(ground.grid, self.sides_mm)
        return roi_operations.contours_with_margins(roi, margins, ground, inwards=self.inwards, report=report)

    def _words(self, roi: Roi) -> str:
        sign = "-" if self.inwards else ""
        if len(set(self.sides_mm)) == 1:
            return f"Margin {sign}{self.sides_mm[0]:g} mm of {roi.name}"
        parts = [f"{side} {sign}{mm:g}" for side, mm in zip(SIDES, self.sides_mm, strict=True) if mm]
        return f"Margin {' '.join(parts)} mm of {roi.name}"

    def _remark(self, grid: Grid) -> str:
        _, exact = patient_margins(grid, self.sides_mm)
        return "" if exact else "the images are tilted: margins go along their axes"


def patient_margins(grid: Grid, sides_mm: Sequence[float]) -> tuple[Margins, bool]:
    """Margins towards L, R, A, P, S, I as margins along a grid's axes.

    Args:
        grid: of the images.
        sides_mm: six, in the order of `SIDES`.

    Returns:
        The margins, each along the axis that points most to its side; and whether the axes do so within a degree, or
        the margins are all the same.
    """
    axes = np.array([grid.row_direction, np.cross(grid.normal, grid.row_direction), grid.normal])
    values: dict[str, float] = {}
    exact = len(set(sides_mm)) == 1
    aligned = True
    taken = _axes_of(axes)
    for side, mm in zip(SIDES, sides_mm, strict=True):
        along = axes @ np.array(_SIDE_VECTORS[side])
        axis = taken[int(np.argmax(np.abs(_SIDE_VECTORS[side])))]
        values[f"{'ijk'[axis]}_{'high' if along[axis] > 0 else 'low'}"] = mm
        aligned &= bool(abs(along[axis]) > np.cos(np.radians(1.0)))
    return Margins(**values), exact or aligned


def _axes_of(axes: np.ndarray) -> tuple[int, ...]:
    """Patient axis (x, y, z) to grid axis, each once, as they match best."""
    orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    return max(orders, key=lambda order: sum(abs(float(axes[order[n], n])) for n in range(3)))


@dataclass(frozen=True, slots=True)
class Ring(OnOneBody):
    """The rind of an ROI, so far inside and outside its surface."""

    number: int
    inwards_mm: float
    outwards_mm: float
    target: Target

    @property
    def _reach_mm(self) -> float:
        return max(self.outwards_mm, 0.0)

    def _contours(self, roi: Roi, ground: EditGround, report: Report) -> tuple[Contour, ...]:
        return roi_operations.ring_contours(roi, self.inwards_mm, self.outwards_mm, ground, report)

    def _words(self, roi: Roi) -> str:
        return f"Ring {self.inwards_mm:g} mm in, {self.outwards_mm:g} mm out of {roi.name}"


@dataclass(frozen=True, slots=True)
class SmoothBody(OnOneBody):
    """An ROI smoothed in three dimensions."""

    number: int
    width_mm: float
    target: Target

    @property
    def _reach_mm(self) -> float:
        return self.width_mm

    def _contours(self, roi: Roi, ground: EditGround, report: Report) -> tuple[Contour, ...]:
        return roi_operations.smoothed_contours(roi, self.width_mm, ground, report)

    def _words(self, roi: Roi) -> str:
        return f"Smooth {self.width_mm:g} mm of {roi.name}"


@dataclass(frozen=True, slots=True)
class Clip(OnOneBody):
    """The part of an ROI on one side of a plane.

    Attributes:
        number: of the ROI.
        plane: its normal points to the part that stays.
        words: the side, as in "Clip superior part of Liver".
        target: where the result goes.
    """

    number: int
    plane: Plane
    words: str
    target: Target

    def _contours(self, roi: Roi, ground: EditGround, report: Report) -> tuple[Contour, ...]:
        del report
        return roi_operations.clipped_contours(roi, self.plane, ground)

    def _words(self, roi: Roi) -> str:
        return f"Clip {self.words} part of {roi.name}"


def roi_with_area(structure_set: StructureSet, number: int, grid: Grid) -> Roi:
    """An ROI that encloses something.

    Raises:
        UsageError: when it doesn't.
    """
    roi = structure_set.roi(number)
    if not area_indices(roi, grid):
        raise UsageError(f"{roi.name} has no closed contours", remedy="choose an ROI with an area")
    return roi
