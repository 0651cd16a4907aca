"""What margins are; and masks smoothed on even grids, and clipped by a plane on any.

Bodies are grown and shrunk by `rtvis.geometry.body_lattice`, voxels by `rtvis.geometry.voxel_spread`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.blurring import gaussian_blurred

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def smoothed(
    mask: NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
    width_mm: float,
    report: Callable[[int, int], None] | None = None,
) -> NDArray[np.bool_]:
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
    result[box] = gaussian_blurred(mask[box].astype(np.float32), sigma, beyond="nearest", report=report) > 0.5
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
