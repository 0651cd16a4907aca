"""Closed polygons on a stack of pixel rasters: which pixel centres are inside.

The rule, in index coordinates (whole numbers are pixel centres): a line goes from each centre in the direction of
falling row numbers; a centre is inside when it crosses the polygons' edges an odd number of times. So winding doesn't
matter, a polygon inside another is a hole, one inside that an island, and a keyhole's channel encloses nothing.

Edges are half-open. An edge owns the columns from its left end up to, but not including, its right end; a centre
exactly on an edge counts as beyond it, in the direction of rising row numbers. A centre on the left or upper rim of a
polygon is therefore inside, one on the right or lower rim outside, and of two polygons that share an edge exactly one
has each centre on it. Corners are taken to the nearest 2^-24 of a pixel, and a crossing within `EDGE` of a centre as
exactly on it: a corner that was computed to be at 10 - 1e-13 means 10.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORNER_STEPS = 2.0**24
"""Corners are rounded to this fraction of a pixel: 6e-8 mm where pixels are 1 mm. Index coordinates computed from
patient coordinates are off by 1e-12."""

EDGE = 1e-8
"""Crossings this close to a centre, in pixels, are on it."""

BLOCK_BYTES = 1 << 18
"""Slices are filled in blocks of this size, which stay in the second-level cache from one row to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Polygons:
    """Closed polygons on slices of a raster, in index coordinates.

    Attributes:
        corners_ij: ``(n, 2)`` column, row of the corners of all polygons, one after the other; the last corner of each
            joins the first (which may also be repeated). They may be outside the raster.
        starts: ``(polygons,)`` where each begins in `corners_ij`; none is empty.
        slices: ``(polygons,)`` the slice each is on. Polygons of one slice are taken together, by the even-odd rule.
        joined: ``(polygons,)`` or None; polygons of one slice with the same number are united before the rule applies.
    """

    corners_ij: NDArray[np.float64]
    starts: NDArray[np.intp]
    slices: NDArray[np.intp]
    joined: NDArray[np.intp] | None = None

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Number of corners of each."""
        return np.diff(np.append(self.starts, len(self.corners_ij)))

    def chosen(self, wanted: NDArray[np.intp], slices: NDArray[np.intp]) -> Polygons:
        """Some of them, none united with another, on other slices."""
        sizes = self.sizes[wanted]
        begin = np.cumsum(sizes) - sizes
        index = np.arange(int(sizes.sum())) + np.repeat(self.starts[wanted] - begin, sizes)
        return Polygons(self.corners_ij[index], begin, slices)


SPARSE_BYTES = 1 << 22
"""Masks from this size on can take memory page by page."""


def empty_mask(shape: tuple[int, ...], *, dense: bool = True) -> NDArray[np.bool_]:
    """A mask of zeros.

    Args:
        shape: of the mask.
        dense: False for one that will hold little: it takes memory only for those 4 kB pages that are written to.
            `numpy.zeros` asks the system for huge pages for large arrays, which are quicker to fill; a spinal cord of
            20 kB in 29 MB of voxels would take all 29 MB of them, and the time to clear them.
    """
    size = math.prod(shape)
    if dense or size < SPARSE_BYTES or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.zeros(shape, dtype=bool)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(memory, dtype=bool).reshape(shape)


def next_points(starts: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """For points of closed loops laid end to end, the index of the one that follows each, ``(count,)``."""
    following = np.arange(1, count + 1, dtype=np.intp)
    if len(starts):
        following[np.append(starts[1:], count) - 1] = starts
    return following


def fill(polygons: Polygons, mask: NDArray[np.bool_]) -> None:
    """Set the pixels inside polygons; `mask` is ``(slices, rows, columns)``, C-contiguous and all False."""
    slices, joined = polygons.slices, polygons.joined
    if joined is not None:
        _, inverse, counts = np.unique(np.stack([slices, joined]), axis=1, return_inverse=True, return_counts=True)
        special = np.unique(slices[counts[inverse.reshape(-1)] > 1])
        if len(special):
            simple = np.flatnonzero(~np.isin(slices, special))
            _fill(polygons.chosen(simple, slices[simple]), mask)
            for number in special:
                mask[number] = _united(polygons, joined, np.flatnonzero(slices == number), mask.shape[1:])
            return
    _fill(polygons, mask)


def _united(
    polygons: Polygons, joined: NDArray[np.intp], members: NDArray[np.intp], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """One slice of polygons some of which are united."""
    result = np.zeros(shape, dtype=bool)
    for name in np.unique(joined[members]):
        same = members[joined[members] == name]
        each = np.zeros((len(same), *shape), dtype=bool)
        _fill(polygons.chosen(same, np.arange(len(same))), each)
        result ^= each.any(axis=0)
    return result


def _fill(polygons: Polygons, mask: NDArray[np.bool_]) -> None:
    rows, columns = mask.shape[1:]
    slice_of, column, crossing = crossings(polygons, columns)
    row = np.clip(np.ceil(crossing - EDGE), 0, rows).astype(np.int64)
    within = row < rows  # beyond the last row nothing is left to toggle
    if not within.any():
        return
    toggles = ((slice_of * rows + row) * columns + column)[within]
    pixels = mask.reshape(-1).view(np.uint8)
    np.add.at(pixels, toggles, np.uint8(1))
    pixels[toggles] &= 1
    _accumulate(mask.view(np.uint8), slice_of, row, column)


def crossings(polygons: Polygons, columns: int) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float64]]:
    """Where edges of polygons cross columns of pixel centres; columns from `columns` on are left out.

    Returns:
        Slice, column and (fractional) row of each crossing, all ``(n,)``.
    """
    corners = np.rint(polygons.corners_ij * CORNER_STEPS)
    corners /= CORNER_STEPS
    following = next_points(polygons.starts, len(corners))
    x0, y0 = corners[:, 0], corners[:, 1]
    cell = np.clip(np.ceil(x0), 0, columns).astype(np.int32)  # the first column at or right of each corner
    crossing_count = np.abs(cell[following] - cell)
    edges = np.flatnonzero(crossing_count)
    counts = crossing_count[edges]
    onward = following[edges]
    # From left to right whichever way the polygon turns: a shared edge is crossed at the very same number.
    backwards = x0[onward] < x0[edges]
    left, right = np.where(backwards, onward, edges), np.where(backwards, edges, onward)
    slope = (y0[right] - y0[left]) / (x0[right] - x0[left])
    ends = np.cumsum(counts)
    column = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    column += np.repeat(cell[left] - (ends - counts), counts)
    row = np.repeat(slope, counts)
    row *= column - np.repeat(x0[left], counts)
    row += np.repeat(y0[left], counts)
    return np.repeat(np.repeat(polygons.slices, polygons.sizes)[edges], counts), column, row


def _accumulate(
    pixels: NDArray[np.uint8], slices: NDArray[np.int64], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> None:
    """Carry toggles down the columns, row by row, in blocks of slices; rows beyond the last one are allowed."""
    count = len(pixels)
    top = np.full(count, pixels.shape[1])
    np.minimum.at(top, slices, rows)
    bottom = np.zeros(count, dtype=np.int64)
    np.maximum.at(bottom, slices, rows)
    left, right = int(columns.min()), int(columns.max()) + 1
    used = np.flatnonzero(bottom >= top)
    step = max(1, BLOCK_BYTES // ((right - left) * int((bottom - top)[used].max() + 1)))
    for begin in range(int(used[0]), int(used[-1]) + 1, step):
        end = min(begin + step, int(used[-1]) + 1)
        first, last = int(top[begin:end].min()), min(int(bottom[begin:end].max()), pixels.shape[1] - 1)
        block = pixels[begin:end, :, left:right]
        for row in range(first + 1, last + 1):
            np.bitwise_xor(block[:, row], block[:, row - 1], out=block[:, row])
