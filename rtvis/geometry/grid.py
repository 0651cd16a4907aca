"""Voxel grids in patient coordinates: oblique, sheared (gantry tilt) and unevenly spaced ones included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.frame import apply_affine, plane_affine, slice_normal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

EVEN_GAP_TOLERANCE_MM = 0.01
"""Slice origins this close to the straight, evenly divided line count as even: DS positions are commonly written
with two or three decimals, and 0.01 mm is far below any voxel."""

LEAST_AXES_VOLUME = 1e-6
"""Volume of the box that unit vectors along the axes span: 1 for orthogonal axes, 0 for axes in one plane. A gantry
tilt of 30 degrees leaves 0.87."""

TILT_TOLERANCE_DEG = 0.05
"""Below this angle between slice normal and stacking direction a grid is not called tilted; over a 300 mm stack it is
a shift of 0.26 mm, less than a pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Where the voxels of a volume are.

    Arrays on a grid are indexed ``[k, j, i]`` (slice, row, column). `affine_lps` takes ``(i, j, k, 1)`` to patient
    LPS mm. Where slices are uneven, `slice_origins_lps_mm` is the truth and the affine's third column is
    (last - first) / (n - 1).

    Attributes:
        shape: ``(slices, rows, columns)``.
        affine_lps: ``(4, 4)`` float64, read-only.
        slice_origins_lps_mm: ``(slices, 3)`` centre of the first pixel of each slice, read-only.
        frame_of_reference_uid: the frame these coordinates are in (PS3.3 C.7.4.1); empty where the file has none.
        spacing_mm: between slices (along the normal; the median where uneven), between rows, between columns.
        has_even_gaps: whether each slice origin is where the affine puts it, within `EVEN_GAP_TOLERANCE_MM`.
        regular: whether slices are evenly spaced and stacked along their normal.
        row_direction: ``(3,)`` unit vector along which the column index i grows, LPS.
        column_direction: ``(3,)`` unit vector along which the row index j grows, LPS.
        normal: ``(3,)`` unit normal of the slices, ``cross(row, column)``, LPS.
        slice_distances_mm: ``(slices,)`` positions of the slices along `normal`, ascending for grids read from files.

    Raises:
        ValueError: when the axes are not independent, the affine doesn't begin at the first slice, or the slices don't
            follow each other along their normal.
    """

    shape: tuple[int, int, int]
    affine_lps: NDArray[np.float64]
    slice_origins_lps_mm: NDArray[np.float64]
    frame_of_reference_uid: str = ""
    spacing_mm: tuple[float, float, float] = field(init=False, repr=False)
    has_even_gaps: bool = field(init=False, repr=False)
    regular: bool = field(init=False)
    row_direction: NDArray[np.float64] = field(init=False, repr=False)
    column_direction: NDArray[np.float64] = field(init=False, repr=False)
    normal: NDArray[np.float64] = field(init=False, repr=False)
    slice_distances_mm: NDArray[np.float64] = field(init=False, repr=False)
    _to_planar: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        affine = np.array(self.affine_lps, dtype=np.float64)
        origins = np.array(self.slice_origins_lps_mm, dtype=np.float64).reshape(-1, 3)
        if affine.shape != (4, 4) or len(origins) != self.shape[0] or min(self.shape) < 1:
            raise ValueError(f"grid of shape {self.shape} with {len(origins)} slice origins")
        if not (np.all(np.isfinite(affine)) and np.all(np.isfinite(origins))):
            raise ValueError("grid coordinates are not finite")
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        if np.any(lengths == 0) or abs(np.linalg.det(affine[:3, :3] / lengths)) < LEAST_AXES_VOLUME:
            raise ValueError("grid axes are not independent: the slices have no extent along their normal")
        if np.any(np.abs(affine[:3, 3] - origins[0]) > EVEN_GAP_TOLERANCE_MM):
            raise ValueError("grid origin and first slice origin differ")
        steps = np.diff(origins @ np.cross(affine[:3, 0], affine[:3, 1]))
        if not (np.all(steps > 0) or np.all(steps < 0)):
            raise ValueError("slice origins neither ascend nor descend along the slice normal")
        affine.flags.writeable = False
        origins.flags.writeable = False
        object.__setattr__(self, "affine_lps", affine)
        object.__setattr__(self, "slice_origins_lps_mm", origins)
        row, column = affine[:3, 0] / lengths[0], affine[:3, 1] / lengths[1]
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        normal /= np.linalg.norm(normal)
        axes = np.column_stack([affine[:3, 0], affine[:3, 1], normal])
        derived = {"row_direction": row, "column_direction": column, "normal": normal}
        derived["_to_planar"] = np.linalg.inv(axes).T  # views ask for indices at each step
        for name, value in (derived | {"slice_distances_mm": origins @ normal}).items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        # Views and lists of hundreds of ROIs ask for these at each step.
        object.__setattr__(self, "spacing_mm", self._spacing_mm())
        object.__setattr__(self, "has_even_gaps", self._has_even_gaps())
        object.__setattr__(self, "regular", self.has_even_gaps and self.tilt_deg < TILT_TOLERANCE_DEG)

    @classmethod
    def from_slices(
        cls,
        origins_lps_mm: ArrayLike,
        orientation: Sequence[float],
        pixel_spacing_mm: Sequence[float],
        rows_columns: tuple[int, int],
        *,
        frame_of_reference_uid: str = "",
        single_slice_thickness_mm: float = 1.0,
    ) -> Grid:
        """The grid of slices already sorted along their normal.

        Args:
            origins_lps_mm: ``(n, 3)`` ImagePositionPatient of each slice, ascending along the normal.
            orientation: ImageOrientationPatient shared by all slices.
            pixel_spacing_mm: PixelSpacing, between rows then between columns.
            rows_columns: Rows and Columns.
            frame_of_reference_uid: of the slices.
            single_slice_thickness_mm: the third direction of a volume of one slice.

        Raises:
            ValueError: when the geometry can't be one (see `plane_affine`), or two slices share one position.
        """
        origins = np.asarray(origins_lps_mm, dtype=np.float64).reshape(-1, 3)
        affine = plane_affine(origins[0], orientation, pixel_spacing_mm)
        if len(origins) > 1:
            normal = slice_normal(orientation)
            if np.any(np.diff(origins @ normal) <= 0):
                raise ValueError("slice positions do not ascend along the slice normal")
            affine[:3, 2] = (origins[-1] - origins[0]) / (len(origins) - 1)
        else:
            thickness = single_slice_thickness_mm if single_slice_thickness_mm > 0 else 1.0
            affine[:3, 2] = slice_normal(orientation) * thickness
        rows, columns = rows_columns
        return cls((len(origins), rows, columns), affine, origins, frame_of_reference_uid)

    def _spacing_mm(self) -> tuple[float, float, float]:
        distances = self.slice_distances_mm
        if len(distances) > 1:
            between_slices = float(np.median(np.abs(np.diff(distances))))
        else:
            between_slices = float(abs(self.affine_lps[:3, 2] @ self.normal))
        lengths = np.linalg.norm(self.affine_lps[:3, :2], axis=0)
        return between_slices, float(lengths[1]), float(lengths[0])

    def _has_even_gaps(self) -> bool:
        steps = np.arange(self.shape[0])[:, None] * self.affine_lps[:3, 2]
        even = self.affine_lps[:3, 3] + steps
        return bool(np.all(np.abs(even - self.slice_origins_lps_mm) <= EVEN_GAP_TOLERANCE_MM))

    @property
    def least_gap_mm(self) -> float:
        """Between the two closest slices, along the normal; the thickness of one that is alone."""
        gaps = np.abs(np.diff(self.slice_distances_mm))
        return float(gaps.min()) if len(gaps) else self.spacing_mm[0]

    @property
    def tilt_deg(self) -> float:
        """Angle between the slice normal and the direction in which slices are stacked; 0 for an unsheared grid."""
        stack = self.affine_lps[:3, 2]
        along = abs(float(stack @ self.normal))
        across = float(np.linalg.norm(np.cross(stack, self.normal)))
        return float(np.degrees(np.arctan2(across, along)))

    def part(self, first: int, last: int) -> Grid:
        """The grid of slices `first` to `last` of this one, both included.

        Raises:
            ValueError: when there are no such slices.
        """
        if not 0 <= first <= last < self.shape[0]:
            raise ValueError(f"a grid of {self.shape[0]} slices has no slices {first} to {last}")
        origins = self.slice_origins_lps_mm[first : last + 1]
        affine = self.affine_lps.copy()
        affine[:3, 3] = origins[0]
        if last > first:
            affine[:3, 2] = (origins[-1] - origins[0]) / (last - first)
        return Grid((len(origins), *self.shape[1:]), affine, origins, self.frame_of_reference_uid)

    def origin_at(self, k: ArrayLike) -> NDArray[np.float64]:
        """Centre of the first pixel at slice index k (fractional and outside allowed): ``(..., 3)`` LPS mm.

        Between two slices it lies on the straight line that joins their origins; outside the stack the nearest gap
        goes on.
        """
        index = np.asarray(k, dtype=np.float64)
        count = self.shape[0]
        if count == 1:
            return np.asarray(self.slice_origins_lps_mm[0] + index[..., None] * self.affine_lps[:3, 2])
        # Clipped before it becomes an integer: far outside, and for NaN, there is no integer to become.
        lower = np.clip(np.nan_to_num(np.floor(index)), 0, count - 2).astype(np.intp)
        start = self.slice_origins_lps_mm[lower]
        step = self.slice_origins_lps_mm[lower + 1] - start
        return np.asarray(start + (index - lower)[..., None] * step)

    def to_patient(self, index_ijk: ArrayLike) -> NDArray[np.float64]:
        """Patient points of (fractional) voxel indices.

        Args:
            index_ijk: ``(..., 3)`` column i, row j, slice k; integers are voxel centres.

        Returns:
            ``(..., 3)`` LPS mm, by the equation of PS3.3 C.7.6.2.1.1 on each slice's own origin.
        """
        index = np.asarray(index_ijk, dtype=np.float64)
        in_plane = self.affine_lps.copy()
        in_plane[:3, 2:] = 0.0
        planar = np.concatenate([index[..., :2], np.zeros_like(index[..., :1])], axis=-1)
        return np.asarray(apply_affine(in_plane, planar) + self.origin_at(index[..., 2]))

    def to_index(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Fractional voxel indices of patient points, the inverse of `to_patient`.

        Args:
            points_lps_mm: ``(..., 3)`` LPS mm.

        Returns:
            ``(..., 3)`` column i, row j, slice k.
        """
        points = np.asarray(points_lps_mm, dtype=np.float64)
        k = self.slice_index(points)
        offset = points - self.origin_at(k)
        planar = offset @ self._to_planar
        return np.concatenate([planar[..., :2], k[..., None]], axis=-1)

    def slice_index(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Fractional slice index k of patient points ``(..., 3)``: ``(...)``, by distance along the normal."""
        distance = np.asarray(points_lps_mm, dtype=np.float64) @ self.normal
        stack = self.slice_distances_mm
        if len(stack) == 1:
            return np.asarray((distance - stack[0]) / float(self.affine_lps[:3, 2] @ self.normal))
        ascending = stack[-1] > stack[0]
        ordered, sign = (stack, 1.0) if ascending else (-stack, -1.0)
        value = distance * sign
        lower = np.clip(np.searchsorted(ordered, value, side="right") - 1, 0, len(stack) - 2)
        return np.asarray(lower + (value - ordered[lower]) / (ordered[lower + 1] - ordered[lower]))

    def contains(self, points_lps_mm: ArrayLike) -> NDArray[np.bool_]:
        """Which patient points ``(..., 3)`` lie within the outer faces of the voxels."""
        index = self.to_index(points_lps_mm)
        limits = np.array([self.shape[2], self.shape[1], self.shape[0]]) - 0.5
        return np.asarray(np.all((index >= -0.5) & (index <= limits), axis=-1))

    @property
    def centre_lps_mm(self) -> NDArray[np.float64]:
        """The middle of the grid, ``(3,)`` LPS mm."""
        return self.to_patient((np.array(self.shape[::-1]) - 1) / 2)

    def corners_lps_mm(self) -> NDArray[np.float64]:
        """Outer corners of the voxel block, ``(8, 3)`` LPS mm."""
        low = np.full(3, -0.5)
        high = np.array(self.shape[::-1]) - 0.5
        steps = np.array([[(n >> axis) & 1 for axis in range(3)] for n in range(8)])
        return self.to_patient(np.where(steps == 1, high, low))
