"""Contours for the slices between those that an ROI was drawn on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.mask_structures import contours_of
from rtvis.app.planned_edit import area_indices
from rtvis.geometry.slabs import BOUND_MM
from rtvis.model.masks import roi_mask, roi_stacks
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.contour_planes import EditGround
    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, Roi

FLAT_SLICES = 0.1
"""Of a slice gap: a contour that rises more isn't drawn on one slice, and one this near to a slice is drawn on it."""


def interpolated_contours(roi: Roi, ground: EditGround, report: Report = no_report) -> tuple[Contour, ...]:
    """Contours on each empty slice between two slices that were drawn on, from these two alone.

    However wide the gap: an ROI's volume leaves gaps open that are wider than its others, and a person who asks for
    interpolation wants them filled. Nothing is added beyond the first and the last slice that was drawn on. Where a
    contour crosses slices, contours say themselves where the body is: then they are what it has on slices without any.

    Args:
        roi: its closed planar contours count.
        ground: the images, or the planes of contours without any.
        report: told (gaps done, gaps in all).
    """
    grid = ground.grid
    layers = _layers(roi, grid)
    if layers is None:
        return contours_of(_undrawn(roi, grid), ground)
    count = grid.shape[0]
    gaps = [(low, high) for low, high in pairwise(layers) if max(low + 1, 0) < min(high, count)]
    mask = np.zeros(grid.shape, dtype=bool)
    for done, (low, high) in enumerate(gaps):
        report(done, len(gaps))
        first, last = max(low, 0), min(high, count - 1)  # contours may lie beyond the images
        body = roi_mask(replace(roi, contours=(*layers[low], *layers[high])), grid.part(first, last)).mask
        if body is not None:  # two planes are always bridged
            between = slice(max(low + 1, 0), min(high, count))
            mask[between] = body[between.start - first : between.stop - first]
    return contours_of(mask, ground) if gaps else ()


def _layers(roi: Roi, grid: Grid) -> dict[int, list[Contour]] | None:
    """Contours with area by the slice of the grid they are nearest to, in order; None where one crosses slices."""
    found: dict[int, list[Contour]] = {}
    for index in sorted(area_indices(roi, grid)):
        heights = grid.slice_index(roi.contours[index].points_lps)
        if float(np.ptp(heights)) > FLAT_SLICES:
            return None
        found.setdefault(int(np.floor(float(heights.mean()) + 0.5)), []).append(roi.contours[index])
    return dict(sorted(found.items()))


def _undrawn(roi: Roi, grid: Grid) -> NDArray[np.bool_]:
    """What an ROI has on slices that none of its contours is drawn on, ``grid.shape``."""
    mask = roi_mask(roi, grid).mask
    if mask is None:
        return np.zeros(grid.shape, dtype=bool)
    drawn = [
        height
        for stack in roi_stacks(roi, grid).stacks
        if abs(float(stack.plane.normal @ grid.normal)) > 1 - 1e-9
        for height in (stack.positions_mm * np.sign(float(stack.plane.normal @ grid.normal))).tolist()
    ]
    for k, height in enumerate(grid.slice_distances_mm.tolist()):
        if any(abs(height - one) <= FLAT_SLICES * grid.spacing_mm[0] + BOUND_MM for one in drawn):
            mask[k] = False
    return mask
