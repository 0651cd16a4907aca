"""Deliveries over real sockets: taken, there already, refused, cut, resumed."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import io
import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from rtvis.dicom.files import written_whole
from rtvis.integrity.identity import Identity
from rtvis.integrity.signing import sign_file
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import SignatureError, UsageError
from rtvis.model.progress import CancelledError
from rtvis.transfer import inbox as inbox_module
from rtvis.transfer import session as session_module
from rtvis.transfer.client import Delivery, send_parcels
from rtvis.transfer.device import serve
from rtvis.transfer.device_folder import SETTINGS_FILE, list_volumes
from rtvis.transfer.manifest import Parcel
from rtvis.transfer.receipt import SignedReceipt

from .conftest import PASSPHRASE, Serving, make_series, packed, send_parcel


def send(parcel: Parcel, device: Serving, sender: Identity, **options: Any) -> Delivery:
    options.setdefault("timeout", 20.0)
    return send_parcel(parcel, device.address, sender, device.trust, **options)


def cut_after(count: int) -> Callable[[int, int], None]:
    def report(done: int, _: int) -> None:
        if done >= count:
            raise CancelledError("stopped")

    return report


def cut_when_staged(device: Serving, parcel: Parcel) -> Callable[[int, int], None]:
    """Cut in the middle, but not before the device has the first file whole."""
    size = parcel.manifest.files[0].size

    def report(done: int, total: int) -> None:
        if done < total // 2:
            return
        for _ in range(200):
            if device.staged and device.staged[0].stat().st_size == size:
                raise CancelledError("stopped")
            threading.Event().wait(0.05)
        pytest.fail("the device stores nothing")

    return report


def flipped(path: Path, position: int) -> Callable[[Path], BinaryIO]:
    """Opens files as they are, but for one bit of one of them."""

    def open_file(one: Path) -> BinaryIO:
        data = bytearray(one.read_bytes())
        if one == path:
            data[position] ^= 1
        return io.BytesIO(bytes(data))

    return open_file


def contents(folder: Path) -> list[str]:
    return sorted(hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob("*.dcm"))


def set_policy(folder: Path, key: str, value: str) -> None:
    path = folder / SETTINGS_FILE
    lines = [f"{key} = {value}" if one.startswith(f"{key} =") else one for one in path.read_text().splitlines()]
    path.write_text("\n".join(lines))


@contextmanager
def proxy(port: int, limit: int, *, flip: bool = False) -> Iterator[str]:
    """Passes on TCP to a port; after `limit` bytes to it, cuts the connection, or flips one bit and goes on."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def pump(source: socket.socket, target: socket.socket, count: int | None) -> None:
        seen = 0
        try:
            while data := source.recv(16384):
                if count is not None and seen <= count < seen + len(data):
                    if not flip:
                        break
                    changed = bytearray(data)
                    changed[count - seen] ^= 1
                    data = bytes(changed)
                seen += len(data)
                target.sendall(data)
        except OSError:
            return
        finally:
            for one in (source, target):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def run() -> None:
        inner, _ = listener.accept()
        with inner, socket.create_connection(("127.0.0.1", port), 20) as outer:
            inner.settimeout(20)
            back = threading.Thread(target=pump, args=(outer, inner, None))
            back.start()
            pump(inner, outer, limit)
            back.join()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(30)
        listener.close()


def test_a_volume_is_taken_whole(device: Serving, parcel: Parcel, sender: Identity) -> None:
    seen: list[list[Path]] = []
    done: list[tuple[int, int]] = []

    def report(now: int, total: int) -> None:
        seen.append(device.inbox)
        done.append((now, total))

    result = send(parcel, device, sender, report=report)
    assert (result.status, result.reason) == ("accepted", "")
    assert result.bytes_sent == parcel.manifest.total_bytes
    assert result.resumed_bytes == 0
    assert done[-1] == (parcel.manifest.total_bytes,) * 2
    before = [inbox for inbox, (now, total) in zip(seen, done, strict=True) if now < total]
    assert len(before) > 1
    assert not any(before), "something was visible before all of it was verified"

    (held,) = list_volumes(device.folder)
    assert held.digest == parcel.manifest.digest == result.digest
    assert (held.sender, held.images, held.problem) == ("Ada", 6, "")
    assert contents(held.path) == sorted(one.sha256 for one in parcel.manifest.files)
    assert not any((device.folder / "staging").iterdir())


