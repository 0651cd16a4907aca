"""The field for a number with decimals: one way to write it in the whole window, two ways to type it.

Qt takes the decimal mark from the system's language, and leaves out what it doesn't take for one: where it is a comma,
a margin typed as 2.5 became 25 mm, and where it is a point, 2,5 did.
"""

from __future__ import annotations

import unicodedata

from qtpy.QtCore import QLocale
from qtpy.QtGui import QValidator
from qtpy.QtWidgets import QDoubleSpinBox, QWidget

MARKS = ",\N{ARABIC DECIMAL SEPARATOR}\N{FULLWIDTH COMMA}\N{FULLWIDTH FULL STOP}"
"""What keyboards have for a decimal mark, besides the point."""


def plain_numbers() -> QLocale:
    """Digits from 0 to 9 and a decimal point, as in every text of the window; thousands are not grouped."""
    locale = QLocale.c()
    locale.setNumberOptions(QLocale.OmitGroupSeparator | QLocale.RejectGroupSeparator)
    return locale


def with_point(text: str) -> str:
    """A text of the same length with points for all decimal marks and the digits 0 to 9 for those of other scripts."""
    return "".join("." if one in MARKS else _digit(one) for one in text)


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


class NumberBox(QDoubleSpinBox):
    """A number written with a point, and typed or pasted with a point or a comma, in any language of the system."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(plain_numbers())

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Qt asks with each key, and puts what comes back into the field."""
        state, taken, cursor = super().validate(with_point(text), place)
        return state, taken, cursor
