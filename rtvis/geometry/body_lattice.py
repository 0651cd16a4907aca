"""Margins, shrinking and smoothing of contoured bodies in three dimensions, on any grid: even, uneven, tilted, oblique.

The body is known finer than voxels (`rtvis.geometry.body_layers`): where its surface crosses the lines of nodes, along
rows, columns and the normal, is found to a small part of a step, and distances are taken from there, in mm, with a
half axis of its own in each of the six directions (`rtvis.geometry.gauge_sweeps`). They are known on each of the
grid's slices, at its own voxel centres where it is upright and between nodes elsewhere.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.body_layers import SAME_MM, BodyLayers, resampled, slice_axes
from rtvis.geometry.distance_volumes import LEAST_MARGIN_MM
from rtvis.geometry.gauge_sweeps import from_lines, gauge, least_over_layers, squared, swept
from rtvis.geometry.voxel_spread import is_upright

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.geometry.distance_volumes import Margins
    from rtvis.geometry.grid import Grid

    Plane16 = NDArray[np.uint16]
    Report = Callable[[int, int], None]

MOST_WORK = 4e9
"""Steps of nodes: half a second on two cores. Nodes are farther apart where margins of large bodies would take more."""

PIXELS = (1 / 3, 1 / 2, 1.0, 2.0, 3.0, 4.0)
"""Pixels of the grid from node to node, finest first."""

PARTS_OF_NODES, PARTS_OF_LAYERS = 3, 12
"""Nodes are no farther apart than these parts of the smallest margin, where the work allows it, and layers need not be
closer: the error of a distance is about the square of a step by eight times the margin."""

LONGEST_MM = 24.0
"""Layers are never farther apart than for this margin: the body between them is to be known, too."""

THREADS = 2
"""Layers are worked on side by side: numpy lets go of the interpreter."""

NOWHERE_MM = 1e9
"""Where the body is that there is none of."""

ON_END = 1e-4
"""Of a margin: voxel centres so little beyond its end are on it, for what sums were rounded."""

SEED_MM = np.float32(1e-4)
"""How deep in the body a voxel centre is at least that the contours' mask holds."""


