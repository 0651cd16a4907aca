"""Sending: volumes with their structure sets to devices, and what came of it.

Whatever goes wrong between here and a device ends as a `Delivery` with a status and one line of reason; one device that
is down doesn't stop the others.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rtvis.integrity.identity import Identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import DeliveryError, RtvisError
from rtvis.model.progress import CancelledError, Report, no_report
from rtvis.transfer.address import parse_address
from rtvis.transfer.channel import (
    Channel,
    PeerSilentError,
    close,
    sender_context,
    why_not_trusted,
)
from rtvis.transfer.giving_up import Lines
from rtvis.transfer.manifest import Parcel
from rtvis.transfer.messages import MessageError
from rtvis.transfer.protocol import Conversation, RemoteProtocolError, Role
from rtvis.transfer.sending import OpenFile, RefusedByDeviceError, Sending, open_for_reading

DEFAULT_TIMEOUT_S = 30.0
MAX_DEVICES_AT_ONCE = 4

Status: TypeAlias = Literal["accepted", "already_there", "refused", "failed"]


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
        parcels: see `rtvis.transfer.manifest.build_manifest`.
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
    lines = Lines()
    sender = _Sender.make(identity, trust, timeout, open_file, lines)

    def to_one(address: str) -> list[Delivery]:
        deliveries: list[Delivery] = []
        for parcel in parcels:
            part = progress.part()

            def told(done: int, _: int, part: Callable[[int], None] = part) -> None:
                if lines.is_cut:
                    raise CancelledError("stopped")
                part(done)

            try:
                delivery = _deliver(parcel, address, sender, told)
            except CancelledError:
                lines.cut()
                raise
            if lines.is_cut and not delivery.holds:
                raise CancelledError("stopped")
            deliveries.append(delivery)
            part(parcel.manifest.total_bytes)
        return deliveries

    with (
        lines.cut_when(progress.tell_again),
        ThreadPoolExecutor(min(MAX_DEVICES_AT_ONCE, max(1, len(addresses)))) as pool,
    ):
        try:
            return [one for deliveries in pool.map(to_one, addresses) for one in deliveries]
        except KeyboardInterrupt:  # Ctrl-C: leaving the pool waits for all of its threads, and these for the devices
            lines.cut()
            raise


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

    def tell_again(self) -> None:
        """While nothing moves: whoever listens may want it to end."""
        with self._lock:
            self._report(self._done, self._total)


@dataclass(frozen=True, slots=True)
class _Sender:
    """What all deliveries of one call share; the key is unlocked once."""

    identity: Identity
    trust: TrustStore
    timeout: float
    open_file: OpenFile
    context: ssl.SSLContext
    lines: Lines

    @classmethod
    def make(
        cls, identity: Identity, trust: TrustStore, timeout: float, open_file: OpenFile | None, lines: Lines
    ) -> _Sender:
        """Unlock the key."""
        return cls(identity, trust, timeout, open_file or open_for_reading, sender_context(identity, trust), lines)


def _deliver(parcel: Parcel, to: str, sender: _Sender, report: Report) -> Delivery:
    host, port = parse_address(to)
    sending = Sending(parcel, sender.identity, report, sender.open_file)
    status: Status = "failed"
    receipt: dict[str, Any] | None = None
    try:
        plain = _dial(host, port, sender)
        with plain, sender.lines.held(plain):
            channel, connection = _secured(plain, sender)
            try:
                signed = sending.converse(channel, connection)
            finally:
                close(connection)
        receipt = signed.to_json()
        status, reason = signed.receipt.verdict, signed.receipt.reason
    except CancelledError:
        raise
    except RefusedByDeviceError as error:
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


def _dial(host: str, port: int, sender: _Sender) -> socket.socket:
    try:
        return sender.lines.dial(host, port, sender.timeout)
    except TimeoutError:
        raise DeliveryError(
            f"no answer within {sender.timeout:g} s", remedy="is the device on, and the address right?"
        ) from None
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise DeliveryError(f"can't be reached ({words})", remedy="is the device on, and the address right?") from error


def _secured(plain: socket.socket, sender: _Sender) -> tuple[Channel, ssl.SSLSocket]:
    timeout, trust = sender.timeout, sender.trust
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(timeout)
        secure = sender.context.wrap_socket(plain)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise DeliveryError(
            f"the device's certificate isn't trusted ({error.verify_message})",
            remedy="name the certificate of the device itself as trusted",
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
            f"the device's certificate isn't trusted: {reason}",
            remedy="name the certificate of the device itself as trusted",
        )
    return Channel(secure, Conversation(Role.SENDER), timeout), secure
