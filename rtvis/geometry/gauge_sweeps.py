"""How many margins away from a body each node of a lattice is, axis by axis.

With margins that differ by direction, a point at the offset (x, y, z) from a body's nearest point is
``sqrt((x / a)² + (y / b)² + (z / c)²)`` margins away, where a, b and c are the margins in the directions of the offset:
its gauge, 1 where the margin ends. Squared gauges are sums over the axes, so that their least values are found along
one axis after another, and each octant has its own half axes without extra work.

Squared gauges are kept as 16-bit integers in units of 1 / `ONE`: a margin of 20 mm ends within 0.001 mm of its place,
and sums over whole numbers are the same in either direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ONE = 1 << 14
"""The squared gauge where a margin ends."""

FAR = (1 << 15) - 1
"""Larger squared gauges don't matter; two of them can be added."""

FARTHEST = np.sqrt(FAR / ONE)
"""The gauge that is `FAR`."""

ROUNDING = 2
"""Of a sum over three axes: what is so little beyond the end of a margin is on it."""


def squared(gauge: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Gauges, 0 or more, as squares in units of 1 / `ONE`, at most `FAR`."""
    square = np.square(np.minimum(gauge, np.float32(2)), dtype=np.float32)
    square *= np.float32(ONE)
    return np.asarray(np.minimum(np.rint(square), np.float32(FAR)).astype(np.uint16))


def gauge(square: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The inverse of `squared`."""
    return np.asarray(np.sqrt(square.astype(np.float32) / np.float32(ONE)))


def costs(step_mm: float, half_mm: float, most: int) -> list[int]:
    """Squared gauges of 1, 2, ... steps along an axis, as far as they matter, at most `most` of them."""
    found = []
    for count in range(1, min(int(half_mm / step_mm) + 1, most) + 1):
        cost = round((count * step_mm / half_mm) ** 2 * ONE)
        if cost > FAR:
            break
        found.append(cost)
    return found


def swept(plane: NDArray[np.uint16], axis: int, step_mm: float, half_mm: Sequence[float]) -> NDArray[np.uint16]:
    """Least squared gauges with an offset along one more axis.

    Args:
        plane: ``(rows, columns)`` before.
        axis: 0 or 1.
        step_mm: between nodes along it.
        half_mm: how far the body reaches towards falling and towards rising indices.
    """
    best = plane.copy()
    for rising, half in enumerate(half_mm):
        for count, cost in enumerate(costs(step_mm, half, plane.shape[axis] - 1), start=1):
            moved = plane + np.uint16(cost)
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(count, None), slice(None, -count)
            to, source = (ahead, behind) if rising else (behind, ahead)
            target = best[tuple(to)]
            np.minimum(target, moved[tuple(source)], out=target)
    return best


def least_over_layers(
    planes: Sequence[NDArray[np.uint16] | None], offsets_mm: NDArray[np.float64], half_mm: Sequence[float]
) -> NDArray[np.uint16] | None:
    """Least squared gauges on a layer, from those of all layers, each within its own plane.

    Args:
        planes: of each layer, or None where nothing is.
        offsets_mm: ``(layers,)`` how far the wanted layer is above each.
        half_mm: how far the body reaches downwards and upwards.

    Returns:
        None where nothing reaches.
    """
    best: NDArray[np.uint16] | None = None
    low, high = half_mm
    gauges = np.where(offsets_mm > 0, offsets_mm / high, -offsets_mm / low)
    for layer in np.argsort(gauges, kind="stable").tolist():
        plane = planes[layer]
        if gauges[layer] ** 2 * ONE > FAR:
            break
        if plane is None:
            continue
        moved = plane + np.uint16(round(gauges[layer] ** 2 * ONE))
        best = moved if best is None else np.minimum(best, moved, out=best)
    return best


def from_lines(
    values: NDArray[np.float32], inside: NDArray[np.bool_], axis: int, step_mm: float, half_mm: Sequence[float]
) -> NDArray[np.uint16]:
    """Squared gauges along one axis from a body whose surface is where a field is zero, between nodes too.

    Args:
        values: ``(rows, columns)`` of the field.
        inside: nodes of the body, where the field has one sign.
        axis: 0 or 1.
        step_mm: between nodes along it.
        half_mm: how far the body reaches towards falling and towards rising indices.
    """
    result = np.where(inside, np.uint16(0), np.uint16(FAR))
    changes = inside[:-1] != inside[1:] if axis == 0 else inside[:, :-1] != inside[:, 1:]
    row, column = np.divmod(np.flatnonzero(changes), changes.shape[1])
    after = (row + 1, column) if axis == 0 else (row, column + 1)
    first, second = values[row, column], values[after]
    share = first / (first - second)
    leaves = inside[row, column]
    place = row if axis == 0 else column
    stride = inside.shape[1] if axis == 0 else 1
    begin = row * inside.shape[1] + column
    flat = result.reshape(-1)
    for rising, half in enumerate(half_mm):
        chosen = leaves if rising else ~leaves
        # From the surface to the first node outside, then on from node to node as far as it matters.
        room = 1 - share[chosen] if rising else share[chosen]
        edge = begin[chosen] + (stride if rising else 0)
        left = (inside.shape[axis] - 1 - (place[chosen] + 1)) if rising else place[chosen]
        count = np.arange(min(int(half * FARTHEST / step_mm) + 1, inside.shape[axis]))
        cost = squared((room[:, None] + count.astype(np.float32)) * np.float32(step_mm / half))
        target = edge[:, None] + (stride if rising else -stride) * count
        valid = count <= left[:, None]
        np.minimum.at(flat, target[valid], cost[valid])
    return result
