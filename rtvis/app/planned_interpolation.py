"""The planner that fills slices between those that an ROI was drawn on (`rtvis.app.planned_edit`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.commits import with_references
from rtvis.app.planned_edit import PlannedEdit, area_indices
from rtvis.app.planned_operations import roi_with_area
from rtvis.app.roi_operations import interpolated_contours
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

FLAT_SLICES = 0.1
"""Of a slice gap: a contour that rises more isn't drawn on one slice."""


@dataclass(frozen=True, slots=True)
class Interpolate:
    """Contours on slices between those that an ROI has; what was drawn stays as it is."""

    number: int

    def __call__(self, structure_set: StructureSet, volume: VolumeHeader, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: when the ROI has no area, or no slice between is empty.
        """
        roi = roi_with_area(structure_set, self.number, volume.grid)
        report(0, 1)
        layers = _layers(roi, volume.grid)
        # Contours that cross slices say themselves where the body is.
        contours = interpolated_contours(roi, volume) if layers is None else _filled(roi, layers, volume, report)
        if not contours:
            raise UsageError(
                f"{roi.name} has no empty slice between its contours", remedy="leave slices out while drawing"
            )
        changed = with_references(structure_set, replace(roi, contours=(*roi.contours, *contours)))
        slices = len({round(float(volume.grid.slice_index(one.points_lps[0]))) for one in contours})
        return PlannedEdit(
            f"Interpolate {roi.name}",
            structure_set,
            structure_set.with_roi(changed),
            roi.number,
            (changed,),  # the whole body: slices between drawn ones make no outline of their own in other views
            f"{_count(len(contours), 'contour')} on {_count(slices, 'slice')}",
        )


def _layers(roi: Roi, grid: Grid) -> dict[int, list[Contour]] | None:
    """Contours with area by the slice they are nearest to, in order; None where one crosses slices."""
    found: dict[int, list[Contour]] = {}
    for index in sorted(area_indices(roi, grid)):
        heights = grid.slice_index(roi.contours[index].points_lps)
        if float(np.ptp(heights)) > FLAT_SLICES:
            return None
        found.setdefault(int(np.floor(float(heights.mean()) + 0.5)), []).append(roi.contours[index])
    return dict(sorted(found.items()))


def _filled(roi: Roi, layers: dict[int, list[Contour]], volume: VolumeHeader, report: Report) -> tuple[Contour, ...]:
    """Contours on each empty slice between two that were drawn on, from these two alone.

    An ROI's volume leaves gaps open that are wider than its others: a person who asks for interpolation wants them
    filled.
    """
    pairs = [(low, high) for low, high in pairwise(layers) if high - low > 1]
    found: list[Contour] = []
    for done, (low, high) in enumerate(pairs):
        report(done, len(pairs))
        two = replace(roi, contours=(*layers[low], *layers[high]))
        found += _between(interpolated_contours(two, volume), low, high, volume.grid)
    return tuple(found)


def _between(contours: Iterable[Contour], low: int, high: int, grid: Grid) -> list[Contour]:
    """Those on slices strictly between two: a body reaches half a gap beyond its ends, where nobody drew."""
    return [one for one in contours if low < round(float(grid.slice_index(one.points_lps[0]))) < high]


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s'[: number != 1]}"
