"""Sending: volumes with their structure sets to devices, and what came of it.

Whatever goes wrong between here and a device ends as a `Delivery` with a status and one line of reason; one device that
is down doesn't stop the others.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, TypeVar

from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.integrity.identity import Identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import DeliveryError, InputError, NothingFoundError, RtvisError
from rtvis.model.progress import CancelledError, Report, no_report
from rtvis.transfer.address import parse_address
from rtvis.transfer.channel import (
    Channel,
    PeerGoneError,
    PeerSilentError,
    close,
    peer_certificate,
    sender_context,
    why_not_trusted,
)
from rtvis.transfer.frames import MAX_DATA
from rtvis.transfer.manifest import CHUNK, Parcel, build_manifest
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
    MessageError,
    Offer,
    ReceiptMessage,
    Refuse,
    Resume,
    Working,
)
from rtvis.transfer.protocol import WINDOW, Conversation, RemoteProtocolError, Role
from rtvis.transfer.receipt import SignedReceipt, sign_offer

DEFAULT_TIMEOUT_S = 30.0
MAX_DEVICES_AT_ONCE = 4

Status: TypeAlias = Literal["accepted", "already_there", "refused", "failed"]
OpenFile: TypeAlias = Callable[[Path], BinaryIO]
"""How files are opened for sending."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of sending one volume to one device.

    Attributes:
        to: HOST:PORT as it was given.
        status: ``accepted``; ``already_there``: the device holds it, checked again, nothing was sent; ``refused`` by
            the device; ``failed``: the device couldn't be reached, isn't trusted, fell silent, or a file changed.
        digest: the volume digest, ``md5:<hex>``, as offered and, when accepted, as the device recomputed it.
        bytes_sent: bytes of files sent this time.
        resumed_bytes: bytes of files that the device still had from before.
        receipt: the signed receipt as `SignedReceipt.to_json` gives it, or None without one.
        reason: one line on what went wrong; empty when nothing did.
    """

    to: str
    volume_id: str
    series_instance_uid: str
    status: Status
    digest: str
    bytes_sent: int = 0
    resumed_bytes: int = 0
    receipt: dict[str, Any] | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the device has the volume."""
        return self.status in ("accepted", "already_there")


class _RefusedError(DeliveryError):
    """The device said no."""


def open_for_reading(path: Path) -> BinaryIO:
    """A file as it is, unbuffered: it is read in large pieces anyway."""
    return path.open("rb", buffering=0)


def pack(files: Iterable[str | Path], report: Report = no_report) -> list[Parcel]:
    """One parcel for each volume in files or folders, each with all structure sets found there.

    Raises:
        NothingFoundError: without any volume.
        InputError: when a volume can't be read or sent.
    """
    named = list(files)
    scan = find_series(named)
    if not scan.plans:
        raise NothingFoundError("no image volume there", path=named[0] if named else None, remedy="name a series")
    return [build_manifest(read_volume(plan), scan.structure_sets, report) for plan in scan.plans]


def send_volume(
    files: Iterable[str | Path],
    to: str,
    identity: Identity,
    trust: TrustStore,
    *,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
    open_file: OpenFile | None = None,
) -> Delivery:
    """Send the one volume that `files` hold, with the structure sets among them, to one device.

    Args:
        files: files, or folders of them.
        to: HOST:PORT.
        identity: the sender's.
        trust: the device's certificate, or its issuer's.
        timeout: seconds after which a silent device is given up.
        report: called with (bytes, bytes in all).
        open_file: how files are opened for sending.

    Raises:
        UsageError: when `to` isn't HOST:PORT.
        InputError: when there isn't exactly one volume, or it can't be read.
        CancelledError: when `report` raises it.
    """
    parse_address(to)
    parcels = pack(files)
    if len(parcels) != 1:
        raise InputError(f"{len(parcels)} volumes are there", remedy="name the files of one, or send each for itself")
    return send_parcel(parcels[0], to, identity, trust, timeout=timeout, report=report, open_file=open_file)


