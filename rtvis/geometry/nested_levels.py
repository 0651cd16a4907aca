"""A stack of contours taken apart: what outlines enclose, the holes in that, the islands in these, and so on.

Each level is a stack of filled outlines, and the body is the first less the second, plus the third ... A wall thinner
than any raster is what lies between two levels, each of which a coarse raster holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rtvis.geometry.closed_stacks import ClosedStack
from rtvis.geometry.regions import Loops, region_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def nested_levels(stack: ClosedStack) -> list[ClosedStack]:
    """The levels of a stack, outermost first.

    Returns:
        Stacks in the directions of `stack`, each with those of its planes where it has something; their `curves` are
        all 0, since one outline may be made from several curves.
    """
    levels: list[list[tuple[int, NDArray[np.float64]]]] = []
    for layer in range(len(stack.positions_mm)):
        for level, ring in _rings(region_of(stack.loops, layer)):
            while len(levels) <= level:
                levels.append([])
            levels[level].append((layer, shapely.get_coordinates(ring)[:-1]))
    return [_stack(stack, rings) for rings in levels if rings]


def _rings(region: Any) -> list[tuple[int, Any]]:
    """Outlines of a region and how many others are around each."""
    parts = [one for one in shapely.get_parts(region) if one.area > 0]
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    found: list[tuple[int, Any]] = []
    for part in parts:
        inner = part.representative_point()
        level = 2 * sum(bool(hole.contains(inner)) for hole in holes)
        found.append((level, part.exterior))
        found += [(level + 1, ring) for ring in part.interiors]
    return found


def _stack(stack: ClosedStack, rings: list[tuple[int, NDArray[np.float64]]]) -> ClosedStack:
    own = np.array([layer for layer, _ in rings], dtype=np.intp)
    sizes = np.array([len(ring) for _, ring in rings], dtype=np.intp)
    used, layers = np.unique(own, return_inverse=True)
    points = np.concatenate([ring for _, ring in rings])
    loops = Loops(points, np.cumsum(sizes) - sizes, layers.reshape(-1), np.arange(len(rings)))
    heights = np.repeat(stack.positions_mm[own], sizes)
    return ClosedStack(stack.plane, loops, heights, stack.positions_mm[used], np.zeros(len(rings), dtype=np.intp))
