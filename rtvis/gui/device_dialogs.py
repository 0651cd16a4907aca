"""Dialogs around devices and identities: make one, trust a sender, receive, and what a device holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.held_deliveries import Delivery
from rtvis.gui.integrity_dialogs import RESULT_SIZE, FormDialog
from rtvis.gui.patient_text import patient_name
from rtvis.gui.settings import settings
from rtvis.gui.window_place import within_screen

DEVICE_KEY = "device-folder"
LISTEN_KEY = "listen"


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A key to make: for a person, or for a device."""

    name: str
    folder: Path
    passphrase: str


@dataclass(frozen=True, slots=True)
class ReceiveAnswer:
    """A device to serve."""

    folder: Path
    passphrase: str
    address: str


def ask_identity(parent: QWidget) -> NewIdentity | None:
    """Ask for whom an identity is; None when the person thought better of it."""
    return _ask_new(
        parent,
        "Create identity",
        "Makes a key and a certificate in a folder of their own. The passphrase protects the key and can't be "
        "recovered; the certificate is what others need to trust what you sign and send.",
        "identity",
    )


def ask_device(parent: QWidget) -> NewIdentity | None:
    """Ask for a device's name and folder; None when cancelled."""
    return _ask_new(
        parent,
        "Set up a device",
        "Makes a folder that receives volumes: the device's own identity, the senders it trusts, and its inbox.",
        DEVICE_KEY,
    )


def _ask_new(parent: QWidget, title: str, words: str, key: str) -> NewIdentity | None:
    dialog = FormDialog(title, words, "Create", parent)
    name = dialog.text("Name")
    folder = dialog.folder("New folder", key)
    passphrase = dialog.secret_twice("Passphrase")
    try:
        if not dialog.exec_() or folder.path is None:
            return None
        folder.remember()
        return NewIdentity(name.text().strip(), folder.path, passphrase.text())
    finally:
        dialog.deleteLater()


def ask_trust(parent: QWidget) -> tuple[Path, Path] | None:
    """Ask for (device folder, certificate file); None when cancelled."""
    dialog = FormDialog(
        "Trust a sender",
        "The device accepts deliveries from this sender from now on. Compare the fingerprint that follows with the "
        "one the sender reads to you.",
        "Trust",
        parent,
    )
    folder = dialog.folder("Device", DEVICE_KEY)
    certificate = dialog.file("Certificate", "certificate", "Certificates (*.pem *.crt *.cer *.der);;All files (*)")
    try:
        if not dialog.exec_() or folder.path is None or certificate.path is None:
            return None
        folder.remember()
        certificate.remember()
        return folder.path, certificate.path
    finally:
        dialog.deleteLater()


def ask_held(parent: QWidget) -> Path | None:
    """Ask which device; None when cancelled."""
    dialog = FormDialog("What a device holds", "Lists the volumes in a device's inbox.", "Show", parent)
    folder = dialog.folder("Device", DEVICE_KEY)
    try:
        if not dialog.exec_() or folder.path is None:
            return None
        folder.remember()
        return folder.path
    finally:
        dialog.deleteLater()


def ask_receive(parent: QWidget) -> ReceiveAnswer | None:
    """Ask which device is to receive, and where it listens; None when cancelled."""
    dialog = FormDialog(
        "Receive",
        "Starts the device as a program of its own. It receives until it is stopped or this window is closed. "
        "127.0.0.1 can be reached from this computer only; 0.0.0.0 from the whole network.",
        "Start",
        parent,
    )
    folder = dialog.folder("Device", DEVICE_KEY)
    passphrase = dialog.text("Passphrase", secret=True)
    address = dialog.text("Listen on", hint="host:port")
    address.setText(str(settings().value(LISTEN_KEY, "127.0.0.1:11190")))
    try:
        if not dialog.exec_() or folder.path is None:
            return None
        folder.remember()
        settings().setValue(LISTEN_KEY, address.text().strip())
        return ReceiveAnswer(folder.path, passphrase.text(), address.text().strip())
    finally:
        dialog.deleteLater()


class HeldDialog(QDialog):
    """A table of what a device holds; `opened` carries the folder of the delivery that was chosen.

    Args:
        folder: the device's.
        held: what it holds.
        parent: the window.
        patient_hidden: whether nothing is to tell who the patients are.
    """

    opened = Signal(str)
    HEADINGS = ("Received", "From", "Patient", "Series", "Images", "Structure sets", "Digest", "Series UID")

    def __init__(
        self, folder: Path, held: Sequence[Delivery], parent: QWidget | None = None, *, patient_hidden: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("What a device holds")
        self.resize(within_screen(RESULT_SIZE))
        self._volumes = [one.volume for one in held]
        count = len(self._volumes)
        heading = QLabel(f"{folder} holds {count} " + ("delivery" if count == 1 else "deliveries"))
        heading.setTextFormat(Qt.PlainText)
        heading.setWordWrap(True)
        self.table = QTableWidget(count, len(self.HEADINGS))
        self.table.setHorizontalHeaderLabels(self.HEADINGS)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setStyleSheet("QTableWidget::item { padding: 0 8px; }")
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        self.table.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setColumnHidden(self.HEADINGS.index("Patient"), patient_hidden)
        for row, delivery in enumerate(held):
            shown = delivery.without_patient() if patient_hidden else delivery
            one = shown.volume
            texts = (
                one.received_at,
                one.sender,
                "  ".join(filter(None, (patient_name(shown.patient), shown.patient.patient_id))),
                one.problem or f"{shown.modality}  {shown.description}".strip(),
                str(one.images),
                ", ".join(label or "no label" for label in shown.labels) or str(one.structure_sets),
                one.digest,
                one.volume_id,
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(str(one.path))
                self.table.setItem(row, column, item)
        buttons = QDialogButtonBox(QDialogButtonBox.Close)
        self.open_button = buttons.addButton("Open", QDialogButtonBox.AcceptRole)
        self.open_button.setEnabled(False)
        buttons.rejected.connect(self.reject)
        buttons.accepted.connect(self._open)
        self.table.itemSelectionChanged.connect(lambda: self.open_button.setEnabled(bool(self.table.selectedItems())))
        self.table.itemDoubleClicked.connect(lambda _item: self._open())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)

    def _open(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._volumes):
            self.opened.emit(str(self._volumes[row].path))
            self.accept()
