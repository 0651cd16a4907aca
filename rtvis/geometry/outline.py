"""Intervals where a plane cuts a stack of contours, joined into closed outlines.

In each layer (the contours of one plane) the cut is a set of intervals on a line. From each end of an interval the
outline goes on to both sides, up and down the stack:

- An interval that overlaps exactly one interval of the neighbouring layer, and that one no other, is joined with it:
  straight lines from end to end.
- All other ends go straight on to the middle of the gap. There the outline runs where only one of the two layers has
  an interval: a branch becomes a step, and an interval with nothing beside it is closed with a cap at half the gap.
- The last layer, and a layer before a gap of more than `LARGEST_BRIDGE` times the median gap, is closed with a cap at
  half the median gap: a contour reaches as far outwards as inwards. A stack of a single layer has no gap and stays a
  segment.

So each end has exactly one way up and one way down, and every outline is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.curve_planes import CurvePlanes

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_BRIDGE = 1.5
"""Gaps of more than so many median gaps are not bridged: the contours beyond are another part of the ROI."""

TOUCHING_MM = 1e-3
"""Crossings closer than this are one place: the two sides of a keyhole's channel, or a hole that touches the rim."""


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Intervals in layers, sorted by layer and place; those of one layer are apart.

    Attributes:
        ends_lps_mm: ``(n, 2, 3)``
        places_mm: ``(n, 2)`` of the ends along the line of intersection.
        layers: ``(n,)``
    """

    ends_lps_mm: NDArray[np.float64]
    places_mm: NDArray[np.float64]
    layers: NDArray[np.intp]

    @classmethod
    def paired(
        cls, points_lps_mm: NDArray[np.float64], layers: NDArray[np.intp], places_mm: NDArray[np.float64]
    ) -> Intervals:
        """Crossing points ``(2n, 3)``, an even number in each layer, paired even-odd along their line."""
        order = np.lexsort((places_mm, layers))
        layer, place = layers[order], places_mm[order]
        apart = np.concatenate([[True], (np.diff(layer) != 0) | (np.diff(place) > TOUCHING_MM)])
        first = np.flatnonzero(apart)
        many = np.diff(np.concatenate([first, [len(order)]]))
        kept = order[first[many % 2 == 1]]  # of crossings at one place, two undo each other
        return cls(points_lps_mm[kept].reshape(-1, 2, 3), places_mm[kept].reshape(-1, 2), layers[kept][::2])


def joined_outlines(
    intervals: Intervals, steps: Steps, up: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], bool, int]]:
    """Outlines through the ends of intervals, by the rule on top of this module.

    Args:
        intervals: of all stacks.
        steps: from layer to layer of these stacks.
        up: ``(stacks, 3)`` the vector in the cutting plane, across the line of intersection, that rises by 1 mm along
            the stack normal.

    Yields:
        Points ``(n, 3)``, whether the line is closed, and its stack.
    """
    if not len(intervals.layers):
        return
    stacks = steps.stack_of_layer[intervals.layers]
    alone = steps.layer_counts[stacks] == 1
    if alone.any():
        for ends, stack in zip(intervals.ends_lps_mm[alone], stacks[alone], strict=True):
            yield ends, False, int(stack)
        intervals = Intervals(intervals.ends_lps_mm[~alone], intervals.places_mm[~alone], intervals.layers[~alone])
        stacks = stacks[~alone]
    if not len(stacks):
        return

    # Half-ends: 4 * interval + 2 * (which end) + (0 for downwards, 1 for upwards).
    partner = np.full(4 * len(stacks), -1, dtype=np.intp)
    lower, upper = _one_to_one(intervals, steps)
    for end in (0, 2):
        partner[4 * lower + end + 1] = 4 * upper + end
        partner[4 * upper + end] = 4 * lower + end + 1

    # Few are left where contours of neighbouring layers are alike: only for those a way through the gap is needed.
    free = np.flatnonzero(partner < 0)
    layers, upwards = intervals.layers[free // 4], free % 2 == 1
    level = np.where(upwards, steps.level_above[layers], steps.level_below[layers])
    order = np.lexsort((intervals.places_mm.reshape(-1)[free // 2], level))
    partner[free[order[::2]]] = free[order[1::2]]
    partner[free[order[1::2]]] = free[order[::2]]
    ends = intervals.ends_lps_mm.reshape(-1, 3)
    rise = np.where(upwards, steps.rise_above_mm[layers], -steps.drop_below_mm[layers])
    middles = ends[free // 2] + rise[:, None] * up[stacks[free // 4]]
    place_of_free = np.full(len(partner), -1, dtype=np.intp)
    place_of_free[free] = np.arange(len(free))

    way, lengths = _loops(partner)
    leaves = place_of_free[way]
    through = np.flatnonzero(leaves >= 0)
    points = np.where(leaves >= 0, 3, 1)  # of each half-end: itself, and up to the middle of the gap and back
    last = np.cumsum(points)
    first = last - points
    line = np.empty((last[-1], 3))
    line[first] = ends[way // 2]
    line[first[through] + 1] = middles[leaves[through]]
    line[first[through] + 2] = middles[place_of_free[partner[way[through]]]]
    begin = np.cumsum(lengths) - lengths
    bounds = [*first[begin].tolist(), len(line)]
    for number, stack in enumerate(stacks[way[begin] // 4].tolist()):
        yield line[bounds[number] : bounds[number + 1]], True, stack


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What lies between layers: ``(layers,)`` arrays, and the number of layers of each stack.

    A level is a number that two layers share where the gap between them is bridged.
    """

    stack_of_layer: NDArray[np.intp]
    bridged_above: NDArray[np.bool_]
    level_above: NDArray[np.intp]
    level_below: NDArray[np.intp]
    rise_above_mm: NDArray[np.float64]
    drop_below_mm: NDArray[np.float64]
    layer_counts: NDArray[np.intp]

    @classmethod
    def of(cls, planes: CurvePlanes) -> Steps:
        """The same for any cut of these curves."""
        stacks, positions = planes.stack_of_layer, planes.layer_positions_mm
        count = len(stacks)
        inside = stacks[:-1] == stacks[1:]
        gaps = np.diff(positions)
        layer_counts = np.bincount(stacks, minlength=len(planes.group_of_stack))
        medians = np.zeros(len(layer_counts))
        gap_stacks, gap_sizes = stacks[:-1][inside], gaps[inside]
        for stack in np.unique(gap_stacks):
            medians[stack] = np.median(gap_sizes[gap_stacks == stack])
        bridged = np.zeros(count, dtype=bool)
        bridged[:-1] = inside & (gaps <= LARGEST_BRIDGE * medians[stacks[:-1]] + 1e-6)
        half = medians[stacks] / 2
        rise, drop = half.copy(), half.copy()
        below = np.flatnonzero(bridged)
        rise[below] = gaps[below] / 2
        drop[below + 1] = gaps[below] / 2
        level_above = 2 * np.arange(count) + 1
        level_below = 2 * np.arange(count)
        level_below[below + 1] = level_above[below]
        return cls(stacks, bridged, level_above, level_below, rise, drop, layer_counts)


