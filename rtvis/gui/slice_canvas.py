"""The image of a slice view and what lies over it, painted by Qt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPaintEvent
from qtpy.QtWidgets import QWidget

from rtvis.gui.painting import painting
from rtvis.gui.theme import VIEW_BACKGROUND


class SliceCanvas(QWidget):
    """Paints the picture of a slice scene, device pixel by device pixel, and what lies over it.

    What lies over it is painted right after it, with the same painter: a transparent widget over this one would have Qt
    begin and end a second painting at each step.

    A window with an OpenGL widget in it is composed by OpenGL as a whole, which without a graphics card takes longer
    than all else together: so this is a plain widget.

    Args:
        parent: the view.
        picture: gives the scene's picture of now, made anew only where something changed.
        over: paints what lies over it.

    Attributes:
        over: may be taken away, which leaves the image alone.
    """

    def __init__(
        self,
        parent: QWidget,
        picture: Callable[[], NDArray[np.uint8] | None],
        over: Callable[[QPainter], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self.over = over
        self._picture: Callable[[], NDArray[np.uint8] | None] | None = picture
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is to be painted anew."""
        picture = None if self._picture is None else self._picture()
        with painting(self) as painter:
            if picture is None:
                painter.fillRect(event.rect(), QColor(VIEW_BACKGROUND))
            else:
                image = image_of(picture)
                image.setDevicePixelRatio(self.devicePixelRatioF())
                painter.drawImage(0, 0, image)
            if self.over is not None:
                self.over(painter)

    def shut(self) -> None:
        """Let go of the scene."""
        self._picture = self.over = None


def image_of(picture: NDArray[np.uint8]) -> QImage:
    """A Qt image over the memory of greys ``(rows, columns)`` or of ``(rows, columns, 4)`` blue, green, red, 255.

    It must not live longer than the array.
    """
    rows, columns = picture.shape[:2]
    kind = QImage.Format_Grayscale8 if picture.ndim == 2 else QImage.Format_RGB32
    return QImage(picture.data, columns, rows, picture.strides[0], kind)