def test_the_receipt_can_be_checked_later(
    device: Serving, parcel: Parcel, sender: Identity, stranger: Identity
) -> None:
    result = send(parcel, device, sender)
    (held,) = list_volumes(device.folder)
    kept = json.loads((held.path / "delivery" / "receipt.json").read_text())
    assert kept == result.receipt
    receipt = SignedReceipt.from_json(kept)
    receipt.check(device.trust)
    assert receipt.receipt.verdict == "accepted"
    assert receipt.receipt.manifest_sha256 == parcel.manifest.sha256
    assert receipt.receipt.signatures == {"unsigned": 6}
    with pytest.raises(SignatureError, match="trusted"):
        receipt.check(TrustStore((stranger.certificate,)))
    forged = SignedReceipt.from_json({**kept, "body": kept["body"].replace("accepted", "refused")})
    with pytest.raises(SignatureError, match="signature"):
        forged.check()
    offer = json.loads((held.path / "delivery" / "offer.json").read_text())
    assert offer["nonce"] == receipt.receipt.nonce


def test_a_repeat_is_answered_without_resending(
    device: Serving, parcel: Parcel, sender: Identity, series: Path, tmp_path: Path
) -> None:
    send(parcel, device, sender)
    again = send(parcel, device, sender)
    assert (again.status, again.bytes_sent, again.reason) == ("already_there", 0, "")
    assert again.receipt is not None
    for number, path in enumerate(sorted(series.iterdir())):
        shutil.copy(path, tmp_path / f"renamed {number}")
    renamed = packed(*sorted(tmp_path.glob("renamed*")))
    assert renamed.manifest != parcel.manifest
    assert send(renamed, device, sender).status == "already_there"
    assert len(list_volumes(device.folder)) == 1


def test_what_was_damaged_in_the_inbox_is_sent_anew(device: Serving, parcel: Parcel, sender: Identity) -> None:
    send(parcel, device, sender)
    (held,) = list_volumes(device.folder)
    victim = next(held.path.glob("*.dcm"))
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    assert send(parcel, device, sender).status == "accepted"
    (held,) = list_volumes(device.folder)
    assert contents(held.path) == sorted(one.sha256 for one in parcel.manifest.files)


def test_one_bit_flipped_is_refused_and_the_rest_is_kept(device: Serving, parcel: Parcel, sender: Identity) -> None:
    last = parcel.paths[-1]
    result = send(parcel, device, sender, open_file=flipped(last, 70_000))
    assert result.status == "refused"
    assert last.name in result.reason
    assert "MD5 and SHA-256" in result.reason
    assert device.inbox == []
    again = send(parcel, device, sender)
    assert again.status == "accepted"
    assert again.bytes_sent == parcel.manifest.files[-1].size
    assert again.resumed_bytes == parcel.manifest.total_bytes - again.bytes_sent


def test_a_cut_delivery_goes_on_where_it_was(device: Serving, parcel: Parcel, sender: Identity) -> None:
    total = parcel.manifest.total_bytes
    with pytest.raises(CancelledError):
        send(parcel, device, sender, report=cut_when_staged(device, parcel))
    assert device.inbox == []
    result = send(parcel, device, sender)
    assert result.status == "accepted"
    assert result.resumed_bytes > 0
    assert result.bytes_sent + result.resumed_bytes == total


def test_three_cuts_by_the_network(device: Serving, parcel: Parcel, sender: Identity) -> None:
    for limit in (100_000, 200_000, 150_000):
        with proxy(device.port, limit) as address:
            result = send_parcel(parcel, address, sender, device.trust, timeout=20)
        assert result.status == "failed"
        assert result.reason
        assert device.inbox == []
    result = send(parcel, device, sender)
    assert result.status == "accepted"
    assert 0 < result.resumed_bytes < parcel.manifest.total_bytes


def test_a_bit_flipped_between_the_two_ends_the_connection(device: Serving, parcel: Parcel, sender: Identity) -> None:
    with proxy(device.port, 200_000, flip=True) as address:
        result = send_parcel(parcel, address, sender, device.trust, timeout=20)
    assert result.status in {"failed", "refused"}
    assert result.reason
    assert device.inbox == []


