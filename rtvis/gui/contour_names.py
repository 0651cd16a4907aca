"""The name of the ROI whose contour the mouse rests on, beside it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QWidget

from rtvis.gui.overlay_painter import paint_overlay
from rtvis.gui.painting import painting
from rtvis.gui.patient_text import name_in
from rtvis.gui.view_text import TEXT_SIZE, text_width
from rtvis.scene.overlay import Label, Overlay
from rtvis.scene.text_color import text_color

if TYPE_CHECKING:
    from rtvis.scene.contour_lines import RoiLines

REACH_PX = 5.0
"""A contour this near to the pointer is the one that is meant."""

AWAY_PX = (14.0, 12.0)
"""From the pointer to the name: beside it, and not under it."""

RIM_PX = 5.0


class ContourName(QWidget):
    """A small label of its own: what lies over the image isn't painted anew because the mouse moves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_NoSystemBackground)
        self._label: Label | None = None
        self.hide()

    @property
    def text(self) -> str:
        """The name that is shown; empty when none is."""
        return self._label.text if self._label is not None and not self.isHidden() else ""

    def show_at(self, position: QPointF, roi: RoiLines | None, scale: float) -> None:
        """Show the name of an ROI beside the pointer, within the view; None takes it away.

        Args:
            position: of the pointer, in the view's logical pixels.
            roi: which.
            scale: of texts.
        """
        if roi is None:
            self.hide()
            return
        size, name = TEXT_SIZE * scale, name_in(self, roi.name)
        wide, high = ceil(text_width(name, size, True) + 2 * RIM_PX), ceil(1.5 * size + 2 * RIM_PX)
        x, y = position.x() + AWAY_PX[0], position.y() + AWAY_PX[1]
        view = self.parentWidget()
        if x + wide > view.width():
            x = max(position.x() - AWAY_PX[0] - wide, 0)
        if y + high > view.height():
            y = max(position.y() - AWAY_PX[1] - high, 0)
        label = Label(RIM_PX, RIM_PX, name, text_color(roi.color), "lt", size, bold=True)
        if label != self._label:
            self._label = label
            self.update()
        self.setGeometry(round(x), round(y), wide, high)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name."""
        del event
        if self._label is not None:
            with painting(self) as painter:
                paint_overlay(painter, Overlay(labels=(self._label,)), self.font())
