"""A line of text that gives way where there is no room for it."""

from __future__ import annotations

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QWidget

from rtvis.gui.painting import painting
from rtvis.gui.text_tips import text_tip


class ElidedLabel(QLabel):
    """Plain text, shortened with an ellipsis; the window needn't be wide enough for the whole of it.

    Where a tool tip isn't given, it is the whole text, while it is shortened.

    Args:
        text: at first.
        mode: where it is shortened: `Qt.ElideRight`, or `Qt.ElideMiddle` for what differs at its end, as file names do.
        parent: the widget that it is in.
    """

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.ElideRight, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self.setTextFormat(Qt.PlainText)
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)

    @property
    def shown_text(self) -> str:
        """As much of the text as there is room for."""
        return str(self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width()))

    def event(self, event: QEvent) -> bool:
        """Tell the whole text where it is shortened."""
        if event.type() == QEvent.ToolTip and not self.toolTip() and self.shown_text != self.text():
            self.setToolTip(text_tip(self.text()))
            told = bool(super().event(event))
            self.setToolTip("")
            return told
        return bool(super().event(event))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, as much of it as there is room for."""
        with painting(self) as painter:
            self.style().drawItemText(
                painter,
                self.contentsRect(),
                int(self.alignment()),
                self.palette(),
                self.isEnabled(),
                self.shown_text,
                self.foregroundRole(),
            )
