"""Chooses one object among those that are open, an image of it, or a file."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QWidget

from rtvis.app.tags_objects import OpenObject, object_of
from rtvis.gui.paths import ask_files
from rtvis.gui.patient_text import text_in


class TagChooser(QWidget):
    """`chosen` follows when a person chose another file, whose `path` it then has.

    Args:
        title: what it is called for those who don't see where it stands.
        parent: the widget that it is in.
    """

    chosen = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._objects: tuple[OpenObject, ...] = ()
        self._files: tuple[OpenObject, ...] = ()
        self.box = QComboBox()
        self.box.setAccessibleName(f"{title} object")
        self.box.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.box.setMinimumContentsLength(20)
        self.box.activated.connect(self._object_chosen)
        self.image = QSpinBox()
        self.image.setPrefix("Image ")
        self.image.setKeyboardTracking(False)
        self.image.setAccessibleName(f"{title} image")
        self.image.setMinimumWidth(150)
        self.image.valueChanged.connect(self.chosen)
        self.image.hide()
        self.file = QPushButton("File…")
        self.file.setToolTip("Choose a file that isn't open")
        self.file.setAutoDefault(False)
        self.file.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.box, 1)
        row.addWidget(self.image)
        row.addWidget(self.file)

    @property
    def path(self) -> Path | None:
        """The file that is chosen."""
        here = self.box.currentIndex()
        return None if here < 0 else self._all[here].paths[self.image.value() - 1]

    def offer(self, objects: tuple[OpenObject, ...]) -> None:
        """Offer these; what is chosen stays so where it is still open, or a file of a person's choice."""
        path = self.path
        self._objects = objects
        self._fill()
        self.choose(path if object_of(self._all, path) is not None else None)

    def choose(self, path: Path | None) -> None:
        """Choose a file, which needn't be open."""
        if path is not None and object_of(self._all, path) is None:
            self._files = (*self._files, OpenObject(str(path), (path,)))
            self._fill()
        at = object_of(self._all, path)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(-1 if at is None else self._all.index(at[0]))
        self._offer_images(0 if at is None else at[1])

    @property
    def _all(self) -> tuple[OpenObject, ...]:
        return (*self._objects, *self._files)

    def _fill(self) -> None:
        with QSignalBlocker(self.box):
            self.box.clear()
            for one in self._all:
                self.box.addItem(text_in(self, one.title))

    def _offer_images(self, place: int) -> None:
        here = self.box.currentIndex()
        count = len(self._all[here].paths) if here >= 0 else 1
        with QSignalBlocker(self.image):
            self.image.setRange(1, count)
            self.image.setSuffix(f" of {count}")
            self.image.setValue(place + 1)
        self.image.setVisible(count > 1)

    def _object_chosen(self, _place: int) -> None:
        self._offer_images(0)
        self.chosen.emit()

    def _ask(self) -> None:
        paths = ask_files(self, "Compare with a file")
        if paths:
            self.choose(Path(paths[0]))
            self.chosen.emit()
