"""What says in a view which colours and lines of an overlay mean which values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.number_text import number_text
from rtvis.scene.overlay import EDGE_MARGIN, TEXT_COLOR, Label, Overlay, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.overlay_state import OverlayState
    from rtvis.app.palette import Rgb
    from rtvis.app.planes import ViewPlane
    from rtvis.scene.framing import Framing

BAR_WIDTH = 8.0
TEXT_SIZE, LINE = 11.0, 15.0
WIDTH_OF_A_LETTER = 0.6
"""Of its size; columns of levels needn't be laid out more exactly."""

LEAST_WIDTH = 320.0
"""Of a view: in a smaller one anatomy comes first."""

CORNER_TEXTS, EDGE_LETTER, SCALE_BAR = 72.0, 18.0, 56.0
"""Room, in logical pixels, that the texts in the upper corner, the letter in the middle of the edge and the scale bar
below take: the bar goes between the first two, the lines' legend between the last two."""

LONGEST_BAR, SHORTEST_BAR = 150.0, 48.0


class DoseBar:
    """The colour bar of a dose that is shown in the place of images (a `rtvis.scene.slice_scene.Blend`).

    Attributes:
        table: ``(256, 3)`` RGB, from the lower end of the window to the upper one.
    """

    def __init__(self, table: NDArray[np.uint8]) -> None:
        self.table = table

    def blend(self, picture: NDArray[np.uint8], framing: Framing, view: ViewPlane, *, grey: bool = False) -> None:
        """Paint the bar over a picture."""
        del view, grey
        paint_bar(picture, framing, self.table)


def legend_overlay(framing: Framing, state: OverlayState, alone: tuple[float, float] | None = None) -> Overlay:
    """A colour bar with its ends and the levels of isodose lines, at the right edge; nothing without an overlay.

    Args:
        framing: of the view.
        state: what is over the images.
        alone: the ends of the window where the dose is shown in the place of images, and the bar is theirs.
    """
    if not state.is_drawn or framing.width < LEAST_WIDTH:
        return Overlay()
    bar = Overlay()
    if state.look.wash:
        bar = _bar(framing, state.look.bounds, state.unit_text, state.look.threshold)
    elif alone is not None:
        bar = _bar(framing, alone, state.unit_text)
    return bar + (_levels(framing, state) if state.dose is not None else Overlay())


def bar_place(framing: Framing) -> tuple[float, float, float] | None:
    """Left, top and bottom of the colour bar in display coordinates; None where there is no room for one."""
    top, bottom = CORNER_TEXTS, min(CORNER_TEXTS + LONGEST_BAR, framing.height / 2 - EDGE_LETTER)
    if framing.width < LEAST_WIDTH or bottom - top < SHORTEST_BAR:
        return None
    return framing.width - EDGE_MARGIN - BAR_WIDTH, top, bottom


def paint_bar(picture: NDArray[np.uint8], framing: Framing, table: NDArray[np.uint8]) -> None:
    """Paint a colour bar into a picture ``(rows, columns, 4)`` blue, green, red, 255: lines would take far longer.

    Args:
        picture: changed in place.
        framing: of the view.
        table: ``(256, 3)`` RGB, the lower end first.
    """
    place = bar_place(framing)
    if place is None:
        return
    left, top, bottom = (round(value * framing.device_pixel_ratio) for value in place)
    right = left + round(BAR_WIDTH * framing.device_pixel_ratio)
    picture[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1, :3] = 0
    steps = table[np.linspace(255, 0, bottom - top).astype(np.intp), ::-1]
    target = picture[top:bottom, left:right, :3]
    target[...] = steps[: len(target), None]


def _bar(framing: Framing, bounds: tuple[float, float], unit: str, threshold: float | None = None) -> Overlay:
    """What stands beside the bar, which is painted into the picture: its ends, and below which value nothing is."""
    place = bar_place(framing)
    if place is None:
        return Overlay()
    left, top, bottom = place
    lower, upper = bounds
    labels = (
        Label(left - 5, top, f"{number_text(upper)} {unit}".rstrip(), TEXT_COLOR, "rm", TEXT_SIZE),
        Label(left - 5, bottom, number_text(lower), TEXT_COLOR, "rm", TEXT_SIZE),
    )
    if threshold is None or not lower < threshold < upper:
        return Overlay(labels=labels)
    y = bottom - (threshold - lower) / (upper - lower) * (bottom - top)
    mark = np.array([[left - 3, y], [left + BAR_WIDTH + 1, y]])
    return Overlay((Stroke(mark, TEXT_COLOR, 1.0),), labels=labels)


def _levels(framing: Framing, state: OverlayState) -> Overlay:
    """The levels that the dose reaches, each in its colour; in percent, the dose that is 100 % above them."""
    isodoses, units = state.isodoses, state.unit_text
    top, bottom = framing.height / 2 + EDGE_LETTER, framing.height - SCALE_BAR
    least, most = (0.0, 0.0) if state.dose is None else (state.dose.minimum, state.dose.maximum)
    reached = [one for one in isodoses.levels if one.shown and one.value and least <= isodoses.dose_of(one) <= most]
    if not isodoses.shown or not reached:
        return Overlay()
    unit = "%" if isodoses.in_percent else units
    lines: list[tuple[str, Rgb]] = [(f"{number_text(one.value)} {unit}", one.color) for one in reached]
    right, labels = framing.width - EDGE_MARGIN, []
    if isodoses.in_percent:
        head = f"100 % = {number_text(isodoses.reference)} {units}"
        labels.append(Label(right, top, head, TEXT_COLOR, "rt", TEXT_SIZE))
        top += LINE
    rows = int((bottom - top) / LINE)
    if rows < 1:
        return Overlay()
    columns = -(-len(lines) // rows)
    rows = -(-len(lines) // columns)
    wide = max(len(text) for text, _ in lines) * TEXT_SIZE * WIDTH_OF_A_LETTER + EDGE_MARGIN
    for n, (text, color) in enumerate(lines):
        x = right - (columns - 1 - n // rows) * wide  # the highest doses are in the first column
        labels.append(Label(x, top + n % rows * LINE, text, color, "rt", TEXT_SIZE))
    return Overlay(labels=tuple(labels))
