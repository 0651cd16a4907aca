"""A contoured body on layers of nodes along the directions of a grid's slices, for work in three dimensions.

The body is that of `rtvis.geometry.stack_field`: its contours, straight walls between neighbouring planes, flat ends
half a gap outside. Layers are parallel to the slices, at any heights. Nodes are in rows and columns along those of the
slices; on an upright grid they are the voxel centres themselves, or every second, third ... of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.grid import Grid
from rtvis.geometry.slabs import BOUND_MM
from rtvis.geometry.stack_field import StackField, stack_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack

ROOM = 2
"""Nodes around what a body and its margins reach."""

SAME_MM = 1e-6
"""Heights closer than this are one layer."""

SPARE = 0.2
"""Of a layer: gaps that are no more than so much too wide aren't parted once more."""

SAME_NODE = 1e-6
"""Of a step: nodes this close to a pixel are on it."""


@dataclass(frozen=True, slots=True)
class NodeRaster:
    """Where nodes are in their layers.

    Attributes:
        first_mm: row and column coordinate of the first node, along the columns and the rows of the slices.
        step_mm: between rows and between columns.
        shape: rows, columns.
    """

    first_mm: tuple[float, float]
    step_mm: tuple[float, float]
    shape: tuple[int, int]

    def coordinates(self, axis: int) -> NDArray[np.float64]:
        """Of the rows (0) or the columns (1), mm."""
        return np.asarray(self.first_mm[axis] + self.step_mm[axis] * np.arange(self.shape[axis], dtype=np.float64))


def slice_axes(grid: Grid) -> NDArray[np.float64]:
    """Normal, direction of the columns and direction of the rows of a grid's slices, ``(3, 3)``, at right angles."""
    normal, row = grid.normal, grid.row_direction
    return np.array([normal, np.cross(normal, row), row])


