"""Turns the oblique plane by angles."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QSlider, QWidget

from rtvis.app.oblique import Oblique
from rtvis.app.session import Session
from rtvis.gui.dialog_column import dialog_column
from rtvis.gui.number_box import NumberBox

WORDS = "Angles turn the axial plane: first about the patient's left-right axis, then about the view's vertical one."


class ObliqueDialog(QDialog):
    """Two angles in degrees, first those of the plane as it is; the view follows at once, Cancel turns it back."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Oblique plane")
        self._session = session
        self._before = session.oblique
        words = QLabel(WORDS)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        form = QFormLayout()
        self.angles: list[NumberBox] = []
        for label, degrees in zip(("About left-right", "About vertical"), session.oblique.angles_deg, strict=True):
            self.angles.append(self._angle(form, label, degrees))
        for box in self.angles:  # only now: that the plane is told of must not turn it
            box.valueChanged.connect(self._turn)
        buttons = QDialogButtonBox(QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = dialog_column(self)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)

    def _angle(self, form: QFormLayout, label: str, degrees: float) -> NumberBox:
        box = NumberBox()
        box.setRange(-90.0, 90.0)
        box.setDecimals(1)
        box.setSingleStep(1.0)
        box.setSuffix("°")
        slider = QSlider(Qt.Horizontal)
        slider.setRange(-90, 90)
        slider.valueChanged.connect(lambda value: value == round(box.value()) or box.setValue(value))
        box.valueChanged.connect(lambda value: slider.setValue(round(value)))
        box.setValue(degrees)
        form.addRow(label, box)
        form.addRow("", slider)
        return box

    def _turn(self) -> None:
        self._session.turn_oblique(Oblique.by_angles(*(box.value() for box in self.angles)))

    def reject(self) -> None:
        """Turn it back."""
        self._session.turn_oblique(self._before)
        super().reject()
