"""Dialogs around signatures and delivery: who signs, whom to trust, where to send."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rtvis.gui.dialog_column import foot_row
from rtvis.gui.form_order import tab_through
from rtvis.gui.paths import ask_files, ask_folder, typed_path
from rtvis.gui.patient_text import text_in
from rtvis.gui.settings import settings
from rtvis.gui.window_place import within_screen

WIDTH = 520
CERTIFICATES = "Certificates (*.pem *.crt *.cer *.der);;All files (*)"
CERTIFICATE_HINT = "certificate.pem, or a folder of certificates"
RESULT_SIZE = QSize(860, 420)
"""Of what shows a line for each file."""

DIFFERENT = "The two passphrases differ"


class PathField(QWidget):
    """A path that can be typed or chosen; the last one used is remembered under a key.

    Args:
        title: of the dialog it is chosen in.
        key: what it is remembered under.
        pattern: of files, as Qt's file dialogs take them; a folder is chosen without.
    """

    def __init__(self, title: str, key: str, pattern: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._pattern = pattern
        self._key = f"folder/{key}"
        self.edit = QLineEdit(str(settings().value(self._key, "")))
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.edit, 1)
        layout.addWidget(browse)

    def _browse(self) -> None:
        paths = ask_files(self, self._title, self._pattern) if self._pattern else [ask_folder(self, self._title)]
        if paths and paths[0]:
            self.edit.setText(paths[0])

    @property
    def path(self) -> Path | None:
        """The folder or file, or None where none was given."""
        text = self.edit.text().strip()
        return typed_path(text) if text else None

    def remember(self) -> None:
        """Offer this path the next time."""
        settings().setValue(self._key, self.edit.text().strip())


class FormDialog(QDialog):
    """A question with a few fields; the button stays off until what is needed is there."""

    def __init__(self, title: str, words: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.form = QFormLayout()
        self.form.setSpacing(12)
        self.form.setFieldGrowthPolicy(QFormLayout.ExpandingFieldsGrow)
        self._needed: list[QLineEdit] = []
        self._pairs: list[tuple[QLineEdit, QLineEdit]] = []
        self.told = QLabel()
        self.told.setProperty("role", "small")
        label = QLabel(words)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.Cancel)
        self.accept_button = self.buttons.addButton(button, QDialogButtonBox.AcceptRole)
        self.accept_button.setDefault(True)
        self.buttons.button(QDialogButtonBox.Cancel).setAutoDefault(False)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(label)
        layout.addLayout(self.form)
        layout.addStretch(1)
        layout.addLayout(foot_row(self.told, self.buttons))

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes through the fields from the top and then to the buttons; what is typed first goes into the first."""
        order = tab_through(self.form, self.accept_button, self.buttons.button(QDialogButtonBox.Cancel))
        order[0].setFocus(Qt.OtherFocusReason)
        super().showEvent(event)

    def folder(self, label: str, key: str, *, needed: bool = True) -> PathField:
        """Add a folder field."""
        return self.file(label, key, "", needed=needed)

    def file(self, label: str, key: str, pattern: str, *, hint: str = "", needed: bool = True) -> PathField:
        """Add a field for a file of a pattern."""
        field = PathField(label, key, pattern)
        field.edit.setPlaceholderText(hint)
        self.form.addRow(label, field)
        if needed:
            self._need(field.edit)
        return field

    def secret_twice(self, label: str) -> QLineEdit:
        """Add a secret that is typed twice: nobody can look up one that was mistyped."""
        first = self.text(label, secret=True)
        second = self.text("Again", secret=True)
        self._pairs.append((first, second))
        self._check()
        return first

    def text(self, label: str, *, secret: bool = False, hint: str = "", needed: bool = True) -> QLineEdit:
        """Add a text field; a secret one shows dots and is never remembered."""
        edit = QLineEdit()
        edit.setPlaceholderText(hint)
        if secret:
            edit.setEchoMode(QLineEdit.Password)
        self.form.addRow(label, edit)
        if needed:
            self._need(edit)
        return edit

    def _need(self, edit: QLineEdit) -> None:
        self._needed.append(edit)
        edit.textChanged.connect(self._check)
        self._check()

    def _check(self) -> None:
        given = all(edit.text().strip() for edit in self._needed)
        same = all(first.text() == second.text() for first, second in self._pairs)
        self.accept_button.setEnabled(given and same)
        self.told.setText("" if same or not all(second.text() for _, second in self._pairs) else DIFFERENT)


