"""What to do next with the tool in hand, in a line of the strip above the views, or in two where there is less room."""

from __future__ import annotations

import re
from typing import NamedTuple

from qtpy.QtCore import QRect, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPaintEvent, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

from rtvis.gui.painting import painting
from rtvis.gui.theme import SMALL_PX

_PART = re.compile(r"(?<=[;,.]) ")
"""Hints say what matters most first; from behind a comma or semicolon on they can be left out."""

MORE = " …"


class Lines(NamedTuple):
    """What there is room for.

    Attributes:
        texts: one line, or two.
        small: whether they are written in the small size.
    """

    texts: tuple[str, ...]
    small: bool


class Hint(QWidget):
    """A quiet line at the right; whole as long as two small lines hold it, whole in the tool tip in any case."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)

    def set_text(self, text: str) -> None:
        """Show another hint; alone in its place it needs no full stop."""
        self.text = text.removesuffix(".")
        self.setToolTip(self.text)
        self.setAccessibleName(self.text)
        self.update()

    @property
    def shown(self) -> Lines:
        """The hint as it is laid out in the room there is now."""
        return laid_out(self.text, self.font(), self._small_font(), self.width())

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(SMALL_PX)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines, flush with each other, as far to the right as they go."""
        del event
        lines = self.shown
        font = self._small_font() if lines.small else self.font()
        metrics = QFontMetrics(font)
        width = max(metrics.horizontalAdvance(one) for one in lines.texts)
        top = (self.height() - metrics.lineSpacing() * len(lines.texts)) // 2
        room = QRect(max(self.width() - width, 0), top, width, self.height() - top)
        with painting(self) as painter:
            painter.setFont(font)
            painter.setPen(self.palette().color(QPalette.PlaceholderText))
            painter.drawText(room, Qt.AlignLeft | Qt.AlignTop, "\n".join(lines.texts))


def laid_out(text: str, font: QFont, small: QFont, width: int) -> Lines:
    """A hint in a line; where that is too long in two small ones; where these are, the first of what it says.

    Args:
        text: the hint.
        font: of a single line.
        small: of two lines.
        width: there is, in logical pixels.
    """
    if QFontMetrics(font).horizontalAdvance(text) <= width:
        return Lines((text,), small=False)
    metrics = QFontMetrics(small)
    parts = _PART.split(text)
    for count in range(len(parts), 0, -1):
        said = " ".join(parts[:count])
        halves = _halves(said if count == len(parts) else said.rstrip(";,.") + MORE, metrics, width)
        if max(map(metrics.horizontalAdvance, halves)) <= width:
            return Lines(halves, small=True)
    halves = _halves(parts[0].rstrip(";,.") + MORE, metrics, width)
    return Lines(tuple(metrics.elidedText(one, Qt.ElideRight, width) for one in halves), small=True)


def _halves(text: str, metrics: QFontMetrics, width: int) -> tuple[str, str]:
    """A text broken where lines are most alike in length; behind a comma or semicolon where that fits."""
    words = text.split(" ")
    breaks = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words) + 1)]

    def longest(lines: tuple[str, str]) -> int:
        return max(map(metrics.horizontalAdvance, lines))

    sensible = [lines for lines in breaks if lines[0][-1:] in {";", ","} and lines[1] and longest(lines) <= width]
    return min(sensible or breaks, key=longest)
