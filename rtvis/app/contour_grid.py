"""A grid laid around contours whose images aren't there, for views to show planes of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import fit_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.model.structure_set import Roi

MARGIN_MM, MARGIN_SHARE = 10.0, 0.1
"""Of the grid, around what is drawn: so many mm, or a share of its extent where that is more.

Views fit the grid, and what they write in their corners is to lie beside contours.
"""

PIXEL_MM = 1.0

LEAST_GAP_MM, MOST_GAP_MM = 0.5, 10.0
"""Between slices: as far apart as contours are, within these."""

MOST_SLICES = 2000
"""A contour far astray makes gaps wider, not the grid endless."""

FLAT_MM = 0.01
"""Points of a contour along an axis of the patient within this lie on one plane across it."""

TILTED_FLAT_MM = 0.1
"""The same on tilted planes, whose points are rounded in each of three coordinates."""

ALIKE = 0.99
"""Cosine of the angle, 8 degrees, within which planes face alike."""

ONE_PLANE_MM = 0.1
"""Contours closer to each other than this, along their normal, lie on one slice."""

ROW_COLUMN = np.array(
    [
        [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]],
        [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]],
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
    ]
)
"""Directions of rows and columns of sagittal, coronal and axial slices as scanners write them, LPS."""

AXIAL = 2


def grid_around(rois: Sequence[Roi], frame_of_reference_uid: str = "") -> Grid | None:
    """A grid around contours, its slices parallel to most of them and as far apart as they are.

    Where contours lie evenly each lies on a slice. Nothing says which images there were: sizes of pixels and the first
    slice are made up.

    Args:
        rois: with the contours.
        frame_of_reference_uid: of their coordinates.

    Returns:
        The grid, of 1 mm pixels; None without a point.
    """
    closed = [one.points_lps for roi in rois for one in roi.contours if one.is_closed and len(one.points_lps) > 2]
    points = _points(rois)
    if not len(points):
        return None
    axes = _slice_axes(closed)
    placed = points @ axes.T
    low, high = placed.min(axis=0), placed.max(axis=0)
    margin = np.maximum(MARGIN_MM, MARGIN_SHARE * (high - low))
    low, high = low - margin, high + margin
    levels = flat_levels_mm(closed, axes[2])
    if not len(levels):
        levels = _apart(np.sort(placed[:, 2]))
    gap = max(_gap(levels), float(high[2] - low[2]) / MOST_SLICES)
    low[2] = levels[0] - gap * np.ceil((levels[0] - low[2]) / gap)
    columns, rows = (int(np.ceil(extent / PIXEL_MM)) + 1 for extent in (high - low)[:2])
    slices = int(np.ceil((high[2] - low[2]) / gap)) + 1
    origins = low @ axes + np.arange(slices)[:, None] * gap * axes[2]
    return Grid.from_slices(
        origins,
        axes[:2].ravel().tolist(),
        (PIXEL_MM, PIXEL_MM),
        (rows, columns),
        frame_of_reference_uid=frame_of_reference_uid,
    )


def holds(grid: Grid, rois: Sequence[Roi]) -> bool:
    """Whether all points of contours lie in a grid."""
    return bool(np.all(grid.contains(_points(rois))))


def on_their_plane(points_lps: NDArray[np.float64], rois: Sequence[Roi], reach_mm: float) -> NDArray[np.float64]:
    """A closed line drawn on a slice of the grid, moved to the plane of contours that the slice shows.

    Where contours lie unevenly slices lie between them; a line beside them would be a plane of its own in volumes.

    Args:
        points_lps: ``(n, 3)`` LPS mm, in one plane.
        rois: with the contours.
        reach_mm: how far from its slice contours show.

    Returns:
        The points, as they were where no contour shows, or they lie in no plane.
    """
    if len(points_lps) < 3:
        return points_lps
    plane, residual = fit_plane(points_lps)
    closed = [one.points_lps for roi in rois for one in roi.contours if one.is_closed]
    firsts = np.array([points[0] for points in closed]).reshape(-1, 3)
    near = np.flatnonzero(plane.is_near(firsts, reach_mm + TILTED_FLAT_MM)).tolist()
    heights = [plane.distances_mm(closed[n]) for n in near]
    found = [float(one.mean()) for one in heights if np.ptp(one) < TILTED_FLAT_MM and abs(one.mean()) <= reach_mm]
    if residual > TILTED_FLAT_MM or not found:
        return points_lps
    return points_lps + min(found, key=abs) * plane.normal


def flat_levels_mm(closed: Sequence[NDArray[np.float64]], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places along a normal of the contours that lie across it, mm, ascending."""
    heights = [points @ normal for points in closed]
    return _apart(np.sort([one.mean() for one in heights if np.ptp(one) < TILTED_FLAT_MM]))


def _points(rois: Sequence[Roi]) -> NDArray[np.float64]:
    drawn = [contour.points_lps for roi in rois for contour in roi.contours]
    points = np.vstack([np.empty((0, 3)), *drawn])
    return points[np.isfinite(points).all(axis=1)]


def _slice_axes(closed: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Directions ``(3, 3)`` of rows, columns and normal of the planes that most contours lie on; axial without any."""
    spans = np.array([np.ptp(points, axis=0) for points in closed]).reshape(-1, 3)
    across = np.count_nonzero(spans < FLAT_MM, axis=0)
    axis = int(np.argmax(across[::-1]))
    axis = AXIAL - axis  # of equals the axial one
    row, column = ROW_COLUMN[axis]
    if 2 * across[axis] < len(closed):
        normals = _normals(closed)
        middle = np.median(normals, axis=0) if len(normals) else np.zeros(3)
        length = float(np.linalg.norm(middle))
        # The middle of three directions is none of them: most have to face as it does.
        if 2 * np.count_nonzero(normals @ middle > ALIKE * length) > len(closed):
            middle /= length
            row, column = ROW_COLUMN[int(np.argmax(np.abs(middle)))]
            row = row - float(row @ middle) * middle
            row /= np.linalg.norm(row)
            turned = np.cross(middle, row)
            column = turned if float(turned @ column) > 0 else -turned
    return np.array([row, column, np.cross(row, column)])


def _normals(closed: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Unit normals ``(n, 3)`` of the contours that are flat, all of one side."""
    planes = [fit_plane(points) for points in closed if np.isfinite(points).all()]
    normals = np.array([plane.normal for plane, residual in planes if residual < TILTED_FLAT_MM]).reshape(-1, 3)
    if len(normals):
        main = int(np.argmax(np.abs(normals).sum(axis=0)))
        normals *= np.where(normals[:, main] < 0, -1.0, 1.0)[:, None]
    return normals


def _apart(levels_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    return levels_mm[np.diff(levels_mm, prepend=-np.inf) > ONE_PLANE_MM]


def _gap(levels_mm: NDArray[np.float64]) -> float:
    """Between slices: the usual distance between contours, or an even part of it, mm."""
    if len(levels_mm) < 2:
        return PIXEL_MM
    usual = float(np.median(np.diff(levels_mm)))
    return float(max(usual / np.ceil(usual / MOST_GAP_MM), LEAST_GAP_MM))