@dataclass(frozen=True, slots=True)
class SignAnswer:
    """Who signs, and where the signed copies go."""

    identity: Path
    passphrase: str
    out: Path


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Where to, who sends, and whom to trust."""

    to: str
    identity: Path
    passphrase: str
    trust: Path


def ask_sign(parent: QWidget) -> SignAnswer | None:
    """Ask for identity, passphrase and folder; None when the person thought better of it."""
    dialog = FormDialog(
        "Sign",
        "Signed copies of all opened files, and of the structure set as saved, go to a folder of their own; the files "
        "stay as they are. Study > Create identity makes an identity.",
        "Sign",
        parent,
    )
    identity = dialog.folder("Identity", "identity")
    passphrase = dialog.text("Passphrase", secret=True)
    out = dialog.folder("Signed copies", "signed")
    try:
        if not dialog.exec_() or identity.path is None or out.path is None:
            return None
        identity.remember()
        out.remember()
        return SignAnswer(identity.path, passphrase.text(), out.path)
    finally:
        dialog.deleteLater()


def ask_verify(parent: QWidget) -> tuple[Path | None] | None:
    """Ask for the certificates of those who may have signed, which may be left out; None when cancelled."""
    dialog = FormDialog(
        "Verify signatures",
        "Checks the files that are open. Without certificates that you trust it is checked that nothing was changed, "
        "but not by whom it was signed.",
        "Verify",
        parent,
    )
    trust = dialog.file("Signers", "trust", CERTIFICATES, hint=CERTIFICATE_HINT, needed=False)
    try:
        if not dialog.exec_():
            return None
        trust.remember()
        return (trust.path,)
    finally:
        dialog.deleteLater()


def ask_send(parent: QWidget) -> SendAnswer | None:
    """Ask for the device, identity and trust; None when cancelled."""
    dialog = FormDialog(
        "Send to device",
        "Delivers the opened volumes with their saved structure sets. The device verifies them and answers with a "
        "receipt. It is known by its own certificate, and has to trust yours.",
        "Send",
        parent,
    )
    to = dialog.text("Device", hint="host:port")
    to.setText(str(settings().value("device", "")))
    identity = dialog.folder("Identity", "identity")
    passphrase = dialog.text("Passphrase", secret=True)
    trust = dialog.file("Its certificate", "device-certificate", CERTIFICATES, hint=CERTIFICATE_HINT)
    try:
        if not dialog.exec_() or identity.path is None or trust.path is None:
            return None
        identity.remember()
        trust.remember()
        settings().setValue("device", to.text().strip())
        return SendAnswer(to.text().strip(), identity.path, passphrase.text(), trust.path)
    finally:
        dialog.deleteLater()


def equal_lines_once(text: str) -> str:
    """A text in which lines that follow each other and are the same, as where names are hidden, are told once."""
    runs = [(line, sum(1 for _ in same)) for line, same in groupby(text.split("\n"))]
    return "\n".join(line if count == 1 else f"{line}  ({count} times)" for line, count in runs)


class ResultDialog(QDialog):
    """A result as text that can be read at leisure and copied."""

    def __init__(self, title: str, summary: str, lines: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(within_screen(RESULT_SIZE))
        heading = QLabel(summary)
        heading.setWordWrap(True)
        self.text = QPlainTextEdit(equal_lines_once(text_in(parent, lines)))
        self.text.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
