"""Numbers of ROIs: volume by contours and by voxels, where it is, how large, and the values inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import Histogram, ValueStatistics, histogram, value_statistics, voxel_volume_mm3
from rtvis.geometry.polyline import length_mm
from rtvis.geometry.regions import region_of
from rtvis.geometry.slabs import slab_bounds
from rtvis.model.masks import roi_mask, roi_stacks, volume_problems
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

UNION_VOXELS = 200
"""Across the longest side of an ROI whose contours are in several orientations: what they share must not count twice,
so that its volume is counted in voxels of its own."""

THICKNESS_UNKNOWN = "thickness-unknown"
"""Code of the problem of an ROI with areas that has no volume."""


@dataclass(frozen=True, slots=True)
class RoiStatistics:
    """Numbers of one ROI; what it doesn't have is None.

    Attributes:
        volume_cc: area times thickness of its contours (`rtvis.geometry.slabs`); None where nothing tells how thick
            they are: of a plane alone without images, and of single planes across each other.
        voxel_volume_cc: of the voxels whose centre is inside; with images only.
        centroid_lps_mm: of the body for an ROI with volume, of its points for another.
        extent_mm: along x, y, z, likewise.
        area_mm2: of all its contours together.
        length_mm: of its open curves, and of closed ones in no plane, together.
        values: of the voxels inside; with images only.
        histogram: likewise, where it was asked for.
        problems: what has no volume or counts in another way.
    """

    number: int
    name: str
    volume_cc: float | None
    voxel_volume_cc: float | None
    centroid_lps_mm: tuple[float, float, float] | None
    extent_mm: tuple[float, float, float] | None
    area_mm2: float | None
    length_mm: float | None
    values: ValueStatistics | None
    histogram: Histogram | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """What one stack of contours encloses: mm³, mm², first moment (mm⁴), and the corners of its slabs."""

    volume: float
    area: float
    moment: NDArray[np.float64]
    corners: NDArray[np.float64]


def statistics(
    structure_set: StructureSet,
    volume: VolumeHeader | None = None,
    *,
    bin_width: float | None = None,
    report: Report = no_report,
) -> list[RoiStatistics]:
    """Numbers of all ROIs, in the set's order.

    Args:
        structure_set: its ROIs.
        volume: the images, for voxel figures; values need a `Volume`, with its voxels. The set's own volume tells how
            thick a single plane is where no images are given.
        bin_width: of histograms, in the volume's units; none are made when None.
        report: told (ROIs done, ROIs in all).

    Raises:
        ValueError: as `rtvis.geometry.measures.histogram`.
    """
    header = volume or structure_set.volume
    single = header.grid.spacing_mm[0] if header is not None else None
    result = []
    for done, roi in enumerate(structure_set.rois):
        report(done, len(structure_set.rois))
        result.append(roi_statistics(roi, volume, single_mm=single, bin_width=bin_width))
    report(len(structure_set.rois), len(structure_set.rois))
    return result


def roi_statistics(
    roi: Roi,
    volume: VolumeHeader | None = None,
    *,
    single_mm: float | None = None,
    bin_width: float | None = None,
) -> RoiStatistics:
    """Numbers of one ROI.

    Args:
        roi: the ROI.
        volume: the images, or None.
        single_mm: thickness of a plane without neighbours; without it the volume of such a plane is not known.
        bin_width: of the histogram, in the volume's units; none is made when None.

    Raises:
        ValueError: as `rtvis.geometry.measures.histogram`.
    """
    grid = None if volume is None else volume.grid
    if single_mm is None and grid is not None:
        single_mm = grid.spacing_mm[0]
    stacks = roi_stacks(roi, grid)
    unknown = _thickness_problems(roi, stacks.stacks, single_mm)
    known = bool(stacks.stacks) and not any(one.code == THICKNESS_UNKNOWN for one in unknown)
    bodies = [_body(stack, single_mm if single_mm is not None else 1.0) for stack in stacks.stacks]
    problems = tuple(volume_problems(roi, stacks))
    volume_mm3 = sum(one.volume for one in bodies)
    centroid, extent = _of_points(roi)
    if bodies:
        corners = np.concatenate([one.corners for one in bodies])
        extent = np.ptp(corners, axis=0)
        if volume_mm3 > 0:
            centroid = np.sum([one.moment for one in bodies], axis=0) / volume_mm3
        if len(bodies) > 1 and known:
            volume_mm3, centroid = _united(roi, corners, single_mm)
    voxel_mm3, values, bins = None, None, None
    if volume is not None and (mask := roi_mask(roi, volume.grid)).mask is not None:
        voxel_mm3 = voxel_volume_mm3(mask.mask, volume.grid)
        inside = values_inside(volume, mask.mask)
        values = value_statistics(inside)
        bins = None if bin_width is None else histogram(inside, bin_width)
        problems = mask.problems
    return RoiStatistics(
        roi.number,
        roi.name,
        volume_mm3 / 1000 if known else None,
        None if voxel_mm3 is None else voxel_mm3 / 1000,
        _triple(centroid),
        _triple(extent),
        sum(one.area for one in bodies) if bodies else None,
        _length_mm(roi, stacks.without_plane),
        values,
        bins,
        (*problems, *unknown),
    )


def _thickness_problems(roi: Roi, stacks: Sequence[ClosedStack], single_mm: float | None) -> list[Problem]:
    """That planes of contours are alone in their orientation: none tells by its neighbours how thick it is."""
    alone = [one for one in stacks if len(one.positions_mm) == 1]
    first = min((int(one.curves.min()) for one in alone), default=None)
    if not alone or (len(stacks) == 1 and single_mm is not None):
        return []
    if len(alone) == len(stacks) > 1:
        message = f"no volume: single planes in {len(stacks)} orientations tell no thickness"
        return [Problem(THICKNESS_UNKNOWN, message, roi.number, first)]
    planes = "a plane is alone in its orientation" if len(alone) == 1 else f"{len(alone)} planes are alone in theirs"
    if single_mm is None:
        message = f"no volume: {planes}, and there are no images to tell how thick it is"
        return [Problem(THICKNESS_UNKNOWN, message, roi.number, first)]
    return [Problem("thickness-assumed", f"{planes}: counted {single_mm:g} mm thick, as images are", roi.number, first)]


def values_inside(volume: VolumeHeader, mask: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Values (in the volume's units) of the voxels of a mask, ``(n,)``; none of a header without voxels."""
    if not isinstance(volume, Volume):
        return np.empty(0, dtype=np.float32)
    slopes, intercepts = (one.astype(volume.values_dtype) for one in volume.slice_rescales)
    parts = [np.empty(0, dtype=volume.values_dtype)]
    for k, stored in enumerate(volume.voxels):
        inside = stored[mask[k]]
        if len(inside):
            parts.append(inside.astype(volume.values_dtype) * slopes[k] + intercepts[k])
    return np.concatenate(parts)


