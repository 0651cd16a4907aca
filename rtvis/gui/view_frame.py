"""The frame around a view: its plane's colour, the slider of a slice view, and where on the screen the view begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QMargins, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QWidget

from rtvis.gui.slice_slider import SliceSlider
from rtvis.gui.slice_view import SliceView
from rtvis.gui.theme import PLANE_HEX, VIEW_BACKGROUND, colors

if TYPE_CHECKING:
    from qtpy.QtGui import QMoveEvent, QResizeEvent

FRAME_PX, FRAME_TOP_PX = 1, 2
MOST_SPARE_PX = 3
"""Scales are quarters: with 1.25 every fourth logical pixel begins where one of the screen does."""


def spare_px(place: int, ratio: float) -> int:
    """How many logical pixels further a widget has to begin to begin on a pixel of the screen; 0 where none helps.

    Args:
        place: in the window, in logical pixels.
        ratio: device pixels of a logical one.
    """
    ends = ((place + spare) * ratio for spare in range(MOST_SPARE_PX + 1))
    return next((spare for spare, end in enumerate(ends) if abs(end - round(end)) < 1e-6), 0)


class ViewFrame(QFrame):
    """A thin frame in a plane's colour: bright on the view with the focus, quiet on the others.

    The view in it begins on a pixel of the screen at scales of one and a half, too: there Qt lays pictures down on
    whole pixels and lines between them, and what is kept as a picture would shift. `placed` tells that the frame moved.
    """

    placed = Signal()

    def __init__(self, name: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"frame-{name}")
        self._color = PLANE_HEX[name]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(FRAME_PX, FRAME_TOP_PX, FRAME_PX, FRAME_PX)
        layout.setSpacing(0)
        layout.addWidget(view, 1)
        if isinstance(view, SliceView):
            layout.addWidget(SliceSlider(view))
        self.set_active(active=False)

    def set_active(self, *, active: bool) -> None:
        """Draw the frame for the view that has the focus, or for one that hasn't."""
        self.is_active = active
        side = self._color if active else colors().line
        self.setStyleSheet(
            f"#{self.objectName()} {{ background: {VIEW_BACKGROUND}; border: 1px solid {side};"
            f" border-top: 2px solid {self._color}; }}"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of it."""
        super().resizeEvent(event)
        self.placed.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Tell of it."""
        super().moveEvent(event)
        self.placed.emit()

    def meet_pixels(self) -> None:
        """Begin the view on a pixel of the screen, where the frame is now."""
        corner, ratio = self.mapTo(self.window(), self.contentsRect().topLeft()), self.devicePixelRatioF()
        left = FRAME_PX + spare_px(corner.x() + FRAME_PX, ratio)
        top = FRAME_TOP_PX + spare_px(corner.y() + FRAME_TOP_PX, ratio)
        margins = QMargins(left, top, FRAME_PX, FRAME_PX)
        if margins != self.layout().contentsMargins():
            self.layout().setContentsMargins(margins)
