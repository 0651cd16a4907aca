"""Stacks of closed contours that aren't parallel to a grid's slices: sagittal, coronal, oblique ones, on its voxels.

A voxel is inside when the stack's field of signed distances (`rtvis.geometry.stack_field`) is positive at its centre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.slabs import BOUND_MM
from rtvis.geometry.stack_field import StackField, stack_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.grid import Grid

SUBVOXELS = 4
"""In each direction, for fractional occupancy."""


def fill_oblique(stack: ClosedStack, grid: Grid, mask: NDArray[np.bool_], single_mm: float | None = None) -> None:
    """Set the voxels whose centre is inside a stack of any orientation.

    Args:
        stack: of one plane or more.
        grid: any.
        mask: ``grid.shape``, all False; changed in place.
        single_mm: thickness of a plane that is alone; the gap between slices when None.
    """
    field = stack_field(stack, _pixel(grid), single_mm or grid.spacing_mm[0])
    box = _box(field, grid)
    for k in range(box[2].start, box[2].stop):
        mask[k, box[1], box[0]] = _sampled(field, grid, box, k, (0.0, 0.0, 0.0)) > 0


def oblique_occupancy(stack: ClosedStack, grid: Grid) -> NDArray[np.float32]:
    """The share of each voxel that a stack of any orientation takes up, by `SUBVOXELS` in each direction."""
    field = stack_field(stack, _pixel(grid), grid.spacing_mm[0])
    box = _box(field, grid)
    result = np.zeros(grid.shape, dtype=np.float32)
    steps = (np.arange(SUBVOXELS) + 0.5) / SUBVOXELS - 0.5
    for k in range(box[2].start, box[2].stop):
        for shift in np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3):
            result[k, box[1], box[0]] += _sampled(field, grid, box, k, tuple(shift.tolist())) > 0
    return result / np.float32(SUBVOXELS**3)


def _pixel(grid: Grid) -> float:
    """Of the field's raster, mm.

    Where edges run between voxels, all four pixels around a voxel centre are on its side of them, in corners too.
    """
    return min(grid.spacing_mm) / 2


def _box(field: StackField, grid: Grid) -> tuple[slice, slice, slice]:
    """Columns, rows and slices of the grid that the field can reach."""
    index = grid.to_index(field.corners_lps_mm())
    limits = np.array(grid.shape[::-1])
    first = np.clip(np.floor(index.min(axis=0)) - 1, 0, limits).astype(int)
    last = np.clip(np.ceil(index.max(axis=0)) + 2, 0, limits).astype(int)
    # On a tilted grid rows and columns shift from slice to slice, and straight lines between corners bend.
    if not grid.regular:
        first[:2], last[:2] = 0, limits[:2]
    i, j, k = (slice(int(a), max(int(a), int(b))) for a, b in zip(first, last, strict=True))
    return i, j, k


def _sampled(
    field: StackField, grid: Grid, box: tuple[slice, slice, slice], k: int, shift: tuple[float, float, float]
) -> NDArray[np.float32]:
    """The field at the voxel centres of one slice, moved by parts of a voxel (i, j, k)."""
    i = np.arange(box[0].start, box[0].stop) + shift[0]
    j = np.arange(box[1].start, box[1].stop) + shift[1]
    index = np.stack(np.broadcast_arrays(i[None, :], j[:, None], np.float64(k + shift[2])), axis=-1)
    points = grid.to_patient(index)
    from scipy.ndimage import map_coordinates  # noqa: PLC0415  (takes a tenth of a second to load, and few need it)

    plane = field.plane
    columns = (points @ plane.u - field.corner_mm[0]) / field.pixel_mm
    rows = (points @ plane.v - field.corner_mm[1]) / field.pixel_mm
    # The body's lower end belongs to it, the upper one doesn't, as for slabs: of two that meet one has the voxel.
    heights = points @ plane.normal + BOUND_MM
    layers = np.interp(
        heights, field.heights_mm, np.arange(len(field.heights_mm)), left=-1, right=len(field.heights_mm)
    )
    where = np.stack([layers, rows, columns])
    return np.asarray(map_coordinates(field.values, where, order=1, mode="constant", cval=-1.0))
