"""Boolean operations, margins and the like on ROIs of a volume; contours in, contours out.

Contours are combined as contours where both ROIs' planes agree. All else goes through masks on the volume's grid, and
comes back as outlines that give the same masks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.mask_structures import contours_of
from rtvis.dicom.image_references import image_references
from rtvis.geometry import distance_volumes
from rtvis.geometry.set_operations import combined, planes_agree
from rtvis.geometry.slabs import BOUND_MM
from rtvis.model.errors import InputError, UsageError
from rtvis.model.masks import roi_mask, roi_stacks
from rtvis.model.structure_set import Contour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.distance_volumes import Margins
    from rtvis.geometry.grid import Grid
    from rtvis.geometry.plane import Plane
    from rtvis.model.structure_set import Roi
    from rtvis.model.volume import VolumeHeader

OPERATIONS = ("union", "intersection", "difference", "xor")


def combined_contours(one: Roi, other: Roi, operation: str, volume: VolumeHeader) -> tuple[Contour, ...]:
    """Contours of the union, intersection, difference (`one` without `other`) or exclusive or of two ROIs.

    Args:
        one: its closed planar contours count.
        other: likewise.
        operation: one of `OPERATIONS`.
        volume: the images; on its grid ROIs are combined whose planes differ.

    Raises:
        UsageError: for another operation.
    """
    if operation not in OPERATIONS:
        raise UsageError(f"no operation {operation!r}", remedy=f"use one of {', '.join(OPERATIONS)}")
    first, second = roi_stacks(one, volume.grid).stacks, roi_stacks(other, volume.grid).stacks
    if len(first) == len(second) == 1 and planes_agree(first[0], second[0]):
        curves = combined(first[0], second[0], operation)
        made = [Contour.drawn(curve, closed=True) for curve in curves]
        return tuple(replace(part, images=image_references(part.points_lps, volume)) for part in made)
    mine, theirs = _mask(one, volume.grid), _mask(other, volume.grid)
    if operation == "union":
        result = mine | theirs
    elif operation == "intersection":
        result = mine & theirs
    else:
        result = mine & ~theirs if operation == "difference" else mine ^ theirs
    return contours_of(result, volume)


def contours_with_margins(
    roi: Roi, margins: Margins, volume: VolumeHeader, *, inwards: bool = False
) -> tuple[Contour, ...]:
    """Contours of an ROI grown by margins in patient mm along the volume's axes, or shrunk by them.

    Raises:
        InputError: when the volume's slices are uneven or tilted: a margin needs axes at right angles.
    """
    spacing = _even(volume.grid)
    mask = _mask(roi, volume.grid)
    grow = distance_volumes.shrunk if inwards else distance_volumes.grown
    return contours_of(grow(mask, spacing, margins), volume)


def ring_contours(roi: Roi, inwards_mm: float, outwards_mm: float, volume: VolumeHeader) -> tuple[Contour, ...]:
    """Contours of the rind of an ROI; see `contours_with_margins` for errors."""
    return contours_of(
        distance_volumes.ring(_mask(roi, volume.grid), _even(volume.grid), inwards_mm, outwards_mm), volume
    )


def smoothed_contours(roi: Roi, width_mm: float, volume: VolumeHeader) -> tuple[Contour, ...]:
    """Contours of an ROI smoothed in three dimensions; see `contours_with_margins` for errors."""
    return contours_of(distance_volumes.smoothed(_mask(roi, volume.grid), _even(volume.grid), width_mm), volume)


def clipped_contours(roi: Roi, plane: Plane, volume: VolumeHeader) -> tuple[Contour, ...]:
    """Contours of the part of an ROI on the side of a plane that its normal points to."""
    grid = volume.grid
    return contours_of(
        distance_volumes.clipped(_mask(roi, grid), grid.affine_lps, grid.slice_origins_lps_mm, plane), volume
    )


def interpolated_contours(roi: Roi, volume: VolumeHeader) -> tuple[Contour, ...]:
    """Contours for the slices between an ROI's contour planes, and on slices that contours of other planes cross."""
    grid = volume.grid
    mask = _mask(roi, grid)
    drawn = [
        height
        for stack in roi_stacks(roi, grid).stacks
        if abs(float(stack.plane.normal @ grid.normal)) > 1 - 1e-9
        for height in (stack.positions_mm * np.sign(float(stack.plane.normal @ grid.normal))).tolist()
    ]
    for k, height in enumerate(grid.slice_distances_mm.tolist()):
        if any(abs(height - one) <= 0.1 * grid.spacing_mm[0] + BOUND_MM for one in drawn):
            mask[k] = False
    return contours_of(mask, volume)


def _mask(roi: Roi, grid: Grid) -> NDArray[np.bool_]:
    mask = roi_mask(roi, grid).mask
    return np.zeros(grid.shape, dtype=bool) if mask is None else mask


def _even(grid: Grid) -> tuple[float, float, float]:
    if not grid.regular:
        what = "the images' slices are uneven or tilted, and distances in three dimensions need an even grid"
        raise InputError(what, remedy="resample the images, and draw on the copy")
    return grid.spacing_mm
