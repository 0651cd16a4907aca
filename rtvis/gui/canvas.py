"""The VTK part of a 3D view: it draws, and takes no input of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QRectF, Qt, QTimer
from qtpy.QtGui import QImage, QPaintEvent, QResizeEvent
from qtpy.QtWidgets import QWidget
from vtkmodules.vtkRenderingCore import vtkProp, vtkRenderer

from rtvis.gui.painting import painting
from rtvis.scene.offscreen import Offscreen, can_render
from rtvis.scene.quick_frames import QuickFrames
from rtvis.scene.strips import Strips
from rtvis.scene.tissue import Tissue

STILL_MS = 250
"""What moved is still: time to draw all of the scene."""


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
        self._quick: QuickFrames | None = None
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(STILL_MS)
        self._sharpen.timeout.connect(self._draw_sharply)
        self._whole = False
        self._tissue: Tissue | None = None
        self._strips: Strips | None = None
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._draw_strip)
        self.renderer = vtkRenderer() if self._screen is None else self._screen.renderer
        self._drawn: NDArray[np.uint8] | None = None
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_OpaquePaintEvent)

    def set_moving(self, props: Callable[[], Iterable[vtkProp]]) -> None:
        """While nothing but these changes they alone are drawn; all of the scene again once they are still."""
        if self._screen is not None:
            self._quick = QuickFrames(self._screen, props)

    def set_tissue(self, tissue: Tissue) -> None:
        """What `refine` draws sharply."""
        if self._screen is not None:
            self._tissue, self._strips = tissue, Strips(self._screen, tissue)

    def update(self) -> None:
        """Draw the scene anew, once for all changes until the window paints."""
        self._forget()
        super().update()

    def refine(self) -> None:
        """Draw rendered tissue sharply, strip by strip, while nothing changes; whatever waits comes in between."""
        if self._strips is not None and self._tissue is not None and self._drawn is not None:
            self._strips.begin(*self._tissue.sharper)
            self._next.start()

    @property
    def is_refining(self) -> bool:
        """Whether it gets sharper yet."""
        return self._strips is not None and not self._strips.is_done

    def _draw_strip(self) -> None:
        if self._strips is None or self._drawn is None or self._strips.is_done:
            return
        top, bottom = (row / self.devicePixelRatioF() for row in self._strips.draw_next(self._drawn))
        super().update(QRectF(0.0, top, self.width(), bottom - top).toAlignedRect())
        if not self._strips.is_done:
            self._next.start()

    def _forget(self) -> None:
        self._drawn = None
        self._next.stop()
        if self._strips is not None:
            self._strips.begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        self._forget()

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
        with painting(self) as painter:
            if self._drawn is None:
                painter.fillRect(self.rect(), Qt.black)
            else:
                rows, columns = self._drawn.shape[:2]
                image = QImage(self._drawn.data, columns, rows, 4 * columns, QImage.Format_RGBX8888)
                image.setDevicePixelRatio(self.devicePixelRatioF())
                painter.drawImage(0, 0, image)

    def _draw(self, screen: Offscreen) -> NDArray[np.uint8]:
        ratio = self.devicePixelRatioF()
        size = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        if screen.size != size:
            screen.resize(*size)
        if self._quick is None:
            return screen.draw()
        whole, self._whole = self._whole, False
        if whole:
            return self._quick.draw_whole()
        drawn = self._quick.draw()
        if self._quick.is_exact:
            self._sharpen.stop()
        else:
            self._sharpen.start()
        return drawn

    def _draw_sharply(self) -> None:
        self._whole = True
        self.update()

    def shut(self) -> None:
        """Free the OpenGL objects; the widget is of no use afterwards."""
        self._prepare = self._after = self._quick = None
        self._sharpen.stop()
        self._forget()
        self._tissue = self._strips = None
        if self._screen is not None:
            self._screen.close()
            self._screen = None
