"""The Levels panel: histogram with handles, numbers, presets, region, colours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QSignalBlocker, QSize, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.levels_presets import LONGEST_TITLE, OwnPreset
from rtvis.app.number_text import number_text
from rtvis.app.overlay_state import unit_text
from rtvis.app.session import Session
from rtvis.app.window_presets import Preset, presets_for
from rtvis.gui.color_map_choice import ColorMapChoice
from rtvis.gui.histogram_view import HistogramView
from rtvis.gui.icons import icon
from rtvis.gui.number_box import NumberBox
from rtvis.gui.scrolled import fill_scrolled
from rtvis.gui.value_box import value_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.levels import Histogram

MOST_VALUE = 1e15
"""Values of 32 bits with any slope; of larger ones a double has no decimals left."""

MOST_DECIMALS = 12


class LevelsPanel(QWidget):
    """Window and level of the session, in the units of the volume.

    `region_asked` tells that levels are to come from a region; `kept` carries the title to keep the levels under,
    `dropped` an `OwnPreset` to forget.
    """

    region_asked = Signal()
    kept = Signal(str)
    dropped = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._presets: list[tuple[QPushButton, Preset]] = []
        self._own: list[tuple[QPushButton, OwnPreset]] = []
        self.histogram = HistogramView()
        self.histogram.dragged.connect(session.set_bounds)
        self.log = QCheckBox("Log scale")
        self.log.setChecked(True)
        self.log.toggled.connect(lambda on: self.histogram.set_log(log=on))
        self.region = QPushButton("From region")
        self.region.setCheckable(True)
        self.region.setToolTip("Drag a rectangle in a view; its inside is shown best (Ctrl+L)")
        self.region.clicked.connect(self.region_asked)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("As the volume was first shown (Shift+W)")
        self.reset.clicked.connect(session.reset_window)
        self.numbers = {name: self._number(name) for name in ("Window", "Level", "Lower", "Upper")}
        self.colors = ColorMapChoice("Colour map")
        self.colors.picked.connect(session.set_color_map)
        self.inverse = QCheckBox("Inverse")
        self.inverse.toggled.connect(lambda on: session.set_color_map(session.color_map, inverse=on))
        self.name = QLineEdit()
        self.name.setPlaceholderText("Keep these levels as…")
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.returnPressed.connect(self._keep)
        self._lay_out()
        session.volume_changed.connect(self.volume_changed)
        session.window_changed.connect(self.refresh)
        session.color_map_changed.connect(self.refresh)
        self.volume_changed()

    def _number(self, name: str) -> NumberBox:
        box = value_box(name, MOST_VALUE)
        box.setStyleSheet("padding: 3px 8px;")
        box.valueChanged.connect(lambda _value: self._typed(name))
        return box

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.histogram)
        row = QHBoxLayout()
        row.addWidget(self.log)
        row.addStretch(1)
        row.addWidget(self.region)
        row.addWidget(self.reset)
        column.addLayout(row)
        grid = QGridLayout()
        grid.setSpacing(8)
        for n, (name, box) in enumerate(self.numbers.items()):
            label = QLabel(name)
            label.setProperty("role", "muted")
            grid.addWidget(label, n // 2, 2 * (n % 2))
            grid.addWidget(box, n // 2, 2 * (n % 2) + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        self._preset_grid = QGridLayout()
        self._preset_grid.setSpacing(4)
        column.addWidget(self._heading("PRESETS"))
        column.addLayout(self._preset_grid)
        self._own_column = QVBoxLayout()
        self._own_column.setSpacing(4)
        column.addLayout(self._own_column)
        column.addWidget(self.name)
        column.addWidget(self._heading("COLOURS"))
        row = QHBoxLayout()
        row.addWidget(self.colors, 1)
        row.addWidget(self.inverse)
        column.addLayout(row)
        column.addStretch(1)
        fill_scrolled(self, inside)

    @staticmethod
    def _heading(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("role", "heading")
        return label

    def release(self) -> None:
        """Stop listening to the session."""
        self._session.volume_changed.disconnect(self.volume_changed)
        self._session.window_changed.disconnect(self.refresh)
        self._session.color_map_changed.disconnect(self.refresh)

    # --- what is shown -------------------------------------------------------------------------------------------

    def volume_changed(self) -> None:
        """Another volume: its presets, and no histogram until it is counted."""
        volume = self._session.volume
        self.setEnabled(volume is not None)
        self.histogram.set_histogram(None)
        for button, _ in self._presets:
            button.deleteLater()
        presets = presets_for(volume.modality, volume.units) if volume is not None else ()
        self._presets = [(self._preset_button(n, preset), preset) for n, preset in enumerate(presets)]
        self.refresh()

    def _preset_button(self, n: int, preset: Preset) -> QPushButton:
        button = QPushButton(preset.title)
        button.setToolTip(f"{preset.title} ({n + 1})")
        button.setStyleSheet("padding: 4px 6px;")
        button.setMinimumWidth(40)
        button.clicked.connect(partial(self._apply, preset))
        self._preset_grid.addWidget(button, n // 2, n % 2)
        return button

    def _apply(self, preset: Preset) -> None:
        if self._session.volume is not None:
            self._session.set_window(*preset.window_of(self._session.volume))

    def set_own(self, presets: Sequence[OwnPreset]) -> None:
        """Show a person's own presets for the modality that is shown."""
        while self._own_column.count():
            row = self._own_column.takeAt(0).widget()
            row.hide()
            row.deleteLater()
        self._own = []
        for preset in presets:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(4)
            button = QPushButton(preset.title)
            button.setStyleSheet("padding: 4px 6px;")
            button.setToolTip(f"W {number_text(preset.width)}  L {number_text(preset.level)}")
            button.clicked.connect(partial(self._session.set_window, preset.width, preset.level))
            away = QToolButton()
            away.setIcon(icon("trash"))
            away.setIconSize(QSize(14, 14))
            away.setToolTip(f"Forget {preset.title}")
            away.setAccessibleName(f"Forget {preset.title}")
            away.clicked.connect(partial(self.dropped.emit, preset))
            line.addWidget(button, 1)
            line.addWidget(away)
            self._own_column.addWidget(row)
            self._own.append((button, preset))
        self.refresh()

    def set_histogram(self, histogram: Histogram | None) -> None:
        """Show what was counted."""
        self.histogram.set_histogram(histogram)

    def refresh(self) -> None:
        """Show window, level and colours as the session has them."""
        session = self._session
        width, level = session.window
        lower, upper = session.bounds
        self.histogram.set_bounds(lower, upper)
        self.histogram.set_colors(session.color_map.table(inverse=session.inverse))
        unit = unit_text(session.volume) if session.volume is not None else ""
        self.histogram.set_unit(unit)
        decimals = 0 if width >= 1000 else 1 if width >= 20 else _decimals(width)
        for (name, box), value in zip(self.numbers.items(), (width, level, lower, upper), strict=True):
            with QSignalBlocker(box):
                box.setDecimals(decimals)
                box.setSingleStep(max(width / 100, 10.0**-decimals))
                box.setMinimum(10.0**-decimals if name == "Window" else -MOST_VALUE)
                box.setValue(value)
                box.setToolTip(f"{name}{f', {unit}' if unit else ''}")
        with QSignalBlocker(self.inverse), QSignalBlocker(self.colors):
            self.inverse.setChecked(session.inverse)
            self.colors.show_map(session.color_map)

    def set_region_active(self, *, active: bool) -> None:
        """Whether a drag in a view chooses the region now."""
        self.region.setChecked(active)

    # --- what is typed -------------------------------------------------------------------------------------------

    def _typed(self, name: str) -> None:
        width, level, lower, upper = (box.value() for box in self.numbers.values())
        if name in {"Window", "Level"}:
            now = self._session.window
            self._session.set_window(*((width, now[1]) if name == "Window" else (now[0], level)))
        else:
            now = self._session.bounds
            self._session.set_bounds(*((lower, now[1]) if name == "Lower" else (now[0], upper)))
        self.refresh()

    def _keep(self) -> None:
        self.kept.emit(self.name.text())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: the bars are painted in its colours."""
        super().changeEvent(event)
        if event.type() in {QEvent.StyleChange, QEvent.PaletteChange}:
            self.histogram.update()


def _decimals(width: float) -> int:
    """So many that a narrow window is told to a thousandth of itself, and never fewer than three."""
    return int(np.clip(np.ceil(3 - np.log10(width)), 3, MOST_DECIMALS))
