"""Who isn't trusted, who breaks the rules, and who says nothing."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rtvis.integrity.identity import Identity, load_identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import UsageError
from rtvis.transfer import device as device_module
from rtvis.transfer.channel import Channel, device_context, peer_certificate, sender_context
from rtvis.transfer.device_folder import trust_sender
from rtvis.transfer.frames import FrameType
from rtvis.transfer.manifest import Parcel
from rtvis.transfer.messages import Challenge, Hello, Message, Offer, ReceiptMessage, Refuse, Resume, canonical_json
from rtvis.transfer.protocol import Conversation, Role
from rtvis.transfer.receipt import sign_offer

from .conftest import PASSPHRASE, Serving, send_parcel


@contextmanager
def spoken_to(device: Serving, sender: Identity) -> Iterator[tuple[Channel, ssl.SSLSocket, bytes]]:
    """A conversation with a device as far as its challenge, and the socket beneath."""
    context = sender_context(sender, device.trust)
    with (
        socket.create_connection(("127.0.0.1", device.port), 10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        channel = Channel(secure, Conversation(Role.SENDER), 10)
        assert isinstance(channel.receive(), Hello)
        channel.send(Hello("raw"))
        challenge = channel.receive()
        assert isinstance(challenge, Challenge)
        yield channel, secure, challenge.nonce


def offered(device: Serving, sender: Identity, manifest: bytes, sign: Callable[..., bytes] = sign_offer) -> Message:
    """What a device says to a manifest."""
    with spoken_to(device, sender) as (channel, secure, nonce):
        channel.conversation.agree_on_files([1])
        channel.send(Offer(manifest, sign(sender, nonce, peer_certificate(secure), manifest)))
        return channel.receive()


def changed(parcel: Parcel, **values: Any) -> bytes:
    return canonical_json({**json.loads(parcel.manifest.encode()), **values})


def changed_file(parcel: Parcel, **values: Any) -> bytes:
    manifest = json.loads(parcel.manifest.encode())
    manifest["files"][0].update(values)
    return canonical_json(manifest)


def test_an_unknown_sender_is_refused(empty_device: Serving, parcel: Parcel, stranger: Identity) -> None:
    result = send_parcel(parcel, empty_device.address, stranger, empty_device.trust, timeout=10)
    assert (result.status, result.bytes_sent) == ("refused", 0)
    assert "doesn't know this sender" in result.reason
    assert empty_device.inbox == []


def test_trust_given_and_taken_back_counts_at_once(device: Serving, parcel: Parcel, stranger: Identity) -> None:
    trusted = trust_sender(device.folder, stranger.certificate_path)
    assert trusted.fingerprint == stranger.fingerprint
    assert send_parcel(parcel, device.address, stranger, device.trust, timeout=10).status == "accepted"
    trusted.path.unlink()
    assert send_parcel(parcel, device.address, stranger, device.trust, timeout=10).status == "refused"


def test_a_device_that_is_not_the_trusted_one_gets_nothing(
    empty_device: Serving, parcel: Parcel, sender: Identity, stranger: Identity
) -> None:
    trust = TrustStore((stranger.certificate,))
    result = send_parcel(parcel, empty_device.address, sender, trust, timeout=10)
    assert (result.status, result.bytes_sent, result.receipt) == ("failed", 0, None)
    assert "certificate isn't trusted" in result.reason


def test_without_a_certificate_there_is_no_conversation(empty_device: Serving) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", empty_device.port), 10)
    with plain, context.wrap_socket(plain) as secure, pytest.raises(ssl.SSLError, match=r"(?i)certificate.required"):
        secure.recv(1)


def test_tls_1_2_is_refused(empty_device: Serving, sender: Identity) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(sender.certificate_path, sender.key_path, password=PASSPHRASE)
    plain = socket.create_connection(("127.0.0.1", empty_device.port), 10)
    with plain, pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        context.wrap_socket(plain)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (struct.pack(">BI", FrameType.OFFER, 2**31), "claims 2147483648 bytes"),
        (struct.pack(">BI", FrameType.HELLO, 65537), "claims 65537 bytes"),
        (struct.pack(">BI", 99, 0), "unknown type 99"),
        (struct.pack(">BI", FrameType.DATA, 1) + b"x", "DATA in state challenged"),
        (struct.pack(">BI", FrameType.COMMIT, 0), "COMMIT in state challenged"),
        (b"GET / HTTP/1.1\r\n\r\n", "unknown type 71"),
    ],
)
def test_broken_rules_end_the_conversation_with_a_reason(
    empty_device: Serving, sender: Identity, raw: bytes, words: str
) -> None:
    with spoken_to(empty_device, sender) as (channel, secure, _):
        secure.sendall(raw)
        answer = channel.receive()
    assert isinstance(answer, Refuse)
    assert words in answer.reason
    assert empty_device.inbox == []


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a/b", "a\\b", "..", "", "a\nb", "a\x00b", "x" * 300])
def test_names_that_are_not_plain_are_refused(
    empty_device: Serving, sender: Identity, parcel: Parcel, name: str
) -> None:
    answer = offered(empty_device, sender, changed_file(parcel, name=name))
    assert isinstance(answer, Refuse)
    assert answer.code == "manifest"


@pytest.mark.parametrize(
    "values",
    [
        {"volume_id": "../../1.2.3", "series_instance_uid": "../../1.2.3"},
        {"volume_id": "1.2.3#99999999", "series_instance_uid": "1.2.3"},
        {"volume_id": "1" * 65, "series_instance_uid": "1" * 65},
        {"series_instance_uid": "1.2"},
        {"study_instance_uid": "1..2"},
        {"format": "rtvis manifest 9"},
        {"files": []},
        {"files": [[]]},
        {"files": "all"},
        {"volume_digest": {"md5": "0" * 32}},
        {"volume_digest": {"md5": "0" * 31 + "G", "sha256": "0" * 64}},
        {"more": 1},
    ],
)
def test_impossible_manifests_are_refused(
    empty_device: Serving, sender: Identity, parcel: Parcel, values: dict[str, Any]
) -> None:
    answer = offered(empty_device, sender, changed(parcel, **values))
    assert isinstance(answer, Refuse)
    assert answer.code == "manifest"


@pytest.mark.parametrize("size", [0, -1, 2**60, 1.5, "10", True, None])
def test_impossible_sizes_are_refused(empty_device: Serving, sender: Identity, parcel: Parcel, size: object) -> None:
    answer = offered(empty_device, sender, changed_file(parcel, size=size))
    assert isinstance(answer, Refuse)
    assert answer.code == "manifest"


def test_a_terabyte_is_refused(empty_device: Serving, sender: Identity, parcel: Parcel) -> None:
    answer = offered(empty_device, sender, changed_file(parcel, size=10**12))
    assert isinstance(answer, Refuse)
    assert answer.code == "size"


@pytest.mark.parametrize("manifest", [b"{", b"[]", b"[" * 100_000, b'{"size":' + b"9" * 5000 + b"}", b"\xff\xfe"])
def test_what_is_no_manifest_is_refused(empty_device: Serving, sender: Identity, manifest: bytes) -> None:
    answer = offered(empty_device, sender, manifest)
    assert isinstance(answer, Refuse)
    assert answer.code == "manifest"


def test_a_manifest_must_be_spelled_canonically(empty_device: Serving, sender: Identity, parcel: Parcel) -> None:
    answer = offered(empty_device, sender, json.dumps(json.loads(parcel.manifest.encode())).encode())
    assert isinstance(answer, Refuse)
    assert "canonical" in answer.reason


def test_signatures_are_good_for_one_session_one_device_and_one_manifest(
    empty_device: Serving, sender: Identity, stranger: Identity, parcel: Parcel
) -> None:
    manifest = parcel.manifest.encode()
    tricks: list[Callable[..., bytes]] = [
        lambda who, _, certificate, text: sign_offer(who, bytes(32), certificate, text),
        lambda who, nonce, _, text: sign_offer(who, nonce, stranger.certificate, text),
        lambda who, nonce, certificate, text: sign_offer(who, nonce, certificate, text + b" "),
        lambda _, nonce, certificate, text: sign_offer(stranger, nonce, certificate, text),
        lambda *_: b"no signature at all",
    ]
    for trick in tricks:
        answer = offered(empty_device, sender, manifest, trick)
        assert isinstance(answer, Refuse)
        assert answer.code == "signature"


def test_more_bytes_than_promised_are_refused(empty_device: Serving, sender: Identity, parcel: Parcel) -> None:
    with spoken_to(empty_device, sender) as (channel, secure, nonce):
        manifest = parcel.manifest.encode()
        channel.conversation.agree_on_files(parcel.manifest.sizes)
        channel.send(Offer(manifest, sign_offer(sender, nonce, peer_certificate(secure), manifest)))
        assert isinstance(channel.receive(), Resume)
        size = parcel.manifest.files[0].size
        raw = struct.pack(">BIIQ", FrameType.FILE, 12, 0, 0)
        raw += struct.pack(">BI", FrameType.DATA, size + 1) + bytes(size + 1)
        secure.sendall(raw)
        answer = channel.receive()
    assert isinstance(answer, Refuse)
    assert "more bytes" in answer.reason


def test_silent_strangers_lock_nobody_out(
    start: Callable[..., Serving], parcel: Parcel, sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_module, "MAX_HANDSHAKES", 4)
    device = start()
    silent = [socket.create_connection(("127.0.0.1", device.port), 10) for _ in range(12)]
    try:
        assert send_parcel(parcel, device.address, sender, device.trust, timeout=10).status == "accepted"
    finally:
        for one in silent:
            one.close()


def test_a_silent_stranger_is_dropped(start: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "HANDSHAKE_S", 0.3)
    device = start()
    with socket.create_connection(("127.0.0.1", device.port), 10) as silent:
        assert silent.recv(1) == b""


def test_a_silent_sender_is_dropped(
    start: Callable[..., Serving], sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_module, "MESSAGE_S", 0.3)
    device = start()
    with spoken_to(device, sender) as (_, secure, _):
        secure.settimeout(10)
        assert secure.recv(1) == b""


def trickle(secure: ssl.SSLSocket, count: int) -> int:
    """Send so many bytes one by one; how many were taken before the connection ended."""
    for sent in range(count):
        try:
            secure.sendall(b"x")
        except OSError:
            return sent
        threading.Event().wait(0.05)
    return count


def test_a_message_that_trickles_in_is_dropped(
    start: Callable[..., Serving], sender: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_module, "MESSAGE_S", 0.4)
    device = start()
    with spoken_to(device, sender) as (_, secure, _):
        secure.sendall(struct.pack(">BI", FrameType.OFFER, 1000))
        sent = trickle(secure, 200)
    assert sent < 100


def test_as_many_sessions_as_the_policy_says(
    start: Callable[..., Serving], device_folder: Any, parcel: Parcel, sender: Identity
) -> None:
    path = device_folder / "device.toml"
    path.write_text(path.read_text().replace("max_sessions = 8", "max_sessions = 1"))
    device = start()
    with spoken_to(device, sender):
        result = send_parcel(parcel, device.address, sender, device.trust, timeout=10)
    assert result.status == "refused"
    assert "try again later" in result.reason


def test_a_port_where_nobody_listens(empty_device: Serving, parcel: Parcel, sender: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    result = send_parcel(parcel, address, sender, empty_device.trust, timeout=5)
    assert (result.status, result.to) == ("failed", address)
    assert "can't be reached" in result.reason


def test_a_host_that_does_not_exist(empty_device: Serving, parcel: Parcel, sender: Identity) -> None:
    result = send_parcel(parcel, "no-such-host.invalid:1", sender, empty_device.trust, timeout=5)
    assert result.status == "failed"
    assert "can't be reached" in result.reason


@pytest.mark.parametrize("address", ["linac", ":1", "linac:", "linac:x", "linac:70000", "::1:5", "linac:-1"])
def test_what_is_no_address_is_a_usage_error(
    empty_device: Serving, parcel: Parcel, sender: Identity, address: str
) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        send_parcel(parcel, address, sender, empty_device.trust)


def test_a_device_that_never_answers_is_given_up(empty_device: Serving, parcel: Parcel, sender: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        result = send_parcel(parcel, address, sender, empty_device.trust, timeout=0.3)
    assert result.status == "failed"
    assert "said nothing for 0.3 s" in result.reason


@contextmanager
def false_device(device: Serving, sender: Identity, speak: Callable[[Channel], None]) -> Iterator[str]:
    """A device with the true device's key that behaves otherwise."""
    identity = load_identity(device.folder, PASSPHRASE)
    context = device_context(identity, TrustStore((sender.certificate,)))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def run() -> None:
        plain, _ = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True) as secure:
            channel = Channel(secure, Conversation(Role.DEVICE), 10)
            try:
                speak(channel)
                secure.settimeout(10)
                secure.recv(1)
            except OSError:
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(15)
        listener.close()


