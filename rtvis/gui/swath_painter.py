"""Paints what a brush has covered so far (`rtvis.scene.swath`): a rim around, an even tint within."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPen

from rtvis.gui.overlay_painter import polygon_of
from rtvis.scene.tool_overlay import LINE_WIDTH, PAINTED_OPACITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.scene.swath import Swath


def paint_swaths(painter: QPainter, swaths: Sequence[Swath], rect: QRect) -> None:
    """Paint the part of swaths within a rectangle of the widget.

    Drawn in a picture of its own: first as wide as the rim reaches, then all within the rim takes the place of that.
    What is left of the first is the rim of all together, wherever they cross.
    """
    if not swaths or rect.isEmpty():
        return
    ratio = painter.device().devicePixelRatioF()
    picture = QImage(ceil(rect.width() * ratio), ceil(rect.height() * ratio), QImage.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.transparent)
    box = (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
    parts = [(one, [polygon_of(part) for part in one.within(box)]) for one in swaths]
    within = QPainter(picture)
    try:
        within.setRenderHint(QPainter.Antialiasing)
        within.translate(-rect.left(), -rect.top())
        within.setCompositionMode(QPainter.CompositionMode_Source)
        for rim in (True, False):
            for one, lines in parts:
                color = QColor(*(one.line if rim else one.fill))
                color.setAlphaF(1.0 if rim else PAINTED_OPACITY)
                width = 2 * one.radius + (LINE_WIDTH if rim else -LINE_WIDTH)
                within.setPen(QPen(color, max(width, 0.1), Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
                for line in lines:
                    within.drawPolyline(line)
    finally:
        within.end()
    painter.drawImage(rect.topLeft(), picture)