def _body(stack: ClosedStack, single_mm: float) -> _Body:
    lower, upper = slab_bounds(stack.positions_mm, single_mm)
    plane, loops = stack.plane, stack.loops
    volume, area, moment = 0.0, 0.0, np.zeros(3)
    for layer in range(len(stack.positions_mm)):
        region = region_of(loops, layer)
        if region.is_empty:
            continue
        part = float(region.area) * float(upper[layer] - lower[layer])
        middle = np.array([region.centroid.x, region.centroid.y])
        height = float(lower[layer] + upper[layer]) / 2
        moment += part * (plane.to_patient(middle) + height * plane.normal)
        volume, area = volume + part, area + float(region.area)
    layers = np.repeat(loops.layers, loops.sizes)
    flat = plane.to_patient(loops.points)
    corners = np.concatenate([flat + bound[layers][:, None] * plane.normal for bound in (lower, upper)])
    return _Body(volume, area, moment, corners)


def _united(roi: Roi, corners: NDArray[np.float64], single_mm: float | None) -> tuple[float, NDArray[np.float64]]:
    """Volume (mm³) and centroid of contours in several orientations, from voxels of their own."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    step = max(float(np.max(high - low)) / UNION_VOXELS, 0.1)
    columns, rows, slices = (int(n) + 3 for n in np.ceil((high - low) / step))
    origins = low - step + np.arange(slices)[:, None] * np.array([0.0, 0.0, step])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (step, step), (rows, columns))
    mask = roi_mask(roi, grid, single_mm).mask
    assert mask is not None
    inside = np.argwhere(mask)[:, ::-1]
    centroid = grid.to_patient(inside.mean(axis=0)) if len(inside) else (low + high) / 2
    return len(inside) * step**3, centroid


def _length_mm(roi: Roi, without_plane: tuple[int, ...]) -> float | None:
    """Of curves that enclose no area: open ones, and closed ones in no plane; a point has no length."""
    lengths = [
        length_mm(one.points_lps, closed=one.is_closed)
        for index, one in enumerate(roi.contours)
        if len(one.points_lps) > 1 and (not one.is_closed or index in without_plane)
    ]
    return sum(lengths) if lengths else None


def _of_points(roi: Roi) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    arrays = [one.points_lps for one in roi.contours if len(one.points_lps)]
    if not arrays:
        return None, None
    points = np.concatenate(arrays)
    return points.mean(axis=0), np.ptp(points, axis=0)


def _triple(values: NDArray[np.float64] | None) -> tuple[float, float, float] | None:
    if values is None:
        return None
    x, y, z = (float(one) for one in values)
    return x, y, z
