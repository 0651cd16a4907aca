"""Fields of dialogs that choose ROIs: one, several, or where a result goes."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rtvis.app.palette import roi_color
from rtvis.app.planned_edit import Target
from rtvis.gui.patient_text import name_in
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import Roi

NUMBER_ROLE = Qt.UserRole + 1
ROWS_SHOWN = 8
NAME_EDGE = 60


def swatch(color: tuple[int, int, int], size: int = 16) -> QIcon:
    """A filled, rounded square of an ROI's colour, sharp at up to three device pixels a pixel."""
    pixmap = QPixmap(size * 3, size * 3)
    pixmap.setDevicePixelRatio(3.0)
    pixmap.fill(Qt.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(QPen(QColor(255, 255, 255, 40), 1))
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(QRectF(2, 2, size - 4, size - 4), 3, 3)
    painter.end()
    swatched = QIcon(pixmap)
    swatched.addPixmap(pixmap, QIcon.Selected)  # else Qt tints it in a chosen row, and the colour is not the ROI's
    return swatched


class RoiChoice(QComboBox):
    """Chooses one ROI."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)

    @property
    def number(self) -> int | None:
        """Of the ROI that is chosen; None where there is none."""
        number: int | None = self.currentData(NUMBER_ROLE)
        return number

    @property
    def needed_number(self) -> int:
        """Of the ROI that is chosen.

        Raises:
            UsageError: when there is none.
        """
        if self.number is None:
            raise UsageError("there is no ROI", remedy="draw one first")
        return self.number

    def choose(self, number: int | None) -> None:
        """Choose an ROI."""
        index = self.findData(number, NUMBER_ROLE)
        if index >= 0:
            self.setCurrentIndex(index)

    def fill(self, rois: Sequence[Roi], chosen: int | None) -> None:
        """Offer these; the one that was chosen stays chosen, else `chosen` is."""
        before = self.number if self.count() else chosen
        self.blockSignals(True)
        self.clear()
        self._add_rois(rois)
        self.choose(before if any(one.number == before for one in rois) else chosen)
        self.blockSignals(False)

    def _add_rois(self, rois: Sequence[Roi]) -> None:
        for roi in rois:
            self.addItem(swatch(roi_color(roi)), name_in(self, roi.name))
            self.setItemData(self.count() - 1, roi.number, NUMBER_ROLE)


class RoiTicks(QListWidget):
    """Chooses several ROIs, in the order of the list but for one that comes first. `changed` follows each tick."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ticks")
        self.setIconSize(QSize(16, 16))
        self.itemChanged.connect(lambda _item: self.changed.emit())
        self.itemActivated.connect(self._turn)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the ROIs that are ticked."""
        items = (self.item(row) for row in range(self.count()))
        return tuple(item.data(NUMBER_ROLE) for item in items if item.checkState() == Qt.Checked)

    def fill(self, rois: Sequence[Roi]) -> None:
        """Offer these; what was ticked stays so."""
        ticked = set(self.numbers)
        self.blockSignals(True)
        self.clear()
        for roi in rois:
            item = QListWidgetItem(swatch(roi_color(roi)), name_in(self, roi.name))
            item.setData(NUMBER_ROLE, roi.number)
            item.setFlags(Qt.ItemIsEnabled | Qt.ItemIsSelectable | Qt.ItemIsUserCheckable)
            item.setCheckState(Qt.Checked if roi.number in ticked else Qt.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        row = max(self.sizeHintForRow(0), 24)
        self.setFixedHeight(row * min(max(self.count(), 3), ROWS_SHOWN) + 4)

    def _turn(self, item: QListWidgetItem) -> None:
        item.setCheckState(Qt.Unchecked if item.checkState() == Qt.Checked else Qt.Checked)


class TargetChoice(QWidget):
    """Where a result goes: a new ROI with a name, or one that is there. `changed` follows each choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = RoiChoice()
        self.name = QLineEdit()
        self.name.setMaxLength(64)
        self.name.setPlaceholderText("Name of the new ROI")
        self._typed = False
        self._names: tuple[str, ...] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.choice)
        layout.addWidget(self.name)
        self.choice.currentIndexChanged.connect(self._chosen)
        self.name.textEdited.connect(self._edited)

    @property
    def target(self) -> Target:
        """What is chosen."""
        return Target(self.choice.number, self.name.text())

    def fill(self, rois: Sequence[Roi], chosen: int | None) -> None:
        """Offer these and a new one; what was chosen stays so, else `chosen` is (None: a new one)."""
        fresh = self.choice.count() == 0
        before = chosen if fresh else self.choice.number
        self._names = tuple(one.name for one in rois)
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItem("New ROI")
        self.choice._add_rois(rois)  # noqa: SLF001  (of this module)
        self.choice.choose(before)
        self.choice.blockSignals(False)
        self.name.setVisible(self.choice.number is None)

    def suggest(self, name: str) -> None:
        """Propose a name, unless one was typed; a number follows it where it is taken."""
        if self._typed:
            return
        stem = name[:NAME_EDGE].strip()
        count, free = 2, stem
        while free in self._names:
            free, count = f"{stem} {count}", count + 1
        self.name.setText(free)

    def _chosen(self) -> None:
        self.name.setVisible(self.choice.number is None)
        self.changed.emit()

    def _edited(self) -> None:
        self._typed = bool(self.name.text())
        self.changed.emit()
