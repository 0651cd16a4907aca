"""Where two display lists look different, so that only that is painted anew."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from rtvis.scene.overlay import Area, Overlay, Stroke


def changed_box(before: Overlay, after: Overlay) -> tuple[float, float, float, float] | None:
    """Where two display lists look different: (left, top, right, bottom) in display coordinates, None for nowhere.

    Of a line that grew only what was added counts, so that a long stroke costs no more to paint than a short one.
    """
    boxes: list[NDArray[np.float64]] = []
    for one, other in zip_longest(before.strokes, after.strokes):
        boxes += _stroke_boxes(one, other)
    for one, other in zip_longest(before.areas, after.areas):
        if one is not None and other is not None and _same_area(one, other):
            continue
        boxes += [_box(ring, 2.0) for area in (one, other) if area is not None for ring in area.rings if len(ring)]
    for one, other in zip_longest(before.dots, after.dots):
        if one != other:
            boxes += [_box(np.array([[dot.x, dot.y]]), dot.radius + 2.0) for dot in (one, other) if dot is not None]
    for one, other in zip_longest(before.labels, after.labels):
        if one != other:
            boxes += [
                _box(np.array([[label.x, label.y]]), label.size * (len(label.text) + 2))
                for label in (one, other)
                if label is not None
            ]
    if not boxes:
        return None
    stacked = np.array(boxes)
    low, high = stacked[:, :2].min(axis=0), stacked[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _stroke_boxes(one: Stroke | None, other: Stroke | None) -> list[NDArray[np.float64]]:
    if one is None or other is None:
        return [_box(line.points, line.width + 2) for line in (one, other) if line is not None and len(line.points)]
    looks = [(line.color, line.width, line.closed, line.dashed, line.opacity) for line in (one, other)]
    common = 0
    if looks[0] == looks[1] and not one.closed and not one.dashed:
        length = min(len(one.points), len(other.points))
        different = np.flatnonzero((one.points[:length] != other.points[:length]).any(axis=1))
        common = int(different[0]) if len(different) else length
        if common == len(one.points) == len(other.points):
            return []
    elif looks[0] == looks[1] and np.array_equal(one.points, other.points):
        return []
    start = max(common - 1, 0)
    return [_box(line.points[start:], line.width + 2) for line in (one, other) if len(line.points) > start]


def _same_area(one: Area, other: Area) -> bool:
    return (
        one.color == other.color
        and one.opacity == other.opacity
        and len(one.rings) == len(other.rings)
        and all(np.array_equal(a, b) for a, b in zip(one.rings, other.rings, strict=True))
    )


def _box(points: NDArray[np.float64], margin: float) -> NDArray[np.float64]:
    return np.concatenate([points.min(axis=0) - margin, points.max(axis=0) + margin])
