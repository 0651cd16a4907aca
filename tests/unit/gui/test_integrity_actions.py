"""Digest, sign and verify from the menu, on real files, in the background."""

from __future__ import annotations

import pydicom
import pytest

from rtvis.gui.integrity_dialogs import FormDialog, ResultDialog, SignAnswer
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