def greet(channel: Channel) -> None:
    channel.send(Hello("false"))
    channel.receive()
    channel.send(Challenge(bytes(32)))
    offer = channel.receive()
    assert isinstance(offer, Offer)


def test_a_device_that_falls_silent_is_given_up(empty_device: Serving, parcel: Parcel, sender: Identity) -> None:
    with false_device(empty_device, sender, greet) as address:
        result = send_parcel(parcel, address, sender, empty_device.trust, timeout=0.4)
    assert result.status == "failed"
    assert "said nothing for 0.4 s" in result.reason


@pytest.mark.parametrize("body", [b"{}", b"no", b'{"format":"rtvis receipt 1"}'])
def test_a_receipt_that_is_none_is_not_believed(
    empty_device: Serving, parcel: Parcel, sender: Identity, body: bytes
) -> None:
    def speak(channel: Channel) -> None:
        greet(channel)
        channel.send(ReceiptMessage(body, b"signature"))

    with false_device(empty_device, sender, speak) as address:
        result = send_parcel(parcel, address, sender, empty_device.trust, timeout=10)
    assert (result.status, result.receipt) == ("failed", None)
    assert result.reason


def test_a_receipt_for_another_delivery_is_not_believed(device: Serving, parcel: Parcel, sender: Identity) -> None:
    taken = send_parcel(parcel, device.address, sender, device.trust, timeout=10)
    assert taken.receipt is not None
    body, signature = taken.receipt["body"].encode(), bytes.fromhex(taken.receipt["signature"])
    for shown_body, words in ((body, "another delivery"), (body.replace(b"accepted", b"refusedd"), "")):

        def speak(channel: Channel, shown_body: bytes = shown_body) -> None:
            greet(channel)
            channel.send(ReceiptMessage(shown_body, signature))

        with false_device(device, sender, speak) as address:
            result = send_parcel(parcel, address, sender, device.trust, timeout=10)
        assert (result.status, result.receipt) == ("failed", None)
        assert words in result.reason


def test_a_device_that_breaks_the_protocol_is_left(empty_device: Serving, parcel: Parcel, sender: Identity) -> None:
    def speak(channel: Channel) -> None:
        channel._connection.sendall(struct.pack(">BI", FrameType.RESUME, 2**31))

    with false_device(empty_device, sender, speak) as address:
        result = send_parcel(parcel, address, sender, empty_device.trust, timeout=10)
    assert result.status == "failed"
    assert "breaks the protocol" in result.reason


def test_serving_needs_the_right_passphrase(device_folder: Any) -> None:
    with pytest.raises(UsageError, match="passphrase"):
        device_module.serve(device_folder, "127.0.0.1", 0, b"wrong", ready=lambda *_: None, stop=threading.Event())


def test_a_damaged_trusted_certificate_is_named(start: Callable[..., Serving], device_folder: Any) -> None:
    device = start()
    shutil.copy(device_folder / "device.toml", device_folder / "trusted" / "broken.pem")
    with socket.create_connection(("127.0.0.1", device.port), 10) as plain:
        assert plain.recv(1) == b""
