"""What an empty window shows: what one can do next."""

from __future__ import annotations

import os
from pathlib import Path

from qtpy.QtCore import QSettings, QSize, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rtvis.gui.icons import icon
from rtvis.gui.text_tips import text_tip

SUV_KEY = "pet/suv"
RECENT_KEY = "recent"
MOST_RECENT = 6
INSET_PX = 8
"""Of the words of the page: the frame of a recent study that has the focus stands out by so much at its left."""

NOT_CLINICAL = (
    "Not for clinical use: rtvis is no medical device. Check every result with the systems you are licensed to use."
)


def settings() -> QSettings:
    """Where the window's settings are kept."""
    return QSettings("rtvis", "rtvis")


def pet_in_suv() -> bool:
    """Whether PET is opened in SUV where it can be; so until somebody says otherwise."""
    return str(settings().value(SUV_KEY, "yes")) == "yes"


def keep_pet_in_suv(*, shown: bool) -> None:
    """Open PET in SUV from now on, or in the unit of its files."""
    settings().setValue(SUV_KEY, "yes" if shown else "no")


def recent_paths() -> list[str]:
    """Studies opened lately that are still there, newest first."""
    stored = settings().value(RECENT_KEY, [])
    paths = [stored] if isinstance(stored, str) else list(stored or [])
    there = [path for path in paths if os.path.exists(path)]  # noqa: PTH110  (Path's raises where a drive was lost)
    return there[:MOST_RECENT]


def remember_path(path: str) -> None:
    """Put a path on top of the recent ones."""
    kept = [path, *[one for one in recent_paths() if one != path]]
    settings().setValue(RECENT_KEY, kept[:MOST_RECENT])


def recent_text(number: int, path: str, *, hidden: bool) -> str:
    """Folder of a recent study and where that is, or its number (from 1) while the patient is hidden."""
    place = Path(path)
    return f"Recent study {number}" if hidden else f"{place.name}    {place.parent}"


class StartPage(QWidget):
    """Open a folder, drop one here, try the demo, or a recent study."""

    open_folder = Signal()
    open_files = Signal()
    open_demo = Signal()
    open_recent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patient_hidden = False
        title = QLabel("Open a study")
        title.setProperty("role", "title")
        subtitle = QLabel("Choose a folder with CT, MR or PET images and structure sets, or drop one here.")
        subtitle.setProperty("role", "muted")
        subtitle.setWordWrap(True)
        for label in (title, subtitle):
            label.setContentsMargins(INSET_PX, 0, 0, 0)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(INSET_PX, 0, 0, 0)
        buttons.setSpacing(8)
        folder = self._button("Open folder…", "open", self.open_folder)
        folder.setProperty("primary", "true")
        buttons.addWidget(folder)
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
        for widget, gap in ((title, 8), (subtitle, 24)):
            column.addWidget(widget)
            column.addSpacing(gap)
        column.addLayout(buttons)
        column.addSpacing(32)
        column.addLayout(self._recent)
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
