"""Digest, sign and verify from the menu, on real files, in the background."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.geometry.grid import Grid
from rtvis.gui import integrity_actions
from rtvis.gui.integrity_dialogs import (
    FormDialog,
    PathField,
    ResultDialog,
    SignAnswer,
    ask_send,
    ask_verify,
    equal_lines_once,
)
from rtvis.integrity.identity import create_identity


@pytest.fixture
def saved(own_window, tmp_path):
    """A window whose structure set was saved: the file is what is signed."""
    path = tmp_path / "study" / "RS.dcm"
    own_window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    assert own_window.edits.save_to(path)
    return own_window, path


def result_of(window, qtbot):
    qtbot.waitUntil(lambda: bool(window.findChildren(ResultDialog)) and not window.tasks.running, timeout=30_000)
    [dialog] = window.findChildren(ResultDialog)
    text = dialog.text.toPlainText()
    dialog.reject()
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(ResultDialog))
    return text


def test_digests_of_what_is_open_are_listed(saved, qtbot):
    window, path = saved
    window.integrity.digest()
    text = result_of(window, qtbot)
    assert text.startswith("md5:")
    assert str(path) in text


def test_sign_and_verify_and_a_changed_byte_is_found(saved, tmp_path, qtbot):
    window, path = saved
    identity = tmp_path / "ada"
    create_identity("Ada", identity, "a good passphrase")
    window.integrity.sign_as(SignAnswer(identity, "a good passphrase", tmp_path / "signed"))
    assert result_of(window, qtbot).startswith("signed")
    signed = tmp_path / "signed" / path.name
    assert "DigitalSignaturesSequence" in pydicom.dcmread(signed)
    assert "DigitalSignaturesSequence" not in pydicom.dcmread(path)

    window.opening.paths = [str(signed)]
    window.edits.forget()
    window.integrity.verify_with(identity)
    assert result_of(window, qtbot).startswith("valid")
    assert window.status.integrity.text() == "✔ signatures valid"

    content = signed.read_bytes()
    signed.write_bytes(content.replace(b"CLOSED_PLANAR ", b"CLOSED_PLANAX ", 1))
    window.integrity.verify_with(identity)
    assert result_of(window, qtbot).startswith("invalid")
    assert window.status.integrity.text() == "▲ 1 invalid"


def test_a_wrong_passphrase_is_told_and_nothing_is_written(saved, tmp_path, qtbot):
    window, _ = saved
    told = []
    window.tasks.failed.disconnect()
    window.tasks.failed.connect(told.append)
    identity = tmp_path / "ada"
    create_identity("Ada", identity, "a good passphrase")
    window.integrity.sign_as(SignAnswer(identity, "wrong", tmp_path / "signed"))
    qtbot.waitUntil(lambda: bool(told) and not window.tasks.running, timeout=30_000)
    assert "passphrase" in str(told[0])
    assert not (tmp_path / "signed").exists()


def test_a_dialog_waits_for_what_it_needs(qapp, qtbot):
    dialog = FormDialog("Send", "Words", "Send")
    qtbot.addWidget(dialog)
    field = dialog.text("Device")
    assert not dialog.accept_button.isEnabled()
    field.setText("host:1")
    assert dialog.accept_button.isEnabled()


def test_what_is_left_of_a_series_shows_no_digest_in_the_status_bar(own_window, tmp_path, qtbot):
    """One of a part could be taken for one of the whole."""
    folder = tmp_path / "ct"
    grid = Grid.from_slices(np.outer(np.arange(4.0), [0, 0, 3]), [1, 0, 0, 0, 1, 0], [1.0, 1.0], (16, 16))
    write_series(np.arange(4 * 16 * 16, dtype=np.int16).reshape(grid.shape), grid, folder, SeriesAttributes())
    digest = own_window.status.integrity
    own_window.opening.open([str(folder)])
    qtbot.waitUntil(lambda: digest.text().startswith("md5:"), timeout=30_000)
    whole, damaged = digest.text(), sorted(folder.iterdir())[2]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    own_window.opening.open([str(folder)])
    qtbot.waitUntil(lambda: digest.text() == "no digest", timeout=30_000)
    assert damaged.name in digest.toolTip()
    own_window.session.hide_patient(hidden=True)
    assert damaged.name not in digest.toolTip()
    own_window.session.hide_patient(hidden=False)
    assert damaged.name in digest.toolTip()
    assert not whole.startswith("no")


@pytest.mark.parametrize(("entry", "asker"), [("Sign", "ask_sign"), ("Send to device", "ask_send")])
def test_what_is_unsaved_is_saved_before_it_is_signed_or_sent(saved, monkeypatch, entry, asker):
    window, path = saved
    asked = []
    monkeypatch.setattr(integrity_actions, asker, lambda _window: asked.append(path.stat().st_size))
    before = path.stat().st_size
    window.session.add_contour([[0, 0, -20], [10, 0, -20], [5, 8, -20]], closed=True)
    monkeypatch.setattr(window.edits, "save", lambda _title: False)
    window.menus.actions[entry].trigger()
    assert not asked
    monkeypatch.undo()
    monkeypatch.setattr(integrity_actions, asker, lambda _window: asked.append(path.stat().st_size))
    window.menus.actions[entry].trigger()
    assert not window.session.unsaved
    assert [one > before for one in asked] == [True]


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ("Sign", "Save the structure set before signing"),
        ("Send to device", "Save the structure set before sending"),
        ("Sign history", "Save the structure set with its history before signing that"),
        ("Repair references", "Save the structure set before repairing its references"),
        ("Save structure set", "Save structure set"),
        ("Save structure set as", "Save structure set"),
    ],
)
def test_where_saving_comes_first_it_is_said_what_for(own_window, monkeypatch, entry, title):
    titles = []
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *words: titles.append(words[1]) or "")
    own_window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    own_window.menus.actions[entry].trigger()
    assert titles == [title]


def test_who_signed_is_not_taken_for_the_device_that_is_sent_to(own_window, monkeypatch):
    def verified(dialog):
        dialog.findChildren(PathField)[-1].edit.setText("/ada/certificate.pem")
        return True

    monkeypatch.setattr(FormDialog, "exec_", verified)
    assert ask_verify(own_window) == (Path("/ada/certificate.pem"),)
    asked = []

    def sent(dialog):
        asked.extend(field.edit.text() for field in dialog.findChildren(PathField))
        return False

    monkeypatch.setattr(FormDialog, "exec_", sent)
    assert ask_send(own_window) is None
    assert len(asked) == 2
    assert "/ada/certificate.pem" not in asked


def test_lines_that_are_the_same_once_names_are_hidden_are_told_once():
    text = "signed  file hidden\nsigned  file hidden\nNOT signed  file hidden: cut off\nsigned  file hidden"
    told = "signed  file hidden  (2 times)\nNOT signed  file hidden: cut off\nsigned  file hidden"
    assert equal_lines_once(text) == told
