"""Questions and messages: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QGridLayout, QMessageBox, QSpacerItem, QWidget

from rtvis.gui.background import explain
from rtvis.gui.icons import icon
from rtvis.gui.patient_text import text_in
from rtvis.gui.theme import EDGE_PX

ICON_SIZE = 32
LEAST_WIDTH = 380


def _box(parent: QWidget, icon_name: str, text: str, informative: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle("rtvis")
    box.setIconPixmap(icon(icon_name).pixmap(ICON_SIZE, ICON_SIZE))
    # Messages carry file names and what files say: text, never markup.
    box.setTextFormat(Qt.PlainText)
    box.setText(text_in(parent, text))
    box.setInformativeText(text_in(parent, informative))
    _hold_wide(box)
    return box


def _hold_wide(box: QMessageBox) -> None:
    """Keep a box with few words from being narrow.

    Its layout is held open: a label that is told how wide to be at least no longer asks for what its text needs, and
    then the box cuts it off.
    """
    layout = box.layout()
    if isinstance(layout, QGridLayout):
        layout.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        layout.addItem(QSpacerItem(LEAST_WIDTH, 0), layout.rowCount(), 0, 1, layout.columnCount())


def _show(box: QMessageBox) -> None:
    box.setAttribute(Qt.WA_DeleteOnClose)
    box.open()


def show_error(parent: QWidget, error: BaseException) -> None:
    """Show an error without stopping the program; nothing waits for the answer."""
    what, remedy = explain(error)
    _show(_box(parent, "warn", what, f"{remedy[:1].upper()}{remedy[1:]}." if remedy else ""))


def is_shown(parent: QWidget, error: BaseException) -> bool:
    """Whether an error of the same words is on the screen, and nobody has closed it yet."""
    what = text_in(parent, explain(error)[0])
    return any(box.isVisible() and box.text() == what for box in parent.findChildren(QMessageBox))


def show_note(parent: QWidget, title: str, text: str) -> None:
    """Tell a result."""
    _show(_box(parent, "info", title, text))


def confirm(parent: QWidget, text: str, informative: str, yes: str) -> bool:
    """Whether a person means it; Cancel is what Enter and Esc press."""
    box = _box(parent, "warn", text, informative)
    agreed = box.addButton(yes, QMessageBox.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec_()
    clicked = box.clickedButton()
    box.deleteLater()
    return clicked is agreed


def ask(parent: QWidget, text: str, informative: str, answers: tuple[str, str], agreed: Callable[[], object]) -> None:
    """Ask without waiting: `agreed` is called when the first of two answers is given; Esc and Enter give the second."""
    yes, no = answers
    box = _box(parent, "info", text, informative)
    accept = box.addButton(yes, QMessageBox.AcceptRole)
    refuse = box.addButton(no, QMessageBox.RejectRole)
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    # Once this box is gone: what follows may ask again.
    box.buttonClicked.connect(lambda button: QTimer.singleShot(0, agreed) if button is accept else None)
    _show(box)


def ask_unsaved(parent: QWidget, *, may_keep: bool = False) -> str:
    """What to do with unsaved contours: ``save``, ``discard``, ``keep`` or ``cancel``.

    Args:
        parent: the window.
        may_keep: whether they are in a journal, from which the next start offers them.
    """
    question = "Save them before going on?"
    if may_keep:
        question += " Kept for later, they are offered when rtvis starts the next time."
    box = _box(parent, "warn", "There are contours that no file holds yet.", question)
    save = box.addButton("Save…", QMessageBox.AcceptRole)
    keep = box.addButton("Keep for later", QMessageBox.AcceptRole) if may_keep else None
    discard = box.addButton("Don't save", QMessageBox.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec_()
    clicked = box.clickedButton()
    box.deleteLater()
    if keep is not None and clicked is keep:
        return "keep"
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"
