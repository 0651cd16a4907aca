"""Contours of an ROI by the slice they are on: deleting, copying to other slices, moving and copying between ROIs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.editing.reshaping import own_points, reshaped, with_contours

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

    from rtvis.geometry.plane import Plane
    from rtvis.model.structure_set import Contour, Roi, StructureSet


def contours_within(roi: Roi, plane: Plane, below_mm: float, above_mm: float) -> tuple[int, ...]:
    """Contours that lie as a whole between two planes parallel to a view's.

    On one slice: half the slice gap both ways. A curve that goes through several slices is on none of them.

    Args:
        roi: whose contours.
        plane: of the view.
        below_mm: how far against the plane's normal, positive.
        above_mm: how far along it. A contour just there counts as on the next slice.
    """
    found = []
    for index, contour in enumerate(roi.contours):
        if len(contour.points_lps):
            distances = plane.distances_mm(contour.points_lps)
            if -below_mm <= distances.min() and distances.max() < above_mm:
                found.append(index)
    return tuple(found)


def without(roi: Roi, indices: Iterable[int]) -> Roi:
    """Without these contours."""
    return with_contours(roi, dict.fromkeys(indices, ()))


def copied_by(roi: Roi, indices: Sequence[int], shifts_lps_mm: Sequence[ArrayLike]) -> Roi:
    """With copies of contours, moved by each of the shifts (to the next slice, the one after it ...)."""
    copies = [_copy(roi.contours[index], shift) for shift in shifts_lps_mm for index in indices]
    return replace(roi, contours=(*roi.contours, *copies)) if copies else roi


def _copy(contour: Contour, shift_lps_mm: ArrayLike) -> Contour:
    points = own_points(contour) + np.asarray(shift_lps_mm, dtype=np.float64)
    return replace(reshaped(contour, points), origin=None)


def between_rois(
    structure_set: StructureSet, source: int, indices: Sequence[int], target: int, *, keep: bool
) -> StructureSet:
    """Contours of one ROI given to another.

    Args:
        structure_set: of both.
        source: number of the ROI that has them.
        indices: of the contours.
        target: number of the other ROI.
        keep: whether the first one keeps them too (a copy).

    Raises:
        KeyError: when there is no such ROI.
    """
    one, other = structure_set.roi(source), structure_set.roi(target)
    if source == target or not indices:
        return structure_set
    # What the file carried for a contour stays with the ROI that it was read in.
    given = [replace(one.contours[index], origin=None) for index in indices]
    result = structure_set.with_roi(replace(other, contours=(*other.contours, *given)))
    return result if keep else result.with_roi(without(one, indices))
