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
from rtvis.model.errors import UsageError

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
        self._trails: list[tuple[float, list[NDArray[np.float64]]]] = []  # by radius
        self._ways: tuple[tuple[NDArray[np.float64], float], ...] | None = None  # the same, until it grows
        self._covered: tuple[int, tuple[Area, ...]] | None = None
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
        moves = sum(len(way) for _, way in self._trails)
        if self._covered is None or self._covered[0] != moves:
            self._covered = (moves, areas_of(self.trails, self._plane, self.ball))
        return self._covered[1]

    @property
    def trails(self) -> tuple[tuple[NDArray[np.float64], float], ...]:
        """Where the brush has been in this stroke: ways ``(n, 3)`` LPS mm in its plane, with the radius of then."""
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
        across: tuple[Area, ...] = ()
        if self.ball is not None and self._plane is not None and not _is_along(self._plane, self.ball):
            across = areas_of(self.trails, self._plane, None)
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
        trails, plane, ball = self.trails, self._plane, self.ball
        is_long = _work(trails, ball) > LONG_WAY
        areas = () if is_long else self.regions
        pointer, view = self._pointer, self._view
        self.cancel()
        self._pointer, self._view = pointer, view
        if is_long:
            return ToPaint(lambda: self._painted(areas_of(trails, plane, ball)), self.erase)
        return self._painted(areas) if areas else None

    def _painted(self, areas: tuple[Area, ...]) -> Painted:
        if not areas:
            raise UsageError(self.nothing)
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
        self._plane = self._view = None
        self._way = []
        self._trails, self._ways, self._covered = [], None, None

    def _paint_way(self) -> None:
        if len(self._way) > 1:
            self._dab(np.array(self._way))
            self._way = self._way[-1:]

    def _dab(self, way: NDArray[np.float64]) -> None:
        """Add the brush's way ``(n, 3)``."""
        self._ways = None
        if not self._trails or self._trails[-1][0] != self.radius_mm:
            self._trails.append((self.radius_mm, list(way)))
        else:
            self._trails[-1][1].extend(way[1:])


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


def areas_of(trails: Sequence[tuple[NDArray[np.float64], float]], plane: Plane, ball: Grid | None) -> tuple[Area, ...]:
    """What a brush covers on its ways (`BrushTool.trails`): on the plane it is moved in, or as a ball on slices.

    Args:
        trails: the ways, each with the radius.
        plane: that the brush is moved in.
        ball: the grid on whose slices a ball paints; None for a flat brush.

    Returns:
        One area on the plane, or one for each slice that the ball reaches.
    """
    pieces: dict[int, list[Any]] = {}
    for way, radius_mm in trails:
        for first in range(0, max(len(way) - 1, 1), PIECE):
            part = way[first : first + PIECE + 1]
            if ball is None:
                pieces.setdefault(0, []).append(swept_disc(plane.to_plane(part), radius_mm))
            else:
                for k, region in ball_on_slices(ball, part, radius_mm).items():
                    pieces.setdefault(k, []).append(region)
    joined = {k: areal(shapely.union_all(parts)) for k, parts in sorted(pieces.items())}
    if ball is None:
        return tuple(Area(plane, region) for region in joined.values())
    return tuple(Area(slice_plane(ball, k), region, slice_reach_mm(ball, k)) for k, region in joined.items())


def _work(trails: Sequence[tuple[NDArray[np.float64], float]], ball: Grid | None) -> float:
    """How much there is to join, in moves of a flat brush: a ball is a chain of discs on each slice it reaches."""
    work = 0.0
    for way, radius_mm in trails:
        work += len(way)
        if ball is not None and len(way) > 1:
            discs = float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum()) / (radius_mm / 4)
            work += discs * (1 + 2 * radius_mm / ball.least_gap_mm)
    return work


def _is_along(plane: Plane, grid: Grid) -> bool:
    """Whether a view shows the slices of a grid themselves."""
    return abs(float(plane.normal @ grid.normal)) >= SAME_WAY


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