def test_a_damaged_part_is_not_built_upon(start: Callable[..., Serving], parcel: Parcel, sender: Identity) -> None:
    device = start()
    with pytest.raises(CancelledError):
        send(parcel, device, sender, report=cut_when_staged(device, parcel))
    device.end()
    first, kept = device.staged[0], sum(one.stat().st_size for one in device.staged)
    data = bytearray(first.read_bytes())
    data[1000] ^= 1
    first.write_bytes(data)
    result = send(parcel, start(), sender)
    assert result.status == "accepted"
    assert result.resumed_bytes == kept - len(data)


def test_a_part_is_bound_to_its_sender(
    start: Callable[..., Serving], device_folder: Path, parcel: Parcel, sender: Identity, stranger: Identity
) -> None:
    shutil.copy(stranger.certificate_path, device_folder / "trusted" / "second.pem")
    device = start()
    with pytest.raises(CancelledError):
        send(parcel, device, sender, report=cut_when_staged(device, parcel))
    result = send(parcel, device, stranger)
    assert result.status == "accepted"
    assert result.resumed_bytes == 0


def test_a_false_volume_digest_is_refused_with_a_signed_receipt(
    device: Serving, parcel: Parcel, sender: Identity
) -> None:
    lie = dataclasses.replace(parcel.manifest, volume_md5="0" * 32)
    result = send(Parcel(lie, parcel.paths), device, sender)
    assert result.status == "refused"
    assert "volume digest" in result.reason
    assert result.receipt is not None
    assert device.inbox == []
    assert not any((device.folder / "staging").iterdir())


def test_images_passed_off_as_another_series_are_refused(device: Serving, parcel: Parcel, sender: Identity) -> None:
    lie = dataclasses.replace(parcel.manifest, volume_id="1.2.3", series_instance_uid="1.2.3")
    result = send(Parcel(lie, parcel.paths), device, sender)
    assert result.status == "refused"
    assert "1.2.3" in result.reason


def test_an_image_passed_off_as_a_structure_set_is_refused(device: Serving, parcel: Parcel, sender: Identity) -> None:
    files = (*parcel.manifest.files[:-1], dataclasses.replace(parcel.manifest.files[-1], part="structure_set"))
    result = send(Parcel(dataclasses.replace(parcel.manifest, files=files), parcel.paths), device, sender)
    assert result.status == "refused"
    assert "structure sets" in result.reason


def test_another_volume_under_the_same_uid_is_refused(
    device: Serving, parcel: Parcel, sender: Identity, series: Path
) -> None:
    send(parcel, device, sender)
    fewer = packed(*sorted(series.iterdir())[:4])
    result = send(fewer, device, sender)
    assert result.status == "refused"
    assert parcel.manifest.digest in result.reason


