"""Texts over an image, with their dark rims, painted once and kept.

The rim of a text is the text itself, thirty times, faint: painting it takes 0.4 ms. Numbers that change at every step
are therefore put together of letters that are kept, each with its rim.
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil, cos, pi, sin
from typing import NamedTuple

from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from rtvis.scene.overlay import TEXT_RIM, Label

SHADOW_PX = 4

RIM_SHARE, RIM_REACH = 0.55, 0.75
RIM_STEPS = 10
"""The rim of a text is the text, faint, this many times around each reach: a twentieth of the time of an outline."""

MOST_LETTERS = 2048
PHASES = 64
"""Letters stand at fractions of a pixel; Qt's own coordinates of glyphs are in 64ths."""


class LabelImages:
    """Texts painted once and kept: of a view's dozen labels only the slice's position changes while one scrolls.

    Kept as images of memory, not of a window system, so that they may outlive the application object.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], tuple[QImage, float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def image(self, label: Label, font: QFont, ratio: float) -> tuple[QImage, float, float]:
        """The label with its shadow, `SHADOW_PX` larger on each side than the text's (width, height), which follow."""
        key = (label.text, label.color, label.size, label.bold, font.family(), ratio)
        known = self._kept.pop(key, None)
        if known is None:
            known = label_image(label, font, ratio)
            if len(self._kept) >= self._most:
                self._kept.popitem(last=False)
        self._kept[key] = known
        return known


class _Face(NamedTuple):
    """A font of a size, and what measures it."""

    font: QFont
    metrics: QFontMetricsF
    advances: dict[str, float]

    def advance(self, character: str) -> float:
        known = self.advances.get(character)
        if known is None:
            known = self.advances[character] = self.metrics.horizontalAdvance(character)
        return known


_FACES: dict[tuple[object, ...], _Face] = {}
_LETTERS: dict[tuple[object, ...], QImage] = {}


def label_image(label: Label, font: QFont, ratio: float, *, whole: bool = False) -> tuple[QImage, float, float]:
    """A text with its rim.

    Args:
        label: its text, colour and size; not where it is.
        font: the family.
        ratio: device pixels of a logical one.
        whole: lay the text out as a whole, even where it could be put together of letters that are kept.

    Returns:
        The picture, `SHADOW_PX` larger on each side than the text, and the text's width and height in logical pixels.
    """
    face = _face(font, round(label.size), label.bold)
    width, height = face.metrics.horizontalAdvance(label.text), face.metrics.height()
    wide, high = ceil(width) + 2 * SHADOW_PX + 2, ceil(height) + 2 * SHADOW_PX
    image = _transparent(ceil(wide * ratio), ceil(high * ratio), ratio)
    painter = QPainter(image)
    # Letters that draw closer to each other, or join, must be laid out together; between whole pixel ratios all do.
    apart = (
        ratio == round(ratio)
        and label.text.isascii()
        and abs(sum(map(face.advance, label.text)) - width) < 0.5 / PHASES
    )
    if apart and not whole:
        _paint_letters(painter, label, face, ratio)
    else:
        place = QPointF(SHADOW_PX, SHADOW_PX + face.metrics.ascent())
        painter.setFont(face.font)
        _paint_rim(painter, place, label.text)
        painter.setPen(QColor(*label.color))
        painter.drawText(place, label.text)
    painter.end()
    return image, width, height


def _paint_letters(painter: QPainter, label: Label, face: _Face, ratio: float) -> None:
    """All rims first, as no letter may be darkened by the rim of the next."""
    at = float(SHADOW_PX)
    name = face.font.key()
    places: list[tuple[QPointF, str, int]] = []
    for character in label.text:
        if character != " ":
            place = round(at * ratio * PHASES)
            places.append((QPointF((place // PHASES) / ratio - SHADOW_PX, 0.0), character, place % PHASES))
        at += face.advance(character)
    for color in (None, label.color):
        for corner, character, phase in places:
            key = (character, phase, name, ratio, color)
            image = _LETTERS.get(key)
            if image is None:
                if len(_LETTERS) >= MOST_LETTERS:
                    _LETTERS.clear()
                image = _LETTERS[key] = _letter(character, phase / PHASES, face, ratio, color)
            painter.drawImage(corner, image)


def _letter(character: str, phase: float, face: _Face, ratio: float, color: tuple[int, int, int] | None) -> QImage:
    """A letter that begins at a fraction of a device pixel, or its rim where there is no colour."""
    right = max(face.metrics.boundingRect(character).right(), face.advance(character))
    wide = ceil(right) + 2 * SHADOW_PX + 2
    high = ceil(face.metrics.height()) + 2 * SHADOW_PX
    image = _transparent(ceil(wide * ratio), ceil(high * ratio), ratio)
    painter = QPainter(image)
    painter.setFont(face.font)
    place = QPointF(SHADOW_PX + phase / ratio, SHADOW_PX + face.metrics.ascent())
    if color is None:
        _paint_rim(painter, place, character)
    else:
        painter.setPen(QColor(*color))
        painter.drawText(place, character)
    painter.end()
    return image


def _paint_rim(painter: QPainter, place: QPointF, text: str) -> None:
    for reach, alpha in TEXT_RIM:
        painter.setPen(QColor(0, 0, 0, round(alpha * RIM_SHARE)))
        for n in range(RIM_STEPS):
            angle = 2 * pi * n / RIM_STEPS
            painter.drawText(place + reach * RIM_REACH * QPointF(cos(angle), sin(angle)), text)


def _transparent(columns: int, rows: int, ratio: float) -> QImage:
    image = QImage(columns, rows, QImage.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.transparent)
    return image


def _face(font: QFont, size: int, bold: bool) -> _Face:
    key = (font.key(), size, bold)
    face = _FACES.get(key)
    if face is None:
        sized = QFont(font)
        sized.setPixelSize(size)
        sized.setBold(bold)
        face = _FACES[key] = _Face(sized, QFontMetricsF(sized), {})
    return face
