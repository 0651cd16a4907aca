"""Brush and eraser, flat or round as a ball. What they paint is exact: no voxels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rtvis.app.tools import Painted, Tool, ToPaint, on_plane, patient_point
from rtvis.editing.painting import Area
from rtvis.geometry.curve_shaping import resampled
from rtvis.geometry.plane import Plane
from rtvis.geometry.regions import areal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.tools import Finished, Line
    from rtvis.geometry.grid import Grid

ROUNDNESS_MM = 0.02
"""How far the straight pieces of a brush's rim may be within the true circle."""

SMALLEST_MM, LARGEST_MM = 0.2, 200.0
LEAST_MOVE = 0.05
"""Of the radius: shorter moves are gathered, and painted together."""

SAME_WAY = 1 - 1e-6
"""Cosine between a view's normal and that of the slices from which on it shows the slices themselves."""

PIECE = 8
"""Moves whose way is widened at once; what they cover is joined at the end, which is quicker than one by one."""

LONG_WAY = 1500
"""Moves of a stroke from which on joining what it covers may take longer than a window may stand still."""

SIMPLIFIED_MM = 0.01
"""A stroke is a chain of discs; corners nearer than this to the rim's line are left out."""


class BrushTool(Tool):
    """Paints while the button is down: a round brush in the plane of the view, or a ball through the slices.

    Args:
        radius_mm: of the brush.
        erase: whether it takes away.
        ball: the grid on whose slices a ball paints; None paints flat, on the plane of the view.
    """

    def __init__(self, *, radius_mm: float = 8.0, erase: bool = False, ball: Grid | None = None) -> None:
        super().__init__(closed=True)
        self._radius_mm = radius_mm
        self.erase = erase
        self.ball = ball
        self._plane: Plane | None = None
        self._view: Plane | None = None
        self._way: list[NDArray[np.float64]] = []  # from the last place that was painted at to the pointer
        self._trails: list[tuple[float, list[NDArray[np.float64]]]] = []  # of a flat brush, by radius
        self._ways: tuple[tuple[NDArray[np.float64], float], ...] | None = None  # the same, until it grows
        self._covered: tuple[int, Any] | None = None
        self._regions: dict[int, Any] = {}
        self._across: Any = None
        self.name = "Eraser" if erase else "Brush"
        self.hint = f"Drag to {'take away' if erase else 'paint'}; the wheel with Ctrl, [ and ] change the size."

    @property
    def radius_mm(self) -> float:
        """Of the brush, within `SMALLEST_MM` and `LARGEST_MM`."""
        return self._radius_mm

    @radius_mm.setter
    def radius_mm(self, radius_mm: float) -> None:
        self._radius_mm = float(np.clip(radius_mm, SMALLEST_MM, LARGEST_MM))

    @property
    def is_active(self) -> bool:
        """Whether a stroke has begun."""
        return self._plane is not None

    @property
    def nothing(self) -> str:
        """See `Tool.nothing`: a small ball passes between slices, and beside the images there are none."""
        return "the ball reached no slice: make it larger, or paint nearer to the images"

    @property
    def regions(self) -> tuple[Area, ...]:
        """What the stroke has painted so far."""
        if self._plane is None:
            return ()
        if self.ball is None:
            moves = sum(len(way) for _, way in self._trails)
            if self._covered is None or self._covered[0] != moves:
                self._covered = (moves, covered_by(self.trails, self._plane))
            return (Area(self._plane, self._covered[1]),)
        return tuple(
            Area(slice_plane(self.ball, k), region, slice_reach_mm(self.ball, k))
            for k, region in sorted(self._regions.items())
        )

    @property
    def trails(self) -> tuple[tuple[NDArray[np.float64], float], ...]:
        """Where a flat brush has been in this stroke: ways ``(n, 3)`` LPS mm in its plane, with the radius of then."""
        if self._ways is None:
            self._ways = tuple((np.array(way), radius_mm) for radius_mm, way in self._trails)
        return self._ways

    @property
    def plane(self) -> Plane | None:
        """What the stroke paints on; None while there is none."""
        return self._plane

    @property
    def worked(self) -> list[Line]:
        """Outlines of what the stroke has painted so far; of a ball across the slices, in the view's plane, too."""
        found: list[Line] = []
        across = () if self._across is None or self._plane is None else (Area(self._plane, self._across),)
        for area in (*self.regions, *across):
            for polygon in shapely.get_parts(area.region):
                rings = (shapely.get_coordinates(ring)[:-1] for ring in (polygon.exterior, *polygon.interiors))
                found += [(area.plane.to_patient(ring), True) for ring in rings]
        return found

    @property
    def rim(self) -> NDArray[np.float64]:
        """The brush itself at the pointer, ``(n, 3)`` on the plane of the view; none while it is nowhere."""
        if self._pointer is None or self._view is None:
            return np.empty((0, 3))
        rim = _discs(self._view.to_plane(self._pointer)[None], np.array([self.radius_mm]), self.radius_mm)[0]
        return self._view.to_patient(shapely.get_coordinates(rim)[:-1])

    @property
    def lines(self) -> list[Line]:
        """Outlines of the stroke, and the brush itself at the pointer."""
        return [*self.worked, *([(self.rim, True)] if self._pointer is not None else [])]

    @property
    def preview(self) -> NDArray[np.float64]:
        """The brush itself, at the pointer."""
        return self.rim

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Begin a stroke with a dab."""
        self.cancel()
        self._plane = self._view = plane
        self._pointer = on_plane(point_lps, plane)
        self._way = [self._pointer]
        self._dab(self._pointer[None])
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Paint on while the button is down; the brush follows the pointer in any case."""
        if self._plane is None:
            self._view, self._pointer = plane, patient_point(point_lps)
            return None
        point = self._pointer = on_plane(point_lps, self._plane)
        if not np.array_equal(point, self._way[-1]):
            self._way.append(point)
        if np.linalg.norm(point - self._way[0]) >= LEAST_MOVE * self.radius_mm:
            self._paint_way()
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """End the stroke: what it painted."""
        self.move(point_lps, plane)
        if self._plane is None:
            return None
        self._paint_way()
        trails, plane = self.trails, self._plane
        areas = () if sum(len(way) for way, _ in trails) > LONG_WAY else self.regions
        pointer, view = self._pointer, self._view
        self.cancel()
        self._pointer, self._view = pointer, view
        if trails and not areas:
            return ToPaint(lambda: self._painted((Area(plane, covered_by(trails, plane)),)), self.erase)
        return self._painted(areas) if areas else None

    def _painted(self, areas: tuple[Area, ...]) -> Painted:
        simpler = tuple(replace(one, region=one.region.simplify(SIMPLIFIED_MM)) for one in areas)
        return Painted(simpler, self.erase, "Erase from" if self.erase else "Brush stroke on")

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def finish(self) -> Finished | None:
        """Nothing is waiting to be finished: a stroke ends with the button."""
        self.cancel()
        return None

    def cancel(self) -> None:
        """Give up the stroke."""
        super().cancel()
        self._plane = self._view = self._across = None
        self._way, self._regions = [], {}
        self._trails, self._ways, self._covered = [], None, None

    def _paint_way(self) -> None:
        if len(self._way) > 1:
            self._dab(np.array(self._way))
            self._way = self._way[-1:]

    def _dab(self, way: NDArray[np.float64]) -> None:
        """Add what the brush covers on its way ``(n, 3)``."""
        assert self._plane is not None
        if self.ball is None:
            self._ways = None
            if not self._trails or self._trails[-1][0] != self.radius_mm:
                self._trails.append((self.radius_mm, list(way)))
            else:
                self._trails[-1][1].extend(way[1:])
            return
        if abs(float(self._plane.normal @ self.ball.normal)) < SAME_WAY:
            swept = swept_disc(self._plane.to_plane(way), self.radius_mm)
            self._across = swept if self._across is None else self._across.union(swept)
        for k, region in ball_on_slices(self.ball, way, self.radius_mm).items():
            self._regions[k] = region if k not in self._regions else self._regions[k].union(region)


