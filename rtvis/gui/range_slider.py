"""A slider with two handles."""

from __future__ import annotations

from qtpy.QtCore import QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from rtvis.gui.painting import painting
from rtvis.gui.theme import colors

HANDLE_PX = 12.0
GROOVE_PX = 4.0
STEP, PAGE = 1, 10


class RangeSlider(QWidget):
    """Two handles over whole numbers, the lower never above the upper; `changed` carries both.

    The mouse takes the nearer handle; Tab goes from the lower to the upper one, arrow keys move the one that was taken
    last, with PgUp and PgDn by ten.
    """

    changed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = (0, 100)
        self._values = [0, 100]
        self._taken = 0
        self._dragging = False
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as a handle with its rim."""
        return QSize(120, 22)

    @property
    def values(self) -> tuple[int, int]:
        """(lower, upper)."""
        return self._values[0], self._values[1]

    def set_limits(self, low: int, high: int) -> None:
        """The ends of the slider; values beyond them are moved in."""
        self._limits = (low, max(high, low))
        self.set_values(*self._values)

    def set_values(self, low: int, high: int) -> None:
        """Place the handles without telling."""
        first, last = self._limits
        low = min(max(low, first), last)
        self._values = [low, min(max(high, low), last)]
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from one handle to the other before it leaves."""
        if self._taken == (0 if forward else 1):
            self._taken = 1 if forward else 0
            self.update()
            return True
        return bool(super().focusNextPrevChild(forward))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming by Tab one has the first handle, coming back the last."""
        super().focusInEvent(event)
        if event.reason() in {Qt.TabFocusReason, Qt.BacktabFocusReason}:
            self._taken = 0 if event.reason() == Qt.TabFocusReason else 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the handle."""
        steps = {
            Qt.Key_Left: -STEP,
            Qt.Key_Down: -STEP,
            Qt.Key_Right: STEP,
            Qt.Key_Up: STEP,
            Qt.Key_PageDown: -PAGE,
            Qt.Key_PageUp: PAGE,
        }
        if event.key() in steps:
            self._move(self._values[self._taken] + steps[event.key()])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle."""
        if event.button() == Qt.LeftButton and self.isEnabled():
            x = event.localPos().x()
            away = [abs(self._x_of(value) - x) for value in self._values]
            if away[0] == away[1]:  # both at one place: the one that can go there
                self._taken = 0 if x < self._x_of(self._values[0]) else 1
            else:
                self._taken = 0 if away[0] < away[1] else 1
            self._dragging = True
            self._move(self._value_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._dragging:
            self._move(self._value_at(event.localPos().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it go."""
        del event
        self._dragging = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, what is between the handles, and the handles."""
        del event
        theme = colors()
        middle = self.height() / 2
        low, high = (self._x_of(value) for value in self._values)
        ends = (HANDLE_PX / 2, self.width() - HANDLE_PX / 2)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.Antialiasing)
            painter.setPen(Qt.NoPen)
            painter.setBrush(QColor(theme.handle))
            painter.drawRoundedRect(QRectF(ends[0], middle - GROOVE_PX / 2, ends[1] - ends[0], GROOVE_PX), 2, 2)
            painter.setBrush(QColor(theme.accent if self.isEnabled() else theme.disabled))
            painter.drawRoundedRect(QRectF(low, middle - GROOVE_PX / 2, high - low, GROOVE_PX), 2, 2)
            for n, x in enumerate((low, high)):
                focused = self.hasFocus() and n == self._taken
                painter.setPen(QColor(theme.strong if focused else theme.panel))
                painter.setBrush(QColor(theme.accent if self.isEnabled() else theme.disabled))
                painter.drawEllipse(QRectF(x - HANDLE_PX / 2, middle - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX))

    def _x_of(self, value: int) -> float:
        first, last = self._limits
        share = (value - first) / (last - first) if last > first else 0.0
        return HANDLE_PX / 2 + share * (self.width() - HANDLE_PX)

    def _value_at(self, x: float) -> int:
        first, last = self._limits
        share = (x - HANDLE_PX / 2) / max(self.width() - HANDLE_PX, 1.0)
        return round(first + min(max(share, 0.0), 1.0) * (last - first))

    def _move(self, value: int) -> None:
        before = list(self._values)
        low, high = (self._limits[0], self._values[1]) if self._taken == 0 else (self._values[0], self._limits[1])
        self._values[self._taken] = min(max(value, low), high)
        if self._values != before:
            self.update()
            self.changed.emit(*self.values)
