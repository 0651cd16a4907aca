"""Sending is given up at once, whatever the device does, and whatever it waits for."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from rtvis.integrity.identity import Identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.progress import CancelledError
from rtvis.transfer.client import send_parcels
from rtvis.transfer.giving_up import Lines
from rtvis.transfer.manifest import Parcel

from .conftest import make_identity

AT_MOST_S = 3.0
"""Generous: without a cut it would be `TIMEOUT_S`."""
TIMEOUT_S = 60.0


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return make_identity(tmp_path / "sender", "sender")


@pytest.fixture
def silent() -> Iterator[str]:
    """A device that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def full() -> Iterator[str]:
    """A device that doesn't even take the connection: so many wait already that a further one gets no answer."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


def given_up_after(parcel: Parcel, addresses: list[str], identity: Identity) -> float:
    """Seconds from the cancel until `send_parcels` ended with it."""
    begun, stop = threading.Event(), threading.Event()
    ended_at: list[float] = []

    def report(_done: int, _total: int) -> None:
        begun.set()
        if stop.is_set():
            raise CancelledError("stopped")

    def send() -> None:
        with pytest.raises(CancelledError):
            send_parcels([parcel], addresses, identity, TrustStore(), timeout=TIMEOUT_S, report=report)
        ended_at.append(monotonic())

    thread = threading.Thread(target=send)
    thread.start()
    assert begun.wait(20)
    stopped_at = monotonic()
    stop.set()
    thread.join(TIMEOUT_S)
    assert ended_at, "it neither ended nor was it cancelled"
    return ended_at[0] - stopped_at


def test_a_device_that_says_nothing_is_given_up_at_once(parcel: Parcel, identity: Identity, silent: str) -> None:
    assert given_up_after(parcel, [silent], identity) < AT_MOST_S


def test_a_device_that_takes_no_connection_is_given_up_at_once(parcel: Parcel, identity: Identity, full: str) -> None:
    assert given_up_after(parcel, [full], identity) < AT_MOST_S


def test_all_devices_are_given_up_together_and_no_thread_stays(
    parcel: Parcel, identity: Identity, silent: str, full: str
) -> None:
    before = threading.active_count()
    assert given_up_after(parcel, [silent, full, silent], identity) < AT_MOST_S
    assert threading.active_count() == before


def test_ctrl_c_is_answered_at_once(parcel: Parcel, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes while the pool of threads is waited for, in the main thread; the devices are silent."""
    heard = threading.Event()

    def interrupted(*_arguments: object) -> Iterator[None]:
        assert heard.wait(20)
        raise KeyboardInterrupt
        yield

    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def listen() -> None:
            stack.enter_context(server.accept()[0])
            heard.set()

        threading.Thread(target=listen, daemon=True).start()
        map_all = ThreadPoolExecutor.map

        def map_and_be_interrupted(pool: ThreadPoolExecutor, *arguments: object) -> Iterator[None]:
            map_all(pool, *arguments)  # type: ignore[arg-type]  (what it is given)
            return interrupted()

        monkeypatch.setattr(ThreadPoolExecutor, "map", map_and_be_interrupted)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        begun = monotonic()
        with pytest.raises(KeyboardInterrupt):
            send_parcels([parcel], [address], identity, TrustStore(), timeout=10.0)
        assert monotonic() - begun < AT_MOST_S


def test_an_address_of_a_kind_that_this_computer_has_not_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name often stands for an address of IPv6 first, which the system may not have."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        unknown = 9999
        found = [(unknown, socket.SOCK_STREAM, 0, "", ("::1", address[1], 0, 0))]
        found.append((socket.AF_INET, socket.SOCK_STREAM, 0, "", address))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: found)
        with Lines().dial("localhost", address[1], 5.0) as line:
            assert line.getpeername() == address


def test_no_line_stays_open_where_it_can_not_be_held(
    parcel: Parcel, identity: Identity, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more files may be open, say."""
    dialled: list[socket.socket] = []
    dial = Lines.dial

    def dial_and_run_out(lines: Lines, host: str, port: int, timeout_s: float) -> socket.socket:
        line = dial(lines, host, port, timeout_s)
        dialled.append(line)
        monkeypatch.setattr(Lines, "held", no_more_files)
        return line

    def no_more_files(_lines: Lines, _line: socket.socket) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Lines, "dial", dial_and_run_out)
    (delivery,) = send_parcels([parcel], [silent], identity, TrustStore(), timeout=5.0)
    assert delivery.status == "failed"
    assert "Too many open files" in delivery.reason
    assert dialled[0].fileno() == -1
