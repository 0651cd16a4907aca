"""Set up devices and identities, trust senders, receive, and look into an inbox; in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.app.held_deliveries import Delivery, describe_deliveries
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.device_dialogs import (
    HeldDialog,
    NewIdentity,
    ReceiveAnswer,
    ask_device,
    ask_held,
    ask_identity,
    ask_receive,
    ask_trust,
)
from rtvis.gui.device_server import DeviceServer
from rtvis.gui.integrity_dialogs import ResultDialog

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.integrity.identity import Identity
    from rtvis.model.progress import Report
    from rtvis.transfer.device_folder import TrustedSender
    from rtvis.transfer.inbox import HeldVolume


class DeviceActions(QObject):
    """`receiving` carries a line for the status bar (empty when nothing is served), `said` a passing one.

    `failed` carries an exception, `open_asked` a folder that is to be opened.
    """

    receiving = Signal(str)
    said = Signal(str)
    failed = Signal(object)
    open_asked = Signal(str)

    def __init__(self, session: Session, tasks: BackgroundTasks, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._tasks = tasks
        self._window = window
        self._held = -1
        self.server: DeviceServer | None = None

    def release(self) -> None:
        """Stop what is being served; nothing is left behind."""
        if self.server is not None:
            self.server.stop_now()
            self.server = None

    # --- identities and trust ------------------------------------------------------------------------------------

    def create_identity(self) -> None:
        """Ask for whom, then make a key and certificate."""
        answer = ask_identity(self._window)
        if answer is not None:
            self.create_identity_as(answer)

    def create_identity_as(self, answer: NewIdentity) -> None:
        """Make a key and certificate."""

        def work(_report: Report) -> Identity:
            from rtvis.integrity.identity import create_identity  # noqa: PLC0415  (cryptography loads when needed)

            return create_identity(answer.name, answer.folder, answer.passphrase)

        def done(made: Identity) -> None:
            self._show_identity("Identity", answer.folder, made)

        self._tasks.start("Creating identity", work, done, lasting=True)

    def set_up(self) -> None:
        """Ask for name and folder, then make a device."""
        answer = ask_device(self._window)
        if answer is not None:
            self.set_up_as(answer)

    def set_up_as(self, answer: NewIdentity) -> None:
        """Make a device's folder."""

        def work(_report: Report) -> Identity:
            from rtvis.transfer.device_folder import init_device  # noqa: PLC0415  (loads in the thread)

            return init_device(answer.folder, answer.name, answer.passphrase)

        def done(made: Identity) -> None:
            self._show_identity("Device", answer.folder, made)

        self._tasks.start("Setting up the device", work, done, lasting=True)

    def _show_identity(self, title: str, folder: Path, made: Identity) -> None:
        summary = "Give the certificate to those who are to trust it, and read them the fingerprint."
        self._result(title, summary, [f"certificate  {folder / 'certificate.pem'}", f"fingerprint  {made.fingerprint}"])

    def trust(self) -> None:
        """Ask for a device and a certificate, then let the device accept that sender."""
        answer = ask_trust(self._window)
        if answer is not None:
            self.trust_as(*answer)

    def trust_as(self, folder: Path, certificate: Path) -> None:
        """Let a device accept a sender."""

        def work(_report: Report) -> TrustedSender:
            from rtvis.transfer.device_folder import trust_sender  # noqa: PLC0415  (loads in the thread)

            return trust_sender(folder, certificate)

        self._tasks.start("Trusting a sender", work, self._show_trusted, lasting=True)

    def _show_trusted(self, sender: TrustedSender) -> None:
        summary = f"{sender.name} is trusted. Compare the fingerprint with what the sender reads to you."
        self._result("Trusted", summary, [f"fingerprint  {sender.fingerprint}", f"kept as  {sender.path}"])

    # --- the inbox -----------------------------------------------------------------------------------------------

    def show_held(self) -> None:
        """Ask for a device, then list what it holds."""
        folder = ask_held(self._window)
        if folder is not None:
            self.list_held(folder)

    def list_held(self, folder: Path) -> None:
        """List what a device holds; a chosen delivery can be opened."""

        def work(report: Report) -> list[Delivery]:
            from rtvis.transfer.device_folder import list_volumes  # noqa: PLC0415  (loads in the thread)

            return describe_deliveries(list_volumes(folder), report)

        self._tasks.start("Reading the inbox", work, lambda held: self._show_held(folder, held))

    def _show_held(self, folder: Path, held: list[Delivery]) -> None:
        dialog = HeldDialog(folder, held, self._window, patient_hidden=self._session.patient_hidden)
        dialog.opened.connect(self.open_asked)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- receiving -----------------------------------------------------------------------------------------------

    def receive_or_stop(self) -> None:
        """Start receiving, after asking which device; stop when one is being served."""
        if self.server is not None:
            self.stop_receiving()
            return
        answer = ask_receive(self._window)
        if answer is not None:
            self.receive_as(answer)

    def receive_as(self, answer: ReceiveAnswer) -> None:
        """Serve a device folder in a process of its own."""
        server = DeviceServer(answer.folder, answer.passphrase, answer.address, self)
        self.server = server
        self._held = -1
        server.listening.connect(self._listening)
        server.received.connect(self._count)
        server.failed.connect(self.failed)
        server.ended.connect(self._ended)
        self.receiving.emit(f"Starting {answer.folder.name}…")
        server.start()

    def stop_receiving(self) -> None:
        """Stop: what is being stored is finished, what still arrives can go on later."""
        if self.server is not None:
            self.receiving.emit("Stopping the device…")
            self.server.stop()

    def _listening(self, _address: str) -> None:
        self._count()

    def _count(self) -> None:
        """Say how much has arrived; an inbox changes by one rename, so what is counted is whole."""
        server = self.server
        if server is None:
            return

        def work(_report: Report) -> list[HeldVolume]:
            from rtvis.transfer.device_folder import list_volumes  # noqa: PLC0415  (loads in the thread)

            return list_volumes(server.folder)

        self._tasks.start("Reading the inbox", work, self._counted)

    def _counted(self, volumes: list[HeldVolume]) -> None:
        if self.server is None:
            return
        if 0 <= self._held < len(volumes):
            newest = volumes[-1]
            self.said.emit(f"Received {newest.images} images from {newest.sender}")
        self._held = len(volumes)
        self.receiving.emit(f"Receiving on {self.server.address}, {len(volumes)} held")

    def _ended(self) -> None:
        if self.server is not None:
            self.server.deleteLater()
            self.server = None
        self.receiving.emit("")

    def _result(self, title: str, summary: str, lines: list[str]) -> None:
        dialog = ResultDialog(title, summary, "\n".join(lines), self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
