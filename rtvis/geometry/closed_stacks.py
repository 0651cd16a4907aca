"""Closed planar curves sorted into stacks of parallel planes, as every way from contours to volumes begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.close_planes import CLOSE_MM, planes_joined
from rtvis.geometry.curve_planes import (
    LAYER_TOLERANCE_MM,
    PARALLEL_DEG,
    find_planes,
    find_repeats,
    layers_of,
)
from rtvis.geometry.plane import Plane
from rtvis.geometry.regions import Loops, find_joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """Curves one after the other, and which are combined by exclusive or."""

    points: NDArray[np.float64]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    xor: NDArray[np.bool_]


LEAST_AREA_MM2 = 1e-9
"""Closed curves of less area enclose nothing: a line drawn back and forth."""


@dataclass(frozen=True, slots=True, eq=False)
class ClosedStack:
    """Closed curves in parallel planes.

    Attributes:
        plane: through the patient origin; its normal is the stack's.
        loops: in mm in the directions of `plane`, layers counted from the lowest.
        heights_mm: ``(points,)`` of each point along the normal.
        positions_mm: ``(layers,)`` along the normal, ascending.
        curves: ``(loops,)`` which of the given curves each loop is.
    """

    plane: Plane
    loops: Loops
    heights_mm: NDArray[np.float64]
    positions_mm: NDArray[np.float64]
    curves: NDArray[np.intp]

    @property
    def points_lps_mm(self) -> NDArray[np.float64]:
        """``(n, 3)`` all points, where they were drawn."""
        return np.asarray(self.plane.to_patient(self.loops.points) + self.heights_mm[:, None] * self.plane.normal)

    def corners_lps_mm(self) -> NDArray[np.float64]:
        """``(8, 3)`` of the box around all points, along the plane's directions and normal."""
        sides = [(one.min(), one.max()) for one in (*self.loops.points.T, self.heights_mm)]
        corners = np.array([[sides[axis][n >> axis & 1] for axis in range(3)] for n in range(8)])
        return np.asarray(corners @ np.array([self.plane.u, self.plane.v, self.plane.normal]))


@dataclass(frozen=True, slots=True, eq=False)
class ClosedStacks:
    """What curves made.

    Attributes:
        stacks: those with the most curves first; each curve is in one of them, or in one of the following.
        repeats: indices of curves that are another one once more.
        without_plane: indices of curves that lie in no plane.
        without_area: indices of curves that enclose nothing.
    """

    stacks: tuple[ClosedStack, ...]
    repeats: tuple[int, ...]
    without_plane: tuple[int, ...]
    without_area: tuple[int, ...]


def closed_stacks(
    curves: Sequence[NDArray[np.float64]],
    by_xor: Sequence[bool] | None = None,
    prefer: Plane | None = None,
    tolerance_mm: float = LAYER_TOLERANCE_MM,
    layer_mm: float = LAYER_TOLERANCE_MM,
    *,
    close_mm: float = CLOSE_MM,
) -> ClosedStacks:
    """Sort closed curves into stacks.

    Args:
        curves: points ``(n, 3)`` LPS mm of each; the first point may be repeated at the end.
        by_xor: which of them are to be combined by exclusive or; these are never taken for repeats.
        prefer: image planes. A stack within `PARALLEL_DEG` of their normal, all of whose points are within
            `tolerance_mm` of image-parallel planes, gets this normal exactly, and these directions; others get
            directions near these.
        tolerance_mm: half a slice gap is what a curve drawn on a slice may wander.
        layer_mm: curves of a stack closer than this along its normal are in one plane.
        close_mm: so close they may be, see `rtvis.geometry.close_planes`.
    """
    kept = [n for n, curve in enumerate(curves) if len(curve) >= 3]
    short = [n for n, curve in enumerate(curves) if len(curve) < 3]
    if not kept:
        return ClosedStacks((), (), (), tuple(short))
    xor = np.zeros(len(curves), dtype=bool) if by_xor is None else np.asarray(by_xor, dtype=bool)
    points = np.concatenate([curves[n] for n in kept])
    sizes = np.array([len(curves[n]) for n in kept], dtype=np.intp)
    starts = np.cumsum(sizes) - sizes
    numbers = np.array(kept, dtype=np.intp)
    every = _Curves(points, starts, sizes, xor[numbers])
    if prefer is not None and _wander(points, starts, sizes, prefer.normal).max() <= LAYER_TOLERANCE_MM:
        stack, repeats, flat = _stack(every, np.arange(len(kept)), prefer, layer_mm, close_mm)
        stacks = [] if stack is None else [stack]
        without_plane = np.empty(0, dtype=np.intp)
    else:
        stacks, repeats, flat, without_plane = _sorted_out(every, prefer, tolerance_mm, layer_mm, close_mm)
    named = tuple(
        ClosedStack(one.plane, one.loops, one.heights_mm, one.positions_mm, numbers[one.curves]) for one in stacks
    )
    return ClosedStacks(
        tuple(sorted(named, key=lambda one: -len(one.curves))),
        tuple(numbers[repeats].tolist()),
        tuple(numbers[without_plane].tolist()),
        tuple(sorted([*short, *numbers[flat].tolist()])),
    )


