"""Margins, shrinking and smoothing of contoured bodies for grids that are tilted or unevenly spaced.

Distances in three dimensions need axes at right angles and even steps. A body therefore gets a lattice of its own:
along the rows, columns and normal of the grid's slices, with the smallest of the grid's spacings in all three
directions (larger where it would have more than `MOST_NODES` nodes), around the body and all its margins, whether the
grid reaches that far or not. The body there is that of `rtvis.geometry.stack_field`: its contours, straight walls
between neighbouring planes, flat ends half a gap outside. Where its surface crosses the lattice's lines is found to a
small part of a step, and distances are taken from these crossings. Results are read back at the grid's own voxel
centres, linearly between nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from rtvis.geometry.distance_volumes import LEAST_MARGIN_MM
from rtvis.geometry.slabs import BOUND_MM
from rtvis.geometry.stack_field import StackField, stack_field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.distance_volumes import Margins
    from rtvis.geometry.grid import Grid

MOST_NODES = 2**24
"""Of a lattice; each array on it then takes 64 MiB."""

BISECTIONS = 6
"""Crossings are found to the 64th part of a step."""

FAR = 2.0
"""Gauges beyond this don't matter: 1 is where a margin ends."""

ROOM = 2
"""Nodes around what a body and its margins reach."""


@dataclass(frozen=True, slots=True, eq=False)
class _Crossings:
    """Where lines along one axis cross a surface: after the nodes `lower` (flat indices), by `share` of a step."""

    lower: NDArray[np.intp]
    share: NDArray[np.float32]


class BodyLattice:
    """A body on an upright, even lattice.

    Args:
        stacks: of one or more; their bodies are united.
        grid: of any kind; gives directions and the step, and gets the results.
        reach_mm: low and high of the normal, the columns and the rows: how far results can reach beyond the body.
    """

    def __init__(self, stacks: Sequence[ClosedStack], grid: Grid, reach_mm: Sequence[tuple[float, ...]]) -> None:
        self._grid = grid
        self._fields = tuple(stack_field(one, min(grid.spacing_mm[1:]), grid.spacing_mm[0]) for one in stacks)
        normal, row = grid.normal, grid.row_direction
        self._axes = np.array([normal, np.cross(normal, row), row])
        corners = np.concatenate([_corners(field) for field in self._fields]) @ self._axes.T
        room = np.array(reach_mm, dtype=np.float64)
        low, high = corners.min(axis=0) - room[:, 0], corners.max(axis=0) + room[:, 1]
        step = min(grid.spacing_mm)
        while np.prod(np.ceil((high - low) / step) + 1 + 2 * ROOM) > MOST_NODES:
            step *= 1.05
        self.step_mm = step
        counts = np.ceil((high - low) / step).astype(int) + 1 + 2 * ROOM
        self._shape = (int(counts[0]), int(counts[1]), int(counts[2]))
        self._first = (low + high) / 2 - (counts - 1) / 2 * step
        self._values = self._filled()
        self._inside = self._values > 0

    def grown(self, margins: Margins) -> NDArray[np.bool_]:
        """The voxels of the grid whose centre the body with margins covers, ``grid.shape``."""
        gauge = self._gauge(margins, outside=False)
        return self._read(gauge, FAR, lambda values: values <= 1)

    def shrunk(self, margins: Margins) -> NDArray[np.bool_]:
        """The voxels of the grid whose centre is left when each side of the body moves inwards by its margin."""
        gauge = self._gauge(margins.turned, outside=True)
        return self._read(gauge, 0.0, lambda values: values > 1)

    def smoothed(self, width_mm: float) -> NDArray[np.bool_]:
        """The voxels of the grid where half of the occupancy or more is left by a Gaussian of `width_mm`."""
        share = np.clip(self._values / np.float32(self.step_mm) + np.float32(0.5), 0, 1)
        blurred = gaussian_filter(share, width_mm / self.step_mm, mode="constant")
        return self._read(blurred, 0.0, lambda values: values > 0.5)

    def _filled(self) -> NDArray[np.float32]:
        """The fields at all nodes."""
        result = np.empty(self._shape, dtype=np.float32)
        j, i = (np.arange(count, dtype=np.float64) for count in self._shape[1:])
        for k in range(self._shape[0]):
            nodes = np.stack(np.broadcast_arrays(np.float64(k), j[:, None], i[None, :]), axis=-1)
            result[k] = self._body(nodes)
        return result

    def _body(self, nodes: NDArray[np.float64]) -> NDArray[np.float32]:
        """The largest of the fields at fractional nodes ``(..., 3)``."""
        points = (nodes * self.step_mm + self._first) @ self._axes
        result = _field_at(self._fields[0], points)
        for field in self._fields[1:]:
            np.maximum(result, _field_at(field, points), out=result)
        return result

    def _crossings(self, axis: int) -> _Crossings:
        after = [slice(None)] * 3
        before = list(after)
        after[axis], before[axis] = slice(1, None), slice(None, -1)
        where = np.argwhere(self._inside[tuple(before)] != self._inside[tuple(after)])
        from_inside = self._inside[tuple(where.T)]
        low, high = np.zeros(len(where)), np.ones(len(where))
        nodes = where.astype(np.float64)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            nodes[:, axis] = where[:, axis] + middle
            same = (self._body(nodes) > 0) == from_inside
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        flat = np.ravel_multi_index(tuple(where.T), self._shape)
        return _Crossings(np.asarray(flat, dtype=np.intp), ((low + high) / 2).astype(np.float32))

    def _gauge(self, margins: Margins, *, outside: bool) -> NDArray[np.float32]:
        """How many margins away from the body (or from its outside) each node is; 0 on it, at most `FAR`."""
        seeds = ~self._inside if outside else self._inside
        half = [tuple(max(one, LEAST_MARGIN_MM) for one in margins.along(axis)) for axis in "kji"]
        least = np.full(self._shape, FAR**2, dtype=np.float32)
        # The body's parts on the lattice's lines of each direction in turn: together they hold all crossings.
        for first in range(3):
            best = self._swept_from_lines(seeds, first, half[first])
            for axis in range(3):
                if axis != first:
                    best = self._swept(best, axis, half[axis])
            np.minimum(least, best, out=least)
        return np.sqrt(least, out=least)

    def _swept_from_lines(self, seeds: NDArray[np.bool_], axis: int, half_mm: tuple[float, ...]) -> NDArray[np.float32]:
        """Squared gauges along one axis, from crossings."""
        found = self._crossings(axis)
        stride = int(np.prod(self._shape[axis + 1 :]))
        leaving = seeds.reshape(-1)[found.lower]
        best = np.where(seeds, np.float32(0), np.float32(FAR**2))
        moved = best.copy()
        for rising in (False, True):
            # How far the seeds' body goes on beyond the node it ends at.
            beyond = np.zeros(seeds.size, dtype=np.float32)
            if rising:
                beyond[found.lower[leaving]] = found.share[leaving]
            else:
                beyond[found.lower[~leaving] + stride] = 1 - found.share[~leaving]
            beyond = beyond.reshape(self._shape)
            unit = np.float32(self.step_mm / half_mm[rising])
            for step in range(1, self._steps(half_mm[rising], axis) + 1):
                to, source = _shifted(axis, step, rising=rising)
                cost = ((step - beyond[source]) * unit) ** 2 + best[source]
                np.minimum(moved[to], cost, out=moved[to])
        return moved

    def _swept(self, best: NDArray[np.float32], axis: int, half_mm: tuple[float, ...]) -> NDArray[np.float32]:
        """Squared gauges with those along one more axis added where that makes them less."""
        moved = best.copy()
        for rising in (False, True):
            unit = self.step_mm / half_mm[rising]
            for step in range(1, self._steps(half_mm[rising], axis) + 1):
                to, source = _shifted(axis, step, rising=rising)
                np.minimum(moved[to], best[source] + np.float32((step * unit) ** 2), out=moved[to])
        return moved

    def _steps(self, half_mm: float, axis: int) -> int:
        """Steps to just beyond a margin: between that node and the one before, the margin ends."""
        return min(int(half_mm / self.step_mm) + 2, self._shape[axis] - 1)

    def _read(
        self, values: NDArray[np.float32], beyond: float, chosen: Callable[[NDArray[np.float32]], NDArray[np.bool_]]
    ) -> NDArray[np.bool_]:
        """What is chosen of values at the centres of the grid's voxels; outside the lattice nothing is."""
        grid = self._grid
        result = np.zeros(grid.shape, dtype=bool)
        across = [grid.affine_lps[:3, column] @ self._axes.T / self.step_mm for column in (0, 1)]
        origins = (grid.slice_origins_lps_mm @ self._axes.T - self._first) / self.step_mm
        for k, origin in enumerate(origins):
            if not 0 <= origin[0] <= self._shape[0] - 1:
                continue
            i = np.arange(grid.shape[2])
            j = np.arange(grid.shape[1])
            columns, rows = origin[2] + i * across[0][2], origin[1] + j * across[1][1]
            i = i[(columns >= 0) & (columns <= self._shape[2] - 1)]
            j = j[(rows >= 0) & (rows <= self._shape[1] - 1)]
            if not (len(i) and len(j)):
                continue
            nodes = origin + j[:, None, None] * across[1] + i[None, :, None] * across[0]
            found = map_coordinates(values, np.moveaxis(nodes, -1, 0), order=1, mode="constant", cval=beyond)
            result[k, j[0] : j[-1] + 1, i[0] : i[-1] + 1] = chosen(found)
        return result


