"""Numbers of masks: voxel volumes, overlap, distances between surfaces, values inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid

MOST_BINS = 1_000_000
"""More would be one for each value."""


@dataclass(frozen=True, slots=True)
class SurfaceDistances:
    """How far two surfaces are apart, mm; each way taken together.

    Attributes:
        mean: of all surface voxels of both.
        percentile_95: likewise.
        hausdorff: the largest.
    """

    mean: float
    percentile_95: float
    hausdorff: float


@dataclass(frozen=True, slots=True)
class ValueStatistics:
    """Values of voxels inside: mean, standard deviation (of the voxels themselves, not of a sample), extremes."""

    mean: float
    std: float
    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values there are from `start` on in each bin of `width`; a value on an edge is in the bin above it."""

    start: float
    width: float
    counts: tuple[int, ...]


def slice_volumes_mm3(grid: Grid) -> NDArray[np.float64]:
    """What one voxel of each slice takes up, ``(slices,)`` mm³: pixel area times half the way to both neighbours."""
    area = float(np.linalg.norm(np.cross(grid.affine_lps[:3, 0], grid.affine_lps[:3, 1])))
    gaps = np.abs(np.diff(grid.slice_distances_mm))
    if not len(gaps):
        return np.array([area * grid.spacing_mm[0]])
    thickness = (np.append(gaps[0], gaps) + np.append(gaps, gaps[-1])) / 2
    return np.asarray(area * thickness)


def voxel_volume_mm3(mask: NDArray[np.bool_], grid: Grid) -> float:
    """The volume of a mask's voxels, mm³."""
    counts = [np.count_nonzero(one) for one in mask]  # slices without voxels aren't copied, nor even touched
    return float(np.array(counts) @ slice_volumes_mm3(grid))


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice's coefficient of two masks: 1 for equal ones (two empty ones too), 0 for those apart."""
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else 1.0


def surface_points_mm(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.float64]:
    """Middles of the faces between voxels inside and outside, ``(n, 3)`` LPS mm; the grid's outer faces are some."""
    slices = np.flatnonzero(mask.reshape(len(mask), -1).any(axis=1))
    if not len(slices):
        return np.empty((0, 3))
    first = int(slices[0])
    inner = np.pad(mask[first : int(slices[-1]) + 1], 1)
    faces = []
    for axis in range(3):
        ahead = [slice(None)] * 3
        behind = [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        found = np.argwhere(inner[tuple(ahead)] != inner[tuple(behind)]).astype(np.float64)
        found[:, axis] += 0.5
        faces.append(found)
    index = np.concatenate(faces)[:, ::-1] - 1.0
    index[:, 2] += first
    return grid.to_patient(index)


def surface_distances(one: NDArray[np.bool_], other: NDArray[np.bool_], grid: Grid) -> SurfaceDistances | None:
    """Distances between the surfaces of two masks on any grid; None when one of them is empty."""
    first, second = surface_points_mm(one, grid), surface_points_mm(other, grid)
    if not (len(first) and len(second)):
        return None
    distances = np.concatenate(
        [scipy.spatial.KDTree(second).query(first)[0], scipy.spatial.KDTree(first).query(second)[0]]
    )
    return SurfaceDistances(float(distances.mean()), float(np.percentile(distances, 95)), float(distances.max()))


def value_statistics(values: NDArray[np.generic]) -> ValueStatistics | None:
    """Of values ``(n,)``; None without any."""
    if not values.size:
        return None
    numbers = values.astype(np.float64)
    return ValueStatistics(float(numbers.mean()), float(numbers.std()), float(numbers.min()), float(numbers.max()))


def histogram(values: NDArray[np.generic], width: float) -> Histogram | None:
    """Counts of values ``(n,)`` in bins of equal width, in the values' units; None without any.

    Bins begin at whole multiples of the width, so that those of several ROIs are the same ones.

    Raises:
        ValueError: when the width isn't positive, or makes more than `MOST_BINS` bins.
    """
    if not width > 0:
        raise ValueError(f"bins need a positive width, not {width:g}")
    if not values.size:
        return None
    place = np.floor(values.astype(np.float64) / width)
    first, bins = place.min(), place.max() - place.min() + 1
    if not bins <= MOST_BINS:
        raise ValueError(f"bins of {width:g} would be {bins:.3g} ones; at most {MOST_BINS} are counted")
    counts = np.bincount((place - first).astype(np.intp))
    return Histogram(float(first) * width, width, tuple(counts.tolist()))
