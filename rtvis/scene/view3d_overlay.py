"""What lies over a 3D view: its name, sides of the patient, the name of what the mouse rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.palette import VIEW_3D_COLOR, Rgb
from rtvis.geometry.frame import orientation_letter
from rtvis.scene.overlay import EDGE_MARGIN, LETTER_COLOR, QUIET_TEXT_COLOR, Anchor, Dot, Label, Overlay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.scene.camera3d import Camera3D

ALONG = float(np.cos(np.radians(12.0)))
"""A side of the patient is named at an edge of the view where it lies within 12 degrees: turned further, the cube in
the corner says it better."""

NAME_ABOVE_PX = 14.0
NAME_ROOM_PX = 60.0
LINE_PX = 17.0


def view3d_overlay(camera: Camera3D, remarks: Sequence[str]) -> Overlay:
    """The view's name with remarks below it, and letters of the patient's sides at edges where they lie.

    Args:
        camera: of the view.
        remarks: such as "interpolated".
    """
    width, height = camera.size
    right, up = camera.right_and_up
    labels = [Label(EDGE_MARGIN, EDGE_MARGIN, "3D", VIEW_3D_COLOR, "lt", 13.0, bold=True)]
    for n, text in enumerate(remarks):
        labels.append(Label(EDGE_MARGIN, EDGE_MARGIN + LINE_PX * (n + 1), text, QUIET_TEXT_COLOR, "lt", 12.0))
    places: list[tuple[float, float, NDArray[np.float64], Anchor]] = [
        (EDGE_MARGIN, height / 2, -right, "lm"),
        (width - EDGE_MARGIN, height / 2, right, "rm"),
        (width / 2, EDGE_MARGIN, up, "mt"),
        (width / 2, height - EDGE_MARGIN, -up, "mb"),
    ]
    for x, y, direction, anchor in places:
        if np.abs(direction).max() >= ALONG:
            letter = orientation_letter(direction)[0]
            labels.append(Label(x, y, letter, LETTER_COLOR, anchor, 15.0, bold=True))
    return Overlay(labels=tuple(labels))


def name_overlay(x: float, y: float, name: str, color: Rgb) -> Overlay:
    """The name of what is at a place of the view, in display coordinates, above it where there is room."""
    above = y > NAME_ROOM_PX
    label = Label(
        x, y - NAME_ABOVE_PX if above else y + 1.6 * NAME_ABOVE_PX, name, color, "mb" if above else "mt", 13.0
    )
    return Overlay(dots=(Dot(x, y, color, 2.5),), labels=(label,))
