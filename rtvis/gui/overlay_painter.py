"""Paints the scene's display lists with Qt: antialiased, in a few milliseconds, without a VTK render."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from rtvis.scene.overlay import Label, Overlay

HALO = QColor(0, 0, 0, 170)
DASHES = [4.0, 3.0]


def paint_overlay(painter: QPainter, overlay: Overlay, font: QFont) -> None:
    """Paint a display list; strokes first, then dots, then labels.

    Args:
        painter: on a widget whose logical pixels are the list's coordinates.
        overlay: what to paint.
        font: family of the labels; their sizes are the list's.
    """
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setBrush(Qt.NoBrush)
    for stroke in overlay.strokes:
        color = QColor(*stroke.color)
        color.setAlphaF(stroke.opacity)
        pen = QPen(color, stroke.width, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin)
        if stroke.dashed:
            pen.setCapStyle(Qt.FlatCap)
            pen.setDashPattern(DASHES)
        painter.setPen(pen)
        polygon = polygon_of(stroke.points)
        if stroke.closed:
            painter.drawPolygon(polygon)
        else:
            painter.drawPolyline(polygon)
    for dot in overlay.dots:
        color = QColor(*dot.color)
        color.setAlphaF(dot.opacity)
        painter.setPen(QPen(HALO, 1.0))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(dot.x, dot.y), dot.radius, dot.radius)
    for label in overlay.labels:
        _paint_label(painter, label, font)


def _paint_label(painter: QPainter, label: Label, font: QFont) -> None:
    sized = QFont(font)
    sized.setPixelSize(round(label.size))
    sized.setBold(label.bold)
    metrics = QFontMetricsF(sized)
    width, height = metrics.horizontalAdvance(label.text), metrics.height()
    left = label.x - {"l": 0.0, "m": width / 2, "r": width}[label.anchor[0]]
    top = label.y - {"t": 0.0, "m": height / 2, "b": height}[label.anchor[1]]
    # Text on whole pixels is crisp; between them it is blurred.
    box = QRectF(round(left), round(top), width + 2, height)
    painter.setFont(sized)
    painter.setPen(HALO)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(box.translated(dx, dy), Qt.AlignLeft | Qt.AlignVCenter, label.text)
    painter.setPen(QColor(*label.color))
    painter.drawText(box, Qt.AlignLeft | Qt.AlignVCenter, label.text)


def polygon_of(points: NDArray[np.float64]) -> QPolygonF:
    """A Qt polygon of points ``(n, 2)``, filled in one go: a QPointF each would cost more than painting."""
    polygon = QPolygonF(len(points))
    if len(points):
        memory = polygon.data()
        memory.setsize(2 * 8 * len(points))
        np.frombuffer(memory, dtype=np.float64)[:] = np.ascontiguousarray(points, dtype=np.float64).reshape(-1)
    return polygon
