"""What stays over a view while other things change: small pictures of it, laid down again at each step.

Painting a dozen texts and lines again takes longer than a whole slice does. One picture of all of them would be as
large as the view, and laying down pixels that hold nothing takes as long as others: so each group of things that are
close to each other has a picture of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QFont, QPainter

from rtvis.gui.contour_layers import Layer, painted_box, trimmed
from rtvis.gui.overlay_painter import label_box, paint_overlay
from rtvis.scene.overlay import Dot, Label, Overlay, Stroke

if TYPE_CHECKING:
    from typing import TypeAlias

    Box: TypeAlias = tuple[float, float, float, float]
    Thing: TypeAlias = Stroke | Dot | Label

MARGIN_PX = 2.0
"""Smoothed lines and dots reach so far beyond half their widths; the cursor's four lines must not meet."""

MOST_SHARE = 0.2
"""Of a view's pixels: pictures of more would take longer than painting anew."""


class KeptPieces:
    """Lays a display list down; one that is asked for again is kept as pictures from then on."""

    def __init__(self) -> None:
        self._overlay: Overlay | None = None
        self._look: tuple[object, ...] = ()
        self._pieces: tuple[Layer, ...] | None = None
        self._large = False

    @property
    def pieces(self) -> tuple[Layer, ...] | None:
        """The pictures of what was painted last; None where it was painted as it is."""
        return self._pieces

    def paint(self, painter: QPainter, overlay: Overlay, font: QFont) -> None:
        """Paint a display list, from pictures where the very same one was painted before.

        Args:
            painter: on a view whose logical pixels are the list's coordinates.
            overlay: what to paint; another object is another list.
            font: of its texts.
        """
        device = painter.device()
        look = (device.devicePixelRatioF(), font.key(), device.width(), device.height())
        if overlay is not self._overlay or look != self._look:
            self._overlay, self._look, self._pieces, self._large = overlay, look, None, False
            paint_overlay(painter, overlay, font)
            return
        if self._pieces is None and not self._large:
            self._pieces = pieces_of(overlay, font, look[0], device.width() * device.height() * MOST_SHARE)
            self._large = self._pieces is None
        if self._pieces is None:
            paint_overlay(painter, overlay, font)
            return
        for piece in self._pieces:
            piece.paint(painter)


def pieces_of(overlay: Overlay, font: QFont, ratio: float, most_pixels: float) -> tuple[Layer, ...] | None:
    """Pictures of a display list that don't overlap each other.

    Args:
        overlay: what to paint.
        font: of its texts.
        ratio: device pixels of a logical one.
        most_pixels: how many logical pixels all pictures may have.

    Returns:
        The pictures; None where they would be too large, and where there are areas.
    """
    if overlay.areas:
        return None
    groups: list[tuple[Box, list[Thing]]] = []
    every: tuple[Thing, ...] = (*overlay.strokes, *overlay.dots, *overlay.labels)
    for thing in every:
        box = _box(thing, font, ratio)
        things: list[Thing] = [thing]
        while True:  # what has grown by a group may meet another one
            met = [group for group in groups if _meet(group[0], box)]
            if not met:
                break
            groups = [group for group in groups if not _meet(group[0], box)]
            for other, others in met:
                box, things = _around(box, other), [*others, *things]
        groups = [*groups, (box, things)]
    if sum((box[2] - box[0]) * (box[3] - box[1]) for box, _ in groups) > most_pixels:
        return None
    pieces = (trimmed(painted_box(_part(overlay, things), box, ratio, font)) for box, things in groups)
    return tuple(piece for piece in pieces if piece.picture is not None)


def _part(overlay: Overlay, things: list[Thing]) -> Overlay:
    chosen = {id(thing) for thing in things}
    return Overlay(
        tuple(one for one in overlay.strokes if id(one) in chosen),
        tuple(one for one in overlay.dots if id(one) in chosen),
        tuple(one for one in overlay.labels if id(one) in chosen),
    )


def _box(thing: Thing, font: QFont, ratio: float) -> Box:
    if isinstance(thing, Label):
        return label_box(thing, font, ratio)
    if isinstance(thing, Dot):
        reach = thing.radius + MARGIN_PX
        return thing.x - reach, thing.y - reach, thing.x + reach, thing.y + reach
    reach = thing.width / 2 + MARGIN_PX
    (left, top), (right, bottom) = thing.points.min(axis=0).tolist(), thing.points.max(axis=0).tolist()
    return left - reach, top - reach, right + reach, bottom + reach


def _meet(one: Box, other: Box) -> bool:
    # A pixel more: pictures end at whole pixels.
    return one[0] <= other[2] + 1 and other[0] <= one[2] + 1 and one[1] <= other[3] + 1 and other[1] <= one[3] + 1


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
