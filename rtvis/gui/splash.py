"""What is on the screen until the window is there: a sign that the program starts.

It loads before the rest of the program does, so it needs nothing of it but the theme and the icons.
"""

from __future__ import annotations

from qtpy.QtCore import QRect, Qt
from qtpy.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from qtpy.QtWidgets import QApplication, QSplashScreen

from rtvis.gui.icons import icon
from rtvis.gui.theme import BODY_PX, colors

WIDTH, HEIGHT = 320, 128
MARGIN, ICON, TITLE_PX = 32, 56, 24


class Splash(QSplashScreen):
    """The sign. Show it, build the window, then `finish` it with the window."""

    def __init__(self) -> None:
        super().__init__()
        ratio = QApplication.primaryScreen().devicePixelRatio()
        pixmap = QPixmap(int(WIDTH * ratio), int(HEIGHT * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(colors().panel))
        painter = QPainter(pixmap)
        self._paint(painter)
        painter.end()
        self.setPixmap(pixmap)
        self.painted = False
        """Whether it has been on the screen."""

    def show_now(self) -> None:
        """Be on the screen when this returns, as far as the window system lets one know."""
        self.show()
        QApplication.processEvents()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and take note of it."""
        super().paintEvent(event)
        self.painted = True

    def _paint(self, painter: QPainter) -> None:
        painter.setPen(QColor(colors().line))
        painter.drawRect(0, 0, WIDTH - 1, HEIGHT - 1)
        icon("brand").paint(painter, QRect(MARGIN, (HEIGHT - ICON) // 2, ICON, ICON))
        left, middle = MARGIN + ICON + 24, HEIGHT // 2
        font = QFont(self.font())
        font.setPixelSize(TITLE_PX)
        painter.setFont(font)
        painter.setPen(QColor(colors().strong))
        painter.drawText(QRect(left, middle - 32, WIDTH - left, 32), int(Qt.AlignLeft | Qt.AlignVCenter), "rtvis")
        font.setPixelSize(BODY_PX)
        painter.setFont(font)
        painter.setPen(QColor(colors().muted))
        painter.drawText(QRect(left, middle + 4, WIDTH - left, 20), int(Qt.AlignLeft | Qt.AlignVCenter), "Starting…")
