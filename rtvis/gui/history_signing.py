"""Signing the history of edits that is saved beside a structure set, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.app.patient_hiding import without_patient_words
from rtvis.app.saving import history_path
from rtvis.gui.integrity_dialogs import FormDialog
from rtvis.gui.paths import typed_path
from rtvis.gui.patient_text import file_text
from rtvis.gui.settings import settings
from rtvis.integrity.identity import load_identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from rtvis.app.history_report import HistoryFile
    from rtvis.gui.background import Task
    from rtvis.gui.main_window import MainWindow
    from rtvis.model.progress import Report

Look = tuple[tuple[int, int] | None, ...]
"""Length and time of the history, its signature and the set: what is checked again once these change."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What is told of a history file: a sign and words, more words for the tool tip, and the name of a colour."""

    text: str
    details: str
    color: str


@dataclass(frozen=True, slots=True)
class HistorySignAnswer:
    """Who signs."""

    identity: Path
    passphrase: str


def ask_sign_history(parent: QWidget) -> HistorySignAnswer | None:
    """Ask for identity and passphrase; None when the person thought better of it."""
    words = "Writes a signature beside the history: who vouches for it as it is now. Later edits need another one."
    dialog = FormDialog("Sign history", words, "Sign", parent)
    identity = dialog.folder("Identity", "identity")
    passphrase = dialog.text("Passphrase", secret=True)
    try:
        if not dialog.exec_() or identity.path is None:
            return None
        identity.remember()
        return HistorySignAnswer(identity.path, passphrase.text())
    finally:
        dialog.deleteLater()


class HistorySigning(QObject):
    """Signs the history of the active set, and tells what is known of it: `told` carries a `Badge`, or None."""

    told = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._looked: tuple[Path, Look] | None = None
        self._task: Task | None = None
        self._found: HistoryFile | None = None
        window.session.structure_set_changed.connect(self._set_changed)
        window.session.texts_changed.connect(self.tell_again)
        window.edits.saved.connect(self._set_changed)
        window.tasks.ended.connect(self._ended)

    def release(self) -> None:
        """Stop listening to the session."""
        self._window.session.structure_set_changed.disconnect(self._set_changed)
        self._window.session.texts_changed.disconnect(self.tell_again)
        self._window.tasks.ended.disconnect(self._ended)

    @property
    def path(self) -> Path | None:
        """The history beside the active set's file; None where the set has no file. It need not be there."""
        current = self._window.session.structure_set
        place = None if current is None else self._window.edits.path_of(current)
        return None if place is None else history_path(place)

    def sign(self) -> None:
        """Save set and history first where edits aren't in it, then ask who signs."""
        path = self.path
        if (self._window.session.unsaved or path is None or not path.exists()) and (
            not self._window.edits.save_with_history("Save the structure set with its history before signing that")
        ):
            return
        path = self.path
        if path is None or not path.exists():
            self._window.say("Nothing was edited, so there is no history to sign")
            return
        answer = ask_sign_history(self._window)
        if answer is not None:
            self.sign_as(answer)

    def sign_as(self, answer: HistorySignAnswer) -> None:
        """Sign the history of the active set; a signature of before is replaced."""
        path = self.path
        if path is None:
            return

        def work(report: Report) -> str:
            from rtvis.app.history_report import sign_history  # noqa: PLC0415  (loads in the thread)

            identity = load_identity(answer.identity, answer.passphrase)
            sign_history(path, identity, overwrite=True, report=report)
            return identity.name

        self._window.tasks.start("Signing history", work, self._signed, lasting=True)

    def _signed(self, name: str) -> None:
        self._window.say(f"History signed as {name}")
        self.look()

    # --- what is known of it ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """Check the history where it isn't known yet, or its file has changed since."""
        path = self.path
        if path is None or not path.exists():
            self._looked = None
            self._tell(None)
            return
        if self._looked is not None and self._looked[0] != path:
            self._tell(None)  # what is known is of another file
        now = (path, _look(path))
        if now == self._looked or self._task is not None:
            return
        self._looked = now
        trusted = str(settings().value("folder/trust", "")).strip()

        def work(report: Report) -> tuple[Path, HistoryFile | None]:
            from rtvis.app.history_report import histories_beside  # noqa: PLC0415  (loads in the thread)

            report(0, 1)
            try:
                trust = TrustStore.load(typed_path(trusted)) if trusted else None
            except RtvisError:  # a folder that was chosen once and isn't there now: then nobody is trusted
                trust = None
            return path, next(iter(histories_beside([path.with_suffix("")], trust)), None)

        self._task = self._window.tasks.start("Checking history", work, self._checked)

    def _checked(self, result: tuple[Path, HistoryFile | None]) -> None:
        path, found = result
        if path == self.path:
            self._tell(found)

    def _ended(self) -> None:
        if self._task is not None and self._task not in self._window.tasks.running:
            self._task = None
            self._set_changed()  # another file may be wanted by now

    def _set_changed(self) -> None:
        if self._found is not None or self._is_looked_at:
            self.look()

    @property
    def _is_looked_at(self) -> bool:
        return bool(self._window.docks["history"].widget().isVisible())

    def tell_again(self) -> None:
        """The colours are others, or the patient is hidden."""
        session, found = self._window.session, self._found
        badge = None if found is None else badge_of(found, file_text(session, found.path))
        self.told.emit(badge and replace(badge, details=without_patient_words(session, badge.details)))

    def _tell(self, found: HistoryFile | None) -> None:
        if found != self._found:
            self._found = found
            self.tell_again()


def badge_of(found: HistoryFile, name: str) -> Badge:
    """What is told of a history that was checked, and its file called by a name."""
    details = f"{name}: {found.records} records, last seal {found.seal}"
    signature = found.signature
    if found.status == "broken":
        return Badge("▲ The saved history doesn't hold", f"{details}\n{found.reason}", "warn")
    if signature.status == "unsigned":
        return Badge("○ Saved, not signed", details, "muted")
    words = f"Saved, signed by {' '.join(signature.signer.split())}"
    when = "" if signature.signed_at is None else f"{signature.signed_at.astimezone():%d %b %Y, %H:%M}"
    if signature.status == "valid":
        return Badge(f"✔ {words}\n{when}", details, "strong")
    return Badge(f"◌ {words}\n{when}; not known to be trusted", f"{details}\n{signature.reason}", "muted")


def _look(path: Path) -> Look:
    from rtvis.integrity.detached_signature import signature_path  # noqa: PLC0415  (cryptography)

    return tuple(_state(one) for one in (path, signature_path(path), path.with_suffix("")))


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
