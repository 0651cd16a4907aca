"""Doses of several beams on one grid added up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.dose import Dose

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = 2**31 - 1
"""Sums are stored in 32 bits, so finely that rounding is below a billionth of the largest one."""

SAME_PLACE_MM = 1e-3
"""Grids whose voxels are this near to each other are one: positions are decimal texts."""


def dose_sum(doses: Sequence[Dose], *, volume_id: str, summation_type: str) -> Dose:
    """The sum of doses, voxel by voxel.

    Args:
        doses: at least one, of one unit and type, on one grid.
        volume_id: of the sum.
        summation_type: what it is called.

    Raises:
        ValueError: when they can't be added; the text says what differs.
    """
    first = doses[0]
    for one in doses[1:]:
        if (one.units, one.dose_type) != (first.units, first.dose_type):
            raise ValueError(f"one is {first.units} {first.dose_type}, another {one.units} {one.dose_type}")
        grid, other = first.volume.grid, one.volume.grid
        if grid.shape != other.shape or grid.frame_of_reference_uid != other.frame_of_reference_uid:
            raise ValueError("they are on grids of their own")
        apart = np.abs(grid.corners_lps_mm() - other.corners_lps_mm()).max()
        between = np.abs(grid.slice_origins_lps_mm - other.slice_origins_lps_mm).max()
        if max(apart, between) > SAME_PLACE_MM:
            raise ValueError("they are on grids of their own")
    total = np.zeros(first.volume.voxels.shape)
    for one in doses:
        total += one.volume.voxels * one.factor
    scaling = float(np.abs(total).max()) / LARGEST or 1.0
    voxels = np.rint(total / scaling).astype(np.int32)
    slices = tuple(
        replace(
            one,
            rescale_slope=scaling,
            bits_allocated=32,
            bits_stored=32,
            pixel_representation=1,
            lossy=any(dose.volume.slices[0].lossy for dose in doses),
            path=None,
        )
        for one in first.volume.slices
    )
    problems = {problem.code: problem for dose in doses for problem in dose.volume.problems}
    volume = replace(
        first.volume,
        volume_id=volume_id,
        voxels=voxels,
        slices=slices,
        problems=tuple(problems.values()),
        value_factor=1.0,
    )
    return replace(
        first,
        volume=volume,
        summation_type=summation_type,
        beams=(),
        maximum=float(voxels.max()) * scaling,
        minimum=float(voxels.min()) * scaling,
    )
