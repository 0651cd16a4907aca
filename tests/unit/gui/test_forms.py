"""Dialogs with fields begin at the first and go on from the top; messages are wide enough to be read."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QFormLayout, QLabel, QMessageBox

from rtvis.gui.integrity_dialogs import DIFFERENT, FormDialog
from rtvis.gui.messages import show_note
from rtvis.gui.paths import typed_path
from tests.unit.gui.conftest import settle


def test_the_first_field_has_the_focus_and_tab_goes_down_to_the_buttons(qapp, qtbot):
    dialog = FormDialog("Send", "Delivers what is open.", "Send")
    qtbot.addWidget(dialog)
    name = dialog.text("Name")
    folder = dialog.folder("Folder", "test/folder")
    secret = dialog.text("Passphrase", secret=True)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(name.hasFocus, timeout=5000)
    QTest.keyClicks(name, "ward")
    assert name.text() == "ward"
    seen = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen[0] is folder.edit
    assert folder.isAncestorOf(seen[1])
    assert seen[2] is secret
    assert seen[3] is dialog.buttons.button(QDialogButtonBox.Cancel)  # nothing can be sent yet
    QTest.keyClick(seen[3], Qt.Key_Escape)
    assert not dialog.isVisible()


def test_messages_are_wide_enough_for_a_sentence(empty_window):
    show_note(empty_window, "Done.", "Two volumes were delivered.")
    settle()
    box = empty_window.findChildren(QMessageBox)[-1]
    assert box.findChild(QLabel, "qt_msgbox_label").width() >= 320
    box.reject()
    settle()


def test_two_passphrases_that_differ_are_told_once_both_are_there(qapp, qtbot):
    dialog = FormDialog("New", "Makes one.", "Create")
    qtbot.addWidget(dialog)
    first = dialog.secret_twice("Passphrase")
    again = dialog.form.itemAt(1, QFormLayout.FieldRole).widget()
    dialog.show()
    QTest.keyClicks(first, "one")
    assert dialog.told.text() == ""
    QTest.keyClicks(again, "two")
    assert dialog.told.text() == DIFFERENT
    assert not dialog.accept_button.isEnabled()
    again.clear()
    QTest.keyClicks(again, "one")
    assert dialog.told.text() == ""
    assert dialog.accept_button.isEnabled()


@pytest.mark.parametrize(
    ("typed", "path"),
    [("~/keys", "{home}/keys"), ("~nobody-of-this-name/keys", "~nobody-of-this-name/keys"), (" /k ", "/k")],
)
def test_a_path_is_taken_as_it_is_typed(monkeypatch, tmp_path, typed, path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(typed_path(typed)) == path.format(home=tmp_path)
