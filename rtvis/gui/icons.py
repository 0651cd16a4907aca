"""Icons drawn as one family: strokes of 1.6 px on a grid of 24, sharp at every device pixel ratio."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QBrush, QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from rtvis.gui.theme import colors

GRID = 24.0


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _dots(painter: QPainter, *points: tuple[float, float], radius: float = 1.9) -> None:
    painter.save()
    painter.setBrush(QBrush(painter.pen().color()))
    painter.setPen(Qt.NoPen)
    for x, y in points:
        painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.restore()


def _navigate(painter: QPainter) -> None:
    _line(painter, (12, 3), (12, 8.5))
    _line(painter, (12, 15.5), (12, 21))
    _line(painter, (3, 12), (8.5, 12))
    _line(painter, (15.5, 12), (21, 12))
    _dots(painter, (12, 12))


def _window_level(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 8.2, 8.2)
    half = QPainterPath()
    half.moveTo(12, 3.8)
    half.arcTo(QRectF(3.8, 3.8, 16.4, 16.4), 90, -180)
    half.closeSubpath()
    painter.fillPath(half, painter.pen().color())


def _pan(painter: QPainter) -> None:
    _line(painter, (12, 3), (12, 21))
    _line(painter, (3, 12), (21, 12))
    for points in (
        ((9, 6), (12, 3), (15, 6)),
        ((9, 18), (12, 21), (15, 18)),
        ((6, 9), (3, 12), (6, 15)),
        ((18, 9), (21, 12), (18, 15)),
    ):
        _line(painter, *points)


def _point(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 6, 6)
    _dots(painter, (12, 12), radius=2.4)


def _freehand(painter: QPainter) -> None:
    path = QPainterPath(QPointF(5, 13))
    path.cubicTo(4, 5, 13, 2.5, 17, 6)
    path.cubicTo(22, 10, 18, 13, 17.5, 16)
    path.cubicTo(16.5, 21, 6, 21, 5, 13)
    painter.drawPath(path)


def _polygon(painter: QPainter) -> None:
    corners = ((5, 8.5), (13, 4), (20, 11), (15.5, 19.5), (6.5, 17.5))
    _line(painter, *corners, corners[0])
    _dots(painter, *corners)


def _curve_3d(painter: QPainter) -> None:
    path = QPainterPath(QPointF(4.5, 19))
    path.cubicTo(5, 8, 13, 20, 13, 11)
    path.cubicTo(13, 6, 16, 5, 19.5, 4.5)
    painter.drawPath(path)
    _dots(painter, (4.5, 19), (12.2, 13.4), (19.5, 4.5))


def _straight_line(painter: QPainter) -> None:
    _line(painter, (5, 19), (19, 5))
    _dots(painter, (5, 19), (19, 5))


def _spline(painter: QPainter) -> None:
    path = QPainterPath(QPointF(4.5, 14))
    path.cubicTo(4.5, 5, 11, 3.5, 14, 5.5)
    path.cubicTo(17.5, 8, 21, 10.5, 19, 15)
    path.cubicTo(17, 20, 4.5, 22, 4.5, 14)
    painter.drawPath(path)
    _dots(painter, (4.5, 14), (13.6, 5.4), (19, 15))


def _livewire(painter: QPainter) -> None:
    _line(painter, (4, 16.5), (6.5, 13), (8.5, 14), (10, 9.5), (12.5, 10.5), (14, 6.5))
    painter.save()
    pen = painter.pen()
    pen.setDashPattern([0.4, 2.2])
    painter.setPen(pen)
    _line(painter, (14, 6.5), (19.5, 4))
    painter.restore()
    _dots(painter, (4, 16.5), (14, 6.5))
    _line(painter, (7, 20.5), (20.5, 20.5))
    _line(painter, (20.5, 20.5), (20.5, 12))


def _brush(painter: QPainter) -> None:
    _line(painter, (20, 4), (11.5, 12.5))
    path = QPainterPath(QPointF(11.5, 12.5))
    path.cubicTo(14, 15, 11.5, 20, 4, 20)
    path.cubicTo(6.5, 18, 5.5, 13, 8.5, 12)
    path.cubicTo(9.8, 11.6, 10.8, 11.8, 11.5, 12.5)
    painter.fillPath(path, painter.pen().color())
    painter.drawPath(path)


def _eraser(painter: QPainter) -> None:
    _line(painter, (9, 19.5), (4, 14.5), (14, 4.5), (20, 10.5), (11, 19.5), (9, 19.5))
    _line(painter, (8.5, 10), (14.5, 16))
    _line(painter, (11, 19.5), (20, 19.5))


def _threshold(painter: QPainter) -> None:
    path = QPainterPath(QPointF(3.5, 20))
    path.cubicTo(7.5, 20, 7.5, 5, 11, 5)
    path.cubicTo(14.5, 5, 14, 15, 20.5, 15.5)
    painter.drawPath(path)
    half = QPainterPath(QPointF(11, 5))
    half.cubicTo(14.5, 5, 14, 15, 20.5, 15.5)
    half.lineTo(20.5, 20)
    half.lineTo(11, 20)
    half.closeSubpath()
    painter.fillPath(half, painter.pen().color())
    _line(painter, (3.5, 20), (20.5, 20))


def _flood(painter: QPainter) -> None:
    _line(painter, (11, 4.5), (18.5, 12), (10.5, 19), (3.5, 12), (11, 4.5))
    half = QPainterPath(QPointF(3.5, 12))
    for x, y in ((18.5, 12), (10.5, 19)):
        half.lineTo(x, y)
    half.closeSubpath()
    painter.fillPath(half, painter.pen().color())
    drop = QPainterPath(QPointF(20.3, 14.5))
    drop.cubicTo(22.6, 18, 21.6, 19.6, 20.3, 19.6)
    drop.cubicTo(19, 19.6, 18, 18, 20.3, 14.5)
    painter.fillPath(drop, painter.pen().color())


def _select(painter: QPainter) -> None:
    _line(painter, (6, 3.5), (6, 18), (9.8, 14.4), (12.4, 20), (14.8, 18.8), (12.3, 13.4), (17.4, 13.1), (6, 3.5))


def _points(painter: QPainter) -> None:
    _line(painter, (4, 17), (9, 7), (19.5, 12))
    for x, y in ((4, 17), (19.5, 12)):
        _dots(painter, (x, y))
    painter.drawRect(QRectF(6.4, 4.4, 5.2, 5.2))


def _nudge(painter: QPainter) -> None:
    path = QPainterPath(QPointF(3, 15))
    path.cubicTo(8, 15, 6, 7, 12, 7)
    path.cubicTo(18, 7, 16, 15, 21, 15)
    painter.drawPath(path)
    painter.drawEllipse(QPointF(12, 15.5), 4.6, 4.6)


def _cut(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(6.3, 17.8), 2.7, 2.7)
    painter.drawEllipse(QPointF(17.7, 17.8), 2.7, 2.7)
    _line(painter, (7.7, 15.5), (16.5, 3.5))
    _line(painter, (16.3, 15.5), (7.5, 3.5))


def _join(painter: QPainter) -> None:
    path = QPainterPath(QPointF(3, 17))
    path.cubicTo(4, 12, 6, 9.5, 9, 9.5)
    painter.drawPath(path)
    path = QPainterPath(QPointF(21, 17))
    path.cubicTo(20, 12, 18, 9.5, 15, 9.5)
    painter.drawPath(path)
    _dots(painter, (9, 9.5), (15, 9.5))
    painter.save()
    pen = painter.pen()
    pen.setDashPattern([0.4, 2.0])
    painter.setPen(pen)
    _line(painter, (9, 9.5), (15, 9.5))
    painter.restore()


def _open(painter: QPainter) -> None:
    _line(painter, (3.5, 19), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (19.5, 8), (19.5, 11))
    _line(painter, (3.5, 19), (6.5, 11), (22, 11), (19, 19), (3.5, 19))


def _demo(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 9, 7)
    painter.drawEllipse(QPointF(8.6, 11.4), 2.4, 3.6)
    painter.drawEllipse(QPointF(15.4, 11.4), 2.4, 3.6)
    _dots(painter, (12, 16.2), radius=1.4)


def _fit(painter: QPainter) -> None:
    for points in (
        ((4, 9), (4, 4), (9, 4)),
        ((15, 4), (20, 4), (20, 9)),
        ((20, 15), (20, 20), (15, 20)),
        ((9, 20), (4, 20), (4, 15)),
    ):
        _line(painter, *points)


def _plus(painter: QPainter) -> None:
    _line(painter, (12, 5), (12, 19))
    _line(painter, (5, 12), (19, 12))


def _trash(painter: QPainter) -> None:
    _line(painter, (4.5, 6.5), (19.5, 6.5))
    _line(painter, (9, 6.5), (9, 4), (15, 4), (15, 6.5))
    _line(painter, (6.5, 6.5), (7.5, 20), (16.5, 20), (17.5, 6.5))


def _lock(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(5, 11, 14, 9.5), 2, 2)
    path = QPainterPath(QPointF(8, 11))
    path.lineTo(8, 8)
    path.arcTo(QRectF(8, 4, 8, 8), 180, -180)
    path.lineTo(16, 11)
    painter.drawPath(path)
    _dots(painter, (12, 15.6), radius=1.5)


def _unlock(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(5, 11, 14, 9.5), 2, 2)
    path = QPainterPath(QPointF(8, 11))
    path.lineTo(8, 8)
    path.arcTo(QRectF(8, 4, 8, 8), 180, -150)
    painter.drawPath(path)


def _here(painter: QPainter) -> None:
    painter.setPen(QPen(QColor(colors().accent), 1.6, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.setBrush(QBrush(QColor(colors().accent)))
    painter.drawPolygon(QPolygonF([QPointF(8, 6), QPointF(17, 12), QPointF(8, 18)]))


def _step(painter: QPainter) -> None:
    _dots(painter, (12, 12), radius=2.2)


def _eye(painter: QPainter) -> None:
    path = QPainterPath(QPointF(2.5, 12))
    path.cubicTo(7, 4.5, 17, 4.5, 21.5, 12)
    path.cubicTo(17, 19.5, 7, 19.5, 2.5, 12)
    painter.drawPath(path)
    painter.drawEllipse(QPointF(12, 12), 3, 3)


def _warn(painter: QPainter) -> None:
    painter.setPen(QPen(QColor(colors().warn), 1.6, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    _line(painter, (12, 3.5), (21.5, 20), (2.5, 20), (12, 3.5))
    _line(painter, (12, 9.5), (12, 14))
    _dots(painter, (12, 17), radius=1.1)


def _info(painter: QPainter) -> None:
    painter.setPen(QPen(QColor(colors().accent), 1.6, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.drawEllipse(QPointF(12, 12), 9, 9)
    _line(painter, (12, 11), (12, 16.5))
    _dots(painter, (12, 7.6), radius=1.1)


def _brand(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 9, 9)
    painter.setPen(QPen(QColor(colors().accent), 2.2, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    path = QPainterPath(QPointF(7.4, 12.6))
    path.cubicTo(7, 7, 13, 6.4, 15.4, 8.6)
    path.cubicTo(18.6, 11.6, 15.6, 13.6, 15, 15.2)
    path.cubicTo(14, 18.4, 7.8, 17.6, 7.4, 12.6)
    painter.drawPath(path)


DRAWINGS: dict[str, Callable[[QPainter], None]] = {
    "navigate": _navigate,
    "window": _window_level,
    "pan": _pan,
    "point": _point,
    "freehand": _freehand,
    "polygon": _polygon,
    "curve3d": _curve_3d,
    "line": _straight_line,
    "spline": _spline,
    "livewire": _livewire,
    "brush": _brush,
    "eraser": _eraser,
    "threshold": _threshold,
    "flood": _flood,
    "select": _select,
    "points": _points,
    "nudge": _nudge,
    "cut": _cut,
    "join": _join,
    "open": _open,
    "demo": _demo,
    "fit": _fit,
    "plus": _plus,
    "trash": _trash,
    "eye": _eye,
    "here": _here,
    "step": _step,
    "lock": _lock,
    "unlock": _unlock,
    "warn": _warn,
    "info": _info,
    "brand": _brand,
}


class _Engine(QIconEngine):
    """Paints a drawing at whatever size and pixel ratio Qt asks for."""

    def __init__(self, draw: Callable[[QPainter], None]) -> None:
        super().__init__()
        self._draw = draw

    def paint(self, painter: QPainter, rect: object, mode: int, state: int) -> None:
        """Paint into `rect`, as Qt asks."""
        color = QColor(colors().strong if state == QIcon.On else colors().text)
        if mode == QIcon.Disabled:
            color.setAlphaF(0.35)
        elif mode in {QIcon.Active, QIcon.Selected}:
            color = QColor(colors().strong)
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        painter.translate(rect.x(), rect.y())  # type: ignore[attr-defined]  # a QRect
        painter.scale(rect.width() / GRID, rect.height() / GRID)  # type: ignore[attr-defined]  # a QRect
        painter.setPen(QPen(color, 1.6, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
        self._draw(painter)
        painter.restore()

    def pixmap(self, size: QSize, mode: int, state: int) -> QPixmap:
        """A pixmap with the icon, on a clear background."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks when icons are copied."""
        return _Engine(self._draw)


_KEPT: dict[str, tuple[_Engine, QIcon]] = {}
"""Engines are kept: Qt owns them, and Python must not free what Qt still paints with."""


def icon(name: str) -> QIcon:
    """The icon of that name; the same object each time.

    Raises:
        KeyError: when there is no such icon.
    """
    if name not in _KEPT:
        engine = _Engine(DRAWINGS[name])
        _KEPT[name] = (engine, QIcon(engine))
    return _KEPT[name][1]
