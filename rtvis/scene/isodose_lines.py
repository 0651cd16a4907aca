"""Lines of equal dose on a plane: marching squares through the dose as it is between voxels, trilinear."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rtvis.geometry.contouring import level_lines
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import Overlay, Stroke
from rtvis.scene.slice_sampler import OUTSIDE, SliceSampler
from rtvis.scene.volume_image import VolumeImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtvis.app.isodoses import Isodoses
    from rtvis.geometry.plane import Plane
    from rtvis.model.dose import Dose

PARALLEL_SINE = 1e-7
"""Planes that leave an axis of the dose grid by less follow it: 0.05 µm over half a metre."""

STEPS_A_VOXEL = 2.0
"""Samples to the smallest side of a voxel on planes across the grid."""

MOST_SAMPLES = 512
"""To a side of such a plane; a larger one is sampled more coarsely."""

MOST_KEPT = 16
"""Planes whose lines are kept."""

KEY_DECIMALS = 9
"""Of mm: slices that are come to from both sides have the same lines, whatever rounding makes of their places."""

Lines: TypeAlias = tuple[tuple[NDArray[np.float64], ...], ...]
"""For each dose its polylines, ``(n, 3)`` LPS mm each."""

_SLICES = 2
"""The grid axis of slices: alone across it uneven or sheared grids have even lines."""


class IsodoseLines:
    """Isodose lines of one dose in one view; those of the last planes are kept, and of the next ones found ahead.

    A plane along the dose grid is cut at the grid's own lines, on whose squares trilinear dose is bilinear: crossings
    with them are exact. Other planes are sampled twice as finely as the grid.

    Args:
        dose: whose lines.
        image: of its volume; all views may share it.
    """

    def __init__(self, dose: Dose, image: VolumeImage) -> None:
        self._dose = dose
        self._image = image
        flat = 1 in dose.volume.grid.shape
        self._sampler = SliceSampler(border=flat)
        self._kept: OrderedDict[tuple[object, ...], Lines] = OrderedDict()

    def release(self) -> None:
        """Let go of the dose."""
        self._sampler.release()
        self._kept.clear()

    def cut(self, plane: Plane, doses: tuple[float, ...]) -> Lines:
        """Lines of equal dose on a plane.

        Args:
            plane: in patient space.
            doses: in the dose's units.

        Returns:
            For each dose its polylines, ``(n, 3)`` LPS mm each; a closed one ends where it begins.
        """
        key = _key(plane, doses)
        if key not in self._kept:
            self._kept[key] = self._cut(plane, doses)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def prepare(self, plane: Plane, isodoses: Isodoses) -> bool:
        """Have the lines ready of a plane that may be shown next; False where there is nothing to do."""
        doses = tuple(dose for dose, _ in isodoses.drawn())
        if not doses or _key(plane, doses) in self._kept:
            return False
        self.cut(plane, doses)
        return True

    def overlay(self, framing: Framing, isodoses: Isodoses) -> Overlay:
        """The lines of the levels that are drawn, on the plane of a framing, in display coordinates."""
        drawn = isodoses.drawn()
        if not drawn:
            return Overlay()
        lines = self.cut(framing.plane, tuple(dose for dose, _ in drawn))
        strokes = [
            Stroke(framing.patient_to_display(points), color, isodoses.width_px)
            for (_, color), found in zip(drawn, lines, strict=True)
            for points in found
        ]
        return Overlay(strokes=tuple(strokes))

    def _cut(self, plane: Plane, doses: tuple[float, ...]) -> Lines:
        sampled = self._along_grid(plane)
        stored, origin, axes = self._across_grid(plane) if sampled is None else sampled
        if not stored.size:
            return tuple(() for _ in doses)
        # A rim of NaN closes lines that leave the grid; where they cross it they are NaN, and are parted there.
        field = np.pad(stored, 1, constant_values=np.nan)
        found = level_lines(field, [dose / self._dose.factor for dose in doses])
        return tuple(tuple(origin + piece @ axes for loop in loops for piece in _parted(loop - 1.0)) for loops in found)

    def _along_grid(self, plane: Plane) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
        """Stored doses ``(rows, columns)`` at the grid's own lines on a plane along two of its axes, else None.

        They come with the patient point of the first, and ``(2, 3)`` mm from column to column and row to row.
        """
        grid, voxels = self._dose.volume.grid, self._dose.volume.voxels
        columns = grid.affine_lps[:3, :3]
        across = np.abs(plane.normal @ (columns / np.linalg.norm(columns, axis=0)))
        axis = int(np.argmax(across))
        if np.any(np.delete(across, axis) > PARALLEL_SINE) or not (grid.regular or axis == _SLICES):
            return None
        place = float(grid.to_index(plane.origin_lps_mm)[axis])
        last = grid.shape[2 - axis] - 1
        slack = 0.5 if last == 0 else 1e-6
        if not -slack <= place <= last + slack:
            return np.empty((0, 0)), np.zeros(3), np.zeros((2, 3))
        place = float(np.clip(place, 0.0, last))
        lower = min(int(place), max(last - 1, 0))
        share = place - lower
        layer = np.take(voxels, lower, axis=2 - axis).astype(np.float64)
        if share > 0:
            layer += share * (np.take(voxels, lower + 1, axis=2 - axis) - layer)
        first = np.zeros(3)
        first[axis] = place
        along, down = (one for one in range(3) if one != axis)  # a layer is indexed by the slower axis first
        return layer, grid.to_patient(first), columns[:, [along, down]].T

    def _across_grid(self, plane: Plane) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The same of any plane, sampled evenly; NaN outside."""
        corners = plane.to_plane(self._dose.volume.grid.corners_lps_mm())
        heights = plane.distances_mm(self._dose.volume.grid.corners_lps_mm())
        if heights.min() > 0 or heights.max() < 0:
            return np.empty((0, 0)), np.zeros(3), np.zeros((2, 3))
        low, high = corners.min(axis=0), corners.max(axis=0)
        step = max(min(self._dose.volume.grid.spacing_mm) / STEPS_A_VOXEL, float((high - low).max()) / MOST_SAMPLES)
        width, height = (float(n) for n in np.ceil((high - low) / step) + 1)
        middle = (low + high) / 2
        framing = Framing(plane, (float(middle[0]), float(middle[1])), step, width, height)
        stored = self._sampler.sample(self._image.whole, framing).astype(np.float64)
        stored[stored == OUTSIDE] = np.nan
        stored = (stored * self._image.slope + self._image.intercept) / self._dose.factor
        return stored, framing.display_to_patient(0.5, 0.5), step * np.array([plane.u, plane.v])


def _key(plane: Plane, doses: tuple[float, ...]) -> tuple[object, ...]:
    place = np.concatenate([plane.origin_lps_mm, plane.u, plane.v]).round(KEY_DECIMALS) + 0.0
    return place.tobytes(), doses


def _parted(loop: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """A loop of ``(n, 2)`` points as polylines: one that ends where it begins, or what is left between NaN."""
    there = ~np.isnan(loop[:, 0] + loop[:, 1])
    if there.all():
        yield np.vstack([loop, loop[:1]])
        return
    first = int(np.argmin(there))
    turned, there = np.roll(loop, -first, axis=0), np.roll(there, -first)
    ends = np.flatnonzero(np.diff(np.concatenate([there, [False]]).astype(np.int8)))
    for begin, end in zip(ends[::2] + 1, ends[1::2] + 1, strict=True):
        if end - begin > 1:
            yield turned[begin:end]
