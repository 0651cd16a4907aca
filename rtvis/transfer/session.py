"""One delivery, seen from the device: from the greeting to the receipt."""

from __future__ import annotations

import errno
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from rtvis.integrity.identity import Identity, common_name
from rtvis.integrity.public_key import certificate_fingerprint
from rtvis.model.errors import DeliveryError, OutputError, RtvisError
from rtvis.transfer.channel import Channel, PeerGoneError, PeerSilentError
from rtvis.transfer.checking import Checker, Checkers, CheckResult
from rtvis.transfer.device_folder import TRUSTED_FOLDER, Device
from rtvis.transfer.inbox import Arrival, Staging
from rtvis.transfer.manifest import Manifest, ManifestError
from rtvis.transfer.messages import (
    NONCE_BYTES,
    Challenge,
    Commit,
    Data,
    File,
    FileEnd,
    FileResult,
    Hello,
    Message,
    Offer,
    Refuse,
    Resume,
    Working,
)
from rtvis.transfer.protocol import RemoteProtocolError
from rtvis.transfer.receipt import Receipt, SignedReceipt, Verdict, offer_holds

T = TypeVar("T")

TAKE_OVER_S = 20.0
"""How long a delivery waits for an earlier connection with the same delivery to end."""
WORKING_EVERY_S = 3.0
"""How often a busy device says that it is there: well within anybody's patience."""


