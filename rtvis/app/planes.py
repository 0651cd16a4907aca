"""The three standard view planes of a volume and an oblique one, and how a cursor steps through them.

Views follow the volume's own axes (row, column, normal), so that native slices are shown as they are, an MR tilted by
two degrees included. Each axis is called axial, coronal or sagittal by what it matches best. Screens are radiological:
axial with L to the right and P down, coronal with L to the right and I down, sagittal with P to the right and I down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, permutations
from math import floor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy

from rtvis.app.oblique import Oblique
from rtvis.app.oblique_steps import ObliqueSteps
from rtvis.geometry.frame import orientation_letter
from rtvis.geometry.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.geometry.grid import Grid


class PlaneKind(StrEnum):
    """The view planes; the values are what `rtvis render --view` takes."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    OBLIQUE = "oblique"


STANDARD_KINDS = (PlaneKind.AXIAL, PlaneKind.CORONAL, PlaneKind.SAGITTAL)


class EdgeLetters(NamedTuple):
    """The side of the patient at each edge of a view, strongest letter first, such as ``L`` or ``LP``."""

    left: str
    right: str
    top: str
    bottom: str


class Bounds(NamedTuple):
    """Extent of the volume in a view plane's own coordinates (`Plane.to_plane`), mm, outer faces of the voxels."""

    u_low: float
    u_high: float
    v_low: float
    v_high: float


@dataclass(frozen=True, slots=True, eq=False)
class ViewPlane:
    """One view's plane.

    Attributes:
        kind: which of the standard planes it is.
        plane: where it lies; `u` is to the right and `v` downwards on the screen. Planes of one kind of one volume
            share in-plane coordinates: their origin moves along the normal only.
        native: whether it shows the volume's own slices.
        slice_index: index of the slice or voxel row shown, from 0, or None outside the volume.
        slice_count: how many there are.
        gap_mm: distance to the neighbouring slice or voxel row, the nearer one.
        sides_mm: half the distances to both neighbours of a slice, against the plane's normal and along it; None where
            they are alike.
    """

    kind: PlaneKind
    plane: Plane
    native: bool
    slice_index: int | None
    slice_count: int
    gap_mm: float
    sides_mm: tuple[float, float] | None = None

    @property
    def reach_mm(self) -> tuple[float, float]:
        """How far what lies beside the plane still belongs to it, against its normal and along it.

        Slices share what is between them: whatever the gaps, nothing in the stack belongs to none of them.
        """
        return self.sides_mm or (self.gap_mm / 2, self.gap_mm / 2)

    @property
    def letters(self) -> EdgeLetters:
        """Orientation letters of the four edges."""
        u, v = self.plane.u, self.plane.v
        return EdgeLetters(orientation_letter(-u), orientation_letter(u), orientation_letter(-v), orientation_letter(v))

    @property
    def position_mm(self) -> float:
        """The patient coordinate a kind of plane is named for (z, y, x), in the middle of the plane, LPS mm.

        Of an oblique plane its distance from the patient origin along its normal.
        """
        if self.kind is PlaneKind.OBLIQUE:
            return float(self.plane.origin_lps_mm @ self.plane.normal)
        return float(self.plane.origin_lps_mm[_PATIENT_AXIS[self.kind]])

    @property
    def slice_text(self) -> str:
        """``57/111``, counted from 1; ``-/111`` outside the volume."""
        return f"{'-' if self.slice_index is None else self.slice_index + 1}/{self.slice_count}"


_PATIENT_AXIS = {PlaneKind.AXIAL: 2, PlaneKind.CORONAL: 1, PlaneKind.SAGITTAL: 0}
_SCREEN = {
    PlaneKind.AXIAL: ((0, 1.0), (1, 1.0)),
    PlaneKind.CORONAL: ((0, 1.0), (2, -1.0)),
    PlaneKind.SAGITTAL: ((1, 1.0), (2, -1.0)),
}
"""(patient axis, sign) of screen right and screen down: radiological convention, head up."""

