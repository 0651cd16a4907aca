"""The transparent widget over a canvas."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QWidget

from rtvis.gui.overlay_painter import paint_overlay
from rtvis.gui.painting import painting
from rtvis.scene.overlay import Overlay
from rtvis.scene.overlay_change import within


class Glass(QWidget):
    """Paints what lies over an image; the image isn't drawn anew for it.

    Args:
        parent: the view.
        overlay: gives what is to be painted now.
    """

    def __init__(self, parent: QWidget, overlay: Callable[[], Overlay]) -> None:
        super().__init__(parent)
        self._overlay = overlay
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_NoSystemBackground)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint of the display list of the view what is in the part that is to be painted."""
        rect = event.rect()
        overlay = self._overlay()
        if rect != self.rect():
            overlay = within(overlay, (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1))
        with painting(self) as painter:
            paint_overlay(painter, overlay, self.font())