class RefusedError(DeliveryError):
    """This device doesn't take it; the sender is told so, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Interruptible(Protocol):
    """What can be asked to end."""

    def interrupt(self) -> None:
        """End soon, unless what it does is better finished."""


class Reservations:
    """What is arriving on all sessions of one device: no delivery twice at once, no disk space promised twice.

    Attributes:
        storing: held from the last look into the inbox to the rename, so that two senders can't both be first.
    """

    def __init__(self) -> None:
        self.storing = threading.Lock()
        self._changed = threading.Condition()
        self._owners: dict[str, Interruptible] = {}
        self._promised: list[int] = []

    def take(self, key: str, owner: Interruptible) -> None:
        """Let `owner` alone work on the delivery `key`.

        Who comes later wins: a sender that connects again knows better than the device that its last connection is
        gone.

        Raises:
            RefusedError: when the earlier one doesn't end in time.
        """
        with self._changed:
            earlier = self._owners.get(key)
            if earlier is not None:
                earlier.interrupt()
            if not self._changed.wait_for(lambda: key not in self._owners, TAKE_OVER_S):
                raise RefusedError("busy", "the same delivery is already under way")
            self._owners[key] = owner

    def give_back(self, owner: Interruptible) -> None:
        """Let others have what `owner` took."""
        with self._changed:
            self._owners = {key: one for key, one in self._owners.items() if one is not owner}
            self._changed.notify_all()

    @contextmanager
    def space(self, needed: int, available: Callable[[], int]) -> Iterator[None]:
        """Hold `needed` bytes of what is `available`.

        Raises:
            RefusedError: when there isn't enough.
        """
        with self._changed:
            free = available() - sum(self._promised)
            if needed > free:
                raise RefusedError("space", f"needs {needed} bytes; the device has room for {max(free, 0)}")
            self._promised.append(needed)
        try:
            yield
        finally:
            with self._changed:
                self._promised.remove(needed)


@dataclass(frozen=True, slots=True)
class Service:
    """What all sessions of one serving device share."""

    device: Device
    identity: Identity
    reservations: Reservations
    checkers: Checkers


class Session:
    """One conversation with one sender, whose certificate the TLS handshake has checked.

    Attributes:
        committing: whether it verifies or stores, and is better finished than cut.
    """

    def __init__(self, service: Service, channel: Channel, sender: x509.Certificate) -> None:
        self._device = service.device
        self._identity = service.identity
        self._reservations = service.reservations
        self._checkers = service.checkers
        self._channel = channel
        self._sender = sender
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="delivery")
        self.committing = False

    def run(self) -> str:
        """Hold the conversation to its end. Returns one line on how it went; nothing is raised."""
        try:
            return self._deliver()
        except RefusedError as error:
            self._channel.refuse(error.code, error.what)
            return f"refused: {error.what}"
        except RemoteProtocolError as error:
            self._channel.refuse("protocol", str(error))
            return f"closed: {error}"
        except (PeerGoneError, PeerSilentError) as error:
            return f"cut: {error.what}"
        except OSError as error:
            reason = _storage_reason(error)
            self._channel.refuse("storage", reason)
            return f"refused: {reason}"
        except RtvisError as error:
            reason = _storage_reason(error.__cause__) if isinstance(error.__cause__, OSError) else error.what
            self._channel.refuse("storage" if isinstance(error, OutputError) else "device", reason)
            return f"refused: {error}"
        finally:
            self._worker.shutdown(wait=True)
            self._channel.close()

    def interrupt(self) -> None:
        """Cut the connection, unless the delivery is being verified and stored."""
        if not self.committing:
            self._channel.cut()

    def _deliver(self) -> str:
        manifest, offer = self._take_offer()
        key = f"{certificate_fingerprint(self._sender)} {manifest.sha256}"
        try:
            self._while_working("waiting for an earlier connection", lambda: self._reservations.take(key, self))
            return self._deliver_alone(manifest, offer)
        finally:
            self._reservations.give_back(self)

    def _deliver_alone(self, manifest: Manifest, offer: Offer) -> str:
        inbox = self._device.inbox
        if self._while_working("looking for it in the inbox", lambda: inbox.holds(manifest)):
            return self._answer("already_there", manifest, CheckResult(digest=manifest.digest))
        self._refuse_conflict(manifest)
        if not inbox.writable():
            raise RefusedError("storage", "the device's inbox can't be written to")
        keep_free = self._device.policy.keep_free_bytes
        known = inbox.held_files(manifest)
        staging = inbox.stage(certificate_fingerprint(self._sender), manifest)
        needed = staging.missing_bytes(known)
        with self._reservations.space(needed, lambda: inbox.free_bytes() - keep_free):
            try:
                self._receive_files(staging, manifest, known)
                with self._checkers.taken() as checker:
                    return self._commit(staging, manifest, offer, checker)
            finally:
                staging.close()

    def _take_offer(self) -> tuple[Manifest, Offer]:
        channel = self._channel
        channel.send(Hello(self._device.name[:200]))
        self._expect(Hello)
        channel.send(Challenge(self._nonce))
        offer = self._expect(Offer)
        if not offer_holds(self._sender, offer.signature, self._nonce, self._identity.certificate, offer.manifest):
            raise RefusedError("signature", "the manifest isn't signed by the sender's key for this device and session")
        try:
            manifest = Manifest.decode(offer.manifest)
        except ManifestError as error:
            raise RefusedError("manifest", f"the manifest {error}") from None
        policy = self._device.policy
        if manifest.total_bytes > policy.max_bytes:
            raise RefusedError(
                "size", f"{manifest.total_bytes} bytes are more than the {policy.max_bytes} this device takes at once"
            )
        if len(manifest.files) > policy.max_files:
            raise RefusedError("size", f"{len(manifest.files)} files are more than the {policy.max_files} it takes")
        channel.conversation.agree_on_files(manifest.sizes)
        return manifest, offer

    def _expect(self, kind: type[T]) -> T:
        message = self._channel.receive()
        if isinstance(message, Refuse):
            raise PeerGoneError(f"the sender gave up: {message.reason}")
        assert isinstance(message, kind)  # the state machine lets nothing else through
        return message

    def _receive_files(self, staging: Staging, manifest: Manifest, known: dict[str, Path]) -> None:
        held = self._while_working("reading what came before", lambda: staging.recover(known))
        self._channel.send(Resume(held))
        arrival: Arrival | None = None
        try:
            while True:
                message: Message = self._channel.receive()
                match message:
                    case Data():
                        assert arrival is not None
                        arrival.write(message.payload)
                    case File():
                        arrival = staging.receive(message.index, message.offset)
                    case FileEnd():
                        assert arrival is not None
                        self._finish_file(staging, manifest, message.index, arrival.wrong())
                        arrival = None
                    case Commit():
                        return
                    case Refuse():
                        raise PeerGoneError(f"the sender gave up: {message.reason}")
                    case _:
                        raise AssertionError(message)
        finally:
            if arrival is not None:
                arrival.close()

    def _finish_file(self, staging: Staging, manifest: Manifest, index: int, wrong: str) -> None:
        if wrong:
            staging.drop(index)
            reason = f"{manifest.files[index].name} isn't what the manifest says: its {wrong} differ"
            self._channel.send(FileResult(index, ok=False, reason=reason))
            raise RefusedError("damaged", reason)
        staging.sync_later(index)
        self._channel.send(FileResult(index, ok=True))

    def _commit(self, staging: Staging, manifest: Manifest, offer: Offer, checker: Checker) -> str:
        self.committing = True
        paths = [staging.path_of(index) for index in range(len(manifest.files))]
        trusted = self._device.folder / TRUSTED_FOLDER
        required = self._device.policy.signatures == "required"
        result = self._while_working(
            "verifying",
            lambda: checker.check(paths, trusted, manifest, signatures_required=required),
            even_if_gone=True,
        )
        if result.reason:
            staging.discard()
            return self._answer("refused", manifest, result)
        receipt = self._receipt("accepted", manifest, result)
        papers = {
            "nonce": self._nonce.hex(),
            "signature": offer.signature.hex(),
            "device": certificate_fingerprint(self._identity.certificate),
            "sender_certificate": self._sender.public_bytes(serialization.Encoding.PEM).decode(),
        }
        stored = self._while_working(
            "storing", lambda: self._store(staging, manifest, papers, receipt), even_if_gone=True
        )
        if not stored:
            return self._answer("already_there", manifest, result)
        self._channel.send(receipt.message)
        return f"accepted: {manifest.volume_id} from {common_name(self._sender)}"

    def _store(self, staging: Staging, manifest: Manifest, papers: dict[str, str], receipt: SignedReceipt) -> bool:
        """Move the delivery into the inbox; False when another sender has brought the same meanwhile.

        Raises:
            RefusedError: when another sender has brought another volume under this volume_id meanwhile.
            OSError, OutputError: when the disk doesn't take it.
        """
        inbox = self._device.inbox
        with self._reservations.storing:
            if inbox.holds(manifest):
                staging.discard()
                return False
            try:
                self._refuse_conflict(manifest)
            except RefusedError:
                staging.discard()
                raise
            staging.commit(inbox.place_of(manifest), papers, receipt)
        return True

    def _refuse_conflict(self, manifest: Manifest) -> None:
        other = self._device.inbox.conflict(manifest)
        if other:
            raise RefusedError("conflict", f"the device holds another volume as {manifest.volume_id} ({other})")

    def _answer(self, verdict: Verdict, manifest: Manifest, result: CheckResult) -> str:
        self._channel.send(self._receipt(verdict, manifest, result).message)
        words = f": {result.reason}" if result.reason else ""
        return f"{verdict}: {manifest.volume_id} from {common_name(self._sender)}{words}"

    def _receipt(self, verdict: Verdict, manifest: Manifest, result: CheckResult) -> SignedReceipt:
        receipt = Receipt(
            verdict=verdict,
            device=self._device.name[:200],
            device_fingerprint=self._identity.fingerprint,
            sender=common_name(self._sender),
            sender_fingerprint=certificate_fingerprint(self._sender),
            manifest_sha256=manifest.sha256,
            volume_id=manifest.volume_id,
            series_instance_uid=manifest.series_instance_uid,
            digest=result.digest,
            files=len(manifest.files),
            total_bytes=manifest.total_bytes,
            signatures=result.signatures,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            nonce=self._nonce.hex(),
            reason=result.reason[:500],
        )
        return SignedReceipt.make(receipt, self._identity)

    def _while_working(self, stage: str, work: Callable[[], T], *, even_if_gone: bool = False) -> T:
        """Do long work in a thread, telling the sender now and then that the device is still there.

        Args:
            stage: what it is doing.
            work: the work.
            even_if_gone: whether to go on when the sender can't be told any more.
        """
        future = self._worker.submit(work)
        while True:
            try:
                return future.result(WORKING_EVERY_S)
            except NotYet:
                if future.done():
                    raise
            try:
                self._channel.send(Working(stage))
            except (PeerGoneError, PeerSilentError):
                if not even_if_gone:
                    wait([future])  # nobody else may touch these files before it has let go of them
                    raise


def _storage_reason(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the device's disk is full"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return "the device's inbox can't be written to"
    return f"the device can't store it ({error.strerror or type(error).__name__})"