def _shifted(axis: int, step: int, *, rising: bool) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where to and where from, for `step` nodes along an axis."""
    ahead, behind = [slice(None)] * 3, [slice(None)] * 3
    ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
    return (tuple(ahead), tuple(behind)) if rising else (tuple(behind), tuple(ahead))


def _field_at(field: StackField, points: NDArray[np.float64]) -> NDArray[np.float32]:
    """A field at points ``(..., 3)`` LPS mm; negative where it doesn't reach."""
    plane = field.plane
    columns = (points @ plane.u - field.corner_mm[0]) / field.pixel_mm
    rows = (points @ plane.v - field.corner_mm[1]) / field.pixel_mm
    # As for slabs, the lower end belongs to the body and the upper one doesn't.
    heights = points @ plane.normal + BOUND_MM
    count = len(field.heights_mm)
    layers = np.interp(heights, field.heights_mm, np.arange(count), left=-1, right=count)
    where = np.stack([layers, rows, columns])
    return np.asarray(map_coordinates(field.values, where, order=1, mode="constant", cval=-1.0))


def _corners(field: StackField) -> NDArray[np.float64]:
    """Corners of a field's box, ``(8, 3)`` LPS mm."""
    low = np.array([*field.corner_mm, field.heights_mm[0]])
    size = np.array(field.values.shape[2:0:-1])
    high = np.array([*(field.corner_mm + (size - 1) * field.pixel_mm), field.heights_mm[-1]])
    sides = np.where([[(n >> axis) & 1 for axis in range(3)] for n in range(8)], high, low)
    return np.asarray(sides @ np.array([field.plane.u, field.plane.v, field.plane.normal]))
