"""ROIs on the voxels of a volume: masks, one for each ROI, and what in it has no volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.close_planes import CLOSE_MM
from rtvis.geometry.closed_stacks import ClosedStack, ClosedStacks, closed_stacks
from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.geometry.oblique_raster import fill_oblique, oblique_occupancy
from rtvis.geometry.plane import Plane
from rtvis.geometry.rasterise import empty_mask
from rtvis.geometry.stack_raster import fill_stack, stack_occupancy
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.structure_set import XOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

THREADS = 2
"""ROIs are filled side by side: most of the time goes into numpy, which lets go of the interpreter."""

DENSE = 0.3
"""Of the rows of a slice: masks that touch more take whole memory pages all the same."""

LAYER_SHARE = 0.25
"""Of the smallest slice gap: contours farther apart than this are in planes of their own, on the finest grid too."""


@dataclass(frozen=True, slots=True, eq=False)
class RoiMask:
    """An ROI on a grid.

    Attributes:
        mask: ``grid.shape`` bool, or None for an ROI without closed planar contours.
        problems: contours without volume, joined ones, repeated ones, those outside the grid.
    """

    mask: NDArray[np.bool_] | None
    problems: tuple[Problem, ...]


def roi_stacks(roi: Roi, grid: Grid | None = None) -> ClosedStacks:
    """The closed curves of an ROI in stacks of parallel planes; indices are those of its contours.

    Curves count as closed as `Contour.is_closed` says. Stacks parallel to the slices of `grid` take its directions.
    """
    closed = [n for n, one in enumerate(roi.contours) if one.is_closed]
    prefer, tolerance, layer, close = None, 0.0, LAYER_TOLERANCE_MM, CLOSE_MM
    if grid is not None:
        normal, row = grid.normal, grid.row_direction
        prefer = Plane(np.zeros(3), row, np.cross(normal, row))
        tolerance = grid.spacing_mm[0] / 2
        layer, close = (min(one, LAYER_SHARE * grid.least_gap_mm) for one in (layer, close))
    found = closed_stacks(
        [roi.contours[n].points_lps for n in closed],
        [roi.contours[n].geometric_type in XOR_TYPES for n in closed],
        prefer,
        max(tolerance, LAYER_TOLERANCE_MM),
        layer,
        close_mm=close,
    )
    number = np.array(closed, dtype=np.intp)

    def named(indices: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(number[list(indices)].tolist())

    return ClosedStacks(
        tuple(
            ClosedStack(one.plane, one.loops, one.heights_mm, one.positions_mm, number[one.curves])
            for one in found.stacks
        ),
        named(found.repeats),
        named(found.without_plane),
        named(found.without_area),
    )


def roi_mask(roi: Roi, grid: Grid, single_mm: float | None = None) -> RoiMask:
    """The voxels whose centre is inside an ROI.

    Stacks of contours parallel to the slices follow `rtvis.geometry.stack_raster`, others
    `rtvis.geometry.oblique_raster`; contours of different stacks are united.

    Args:
        roi: its closed planar contours count.
        grid: any.
        single_mm: thickness of a plane that is alone; the gap between the grid's slices when None.
    """
    stacks = roi_stacks(roi, grid)
    problems = volume_problems(roi, stacks)
    if not stacks.stacks:
        return RoiMask(None, tuple(problems))
    mask: NDArray[np.bool_] | None = None
    for stack in stacks.stacks:
        own = empty_mask(grid.shape, dense=_rows_touched(stack, grid) > DENSE)
        if _is_parallel(stack, grid):
            fill_stack(stack, grid, own, single_mm)
        else:
            fill_oblique(stack, grid, own, single_mm)
        if mask is None:
            mask = own
        else:
            mask |= own
    assert mask is not None
    problems += _outside(roi, stacks, grid)
    return RoiMask(mask, tuple(problems))


def roi_occupancy(roi: Roi, grid: Grid) -> NDArray[np.float32] | None:
    """The share of each voxel that an ROI takes up, ``grid.shape`` float32; None without closed planar contours."""
    stacks = roi_stacks(roi, grid).stacks
    if not stacks:
        return None
    result = np.zeros(grid.shape, dtype=np.float32)
    for stack in stacks:
        share = stack_occupancy(stack, grid) if _is_parallel(stack, grid) else oblique_occupancy(stack, grid)
        np.maximum(result, share, out=result)
    return result


def masks(
    structure_set: StructureSet, volume: VolumeHeader, report: Report = no_report
) -> dict[str, NDArray[np.bool_]]:
    """Masks of all ROIs that have closed planar contours.

    Args:
        structure_set: its ROIs.
        volume: on whose grid; not necessarily the one the set was matched to.
        report: told (ROIs done, ROIs in all).

    Returns:
        ROI name (made unique as `StructureSet.unique_names` does) to ``(slices, rows, columns)`` bool. Memory is taken
        only for the parts of a mask that hold something.
    """
    names = structure_set.unique_names()
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [(roi, pool.submit(roi_mask, roi, volume.grid)) for roi in structure_set.rois]
        result: dict[str, NDArray[np.bool_]] = {}
        try:
            for done, (roi, future) in enumerate(waiting):
                report(done, len(waiting))
                mask = future.result().mask
                if mask is not None:
                    result[names[roi.number]] = mask
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    report(len(waiting), len(waiting))
    return result


def volume_problems(roi: Roi, stacks: ClosedStacks) -> list[Problem]:
    """What of an ROI has no volume, or not the volume its contours have one by one."""
    problems: list[Problem] = []

    def tell(code: str, count: int, what: str, names: tuple[str, str], contours: Sequence[int] = ()) -> None:
        if count:
            message = what.format(f"{count} {names[count > 1]}")
            problems.append(Problem(code, message, roi.number, min(contours, default=None)))

    unclosed = [one for one in roi.contours if not one.is_closed]
    points = sum(len(one.points_lps) == 1 or one.geometric_type == "POINT" for one in unclosed)
    still_open = len(unclosed) - points
    tell("point-without-volume", points, "{} no volume", ("point has", "points have"))
    tell("open-without-volume", still_open, "{} no volume", ("open contour has", "open contours have"))
    closed = ("closed contour", "closed contours")
    flat, curved, again = stacks.without_area, stacks.without_plane, stacks.repeats
    tell("contour-without-area", len(flat), "{} without area", closed, flat)
    tell("contour-without-plane", len(curved), "{} in no plane, without volume", closed, curved)
    tell("repeated-contour", len(again), "{} drawn before, and counted once", closed, again)
    overlapping = [int(one) for stack in stacks.stacks for one in stack.curves[stack.loops.overlapping]]
    what = "{} partly over others on their plane, and joined with them"
    tell("overlapping-contours", len(overlapping), what, closed, overlapping)
    return problems


def _rows_touched(stack: ClosedStack, grid: Grid) -> float:
    """The share of a slice's rows that the box of a stack spans."""
    rows = grid.to_index(stack.corners_lps_mm())[:, 1]
    return float(np.ptp(np.clip(rows, 0, grid.shape[1]))) / grid.shape[1]


def _is_parallel(stack: ClosedStack, grid: Grid) -> bool:
    """Whether `roi_stacks` gave the stack the grid's own normal."""
    return bool(np.abs(stack.plane.normal @ grid.normal) > 1 - 1e-12)


def _outside(roi: Roi, stacks: ClosedStacks, grid: Grid) -> list[Problem]:
    """Contours beyond one side of the grid; one that goes around all of it is none of them."""
    if all(grid.contains(stack.corners_lps_mm()).all() for stack in stacks.stacks):
        return []
    outside = [
        int(one) for stack in stacks.stacks for one in stack.curves if _is_beyond(roi.contours[one].points_lps, grid)
    ]
    if not outside:
        return []
    what = f"{len(outside)} contour{'s'[: len(outside) > 1]} outside the images"
    return [Problem("contour-outside-images", what, roi.number, outside[0])]


def _is_beyond(points_lps_mm: NDArray[np.float64], grid: Grid) -> bool:
    """Whether points are all beyond one side of the outer faces of the voxels."""
    index = grid.to_index(points_lps_mm)
    limits = np.array(grid.shape[::-1]) - 0.5
    return bool(np.any(np.all(index < -0.5, axis=0) | np.all(index > limits, axis=0)))