_FORWARD = {PlaneKind.AXIAL: 1.0, PlaneKind.CORONAL: -1.0, PlaneKind.SAGITTAL: 1.0}
"""Which way of its patient axis scrolling forward goes: superior, anterior, left, as in 3D Slicer."""

_GRID_AXIS_NORMAL = 2

DEFAULT_OBLIQUE = Oblique.by_angles(30.0, 0.0)
"""What an oblique view shows before somebody turns it: tilted enough to be seen to be oblique."""


def middle_voxel_lps_mm(grid: Grid) -> NDArray[np.float64]:
    """Centre of the voxel in the middle of a grid, ``(3,)`` LPS mm: where views start.

    Of an even count the upper of both in the middle: the middle itself would lie between two slices, and the view's
    place would not be that of the slice it shows.
    """
    return grid.to_patient(np.array(grid.shape[::-1]) // 2)


class VolumePlanes:
    """The view planes of one grid.

    Args:
        grid: of the volume shown; oblique, sheared and uneven ones included.

    Attributes:
        oblique: which way the oblique plane faces; may be set at any time.
    """

    def __init__(self, grid: Grid, oblique: Oblique = DEFAULT_OBLIQUE) -> None:
        self.grid = grid
        self.oblique = oblique
        row = grid.row_direction
        normal = grid.normal
        # Column cosines may be off orthogonal by the rounding of the file; a view's axes may not.
        axes = np.array([row, np.cross(normal, row), normal])
        order = max(permutations(range(3)), key=lambda p: sum(abs(axes[p[n], n]) for n in range(3)))
        # patient axis (x, y, z) -> grid axis (i, j, normal), turned so that it points to L, P, S
        self._grid_axis = order
        self._directions = np.array([axes[order[n]] * (1.0 if axes[order[n], n] >= 0 else -1.0) for n in range(3)])
        self._centre = grid.centre_lps_mm
        # Along which column, row and slice index grow, at right angles; slices may be listed against their normal.
        turned = -normal if grid.slice_distances_mm[-1] < grid.slice_distances_mm[0] else normal
        self._axes = np.array([row, np.cross(normal, row), turned])
        self._steps = ObliqueSteps(grid, self._axes, middle_voxel_lps_mm(grid))
        self._bases = {
            kind: Plane(self._centre, self._directions[u_axis] * u_sign, self._directions[v_axis] * v_sign)
            for kind, ((u_axis, u_sign), (v_axis, v_sign)) in _SCREEN.items()
        }
        self._spacing_mm = grid.spacing_mm
        self._gaps_mm = np.abs(np.diff(grid.slice_distances_mm))

    def at(self, kind: PlaneKind, cursor_lps_mm: ArrayLike) -> ViewPlane:
        """The plane of a kind through a cursor.

        A native plane lies exactly on the slice nearest to the cursor, so that what is shown was measured and what is
        drawn lies on an image. Outside the stack, and for planes across the slices, it goes through the cursor itself.

        Args:
            kind: which plane.
            cursor_lps_mm: ``(3,)`` LPS mm.
        """
        cursor = np.asarray(cursor_lps_mm, dtype=np.float64)
        if kind is PlaneKind.OBLIQUE:
            return self._oblique_at(cursor)
        axis = self._axis(kind)
        native = axis == _GRID_AXIS_NORMAL
        count = self._count(axis)
        index = self._index(axis, cursor)
        inside = -0.5 <= index <= count - 0.5
        nearest = min(max(floor(index + 0.5), 0), count - 1)
        through = self.grid.slice_origins_lps_mm[nearest] if native and inside else cursor
        plane = self._bases[kind].through(through)
        return ViewPlane(
            kind=kind,
            plane=plane,
            native=native,
            slice_index=nearest if inside else None,
            slice_count=count,
            gap_mm=self._gap_mm(axis, nearest),
            sides_mm=self._sides_mm(plane, nearest) if native and inside else None,
        )

    def normal(self, kind: PlaneKind) -> NDArray[np.float64]:
        """Unit normal ``(3,)`` LPS of the planes of a kind, wherever the cursor is."""
        return self.oblique.normal if kind is PlaneKind.OBLIQUE else self._bases[kind].normal

    def step(self, kind: PlaneKind, cursor_lps_mm: ArrayLike, steps: int) -> NDArray[np.float64]:
        """The cursor moved by whole slices (or voxels) along a plane's normal, exactly onto their centres.

        Positive steps go to superior (axial), anterior (coronal), left (sagittal), and along the normal (oblique). It
        stops at the first and the last slice. An oblique plane has no slices of its own that it could lie on: it moves
        by whole gaps from where it is.

        Args:
            kind: the plane that is scrolled.
            cursor_lps_mm: ``(3,)`` LPS mm.
            steps: how many, of either sign.

        Returns:
            ``(3,)`` LPS mm; in-plane coordinates are unchanged, also on a tilted stack.
        """
        cursor = np.asarray(cursor_lps_mm, dtype=np.float64)
        if kind is PlaneKind.OBLIQUE:
            return self._steps.moved(cursor, self.oblique.normal, steps)
        axis = self._axis(kind)
        index = self._index(axis, cursor)
        count = self._count(axis)
        upward = float(self._axes[axis] @ self._directions[_PATIENT_AXIS[kind]]) * _FORWARD[kind]
        target = int(np.clip(int(np.floor(index + 0.5)) + (steps if upward > 0 else -steps), 0, count - 1))
        return self._on_slice(axis, cursor, index, target)

    def at_slice(self, kind: PlaneKind, cursor_lps_mm: ArrayLike, slice_index: int) -> NDArray[np.float64]:
        """The cursor moved along a plane's normal onto the centre of slice `slice_index` (from 0; clipped)."""
        cursor = np.asarray(cursor_lps_mm, dtype=np.float64)
        if kind is PlaneKind.OBLIQUE:
            return self._steps.on(cursor, self.oblique.normal, slice_index)
        axis = self._axis(kind)
        target = int(np.clip(slice_index, 0, self._count(axis) - 1))
        return self._on_slice(axis, cursor, self._index(axis, cursor), target)

    def moved(self, kind: PlaneKind, cursor_lps_mm: ArrayLike, right: int, down: int) -> NDArray[np.float64]:
        """The cursor moved by voxels within a plane, as they are seen in it; beyond the volume, too.

        Args:
            kind: the plane.
            cursor_lps_mm: ``(3,)`` LPS mm.
            right: how many, to the right of the screen.
            down: how many, down the screen.

        Returns:
            ``(3,)`` LPS mm; how far off the plane it is stays as it was.
        """
        cursor = np.array(cursor_lps_mm, dtype=np.float64)
        if kind is PlaneKind.OBLIQUE:
            for direction, count in ((self.oblique.u, right), (self.oblique.v, down)):
                cursor += count * self._steps.voxel_mm(direction) * direction
            return cursor
        for (patient_axis, sign), count in zip(_SCREEN[kind], (right, down), strict=True):
            axis, direction = self._grid_axis[patient_axis], self._directions[patient_axis] * sign
            along = count if float(self._axes[axis] @ direction) > 0 else -count
            cursor += abs(self._voxels_mm(axis, cursor, along)) * np.sign(count) * direction
        return cursor

    def bounds(self, view: ViewPlane) -> Bounds:
        """What a view must show to show the whole volume."""
        uv = view.plane.to_plane(self.grid.corners_lps_mm())
        low, high = uv.min(axis=0), uv.max(axis=0)
        return Bounds(float(low[0]), float(high[0]), float(low[1]), float(high[1]))

    def outline(self, view: ViewPlane) -> NDArray[np.float64]:
        """Where a plane cuts the faces of the volume: corners ``(n, 3)`` LPS mm in turn; none where it misses it."""
        corners = self.grid.corners_lps_mm()
        heights = view.plane.distances_mm(corners)
        # Lines between any two corners: those within the box end within the hull of those along its edges.
        first, second = np.array(list(combinations(range(len(corners)), 2))).T
        crossed = (heights[first] < 0) != (heights[second] < 0)
        first, second = first[crossed], second[crossed]
        if len(first) < 3:
            return np.empty((0, 3))
        share = heights[first] / (heights[first] - heights[second])
        points = corners[first] + share[:, None] * (corners[second] - corners[first])
        return np.asarray(points[scipy.spatial.ConvexHull(view.plane.to_plane(points)).vertices])

    def _oblique_at(self, cursor: NDArray[np.float64]) -> ViewPlane:
        steps = self._steps.along(self.oblique.normal)
        index = steps.nearest(float(cursor @ self.oblique.normal))
        return ViewPlane(
            kind=PlaneKind.OBLIQUE,
            plane=Plane(self._centre, self.oblique.u, self.oblique.v).through(cursor),
            native=False,
            slice_index=index if 0 <= index < steps.number else None,
            slice_count=steps.number,
            gap_mm=steps.gap_mm,
        )

    # --- the standard planes ---------------------------------------------------------------------------------------

    def _axis(self, kind: PlaneKind) -> int:
        """Grid axis (0 column index, 1 row index, 2 normal) that is the normal of a kind of plane."""
        return self._grid_axis[_PATIENT_AXIS[kind]]

    def _count(self, axis: int) -> int:
        return self.grid.shape[2 - axis]

    def _index(self, axis: int, cursor: NDArray[np.float64]) -> float:
        if axis == _GRID_AXIS_NORMAL:
            return float(self.grid.slice_index(cursor))
        return float(self.grid.to_index(cursor)[axis])

    def _gap_mm(self, axis: int, index: int) -> float:
        between_slices, between_rows, between_columns = self._spacing_mm
        if axis == _GRID_AXIS_NORMAL:
            gaps = self._gaps_mm
            return float(gaps[max(index - 1, 0) : index + 1].min()) if len(gaps) else between_slices
        return between_columns if axis == 0 else between_rows

    def _voxels_mm(self, axis: int, cursor: NDArray[np.float64], count: int) -> float:
        """How far it is by so many voxels along a grid axis; slices by their own gaps, beyond the stack by its last."""
        if axis != _GRID_AXIS_NORMAL or self.grid.has_even_gaps or not len(self._gaps_mm):
            return count * self._gap_mm(axis, 0)
        places = np.concatenate([[0.0], np.cumsum(self._gaps_mm)])
        here = round(self._index(axis, cursor), 6)  # that of a slice, were it a rounding below it

        def height(index: float) -> float:
            whole = min(max(floor(index), 0), len(self._gaps_mm) - 1)
            return float(places[whole] + (index - whole) * self._gaps_mm[whole])

        return height(here + count) - height(here)

    def _sides_mm(self, plane: Plane, k: int) -> tuple[float, float] | None:
        """Half the distances of slice `k` to its neighbours, against a plane's normal and along it."""
        distances = self.grid.slice_distances_mm
        if self.grid.has_even_gaps or len(distances) < 3:
            return None
        steps = np.abs(np.diff(distances)) / 2
        low, high = float(steps[max(k - 1, 0)]), float(steps[min(k, len(steps) - 1)])
        ascending = float(self._axes[_GRID_AXIS_NORMAL] @ plane.normal) > 0
        return (low, high) if ascending else (high, low)

    def _on_slice(self, axis: int, cursor: NDArray[np.float64], index: float, target: int) -> NDArray[np.float64]:
        if axis == _GRID_AXIS_NORMAL:
            shift = self.grid.slice_distances_mm[target] - float(cursor @ self.grid.normal)
            return np.asarray(cursor + shift * self.grid.normal)
        return np.asarray(cursor + (target - index) * self._gap_mm(axis, target) * self._axes[axis])
