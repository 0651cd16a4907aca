"""A card over the views that says why they are empty, where what is open has neither images nor contours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QFrame, QLabel, QVBoxLayout

from rtvis.gui.feature import Feature
from rtvis.gui.theme import colors

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.views import Views

NOTHING = (
    "Nothing here can be shown in a view",
    """There are no grey images with a place in the patient,
no contours and no doses. Pictures in colour are only listed.
Ctrl+T lists the elements of what is open.""",
)
NO_CONTOURS = (
    "This structure set has no contours",
    "There are no images beside it, either.\nOpen the images to draw on them.",
)


class NothingShown(Feature):
    """Four black views would leave a person wondering what went wrong."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._views: Views | None = None
        self.card = QFrame(window)
        self.card.setObjectName("nothing-shown")
        self._title, self._text = QLabel(), QLabel()
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignCenter)
        self._text.setProperty("role", "muted")
        column = QVBoxLayout(self.card)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self.card.hide()
        self.theme_changed()

    def views_made(self, views: Views) -> None:
        """It lies over them."""
        self._views = views
        self.card.setParent(views)
        views.installEventFilter(self)
        self.window.tasks.ended.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show it where there is nothing else to see, and nothing (a dose, say) is on its way."""
        if self._views is None:
            return
        is_empty = self.window.has_study and self.session.grid is None and not self.window.tasks.running
        if is_empty:
            title, text = NOTHING if self.session.structure_set is None else NO_CONTOURS
            self._title.setText(title)
            self._text.setText(text)
            self._place()
        self.card.setVisible(is_empty)

    def theme_changed(self) -> None:
        """In the colours of panels."""
        shown = colors()
        self.card.setStyleSheet(
            f"#nothing-shown {{ background: {shown.panel}; border: 1px solid {shown.line}; border-radius: 8px; }}"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the middle of the views, whatever their size."""
        if event.type() == QEvent.Resize:
            self._place()
        return bool(super().eventFilter(watched, event))

    def _place(self) -> None:
        if self._views is not None:
            self.card.adjustSize()
            self.card.move(self._views.rect().center() - self.card.rect().center())
            self.card.raise_()

    def release(self) -> None:
        """Listen no more."""
        if self._views is not None:
            self._views.removeEventFilter(self)
            self.window.tasks.ended.disconnect(self.refresh)
