"""The demo's device: there while it is needed, and never longer."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from rtvis.app.device_process import DeviceProcess
from rtvis.transfer.address import parse_address

DEMO_THAT_WAITS = """
import sys, time
from pathlib import Path
from rtvis.app.device_process import DeviceProcess
print(DeviceProcess.start(Path(sys.argv[1]), "Linac 2", "only for tests").address, flush=True)
time.sleep(60)
"""


def answers(address: str) -> bool:
    try:
        socket.create_connection(parse_address(address), 5).close()
    except OSError:
        return False
    return True


def test_it_serves_and_stops(tmp_path: Path) -> None:
    with DeviceProcess.start(tmp_path / "device", "Linac 2", "only for tests") as device:
        assert answers(device.address)
    assert not answers(device.address)


def test_it_ends_with_a_demo_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DEMO_THAT_WAITS, str(tmp_path / "device")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        address = demo.stdout.readline().strip()
        assert answers(address)
        demo.kill()
    assert any(not answers(address) for _ in range(1000))
