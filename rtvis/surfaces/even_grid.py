"""A volume on uneven or sheared slices, resampled onto an even, orthogonal grid: for showing, never for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import affine_transform

from rtvis.geometry.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SLICES = 1024
"""Slices of the resampled copy are as close as the closest pair of the original, but never more than these."""


def resampled_evenly(grid: Grid, voxels: NDArray[np.generic]) -> tuple[Grid, NDArray[np.generic]]:
    """Voxels of a grid, linearly interpolated onto an even grid without shear that covers it.

    Args:
        grid: uneven gaps and shear allowed.
        voxels: ``(slices, rows, columns)``.

    Returns:
        The even grid, with the row direction and pixel spacing of `grid`, which reaches as far along the normal as
        that (half a gap beyond the outermost slices); and the voxels on it, of the same dtype.
        Places outside `grid` get the smallest value of `voxels`.
    """
    between_slices, between_rows, between_columns = grid.spacing_mm
    row, normal = grid.row_direction, grid.normal
    column = np.cross(normal, row)
    distances = grid.slice_distances_mm
    span = float(distances.max() - distances.min())
    gap = float(np.abs(np.diff(distances)).min()) if len(distances) > 1 else between_slices
    slices = min(int(np.ceil(span / gap - 1e-6)) + 1, MOST_SLICES) if span > 0 else 1
    gap = span / (slices - 1) if slices > 1 else gap
    before, after = _beyond(distances, gap)
    slices += before + after
    across = grid.slice_origins_lps_mm @ np.column_stack([row, column])
    low, high = across.min(axis=0), across.max(axis=0)
    columns = grid.shape[2] + int(np.ceil((high[0] - low[0]) / between_columns - 1e-3))
    rows = grid.shape[1] + int(np.ceil((high[1] - low[1]) / between_rows - 1e-3))
    first = row * low[0] + column * low[1] + normal * (float(distances.min()) - before * gap)
    origins = first + np.arange(slices)[:, None] * gap * normal
    even = Grid.from_slices(
        origins,
        [*row.tolist(), *column.tolist()],
        (between_rows, between_columns),
        (rows, columns),
        frame_of_reference_uid=grid.frame_of_reference_uid,
        single_slice_thickness_mm=between_slices,
    )
    result = np.empty((slices, rows, columns), dtype=voxels.dtype)
    outside = float(voxels.min())
    for k in range(slices):
        i, j, source = grid.to_index(origins[k])
        lower = int(np.clip(np.floor(source + 1e-6), 0, max(grid.shape[0] - 2, 0)))
        share = float(np.clip(source - lower, 0.0, 1.0))
        mixed = voxels[lower].astype(np.float32)
        if share > 0:
            mixed = mixed * (1 - share) + voxels[lower + 1].astype(np.float32) * share
        moved = affine_transform(
            mixed, np.ones(2), offset=(float(j), float(i)), output_shape=(rows, columns), order=1, cval=outside
        )
        result[k] = np.rint(moved) if np.issubdtype(voxels.dtype, np.integer) else moved
    return even, result


def _beyond(distances: NDArray[np.float64], gap: float) -> tuple[int, int]:
    """How many slices are needed before the first and after the last one, so that half of the gaps there is covered."""
    if len(distances) < 2:
        return 0, 0
    gaps = np.diff(np.sort(distances))
    return int(np.ceil((gaps[0] - gap) / 2 / gap - 1e-6)), int(np.ceil((gaps[-1] - gap) / 2 / gap - 1e-6))
