"""Masks turned into outlines that, filled again, give the same mask voxel for voxel.

An outline passes half way between each pixel centre inside and its neighbour outside, and cuts corners: its straight
pieces go from one such point to the next (marching squares). Every pixel centre is at least `CLEARANCE` of the smaller
pixel side away from it, so that a line that stays within less of it has the same centres inside. Simplification up to
`LARGEST_EXACT` of the smaller pixel side is therefore exact; above it, it is what it says: no point of the outline is
farther than the tolerance from the simplified one.

Pixels that touch at a corner only are outlined one by one. A hole is a loop of its own, and turns the other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CLEARANCE = 0.5**1.5
"""Distance of a corner cut at 45 degrees from the pixel centre in it, 0.354; more where pixels aren't square."""

LARGEST_EXACT = 0.35
"""Of the smaller pixel side: simplification by this much keeps every voxel."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Closed lines around the pixels of a mask.

    Attributes:
        corners_ij: ``(n, 2)`` column, row of all loops, one after the other; none repeats its first corner.
        starts: ``(loops,)`` where each begins.
        slices: ``(loops,)`` ascending.
    """

    corners_ij: NDArray[np.float64]
    starts: NDArray[np.intp]
    slices: NDArray[np.intp]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Number of corners of each."""
        return np.diff(np.append(self.starts, len(self.corners_ij)))


def outlines(
    mask: NDArray[np.bool_], pixel_mm: tuple[float, float] = (1.0, 1.0), tolerance_mm: float = 0.0
) -> Outlines:
    """Outlines of all slices of a mask.

    Args:
        mask: ``(slices, rows, columns)`` bool.
        pixel_mm: between rows, between columns.
        tolerance_mm: how far corners that are left out may be from the line. 0 leaves out those on straight lines only.

    Returns:
        The outlines, in index coordinates. Those of pixels on the rim of the raster run half a pixel outside it.
    """
    box = _box(mask)
    if box is None:
        none = np.empty(0, dtype=np.intp)
        return Outlines(np.empty((0, 2)), none, none)
    first_slice, first_row, first_column = (one.start for one in box)
    inner = np.pad(mask[box], ((0, 0), (1, 1), (1, 1))).view(np.uint8)
    points, slices, following = _segments(inner)
    order, starts = _loops(following)
    found = _without_straight(Outlines(points[order], starts, slices[order][starts]))
    if tolerance_mm > 0:
        found = _simplified(found, np.array(pixel_mm[::-1]), tolerance_mm)
    by_slice = np.argsort(found.slices, kind="stable")
    sizes = found.sizes[by_slice]
    begin = np.cumsum(sizes) - sizes
    index = np.arange(len(found.corners_ij)) + np.repeat(found.starts[by_slice] - begin, sizes)
    shift = np.array([first_column - 1.0, first_row - 1.0])
    return Outlines(found.corners_ij[index] + shift, begin, found.slices[by_slice] + first_slice)


def level_lines(values: NDArray[np.floating], levels: Sequence[float]) -> list[list[NDArray[np.float64]]]:
    """Closed lines where a field, ``(rows, columns)``, has each of some values, going straight from pixel to pixel.

    Args:
        values: below every level, or NaN, on the raster's rim.
        levels: all are found in one go.

    Returns:
        For each level its loops of column, row, ``(n, 2)``, with what is above it on their left; holes turn the other
        way.
    """
    found: list[list[NDArray[np.float64]]] = [[] for _ in levels]
    box = _box((values > min(levels, default=np.inf))[None])
    if box is None:
        return found
    first_row, first_column = max(box[1].start - 1, 0), max(box[2].start - 1, 0)
    part = values[first_row : box[1].stop + 1, first_column : box[2].stop + 1]
    points, level_of, following = _segments((part > np.reshape(levels, (-1, 1, 1))).view(np.uint8))
    order, starts = _loops(following)
    points, level_of = points[order], level_of[order]
    # Each corner is half way between two pixels: move it to where the field has the level's value between them.
    low = np.floor(points).astype(np.intp)
    high = np.ceil(points).astype(np.intp)
    wanted = np.asarray(levels, dtype=np.float64)[level_of]
    first, second = part[low[:, 1], low[:, 0]] - wanted, part[high[:, 1], high[:, 0]] - wanted
    share = np.clip(first / (first - second), 1e-6, 1 - 1e-6)
    moved = low.astype(np.float64) + share[:, None] * (high - low) + [first_column, first_row]
    ends = np.append(starts[1:], len(moved))
    for begin, end in zip(starts, ends, strict=True):
        if end - begin >= 3:
            found[level_of[begin]].append(moved[begin:end])
    return found


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice, slice] | None:
    """The smallest box of slices, rows and columns that holds all of a mask."""
    slices = np.flatnonzero(mask.reshape(len(mask), -1).any(axis=1))
    if not len(slices):
        return None
    along = slice(int(slices[0]), int(slices[-1]) + 1)
    flat = np.logical_or.reduce(mask[along], axis=0)
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    return along, slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _segments(inner: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Pieces of outlines, one or two in each square of four pixel centres that aren't all alike.

    Returns:
        Where each piece begins, ``(n, 2)`` column, row in `inner`; its slice; and the piece that goes on where it ends.
    """
    height, width = inner.shape[1:]
    code = inner[:, :-1, :-1] + 2 * inner[:, :-1, 1:]
    code += 4 * inner[:, 1:, :-1]
    code += 8 * inner[:, 1:, 1:]
    cells = np.flatnonzero((code != 0) & (code != 15))
    kind = code.reshape(-1)[cells]
    # A piece enters and leaves its square through sides, with the inside on its left; a side is known by the pixel at
    # its upper left, and whether it joins that with its right (0) or lower (1) neighbour.
    k, rest = np.divmod(cells, (height - 1) * (width - 1))
    j, i = np.divmod(rest, width - 1)
    pixel = (k * height + j) * width + i
    sides = np.stack([2 * pixel, 2 * pixel + 3, 2 * (pixel + width), 2 * pixel + 1])  # upper, right, lower, left
    where, entry, leave = [], [], []
    for table in _PIECES:
        chosen = np.flatnonzero(table[kind, 0] >= 0)
        where.append(chosen)
        entry.append(sides[table[kind[chosen], 0], chosen])
        leave.append(sides[table[kind[chosen], 1], chosen])
    begin, end = np.concatenate(entry), np.concatenate(leave)
    order = np.argsort(begin)
    following = order[np.searchsorted(begin, end, sorter=order)]
    at, lower = np.divmod(begin, 2)
    at, column = np.divmod(at, width)
    points = np.column_stack([column + 0.5 * (lower == 0), at % height + 0.5 * (lower == 1)])
    return points, k[np.concatenate(where)], following


