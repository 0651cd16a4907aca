"""What an empty window shows: what one can do next."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rtvis.gui.elided_label import ElidedLabel
from rtvis.gui.icons import icon
from rtvis.gui.recent_studies import recent_paths, recent_text
from rtvis.gui.text_tips import text_tip

INSET_PX = 8
"""Of the words of the page: the frame of a recent study that has the focus stands out by so much at its left."""

NOT_CLINICAL = (
    "Not for clinical use: rtvis is no medical device. Check every result with the systems you are licensed to use."
)


TITLE = "Open a study"
SUBTITLE = "Choose a folder with CT, MR or PET images and structure sets, or drop one here."
WHILE_OPENING = "Its images are seen as soon as the first of them are read."


class StartPage(QWidget):
    """Open a folder, drop one here, try the demo, or a recent study; while one is opened, which."""

    open_folder = Signal()
    open_files = Signal()
    open_demo = Signal()
    open_recent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patient_hidden = False
        self._title, self._subtitle = ElidedLabel(TITLE), QLabel(SUBTITLE)
        self._title.setProperty("role", "title")
        self._title.setTextFormat(Qt.PlainText)  # names of folders
        self._subtitle.setProperty("role", "muted")
        self._subtitle.setWordWrap(True)
        for label in (self._title, self._subtitle):
            label.setContentsMargins(INSET_PX, 0, 0, 0)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(INSET_PX, 0, 0, 0)
        buttons.setSpacing(8)
        self._folder = self._button("Open folder…", "open", self.open_folder)
        self._folder.setProperty("primary", "true")
        buttons.addWidget(self._folder)
        buttons.addWidget(self._button("Open files…", "", self.open_files))
        buttons.addWidget(self._button("Try the demo", "demo", self.open_demo))
        buttons.addStretch(1)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        notice = QLabel(NOT_CLINICAL)
        notice.setProperty("role", "small")
        notice.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(0)
        for widget, gap in ((self._title, 8), (self._subtitle, 24)):
            column.addWidget(widget)
            column.addSpacing(gap)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(0)
        choices.addLayout(buttons)
        choices.addSpacing(32)
        choices.addLayout(self._recent)
        as_high = self._choices.sizePolicy()
        as_high.setRetainSizeWhenHidden(True)  # the title stays where it is
        self._choices.setSizePolicy(as_high)
        column.addWidget(self._choices)
        holder = QWidget()
        holder.setLayout(column)
        holder.setFixedWidth(560 + INSET_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.addStretch(2)
        layout.addWidget(holder, 0, Qt.AlignHCenter)
        layout.addStretch(3)
        notice.setAlignment(Qt.AlignHCenter)
        layout.addWidget(notice)
        self.refresh()

    def show_opening(self, name: str | None) -> None:
        """Tell what is being opened instead of what could be; with None offer that again.

        Args:
            name: of a folder or file; it isn't told while the patient is hidden.
        """
        if name is None:
            self._title.setText(TITLE)
            self._subtitle.setText(SUBTITLE)
            self._choices.show()
            if self._folder.window().focusWidget() is None:
                self._folder.setFocus(Qt.OtherFocusReason)
            return
        self._title.setText("Opening a study" if self._patient_hidden or not name else f"Opening {name}")
        self._subtitle.setText(WHILE_OPENING)
        self._choices.hide()

    @staticmethod
    def _button(text: str, icon_name: str, signal: object) -> QPushButton:
        button = QPushButton(f" {text}" if icon_name else text)  # Qt leaves no room between icon and words
        button.setMinimumHeight(36)
        button.setCursor(Qt.PointingHandCursor)
        if icon_name:
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(20, 20))
        button.clicked.connect(lambda _checked=False: signal.emit())  # type: ignore[attr-defined]  # a bound Signal
        return button

    def hide_patient(self, *, hidden: bool) -> None:
        """Tell recent studies by number alone: names of folders often hold a patient's; or by name again."""
        if hidden != self._patient_hidden:
            self._patient_hidden = hidden
            self.refresh()

    def refresh(self) -> None:
        """List the recent studies anew."""
        while self._recent.count():
            widget = self._recent.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        paths = recent_paths()
        if not paths:
            return
        heading = QLabel("RECENT")
        heading.setProperty("role", "heading")
        heading.setContentsMargins(INSET_PX, 0, 0, 8)
        self._recent.addWidget(heading)
        for number, path in enumerate(paths, 1):
            button = QPushButton(recent_text(number, path, hidden=self._patient_hidden))
            button.setProperty("recent", "true")
            button.setToolTip("" if self._patient_hidden else text_tip(path))
            button.setCursor(Qt.PointingHandCursor)
            button.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
            button.clicked.connect(lambda _checked=False, chosen=path: self.open_recent.emit(chosen))
            self._recent.addWidget(button)
