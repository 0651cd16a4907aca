"""Measurements over a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.corner_texts import LETTER_SHARE
from rtvis.scene.overlay import Dot, Label, Overlay, Stroke

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from rtvis.app.measuring import Measured
    from rtvis.app.palette import Rgb
    from rtvis.app.planes import ViewPlane
    from rtvis.model.volume import Volume
    from rtvis.scene.boxes import Box
    from rtvis.scene.corner_texts import Measure
    from rtvis.scene.framing import Framing

MEASURE_COLOR: Rgb = (120, 220, 255)
LABEL_AWAY_PX, LABEL_SIZE = 8.0, 12.0
LEAST_TOLERANCE_MM = 0.05


def measure_overlay(
    framing: Framing,
    view: ViewPlane,
    measured: Iterable[Measured],
    volume: Volume | None,
    width_of: Measure,
    *,
    scale: float = 1.0,
) -> Overlay:
    """Measurements within half a slice of a plane; dashed where only some of their points are.

    Args:
        framing: of the view.
        view: its plane.
        measured: of the frame of reference that is shown.
        volume: whose values probes tell.
        width_of: widths of texts, which stay within the view and beside each other.
        scale: how much larger than usual texts are.
    """
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    labels: list[Label] = []
    taken: list[Box] = []
    against, along = (max(side, LEAST_TOLERANCE_MM) for side in view.reach_mm)
    for one in measured:
        heights = view.plane.distances_mm(one.points)
        near = (heights >= -against) & (heights <= along)
        if not near.any():
            continue
        points = framing.patient_to_display(one.points)
        if len(points) > 1:
            strokes.append(Stroke(points, MEASURE_COLOR, 1.6, closed=one.closed, dashed=not near.all()))
        dots += [Dot(float(x), float(y), MEASURE_COLOR, radius=2.5) for x, y in points]
        text, size = one.text(volume), LABEL_SIZE * scale
        wide, high = width_of(text, size, False), LETTER_SHARE * size
        left, top = _place(points, (wide, high), (framing.width, framing.height), taken)
        taken.append((left - LABEL_AWAY_PX, top, left + wide + LABEL_AWAY_PX, top + high))
        labels.append(Label(left, top + high / 2, text, MEASURE_COLOR, "lm", size))
    return Overlay(tuple(strokes), tuple(dots), tuple(labels))


def _place(
    points: NDArray[np.float64], text: tuple[float, float], view: tuple[float, float], taken: Sequence[Box]
) -> tuple[float, float]:
    """Where the upper left corner of a text goes: right of what was measured, else left, below or above it.

    Args:
        points: ``(n, 2)`` display coordinates of what was measured.
        text: width and height.
        view: likewise.
        taken: where texts are.
    """
    (wide, high), (width, height) = text, view
    left, right = (points[place(points[:, 0])].tolist() for place in (np.argmin, np.argmax))
    top, bottom = (points[place(points[:, 1])].tolist() for place in (np.argmin, np.argmax))
    beside = (
        (right[0] + LABEL_AWAY_PX, right[1] - high / 2),
        (left[0] - LABEL_AWAY_PX - wide, left[1] - high / 2),
        (bottom[0] - wide / 2, bottom[1] + LABEL_AWAY_PX),
        (top[0] - wide / 2, top[1] - LABEL_AWAY_PX - high),
    )
    for x, y in beside:
        if 0 <= x <= width - wide and 0 <= y <= height - high and _is_free(x, y, text, taken):
            return x, y
    x, y = beside[0]
    if right[0] < 0 or left[0] > width or bottom[1] < 0 or top[1] > height:
        return x, y  # nothing of it is in sight, and nor is what it says
    x, y = min(max(x, 0.0), max(width - wide, 0.0)), min(max(y, 0.0), max(height - high, 0.0))
    for n in range(len(taken) + 1):
        for way in (1, -1):
            lower = y + way * n * high
            if 0 <= lower <= height - high and _is_free(x, lower, text, taken):
                return x, lower
    return x, y


def _is_free(x: float, y: float, text: tuple[float, float], taken: Sequence[Box]) -> bool:
    wide, high = text
    return not any(
        x < right and left < x + wide and y < bottom and top < y + high for left, top, right, bottom in taken
    )
