"""Contours painted once and kept as pictures: for levels, the cursor and a tool they needn't be painted again."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QFont, QImage, QPainter

from rtvis.gui.overlay_painter import paint_overlay
from rtvis.scene.overlay import Overlay

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rtvis.scene.framing import Framing

MOST_BYTES = 64 << 20
"""Of all pictures of a window: some 60 slices of a view of 600 pixels, or 25 of one of 1000."""

MARGIN_PX = 4.0
"""Lines, dots and their rims reach so far beyond their points; wider lines further by half their width."""


class Layer(NamedTuple):
    """A transparent picture and the logical pixel of the view where its upper left corner is; None without one."""

    picture: QImage | None
    corner: QPointF

    def paint(self, painter: QPainter) -> None:
        """Lay it over what is there."""
        if self.picture is not None:
            painter.drawImage(self.corner, self.picture)


class ContourLayers:
    """The layers of all views of a window that were shown last, or are likely to be shown next."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[Hashable, Layer] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable) -> Layer | None:
        """The layer that was kept under a key."""
        layer = self._kept.get(key)
        if layer is not None:
            self._kept.move_to_end(key)
        return layer

    def keep(self, key: Hashable, layer: Layer) -> None:
        """Keep a layer, and let those go that weren't asked for the longest."""
        self._forget(key)
        self._kept[key] = layer
        self._held += _bytes_of(layer)
        while self._held > self._most and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        """Let all go: contours changed."""
        self._kept.clear()
        self._held = 0

    def _forget(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._held -= _bytes_of(gone)


def painted_layer(overlay: Overlay, framing: Framing, font: QFont) -> Layer:
    """A display list as a picture of the part of the view that it covers."""
    box = _box(overlay, framing)
    return Layer(None, QPointF()) if box is None else painted_box(overlay, box, framing.device_pixel_ratio, font)


def painted_box(overlay: Overlay, box: tuple[float, float, float, float], ratio: float, font: QFont) -> Layer:
    """What of a display list is in a box (left, top, right, bottom in logical pixels), as a picture."""
    left, top, right, bottom = box
    # The corner is one of device pixels, so that the picture is laid down pixel by pixel.
    x, y = floor(left * ratio), floor(top * ratio)
    columns, rows = ceil(right * ratio) - x, ceil(bottom * ratio) - y
    picture = QImage(columns, rows, QImage.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.transparent)
    painter = QPainter(picture)
    painter.translate(-x / ratio, -y / ratio)
    paint_overlay(painter, overlay, font)
    painter.end()
    return Layer(picture, QPointF(x / ratio, y / ratio))


def trimmed(layer: Layer, opacity: float = 1.0) -> Layer:
    """A layer without the empty margins of its picture, faded for good: half of a text's picture is margin.

    Args:
        layer: is left as it is.
        opacity: 0 to 1, by which the picture is faded.
    """
    picture = layer.picture
    if picture is None:
        return layer
    bits = picture.constBits()
    bits.setsize(picture.sizeInBytes())
    alpha = np.frombuffer(bits, np.uint8).reshape(picture.height(), -1, 4)[:, : picture.width(), 3]
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if len(rows) == 0:
        return Layer(None, QPointF())
    ratio, part = picture.devicePixelRatioF(), picture
    left = top = 0
    if ratio == round(ratio):  # else a view's corner may lie between pixels, and Qt round other corners another way
        left, top = int(columns[0]), int(rows[0])
        part = picture.copy(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)
    if opacity < 1:
        faded = QImage(part.size(), part.format())
        faded.setDevicePixelRatio(ratio)
        faded.fill(Qt.transparent)
        painter = QPainter(faded)
        painter.setOpacity(opacity)
        painter.drawImage(0, 0, part)
        painter.end()
        part = faded
    return Layer(part, layer.corner + QPointF(left, top) / ratio)


def _box(overlay: Overlay, framing: Framing) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of what a display list without labels covers of a view; None where that is none."""
    points = [one.points for one in overlay.strokes if len(one.points)]
    points += [ring for area in overlay.areas for ring in area.rings if len(ring)]
    points += [np.array([[dot.x, dot.y]]) for dot in overlay.dots]
    if not points:
        return None
    every = np.concatenate(points)
    reach = MARGIN_PX + max((one.width / 2 for one in overlay.strokes), default=0.0)
    reach = max(reach, max((dot.radius + 1.0 for dot in overlay.dots), default=0.0))
    low = np.maximum(every.min(axis=0) - reach, 0.0)
    high = np.minimum(every.max(axis=0) + reach, [framing.width, framing.height])
    if np.any(high <= low):
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _bytes_of(layer: Layer) -> int:
    return 0 if layer.picture is None else layer.picture.sizeInBytes()