def send_parcels(
    parcels: Sequence[Parcel],
    addresses: Sequence[str],
    identity: Identity,
    trust: TrustStore,
    *,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
    open_file: OpenFile | None = None,
) -> list[Delivery]:
    """Send every parcel to every device, several devices at a time, the parcels of one device one after the other.

    Args:
        parcels: see `pack` and `rtvis.transfer.manifest.build_manifest`.
        addresses: HOST:PORT of each device.
        identity: the sender's.
        trust: the devices' certificates, or their issuers'.
        timeout: seconds after which a silent device is given up.
        report: called with (bytes, bytes in all), over all deliveries.
        open_file: how files are opened for sending.

    Returns:
        One delivery for each pair, ordered by device, then by parcel.

    Raises:
        UsageError: when an address isn't HOST:PORT.
        CancelledError: when `report` raises it.
    """
    for address in addresses:
        parse_address(address)
    total = sum(one.manifest.total_bytes for one in parcels) * len(addresses)
    progress = _JointProgress(report, total)
    cancelled = threading.Event()

    def to_one(address: str) -> list[Delivery]:
        deliveries: list[Delivery] = []
        for parcel in parcels:
            part = progress.part()

            def told(done: int, _: int, part: Callable[[int], None] = part) -> None:
                if cancelled.is_set():
                    raise CancelledError("stopped")
                part(done)

            try:
                delivery = send_parcel(
                    parcel, address, identity, trust, timeout=timeout, report=told, open_file=open_file
                )
                deliveries.append(delivery)
            except CancelledError:
                cancelled.set()
                raise
            part(parcel.manifest.total_bytes)
        return deliveries

    with ThreadPoolExecutor(min(MAX_DEVICES_AT_ONCE, max(1, len(addresses)))) as pool:
        return [one for deliveries in pool.map(to_one, addresses) for one in deliveries]


class _JointProgress:
    """Several deliveries, one bar."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self._done = report, total, 0
        self._lock = threading.Lock()

    def part(self) -> Callable[[int], None]:
        """A function that takes how many bytes of one delivery are done."""
        before = 0

        def told(done: int) -> None:
            nonlocal before
            with self._lock:
                self._done += done - before
                before = done
                self._report(self._done, self._total)

        return told


def send_parcel(
    parcel: Parcel,
    to: str,
    identity: Identity,
    trust: TrustStore,
    *,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
    open_file: OpenFile | None = None,
) -> Delivery:
    """Send one parcel to one device; arguments as for `send_volume`.

    Raises:
        UsageError: when `to` isn't HOST:PORT.
        CancelledError: when `report` raises it; the device keeps what it has until the next time.
    """
    host, port = parse_address(to)
    sending = _Sending(parcel, identity, report, open_file or open_for_reading)
    status: Status = "failed"
    receipt: dict[str, Any] | None = None
    try:
        channel, connection = _connect(host, port, identity, trust, timeout)
        try:
            signed = sending.converse(channel, connection)
        finally:
            close(connection)
        receipt = signed.to_json()
        status, reason = signed.receipt.verdict, signed.receipt.reason
    except CancelledError:
        raise
    except _RefusedError as error:
        status, reason = "refused", str(error)
    except (RemoteProtocolError, MessageError) as error:
        reason = f"the device breaks the protocol: {error}"
    except RtvisError as error:
        reason = str(error)
    except OSError as error:
        reason = f"this computer can't send ({error.strerror or type(error).__name__})"
    manifest = parcel.manifest
    return Delivery(
        to,
        manifest.volume_id,
        manifest.series_instance_uid,
        status,
        manifest.digest,
        sending.bytes_sent,
        sending.resumed_bytes,
        receipt,
        " ".join(reason.split()),
    )


def _connect(
    host: str, port: int, identity: Identity, trust: TrustStore, timeout: float
) -> tuple[Channel, ssl.SSLSocket]:
    context = sender_context(identity, trust)
    try:
        plain = socket.create_connection((host, port), timeout)
    except TimeoutError:
        raise DeliveryError(
            f"no answer within {timeout:g} s", remedy="is the device on, and the address right?"
        ) from None
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise DeliveryError(f"can't be reached ({words})", remedy="is the device on, and the address right?") from error
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(timeout)
        secure = context.wrap_socket(plain)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise DeliveryError(
            f"the device's certificate isn't trusted ({error.verify_message})", remedy="name the right one with --trust"
        ) from None
    except TimeoutError:
        plain.close()
        raise PeerSilentError(f"said nothing for {timeout:g} s") from None
    except OSError as error:
        plain.close()
        words = getattr(error, "reason", None) or error.strerror or type(error).__name__
        raise DeliveryError(f"no TLS 1.3 connection ({str(words).replace('_', ' ').lower()})") from None
    reason = why_not_trusted(secure, trust)
    if reason:
        close(secure)
        raise DeliveryError(
            f"the device's certificate isn't trusted: {reason}", remedy="name the right one with --trust"
        )
    return Channel(secure, Conversation(Role.SENDER), timeout), secure


class _Sending:
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
                raise _RefusedError(
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
                raise _RefusedError(message.reason)
            case FileResult(ok=False):
                raise _RefusedError(message.reason)
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
