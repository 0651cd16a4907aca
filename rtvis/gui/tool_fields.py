"""Small fields for one option each: a choice of words, a tick, a number. They show a value and tell when it changes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from rtvis.gui.number_box import NumberBox

SLIDER_PX = 96
SLIDER_STEPS = 200


class Field(QWidget):
    """A field with a name before it; `changed` carries the value that a person chose.

    Args:
        title: the name; empty where the field speaks for itself.
        tip: what the option does.
    """

    changed = Signal(object)

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.setToolTip(tip)
        if title:
            label = QLabel(title)
            label.setProperty("role", "muted")
            self.row.addWidget(label)

    @abstractmethod
    def show_value(self, value: Any) -> None:
        """Show a value, without telling of a change."""


class ChoiceField(Field):
    """Two or three words in a row, one of them chosen.

    Args:
        title: see `Field`.
        tip: see `Field`.
        choices: (value, word) of each.
    """

    def __init__(self, title: str, tip: str, choices: Sequence[tuple[Any, str]]) -> None:
        super().__init__(title, tip)
        box = QWidget()
        box.setProperty("segments", True)
        box.setAttribute(Qt.WA_StyledBackground)
        box.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
        inside = QHBoxLayout(box)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        self._group = QButtonGroup(self)
        self._values = [value for value, _ in choices]
        for number, (_, word) in enumerate(choices):
            button = QToolButton()
            button.setText(word)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.TabFocus)  # a click leaves the keys with the views
            button.setProperty("segment", True)
            button.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)  # half a word is worse than a hint cut short
            self._group.addButton(button, number)
            inside.addWidget(button)
        self._group.buttonClicked.connect(lambda button: self.changed.emit(self._values[self._group.id(button)]))
        self.row.addWidget(box)

    def show_value(self, value: Any) -> None:
        """Show which is chosen."""
        self._group.button(self._values.index(value)).setChecked(True)

    def button(self, value: Any) -> QToolButton:
        """The button of a value."""
        found: QToolButton = self._group.button(self._values.index(value))
        return found


class TickField(Field):
    """Yes or no."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__("", tip)
        self.box = QCheckBox(title)
        self.box.setFocusPolicy(Qt.TabFocus)
        self.box.toggled.connect(self.changed.emit)
        self.row.addWidget(self.box)

    def show_value(self, value: Any) -> None:
        """Show whether it is ticked."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


class NumberField(Field):
    """A number with its unit; with a slider where a hand finds it sooner than the keys do.

    Args:
        title: see `Field`.
        tip: see `Field`.
        low: least value.
        high: largest one.
        unit: behind the number.
        decimals: digits after the point.
        step: of the arrows.
        slider: whether there is one; it goes by equal factors where `low` is above 0, otherwise by equal steps.
        none: word for the least value, such as ``off``.
    """

    def __init__(
        self,
        title: str,
        tip: str,
        *,
        low: float,
        high: float,
        unit: str = "",
        decimals: int = 1,
        step: float = 0.5,
        slider: bool = False,
        none: str = "",
    ) -> None:
        super().__init__(title, tip)
        self._low, self._high = low, high
        self.slider = QSlider(Qt.Horizontal) if slider else None
        if self.slider is not None:
            self.slider.setFocusPolicy(Qt.TabFocus)
            self.slider.setRange(0, SLIDER_STEPS)
            self.slider.setFixedWidth(SLIDER_PX)
            self.slider.valueChanged.connect(self._slid)
            self.row.addWidget(self.slider)
        self.box = NumberBox()
        self.box.setFocusPolicy(Qt.StrongFocus)
        self.box.setKeyboardTracking(False)
        self.box.setDecimals(decimals)
        self.box.setRange(low, high)
        self.box.setSingleStep(step)
        self.box.setSuffix(f" {unit}" if unit else "")
        self.box.setSpecialValueText(none)
        self.box.setAlignment(Qt.AlignRight)
        self.box.valueChanged.connect(self._typed)
        self.row.addWidget(self.box)

    def show_value(self, value: Any) -> None:
        """Show a number."""
        with QSignalBlocker(self.box):
            self.box.setValue(float(value))
        self._show_slider(float(value))

    def _typed(self, value: float) -> None:
        self._show_slider(value)
        self.changed.emit(value)

    def _slid(self, place: int) -> None:
        share = place / SLIDER_STEPS
        low, high = self._low, self._high
        value = low * (high / low) ** share if low > 0 else low + share * (high - low)
        self.box.setValue(value)

    def _show_slider(self, value: float) -> None:
        if self.slider is None:
            return
        low, high = self._low, self._high
        share = np.log(value / low) / np.log(high / low) if low > 0 else (value - low) / (high - low)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(float(share) * SLIDER_STEPS))
