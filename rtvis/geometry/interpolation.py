"""Contours on planes between drawn ones: by shape for closed curves, by corresponding points for open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.contouring import isolines
from rtvis.geometry.stack_field import stack_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack


def between_planes(
    stack: ClosedStack, heights_mm: Sequence[float], pixel_mm: float = 1.0
) -> list[list[NDArray[np.float64]]]:
    """Closed contours of a stack on planes between its own (shape-based, on signed distances).

    Args:
        stack: of two planes or more; gaps of any width are bridged between neighbours that the slab rule bridges.
        heights_mm: of the wanted planes, along the stack's normal.
        pixel_mm: of the raster; contours go through it between pixels.

    Returns:
        For each height its contours, ``(n, 3)`` LPS mm; none where the body doesn't reach.
    """
    field = stack_field(stack, pixel_mm)
    result = []
    for height in heights_mm:
        upper = int(np.searchsorted(field.heights_mm, height))
        if upper == 0 or upper == len(field.heights_mm):
            exact = upper < len(field.heights_mm) and field.heights_mm[upper] == height
            values = field.values[upper] if exact else np.full(field.values.shape[1:], -1.0, dtype=np.float32)
        else:
            low, high = field.heights_mm[upper - 1], field.heights_mm[upper]
            share = np.float32((height - low) / (high - low))
            values = (1 - share) * field.values[upper - 1] + share * field.values[upper]
        result.append(
            [
                field.plane.to_patient(loop * field.pixel_mm + field.corner_mm) + height * field.plane.normal
                for loop in isolines(values)
            ]
        )
    return result


def between_curves(
    one: NDArray[np.float64], other: NDArray[np.float64], share: float, points: int | None = None
) -> NDArray[np.float64]:
    """An open curve between two, point by point at equal parts of their lengths.

    Args:
        one: ``(n, 3)`` LPS mm.
        other: ``(m, 3)``; taken in the direction in which its ends are nearer to those of `one`.
        share: 0 gives `one`, 1 `other`.
        points: of the result; as many as the longer of both has when None.

    Raises:
        ValueError: when a curve has fewer than two points.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("a curve needs two points")
    count = points or max(len(one), len(other))
    straight = np.linalg.norm(one[0] - other[0]) + np.linalg.norm(one[-1] - other[-1])
    crossed = np.linalg.norm(one[0] - other[-1]) + np.linalg.norm(one[-1] - other[0])
    second = other[::-1] if crossed < straight else other
    return np.asarray((1 - share) * _resampled(one, count) + share * _resampled(second, count))


def _resampled(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0.0, lengths[-1], count)
    return np.column_stack([np.interp(wanted, lengths, points[:, axis]) for axis in range(3)])
