"""What window and level are chosen by: how often each value occurs, and the values within a region of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.measuring import Measured
from rtvis.app.number_text import number_text
from rtvis.app.tools import Finished, Line, Tool, on_plane
from rtvis.geometry.plane import Plane
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.view_state import ViewState
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume

MOST_BINS = 2048
MOST_STORED_RANGE = 1 << 17
"""Stored values within this range are counted one by one; wider ones (32-bit) fall into bins at once."""

REGION_SHARES = (0.01, 0.99)
"""Of the voxels of a region that become black and white: a few outliers don't decide."""

MOST_REGION_SAMPLES = 512
"""Points along each side of a region at which voxels are looked up."""

LEAST_SIDE_MM = 0.05
LEAST_REGION_MM = 0.5
"""A smaller drag was meant as a click."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How often values occur in a volume.

    Attributes:
        low: lower edge of the first bin, in the volume's units.
        bin_width: of each bin, in the volume's units.
        counts: ``(n,)`` voxels in each bin; all voxels of the volume are counted.
    """

    low: float
    bin_width: float
    counts: NDArray[np.int64]

    @property
    def high(self) -> float:
        """Upper edge of the last bin."""
        return self.low + self.bin_width * len(self.counts)


def histogram_of(volume: Volume, report: Report = no_report) -> Histogram:
    """Count the values of all voxels of a volume.

    Bins are whole steps of what is stored where all slices share a rescale: no comb of empty bins.

    Args:
        volume: whose `slice_rescales` take stored values to its units.
        report: called with each slice.
    """
    slopes, intercepts = volume.slice_rescales
    lows, highs = volume.voxels.min(axis=(1, 2)), volume.voxels.max(axis=(1, 2))
    ends = np.stack([lows * slopes + intercepts, highs * slopes + intercepts])
    low, high = float(ends.min()), float(ends.max())
    rescale = volume.rescale
    step = abs(rescale[0]) if rescale is not None and rescale[0] else 0.0
    if step and round((high - low) / step) < MOST_STORED_RANGE:
        width = step * max(1, int(np.ceil(((high - low) / step + 1) / MOST_BINS)))
        first = low - step / 2
    else:
        width = ((high - low) or 1.0) / (MOST_BINS - 1)
        first = low - width / 2
    count = int(np.floor((high - first) / width)) + 1
    counts = np.zeros(count, dtype=np.int64)
    slices = len(volume.slices)
    for k in range(slices):
        report(k, slices)
        stored, often = _occurring(volume.voxels[k])
        bins = np.floor((stored * slopes[k] + intercepts[k] - first) / width).astype(np.intp)
        counts += np.bincount(np.clip(bins, 0, count - 1), weights=often, minlength=count).astype(np.int64)
    return Histogram(first, width, counts)


