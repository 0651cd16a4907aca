"""Chooses how contours are drawn, seen in the views at once."""

from __future__ import annotations

from dataclasses import replace

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from rtvis.app.contour_style import DEFAULT_STYLE, THICKEST_PX, THINNEST_PX, ContourLook, ContourStyle
from rtvis.app.session import Session
from rtvis.gui.dialog_column import dialog_column

TITLES = {
    ContourLook.OUTLINE: "Outline",
    ContourLook.FILLED: "Filled",
    ContourLook.BOTH: "Outline and filled",
}
STEPS_A_PIXEL = 5


class ContourStyleDialog(QDialog):
    """Look, thickness and opacities; Cancel brings back what was."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Contour style")
        self._session = session
        self._before = session.contour_style
        self.looks = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for n, (look, title) in enumerate(TITLES.items()):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, look=look: self._set(look=look))
            self.looks.addButton(button, n)
            row.addWidget(button, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(10)
        self.thickness, self._width_text = self._slider(
            form, "Thickness", round(STEPS_A_PIXEL * THINNEST_PX), round(STEPS_A_PIXEL * THICKEST_PX)
        )
        self.lines, self._opacity_text = self._slider(form, "Line opacity", 10, 100)
        self.areas, self._fill_text = self._slider(form, "Fill opacity", 5, 100)
        self.thickness.valueChanged.connect(lambda value: self._set(width_px=value / STEPS_A_PIXEL))
        self.lines.valueChanged.connect(lambda value: self._set(opacity=value / 100))
        self.areas.valueChanged.connect(lambda value: self._set(fill_opacity=value / 100))
        buttons = QDialogButtonBox(QDialogButtonBox.RestoreDefaults | QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.RestoreDefaults).setText("As usual")
        buttons.button(QDialogButtonBox.RestoreDefaults).clicked.connect(self._restore)
        layout = dialog_column(self, gap_px=16)
        layout.addLayout(row)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(440)
        self._show()

    @staticmethod
    def _slider(form: QFormLayout, title: str, low: int, high: int) -> tuple[QSlider, QLabel]:
        slider = QSlider(Qt.Horizontal)
        slider.setRange(low, high)
        slider.setAccessibleName(title)
        text = QLabel()
        text.setMinimumWidth(52)
        text.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        row = QHBoxLayout()
        row.addWidget(slider, 1)
        row.addWidget(text)
        form.addRow(title, row)
        return slider, text

    def _set(self, **changes: float | ContourLook) -> None:
        self._session.set_contour_style(replace(self._session.contour_style, **changes))  # type: ignore[arg-type]  # by name
        self._show()

    def _restore(self) -> None:
        self._session.set_contour_style(DEFAULT_STYLE)
        self._show()

    def _show(self) -> None:
        style: ContourStyle = self._session.contour_style
        self.looks.button(list(TITLES).index(style.look)).setChecked(True)
        for slider, value in (
            (self.thickness, round(style.width_px * STEPS_A_PIXEL)),
            (self.lines, round(style.opacity * 100)),
            (self.areas, round(style.fill_opacity * 100)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(value)
        self._width_text.setText(f"{style.width_px:.1f} px")
        self._opacity_text.setText(f"{100 * style.opacity:.0f} %")
        self._fill_text.setText(f"{100 * style.fill_opacity:.0f} %")
        self.areas.setEnabled(style.has_areas)
        self._fill_text.setEnabled(style.has_areas)

    def reject(self) -> None:
        """Bring back what was."""
        self._session.set_contour_style(self._before)
        super().reject()
