"""A receiving device as a process of its own, beside the window: the window may be busy or closed, it isn't."""

from __future__ import annotations

import sys
from pathlib import Path

from qtpy.QtCore import QFileSystemWatcher, QObject, QProcess, QProcessEnvironment, Signal

from rtvis.model.errors import DeliveryError

STOP_MS = 25_000
"""A device that is told to stop finishes verifying what has arrived whole."""


class DeviceServer(QObject):
    """`rtvis device serve` for one folder.

    `listening` carries ``HOST:PORT`` once it can be sent to, `received` that its inbox changed, `failed` an exception
    when it ended by itself; `ended` follows whenever it ended.
    """

    listening = Signal(str)
    received = Signal()
    failed = Signal(object)
    ended = Signal()

    def __init__(self, folder: Path, passphrase: str, address: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.address = ""
        self._wanted = True
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("RTVIS_PASSPHRASE", passphrase)
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._not_started)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _path: self.received.emit())
        self._arguments = ["-m", "rtvis", "device", "serve", str(folder), "--listen", address, "--quiet"]

    def start(self) -> None:
        """Start it; `listening` or `failed` follows."""
        self._process.start(sys.executable, self._arguments)

    def stop(self) -> None:
        """Ask it to stop, as SIGTERM does; `ended` follows."""
        self._wanted = False
        self._process.terminate()

    def stop_now(self) -> None:
        """Stop it and wait: the window is closing, and no process is left behind."""
        self._wanted = False
        self._process.blockSignals(True)
        if self._process.state() != QProcess.NotRunning:
            self._process.terminate()
            if not self._process.waitForFinished(STOP_MS):
                self._process.kill()
                self._process.waitForFinished(1000)

    def _read(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine()).decode(errors="replace").strip()
            if line.startswith("listening "):
                self.address = line.removeprefix("listening ")
                self._watcher.addPath(str(self.folder / "inbox"))
                self.listening.emit(self.address)

    def _finished(self, _code: int = 0, _status: object = None) -> None:
        if self._wanted:
            lines = bytes(self._process.readAllStandardError()).decode(errors="replace").strip().splitlines()
            self.failed.emit(DeliveryError(lines[-1] if lines else "the device stopped by itself", path=self.folder))
        self.ended.emit()

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.FailedToStart:
            self.failed.emit(DeliveryError("the device can't be started", path=self.folder))
            self.ended.emit()
