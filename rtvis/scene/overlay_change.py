"""Where two display lists look different, so that only that is painted anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from rtvis.scene.boxes import Box, box_around, runs_within
from rtvis.scene.overlay import Area, Label, Overlay, Stroke

PIECE_PX = 64.0
"""A line that changed all along is painted anew in boxes about so large, not in the one around it all."""

MOST_PIECES = 48
SHORT = 48
"""A line of fewer points is painted as a whole."""


def changed_boxes(before: Overlay, after: Overlay) -> list[Box]:
    """Where two display lists look different.

    Of a line that grew, and of an area that was painted on, only what was added counts, so that a long stroke costs no
    more to paint than a short one.
    """
    boxes: list[Box] = []
    last: Stroke | None = None
    for one, other in zip_longest(before.strokes, after.strokes):
        if one is None or other is None or last is None or other.points is not last.points or other.width > last.width:
            boxes += _stroke_boxes(one, other)  # a line on its own dark ground changes where that does
        last = other
    for one, other in zip_longest(before.areas, after.areas):
        boxes += _area_boxes(one, other)
    for one, other in zip_longest(before.dots, after.dots):
        if one != other:
            boxes += [box_around([[dot.x, dot.y]], dot.radius + 2.0) for dot in (one, other) if dot is not None]
    for one, other in zip_longest(before.labels, after.labels):
        if one != other:
            boxes += [
                box_around([[label.x, label.y]], label.size * (len(label.text) + 2))
                for label in (one, other)
                if label is not None
            ]
    return boxes


def _stroke_boxes(one: Stroke | None, other: Stroke | None) -> list[Box]:
    if one is None or other is None:
        return [box for line in (one, other) if line is not None for box in _along(line.points, line)]
    if _looks(one) != _looks(other):
        return [*_along(one.points, one), *_along(other.points, other)]
    if np.array_equal(one.points, other.points):
        return []
    if one.closed:
        changed = zip(changed_corners(one.points, other.points), (one, other), strict=True)
        return [box_around(points, line.width + 2) for points, line in changed if len(points)]
    common = 0
    if not one.dashed:  # dashes all along move with what is before them
        length = min(len(one.points), len(other.points))
        different = np.flatnonzero((one.points[:length] != other.points[:length]).any(axis=1))
        common = int(different[0]) if len(different) else length
    start = max(common - 1, 0)
    grown = common == len(one.points)
    return [box for line in ((other,) if grown else (one, other)) for box in _along(line.points[start:], line)]


def _looks(line: Stroke) -> tuple[object, ...]:
    return (line.color, line.width, line.closed, line.dashed, line.opacity)


def _area_boxes(one: Area | None, other: Area | None) -> list[Box]:
    if one is None or other is None or (one.color, one.opacity) != (other.color, other.opacity):
        return [box_around(ring, 2.0) for area in (one, other) if area is not None for ring in area.rings if len(ring)]
    boxes = []
    for before, after in zip_longest(one.rings, other.rings):
        if before is None or after is None:
            boxes.append(box_around(after if before is None else before, 2.0))
        elif not np.array_equal(before, after):
            boxes += [box_around(points, 2.0) for points in changed_corners(before, after) if len(points)]
    return boxes


def changed_corners(
    before: NDArray[np.float64], after: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of two rings ``(n, 2)`` that only the one or the other has, with their neighbours.

    Where both have the same corners in another order, all of them.
    """
    one, other = before[:, 0] + 1j * before[:, 1], after[:, 0] + 1j * after[:, 1]
    parts = []
    for ring, own, theirs in ((before, one, other), (after, other, one)):
        fresh = ~np.isin(own, theirs)
        parts.append(ring[fresh | np.roll(fresh, 1) | np.roll(fresh, -1)])
    return (before, after) if not len(parts[0]) and not len(parts[1]) else (parts[0], parts[1])


def within(overlay: Overlay, box: Box) -> Overlay:
    """A display list with only what can be seen in a box: parts of long lines, texts and straight lines near it."""
    left, top, right, bottom = box
    strokes: list[Stroke] = []
    for stroke in overlay.strokes:
        if len(stroke.points) == 2:
            (x, y), (to_x, to_y) = stroke.points.tolist()
            margin = stroke.width + 2
            if (
                min(x, to_x) <= right + margin
                and max(x, to_x) >= left - margin
                and min(y, to_y) <= bottom + margin
                and max(y, to_y) >= top - margin
            ):
                strokes.append(stroke)
            continue
        if len(stroke.points) < SHORT or stroke.dashed:
            strokes.append(stroke)
            continue
        points = np.vstack([stroke.points, stroke.points[:1]]) if stroke.closed else stroke.points
        strokes += [replace(stroke, points=run, closed=False) for run in runs_within(points, box, stroke.width + 2)]
    labels = tuple(one for one in overlay.labels if _meets(one, box))
    return Overlay(tuple(strokes), overlay.dots, labels, overlay.areas)


def _meets(label: Label, box: Box) -> bool:
    """Whether a text may reach into a box; no letter is wider than it is high."""
    left, top, right, bottom = box
    reach = label.size * (len(label.text) + 2)
    return left - reach <= label.x <= right + reach and top - 2 * label.size <= label.y <= bottom + 2 * label.size


def _along(points: NDArray[np.float64], line: Stroke) -> list[Box]:
    """Boxes along a line that follow it closely."""
    margin = line.width + 2
    if len(points) == 2:
        return _along_straight(points.tolist(), margin)
    if len(points) < 2:
        return [box_around(points, margin)] if len(points) else []
    if np.ptp(points, axis=0).max() <= 2 * PIECE_PX:
        return [box_around(points, margin)]
    around = np.vstack([points, points[:1]]) if line.closed else points
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(around, axis=0), axis=1))])
    count = int(min(np.ceil(lengths[-1] / PIECE_PX), MOST_PIECES))
    ends = np.linspace(0.0, lengths[-1], count + 1)
    places = np.stack([np.interp(ends, lengths, around[:, axis]) for axis in (0, 1)], axis=1)
    piece = np.clip(np.searchsorted(ends, lengths, side="right") - 1, 0, count - 1)
    return [box_around(np.vstack([places[n : n + 2], around[piece == n]]), margin) for n in range(count)]


def _along_straight(ends: list[list[float]], margin: float) -> list[Box]:
    (x, y), (to_x, to_y) = ends
    count = min(int(max(abs(to_x - x), abs(to_y - y)) / PIECE_PX) + 1, MOST_PIECES)
    across, down = (to_x - x) / count, (to_y - y) / count
    corners = [(x + n * across, y + n * down) for n in range(count + 1)]
    return [
        (min(a, c) - margin, min(b, d) - margin, max(a, c) + margin, max(b, d) + margin)
        for (a, b), (c, d) in pairwise(corners)
    ]
