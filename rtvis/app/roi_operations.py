"""Boolean operations, margins and the like on ROIs of a volume; contours in, contours out.

Contours are combined as contours where both ROIs' planes agree. All else goes through masks on the volume's grid, and
comes back as outlines that give the same masks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.contour_planes import references_near, with_known_gap
from rtvis.app.mask_structures import contours_of
from rtvis.geometry import distance_volumes
from rtvis.geometry.body_lattice import BodyLattice
from rtvis.geometry.distance_volumes import Margins
from rtvis.geometry.set_operations import combined, planes_agree
from rtvis.geometry.voxel_spread import kept, spread
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_mask, roi_stacks
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.contour_planes import EditGround
    from rtvis.geometry.grid import Grid
    from rtvis.geometry.plane import Plane
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi

OPERATIONS = ("union", "intersection", "difference", "xor")

OUTLINE_DECIMALS = 4
"""Of mm, in which contours that were saved are compared with outlines of voxels."""


def combined_contours(
    one: Roi, other: Roi, operation: str, ground: EditGround, report: Report = no_report
) -> tuple[Contour, ...]:
    """Contours of the union, intersection, difference (`one` without `other`) or exclusive or of two ROIs.

    Args:
        one: its closed planar contours count.
        other: likewise.
        operation: one of `OPERATIONS`.
        ground: the images, or the planes of contours without any; on its grid ROIs are combined whose planes differ.
        report: told (planes done, planes in all), or of three steps where it is done on the grid.

    Raises:
        UsageError: for another operation, and where nothing tells how far slices are apart that it needs.
    """
    if operation not in OPERATIONS:
        raise UsageError(f"no operation {operation!r}", remedy=f"use one of {', '.join(OPERATIONS)}")
    first, second = roi_stacks(one, ground.grid).stacks, roi_stacks(other, ground.grid).stacks
    if len(first) == len(second) == 1 and planes_agree(first[0], second[0]):
        curves = combined(first[0], second[0], operation, report)
        made = [Contour.drawn(curve, closed=True) for curve in curves]
        return tuple(replace(part, images=references_near(ground, part.points_lps)) for part in made)
    ground = with_known_gap(ground)
    report(0, 3)
    mine = _mask(one, ground.grid)
    report(1, 3)
    theirs = _mask(other, ground.grid)
    report(2, 3)
    if operation == "union":
        result = mine | theirs
    elif operation == "intersection":
        result = mine & theirs
    else:
        result = mine & ~theirs if operation == "difference" else mine ^ theirs
    return contours_of(result, ground)


def contours_with_margins(
    roi: Roi, margins: Margins, ground: EditGround, *, inwards: bool = False, report: Report = no_report
) -> tuple[Contour, ...]:
    """Contours of an ROI grown by margins in patient mm along the rows, columns and normal of the slices, or shrunk.

    What is grown or shrunk is the body of the contours, finer than voxels (`rtvis.geometry.body_lattice`), and grown at
    least to the voxels whose centres are within the margins of others' (`rtvis.geometry.voxel_spread`). Contours that
    are the outlines of voxels, as these operations give them, know nothing finer than voxels, and are shrunk by voxel
    centres: from the last voxel inside it is the margin, or a little more, to the first one that stays out. So a margin
    out and in again contains the voxels of the ROI on every grid.

    Args:
        roi: its closed planar contours count.
        margins: 0 mm or more in each direction.
        ground: the images, or the planes of contours without any.
        inwards: shrink: each side of the body moves inwards by its margin.
        report: told (layers done, layers in all).
    """
    return contours_of(_moved(roi, margins, ground, inwards=inwards, report=report), ground)


def ring_contours(
    roi: Roi, inwards_mm: float, outwards_mm: float, ground: EditGround, report: Report = no_report
) -> tuple[Contour, ...]:
    """Contours of the rind of an ROI, on any grid as `contours_with_margins`; a negative way out shrinks."""
    if inwards_mm < 0:
        raise UsageError(f"a ring can't reach {-inwards_mm:g} mm less than inwards", remedy="use 0 mm or more")
    grid, mask = ground.grid, _mask(roi, ground.grid)
    stacks = roi_stacks(roi, grid).stacks
    first, second = _halves(report)
    if outwards_mm < 0 or not stacks or _is_outline(roi, mask, ground):
        outer = _moved(roi, Margins.uniform(abs(outwards_mm)), ground, inwards=outwards_mm < 0, report=first)
        inner = _moved(roi, Margins.uniform(inwards_mm), ground, inwards=True, report=second)
        return contours_of(outer & ~inner, ground)
    # One lattice serves both sides.
    lattice = BodyLattice(stacks, grid, [(max(inwards_mm, outwards_mm),) * 2] * 3, mask, report=first)
    outer = lattice.grown(Margins.uniform(outwards_mm), first) if outwards_mm else mask
    inner = lattice.shrunk(Margins.uniform(inwards_mm), second) if inwards_mm else mask
    return contours_of((outer | mask) & ~(inner & mask), ground)


def smoothed_contours(roi: Roi, width_mm: float, ground: EditGround, report: Report = no_report) -> tuple[Contour, ...]:
    """Contours of an ROI smoothed in three dimensions, on any grid as `contours_with_margins`."""
    grid = ground.grid
    stacks = roi_stacks(roi, grid).stacks
    if grid.regular or not stacks or width_mm <= 0:
        return contours_of(distance_volumes.smoothed(_mask(roi, grid), grid.spacing_mm, width_mm, report), ground)
    lattice = BodyLattice(stacks, grid, [(2 * width_mm, 2 * width_mm)] * 3, report=report)
    return contours_of(lattice.smoothed(width_mm, report), ground)


def clipped_contours(roi: Roi, plane: Plane, ground: EditGround) -> tuple[Contour, ...]:
    """Contours of the part of an ROI on the side of a plane that its normal points to."""
    grid = ground.grid
    return contours_of(
        distance_volumes.clipped(_mask(roi, grid), grid.affine_lps, grid.slice_origins_lps_mm, plane), ground
    )


def _mask(roi: Roi, grid: Grid) -> NDArray[np.bool_]:
    mask = roi_mask(roi, grid).mask
    return np.zeros(grid.shape, dtype=bool) if mask is None else mask


def _moved(
    roi: Roi, margins: Margins, ground: EditGround, *, inwards: bool, report: Report = no_report
) -> NDArray[np.bool_]:
    """The mask of an ROI grown or shrunk, on any grid."""
    grid = ground.grid
    mask = _mask(roi, grid)
    stacks = roi_stacks(roi, grid).stacks
    if not stacks or not any(margins.along("ijk")):
        return mask
    sizes = [margins.along(axis) for axis in "kji"]
    if not inwards:
        lattice = BodyLattice(stacks, grid, sizes, mask, report=report)
        grown = lattice.grown(margins, report)
        return grown | (mask if lattice.holds_voxels else spread(mask, grid, margins, report))
    if _is_outline(roi, mask, ground):
        return kept(mask, grid, margins, report)
    return mask & BodyLattice(stacks, grid, sizes, mask, outwards=False, report=report).shrunk(margins, report)


def _halves(report: Report) -> tuple[Report, Report]:
    """Reports of the first and the second half of work."""
    return lambda done, total: report(done, 2 * total), lambda done, total: report(done + total, 2 * total)


def _is_outline(roi: Roi, mask: NDArray[np.bool_], ground: EditGround) -> bool:
    """Whether an ROI's closed contours are those that its mask has."""
    own = [one.points_lps for one in roi.contours if one.is_closed]
    made = [one.points_lps for one in contours_of(mask, ground)]
    if sum(map(len, own)) != sum(map(len, made)):
        return False
    first, second = (np.unique(np.round(np.concatenate(part), OUTLINE_DECIMALS), axis=0) for part in (own, made))
    return first.shape == second.shape and np.allclose(first, second, atol=2 * 10.0**-OUTLINE_DECIMALS)