def _occurring(voxels: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stored values of a slice, and how often each occurs."""
    low, high = int(voxels.min()), int(voxels.max())
    if high - low < MOST_STORED_RANGE:
        return np.arange(low, high + 1), np.bincount(voxels.reshape(-1).astype(np.int64) - low)
    return voxels.reshape(-1).astype(np.int64), np.ones(voxels.size, dtype=np.int64)


def region_bounds(
    volume: Volume,
    plane: Plane,
    first_lps_mm: ArrayLike,
    second_lps_mm: ArrayLike,
    shares: tuple[float, float] = REGION_SHARES,
) -> tuple[float, float] | None:
    """The values that become black and white so that a rectangle in a view is seen best.

    Args:
        volume: whose voxels are looked up.
        plane: of the view; the rectangle's sides are along its u and v.
        first_lps_mm: a corner, ``(3,)`` LPS mm.
        second_lps_mm: the opposite corner.
        shares: of the voxels, 0 to 1, below which those values lie.

    Returns:
        (lower, upper) in the volume's units, equal where the region has one value only; None where no voxel is in it.
    """
    ends = plane.to_plane(np.array([first_lps_mm, second_lps_mm], dtype=np.float64))
    low, high = ends.min(axis=0), ends.max(axis=0)
    spacing = min(volume.grid.spacing_mm)
    counts = np.clip(np.ceil((high - low) / spacing).astype(int) + 1, 2, MOST_REGION_SAMPLES)
    u, v = (np.linspace(low[n], high[n], counts[n]) for n in range(2))
    uv = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    values = _values_at(volume, plane.to_patient(uv))
    if not len(values):
        return None
    lower, upper = np.quantile(values, shares)
    return float(lower), float(upper)


def _values_at(volume: Volume, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the voxels that points ``(n, 3)`` LPS mm lie in; points outside the volume give none."""
    index = np.floor(volume.grid.to_index(points_lps_mm) + 0.5).astype(np.intp)
    limits = np.array(volume.voxels.shape[::-1])
    i, j, k = index[np.all((index >= 0) & (index < limits), axis=1)].T
    slopes, intercepts = volume.slice_rescales
    return np.asarray(volume.voxels[k, j, i] * slopes[k] + intercepts[k])


def show_region(state: ViewState, corners_lps_mm: NDArray[np.float64]) -> str:
    """Set window and level so that a rectangle's inside is seen best.

    Args:
        state: what is shown, and whose window is set.
        corners_lps_mm: ``(4, 3)`` LPS mm, as `RegionTool` gives them.

    Returns:
        One line that tells what was done, or why nothing was.
    """
    along, down = corners_lps_mm[1] - corners_lps_mm[0], corners_lps_mm[3] - corners_lps_mm[0]
    sides = np.linalg.norm(along), np.linalg.norm(down)
    if state.volume is None or min(sides) < LEAST_SIDE_MM:
        return "The region is too small: drag a rectangle"
    plane = Plane(corners_lps_mm[0], along / sides[0], down / sides[1])
    bounds = region_bounds(state.volume, plane, corners_lps_mm[0], corners_lps_mm[2])
    if bounds is None:
        return "The region lies beside the volume"
    if bounds[0] == bounds[1]:
        state.set_window(state.window[0], bounds[0])
    else:
        state.set_bounds(*bounds)
    width, level = state.window
    return f"Levels from region: W {number_text(width)}  L {number_text(level)}"


class RegionTool(Tool):
    """Drag a rectangle in a view: window and level become what shows its inside best. It draws no contour."""

    name = "Levels from region"
    hint = "Drag a rectangle around what you want to see well"

    def __init__(self) -> None:
        super().__init__(closed=True)
        self._plane: Plane | None = None

    @property
    def preview(self) -> NDArray[np.float64]:
        """Corners ``(4, 3)`` of the rectangle so far, LPS mm."""
        if not self._points or self._pointer is None or self._plane is None:
            return np.empty((0, 3))
        (u0, v0), (u1, v1) = self._plane.to_plane(np.array([self._points[0], self._pointer]))
        return self._plane.to_patient(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]))

    @property
    def lines(self) -> list[Line]:
        """The rectangle so far."""
        corners = self.preview
        return [(corners, True)] if len(corners) else []

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set the first corner."""
        self._points, self._pointer, self._plane = [on_plane(point_lps, plane)], None, plane
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The opposite corner follows the pointer while the button is down."""
        if self._points:
            self._pointer = on_plane(point_lps, plane)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Choose the region; one too small to be meant is given up."""
        self.move(point_lps, plane)
        corners = self.preview
        self.cancel()
        if not len(corners) or np.linalg.norm(corners[2] - corners[0]) < LEAST_REGION_MM:
            return None
        return Measured(corners, closed=True, kind="levels")

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def remove_last(self) -> None:
        """There is only the first corner: give up."""
        self.cancel()

    def finish(self) -> Finished | None:
        """Enter means nothing here: give up."""
        self.cancel()
        return None
