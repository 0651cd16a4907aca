"""Measurements over a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.overlay import Dot, Label, Overlay, Stroke

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.app.measuring import Measured
    from rtvis.app.palette import Rgb
    from rtvis.app.planes import ViewPlane
    from rtvis.model.volume import Volume
    from rtvis.scene.framing import Framing

MEASURE_COLOR: Rgb = (120, 220, 255)
LABEL_AWAY_PX = 8.0
LEAST_TOLERANCE_MM = 0.05


def measure_overlay(
    framing: Framing, view: ViewPlane, measured: Iterable[Measured], volume: Volume | None, *, scale: float = 1.0
) -> Overlay:
    """Measurements within half a slice of a plane; dashed where only some of their points are.

    Args:
        framing: of the view.
        view: its plane.
        measured: of the frame of reference that is shown.
        volume: whose values probes tell.
        scale: how much larger than usual texts are.
    """
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    labels: list[Label] = []
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
        x, y = points[np.argmax(points[:, 0])]
        labels.append(Label(float(x) + LABEL_AWAY_PX, float(y), one.text(volume), MEASURE_COLOR, "lm", 12.0 * scale))
    return Overlay(tuple(strokes), tuple(dots), tuple(labels))
