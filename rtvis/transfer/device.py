"""A receiving device as a server: TLS 1.3 with known senders, one thread for each delivery, a clean stop.

A stranger costs one thread for as long as a handshake may take, and no more than `MAX_HANDSHAKES` of them at a time;
when there are more, the one that has waited longest is dropped, so that silent strangers don't lock others out.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rtvis.integrity.identity import Identity, common_name, load_identity
from rtvis.model.errors import DeliveryError, OutputError, RtvisError, UsageError
from rtvis.transfer.address import format_address
from rtvis.transfer.channel import Channel, close, cut, device_context, linger, peer_certificate, why_not_trusted
from rtvis.transfer.checking import Checkers
from rtvis.transfer.device_folder import TRUSTED_FOLDER, Device, load_device
from rtvis.transfer.protocol import Conversation, Role
from rtvis.transfer.session import Reservations, Service, Session

MAX_HANDSHAKES = 64
HANDSHAKE_S = 10.0
MESSAGE_S = 30.0
"""Seconds that a sender has for each message."""
STOP_S = 20.0
"""Seconds that a stop waits for a delivery that is being verified; those that still arrive are cut at once."""
_POLL_S = 0.2

log = logging.getLogger(__name__)


def serve(
    folder: str | Path,
    host: str,
    port: int,
    passphrase: str | bytes,
    *,
    ready: Callable[[str, int], None],
    stop: threading.Event,
) -> None:
    """Receive deliveries until `stop` is set.

    Args:
        folder: the device's.
        host: name or address to listen on.
        port: 0 picks a free one.
        passphrase: what the device's key is encrypted with.
        ready: called once with the host and port it listens on.
        stop: set it to stop: what arrives is cut (and can go on later), what is being stored is finished.

    Raises:
        UsageError: when the folder is no device, the passphrase is wrong, it is being served already, or the address
            can't be listened on.
        OutputError: when the folder can't be written to.
    """
    device = load_device(folder)
    identity = load_identity(folder, passphrase)
    with _only_server(device), _listening(host, port) as listener:
        try:
            device.inbox.clean(device.policy.keep_partial_days)
        except OSError as error:
            raise OutputError(f"can't be cleaned ({error.strerror})", path=device.inbox.staging) from error
        server = _Server(device, identity, stop)
        ready(*listener.getsockname()[:2])
        server.run(listener)


@contextmanager
def _only_server(device: Device) -> Iterator[None]:
    """Two servers on one folder would write to the same staging files."""
    path = device.folder / "serving.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutputError(f"can't be written to ({error.strerror})", path=device.folder) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError("is being served already", path=device.folder, remedy="stop the other server") from None
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server((str(address[0]), port), family=family, backlog=128)
    except OSError as error:
        reason = error.strerror or "unknown"
        raise UsageError(f"can't listen on {format_address(host, port)} ({reason})", remedy="choose another") from error
    try:
        listener.settimeout(_POLL_S)
        yield listener
    finally:
        listener.close()


class _Server:
    def __init__(self, device: Device, identity: Identity, stop: threading.Event) -> None:
        self._device = device
        self._identity = identity
        self._stop = stop
        self._checkers = Checkers(device.policy.check_memory_bytes, device.policy.check_seconds)
        self._service = Service(device, identity, Reservations(), self._checkers)
        self._sessions = threading.BoundedSemaphore(max(1, device.policy.max_sessions))
        self._lock = threading.Lock()
        self._handshaking: dict[socket.socket, float] = {}
        self._running: dict[threading.Thread, Session] = {}
        self._threads: set[threading.Thread] = set()
        self._trusted_then: object = None
        self._context = self._fresh_context()

    def run(self, listener: socket.socket) -> None:
        """Accept until stopped, then wait for what is being stored."""
        try:
            self._checkers.prepare()
            self._accept(listener)
            self._end()
        finally:
            self._checkers.close()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stop.is_set():
            try:
                connection, address = listener.accept()
            except TimeoutError:
                continue
            except OSError as error:  # out of file descriptors: wait for some to be given back
                log.warning("can't accept: %s", error)
                self._stop.wait(_POLL_S)
                continue
            self._make_room()
            # The TLS socket will take the connection over; this second handle on it lets a silent handshake be ended,
            # and the alert of a refused one arrive.
            underneath = connection.dup()
            arguments = (connection, underneath, format_address(*address[:2]))
            thread = threading.Thread(target=self._handle, args=arguments, name="delivery")
            with self._lock:
                self._handshaking[underneath] = time.monotonic()
                self._threads.add(thread)
            thread.start()

    def _make_room(self) -> None:
        with self._lock:
            if len(self._handshaking) < MAX_HANDSHAKES:
                return
            oldest = min(self._handshaking, key=self._handshaking.__getitem__)
            del self._handshaking[oldest]
        cut(oldest)  # its thread wakes up and closes it

    def _end(self) -> None:
        with self._lock:
            for connection in self._handshaking:
                cut(connection)
            for session in self._running.values():
                session.interrupt()
            threads = list(self._threads)
        deadline = time.monotonic() + STOP_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._checkers.end_work()
        for thread in threads:
            thread.join()

    def _handle(self, connection: socket.socket, underneath: socket.socket, address: str) -> None:
        try:
            outcome = self._converse(connection, underneath)
            log.info("%s: %s", address, outcome)
        except RtvisError as error:
            log.warning("%s: %s", address, error)
        except OSError as error:
            log.info("%s: cut in the handshake: %s", address, error)
        finally:
            with self._lock:
                self._handshaking.pop(underneath, None)
                self._threads.discard(threading.current_thread())
            underneath.close()
            connection.close()

    def _converse(self, connection: socket.socket, underneath: socket.socket) -> str:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(HANDSHAKE_S)
        try:
            secure = self._current_context().wrap_socket(connection, server_side=True)
        except ssl.SSLError as error:
            linger(underneath)
            return f"no handshake: {error.reason}"
        try:
            with self._lock:
                self._handshaking.pop(underneath, None)
            return self._session(secure)
        finally:
            close(secure)

    def _session(self, secure: ssl.SSLSocket) -> str:
        channel = Channel(secure, Conversation(Role.DEVICE), MESSAGE_S)
        reason = why_not_trusted(secure, self._device.trust())
        if reason:
            channel.refuse("sender", reason)
            return f"refused: {reason}"
        if not self._sessions.acquire(blocking=False):
            channel.refuse("busy", "the device has as many deliveries under way as it takes; try again later")
            return "refused: busy"
        try:
            sender = peer_certificate(secure)
            session = Session(self._service, channel, sender)
            thread = threading.current_thread()
            with self._lock:
                if self._stop.is_set():
                    return f"cut: stopping, {common_name(sender)} turned away"
                self._running[thread] = session
            try:
                return session.run()
            finally:
                with self._lock:
                    del self._running[thread]
        finally:
            self._sessions.release()
            self._checkers.prepare()

    def _current_context(self) -> ssl.SSLContext:
        """The TLS context for the senders trusted now: trust given or taken back counts from the next connection."""
        with self._lock:
            if self._trusted_state() != self._trusted_then:
                self._context = self._fresh_context()
            return self._context

    def _fresh_context(self) -> ssl.SSLContext:
        self._trusted_then = self._trusted_state()
        return device_context(self._identity, self._device.trust())

    def _trusted_state(self) -> object:
        folder = self._device.folder / TRUSTED_FOLDER
        try:
            entries = sorted((one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in folder.iterdir())
        except OSError as error:
            raise DeliveryError(f"can't be read ({error.strerror})", path=folder) from error
        return entries
