"""The VTK part of a 3D view: it draws, and takes no input of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QRectF, Qt, QTimer
from qtpy.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from qtpy.QtWidgets import QWidget
from vtkmodules.vtkRenderingCore import vtkProp, vtkRenderer

from rtvis.gui.painting import painting
from rtvis.gui.steps import Steps
from rtvis.scene.offscreen import Offscreen, can_render
from rtvis.scene.pace import Pace
from rtvis.scene.quick_frames import Frame, QuickFrames
from rtvis.scene.rois3d import Rois3D
from rtvis.scene.scene3d import BACKGROUND
from rtvis.scene.strips import Strips
from rtvis.scene.tissue import Tissue
from rtvis.scene.tissue_mapper import draws_in_software

STILL_MS = 250
"""What moved is still: time to draw all of the scene."""

LONG_MS = 50.0
"""A drawing that is expected to take longer is done in steps; what was drawn before is shown meanwhile."""


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
        self._is_sharp = False
        self._steps = Steps(self)
        self._before: NDArray[np.uint8] | None = None
        self._surfaces: Rois3D | None = None
        self._set_line_scale: Callable[[float], None] | None = None
        self._pace: Pace | None = None
        self._is_moving = False
        self._tissue: Tissue | None = None
        self._strips: Strips | None = None
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._draw_strip)
        self._first = QTimer(self)
        self._first.setSingleShot(True)
        self._first.setInterval(0)
        self._first.timeout.connect(self._draw_first)
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

    def set_surfaces(self, surfaces: Rois3D) -> None:
        """What is drawn with fewer triangles while things move, where there is no time for all."""
        self._surfaces = surfaces

    def set_lines(self, set_scale: Callable[[float], None]) -> None:
        """What takes how many pixels of the picture a logical one has: lines are as many times as wide."""
        self._set_line_scale = set_scale

    def move(self) -> None:
        """Draw the scene anew, as quickly as things move, and all of it once they are still."""
        self._is_moving = True
        self._sharpen.start()
        self.update()

    def finish(self) -> None:
        """Have what is shown be what there is now, as sharply as where nothing moves: a picture of it is wanted."""
        if self._sharpen.isActive() and not self._casts_rays:
            self._sharpen.stop()
            self._draw_sharply()
        self._bring_up_to_date()
        if self._drawn is None:
            self._steps.finish()

    def update(self) -> None:
        """Draw the scene anew, once for all changes until the window paints."""
        self._forget()
        super().update()

    def refine(self) -> None:
        """Draw rendered tissue sharply, strip by strip, while nothing changes; whatever waits comes in between."""
        if self._strips is not None and self._tissue is not None and self._drawn is not None:
            self._is_moving = False
            self._draw_surfaces_at_most(math.inf)
            if self._screen is not None:
                self._drawn = self._enlarge(self._screen, self._drawn)
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
        self._before = self._before if self._drawn is None else self._drawn
        self._drawn = None
        self._steps.stop()
        self._next.stop()
        if self._strips is not None:
            self._strips.begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        self._is_moving = True
        self._sharpen.start()
        self._forget()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bring the scene up to date and draw it, where something changed; show the drawing."""
        del event
        if self._pace is None and self._screen is not None:
            self._first.start()  # OpenGL gets ready then: slices are seen meanwhile
        else:
            self._bring_up_to_date()
        drawn = self._before if self._drawn is None else self._drawn
        with painting(self) as painter:
            if drawn is None:
                painter.fillRect(self.rect(), Qt.black if self._screen is None else QColor.fromRgbF(*BACKGROUND))
            else:
                rows, columns = drawn.shape[:2]
                image = QImage(drawn.data, columns, rows, 4 * columns, QImage.Format_RGBX8888)
                if (columns, rows) == self._full_size:
                    image.setDevicePixelRatio(self.devicePixelRatioF())
                    painter.drawImage(0, 0, image)
                else:
                    painter.setRenderHint(QPainter.SmoothPixmapTransform)
                    painter.drawImage(self.rect(), image)

    def _draw_first(self) -> None:
        self._bring_up_to_date()
        super().update()

    def _bring_up_to_date(self) -> None:
        """Draw what changed, or begin to."""
        if self._drawn is None and not self._steps.is_busy and self._prepare is not None and self._screen is not None:
            self._prepare()
            triangles = self._choose_triangles(self._screen)
            frame = None
            if self._quick is not None and not self._is_moving:
                self._size_screen(self._screen, 1.0)
                frame = self._quick.look()
            if frame is not None and self._takes_long(ready=frame.is_ready and not self._whole):
                self._draw_in_steps()
            else:
                self._draw_now(self._screen, triangles, frame)

    def _takes_long(self, *, ready: bool) -> bool:
        """Whether drawing all with nothing moving would hold up the window; not where what stands still is `ready`."""
        if ready or self._casts_rays or self._quick is None or self._pace is None or not self._pace.in_software:
            return False
        return self._quick.pieces.expected_ms() > LONG_MS

    def _draw_now(self, screen: Offscreen, triangles: int, frame: Frame | None) -> None:
        start = perf_counter()
        self._drawn = self._draw(screen, frame)
        self.last_ms = 1e3 * (perf_counter() - start)
        if self._is_moving and self._pace is not None:
            if not self._casts_rays:
                self._pace.learn(triangles, self.last_ms)
            width, height = self._full_size
            self._pace.learn_size(width * height, self.last_ms)
        elif self._quick is not None and frame is not None and not frame.is_known and not self._casts_rays:
            self._quick.pieces.learn_whole(self.last_ms)
        if self._after is not None:
            self._after(self.last_ms)

    def _draw_in_steps(self) -> None:
        """As `_draw_now`, with time for whatever waits in between."""
        quick = self._quick
        assert quick is not None
        whole, self._whole = self._whole, False

        def drawn(picture: NDArray[np.uint8]) -> None:
            self._drawn = picture
            self.last_ms = quick.pieces.took_ms
            self._is_sharp = whole or quick.is_exact
            self._sharpen.start()  # then it is sharpened, or what stands still is kept
            super(Canvas, self).update()
            if self._after is not None:
                self._after(self.last_ms)

        self._steps.begin(quick.whole_in_steps() if whole else quick.in_steps(), drawn)

    @property
    def _casts_rays(self) -> bool:
        return self._tissue is not None and self._tissue.is_cast_in_software

    def _choose_triangles(self, screen: Offscreen) -> int:
        """How many triangles surfaces will be drawn with: all of them, unless something moves."""
        self._pace = self._pace or Pace(in_software=draws_in_software(screen.window))
        moving = self._is_moving or self._casts_rays  # what has rays cast is drawn sharply by and by
        return self._draw_surfaces_at_most(self._pace.allowed(beside_tissue=self._casts_rays) if moving else math.inf)

    def _draw_surfaces_at_most(self, triangles: float) -> int:
        return 0 if self._surfaces is None else self._surfaces.draw_at_most(triangles)

    @property
    def _full_size(self) -> tuple[int, int]:
        """Width and height in the screen's own pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def _enlarge(self, screen: Offscreen, drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What was drawn smaller while things moved, as large as it is shown: sharper strips are drawn into it."""
        size = self._full_size
        self._size_screen(screen, 1.0)
        rows, columns = drawn.shape[:2]
        if (columns, rows) == size:
            return drawn
        down = (np.arange(size[1]) * rows) // size[1]
        across = (np.arange(size[0]) * columns) // size[0]
        return np.ascontiguousarray(drawn[down[:, None], across])

    def _draw(self, screen: Offscreen, frame: Frame | None = None) -> NDArray[np.uint8]:
        share = 1.0
        if self._is_moving and self._pace is not None:
            width, height = self._full_size
            self._pace.begin(width * height)
            share = self._pace.share
        self._size_screen(screen, share)
        coarse = share < 1 or (self._surfaces is not None and self._surfaces.is_coarse)
        if self._quick is None:
            self._is_sharp = not coarse
            return screen.draw()
        whole, self._whole = self._whole, False
        drawn = self._quick.draw_whole() if whole else self._quick.draw(frame)
        self._is_sharp = not coarse and (whole or self._quick.is_exact)
        if not self._is_sharp:
            self._sharpen.start()
        elif not self._is_moving:
            self._sharpen.stop()
        return drawn

    def _size_screen(self, screen: Offscreen, share: float) -> None:
        """Draw from now on with a share of the view's width and height."""
        width, height = self._full_size
        size = max(round(width * share), 1), max(round(height * share), 1)
        if screen.size != size:
            screen.resize(*size)
        if self._set_line_scale is not None:
            self._set_line_scale(self.devicePixelRatioF() * share)

    def _draw_sharply(self) -> None:
        self._is_moving = False
        if self._casts_rays or (self._steps.is_busy and self._drawn is None):
            return  # rays get denser by `refine`; what is drawn in steps is sharp in the end
        if not self._is_sharp:
            self._whole = True
            self.update()
        elif self._quick is not None and self._drawn is not None and self._takes_long(ready=self._quick.is_ready):
            # The next step of the cursor moves nothing but planes: it isn't to wait for what stands still.
            self._steps.begin(self._quick.keep_in_steps(), lambda _none: None)

    def shut(self) -> None:
        """Free the OpenGL objects; the widget is of no use afterwards."""
        self._prepare = self._after = self._quick = None
        self._sharpen.stop()
        self._first.stop()
        self._forget()
        self._before = self._tissue = self._strips = self._surfaces = self._set_line_scale = None
        if self._screen is not None:
            self._screen.close()
            self._screen = None
