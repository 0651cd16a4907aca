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
    intervals: Intervals, planes: CurvePlanes, up: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], bool, int]]:
    """Outlines through the ends of intervals, by the rule on top of this module.

    Args:
        intervals: of all stacks.
        planes: the layers and stacks they are in.
        up: ``(stacks, 3)`` the vector in the cutting plane, across the line of intersection, that rises by 1 mm along
            the stack normal.

    Yields:
        Points ``(n, 3)``, whether the line is closed, and its stack.
    """
    if not len(intervals.layers):
        return
    steps = _Steps.of(planes)
    stacks = planes.stack_of_layer[intervals.layers]
    alone = steps.layer_counts[stacks] == 1
    for ends, stack in zip(intervals.ends_lps_mm[alone], stacks[alone], strict=True):
        yield ends, False, int(stack)
    intervals = Intervals(intervals.ends_lps_mm[~alone], intervals.places_mm[~alone], intervals.layers[~alone])
    stacks = stacks[~alone]
    count = len(stacks)
    if not count:
        return

    # Half-ends: 4 * interval + 2 * (which end) + (0 for downwards, 1 for upwards).
    partner = np.full(4 * count, -1, dtype=np.intp)
    lower, upper = _one_to_one(intervals, steps)
    for end in (0, 2):
        partner[4 * lower + end + 1] = 4 * upper + end
        partner[4 * upper + end] = 4 * lower + end + 1
    direct = partner >= 0
    free = np.flatnonzero(~direct)
    layers = np.repeat(intervals.layers, 4)
    upwards = (np.arange(4 * count) % 2).astype(bool)
    level = np.where(upwards, steps.level_above[layers], steps.level_below[layers])
    places = np.repeat(intervals.places_mm.ravel(), 2)
    ordered = free[np.lexsort((places[free], level[free]))]
    partner[ordered[::2]] = ordered[1::2]
    partner[ordered[1::2]] = ordered[::2]

    ends = np.repeat(intervals.ends_lps_mm.reshape(-1, 3), 2, axis=0)
    rise = np.where(upwards, steps.rise_above_mm[layers], -steps.drop_below_mm[layers])
    middle = ends + rise[:, None] * up[np.repeat(stacks, 4)]
    way = np.stack([ends, middle, middle[partner]], axis=1)
    used = np.stack([np.ones(4 * count, dtype=bool), ~direct, ~direct], axis=1)
    for loop in _loops(partner):
        yield way[loop][used[loop]], True, int(stacks[loop[0] // 4])


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """What lies between layers: ``(layers,)`` arrays, and the number of layers of each stack.

    A level is a number that two layers share where the gap between them is bridged.
    """

    bridged_above: NDArray[np.bool_]
    level_above: NDArray[np.intp]
    level_below: NDArray[np.intp]
    rise_above_mm: NDArray[np.float64]
    drop_below_mm: NDArray[np.float64]
    layer_counts: NDArray[np.intp]

    @classmethod
    def of(cls, planes: CurvePlanes) -> _Steps:
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
        return cls(bridged, level_above, level_below, rise, drop, layer_counts)


def _one_to_one(intervals: Intervals, steps: _Steps) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
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


def _loops(partner: NDArray[np.intp]) -> Iterator[list[int]]:
    """The closed ways through half-ends: along a partner, over to the other side of that end, and on."""
    following = partner.tolist()
    seen = bytearray(len(following))
    for start in range(len(following)):
        if seen[start]:
            continue
        loop = []
        half = start
        while not seen[half]:
            loop.append(half)
            arrived = following[half]
            seen[half] = seen[arrived] = 1
            half = arrived ^ 1
        yield loop