def _wander(
    points: NDArray[np.float64], starts: NDArray[np.intp], sizes: NDArray[np.intp], normal: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far the points of each curve are from its middle along a normal, at most."""
    heights = points @ normal
    middle = np.add.reduceat(heights, starts) / sizes
    return np.asarray(np.maximum.reduceat(np.abs(heights - np.repeat(middle, sizes)), starts))


def _sorted_out(
    curves: _Curves, prefer: Plane | None, tolerance_mm: float, layer_mm: float, close_mm: float
) -> tuple[list[ClosedStack], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Stacks of any orientation, repeats, curves without area, curves without a plane."""
    points, starts, sizes = curves.points, curves.starts, curves.sizes
    closed = np.ones(len(starts), dtype=bool)
    # `find_planes` wants closed curves to repeat their first point.
    index = np.insert(np.arange(len(points)), starts + sizes, starts)
    planes = find_planes(points[index], starts + np.arange(len(starts)), closed, np.zeros(len(starts), dtype=np.intp))
    stacks: list[ClosedStack] = []
    repeats: list[NDArray[np.intp]] = []
    flat: list[NDArray[np.intp]] = []
    for number, normal in enumerate(planes.stack_normals):
        members = np.flatnonzero(planes.stack_of_curve == number)
        plane = plane_with_normal(normal) if prefer is None else _plane_near(normal, prefer)
        if prefer is not None and abs(float(normal @ prefer.normal)) >= np.cos(np.radians(PARALLEL_DEG)):
            chosen = np.repeat(np.isin(np.arange(len(starts)), members), sizes)
            own = np.cumsum(sizes[members]) - sizes[members]
            if _wander(points[chosen], own, sizes[members], prefer.normal).max() <= tolerance_mm:
                plane = prefer
        stack, again, empty = _stack(curves, members, plane, layer_mm, close_mm)
        stacks += [] if stack is None else [stack]
        repeats.append(again)
        flat.append(empty)
    without_plane = np.flatnonzero(planes.stack_of_curve < 0)
    straight = np.array([_is_straight(points[starts[n] : starts[n] + sizes[n]]) for n in without_plane], dtype=bool)
    flat.append(without_plane[straight])
    none = np.empty(0, dtype=np.intp)
    return stacks, np.concatenate([none, *repeats]), np.concatenate([none, *flat]), without_plane[~straight]


def _is_straight(points: NDArray[np.float64]) -> bool:
    return bool(np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[1] < 1e-6)


def _stack(
    curves: _Curves, members: NDArray[np.intp], plane: Plane, layer_mm: float, close_mm: float
) -> tuple[ClosedStack | None, NDArray[np.intp], NDArray[np.intp]]:
    """The stack of some curves, those of them that are repeats, and those without area."""
    xor = curves.xor[members]
    index, begin = Loops(curves.points[:, :2], curves.starts, curves.starts, curves.starts).gathered(members)
    own = curves.points[index]
    plane = Plane(np.zeros(3), plane.u, plane.v)
    flat, heights = plane.to_plane(own), own @ plane.normal
    count = curves.sizes[members]
    middles = np.add.reduceat(heights, begin) / count
    order = np.argsort(middles, kind="stable")
    layers = np.empty(len(members), dtype=np.intp)
    layers[order] = layers_of(middles[order], layer_mm)
    if not xor.any():  # copies that cancel each other are no copies
        drawn = [flat[n : n + size] for n, size in zip(begin, count, strict=True)]
        layers = planes_joined(layers, middles, drawn, close_mm)
    areas = np.abs(_areas(flat, begin, count))
    boxes = np.hstack([np.minimum.reduceat(flat, begin), np.maximum.reduceat(flat, begin)])
    again = find_repeats(boxes, areas, np.where(xor, -1, layers), lambda n: flat[begin[n] :][: count[n]])
    empty = areas < LEAST_AREA_MM2
    for n in np.flatnonzero(empty):  # a figure of eight has no net area, and encloses something all the same
        empty[n] = _is_straight(own[begin[n] : begin[n] + count[n]])
    used = np.flatnonzero(~again & ~empty)
    if not len(used):
        return None, members[again], members[empty]
    chosen, begin = Loops(flat, begin, layers, layers).gathered(used)
    _, layer = np.unique(layers[used], return_inverse=True)
    joined = find_joined(flat[chosen], begin, layer, xor[used])
    loops = Loops(flat[chosen], begin, layer, joined)
    positions = np.bincount(layer, middles[used]) / np.bincount(layer)
    return ClosedStack(plane, loops, heights[chosen], positions, members[used]), members[again], members[empty]


def _areas(flat: NDArray[np.float64], begin: NDArray[np.intp], count: NDArray[np.intp]) -> NDArray[np.float64]:
    """Shoelace areas of loops, signed."""
    shifted = flat - np.repeat(flat[begin], count, axis=0)
    products = np.zeros(len(flat))
    products[:-1] = shifted[:-1, 0] * shifted[1:, 1] - shifted[1:, 0] * shifted[:-1, 1]
    products[begin + count - 1] = 0.0  # back to the first point, which is the origin of the shifted ones
    return np.asarray(np.add.reduceat(products, begin) / 2)


def _plane_near(normal: NDArray[np.float64], prefer: Plane) -> Plane:
    """A plane through the patient origin with this normal and directions near those of another.

    However patient, images and contours are turned together, the directions turn with them.
    """
    near = prefer.u if abs(float(normal @ prefer.u)) < np.sqrt(0.75) else prefer.v
    u = near - (near @ normal) * normal
    u /= np.linalg.norm(u)
    return Plane(np.zeros(3), u, np.cross(normal, u))


def plane_with_normal(normal: NDArray[np.float64]) -> Plane:
    """A plane through the patient origin with this normal and directions near the patient's axes."""
    axis = np.zeros(3)
    axis[int(np.argmin(np.abs(normal)))] = 1.0
    u = np.cross(axis, normal)
    u /= np.linalg.norm(u)
    return Plane(np.zeros(3), u, np.cross(normal, u))
