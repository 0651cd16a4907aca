"""A dose distribution: a volume of dose, and what its file says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.model.volume import Volume

GRAY_UNITS = "Gy"
RELATIVE_UNITS = "relative"
EDGE = 1e-6
"""Share of a voxel by which arithmetic may put a point on the outermost voxel centres beyond them."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dose:
    """A dose distribution (PS3.3 C.8.8.3).

    Attributes:
        volume: stored values on the dose grid; its `values` and `value_at` are in its `units`, ``Gy`` or ``relative``
            (DoseUnits).
        dose_type: DoseType: ``PHYSICAL``, ``EFFECTIVE`` or ``ERROR``.
        summation_type: DoseSummationType: ``PLAN``, ``BEAM``, ``FRACTION`` and so on.
        beams: numbers of the beams it is of, where its summation type says that it is of some only (C.8.8.3).
        plan_uid: SOP Instance UID of the first RT Plan it names; empty where it names none.
        maximum: the largest value, in `units`.
        minimum: the smallest one; below 0 in differences of doses alone (PS3.3 C.8.8.3.4.1).
    """

    volume: Volume
    dose_type: str = ""
    summation_type: str = ""
    plan_uid: str = ""
    beams: tuple[int, ...] = ()
    maximum: float = 0.0
    minimum: float = 0.0

    @property
    def units(self) -> str:
        """``Gy``, ``relative``, or what the file says instead."""
        return self.volume.units

    @property
    def part(self) -> str:
        """What of a plan it is of: ``PLAN``, ``BEAM 2``, ``FRACTION`` and so on; empty where the file doesn't say."""
        return " ".join([self.summation_type, ", ".join(str(one) for one in self.beams)]).strip()

    @property
    def factor(self) -> float:
        """What stored values are multiplied by to be in `units`: DoseGridScaling, one for all frames."""
        return self.volume.slices[0].rescale_slope * self.volume.value_factor

    def at(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Dose at patient points ``(..., 3)`` LPS mm, trilinear between voxel centres, in `units`: ``(...)``.

        NaN outside the voxel centres, between which alone a dose grid says what the dose is. A grid of one plane
        stands for all of its thickness.
        """
        points = np.asarray(points_lps_mm, dtype=np.float64)
        index = self.volume.grid.to_index(points.reshape(-1, 3))[:, ::-1].T
        inside = is_between_centres(index, self.volume.grid.shape)
        result = np.full(index.shape[1], np.nan)
        if inside.any():
            places = index[:, inside]
            result[inside] = scipy.ndimage.map_coordinates(
                self.volume.voxels, places, order=1, mode="nearest", output=np.float64, prefilter=False
            )
        return (result * self.factor).reshape(points.shape[:-1])


def is_between_centres(index_kji: NDArray[np.float64], shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Which fractional indices ``(3, n)`` (slice, row, column) lie between the outermost voxel centres.

    Along an axis of one voxel all of the voxel counts.
    """
    last = np.array(shape, dtype=np.float64)[:, None] - 1
    slack = np.where(last == 0, 0.5, EDGE)
    return np.asarray(np.all((index_kji >= -slack) & (index_kji <= last + slack), axis=0))
