"""Questions and messages: what is wrong, and what to do."""

from __future__ import annotations

from qtpy.QtWidgets import QMessageBox, QWidget

from rtvis.gui.background import explain


def show_error(parent: QWidget, error: BaseException) -> None:
    """Show an error without stopping the program; the window stays usable behind it."""
    what, remedy = explain(error)
    box = QMessageBox(QMessageBox.Warning, "rtvis", what, QMessageBox.Ok, parent)
    if remedy:
        box.setInformativeText(f"{remedy[:1].upper()}{remedy[1:]}.")
    box.open()


def show_note(parent: QWidget, title: str, text: str, details: str = "") -> None:
    """Tell a result."""
    box = QMessageBox(QMessageBox.Information, "rtvis", title, QMessageBox.Ok, parent)
    box.setInformativeText(text)
    if details:
        box.setDetailedText(details)
    box.open()


def ask_unsaved(parent: QWidget) -> str:
    """What to do with unsaved contours: ``save``, ``discard`` or ``cancel``."""
    box = QMessageBox(QMessageBox.Question, "rtvis", "There are contours that no file holds yet.", parent=parent)
    box.setInformativeText("Save them before going on?")
    save = box.addButton("Save…", QMessageBox.AcceptRole)
    discard = box.addButton("Don't save", QMessageBox.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec_()
    clicked = box.clickedButton()
    box.deleteLater()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"
