"""Two senders at the same time: each volume is in the inbox once, and one volume_id stands for one volume."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rtvis.integrity.identity import Identity
from rtvis.transfer.client import Delivery
from rtvis.transfer.manifest import Parcel
from rtvis.transfer.session import Session
from tests.unit.transfer.conftest import Serving, packed, send_parcel


@pytest.fixture
def device(
    start: Callable[..., Serving], device_folder: Path, stranger: Identity, monkeypatch: pytest.MonkeyPatch
) -> Serving:
    """A device that both trust, and that has all files of both before it verifies any."""
    shutil.copy(stranger.certificate_path, device_folder / "trusted" / "second.pem")
    both = threading.Barrier(2)
    receive = Session._receive_files

    def and_wait(self: Session, *arguments: object) -> None:
        receive(self, *arguments)  # type: ignore[arg-type]  # handed on as they came
        both.wait(20)

    monkeypatch.setattr(Session, "_receive_files", and_wait)
    return start()


def both_send(device: Serving, first: tuple[Parcel, Identity], second: tuple[Parcel, Identity]) -> list[Delivery]:
    with ThreadPoolExecutor(2) as pool:
        begun = [pool.submit(send_parcel, one[0], device.address, one[1], device.trust) for one in (first, second)]
        return [one.result(60) for one in begun]


def test_the_same_volume_from_two_senders_is_taken_once_and_there_for_both(
    device: Serving, parcel: Parcel, sender: Identity, stranger: Identity
) -> None:
    deliveries = both_send(device, (parcel, sender), (parcel, stranger))
    assert sorted(one.status for one in deliveries) == ["accepted", "already_there"]
    assert all(one.receipt is not None for one in deliveries)
    assert len(device.inbox) == 1
    assert device.staged == []


def test_two_volumes_under_one_id_at_once(
    device: Serving, parcel: Parcel, series: Path, tmp_path: Path, sender: Identity, stranger: Identity
) -> None:
    for path in series.iterdir():
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        (tmp_path / path.name).write_bytes(bytes(data))
    other = packed(tmp_path)
    assert other.manifest.volume_id == parcel.manifest.volume_id
    deliveries = both_send(device, (parcel, sender), (other, stranger))
    assert sorted(one.status for one in deliveries) == ["accepted", "refused"]
    refused = next(one for one in deliveries if one.status == "refused")
    assert "holds another volume" in refused.reason
    assert len(device.inbox) == 1
    assert device.staged == []
