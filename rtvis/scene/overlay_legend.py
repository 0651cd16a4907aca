"""What says in a view which colours and lines of an overlay mean which values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.overlay import EDGE_MARGIN, TEXT_COLOR, Label, Overlay, Stroke

if TYPE_CHECKING:
    from rtvis.app.overlay_state import OverlayState
    from rtvis.app.palette import Rgb
    from rtvis.scene.framing import Framing

BAR_WIDTH, BAR_STEPS = 8.0, 64
TEXT_SIZE, LINE = 11.0, 15.0
LEAST_WIDTH = 320.0
"""Of a view: in a smaller one anatomy comes first."""

CORNER_TEXTS, EDGE_LETTER, SCALE_BAR = 72.0, 18.0, 56.0
"""Room, in logical pixels, that the texts in the upper corner, the letter in the middle of the edge and the scale bar
below take: the bar goes between the first two, the lines' legend between the last two."""

LONGEST_BAR, SHORTEST_BAR = 150.0, 48.0


def legend_overlay(framing: Framing, state: OverlayState) -> Overlay:
    """A colour bar with its ends and the levels of isodose lines, at the right edge; nothing without an overlay."""
    if not state.is_drawn or framing.width < LEAST_WIDTH:
        return Overlay()
    bar = _bar(framing, state) if state.look.wash else Overlay()
    return bar + (_levels(framing, state) if state.dose is not None else Overlay())


def _bar(framing: Framing, state: OverlayState) -> Overlay:
    top, bottom = CORNER_TEXTS, min(CORNER_TEXTS + LONGEST_BAR, framing.height / 2 - EDGE_LETTER)
    if bottom - top < SHORTEST_BAR:
        return Overlay()
    look = state.look
    lower, upper = look.bounds
    x = framing.width - EDGE_MARGIN - BAR_WIDTH / 2
    edges = np.linspace(bottom, top, BAR_STEPS + 1)
    colors = look.color_map.table(inverse=look.inverse)[np.linspace(0, 255, BAR_STEPS).astype(np.intp)]
    rim = np.array([[x, bottom + 1], [x, top - 1]])
    strokes = [Stroke(rim, (0, 0, 0), BAR_WIDTH + 2)]
    for begin, end, color in zip(edges[:-1], edges[1:], colors.tolist(), strict=True):
        # Each step reaches under the next, or seams would shine through.
        strokes.append(Stroke(np.array([[x, begin], [x, end - 1]]), (color[0], color[1], color[2]), BAR_WIDTH))
    beside = x - BAR_WIDTH / 2 - 5
    unit = state.unit_text
    labels = [
        Label(beside, top, f"{upper:.4g} {unit}".rstrip(), TEXT_COLOR, "rm", TEXT_SIZE),
        Label(beside, bottom, f"{lower:.4g}", TEXT_COLOR, "rm", TEXT_SIZE),
    ]
    if look.threshold is not None and lower < look.threshold < upper:
        y = bottom - (look.threshold - lower) / (upper - lower) * (bottom - top)
        mark = np.array([[x - BAR_WIDTH / 2 - 3, y], [x + BAR_WIDTH / 2 + 1, y]])
        strokes.append(Stroke(mark, TEXT_COLOR, 1.0))
    return Overlay(tuple(strokes), labels=tuple(labels))


def _levels(framing: Framing, state: OverlayState) -> Overlay:
    """The levels that the dose reaches, each in its colour; in percent, the dose that is 100 % above them."""
    isodoses, units = state.isodoses, state.unit_text
    top, bottom = framing.height / 2 + EDGE_LETTER, framing.height - SCALE_BAR
    most = 0.0 if state.dose is None else state.dose.maximum
    reached = [one for one in isodoses.levels if one.shown and 0 < isodoses.dose_of(one) <= most]
    if not isodoses.shown or not reached:
        return Overlay()
    lines: list[tuple[str, Rgb]] = [(f"100 % = {isodoses.reference:.4g} {units}", TEXT_COLOR)] * isodoses.in_percent
    unit = "%" if isodoses.in_percent else units
    lines += [(f"{one.value:.4g} {unit}", one.color) for one in reached]
    right = framing.width - EDGE_MARGIN
    fitting = lines[: max(int((bottom - top) / LINE), 0)]
    labels = [Label(right, top + n * LINE, text, color, "rt", TEXT_SIZE) for n, (text, color) in enumerate(fitting)]
    return Overlay(labels=tuple(labels))
