"""Masks on any even grid as signed distances in mm: margins, rings, smoothing and interpolation in three dimensions.

Distances are true ones in patient mm on grids whose axes are at right angles, whatever their spacing. For tilted and
unevenly spaced grids there are `rtvis.geometry.body_lattice` and `rtvis.geometry.voxel_spread`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.plane import Plane

LEAST_MARGIN_MM = 1e-6
"""A margin of 0 in one direction is a half axis of this length: the body doesn't move there."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Margins in mm in six directions along the axes of a grid, 0 or more.

    In DICOM's axial images with the patient head first and supine: i is left, j posterior, k superior.
    """

    i_low: float
    i_high: float
    j_low: float
    j_high: float
    k_low: float
    k_high: float

    def __post_init__(self) -> None:
        if not all(0 <= one < np.inf for one in self.along("ijk")):
            raise ValueError("margins are 0 mm or more; to shrink, use a negative uniform margin or `shrunk`")

    @classmethod
    def uniform(cls, margin_mm: float) -> Margins:
        """The same in all directions."""
        return cls(*(margin_mm,) * 6)

    def along(self, axes: str) -> tuple[float, ...]:
        """Low and high of each of some axes."""
        return tuple(getattr(self, f"{axis}_{side}") for axis in axes for side in ("low", "high"))

    @property
    def turned(self) -> Margins:
        """Low and high exchanged: the outside at the low end of a body grows towards rising indices."""
        return Margins(self.i_high, self.i_low, self.j_high, self.j_low, self.k_high, self.k_low)


def grown(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], margins: Margins) -> NDArray[np.bool_]:
    """A mask with a margin: what an ellipsoid whose half axes are the margins covers, moved along the mask.

    Args:
        mask: ``(slices, rows, columns)``.
        spacing_mm: between slices, rows, columns.
        margins: where they differ, each of the eight octants has an ellipsoid of its own.

    Returns:
        The same shape; it contains `mask`. What would reach beyond the grid is cut off.
    """
    if not mask.any():
        return mask.copy()
    reach = [margins.along(axis) for axis in "kji"]
    box = _box(mask, reach, spacing_mm)
    inner = mask[box]
    if len({one for pair in reach for one in pair}) == 1:
        away = distance_transform_edt(~inner, sampling=spacing_mm)
        found = away <= reach[0][0] + LEAST_MARGIN_MM
    else:
        found = inner.copy()
        for octant in range(8):
            sides = [octant >> axis & 1 for axis in range(3)]
            half = [max(pair[side], LEAST_MARGIN_MM) for pair, side in zip(reach, sides, strict=True)]
            found |= _grown_octant(inner, spacing_mm, half, sides)
    result = np.zeros_like(mask)
    result[box] = found
    return result | mask


def _grown_octant(
    mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], half_axes_mm: list[float], sides: list[int]
) -> NDArray[np.bool_]:
    """What an eighth of an ellipsoid covers, that reaches towards rising (1) or falling (0) indices along each axis."""
    # Separable: the least sum of squares over offsets of one sign along each axis in turn.
    best = np.where(mask, np.float32(0), np.float32(np.inf))
    for axis in range(3):
        unit = spacing_mm[axis] / half_axes_mm[axis]
        steps = min(int(1 / unit + 1e-6), mask.shape[axis] - 1)
        moved = best.copy()
        for step in range(1, steps + 1):
            cost = np.float32((step * unit) ** 2)
            ahead, behind = [slice(None)] * 3, [slice(None)] * 3
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            to, source = (ahead, behind) if sides[axis] else (behind, ahead)
            np.minimum(moved[tuple(to)], best[tuple(source)] + cost, out=moved[tuple(to)])
        best = moved
    return np.asarray(best <= 1 + 1e-5)


def shrunk(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], margins: Margins) -> NDArray[np.bool_]:
    """A mask less a margin: what is left when everything outside it (the grid's outside too) grows.

    `margins` say how far the surface on each side moves inwards.
    """
    padded = np.pad(mask, 1)
    outside = grown(~padded, spacing_mm, margins.turned)
    return np.asarray(~outside[1:-1, 1:-1, 1:-1] & mask)


def with_margin(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], margin_mm: float) -> NDArray[np.bool_]:
    """A mask with a uniform margin; a negative one shrinks it."""
    if margin_mm < 0:
        return shrunk(mask, spacing_mm, Margins.uniform(-margin_mm))
    return grown(mask, spacing_mm, Margins.uniform(margin_mm))


def ring(
    mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], inwards_mm: float, outwards_mm: float
) -> NDArray[np.bool_]:
    """The rind of a mask: what is within `inwards_mm` inside and `outwards_mm` outside its surface."""
    outer = with_margin(mask, spacing_mm, outwards_mm)
    return np.asarray(outer & ~shrunk(mask, spacing_mm, Margins.uniform(inwards_mm)))


def signed_distance_mm(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> NDArray[np.float64]:
    """Distance of each voxel centre from the surface, positive inside, to about half a voxel.

    The grid's outside counts as outside.
    """
    padded = np.pad(mask, 1)
    inside = distance_transform_edt(padded, sampling=spacing_mm)[1:-1, 1:-1, 1:-1]
    half = min(spacing_mm) / 2
    if not mask.any():
        return np.full(mask.shape, -np.inf)
    outside = distance_transform_edt(~mask, sampling=spacing_mm)
    return np.asarray(np.where(mask, inside - half, half - outside))


def smoothed(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float], width_mm: float) -> NDArray[np.bool_]:
    """A mask with a smoother surface: half of the occupancy after blurring with a Gaussian of `width_mm`.

    Flat and straight parts stay where they are; what is thinner than about `width_mm` goes.

    Raises:
        ValueError: when the width is negative.
    """
    if width_mm < 0:
        raise ValueError(f"a width can't be negative: {width_mm}")
    if width_mm == 0 or not mask.any():
        return mask.copy()
    sigma = [width_mm / one for one in spacing_mm]
    reach = [(4 * width_mm + one, 4 * width_mm + one) for one in spacing_mm]
    box = _box(mask, reach, spacing_mm)
    result = np.zeros_like(mask)
    result[box] = gaussian_filter(mask[box].astype(np.float32), sigma, mode="nearest") > 0.5
    return result


def clipped(
    mask: NDArray[np.bool_], affine_lps: NDArray[np.float64], origins_lps_mm: NDArray[np.float64], plane: Plane
) -> NDArray[np.bool_]:
    """The part of a mask on the side of a plane that its normal points to, voxel centres on the plane included.

    Args:
        mask: ``(slices, rows, columns)``.
        affine_lps: of the grid; its first two columns are the steps along columns and rows.
        origins_lps_mm: ``(slices, 3)`` of the grid.
        plane: where to cut.
    """
    i = np.arange(mask.shape[2]) * float(affine_lps[:3, 0] @ plane.normal)
    j = np.arange(mask.shape[1]) * float(affine_lps[:3, 1] @ plane.normal)
    k = plane.distances_mm(origins_lps_mm)
    return np.asarray(mask & (k[:, None, None] + j[None, :, None] + i[None, None, :] >= -LEAST_MARGIN_MM))


def _box(
    mask: NDArray[np.bool_], reach_mm: Sequence[tuple[float, ...]], spacing_mm: tuple[float, float, float]
) -> tuple[slice, slice, slice]:
    """The box of a mask, with room on each side of each axis."""
    sides = []
    for axis in range(3):
        others = tuple(one for one in range(3) if one != axis)
        held = np.flatnonzero(mask.any(axis=others))
        low, high = (int(np.ceil(one / spacing_mm[axis])) + 1 for one in reach_mm[axis])
        sides.append(slice(max(0, int(held[0]) - low), min(mask.shape[axis], int(held[-1]) + high + 1)))
    k, j, i = sides
    return k, j, i
