"""Curves cut by a plane: what a view on that plane shows of contours that were drawn on any other.

    index = SectionIndex([Curve(contour.points_lps, contour.is_closed, roi.number) for ...])   # once for each edit
    section = index.cut(plane, tolerance_mm=slice_spacing_mm / 2)                               # at each scroll step
    section.in_plane    # lines of curves that lie in the plane, or near it: draw them as they are
    section.outlines    # closed lines where the plane cuts stacks of closed curves
    section.points_lps_mm, section.point_groups     # where single curves go through, and lone points

`group` is whatever the caller wants back with each line, such as the ROI number; curves of different groups never
join. An index never changes; one for each ROI, made anew when its ROI changes, works as well as one for all.

How a curve is shown:

- *Planar, at less than `SHALLOW_DEG` to the plane*: its parts within `tolerance_mm` of the plane. On the curve's own
  slice that is all of it; on a slice turned by a few degrees neighbouring curves give one part each.
- *Planar and closed, steeper*: all crossings of coplanar curves of a group are sorted along the line of intersection
  and paired even-odd, so that a hole is a hole (a contour written twice counts once); the intervals are joined with
  those of the neighbouring planes by `rtvis.geometry.outline`.
- *Planar and open, steeper, or not planar*: its crossing points; all of it when all of it is within `tolerance_mm`.
- *One point*: itself when it is within `tolerance_mm`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.curve_planes import CurvePlanes, find_planes
from rtvis.geometry.outline import Intervals, Steps, joined_outlines
from rtvis.geometry.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHALLOW_DEG = 15.0
"""Between the plane of a curve and the cutting plane. Below it neighbouring curves cross the plane more than four
slice gaps apart, and lines joined over such a distance would be invented."""

ROUNDING = 1e-9
"""Share of the tolerance within which points themselves decide, since boxes are rounded another way."""

LEAST_SKIP = 4_096
"""Points of curves that are not cut, between such that are: going through fewer is quicker than leaving them out."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve to be cut: points ``(n, 3)`` LPS mm, whether the last joins the first, and whose it is."""

    points_lps_mm: NDArray[np.float64]
    closed: bool
    group: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SectionLine:
    """A line to draw.

    Attributes:
        points_lps_mm: ``(n, 3)`` LPS mm; a closed line doesn't repeat its first point.
        closed: whether the last point joins the first.
        group: of the curves it comes from.
    """

    points_lps_mm: NDArray[np.float64]
    closed: bool
    group: int


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What a plane shows of curves.

    Attributes:
        in_plane: curves in or near the plane, or their parts, where they are: at most the tolerance off the plane.
        outlines: where the plane cuts stacks of closed curves, exactly in the plane. Open, with two points, where a
            single curve has no neighbour to be joined with.
        points_lps_mm: ``(n, 3)`` crossing points and lone points.
        point_groups: ``(n,)`` their groups.
    """

    in_plane: tuple[SectionLine, ...] = ()
    outlines: tuple[SectionLine, ...] = ()
    points_lps_mm: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    point_groups: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))


class SectionIndex:
    """Curves laid out so that any plane cuts them quickly: 900 000 points in a few milliseconds."""

    def __init__(self, curves: Iterable[Curve]) -> None:
        self._curves = [curve for curve in curves if len(curve.points_lps_mm)]
        arrays = [_closed_up(curve) for curve in self._curves]
        counts = np.array([len(array) for array in arrays], dtype=np.intp)
        self._counts = counts
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp) if arrays else counts
        self._points = np.concatenate(arrays) if arrays else np.empty((0, 3))
        self._columns = np.ascontiguousarray(self._points.T)
        self._curve_of_point = np.repeat(np.arange(len(arrays), dtype=np.int32), counts)
        self._goes_on = np.ones(len(self._points), dtype=bool)
        self._goes_on[self._starts + counts - 1] = False
        self._groups = np.array([curve.group for curve in self._curves], dtype=np.intp)
        self._closed = np.array([curve.closed for curve in self._curves], dtype=bool)
        self._single = np.array([len(curve.points_lps_mm) == 1 for curve in self._curves], dtype=bool)
        self._planes: CurvePlanes = find_planes(self._points, self._starts, self._closed, self._groups)
        self._steps = Steps.of(self._planes)
        self._lines: dict[int, SectionLine] = {}
        if arrays:
            low = np.minimum.reduceat(self._points, self._starts)
            high = np.maximum.reduceat(self._points, self._starts)
            self._box_centres, self._box_halves = (low + high) / 2, (high - low) / 2

    def cut(self, plane: Plane, tolerance_mm: float) -> Section:
        """The section of the curves with a plane.

        Args:
            plane: the cutting plane.
            tolerance_mm: how far from the plane a curve still counts as lying in it; half the slice spacing shows
                each curve on the slices that it stands for.

        Raises:
            ValueError: when the tolerance is not positive.
        """
        if not tolerance_mm > 0:
            raise ValueError(f"a section needs a positive tolerance, not {tolerance_mm}")
        if not self._curves:
            return Section()
        normal = plane.normal
        offset = float(plane.origin_lps_mm @ normal)
        centre = self._box_centres @ normal - offset
        reach = self._box_halves @ np.abs(normal)
        near = np.abs(centre) <= reach + tolerance_mm
        planes = self._planes
        turn = np.abs(planes.stack_normals @ normal)
        shallow_stack = turn > np.cos(np.radians(SHALLOW_DEG))
        in_stack = planes.stack_of_curve >= 0
        shallow = in_stack.copy()
        shallow[in_stack] = shallow_stack[planes.stack_of_curve[in_stack]]

        lines: list[SectionLine] = []
        # On its own slice all of a curve is within: its box says so, and nothing else of it need be looked at.
        within = np.abs(centre) + reach <= tolerance_mm * (1 - ROUNDING)
        shallow_near = np.flatnonzero(near & shallow)
        for number, is_within in zip(shallow_near.tolist(), within[shallow_near].tolist(), strict=True):
            if is_within:
                lines.append(self._line(number))
            else:
                lines += self._within(number, normal, offset, tolerance_mm)
        whole = near & ~in_stack & ~self._single
        crossed = near & ~shallow & ~self._single
        for number in np.flatnonzero(whole).tolist():
            distances = self._curves[number].points_lps_mm @ normal - offset
            if np.max(np.abs(distances)) <= tolerance_mm:
                lines.append(self._line(number))
                crossed[number] = False

        points, owners = self._crossings(crossed, normal, offset)
        paired = in_stack[owners] & self._closed[owners]
        counted = paired & ~planes.is_repeat[owners]
        outlines = self._outlines(points[counted], owners[counted], normal)
        lone = self._single & (np.abs(centre) <= tolerance_mm)
        return Section(
            tuple(lines),
            outlines,
            np.concatenate([points[~paired], self._points[self._starts[lone]]]),
            np.concatenate([self._groups[owners[~paired]], self._groups[lone]]),
        )

    def _line(self, number: int) -> SectionLine:
        """All of a curve; the same line each time."""
        made = self._lines.get(number)
        if made is None:
            made = self._lines[number] = self._made(number)
        return made

    def _made(self, number: int) -> SectionLine:
        curve = self._curves[number]
        points = np.asarray(curve.points_lps_mm, dtype=np.float64)
        if curve.closed and len(points) > 1 and np.array_equal(points[0], points[-1]):
            points = points[:-1]
        return SectionLine(points, curve.closed, curve.group)

    def _within(self, number: int, normal: NDArray[np.float64], offset: float, tolerance: float) -> list[SectionLine]:
        """The parts of one curve within the tolerance of the plane."""
        start = self._starts[number]
        points = self._points[start : start + self._counts[number]]
        distances = points @ normal - offset
        if np.all(np.abs(distances) <= tolerance):
            return [self._line(number)]
        if np.all(distances > tolerance) or np.all(distances < -tolerance):
            return []
        return [
            SectionLine(part, closed=False, group=int(self._groups[number]))
            for part in _parts_between(points, distances, tolerance, closed=bool(self._closed[number]))
        ]

    def _crossings(
        self, wanted: NDArray[np.bool_], normal: NDArray[np.float64], offset: float
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Where the wanted curves go through the plane: points ``(n, 3)`` and the curves they are on ``(n,)``.

        A point of a curve that is on the plane counts as beyond it, so that every closed curve is crossed an even
        number of times.
        """
        chosen = np.flatnonzero(wanted)
        if not len(chosen):
            return np.empty((0, 3)), np.empty(0, dtype=np.intp)
        begins, ends = self._starts[chosen], self._starts[chosen] + self._counts[chosen]
        apart = np.flatnonzero(begins[1:] - ends[:-1] > LEAST_SKIP)
        first, last = begins[np.append(0, apart + 1)], ends[np.append(apart, -1)]
        before, share = self._changes_of_side(first, last, normal, offset)
        owners = self._curve_of_point[before].astype(np.intp)
        kept = wanted[owners] & self._goes_on[before]
        before, owners, share = before[kept], owners[kept], share[kept]
        start = self._columns[:, before].T
        return start + share[:, None] * (self._columns[:, before + 1].T - start), owners

    def _changes_of_side(
        self, begins: NDArray[np.intp], ends: NDArray[np.intp], normal: NDArray[np.float64], offset: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Points of ranges that are on the other side than the next one, and how far it is from them to the plane.

        The last of a range may be among them, though what comes next in memory isn't the next of its curve.
        """
        runs = list(zip(begins.tolist(), ends.tolist(), strict=True))
        # Thirty ROIs are thirty ranges: looked at one by one they took as long again as all their points.
        parts = [_heights(self._columns[:, begin:end], normal) for begin, end in runs]
        heights = parts[0] if len(parts) == 1 else np.concatenate(parts)
        beyond = heights >= offset
        found = np.flatnonzero(beyond[:-1] != beyond[1:])
        here = heights[found]
        after = np.cumsum(ends - begins)
        shift = ends - after
        before = found + np.repeat(shift, np.diff(np.searchsorted(found, after), prepend=0))
        return before, (here - offset) / (here - heights[found + 1])

    def _outlines(
        self, points: NDArray[np.float64], owners: NDArray[np.intp], normal: NDArray[np.float64]
    ) -> tuple[SectionLine, ...]:
        if not len(points):
            return ()
        planes = self._planes
        layers = planes.layer_of_curve[owners]
        stack_normals = planes.stack_normals
        along = np.cross(stack_normals, normal)
        along /= np.maximum(np.linalg.norm(along, axis=1), 1e-300)[:, None]
        place = np.einsum("ij,ij->i", points, along[planes.stack_of_layer[layers]])
        up = stack_normals - (stack_normals @ normal)[:, None] * normal
        up /= np.maximum(np.einsum("ij,ij->i", up, stack_normals), 1e-300)[:, None]
        intervals = Intervals.paired(points, layers, place)
        return tuple(
            SectionLine(line, closed, int(planes.group_of_stack[stack]))
            for line, closed, stack in joined_outlines(intervals, self._steps, up)
        )


def _heights(columns: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """``normal @ columns`` for columns ``(3, n)``."""
    # A matrix library does this in threads that wait for each other when the cores are busy: 16 ms instead of 1.
    axes = np.flatnonzero(normal)
    if len(axes) == 1 and normal[axes[0]] == 1:
        only: NDArray[np.float64] = columns[axes[0]]
        return only
    result = columns[axes[0]] * normal[axes[0]]
    for axis in axes[1:]:
        result += columns[axis] * normal[axis]
    return np.asarray(result)


def _closed_up(curve: Curve) -> NDArray[np.float64]:
    """The points of a curve, with the first repeated at the end of a closed one."""
    points = np.asarray(curve.points_lps_mm, dtype=np.float64).reshape(-1, 3)
    # As lists: of three numbers numpy tells ten times as slowly whether they are the same.
    if curve.closed and len(points) > 1 and points[0].tolist() != points[-1].tolist():
        return np.concatenate([points, points[:1]])
    return points


def _parts_between(
    points: NDArray[np.float64], distances: NDArray[np.float64], tolerance: float, *, closed: bool
) -> list[NDArray[np.float64]]:
    """The pieces of a polyline with ``|distance| <= tolerance``, cut exactly at the two bounds.

    With `closed`, the last point is the first one again, and a piece that goes over this seam stays one piece.
    """
    corners = np.arange(len(points), dtype=np.float64)
    cuts = [corners]
    for bound in (-tolerance, tolerance):
        over = distances - bound
        before = np.flatnonzero(over[:-1] * over[1:] < 0)
        cuts.append(before + over[before] / (over[before] - over[before + 1]))
    places = np.sort(np.concatenate(cuts))
    fine = np.column_stack([np.interp(places, corners, points[:, axis]) for axis in range(3)])
    middles = np.interp((places[:-1] + places[1:]) / 2, corners, distances)
    inside = np.abs(middles) <= tolerance
    change = np.diff(np.concatenate([[0], inside.astype(np.int8), [0]]))
    pieces = [
        fine[begin : end + 1] for begin, end in zip(np.flatnonzero(change > 0), np.flatnonzero(change < 0), strict=True)
    ]
    if closed and len(pieces) > 1 and inside[0] and inside[-1]:
        pieces[0] = np.concatenate([pieces.pop(), pieces[0][1:]])
    return pieces
