"""Paints the scene's display lists with Qt, antialiased."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPolygonF

from rtvis.gui.label_images import SHADOW_PX, LabelImages
from rtvis.scene.overlay import Area, Label, Overlay, Stroke

if TYPE_CHECKING:
    from collections.abc import Iterable

HALO = QColor(0, 0, 0, 170)
DASHES = [4.0, 3.0]

THREE_WAYS = tuple((cos(angle), sin(angle)) for angle in (0.3, 0.3 + 2 * pi / 3, 0.3 + 4 * pi / 3))
MOST_SPREAD_PX = 0.7
"""Qt has a quick way for lines of one pixel, a tenth of the time that wider ones take: a line a little wider is three
of them, shifted three ways by half of what it is wider."""


def paint_overlay(painter: QPainter, overlay: Overlay, font: QFont) -> None:
    """Paint a display list; areas first, then strokes, then dots, then labels.

    Args:
        painter: on a widget whose logical pixels are the list's coordinates.
        overlay: what to paint.
        font: family of the labels; their sizes are the list's.
    """
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setBrush(Qt.NoBrush)
    for area in overlay.areas:
        _paint_area(painter, area)
    for stroke in overlay.strokes:
        _paint_stroke(painter, stroke)
    for dot in overlay.dots:
        color = QColor(*dot.color)
        color.setAlphaF(dot.opacity)
        painter.setPen(QPen(HALO, 1.0))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(dot.x, dot.y), dot.radius, dot.radius)
    for placed in placed_labels(overlay.labels, font, painter.device().devicePixelRatioF()):
        placed.paint(painter)


class PlacedLabel(NamedTuple):
    """The picture of a text, and where its upper left corner goes, in logical pixels."""

    picture: QImage
    corner: QPointF
    opacity: float

    def paint(self, painter: QPainter) -> None:
        """Lay it over what is there."""
        if self.opacity == 1:
            painter.drawImage(self.corner, self.picture)
            return
        painter.setOpacity(self.opacity)
        painter.drawImage(self.corner, self.picture)
        painter.setOpacity(1.0)


def placed_labels(labels: Iterable[Label], font: QFont, ratio: float) -> tuple[PlacedLabel, ...]:
    """The pictures of texts at a device pixel ratio, for those who paint the same ones again and again."""
    placed = []
    for label in labels:
        image, width, height = _LABELS.image(label, font, ratio)
        placed.append(PlacedLabel(image, QPointF(*_corner(label, width, height, ratio)), label.opacity))
    return tuple(placed)


def _paint_area(painter: QPainter, area: Area) -> None:
    color = QColor(*area.color)
    color.setAlphaF(area.opacity)
    path = QPainterPath()  # its fill rule is even-odd
    for ring in area.rings:
        path.addPolygon(polygon_of(ring))
        path.closeSubpath()
    painter.fillPath(path, color)


def _paint_stroke(painter: QPainter, stroke: Stroke) -> None:
    color = QColor(*stroke.color)
    color.setAlphaF(stroke.opacity)
    polygon = polygon_of(stroke.points)
    draw = painter.drawPolygon if stroke.closed else painter.drawPolyline
    spread = (stroke.width - 1) / 2
    if (
        0 < spread <= MOST_SPREAD_PX
        and not stroke.dashed
        and stroke.opacity == 1
        and painter.device().devicePixelRatioF() == 1
    ):
        painter.setPen(QPen(color, 1.0, Qt.SolidLine, Qt.FlatCap, Qt.BevelJoin))
        for x, y in THREE_WAYS:
            painter.translate(x * spread, y * spread)
            draw(polygon)
            painter.translate(-x * spread, -y * spread)
        return
    pen = QPen(color, stroke.width, Qt.SolidLine, Qt.FlatCap if stroke.dashed else Qt.RoundCap, Qt.BevelJoin)
    if stroke.dashed:
        pen.setDashPattern(DASHES)
    painter.setPen(pen)
    draw(polygon)


def _corner(label: Label, width: float, height: float, ratio: float) -> tuple[float, float]:
    """Where the upper left corner of a label's picture goes, in logical pixels that are whole pixels of the device.

    On whole pixels text is crisp. Between them Qt rounds, another way in a picture that is kept than in the view.
    """
    left, top = label.upper_left(width, height)
    return round((left - SHADOW_PX) * ratio) / ratio, round((top - SHADOW_PX) * ratio) / ratio


def label_box(label: Label, font: QFont, ratio: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a label with its rim, in logical pixels."""
    image, width, height = _LABELS.image(label, font, ratio)
    left, top = _corner(label, width, height, ratio)
    return left, top, left + image.width() / ratio, top + image.height() / ratio


def make_labels(overlay: Overlay, font: QFont, ratio: float) -> None:
    """Have the texts of a display list ready for when it is painted, at a device pixel ratio."""
    for label in overlay.labels:
        _LABELS.image(label, font, ratio)


_LABELS = LabelImages()


def polygon_of(points: NDArray[np.float64]) -> QPolygonF:
    """A Qt polygon of points ``(n, 2)``, filled in one go: a QPointF each would cost more than painting."""
    polygon = QPolygonF(len(points))
    if len(points):
        memory = polygon.data()
        memory.setsize(2 * 8 * len(points))
        np.frombuffer(memory, dtype=np.float64)[:] = np.ascontiguousarray(points, dtype=np.float64).reshape(-1)
    return polygon
