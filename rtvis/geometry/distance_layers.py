"""Signed distances from the outlines of closed polygons, on a stack of pixel rasters.

Next to an outline the distance is that to the outline itself, not to pixels: where a polygon's edge goes straight past
a pixel it is exact. Farther away it is the distance to the nearest place where the outline crosses a line of pixel
centres, at most a fraction of a pixel more; and it is followed only as far as it is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.rasterise import EDGE, Polygons, crossings, fill

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = np.float32(1e-4)
"""No pixel is exactly on an outline: its sign says which side it counts on."""


def signed_distances(
    polygons: Polygons, shape: tuple[int, int, int], reach: float, steps: tuple[float, float] = (1.0, 1.0)
) -> NDArray[np.float32]:
    """Distances in the plane, positive inside, in the unit of `steps`.

    Args:
        polygons: in index coordinates of the raster.
        shape: slices, rows, columns.
        reach: distances are cut off there.
        steps: between rows and between columns; pixels by default.

    Returns:
        `shape` float32. Slices without polygons hold ``-reach``.
    """
    mask = np.zeros(shape, dtype=bool)
    fill(polygons, mask)
    limit = np.float32(reach)
    down = _to_outline(mask, crossings(polygons, shape[2]), limit, 1, steps[0])
    turned = replace(polygons, corners_ij=np.ascontiguousarray(polygons.corners_ij[:, ::-1]))
    across = _to_outline(mask, crossings(turned, shape[1]), limit, 2, steps[1])
    near = (down <= steps[0]) & (across <= steps[1])
    distance = _nearest(down, across, reach, steps[1])
    one, other = down[near], across[near]
    # The height of a right-angled triangle over its longest side, which is the outline.
    distance[near] = one * other / np.maximum(np.sqrt(one * one + other * other), LEAST)
    np.clip(distance, LEAST, limit, out=distance)
    np.negative(distance, out=distance, where=~mask)
    return distance


def _to_outline(
    mask: NDArray[np.bool_],
    crossed: tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float64]],
    limit: np.float32,
    axis: int,
    step: float,
) -> NDArray[np.float32]:
    """Distance of each pixel from the outline along one axis (1: along its column, 2: along its row), up to a limit."""
    distance = np.full(mask.shape, limit, dtype=np.float32)
    along = mask.shape[axis]
    slices, lines, places = crossed
    nearest = np.rint(places)
    on_centre = np.flatnonzero(np.abs(places - nearest) <= EDGE)
    before = np.floor(places)
    before[on_centre] = nearest[on_centre]
    # A crossing on a pixel centre is between it and either neighbour, whichever is on the other side.
    again = np.concatenate([np.arange(len(places)), on_centre])
    slices, lines, places = slices[again], lines[again], places[again]
    before = np.concatenate([before, nearest[on_centre] - 1]).astype(np.int64)
    # Only where the side changes: two edges between the same two pixels (a keyhole's channel) aren't an outline.
    kept = (before >= 0) & (before < along - 1)
    slices, lines, places, before = slices[kept], lines[kept], places[kept], before[kept]
    first = (slices, before, lines) if axis == 1 else (slices, lines, before)
    second = (slices, before + 1, lines) if axis == 1 else (slices, lines, before + 1)
    change = mask[first] != mask[second]
    share = np.clip(places - before, 0, 1)[change].astype(np.float32)
    for index, value in ((first, share), (second, 1 - share)):
        np.minimum.at(distance, tuple(part[change] for part in index), value * np.float32(step))
    view = distance if axis == 1 else distance.transpose(0, 2, 1)
    for line in range(1, along):
        np.minimum(view[:, line], view[:, line - 1] + np.float32(step), out=view[:, line])
    for line in range(along - 2, -1, -1):
        np.minimum(view[:, line], view[:, line + 1] + np.float32(step), out=view[:, line])
    return distance


def _nearest(down: NDArray[np.float32], across: NDArray[np.float32], reach: float, width: float) -> NDArray[np.float32]:
    """The nearest of the places that `down` tells of in each column, and `across` in the pixel's own row."""
    square = down * down
    best = np.minimum(square, across * across)
    buffer = np.empty_like(square)
    for step in range(1, min(int(np.ceil(reach / width)), square.shape[2] - 1) + 1):
        moved = np.add(square, np.float32((step * width) ** 2), out=buffer)
        np.minimum(best[:, :, step:], moved[:, :, :-step], out=best[:, :, step:])
        np.minimum(best[:, :, :-step], moved[:, :, step:], out=best[:, :, :-step])
    return np.asarray(np.sqrt(best, out=best))
