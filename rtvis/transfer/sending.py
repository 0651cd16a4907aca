"""One delivery, seen from the sender: from the greeting to the checked receipt."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

from rtvis.integrity.identity import Identity
from rtvis.model.errors import DeliveryError, InputError
from rtvis.model.progress import Report
from rtvis.transfer.channel import Channel, PeerGoneError, PeerSilentError, peer_certificate
from rtvis.transfer.frames import MAX_DATA
from rtvis.transfer.manifest import CHUNK, Parcel
from rtvis.transfer.messages import (
    Challenge,
    Commit,
    Data,
    File,
    FileEnd,
    FileResult,
    Held,
    Hello,
    Message,
    Offer,
    ReceiptMessage,
    Refuse,
    Resume,
    Working,
)
from rtvis.transfer.protocol import WINDOW, RemoteProtocolError
from rtvis.transfer.receipt import SignedReceipt, sign_offer

OpenFile: TypeAlias = Callable[[Path], BinaryIO]
"""How files are opened for sending."""

T = TypeVar("T")


class RefusedByDeviceError(DeliveryError):
    """The device said no."""


def open_for_reading(path: Path) -> BinaryIO:
    """A file as it is, unbuffered: it is read in large pieces anyway."""
    return path.open("rb", buffering=0)


class Sending:
    """One conversation, seen from the sender."""

    def __init__(self, parcel: Parcel, identity: Identity, report: Report, open_file: OpenFile) -> None:
        self._parcel = parcel
        self._manifest = parcel.manifest
        self._identity = identity
        self._report = report
        self._open_file = open_file
        self.bytes_sent = 0
        self.resumed_bytes = 0

    def converse(self, channel: Channel, connection: ssl.SSLSocket) -> SignedReceipt:
        """Hold the conversation to its end.

        Raises:
            DeliveryError: when the device refuses, falls silent, goes away, or gives no proper receipt.
            RemoteProtocolError: when the device breaks the protocol.
            InputError: when a file can't be read, or isn't what the manifest says.
            CancelledError: when the report raises it.
        """
        device = peer_certificate(connection)
        self._report(0, self._manifest.total_bytes)
        try:
            self._expect(channel, Hello)
        except PeerGoneError as error:
            # In TLS 1.3 a device that doesn't know the sender says so only after the sender's side of the handshake.
            cause = error.__cause__
            if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or ""):
                raise RefusedByDeviceError(
                    "the device doesn't know this sender", remedy="let it trust this certificate: rtvis device trust"
                ) from None
            raise
        channel.send(Hello(self._identity.name[:200]))
        nonce = self._expect(channel, Challenge).nonce
        encoded = self._manifest.encode()
        channel.conversation.agree_on_files(self._manifest.sizes)
        channel.send(Offer(encoded, sign_offer(self._identity, nonce, device, encoded)))
        answer = self._wait(channel)
        if isinstance(answer, Resume):
            self._send_files(channel, answer)
            channel.send(Commit())
            answer = self._wait(channel)
        if not isinstance(answer, ReceiptMessage):
            raise PeerGoneError("the device gave no receipt")
        return self._checked(SignedReceipt.from_message(answer, device), nonce)

    def _checked(self, signed: SignedReceipt, nonce: bytes) -> SignedReceipt:
        receipt, manifest = signed.receipt, self._manifest
        if (receipt.manifest_sha256, receipt.nonce) != (manifest.sha256, nonce.hex()):
            raise DeliveryError("the device's receipt is for another delivery", remedy="don't rely on it")
        if receipt.verdict != "refused" and receipt.digest != manifest.digest:
            raise DeliveryError("the device's receipt names another volume digest", remedy="don't rely on it")
        self._report(manifest.total_bytes, manifest.total_bytes)
        return signed

    def _expect(self, channel: Channel, kind: type[T]) -> T:
        message = self._take(channel.receive())
        assert isinstance(message, kind)  # the state machine lets nothing else through
        return message

    def _wait(self, channel: Channel) -> Message:
        """The next message that isn't WORKING."""
        while isinstance(message := self._take(channel.receive()), Working):
            self._report(self.bytes_sent + self.resumed_bytes, self._manifest.total_bytes)
        return message

    @staticmethod
    def _take(message: Message) -> Message:
        match message:
            case Refuse():
                raise RefusedByDeviceError(message.reason)
            case FileResult(ok=False):
                raise RefusedByDeviceError(message.reason)
        return message

    def _send_files(self, channel: Channel, resume: Resume) -> None:
        for index, (path, held) in enumerate(zip(self._parcel.paths, resume.held, strict=True)):
            while channel.conversation.unanswered >= WINDOW:
                self._take(channel.receive())
            try:
                self._send_file(channel, index, path, held)
            except InputError as error:
                channel.refuse("file", error.what)
                raise
        while channel.conversation.unanswered:
            self._take(channel.receive())

    def _send_file(self, channel: Channel, index: int, path: Path, held: Held) -> None:
        entry = self._manifest.files[index]
        try:
            with self._open_file(path) as handle:
                offset = held.offset if held.offset and _same_start(handle, held) else 0
                handle.seek(offset)
                self.resumed_bytes += offset
                channel.send(File(index, offset))
                left = entry.size - offset
                while left:
                    data = handle.read(min(left, MAX_DATA))
                    if not data:
                        raise InputError("has become shorter while it was being sent", path=path, remedy="send again")
                    self._send_data(channel, data)
                    left -= len(data)
        except OSError as error:
            raise InputError(f"can't be read ({error.strerror})", path=path) from error
        channel.send(FileEnd(index))

    def _send_data(self, channel: Channel, data: bytes) -> None:
        try:
            channel.send(Data(data))
        except PeerGoneError:
            # A device that refuses says why before it closes: what it said counts more than that it is gone.
            with suppress(PeerGoneError, PeerSilentError, RemoteProtocolError):
                while (said := channel.poll()) is not None:
                    self._take(said)
            raise
        self.bytes_sent += len(data)
        while (message := channel.poll()) is not None:
            self._take(message)
        self._report(self.bytes_sent + self.resumed_bytes, self._manifest.total_bytes)


def _same_start(handle: BinaryIO, held: Held) -> bool:
    """Whether the file starts with the bytes that the device has."""
    hasher, left = hashlib.sha256(), held.offset
    while left and (data := handle.read(min(left, CHUNK))):
        hasher.update(data)
        left -= len(data)
    return not left and hasher.hexdigest() == held.sha256
