"""Which curves lie in one plane, and which planes make a stack, as the slices of an image do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.plane import fit_plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PLANAR_TOLERANCE_MM = 0.1
"""Curves this close to their best plane are cut as planar ones. Coordinates in files are often rounded to 0.01 mm or
coarser, and cutting needs no more than an order along a line."""

PARALLEL_DEG = 0.5
"""Curves whose planes differ by less belong to one stack: small curves with rounded coordinates turn by so much."""

LAYER_TOLERANCE_MM = 0.05
"""Curves of a stack closer than this along its normal are in one plane, unless whole chains of curves would be: slices
of micro-CT may be as close."""

LONGEST_CHAIN = 4
"""Curves each within the tolerance of the next, but together more than so many tolerances deep, are in planes of their
own."""

LEAST_TOLERANCE_MM = 1e-4
"""Nothing is told apart that is closer."""


REPEAT_MM = 0.05
REPEAT_AREA = 1e-3
"""A closed curve whose box is that of another in its plane within `REPEAT_MM`, whose line lies about its middle as the
other's does, likewise, and whose area differs by less than the share `REPEAT_AREA`, is that curve once more. (Box and
area alone are also those of the other half of a square cut along its diagonal.) Planning systems write the same contour
up to 25 times, some copies with a point or two more; taken even-odd they would undo each other. The wall of a real ring
is far thicker."""


@dataclass(frozen=True, slots=True, eq=False)
class CurvePlanes:
    """Planes of curves, layered in stacks.

    Attributes:
        stack_of_curve: ``(curves,)``, -1 for curves without a plane of their own (nonplanar, straight, a point).
        layer_of_curve: ``(curves,)``, -1 likewise. Layers count through all stacks, ascending along the stack normal.
        stack_normals: ``(stacks, 3)`` unit normals.
        group_of_stack: ``(stacks,)``
        stack_of_layer: ``(layers,)``
        layer_positions_mm: ``(layers,)`` along the normal of the stack.
        is_repeat: ``(curves,)`` whether the curve is another closed one of its layer once more.
    """

    stack_of_curve: NDArray[np.intp]
    layer_of_curve: NDArray[np.intp]
    stack_normals: NDArray[np.float64]
    group_of_stack: NDArray[np.intp]
    stack_of_layer: NDArray[np.intp]
    layer_positions_mm: NDArray[np.float64]
    is_repeat: NDArray[np.bool_]


def find_planes(
    points: NDArray[np.float64], starts: NDArray[np.intp], closed: NDArray[np.bool_], groups: NDArray[np.intp]
) -> CurvePlanes:
    """Find planes, layers and stacks.

    Args:
        points: ``(n, 3)`` of all curves, one after the other; closed ones repeat their first point.
        starts: ``(curves,)`` where each curve begins in `points`.
        closed: ``(curves,)``
        groups: ``(curves,)``; only curves of one group share a stack.
    """
    count = len(starts)
    counts = np.diff(np.append(starts, len(points)))
    stack_of_curve = np.full(count, -1, dtype=np.intp)
    layer_of_curve = np.full(count, -1, dtype=np.intp)
    if not count:
        none = np.empty(0, dtype=np.intp)
        return CurvePlanes(stack_of_curve, layer_of_curve, np.empty((0, 3)), none, none, np.empty(0), closed[:0])
    centres, vectors = _plane_vectors(points, starts, closed)
    lengths = np.linalg.norm(vectors, axis=1)
    normals: list[NDArray[np.float64]] = []
    stack_groups: list[int] = []
    layer_stacks: list[NDArray[np.intp]] = []
    layer_positions: list[NDArray[np.float64]] = []
    layers = 0
    for group in np.unique(groups):
        left = np.flatnonzero((groups == group) & (lengths > 0))
        while len(left):
            largest = vectors[left[np.argmax(lengths[left])]]
            cosines = vectors[left] @ largest / (lengths[left] * np.linalg.norm(largest))
            parallel = np.abs(cosines) >= np.cos(np.radians(PARALLEL_DEG))
            members, left = left[parallel], left[~parallel]
            # Area-weighted: the mean normal of large curves is exact where that of a tiny one is mostly rounding.
            total = (np.sign(cosines[parallel])[:, None] * vectors[members]).sum(axis=0)
            normal = total / np.linalg.norm(total)
            positions = centres[members] @ normal
            order = np.argsort(positions, kind="stable")
            layer = layers_of(positions[order])
            stack_of_curve[members] = len(normals)
            layer_of_curve[members[order]] = layers + layer
            layer_positions.append(np.bincount(layer, positions[order]) / np.bincount(layer))
            layer_stacks.append(np.full(layer[-1] + 1, len(normals), dtype=np.intp))
            layers += int(layer[-1]) + 1
            normals.append(normal)
            stack_groups.append(int(group))
    return CurvePlanes(
        stack_of_curve,
        layer_of_curve,
        np.array(normals).reshape(-1, 3),
        np.array(stack_groups, dtype=np.intp),
        np.concatenate(layer_stacks) if layer_stacks else np.empty(0, dtype=np.intp),
        np.concatenate(layer_positions) if layer_positions else np.empty(0),
        find_repeats(
            np.hstack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)]),
            lengths,
            np.where(closed, layer_of_curve, -1),
            lambda number: points[starts[number] :][: counts[number]],
        ),
    )


def layers_of(positions_mm: NDArray[np.float64], tolerance_mm: float = LAYER_TOLERANCE_MM) -> NDArray[np.intp]:
    """The plane that each of some curves is in, counted from 0.

    Args:
        positions_mm: ``(curves,)`` along a common normal, ascending.
        tolerance_mm: how far apart curves of one plane may be; made smaller until no plane is deeper than
            `LONGEST_CHAIN` of them.
    """
    gaps = np.diff(positions_mm)
    while True:
        layers = np.concatenate([[0], np.cumsum(gaps > tolerance_mm)]).astype(np.intp)
        first = np.flatnonzero(np.diff(layers, prepend=-1))
        last = np.append(first[1:], len(layers)) - 1
        if tolerance_mm < LEAST_TOLERANCE_MM or np.all(
            positions_mm[last] - positions_mm[first] <= LONGEST_CHAIN * tolerance_mm
        ):
            return layers
        tolerance_mm /= LONGEST_CHAIN


def find_repeats(
    boxes_mm: NDArray[np.float64],
    areas_mm2: NDArray[np.float64],
    layers: NDArray[np.intp],
    points_of: Callable[[int], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Which closed curves are an earlier one of their layer once more (see `REPEAT_MM`).

    Args:
        boxes_mm: ``(curves, 6)`` lowest and highest coordinates of each.
        areas_mm2: ``(curves,)``
        layers: ``(curves,)`` what plane each is in; those of layer -1 are never repeats.
        points_of: gives the points of a curve, ``(n, 2)`` or ``(n, 3)`` mm.
    """
    lines: dict[int, NDArray[np.float64]] = {}

    def line(number: int) -> NDArray[np.float64]:
        if number not in lines:
            lines[number] = line_moments(points_of(number))
        return lines[number]

    repeats = np.zeros(len(layers), dtype=bool)
    order = np.lexsort((areas_mm2, layers))
    order = order[np.searchsorted(layers[order], 0) :]
    layer, area = layers[order], areas_mm2[order]
    for step in range(1, len(order)):
        alike = (layer[step:] == layer[:-step]) & (area[step:] - area[:-step] <= REPEAT_AREA * area[step:])
        pairs = np.flatnonzero(alike)
        if not len(pairs):  # nor are there any further apart in order of area
            break
        one, other = order[pairs], order[pairs + step]
        for pair in np.flatnonzero(np.abs(boxes_mm[one] - boxes_mm[other]).max(axis=1) <= REPEAT_MM).tolist():
            if np.abs(line(int(one[pair])) - line(int(other[pair]))).max() <= REPEAT_MM:
                repeats[max(one[pair], other[pair])] = True
    return repeats