class BodyLayers:
    """The body of some stacks.

    Args:
        stacks: of one or more; their bodies are united.
        grid: gives directions and where nodes are.
        pixels: of the grid from node to node; a half, a third ... too.
        layer_mm: about what is between layers, at most; as between nodes when None.
    """

    def __init__(
        self, stacks: Sequence[ClosedStack], grid: Grid, pixels: float = 1.0, layer_mm: float | None = None
    ) -> None:
        self.axes = slice_axes(grid)
        self.grid = grid
        self.step_mm = (grid.spacing_mm[1] * pixels, grid.spacing_mm[2] * pixels)
        self.fineness_mm = min(self.step_mm)
        self.layer_mm = layer_mm or self.fineness_mm
        through = grid.slice_origins_lps_mm[0]
        self._fields = tuple(stack_field(one, self.fineness_mm, grid.spacing_mm[0], through) for one in stacks)
        corners = np.concatenate([field.corners_lps_mm() for field in self._fields]) @ self.axes.T
        self.low_mm, self.high_mm = corners.min(axis=0), corners.max(axis=0)

    def raster(self, reach_mm: Sequence[Sequence[float]]) -> NodeRaster:
        """Nodes around the body and what it reaches towards falling and rising rows and columns."""
        anchor = self.axes[1:] @ self.grid.slice_origins_lps_mm[0]
        first, count = [], []
        for axis in range(2):
            low, high = self.low_mm[axis + 1] - reach_mm[axis][0], self.high_mm[axis + 1] + reach_mm[axis][1]
            step = self.step_mm[axis]
            begin = int(np.floor((low - anchor[axis]) / step)) - ROOM
            first.append(float(anchor[axis] + begin * step))
            count.append(int(np.ceil((high - anchor[axis]) / step)) + ROOM + 1 - begin)
        return NodeRaster((first[0], first[1]), self.step_mm, (count[0], count[1]))

    def heights(self, more_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights along the normal, ascending, of enough layers to tell the whole body.

        Those of its contours, its ends, `more_mm` where they are within the body, and others so that no two are much
        farther apart than `layer_mm`.
        """
        base = [self.low_mm[:1], self.high_mm[:1], more_mm[(more_mm > self.low_mm[0]) & (more_mm < self.high_mm[0])]]
        base += [field.heights_mm for field in self._fields if self._is_along(field)]
        known = np.unique(np.concatenate(base))
        known = known[np.append(True, np.diff(known) > SAME_MM)]
        parts = np.maximum(np.ceil(np.diff(known) / self.layer_mm - SPARE), 1).astype(int)
        between = [np.linspace(low, high, n + 1)[1:-1] for low, high, n in zip(known, known[1:], parts, strict=False)]
        return np.sort(np.concatenate([known, *between]))

    def values(self, height_mm: float, raster: NodeRaster) -> NDArray[np.float32]:
        """The largest of the stacks' fields on a layer, mm, positive inside; ``raster.shape``."""
        rows, columns = raster.coordinates(0), raster.coordinates(1)
        result: NDArray[np.float32] | None = None
        for field in self._fields:
            if self._is_along(field):
                own = _along(field, height_mm, rows, columns)
            else:
                own = self._across(field, height_mm, rows, columns)
            result = own if result is None else np.maximum(result, own, out=result)
        assert result is not None
        return result

    def _is_along(self, field: StackField) -> bool:
        plane = field.plane
        return bool(np.allclose([plane.normal, plane.v, plane.u], self.axes, atol=1e-9, rtol=0))

    def _across(
        self, field: StackField, height_mm: float, rows: NDArray[np.float64], columns: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """A field of any direction on a layer."""
        from scipy.ndimage import map_coordinates  # noqa: PLC0415  (takes a tenth of a second to load, and few need it)

        normal, down, right = self.axes
        points = height_mm * normal + rows[:, None, None] * down + columns[None, :, None] * right
        plane = field.plane
        j, over_rows = _on_raster(field, points @ plane.v, 0)
        i, over_columns = _on_raster(field, points @ plane.u, 1)
        # As for slabs, the lower end belongs to the body and the upper one doesn't.
        heights = points @ plane.normal + BOUND_MM
        within = np.flatnonzero(~field.closing)
        where = np.stack([np.interp(heights, field.heights_mm[within], within), j, i])
        walls = map_coordinates(field.values, where, order=1, mode="nearest") - np.hypot(over_rows, over_columns)
        return np.asarray(np.minimum(walls, field.to_ends_mm(heights)), dtype=np.float32)


def joint_field(stacks: Sequence[ClosedStack], pixel_mm: float, most_values: int, single_mm: float = 1.0) -> StackField:
    """The field of what several stacks cover together, in the directions of the first.

    Args:
        stacks: of any orientation.
        pixel_mm: between nodes, in a layer and between layers; made larger for no more than `most_values`.
        most_values: of the field.
        single_mm: thickness of a plane that is alone.
    """
    points = np.concatenate([one.points_lps_mm for one in stacks])
    first = stacks[0].plane
    size = np.ptp(points @ np.array([first.u, first.v, first.normal]).T, axis=0) + 2 * ROOM * pixel_mm
    pixel = max(pixel_mm, float(np.cbrt(np.prod(size) / most_values)))
    orientation = [*first.u.tolist(), *first.v.tolist()]
    grid = Grid.from_slices(points[:1], orientation, (pixel, pixel), (1, 1), single_slice_thickness_mm=single_mm)
    body = BodyLayers(stacks, grid)
    raster = body.raster([(0.0, 0.0)] * 2)
    heights = body.heights(np.empty(0))
    heights = np.concatenate([heights[:1] - pixel, heights, heights[-1:] + pixel])
    values = np.stack([body.values(height, raster) for height in heights.tolist()])
    closing = np.zeros(len(heights), dtype=bool)
    closing[[0, -1]] = True
    corner = np.array(raster.first_mm[::-1])
    ends = np.array([[heights[0], heights[-1]]])
    return StackField(values, corner, pixel, heights, first, closing, ends)


def resampled(
    plane: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64], outside: float
) -> NDArray[np.float32]:
    """Values between the pixels of a plane, linearly, at each of some rows and columns.

    Args:
        plane: ``(rows, columns)``.
        rows: ``(n,)`` in pixels, ascending.
        columns: ``(m,)`` likewise.
        outside: the value beyond the plane's first and last pixels.

    Returns:
        ``(n, m)``
    """
    kept = [
        np.flatnonzero((at > -SAME_NODE) & (at < count - 1 + SAME_NODE))
        for at, count in zip((rows, columns), plane.shape, strict=True)
    ]
    result = np.full((len(rows), len(columns)), outside, dtype=np.float32)
    if not (len(kept[0]) and len(kept[1])):
        return result
    inner = _between(_between(plane, rows[kept[0]]).T, columns[kept[1]]).T
    result[kept[0][0] : kept[0][-1] + 1, kept[1][0] : kept[1][-1] + 1] = inner
    return result


def _between(plane: NDArray[np.float32], rows: NDArray[np.float64]) -> NDArray[np.float32]:
    nearest = np.rint(rows)
    if np.all(np.abs(rows - nearest) <= SAME_NODE):
        first = nearest.astype(np.intp)
        steps = np.diff(first)
        return plane[first[0] : first[-1] + 1] if np.all(steps == 1) else plane[first]
    lower = np.clip(np.floor(rows), 0, plane.shape[0] - 2).astype(np.intp)
    share = (rows - lower).astype(np.float32)[:, None]
    return np.asarray((1 - share) * plane[lower] + share * plane[lower + 1])


def _along(
    field: StackField, height_mm: float, rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float32]:
    """A field on a layer that is parallel to its own."""
    outside = -np.float32(field.pixel_mm)
    heights = field.heights_mm
    upper = int(np.searchsorted(heights, height_mm - SAME_MM))
    if upper == len(heights) or (upper == 0 and height_mm < heights[0] - SAME_MM):
        return np.full((len(rows), len(columns)), outside, dtype=np.float32)
    plane = field.values[upper]
    if upper and abs(heights[upper] - height_mm) > SAME_MM:
        share = np.float32((height_mm - heights[upper - 1]) / (heights[upper] - heights[upper - 1]))
        plane = (1 - share) * field.values[upper - 1] + share * plane
    at, over = zip(*(_on_raster(field, part, axis) for axis, part in enumerate((rows, columns))), strict=True)
    # Nodes next to the raster may be the first ones outside the body, and tell where between nodes it ends.
    near = [
        np.flatnonzero(part <= np.max(np.diff(coordinates), initial=0.0))
        for part, coordinates in zip(over, (rows, columns), strict=True)
    ]
    result = np.full((len(rows), len(columns)), outside, dtype=np.float32)
    if len(near[0]) and len(near[1]):
        inner = resampled(plane, at[0][near[0]], at[1][near[1]], float(outside))
        beyond = np.hypot(over[0][near[0]][:, None], over[1][near[1]])
        result[near[0][0] : near[0][-1] + 1, near[1][0] : near[1][-1] + 1] = inner - beyond.astype(np.float32)
    return result


def _on_raster(
    field: StackField, coordinates_mm: NDArray[np.float64], axis: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places along the rows (0) or columns (1) of a field's raster, in pixels, and by how many mm they are beyond it.

    Places beyond it are moved to its rim.
    """
    at = (coordinates_mm - field.corner_mm[1 - axis]) / field.pixel_mm
    inner = np.clip(at, 0, field.values.shape[axis + 1] - 1)
    return inner, np.abs(at - inner) * field.pixel_mm