def slice_plane(grid: Grid, k: int) -> Plane:
    """The plane of a slice, its directions along rows and columns."""
    row = grid.row_direction
    return Plane(grid.slice_origins_lps_mm[k], row, np.cross(grid.normal, row))


def slice_reach_mm(grid: Grid, k: int) -> tuple[float, float]:
    """Half the distances of a slice to its neighbours, against the normal of its plane and along it; see `sides_mm`.

    An end slice reaches as far outside as inside, as `rtvis.app.planes.ViewPlane.reach_mm` has it.
    """
    distances = grid.slice_distances_mm
    if len(distances) < 2:
        return grid.least_gap_mm / 2, grid.least_gap_mm / 2
    halves = np.abs(np.diff(distances)) / 2
    low, high = float(halves[max(k - 1, 0)]), float(halves[min(k, len(halves) - 1)])
    return (low, high) if distances[-1] > distances[0] else (high, low)


def swept_disc(way_mm: NDArray[np.float64], radius_mm: float) -> Any:
    """What a disc covers on a way ``(n, 2)``, a shapely polygon."""
    shape = shapely.Point(way_mm[0]) if len(way_mm) == 1 else shapely.LineString(way_mm)
    return shape.buffer(radius_mm, quad_segs=_quarter(radius_mm))


