"""The VTK part of a 3D view: it draws, and takes no input of its own."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from qtpy.QtWidgets import QWidget
from vtkmodules.vtkRenderingCore import vtkRenderer

from rtvis.scene.offscreen import Offscreen, can_render


class Canvas(QWidget):
    """A widget that shows what a renderer draws off the screen, drawn anew only after `update()`.

    One OpenGL widget in a window makes OpenGL compose the whole window at each change of anything in it: without a
    graphics card that costs more than a slice. A picture of the renderer costs less than a millisecond to fetch.

    `last_ms` is what the last drawing took; `works` whether there is OpenGL: without it nothing is ever drawn.

    Args:
        parent: the view.
        prepare: called right before each drawing, to bring the scene up to date once for a batch of changes.
        drawn: called right after each, with the milliseconds it took.
    """

    def __init__(
        self, parent: QWidget, prepare: Callable[[], None], drawn: Callable[[float], None] | None = None
    ) -> None:
        super().__init__(parent)
        self._prepare: Callable[[], None] | None = prepare
        self._after = drawn
        self.last_ms = 0.0
        self.works = can_render()
        self._screen = Offscreen(16, 16) if self.works else None
        self.renderer = vtkRenderer() if self._screen is None else self._screen.renderer
        self._drawn: NDArray[np.uint8] | None = None
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_OpaquePaintEvent)

    def update(self) -> None:
        """Draw the scene anew, once for all changes until the window paints."""
        self._drawn = None
        super().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        self._drawn = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bring the scene up to date and draw it, where something changed; show the drawing."""
        del event
        if self._drawn is None and self._prepare is not None and self._screen is not None:
            self._prepare()
            start = perf_counter()
            self._drawn = self._draw(self._screen)
            self.last_ms = 1e3 * (perf_counter() - start)
            if self._after is not None:
                self._after(self.last_ms)
        painter = QPainter(self)
        if self._drawn is None:
            painter.fillRect(self.rect(), Qt.black)
        else:
            rows, columns = self._drawn.shape[:2]
            image = QImage(self._drawn.data, columns, rows, 4 * columns, QImage.Format_RGBX8888)
            image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(0, 0, image)
        painter.end()

    def _draw(self, screen: Offscreen) -> NDArray[np.uint8]:
        ratio = self.devicePixelRatioF()
        size = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        if screen.size != size:
            screen.resize(*size)
        return screen.draw()

    def shut(self) -> None:
        """Free the OpenGL objects; the widget is of no use afterwards."""
        self._prepare = self._after = None
        self._drawn = None
        if self._screen is not None:
            self._screen.close()
            self._screen = None