def line_moments(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the line of a closed curve has its middle, and how far it lies about it in several directions, mm.

    Means over the length of the line: points more or less on it, its beginning and its direction don't count. Two
    curves within `REPEAT_MM` in all of these are one line.

    Args:
        points: of the curve, ``(n, 2)`` or ``(n, 3)`` mm.

    Returns:
        ``(5,)`` or ``(9,)`` mm.
    """
    following = np.roll(points, -1, axis=0)
    lengths = np.linalg.norm(following - points, axis=1)
    total = float(lengths.sum())
    if not total > 0:
        return np.zeros(points.shape[1] * (points.shape[1] + 3) // 2)
    middle = lengths @ (points + following) / (2 * total)
    axes = np.eye(points.shape[1])
    pairs = [(one + other) / np.sqrt(2) for n, one in enumerate(axes) for other in axes[:n]]
    directions = np.array([*axes, *pairs]).T
    begin, end = (points - middle) @ directions, (following - middle) @ directions
    square = lengths @ (begin * begin + begin * end + end * end) / (3 * total)
    return np.concatenate([middle, np.sqrt(square)])


def _plane_vectors(
    points: NDArray[np.float64], starts: NDArray[np.intp], closed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point in the plane of each curve, and its normal, as long as the area; zero where the curve has no plane."""
    counts = np.diff(np.concatenate([starts, [len(points)]]))
    centres = np.add.reduceat(points, starts) / counts[:, None]
    offsets = points - np.repeat(centres, counts, axis=0)
    products = np.zeros_like(offsets)
    products[:-1] = np.cross(offsets[:-1], offsets[1:])
    products[starts + counts - 1] = 0.0  # from the last point of a curve to the next curve
    vectors = np.add.reduceat(products, starts) / 2  # Newell's normal, whose length is the area
    away = np.abs(offsets)  # column by column: along rows of three numpy takes twenty times as long
    sizes = np.maximum.reduceat(np.maximum(np.maximum(away[:, 0], away[:, 1]), away[:, 2]), starts)
    lengths = np.linalg.norm(vectors, axis=1)
    units = vectors / np.maximum(lengths, 1e-300)[:, None]
    heights = np.abs(np.einsum("ij,ij->i", offsets, np.repeat(units, counts, axis=0)))
    residuals = np.maximum.reduceat(heights, starts)
    # A figure of eight has next to no signed area, and an open curve's is not its own: those are fitted one by one.
    doubtful = ~closed | (lengths < 1e-2 * sizes**2) | (residuals > PLANAR_TOLERANCE_MM)
    for number in np.flatnonzero(doubtful):
        curve = points[starts[number] : starts[number] + counts[number]]
        vectors[number] = _fitted(curve)
    return centres, vectors


def _fitted(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normal of the best plane, as long as the extent across; zero for points on one line or off any plane."""
    if len(points) < 3:
        return np.zeros(3)
    plane, residual = fit_plane(points)
    flat = plane.to_plane(points)
    across = float(np.ptp(flat[:, 1]))
    if residual > PLANAR_TOLERANCE_MM or across <= PLANAR_TOLERANCE_MM:
        return np.zeros(3)
    return np.asarray(plane.normal * across * float(np.ptp(flat[:, 0])))
