"""Details of the chosen ROI, below the list; number and type can be changed there."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from rtvis.app.roi_edits import INTERPRETED_TYPES
from rtvis.app.roi_figures import RoiFigures, type_words
from rtvis.model.structure_set import Roi

SHORT_TYPES = {
    "CLOSED_PLANAR": "closed",
    "OPEN_PLANAR": "open",
    "OPEN_NONPLANAR": "non-planar",
    "POINT": "point",
    "CLOSEDPLANAR_XOR": "xor",
}
NOTHING = "–"
ROWS = ("Number", "Type", "Generation", "Size", "Extent", "Contours")


def contours_by_type(roi: Roi) -> str:
    """``7 closed, 1 point``; empty without contours."""
    return ", ".join(f"{count} {SHORT_TYPES.get(kind, kind)}" for kind, count in roi.contour_counts.items())


class RoiDetails(QWidget):
    """Figures and attributes of one ROI. `typed` carries the interpreted type that was chosen."""

    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.type_choice = QComboBox()
        self.type_choice.setAccessibleName("Type of the ROI")
        for term in INTERPRETED_TYPES:
            self.type_choice.addItem(type_words(term) or "No type", term)
            self.type_choice.setItemData(self.type_choice.count() - 1, term or "no interpreted type", Qt.ToolTipRole)
        self.type_choice.activated.connect(lambda _index: self.typed.emit(self.type_choice.currentData()))
        self.values: dict[str, QLabel] = {}
        self._name = ""
        self.title = QLabel()
        self.title.setTextFormat(Qt.PlainText)  # names come from files: text, never markup
        self.title.setProperty("role", "heading")
        self.title.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(4)
        layout.addWidget(self.title, 0, 0, 1, 2)
        for row, name in enumerate(ROWS, 1):
            label = QLabel(name)
            label.setProperty("role", "muted")
            layout.addWidget(label, row, 0)
            if name == "Type":
                layout.addWidget(self.type_choice, row, 1)
                continue
            value = QLabel(NOTHING)
            value.setTextFormat(Qt.PlainText)
            value.setTextInteractionFlags(Qt.TextSelectableByMouse)
            layout.addWidget(value, row, 1)
            self.values[name] = value
        layout.setColumnStretch(1, 1)
        layout.setRowStretch(len(ROWS) + 1, 1)
        self.show_roi(None, None, locked=False)

    def show_roi(self, roi: Roi | None, figures: RoiFigures | None, *, locked: bool) -> None:
        """Tell of an ROI; with None, of nothing."""
        self.setVisible(roi is not None)
        if roi is None:
            return
        self._name = f"{roi.name}  (locked)" if locked else roi.name
        self.title.setToolTip(roi.name)
        self._elide()
        self._show_type(roi.interpreted_type)
        self.type_choice.setEnabled(not locked)
        counts = contours_by_type(roi)
        texts = {
            "Number": str(roi.number),
            "Generation": roi.algorithm.capitalize() or NOTHING,
            "Size": "…" if figures is None else figures.size_text,
            "Extent": "…" if figures is None else _extent_text(figures),
            "Contours": f"{counts}; {roi.point_count:,} points" if counts else "none",
        }
        for name, text in texts.items():
            self.values[name].setText(text)
            self.values[name].setToolTip(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much of the name as there is room for."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        margins = self.layout().contentsMargins()
        room = self.width() - margins.left() - margins.right()
        self.title.setText(self.title.fontMetrics().elidedText(self._name, Qt.ElideMiddle, room))

    def _show_type(self, term: str) -> None:
        index = self.type_choice.findData(term)
        if index < 0:  # a term of the file's own is kept and shown as it is
            self.type_choice.addItem(term, term)
            index = self.type_choice.count() - 1
        self.type_choice.setCurrentIndex(index)


def _extent_text(figures: RoiFigures) -> str:
    if figures.extent_mm is None:
        return NOTHING
    return " x ".join(f"{mm:.1f}" for mm in figures.extent_mm) + " mm"