def _pieces() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each of the 16 patterns of a square, the sides its first and its second piece enter and leave by, or -1."""
    first, second = np.full((16, 2), -1, dtype=np.intp), np.full((16, 2), -1, dtype=np.intp)
    for code in range(1, 15):
        a, b, c, d = (bool(code >> bit & 1) for bit in range(4))  # upper left, upper right, lower left, lower right
        leaves = [side for side, out in enumerate((a and not b, b and not d, d and not c, c and not a)) if out]
        enters = [side for side, into in enumerate((b and not a, d and not b, c and not d, a and not c)) if into]
        if len(leaves) == 2:
            # Around each inside corner by itself: upper left 3 -> 0, upper right 0 -> 1, lower right 1 -> 2,
            # lower left 2 -> 3.
            leaves = [(side + 1) % 4 for side in enters]
            second[code] = enters[1], leaves[1]
        first[code] = enters[0], leaves[0]
    return first, second


_PIECES = _pieces()


def _loops(following: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pieces in the order in which they follow each other, loop after loop, and where each loop begins."""
    onward = following.tolist()
    seen = bytearray(len(onward))
    order: list[int] = []
    starts: list[int] = []
    for first in range(len(onward)):
        if seen[first]:
            continue
        starts.append(len(order))
        piece = first
        while not seen[piece]:
            seen[piece] = 1
            order.append(piece)
            piece = onward[piece]
    return np.array(order, dtype=np.intp), np.array(starts, dtype=np.intp)


def _without_straight(found: Outlines) -> Outlines:
    """Without corners on a straight line between their neighbours."""
    corners = found.corners_ij
    ends = np.append(found.starts[1:], len(corners)) - 1
    before, after = np.arange(-1, len(corners) - 1), np.arange(1, len(corners) + 1)
    before[found.starts], after[ends] = ends, found.starts
    one, other = corners - corners[before], corners[after] - corners
    turns = one[:, 0] * other[:, 1] != one[:, 1] * other[:, 0]
    return _kept(found, turns)


def _kept(found: Outlines, keep: NDArray[np.bool_]) -> Outlines:
    sizes = np.add.reduceat(keep.astype(np.intp), found.starts)
    return Outlines(found.corners_ij[keep], np.cumsum(sizes) - sizes, found.slices)


def _simplified(found: Outlines, scale: NDArray[np.float64], tolerance_mm: float) -> Outlines:
    """By Douglas and Peucker's rule, in mm; loops that would lose their area stay as they are."""
    numbers = np.repeat(np.arange(len(found.starts)), found.sizes)
    rings = shapely.linearrings(found.corners_ij * scale, indices=numbers)
    simple = shapely.simplify(rings, tolerance_mm, preserve_topology=False)
    lost = shapely.get_num_coordinates(simple) < 4
    simple[lost] = rings[lost]
    corners, owner = shapely.get_coordinates(simple, return_index=True)
    last = np.append(np.diff(owner) > 0, True)  # a ring repeats its first corner
    corners, owner = corners[~last], owner[~last]
    sizes = np.bincount(owner, minlength=len(found.starts))
    return Outlines(corners / scale, np.cumsum(sizes) - sizes, found.slices)
