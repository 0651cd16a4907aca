"""A stack of closed contours as a field of signed distances: what surfaces and oblique masks are made from.

On each contour's plane the field is zero on the contour. Between two planes it goes straight from one to the other, so
that the body between them runs from line to line. At the end of a stack, and on both sides of a gap that isn't bridged,
it is zero half a gap outside (`rtvis.geometry.slabs`): the body ends flat there, with the last contour's outline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.distance_layers import signed_distances
from rtvis.geometry.rasterise import Polygons
from rtvis.geometry.slabs import slab_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.plane import Plane

MARGIN = 2
"""Pixels around the contours."""

REACH_GAPS = 2.0
"""Distances are followed this many plane gaps far: between two planes the surface slopes as the contours do, where
these are closer to each other than that."""

MOST_PIXELS = 768
"""Of a raster's longer side; finer ones take gigabytes."""

CLOSING = 0.02
"""Before and beyond the end of the body lie two more layers, this share of the half gap away: the last outline once
more, so that the wall goes straight up to the end, and the closing layer."""

SAME_SIZE = 1e-6
"""Of a pixel: what is so little larger than a whole number of pixels is that many, wherever rounding comes from."""

LEAST_ROOM_MM = 1e-6
"""Slabs closer than this touch: the body goes on."""

DRAWN, COPY, CLOSED = range(3)
"""What a layer is."""


@dataclass(frozen=True, slots=True, eq=False)
class StackField:
    """Signed distances around a stack, mm, positive inside.

    Attributes:
        values: ``(layers, rows, columns)`` float32; negative on all its outer faces.
        corner_mm: ``(2,)`` of the first pixel in the directions of `plane`.
        pixel_mm: between rows and between columns.
        heights_mm: ``(layers,)`` along the normal of `plane`, ascending; not evenly spaced.
        plane: directions u (columns), v (rows) and normal; through the patient origin.
        closing: ``(layers,)`` whether the body has ended there, half a gap beyond its last contours.
        ends_mm: ``(parts, 2)`` heights where each part of the body begins and ends.
    """

    values: NDArray[np.float32]
    corner_mm: NDArray[np.float64]
    pixel_mm: float
    heights_mm: NDArray[np.float64]
    plane: Plane
    closing: NDArray[np.bool_]
    ends_mm: NDArray[np.float64]

    def corners_lps_mm(self) -> NDArray[np.float64]:
        """``(8, 3)`` corners of the box that it fills."""
        low = np.array([*self.corner_mm, self.heights_mm[0]])
        size = np.array(self.values.shape[2:0:-1])
        high = np.array([*(self.corner_mm + (size - 1) * self.pixel_mm), self.heights_mm[-1]])
        sides = np.where([[(n >> axis) & 1 for axis in range(3)] for n in range(8)], high, low)
        return np.asarray(sides @ np.array([self.plane.u, self.plane.v, self.plane.normal]))

    def to_ends_mm(self, heights_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far heights are from the nearest end along the normal, positive within a part; of the same shape."""
        return np.asarray(
            np.max([np.minimum(heights_mm - low, high - heights_mm) for low, high in self.ends_mm.tolist()], axis=0)
        )


def stack_field(
    stack: ClosedStack, pixel_mm: float, single_mm: float = 1.0, through_lps_mm: NDArray[np.float64] | None = None
) -> StackField:
    """The field of a stack.

    Args:
        stack: of one plane or more.
        pixel_mm: of the raster in the contours' planes; made larger where it would have more than `MOST_PIXELS`.
        single_mm: thickness of a plane that is alone.
        through_lps_mm: a point that is to be right above or below the centre of a pixel.
    """
    loops = stack.loops
    low, high = loops.points.min(axis=0), loops.points.max(axis=0)
    pixel = max(pixel_mm, float(np.max(high - low)) / MOST_PIXELS)
    columns, rows = (int(n) + 1 + 2 * MARGIN for n in np.ceil((high - low) / pixel - SAME_SIZE))
    corner = (low + high) / 2 - np.array([columns - 1, rows - 1]) / 2 * pixel
    if through_lps_mm is not None:
        shift = (stack.plane.to_plane(through_lps_mm) - corner) / pixel
        corner, columns, rows = corner - (1 - shift % 1) * pixel, columns + 1, rows + 1
    positions = stack.positions_mm
    gaps = np.diff(positions)
    reach = max(REACH_GAPS * (float(np.median(gaps)) if len(gaps) else single_mm) / pixel, 2.0)
    lower, upper = slab_bounds(positions, single_mm)
    heights, sources, kinds = _layers(positions, lower, upper)
    apart = np.flatnonzero(lower[1:] - upper[:-1] > LEAST_ROOM_MM)
    ends = np.column_stack([lower[np.append(0, apart + 1)], upper[np.append(apart, -1)]])
    drawn = kinds == DRAWN
    place = np.empty(len(positions), dtype=np.intp)
    place[sources[drawn]] = np.flatnonzero(drawn)
    joined = loops.joined if loops.overlapping.any() else None
    polygons = Polygons((loops.points - corner) / pixel, loops.starts, place[loops.layers], joined)
    values = signed_distances(polygons, (len(heights), rows, columns), reach)
    for layer in np.flatnonzero(~drawn):
        source = values[place[sources[layer]]]
        values[layer] = -np.abs(source) if kinds[layer] == CLOSED else source
    values *= np.float32(pixel)
    return StackField(values, corner, pixel, heights, stack.plane, kinds == CLOSED, ends)


def _layers(
    positions: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Heights of all layers, the plane each is made from, and what it is."""
    layers: list[tuple[float, int, int]] = []
    last = len(positions) - 1
    for plane, height in enumerate(positions.tolist()):
        below = np.inf if plane == 0 else float(lower[plane] - upper[plane - 1])
        above = np.inf if plane == last else float(lower[plane + 1] - upper[plane])
        for bound, room, way in ((float(lower[plane]), below, -1.0), (float(upper[plane]), above, 1.0)):
            if room > LEAST_ROOM_MM:
                step = way * min(CLOSING * abs(bound - height), 0.4 * room)
                layers += [(bound - step, plane, COPY), (bound + step, plane, CLOSED)]
        layers.append((height, plane, DRAWN))
    layers.sort(key=lambda one: one[0])
    heights, sources, kinds = zip(*layers, strict=True)
    return np.array(heights), np.array(sources, dtype=np.intp), np.array(kinds, dtype=np.intp)