class BodyLattice:
    """A body on layers of nodes.

    Args:
        stacks: of one or more; their bodies are united.
        grid: of any kind; gives directions and how fine nodes are, and gets the results.
        sizes_mm: the largest margins there will be, low and high of the normal, the columns and the rows.
        mask: ``grid.shape``, the voxels of the body. Where nodes are voxel centres, these are in the body whatever
            rounding says.
        outwards: whether results can reach beyond the body.
        report: called with (0, 1) after each layer: what it raises ends the work.

    Attributes:
        holds_voxels: whether nodes are voxel centres, and the mask's among the body: then what grows from the body is
            no less than what grows from the voxels (`rtvis.geometry.voxel_spread`).
    """

    def __init__(
        self,
        stacks: Sequence[ClosedStack],
        grid: Grid,
        sizes_mm: Sequence[tuple[float, ...]],
        mask: NDArray[np.bool_] | None = None,
        *,
        outwards: bool = True,
        report: Report | None = None,
    ) -> None:
        self._grid = grid
        self._reach = reach_mm = sizes_mm if outwards else [(0.0, 0.0)] * 3
        least = min((one for pair in sizes_mm for one in pair if one > 0), default=LONGEST_MM)
        pixels = _pixels(stacks, grid, sizes_mm, reach_mm)
        layer = max(min(grid.spacing_mm[1:]) * pixels, min(least, LONGEST_MM) / PARTS_OF_LAYERS)
        self._body = BodyLayers(stacks, grid, pixels, layer)
        self._raster = self._body.raster(reach_mm[1:])
        own = grid.slice_origins_lps_mm @ self._body.axes[0]
        low, high = self._body.low_mm[0] - reach_mm[0][0], self._body.high_mm[0] + reach_mm[0][1]
        self._slices = np.flatnonzero((own >= low - SAME_MM) & (own <= high + SAME_MM))
        self._slices = self._slices[np.argsort(own[self._slices])]
        self._wanted_mm = own[self._slices]
        self._heights = self._body.heights(self._wanted_mm)
        self._values = []
        for height in self._heights:
            if report is not None:
                report(0, 1)
            self._values.append(self._body.values(height, self._raster))
        self.holds_voxels = mask is not None and pixels <= 1 and is_upright(grid)
        if mask is not None and self.holds_voxels:
            self._seed(mask)

    def grown(self, margins: Margins, report: Report | None = None) -> NDArray[np.bool_]:
        """The voxels of the grid whose centre the body with margins covers, ``grid.shape``.

        Args:
            margins: no more than the lattice was made for.
            report: told (layers done, layers in all); what it raises ends the work.
        """
        found = self._gauges(_half(margins), report, outside=False)
        return self._read(found, 2.0, lambda values: values <= 1 + ON_END)

    def shrunk(self, margins: Margins, report: Report | None = None) -> NDArray[np.bool_]:
        """The voxels of the grid whose centre is left when each side of the body moves inwards, as `grown`."""
        found = self._gauges(_half(margins.turned), report, outside=True)
        return self._read(found, 0.0, lambda values: values > 1)

    def smoothed(self, width_mm: float, report: Report | None = None) -> NDArray[np.bool_]:
        """The voxels of the grid where half of the occupancy or more is left by a Gaussian of `width_mm`."""
        from rtvis.geometry.blurring import gaussian_blurred  # noqa: PLC0415  (scipy takes a tenth of a second to load)

        step = self._body.fineness_mm
        low, high = self._body.low_mm[0] - self._reach[0][0], self._body.high_mm[0] + self._reach[0][1]
        heights = np.arange(int((high - low) / step) + 2) * step + low
        found = []
        for done, height in enumerate(heights.tolist()):
            if report is not None:
                report(done, 2 * len(heights))
            found.append(self._body.values(height, self._raster))
        layers = np.stack(found)
        share = np.clip(layers / np.float32(step) + np.float32(0.5), 0, 1)
        sigma = [width_mm / one for one in (step, *self._raster.step_mm)]
        blurred = gaussian_blurred(share, sigma, beyond="zero", truncate=3.0, report=_second_half(report))
        at = (self._wanted_mm - low) / step
        lower = np.clip(np.floor(at), 0, len(heights) - 2).astype(np.intp)
        part = np.clip(at - lower, 0, 1).astype(np.float32)
        planes = [(1 - f) * blurred[n] + f * blurred[n + 1] for n, f in zip(lower.tolist(), part, strict=True)]
        return self._placed(planes, 0.0, lambda values: values > 0.5)

    def _seed(self, mask: NDArray[np.bool_]) -> None:
        """Take voxels of a mask into the body, where voxel centres are nodes."""
        for k, height in zip(self._slices.tolist(), self._wanted_mm.tolist(), strict=True):
            layer = int(np.argmin(np.abs(self._heights - height)))
            if abs(self._heights[layer] - height) > SAME_MM:
                continue
            window, voxels = [], []
            for axis, count in enumerate(self._raster.shape):
                at = np.rint(self._at(k, axis)).astype(np.intp)
                held = np.flatnonzero((at >= 0) & (at < count))
                window.append(slice(int(at[held[0]]), int(at[held[-1]]) + 1, int(at[1] - at[0]) if len(at) > 1 else 1))
                voxels.append(slice(int(held[0]), int(held[-1]) + 1))
            values = self._values[layer][tuple(window)]
            np.maximum(values, SEED_MM, out=values, where=mask[k][tuple(voxels)])

    def _at(self, k: int, axis: int) -> NDArray[np.float64]:
        """Where the rows (0) or columns (1) of the grid's slice k are among the nodes', in steps."""
        begin = float(self._body.axes[axis + 1] @ self._grid.slice_origins_lps_mm[k])
        raster = self._raster
        along = np.arange(self._grid.shape[axis + 1]) * self._grid.spacing_mm[axis + 1]
        return np.asarray((begin - raster.first_mm[axis] + along) / raster.step_mm[axis])

    def _gauges(
        self, half_mm: Sequence[Sequence[float]], report: Report | None, *, outside: bool
    ) -> list[Plane16 | None]:
        """Squared gauges from the body (or from its outside) at the nodes of each wanted slice; None: nothing near."""
        total = len(self._slices) + len(self._heights)
        columns = self._from_columns(half_mm[0], outside=outside)
        with ThreadPoolExecutor(THREADS) as pool:

            def each(work: Callable[[int], Plane16 | None], count: int, done: int) -> list[Plane16 | None]:
                waiting = [pool.submit(work, number) for number in range(count)]
                try:
                    found = []
                    for number, one in enumerate(waiting):
                        if report is not None:
                            report(done + number, total)
                        found.append(one.result())
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
                return found

            layers = each(lambda n: self._in_layer(n, half_mm, outside=outside), len(self._heights), 0)

            def wanted(number: int) -> Plane16 | None:
                offsets = self._wanted_mm[number] - self._heights
                best = least_over_layers(layers, offsets, half_mm[0])
                if (own := columns[number]) is not None:
                    for axis in range(2):
                        own = swept(own, axis, self._raster.step_mm[axis], half_mm[axis + 1])
                    best = own if best is None else np.minimum(best, own)
                return best

            return each(wanted, len(self._slices), len(self._heights))

    def _in_layer(self, number: int, half_mm: Sequence[Sequence[float]], *, outside: bool) -> Plane16 | None:
        """Squared gauges from the body's part in a layer, within the layer."""
        values = self._values[number]
        seeds = (values > 0) != outside
        if not seeds.any():
            return None
        best: Plane16 | None = None
        for axis in range(2):
            own = from_lines(values, seeds, axis, self._raster.step_mm[axis], half_mm[axis + 1])
            own = swept(own, 1 - axis, self._raster.step_mm[1 - axis], half_mm[2 - axis])
            best = own if best is None else np.minimum(best, own, out=best)
        return best

    def _from_columns(self, half_mm: Sequence[float], *, outside: bool) -> list[Plane16 | None]:
        """Squared gauges along the normal, from where the body (or its outside) is above and below each node."""
        below = self._last_seen(range(len(self._heights)), outside=outside)
        above = self._last_seen(range(len(self._heights) - 1, -1, -1), outside=outside)
        low, high = half_mm
        result: list[Plane16 | None] = []
        for height, last, following in zip(self._wanted_mm.tolist(), below, reversed(above), strict=True):
            own = np.float32(height - self._heights[0])
            up, down = (own - last) / np.float32(high), (following - own) / np.float32(low)
            nearest = np.minimum(np.where(up < 0, np.inf, up), np.where(down < 0, np.inf, down))
            result.append(squared(nearest) if nearest.min() < NOWHERE_MM else None)
        return result

    def _last_seen(self, order: range, *, outside: bool) -> list[NDArray[np.float32]]:
        """At which height the body (or its outside) was last, for each node of each wanted slice, in order of layers.

        Heights count from the lowest layer.
        """
        way = float(order.step)
        wanted = (way * np.sort(way * self._wanted_mm)).tolist()
        last = np.full(self._raster.shape, -way * NOWHERE_MM, dtype=np.float32)
        found: list[NDArray[np.float32]] = []
        before: int | None = None
        for number in order:
            height = float(self._heights[number])
            while len(found) < len(wanted) and way * (height - wanted[len(found)]) > SAME_MM:
                found.append(last.copy())
            values = self._values[number]
            seeds = (values > 0) != outside
            if before is not None:
                old, begin = self._values[before], float(self._heights[before])
                row, column = np.divmod(np.flatnonzero(((old > 0) != outside) & ~seeds), seeds.shape[1])
                first, second = old[row, column], values[row, column]
                risen = np.float32(height - begin) * (first / (first - second))
                last[row, column] = np.float32(begin - self._heights[0]) + risen
            np.copyto(last, np.float32(height - self._heights[0]), where=seeds)
            before = number
        return found + [last] * (len(wanted) - len(found))

    def _read(
        self,
        gauges: Sequence[Plane16 | None],
        beyond: float,
        chosen: Callable[[NDArray[np.float32]], NDArray[np.bool_]],
    ) -> NDArray[np.bool_]:
        """What is chosen of gauges at the centres of voxels; `beyond` is the gauge where nothing is known."""
        planes = [None if one is None else gauge(one) for one in gauges]
        return self._placed(planes, beyond, chosen)

    def _placed(
        self,
        planes: Sequence[NDArray[np.float32] | None],
        beyond: float,
        chosen: Callable[[NDArray[np.float32]], NDArray[np.bool_]],
    ) -> NDArray[np.bool_]:
        """What is chosen of values on the wanted slices at the centres of the grid's voxels, ``grid.shape``."""
        result = np.zeros(self._grid.shape, dtype=bool)
        for k, plane in zip(self._slices.tolist(), planes, strict=True):
            if plane is not None:
                values = resampled(plane, self._at(k, 0), self._at(k, 1), beyond)
                result[k] = chosen(values)
        return result


