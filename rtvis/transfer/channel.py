"""A conversation over TLS 1.3: contexts in which both sides must show certificates, and a socket with deadlines."""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from rtvis.integrity.identity import Identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import DeliveryError
from rtvis.transfer.messages import Message, Refuse
from rtvis.transfer.protocol import Conversation, ProtocolError

_RECEIVE = 64 * 1024
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 16 * 1024 * 1024


class PeerSilentError(DeliveryError):
    """The other side didn't answer in time."""


class PeerGoneError(DeliveryError):
    """The connection was closed or cut."""


def _context(purpose: int, identity: Identity, trust: TrustStore) -> ssl.SSLContext:
    context = ssl.SSLContext(purpose)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
    # Certificates are pinned, or issued by a pinned one; names of hosts mean nothing for devices on a treatment floor.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_cert_chain(identity.certificate_path, identity.key_path, password=identity.passphrase)
    if trust.certificates:
        pems = (one.public_bytes(serialization.Encoding.PEM).decode() for one in trust.certificates)
        context.load_verify_locations(cadata="".join(pems))
    return context


def device_context(identity: Identity, trust: TrustStore) -> ssl.SSLContext:
    """TLS 1.3 only, for the device: a sender must show a certificate that `trust` knows."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity, trust)
    context.num_tickets = 0  # every session shows certificates anew
    return context


def sender_context(identity: Identity, trust: TrustStore) -> ssl.SSLContext:
    """TLS 1.3 only, for the sender: the device must show a certificate that `trust` knows."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, identity, trust)


def peer_certificate(connection: ssl.SSLSocket) -> x509.Certificate:
    """The certificate the other side showed in the handshake."""
    der = connection.getpeercert(binary_form=True)
    if der is None:
        raise PeerGoneError("showed no certificate")
    return x509.load_der_x509_certificate(der)


def why_not_trusted(connection: ssl.SSLSocket, trust: TrustStore) -> str:
    """Why the other side isn't trusted, by our own rules and not only the TLS library's; empty when it is."""
    return trust.why_not(peer_certificate(connection), datetime.now(UTC))


class Channel:
    """Messages over one TLS connection. Each message has `timeout` seconds to come in or go out whole.

    Attributes:
        conversation: the state machine.
    """

    def __init__(self, connection: ssl.SSLSocket, conversation: Conversation, timeout: float) -> None:
        self.conversation = conversation
        self._connection = connection
        self._timeout = timeout
        self._ready: deque[Message] = deque()

    def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            PeerSilentError: when it can't be sent in time.
            PeerGoneError: when the connection is gone.
        """
        data = self.conversation.send(message)
        try:
            self._connection.settimeout(self._timeout)
            self._connection.sendall(data)
        except TimeoutError:
            raise PeerSilentError(f"took nothing for {self._timeout:g} s") from None
        except OSError as error:
            raise PeerGoneError(f"the connection was cut ({_words(error)})") from None

    def receive(self) -> Message:
        """Wait for the next message.

        Raises:
            PeerSilentError: when none came whole in time.
            PeerGoneError: when the connection is gone.
            RemoteProtocolError: when what came isn't allowed.
        """
        deadline = time.monotonic() + self._timeout
        while not self._ready:
            left = deadline - time.monotonic()
            if left <= 0:
                raise PeerSilentError(f"said nothing for {self._timeout:g} s")
            self._receive_some(left)
        return self._ready.popleft()

    def poll(self) -> Message | None:
        """The next message if one is there already.

        Raises:
            PeerGoneError: when the connection is gone.
            RemoteProtocolError: when what came isn't allowed.
        """
        if not self._ready:
            self._receive_some(0.0)
        return self._ready.popleft() if self._ready else None

    def _receive_some(self, seconds: float) -> None:
        try:
            self._connection.settimeout(seconds)
            data = self._connection.recv(_RECEIVE)
        except (TimeoutError, ssl.SSLWantReadError, BlockingIOError):
            return
        except OSError as error:
            raise PeerGoneError(f"the connection was cut ({_words(error)})") from error
        if not data:
            raise PeerGoneError("the connection was closed")
        self._ready.extend(self.conversation.receive(data))

    def refuse(self, code: str, reason: str) -> None:
        """Say no and why, and let it arrive: closing at once would throw it away where the other side still sends."""
        with suppress(DeliveryError, ProtocolError):
            self.send(Refuse(code, reason))
            linger(self._connection)

    def cut(self) -> None:
        """End the connection from another thread; who waits for it finds it gone."""
        cut(self._connection)

    def close(self) -> None:
        """Close the connection."""
        close(self._connection)


def linger(connection: socket.socket) -> None:
    """Read and forget until the other side closes, within limits of time and bytes.

    A socket closed with unread bytes resets the connection, and the last message is lost with it.
    """
    deadline, taken = time.monotonic() + _LINGER_SECONDS, 0
    with suppress(OSError):
        while taken < _LINGER_BYTES and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            data = connection.recv(_RECEIVE)
            if not data:
                return
            taken += len(data)


def close(connection: socket.socket) -> None:
    """Shut down and close a socket that may be gone already."""
    cut(connection)
    connection.close()


def cut(connection: socket.socket) -> None:
    """Shut a connection down without a word to the TLS object.

    `SSLSocket.shutdown` drops that object first, and another thread could then send its next message in the clear.
    """
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "TLS").replace("_", " ").lower()
    return error.strerror or type(error).__name__
