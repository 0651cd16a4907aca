"""Devices from the menu: set one up, trust a sender, receive in a process of its own, send over the loopback."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from qtpy.QtWidgets import QMessageBox

from rtvis.app.held_deliveries import Delivery
from rtvis.gui.device_dialogs import HeldDialog, NewIdentity, ReceiveAnswer
from rtvis.gui.integrity_dialogs import FormDialog, ResultDialog, SendAnswer, SignAnswer
from rtvis.model.volume import Patient
from rtvis.transfer.inbox import HeldVolume

SECRET = "a good passphrase"
WAIT_MS = 60_000


def result_of(window, qtbot):
    qtbot.waitUntil(lambda: bool(window.findChildren(ResultDialog)) and not window.tasks.running, timeout=WAIT_MS)
    [dialog] = window.findChildren(ResultDialog)
    text = dialog.text.toPlainText()
    dialog.reject()
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(ResultDialog))
    return text


def is_running(process_id):
    return Path(f"/proc/{process_id}").exists() and Path(f"/proc/{process_id}/stat").read_text().split()[2] != "Z"


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A folder that the first test fills: making keys takes a second each."""
    return tmp_path_factory.mktemp("people")


@pytest.fixture
def ready(empty_window, people, qtbot):
    """A device that trusts Ada, both made by the window's own actions."""
    actions = empty_window.devices
    if not (people / "ada").exists():
        actions.create_identity_as(NewIdentity("Ada", people / "ada", SECRET))
        assert "sha256:" in result_of(empty_window, qtbot)
        actions.set_up_as(NewIdentity("Linac", people / "linac", SECRET))
        assert "sha256:" in result_of(empty_window, qtbot)
        actions.trust_as(people / "linac", people / "ada" / "certificate.pem")
        assert "sha256:" in result_of(empty_window, qtbot)
    return empty_window


@pytest.fixture
def device(people, tmp_path):
    return shutil.copytree(people / "linac", tmp_path / "linac")


def receive(window, folder, qtbot):
    window.devices.receive_as(ReceiveAnswer(folder, SECRET, "127.0.0.1:0"))
    qtbot.waitUntil(lambda: window.status.receiving.text().startswith("Receiving on 127.0.0.1:"), timeout=WAIT_MS)
    return window.devices.server


def send(window, server, people, qtbot):
    window.integrity.send_as(
        SendAnswer(server.address, people / "ada", SECRET, server.folder / "certificate.pem"),
    )
    return result_of(window, qtbot)


@pytest.mark.parametrize("signed", [False, True])
def test_what_is_open_is_delivered_to_a_device_in_a_process_of_its_own(
    ready, people, tmp_path, small_study, qtbot, signed
):
    device = shutil.copytree(people / "linac", tmp_path / "linac")
    window, study = ready, small_study
    if signed:
        window.opening.open([str(study)])
        qtbot.waitUntil(lambda: window.has_study and not window.tasks.running, timeout=WAIT_MS)
        window.integrity.sign_as(SignAnswer(people / "ada", SECRET, tmp_path / "signed"))
        assert "NOT" not in result_of(window, qtbot)
        study = tmp_path / "signed"
    window.opening.open([str(study)])
    qtbot.waitUntil(lambda: window.opening.paths == [str(study)] and not window.tasks.running, timeout=WAIT_MS)
    server = receive(window, device, qtbot)
    assert server._process.processId() not in {0, os.getpid()}
    text = send(window, server, people, qtbot)
    assert text.startswith("accepted")
    assert window.session.volume.digest("md5") in text
    qtbot.waitUntil(lambda: window.status.receiving.text().endswith(", 1 held"), timeout=WAIT_MS)
    assert send(window, server, people, qtbot).startswith("already_there")

    window.devices.list_held(device)
    qtbot.waitUntil(lambda: bool(window.findChildren(HeldDialog)), timeout=WAIT_MS)
    [dialog] = window.findChildren(HeldDialog)
    assert dialog.table.rowCount() == 1
    texts = {name: dialog.table.item(0, column).text() for column, name in enumerate(dialog.HEADINGS)}
    volume, label = window.session.volume, window.session.structure_sets[0].label
    assert [texts[name] for name in ("From", "Images", "Structure sets")] == ["Ada", "10", label]
    assert texts["Series"] == f"CT  {volume.description}".strip()
    assert volume.patient.patient_id in texts["Patient"]
    opened = []
    window.devices.open_asked.disconnect()
    window.devices.open_asked.connect(opened.append)
    dialog.table.selectRow(0)
    dialog.open_button.click()
    assert len(list(Path(opened[0]).glob("*.dcm"))) == 11

    process_id = server._process.processId()
    window.devices.receive_or_stop()
    qtbot.waitUntil(lambda: window.devices.server is None, timeout=WAIT_MS)
    assert not is_running(process_id)
    assert not window.status.receiving.isVisible()


def test_a_device_that_cannot_be_served_is_told(ready, device, qtbot):
    told = []
    ready.devices.failed.disconnect()
    ready.devices.failed.connect(told.append)
    ready.devices.receive_as(ReceiveAnswer(device, "wrong", "127.0.0.1:0"))
    qtbot.waitUntil(lambda: bool(told) and ready.devices.server is None, timeout=WAIT_MS)
    assert "passphrase" in str(told[0])
    assert not ready.findChildren(QMessageBox)


def test_the_device_ends_with_the_window(ready, device, qtbot):
    server = receive(ready, device, qtbot)
    process_id = server._process.processId()
    assert is_running(process_id)
    ready.close()
    assert not is_running(process_id)


def test_a_passphrase_is_typed_twice(qapp, qtbot):
    dialog = FormDialog("Create identity", "Words", "Create")
    qtbot.addWidget(dialog)
    first = dialog.secret_twice("Passphrase")
    second = dialog._pairs[0][1]
    first.setText("one")
    second.setText("two")
    assert not dialog.accept_button.isEnabled()
    second.setText("one")
    assert dialog.accept_button.isEnabled()


@pytest.mark.parametrize("hidden", [False, True])
def test_what_a_device_holds_names_the_patient_unless_hidden(qapp, qtbot, tmp_path, hidden):
    held = HeldVolume("1.2.3", "1.2.3", "md5:0", "Ada", "2026-01-01", 10, tmp_path, structure_sets=1)
    one = Delivery(held, "CT", "Thorax Roe", Patient("J-4711", "Roe^Jane"), ("Plan of Roe",))
    dialog = HeldDialog(tmp_path, [one], patient_hidden=hidden)
    qtbot.addWidget(dialog)
    columns = [column for column in range(dialog.table.columnCount()) if not dialog.table.isColumnHidden(column)]
    seen = " | ".join(dialog.table.item(0, column).text() for column in columns)
    assert ("Roe" in seen) is not hidden
    assert ("J-4711" in seen) is not hidden
    assert "CT  Thorax" in seen
    assert "Plan of" in seen
