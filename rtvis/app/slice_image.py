"""The image that a view's plane shows, as numbers: for tools that follow edges or values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from rtvis.geometry.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.model.volume import Volume

MOST_PIXELS = 4096
"""Of a plane to a side; one that reaches further is sampled more coarsely."""


@dataclass(frozen=True, slots=True, eq=False)
class SliceImage:
    """Values on a plane, at the centres of pixels.

    Attributes:
        values: ``(rows, columns)`` float32 in the volume's units; NaN outside the volume.
        plane: rows go along its `v`, columns along its `u`.
        first_mm: in-plane coordinates of the centre of pixel (0, 0).
        pixel_mm: between columns, between rows (along u, along v).
    """

    values: NDArray[np.float32]
    plane: Plane
    first_mm: tuple[float, float]
    pixel_mm: tuple[float, float]

    def pixel_at(self, point_lps: ArrayLike) -> tuple[int, int]:
        """Row and column of the pixel that a patient point ``(3,)`` is in; it may be outside the image."""
        u, v = self.plane.to_plane(point_lps)
        column, row = (u - self.first_mm[0]) / self.pixel_mm[0], (v - self.first_mm[1]) / self.pixel_mm[1]
        return int(np.floor(row + 0.5)), int(np.floor(column + 0.5))

    def contains(self, row: int, column: int) -> bool:
        """Whether there is such a pixel, and it has a value."""
        rows, columns = self.values.shape
        return 0 <= row < rows and 0 <= column < columns and bool(np.isfinite(self.values[row, column]))

    def coordinates(self, rows: ArrayLike, columns: ArrayLike) -> NDArray[np.float64]:
        """In-plane coordinates ``(n, 2)`` mm of (fractional) pixels."""
        u = self.first_mm[0] + np.asarray(columns, dtype=np.float64) * self.pixel_mm[0]
        v = self.first_mm[1] + np.asarray(rows, dtype=np.float64) * self.pixel_mm[1]
        return np.stack([u, v], axis=-1)


def slice_image(volume: Volume, plane: Plane) -> SliceImage:
    """The values of a volume on a plane, its pixels as large as the voxels are along the plane's directions.

    Where the plane is a slice of the volume, pixel centres are voxel centres and values those of the voxels. Elsewhere
    they are interpolated linearly.
    """
    grid = volume.grid
    flat = plane.to_plane(grid.corners_lps_mm())
    low, high = flat.min(axis=0), flat.max(axis=0)
    sizes = [_spacing(volume, direction) for direction in (plane.u, plane.v)]
    sizes = [max(size, float(span) / MOST_PIXELS) for size, span in zip(sizes, high - low, strict=True)]
    # Pixels are laid so that the first voxel of the slice that is nearest to the plane is in the middle of one.
    k = int(np.argmin(np.abs(plane.distances_mm(grid.slice_origins_lps_mm))))
    anchor = plane.to_plane(grid.slice_origins_lps_mm[k])
    first = [float(a - np.floor((a - lo) / size) * size) for a, lo, size in zip(anchor, low, sizes, strict=True)]
    counts = [int(np.floor((hi - start) / size)) + 1 for hi, start, size in zip(high, first, sizes, strict=True)]
    u = first[0] + np.arange(counts[0]) * sizes[0]
    v = first[1] + np.arange(counts[1]) * sizes[1]
    points = plane.to_patient(np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2))
    index = grid.to_index(points)[:, ::-1].T  # slice, row, column
    near = np.round(index)
    index = np.where(np.abs(index - near) < 1e-6, near, index)  # a voxel centre is one, whatever arithmetic made of it
    shape = np.array(grid.shape)[:, None]
    inside = np.all((index >= -0.5) & (index <= shape - 0.5), axis=0)
    stored = np.full(len(points), np.nan, dtype=np.float32)
    if np.array_equal(index, near):  # the plane goes through voxel centres only: nothing is between them
        k_at, j_at, i_at = near[:, inside].astype(np.intp)
        stored[inside] = volume.voxels[k_at, j_at, i_at]
    elif inside.any():
        stored[inside] = scipy.ndimage.map_coordinates(
            volume.voxels, index[:, inside], order=1, mode="nearest", output=np.float32, prefilter=False
        )
    slopes, intercepts = volume.slice_rescales
    nearest = np.clip(near[0], 0, grid.shape[0] - 1).astype(np.intp)
    values = stored * slopes[nearest] + intercepts[nearest]
    return SliceImage(
        values.astype(np.float32).reshape(counts[1], counts[0]), plane, (first[0], first[1]), (sizes[0], sizes[1])
    )


def _spacing(volume: Volume, direction: NDArray[np.float64]) -> float:
    """How far voxels are apart along the grid's axis that a direction follows most."""
    between_slices, between_rows, between_columns = volume.grid.spacing_mm
    axes = ((volume.grid.row_direction, between_columns), (volume.grid.column_direction, between_rows))
    return max((*axes, (volume.grid.normal, between_slices)), key=lambda one: abs(float(one[0] @ direction)))[1]


class SliceImages:
    """Images of a volume's planes, the last one kept: a tool asks for the same plane at each move.

    Args:
        volume: whose values.
    """

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self._last: SliceImage | None = None

    def __call__(self, plane: Plane) -> SliceImage:
        """The image on a plane."""
        last = self._last
        if last is None or not _is_same(last.plane, plane):
            last = self._last = slice_image(self.volume, plane)
        return last


def _is_same(one: Plane, other: Plane) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("origin_lps_mm", "u", "v"))
