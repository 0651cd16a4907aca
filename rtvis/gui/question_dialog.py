"""One question in a dialog: a number, or one of a few choices; laid out as all dialogs are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QSpinBox, QWidget

from rtvis.gui.dialog_column import dialog_column

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH_PX = 320


class QuestionDialog(QDialog):
    """A label over one field, OK and Cancel.

    Args:
        parent: the window.
        title: of the dialog.
        words: the question.
        field: that is filled in.
    """

    def __init__(self, parent: QWidget, title: str, words: str, field: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowFlag(Qt.WindowContextHelpButtonHint, on=False)
        self.field = field
        label = QLabel(words)
        label.setWordWrap(True)
        label.setBuddy(field)
        field.setAccessibleName(words)
        self.buttons = QDialogButtonBox(QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        self.buttons.button(QDialogButtonBox.Ok).setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = dialog_column(self)
        for widget in (label, field, self.buttons):
            column.addWidget(widget)
        self.setMinimumWidth(WIDTH_PX)
        field.setFocus()


def asked_number(parent: QWidget, title: str, words: str, value: int, span: tuple[int, int]) -> int | None:
    """Ask for a whole number of a span, both ends included; None where it was given up."""
    box = QSpinBox()
    box.setRange(*span)
    box.setValue(value)
    box.selectAll()
    return box.value() if _is_answered(QuestionDialog(parent, title, words, box)) else None


def asked_choice(parent: QWidget, title: str, words: str, choices: Sequence[str], place: int = 0) -> int | None:
    """Ask for one of a few, by its place; None where it was given up."""
    box = QComboBox()
    box.addItems(list(choices))
    box.setCurrentIndex(place)
    return box.currentIndex() if _is_answered(QuestionDialog(parent, title, words, box)) else None


def _is_answered(dialog: QuestionDialog) -> bool:
    answered = dialog.exec_() == QDialog.Accepted
    dialog.deleteLater()
    return answered
