"""A volume's histogram with the window over it: drag its ends, or its middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QFontMetricsF,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from qtpy.QtWidgets import QWidget

from rtvis.app.color_maps import GRAY, LEVELS
from rtvis.app.number_text import number_text
from rtvis.gui.painting import painting
from rtvis.gui.theme import SMALL_PX, colors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.levels import Histogram

MARGIN_PX = 12.0
"""Beside the bars: half a handle fits there."""

TOP_PX, STRIP_PX, SCALE_PX = 16.0, 10.0, 18.0
"""Above the bars, of the strip of colours below them, of the numbers below that."""

GRIP_PX = 8.0
"""How near a handle is grabbed."""

LEAST_SHARE = 1e-3
"""Of the axis: a window dragged shut stays this wide."""

ZOOM_PER_NOTCH = 1.25
GRADIENT_STOPS = 33

LOWER, MIDDLE, UPPER = "lower", "middle", "upper"


class HistogramView(QWidget):
    """Bars, the window's two ends and its middle as handles, and the colours that values get.

    `dragged` carries the (lower, upper) that a handle was dragged to, in the volume's units. The wheel zooms the axis
    about the pointer, a double click shows all of it.
    """

    dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._histogram: Histogram | None = None
        self._unit = ""
        self._bounds = (0.0, 1.0)
        self._table = GRAY.table()
        self._log = True
        self._axis = (0.0, 1.0)
        self._zoomed: tuple[float, float] | None = None
        self._held: str | None = None
        self._held_at = 0.0
        self._bounds_at_press = self._bounds
        self._pointer: float | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(104)
        self.setAccessibleName("Histogram with the window's lower end, middle and upper end")

    def sizeHint(self) -> QSize:
        """As wide as the panel, high enough to read."""
        return QSize(272, 120)

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_histogram(self, histogram: Histogram | None) -> None:
        """Show the counts of another volume, all of them; None while they aren't there."""
        self._histogram = histogram
        self._zoomed = None
        self._settle_axis()

    def set_unit(self, unit: str) -> None:
        """What values are in, such as ``HU``."""
        self._unit = unit
        self.update()

    def set_bounds(self, lower: float, upper: float) -> None:
        """Where the ends of the window are, in the volume's units."""
        self._bounds = (lower, upper)
        self._settle_axis()

    def set_colors(self, table: NDArray[np.uint8]) -> None:
        """The colours ``(256, 3)`` that the window is painted with."""
        self._table = table
        self.update()

    def set_log(self, *, log: bool) -> None:
        """Heights by the logarithm of the counts, so that small tissues are seen beside air; or by the counts."""
        self._log = log
        self.update()

    def value_at(self, x: float) -> float:
        """The value at a widget coordinate."""
        low, high = self._axis
        return low + (x - MARGIN_PX) / self._width * (high - low)

    def x_of(self, value: float) -> float:
        """The widget coordinate of a value; of one beyond the axis that of the axis' end."""
        low, high = self._axis
        share = (value - low) / (high - low)
        return MARGIN_PX + float(np.clip(share, 0.0, 1.0)) * self._width

    def handle(self, name: str) -> QPointF:
        """Where the handle ``lower``, ``middle`` or ``upper`` is grabbed."""
        lower, upper = (self.x_of(value) for value in self._bounds)
        bars = self._bars
        return {
            LOWER: QPointF(lower, bars.bottom()),
            UPPER: QPointF(upper, bars.bottom()),
            MIDDLE: QPointF((lower + upper) / 2, bars.center().y()),
        }[name]

    @property
    def _width(self) -> float:
        return max(self.width() - 2 * MARGIN_PX, 1.0)

    @property
    def _bars(self) -> QRectF:
        return QRectF(MARGIN_PX, TOP_PX, self._width, max(self.height() - TOP_PX - STRIP_PX - SCALE_PX, 1.0))

    def _settle_axis(self) -> None:
        """The axis reaches from the least to the largest value, and to the ends of the window; not while dragging."""
        if self._held is None:
            low, high = self._bounds
            if self._histogram is not None:
                low, high = min(low, self._histogram.low), max(high, self._histogram.high)
            self._axis = self._zoomed or (low, high if high > low else low + 1.0)
        self.update()

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, window, strip, scale."""
        del event
        with painting(self) as painter:
            painter.setRenderHint(QPainter.Antialiasing)
            bars = self._bars
            painter.fillRect(bars, QColor(colors().window))
            lower, upper = (self.x_of(value) for value in self._bounds)
            inside = QColor(colors().accent)
            inside.setAlphaF(0.16)
            painter.fillRect(QRectF(lower, bars.top(), upper - lower, bars.height()), inside)
            self._paint_bars(painter, bars)
            self._paint_strip(painter, QRectF(bars.left(), bars.bottom(), bars.width(), STRIP_PX))
            self._paint_window(painter, bars, lower, upper)
            self._paint_scale(painter, bars)

    def _paint_bars(self, painter: QPainter, bars: QRectF) -> None:
        if self._histogram is None:
            painter.setPen(QColor(colors().muted))
            painter.drawText(bars, Qt.AlignCenter, "Counting values…")
            return
        heights = column_heights(self._histogram, self._axis, max(round(bars.width()), 1), log=self._log)
        outline = np.empty((2 * len(heights) + 2, 2))
        x = np.linspace(bars.left(), bars.right(), len(heights) + 1)
        outline[0], outline[-1] = (bars.left(), bars.bottom()), (bars.right(), bars.bottom())
        outline[1:-1:2, 0], outline[2:-1:2, 0] = x[:-1], x[1:]
        outline[1:-1, 1] = bars.bottom() - np.repeat(heights, 2) * bars.height()
        painter.setPen(Qt.NoPen)
        painter.setBrush(QColor(colors().muted))
        painter.setRenderHint(QPainter.Antialiasing, on=False)
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in outline.tolist()]))
        painter.setRenderHint(QPainter.Antialiasing)

    def _paint_strip(self, painter: QPainter, strip: QRectF) -> None:
        lower, upper = (MARGIN_PX + (value - self._axis[0]) / self._span * self._width for value in self._bounds)
        gradient = QLinearGradient(lower, 0, max(upper, lower + 0.5), 0)
        for n in range(GRADIENT_STOPS):
            share = n / (GRADIENT_STOPS - 1)
            gradient.setColorAt(share, QColor(*(int(part) for part in self._table[round(share * (LEVELS - 1))])))
        painter.fillRect(strip, gradient)
        painter.setPen(QPen(QColor(colors().line), 1.0))
        painter.setBrush(Qt.NoBrush)
        painter.drawRect(strip)

    @property
    def _span(self) -> float:
        return self._axis[1] - self._axis[0]

    def _paint_window(self, painter: QPainter, bars: QRectF, lower: float, upper: float) -> None:
        accent = QColor(colors().accent)
        painter.setPen(QPen(accent, 1.2))
        painter.drawLine(QPointF(lower, bars.bottom()), QPointF(upper, bars.top()))
        painter.drawLine(QPointF(lower, bars.top()), QPointF(lower, bars.bottom()))
        painter.drawLine(QPointF(upper, bars.top()), QPointF(upper, bars.bottom()))
        painter.setPen(QPen(QColor(colors().window), 1.0))
        painter.setBrush(accent)
        bottom = bars.bottom() + STRIP_PX
        for x in (lower, upper):
            painter.drawPolygon(
                QPolygonF([QPointF(x, bars.bottom() - 2), QPointF(x + 6, bottom + 1), QPointF(x - 6, bottom + 1)])
            )
        painter.drawEllipse(self.handle(MIDDLE), 5.0, 5.0)

    def _paint_scale(self, painter: QPainter, bars: QRectF) -> None:
        """The ends of the axis, and the value under the pointer above the bars."""
        font = painter.font()
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(QColor(colors().muted))
        below = QRectF(bars.left() - 4, bars.bottom() + STRIP_PX + 3, bars.width() + 8, SCALE_PX)
        painter.drawText(below, Qt.AlignLeft | Qt.AlignTop, number_text(self._axis[0]))
        painter.drawText(below, Qt.AlignRight | Qt.AlignTop, number_text(self._axis[1]))
        painter.drawText(below, Qt.AlignHCenter | Qt.AlignTop, self._unit)
        if self._pointer is not None:
            text = number_text(self.value_at(self._pointer))
            wide = QFontMetricsF(font).horizontalAdvance(text)
            left = min(max(self._pointer - wide / 2, bars.left()), bars.right() - wide)
            painter.setPen(QColor(colors().text))
            painter.drawText(QPointF(left, TOP_PX - 4), text)
            painter.setPen(QPen(QColor(colors().muted), 1.0, Qt.DotLine))
            painter.drawLine(QPointF(self._pointer, bars.top()), QPointF(self._pointer, bars.bottom()))

    # --- the mouse -----------------------------------------------------------------------------------------------

    def _at(self, position: QPointF) -> str | None:
        """The handle that a press there grabs: the nearest end, or else the middle anywhere within the window."""
        middle = self.handle(MIDDLE)
        if abs(position.x() - middle.x()) <= GRIP_PX and abs(position.y() - middle.y()) <= GRIP_PX:
            return MIDDLE
        away = {name: abs(position.x() - self.handle(name).x()) for name in (LOWER, UPPER)}
        # Where both are at one place, the side that the press is on decides which is meant.
        nearest = LOWER if away[LOWER] < away[UPPER] or position.x() < middle.x() else UPPER
        if away[nearest] <= GRIP_PX:
            return nearest
        return MIDDLE if self.handle(LOWER).x() < position.x() < self.handle(UPPER).x() else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab a handle."""
        if event.button() == Qt.LeftButton:
            self._held = self._at(event.localPos())
            self._held_at = self.value_at(event.localPos().x())
            self._bounds_at_press = self._bounds

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held; show what a press would grab."""
        position = event.localPos()
        self._pointer = float(np.clip(position.x(), MARGIN_PX, MARGIN_PX + self._width))
        held = self._held or self._at(position)
        self.setCursor({MIDDLE: Qt.SizeAllCursor, None: Qt.ArrowCursor}.get(held, Qt.SplitHCursor))
        if self._held is not None:
            self._drag(self.value_at(position.x()) - self._held_at)
        self.update()

    def _drag(self, change: float) -> None:
        lower, upper = self._bounds_at_press
        least = LEAST_SHARE * self._span
        if self._held in {LOWER, MIDDLE}:
            lower += change
        if self._held in {UPPER, MIDDLE}:
            upper += change
        if self._held == LOWER:
            lower = min(lower, upper - least)
        elif self._held == UPPER:
            upper = max(upper, lower + least)
        self.dragged.emit(lower, upper)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; the axis follows a window that was dragged beyond it."""
        if event.button() == Qt.LeftButton:
            self._held = None
            self._settle_axis()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all values again."""
        del event
        self._zoomed = None
        self._settle_axis()

    def leaveEvent(self, event: object) -> None:
        """No value is pointed at any more."""
        del event
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Show a smaller or larger range; the value under the pointer stays there."""
        if self._histogram is None or self._held is not None:
            event.ignore()  # the panel scrolls
            return
        place = self.value_at(event.position().x())
        factor = ZOOM_PER_NOTCH ** (-event.angleDelta().y() / 120)
        whole = (self._histogram.low, self._histogram.high)
        low, high = (place + (end - place) * factor for end in self._axis)
        low, high = max(low, min(whole[0], self._bounds[0])), min(high, max(whole[1], self._bounds[1]))
        if high - low >= 4 * self._histogram.bin_width:
            self._zoomed = (low, high)
            self._settle_axis()
        event.accept()


def column_heights(histogram: Histogram, axis: tuple[float, float], columns: int, *, log: bool) -> NDArray[np.float64]:
    """Heights 0 to 1 of bars in columns of equal width along an axis of values.

    A column shows the most frequent of its bins. Unless by logarithm, the highest bar is the second most frequent
    value: air would leave nothing of everything else.
    """
    edges = (np.linspace(*axis, columns + 1) - histogram.low) / histogram.bin_width
    first = np.floor(edges[:-1] + 1e-9).astype(np.intp)
    last = np.maximum(np.ceil(edges[1:] - 1e-9).astype(np.intp), first + 1)
    counts = histogram.counts
    heights = np.array(
        [counts[max(a, 0) : max(b, 0)].max(initial=0) for a, b in zip(first, last, strict=True)], dtype=np.float64
    )
    if log:
        return np.asarray(np.log1p(heights) / np.log1p(max(float(counts.max()), 1.0)))
    ranked = np.sort(counts)
    return np.asarray(np.minimum(heights / max(float(ranked[-2:][0]), 1.0), 1.0))
