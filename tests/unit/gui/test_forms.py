"""Dialogs with fields begin at the first and go on from the top; messages are wide enough to be read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QFormLayout, QLabel, QLineEdit, QMessageBox

from rtvis.gui.gestures_dialog import GesturesDialog
from rtvis.gui.integrity_dialogs import DIFFERENT, FormDialog, ResultDialog
from rtvis.gui.messages import show_note
from rtvis.gui.paths import ask_files, ask_folder, ask_save, typed_path
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


@pytest.mark.parametrize("room", [(911, 512), (1366, 768), (3840, 2160)])
def test_dialogs_are_no_larger_than_the_screen(empty_window, monkeypatch, room):
    screen = SimpleNamespace(availableSize=lambda: QSize(*room))
    monkeypatch.setattr("rtvis.gui.window_place.QGuiApplication", SimpleNamespace(primaryScreen=lambda: screen))
    for make in (GesturesDialog, lambda window: ResultDialog("Signed", "2 files", "a\nb", window)):
        dialog = make(empty_window)
        dialog.show()
        settle()
        assert dialog.width() <= room[0]
        assert dialog.height() <= room[1]
        dialog.reject()
        dialog.deleteLater()
    settle()


def test_a_file_is_saved_where_the_dialog_says_and_its_folder_is_remembered(empty_window, tmp_path):
    def answer():
        dialog = QApplication.activeModalWidget()
        asked.append((dialog.acceptMode(), dialog.directory().absolutePath(), dialog.selectedFiles()))
        dialog.findChild(QLineEdit, "fileNameEdit").setText("other.dcm")
        dialog.accept()

    asked = []
    QTimer.singleShot(0, answer)
    path = ask_save(empty_window, "Save", str(tmp_path / "plan.dcm"), "DICOM (*.dcm)")
    assert asked == [(QFileDialog.AcceptSave, str(tmp_path), [str(tmp_path / "plan.dcm")])]
    assert path == str(tmp_path / "other.dcm")
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().reject())
    assert ask_files(empty_window, "Open") == []
    asked.clear()
    QTimer.singleShot(0, lambda: asked.append(QApplication.activeModalWidget().directory().absolutePath()))
    QTimer.singleShot(50, lambda: QApplication.activeModalWidget().reject())
    assert ask_folder(empty_window, "Open") == ""
    assert asked == [str(tmp_path)]
    settle()
    assert not empty_window.findChildren(QFileDialog)