def _one_to_one(intervals: Intervals, steps: Steps) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of intervals of neighbouring layers that overlap each other and nothing else: lower ones, upper ones."""
    begin, end = intervals.places_mm[:, 0], intervals.places_mm[:, 1]
    origin = float(begin.min())
    width = float(end.max()) - origin + 1.0
    # One axis for all layers: layer after layer, each in a strip of its own, so that one search serves them all.
    begins = intervals.layers * width + (begin - origin)
    finishes = intervals.layers * width + (end - origin)

    def overlapped(shift: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        first = np.searchsorted(finishes, begins + shift * width, side="right")
        after = np.searchsorted(begins, finishes + shift * width, side="left")
        return first, after - first

    bridged_above = steps.bridged_above[intervals.layers]
    above, many_above = overlapped(1)
    _, many_below = overlapped(-1)
    lower = np.flatnonzero(bridged_above & (many_above == 1))
    lower = lower[many_below[above[lower]] == 1]
    return lower, above[lower]


def _loops(partner: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The closed ways through half-ends: along a partner, over to the other side of that end, and on.

    Returns:
        The half-ends that ways leave by, way after way, and how many each of them has.
    """
    following = (partner ^ 1).tolist()
    passed = bytearray(len(following) // 2)  # each end once: arriving by one half, leaving by the other
    way: list[int] = []
    lengths: list[int] = []
    for end in range(len(passed)):
        if passed[end]:
            continue
        before, half = len(way), 2 * end
        while not passed[half >> 1]:
            passed[half >> 1] = 1
            way.append(half)
            half = following[half]
        lengths.append(len(way) - before)
    return np.array(way, dtype=np.intp), np.array(lengths, dtype=np.intp)
