"""The process that checks deliveries: what it finds, and that its limits hold."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rtvis.model.errors import DeliveryError
from rtvis.transfer import checking
from rtvis.transfer.checking import Checker, Checkers, check_delivery
from rtvis.transfer.manifest import Parcel

MEMORY = 8 * 1024**3


def test_it_computes_the_digest_and_counts_signatures(parcel: Parcel, device_template: Path) -> None:
    trusted = device_template / "trusted"
    here = check_delivery(list(parcel.paths), trusted, parcel.manifest, signatures_required=False)
    assert (here.reason, here.digest, here.signatures) == ("", parcel.manifest.digest, {"unsigned": 6})
    with Checkers(MEMORY, 60).taken() as checker:
        there = checker.check(list(parcel.paths), trusted, parcel.manifest, signatures_required=False)
    assert there == here


def test_a_false_digest_is_found(parcel: Parcel, tmp_path: Path) -> None:
    for lie in ({"volume_md5": "0" * 32}, {"volume_sha256": "0" * 64}):
        manifest = dataclasses.replace(parcel.manifest, **lie)
        result = check_delivery(list(parcel.paths), tmp_path, manifest, signatures_required=False)
        assert "volume digest" in result.reason


def test_too_little_memory_is_a_reason_and_no_crash(parcel: Parcel, tmp_path: Path) -> None:
    checker = Checker(64 * 1024**2, 60)
    try:
        result = checker.check(list(parcel.paths), tmp_path, parcel.manifest, signatures_required=False)
    finally:
        checker.close()
    assert "more memory" in result.reason


def test_too_little_time_is_a_reason(parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Checker(MEMORY, 60)
    monkeypatch.setattr(checker, "_seconds", 0.0)
    try:
        result = checker.check(list(parcel.paths), tmp_path, parcel.manifest, signatures_required=False)
    finally:
        checker.close()
    assert "time" in result.reason


def test_work_that_is_ended_says_so_and_blames_no_file(parcel: Parcel, tmp_path: Path) -> None:
    checkers = Checkers(MEMORY, 60)
    with checkers.taken() as checker:
        threading.Timer(0.01, checkers.end_work).start()
        with pytest.raises(DeliveryError, match="stops"):
            checker.check(list(parcel.paths), tmp_path, parcel.manifest, signatures_required=False)


def test_one_stands_by_and_is_replaced_when_it_died() -> None:
    checkers = Checkers(MEMORY, 60)
    checkers.prepare()
    first = checkers._standby
    assert first is not None
    checkers.prepare()
    assert checkers._standby is first
    first._process.kill()
    first._process.wait()
    with checkers.taken() as second:
        assert second is not first
        assert second.alive
    checkers.close()
    checkers.prepare()
    assert checkers._standby is None


BUSY = ["-c", "while True: pass"]
DEVICE_THAT_WAITS = """
import sys, time
from rtvis.transfer import checking
if sys.argv[1] == "busy":
    checking._MODULE = ["-c", "while True: pass"]
checker = checking.Checker(8 * 1024**3, 60)
print(checker._process.pid, flush=True)
time.sleep(60)
"""


def has_ended(process_id: int, seconds: float) -> bool:
    """Whether a process that isn't our child ends in time: is gone, or waits as a zombie for whoever adopted it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("kind", ["busy", "standing by"])
def test_it_dies_with_a_device_that_is_killed_whatever_it_is_doing(kind: str) -> None:
    command = [sys.executable, "-c", DEVICE_THAT_WAITS, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as device:
        assert device.stdout is not None
        checker = int(device.stdout.readline())
        try:
            assert not has_ended(checker, 0.3)
            device.kill()
            assert has_ended(checker, 10)
        finally:
            device.kill()
            if not has_ended(checker, 0):
                os.kill(checker, 9)


def test_it_has_a_limit_on_processor_time_even_before_its_own_code_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_MODULE", BUSY)
    checker = Checker(MEMORY, 1)
    try:
        assert checker._process.wait(20) < 0
    finally:
        checker.close()
