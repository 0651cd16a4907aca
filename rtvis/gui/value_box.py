"""A box for a value in the units of a volume."""

from __future__ import annotations

from qtpy.QtCore import Qt

from rtvis.gui.number_box import NumberBox

WIDTH_PX = 64


def value_box(name: str, most: float) -> NumberBox:
    """A box for a number up to `most`, or that far below zero; `name` is what screen readers say."""
    box = NumberBox()
    box.setRange(-most, most)
    box.setKeyboardTracking(False)  # a number counts once it is typed to its end
    box.setAccessibleName(name)
    box.setButtonSymbols(NumberBox.NoButtons)
    box.setAlignment(Qt.AlignRight)
    box.setMinimumWidth(WIDTH_PX)
    return box
