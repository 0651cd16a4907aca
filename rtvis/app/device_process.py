"""A receiving device as a process of its own, for the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rtvis.model.errors import DeliveryError
from rtvis.transfer.device_folder import init_device
from rtvis.transfer.lifeline import Lifeline

if TYPE_CHECKING:
    from types import TracebackType

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0


class DeviceProcess:
    """`rtvis device serve` on a free loopback port; a context manager that stops it."""

    def __init__(self, folder: Path, lifeline: Lifeline, address: str) -> None:
        self._lifeline = lifeline
        self._process: subprocess.Popen[str] = lifeline.process
        self.address = address
        self.certificate = folder / "certificate.pem"

    @classmethod
    def start(cls, folder: Path, name: str, passphrase: str) -> DeviceProcess:
        """Make the device folder and start serving it on 127.0.0.1.

        Raises:
            DeliveryError: when it doesn't say that it listens within `START_TIMEOUT_S`.
        """
        init_device(folder, name, passphrase.encode())
        command = [sys.executable, "-m", "rtvis", "device", "serve", str(folder), "--listen", "127.0.0.1:0", "--quiet"]
        environment = {**os.environ, "RTVIS_PASSPHRASE": passphrase}
        lifeline = Lifeline(command, stdout=subprocess.PIPE, env=environment, text=True)
        process = lifeline.process
        watchdog = threading.Timer(START_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # ends when the process does, at the watchdog's hand if need be
        finally:
            watchdog.cancel()
            watchdog.join()
        if not line.startswith("listening "):
            lifeline.close()
            process.communicate()
            raise DeliveryError("the device didn't start", path=folder, remedy="try `rtvis device serve` by hand")
        return cls(folder, lifeline, line.removeprefix("listening ").strip())

    @property
    def process_id(self) -> int:
        """Of the device."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        finally:
            self._lifeline.close()