def _pixels(
    stacks: Sequence[ClosedStack],
    grid: Grid,
    sizes_mm: Sequence[tuple[float, ...]],
    reach_mm: Sequence[Sequence[float]],
) -> float:
    """How many pixels of the grid nodes are to be apart."""
    points = np.concatenate([one.points_lps_mm for one in stacks]) @ slice_axes(grid).T
    gaps = [float(np.median(np.diff(one.positions_mm))) for one in stacks if len(one.positions_mm) > 1]
    room, ways = (np.array([sum(pair) for pair in one]) for one in (reach_mm, sizes_mm))
    size = np.ptp(points, axis=0) + room
    size[0] += max(gaps, default=grid.spacing_mm[0])
    least = min((one for pair in sizes_mm for one in pair if one > 0), default=LONGEST_MM)
    fine = [one for one in PIXELS if one <= 1 and one * min(grid.spacing_mm[1:]) <= least / PARTS_OF_NODES]
    if not is_upright(grid) and not all(one > 0 for pair in sizes_mm[1:] for one in pair):
        # Voxel centres between nodes are read from these, and a side that stays where it is tells no way.
        fine = []
    for pixels in PIXELS[PIXELS.index(max(fine, default=PIXELS[0])) :]:
        steps = np.array(grid.spacing_mm[1:]) * pixels
        layer = max(min(steps), min(least, LONGEST_MM) / PARTS_OF_LAYERS)
        layers, slices = size[0] / min(layer, *gaps, grid.spacing_mm[0]), size[0] / grid.spacing_mm[0]
        across = float((ways[1:] / steps).sum()) * (layers + slices) + ways[0] / size[0] * layers * slices
        if float(np.prod(size[1:] / steps)) * across <= MOST_WORK:
            return pixels
    return PIXELS[-1]


def _half(margins: Margins) -> list[list[float]]:
    """Half axes along the normal, columns and rows, each low and high."""
    return [[max(one, LEAST_MARGIN_MM) for one in margins.along(axis)] for axis in "kji"]


def _second_half(report: Report | None) -> Report | None:
    """Reports of the second half of work."""
    return None if report is None else lambda done, total: report(total + done, 2 * total)