def covered_by(trails: Sequence[tuple[NDArray[np.float64], float]], plane: Plane) -> Any:
    """What a flat brush covers on its ways, a shapely geometry in coordinates of its plane; see `BrushTool.trails`."""
    pieces = []
    for way, radius_mm in trails:
        flat = plane.to_plane(way)
        pieces += [
            swept_disc(flat[first : first + PIECE + 1], radius_mm) for first in range(0, max(len(flat) - 1, 1), PIECE)
        ]
    return areal(shapely.union_all(pieces))


def ball_on_slices(grid: Grid, way_lps_mm: NDArray[np.float64], radius_mm: float) -> dict[int, Any]:
    """What a ball covers of each slice on a way ``(n, 3)`` LPS mm: slice index -> shapely geometry."""
    centres = way_lps_mm if len(way_lps_mm) == 1 else resampled(way_lps_mm, radius_mm / 4, closed=False)
    heights = centres @ grid.normal
    distances = grid.slice_distances_mm
    found: dict[int, Any] = {}
    row = grid.row_direction
    axes = np.column_stack([row, np.cross(grid.normal, row)])  # those of `slice_plane`
    reached = (distances > heights.min() - radius_mm) & (distances < heights.max() + radius_mm)
    for k in np.flatnonzero(reached).tolist():
        squares = radius_mm**2 - (heights - distances[k]) ** 2
        radii = np.sqrt(np.maximum(squares, 0.0))
        flat = (centres - grid.slice_origins_lps_mm[k]) @ axes
        discs = _discs(flat[radii > 0], radii[radii > 0], radius_mm)
        if len(discs) == 1:
            found[k] = discs[0]
        elif len(discs) > 1:
            # Between two discs that follow each other the rim is straight, as that of a ball between them nearly is.
            pairs = shapely.geometrycollections(np.stack([discs[:-1], discs[1:]], axis=1))
            found[k] = areal(shapely.union_all(shapely.convex_hull(pairs)))
    return found


def _discs(centres_mm: NDArray[np.float64], radii_mm: NDArray[np.float64], largest_mm: float) -> Any:
    return shapely.buffer(shapely.points(centres_mm), radii_mm, quad_segs=_quarter(largest_mm))


def _quarter(radius_mm: float) -> int:
    """Straight pieces for a quarter of a circle."""
    half_angle = np.arccos(max(1 - ROUNDNESS_MM / radius_mm, 0.0))
    return int(np.clip(np.ceil(np.pi / 4 / half_angle), 3, 64))
