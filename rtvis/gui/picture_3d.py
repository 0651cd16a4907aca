"""A picture of the 3D view, drawn anew at any size while the window goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QProgressDialog

from rtvis.model.progress import CancelledError

if TYPE_CHECKING:
    from collections.abc import Generator

    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.view3d import View3D
    from rtvis.model.progress import Report

    Drawing = Generator[float, None, NDArray[np.uint8]]

TOLD_AFTER_MS = 500
"""Pictures that hold the window up for longer show how far they are, and can be given up."""


def draw_picture(window: MainWindow, view: View3D, scale: int, done: Callable[[QPixmap], object]) -> None:
    """Draw what a 3D view shows now, with smooth edges, in the background; the status bar tells of it.

    Where pictures need the display's help they are drawn bit by bit in the window's thread.

    Args:
        window: whose tasks it becomes one of.
        view: what is drawn.
        scale: times as large as on the screen.
        done: called with the picture, unless it was given up.
    """
    from rtvis.scene.offscreen import needs_no_display  # noqa: PLC0415  (VTK)
    from rtvis.scene.twin import Twin  # noqa: PLC0415  (VTK)

    ratio = view.devicePixelRatioF() * scale
    size = max(round(view.width() * ratio), 1), max(round(view.height() * ratio), 1)
    shown = view.scene.shown()

    def drawing() -> Drawing:
        with Twin(shown, *size) as twin:
            yield from twin.strips()
            return twin.picture

    if not needs_no_display():
        pixels = _drawn_here(window, drawing())
        if pixels is not None:
            done(_pixmap(pixels))
        return

    def work(report: Report) -> NDArray[np.uint8]:
        report(0, 100)
        with closing(drawing()) as steps:  # what was given up is closed in this thread as well
            return _run(steps, report)

    def drawn(pixels: NDArray[np.uint8]) -> None:
        done(_pixmap(pixels))

    window.tasks.start("Drawing the 3D picture", work, drawn)


def _run(steps: Drawing, report: Report) -> NDArray[np.uint8]:
    while True:
        try:
            report(round(100 * next(steps)), 100)
        except StopIteration as end:
            picture: NDArray[np.uint8] = end.value
            return picture


def _drawn_here(window: MainWindow, steps: Drawing) -> NDArray[np.uint8] | None:
    """Draw in the window's thread; None when given up."""
    progress = QProgressDialog("Drawing the picture…", "Cancel", 0, 100, window)
    progress.setWindowModality(Qt.WindowModal)
    progress.setMinimumDuration(TOLD_AFTER_MS)

    def report(done: int, _total: int) -> None:
        progress.setValue(done)  # lets whatever waits come in between, once it is seen
        if progress.wasCanceled():
            raise CancelledError("given up")

    try:
        with closing(steps):
            return _run(steps, report)
    except CancelledError:
        return None
    finally:
        progress.close()
        progress.deleteLater()


def _pixmap(pixels: NDArray[np.uint8]) -> QPixmap:
    height, width = pixels.shape[:2]
    return QPixmap.fromImage(QImage(pixels.data, width, height, 3 * width, QImage.Format_RGB888).copy())
