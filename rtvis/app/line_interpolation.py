"""Open lines for the slices between those that lines of an ROI were drawn on: a nerve, a ureter, the edge of a bone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.contour_planes import references_on_slice
from rtvis.app.roi_interpolation import FLAT_SLICES
from rtvis.geometry.interpolation import between_curves
from rtvis.model.structure_set import Contour

if TYPE_CHECKING:
    from rtvis.app.contour_planes import EditGround
    from rtvis.geometry.grid import Grid
    from rtvis.model.structure_set import Roi


def interpolated_lines(roi: Roi, ground: EditGround) -> tuple[tuple[Contour, ...], int]:
    """Lines on each slice between two that lines were drawn on, point by point at equal parts of their lengths.

    Where both slices have as many lines, those nearest to each other belong together. Where one has more, nothing says
    which of them ends, and nothing is made.

    Args:
        roi: its open lines on slices count; lines across slices say themselves where they are.
        ground: the images, or the planes of contours without any.

    Returns:
        The lines, and between how many pairs of slices none were made since their numbers differ.
    """
    drawn = _lines_on_slices(roi, ground.grid)
    heights = ground.grid.slice_distances_mm
    made: list[Contour] = []
    unlike = 0
    for low, high in pairwise(drawn):
        if high - low > 1 and len(drawn[low]) != len(drawn[high]):
            unlike += 1
            continue
        for k in range(low + 1, high):
            share = float((heights[k] - heights[low]) / (heights[high] - heights[low]))
            for one, other in _partners(drawn[low], drawn[high]):
                points = between_curves(one.points_lps, other.points_lps, share)
                made.append(Contour.drawn(points, closed=False, images=references_on_slice(ground, k)))
    return tuple(made), unlike


def _lines_on_slices(roi: Roi, grid: Grid) -> dict[int, list[Contour]]:
    """Open lines by the slice of the grid that they lie on, in order."""
    found: dict[int, list[Contour]] = {}
    for one in roi.contours:
        if one.is_closed or len(one.points_lps) < 2:
            continue
        heights = grid.slice_index(one.points_lps)
        k = int(np.floor(float(heights.mean()) + 0.5))
        if float(np.ptp(heights)) <= FLAT_SLICES and 0 <= k < grid.shape[0]:
            found.setdefault(k, []).append(one)
    return dict(sorted(found.items()))


def _partners(ones: list[Contour], others: list[Contour]) -> list[tuple[Contour, Contour]]:
    """Each line of a slice with one of the other slice, so that together they are nearest to each other."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415  (a fifth of a second to load, and few need it)

    middles, other_middles = (np.array([line.points_lps.mean(axis=0) for line in lines]) for lines in (ones, others))
    apart = np.linalg.norm(middles[:, None] - other_middles[None], axis=2)
    rows, columns = linear_sum_assignment(apart)
    return [(ones[row], others[column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)]