def test_files_that_are_no_dicom_are_refused(device: Serving, parcel: Parcel, sender: Identity, tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(b"\x00\xff" * 500)
    data = path.read_bytes()
    entry = dataclasses.replace(
        parcel.manifest.files[0],
        size=len(data),
        md5=hashlib.md5(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    manifest = dataclasses.replace(parcel.manifest, files=(entry,))
    result = send(Parcel(manifest, (path,)), device, sender)
    assert result.status == "refused"
    assert device.inbox == []


def test_programs_in_the_preamble_are_refused(device: Serving, sender: Identity, series: Path, tmp_path: Path) -> None:
    for path in series.iterdir():
        data = path.read_bytes()
        (tmp_path / path.name).write_bytes(b"MZ" + data[2:] if path.name.endswith("1.dcm") else data)
    parcel = packed(*sorted(tmp_path.glob("*.dcm")))
    result = send(parcel, device, sender)
    assert result.status == "refused"
    assert "program" in result.reason


@pytest.fixture(scope="module")
def signed_series(series: Path, sender: Identity, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signed")
    for path in series.iterdir():
        sign_file(path, folder / path.name, sender)
    return folder


def test_signatures_are_verified_and_counted(device: Serving, signed_series: Path, sender: Identity) -> None:
    result = send(packed(signed_series), device, sender)
    assert result.status == "accepted"
    assert result.receipt is not None
    assert json.loads(result.receipt["body"])["signatures"] == {"valid": 6}


def test_a_signature_that_does_not_hold_is_refused(
    device: Serving, signed_series: Path, sender: Identity, tmp_path: Path
) -> None:
    for path in signed_series.iterdir():
        data = bytearray(path.read_bytes())
        if path.name.endswith("3.dcm"):
            data[-1000] ^= 1
        (tmp_path / path.name).write_bytes(data)
    result = send(packed(*sorted(tmp_path.glob("*.dcm"))), device, sender)
    assert result.status == "refused"
    assert "signature" in result.reason
    assert "3.dcm" in result.reason


def test_a_device_may_require_signatures(
    start: Callable[..., Serving], device_folder: Path, parcel: Parcel, signed_series: Path, sender: Identity
) -> None:
    set_policy(device_folder, "signatures", '"required"')
    device = start()
    result = send(parcel, device, sender)
    assert result.status == "refused"
    assert "unsigned" in result.reason
    assert send(packed(signed_series), device, sender).status == "accepted"


def test_a_huge_delivery_is_refused_before_a_byte_is_sent(device: Serving, parcel: Parcel, sender: Identity) -> None:
    files = (dataclasses.replace(parcel.manifest.files[0], size=10**12), *parcel.manifest.files[1:])
    result = send(Parcel(dataclasses.replace(parcel.manifest, files=files), parcel.paths), device, sender)
    assert (result.status, result.bytes_sent) == ("refused", 0)
    assert "1000" in result.reason
    assert not any((device.folder / "staging").iterdir())


def test_too_little_space_is_a_refusal(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module.Inbox, "free_bytes", lambda _: 256 * 1024**2 + 1000)
    result = send(parcel, device, sender)
    assert (result.status, result.bytes_sent) == ("refused", 0)
    assert "room for 1000" in result.reason


def test_what_is_staged_already_needs_no_space_again(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CancelledError):
        send(parcel, device, sender, report=cut_when_staged(device, parcel))
    missing = parcel.manifest.total_bytes - parcel.manifest.files[0].size
    monkeypatch.setattr(inbox_module.Inbox, "free_bytes", lambda _: 256 * 1024**2 + missing)
    assert send(parcel, device, sender).status == "accepted"


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "can't be written to"), (errno.EIO, "can't store it")],
)
def test_a_disk_that_fails_is_a_refusal(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    real = inbox_module.Arrival.write
    written: list[int] = []

    def write(self: inbox_module.Arrival, data: bytes) -> None:
        written.append(len(data))
        if len(written) > 3:
            raise OSError(number, "as a test has it")
        real(self, data)

    monkeypatch.setattr(inbox_module.Arrival, "write", write)
    result = send(parcel, device, sender)
    assert result.status == "refused"
    assert words in result.reason
    assert device.inbox == []
    monkeypatch.setattr(inbox_module.Arrival, "write", real)
    assert send(parcel, device, sender).status == "accepted"


def test_a_commit_that_fails_leaves_nothing_in_the_inbox(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(inbox_module, "sync", fail)
    result = send(parcel, device, sender)
    assert result.status == "refused"
    assert "disk is full" in result.reason
    assert device.inbox == []


def test_a_full_disk_while_the_papers_are_written(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
        with written_whole(path, overwrite=overwrite) as handle:
            raise OSError(errno.ENOSPC, "No space left on device")
            yield handle

    monkeypatch.setattr(inbox_module, "written_whole", full)
    result = send(parcel, device, sender)
    assert result.status == "refused"
    assert "disk is full" in result.reason


def test_an_inbox_that_can_not_be_written_to_is_a_refusal(device: Serving, parcel: Parcel, sender: Identity) -> None:
    (device.folder / "inbox").rmdir()
    (device.folder / "inbox").write_text("no folder")
    result = send(parcel, device, sender)
    assert (result.status, result.bytes_sent) == ("refused", 0)
    assert result.reason


def test_a_busy_device_keeps_saying_so(
    device: Serving, parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "WORKING_EVERY_S", 0.05)
    real = inbox_module.Staging.commit
    told = threading.Event()

    def slow(self: inbox_module.Staging, *arguments: Any) -> None:
        assert told.wait(10)
        real(self, *arguments)

    monkeypatch.setattr(inbox_module.Staging, "commit", slow)
    calls: list[int] = []

    def report(done: int, total: int) -> None:
        calls.append(done)
        if calls.count(total) > 10:
            told.set()

    assert send(parcel, device, sender, timeout=2.0, report=report).status == "accepted"
    assert told.is_set()


def test_several_devices_one_of_them_down(device: Serving, parcel: Parcel, sender: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"127.0.0.1:{taken.getsockname()[1]}"
    steps: list[tuple[int, int]] = []
    down, up = send_parcels(
        [parcel],
        [closed, device.address],
        sender,
        device.trust,
        timeout=20,
        report=lambda done, total: steps.append((done, total)),
    )
    assert (down.status, down.to) == ("failed", closed)
    assert "can't be reached" in down.reason
    assert (up.status, up.to) == ("accepted", device.address)
    assert steps[-1] == (2 * parcel.manifest.total_bytes,) * 2


def test_a_cancelled_joint_sending_stops_all(device: Serving, parcel: Parcel, sender: Identity) -> None:
    with pytest.raises(CancelledError):
        send_parcels([parcel], [device.address], sender, device.trust, timeout=20, report=cut_after(10))
    assert device.inbox == []


def test_a_file_that_shrinks_meanwhile_fails(device: Serving, parcel: Parcel, sender: Identity) -> None:
    result = send(parcel, device, sender, open_file=lambda path: io.BytesIO(path.read_bytes()[:5000]))
    assert result.status == "failed"
    assert "shorter" in result.reason


def test_a_file_that_is_gone_fails(device: Serving, parcel: Parcel, sender: Identity, tmp_path: Path) -> None:
    result = send(Parcel(parcel.manifest, (tmp_path / "gone", *parcel.paths[1:])), device, sender)
    assert result.status == "failed"
    assert "gone" in result.reason


def test_two_volumes_are_two_deliveries(series: Path, tmp_path: Path, device: Serving, sender: Identity) -> None:
    make_series(tmp_path, seed=1, slices=3)
    parcels = [packed(series), packed(tmp_path)]
    results = send_parcels(parcels, [device.address], sender, device.trust, timeout=20)
    assert [one.status for one in results] == ["accepted"] * 2
    assert [one.volume_id for one in results] == [one.manifest.volume_id for one in parcels]


def test_one_folder_one_server(device: Serving) -> None:
    with pytest.raises(UsageError, match="served already"):
        serve(device.folder, "127.0.0.1", 0, PASSPHRASE, ready=lambda *_: None, stop=threading.Event())


def test_a_taken_port_is_a_clear_error(device_folder: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with taken, pytest.raises(UsageError, match="can't listen"):
        serve(device_folder, "127.0.0.1", port, PASSPHRASE, ready=lambda *_: None, stop=threading.Event())


def test_a_stop_cuts_what_arrives_and_it_goes_on_later(
    start: Callable[..., Serving], parcel: Parcel, sender: Identity
) -> None:
    device = start()

    def report(done: int, total: int) -> None:
        if done > total // 2 and not device.stop.is_set():
            device.end()

    result = send(parcel, device, sender, report=report)
    assert result.status == "failed"
    assert device.inbox == []
    assert device.staged
    again = start()
    result = send(parcel, again, sender)
    assert result.status == "accepted"
    assert result.resumed_bytes > 0


def test_real_studies_arrive(device: Serving, sender: Identity, field_data: Path) -> None:
    names = ("STS_004_MR_MIM", "TinyVMAT_Monaco_no_part10_header", "phantom_Oncentra", "InnerEye_2slice")
    parcels = [packed(field_data / "pairs" / name) for name in names]
    results = send_parcels(parcels, [device.address], sender, device.trust, timeout=20)
    assert [(one.status, one.reason) for one in results] == [("accepted", "")] * len(names)
    held = {one.volume_id: one for one in list_volumes(device.folder)}
    for one in parcels:
        assert held[one.manifest.volume_id].digest == one.manifest.digest
        assert contents(held[one.manifest.volume_id].path) == sorted(file.sha256 for file in one.manifest.files)
