"""One program at a time in a folder, and none that waits for ever."""

from __future__ import annotations

import fcntl
import os
import threading

import pytest

from rtvis.app import folder_lock
from rtvis.app.folder_lock import alone_in


@pytest.fixture
def held(tmp_path):
    """A folder that another one has to itself."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield tmp_path, descriptor
    os.close(descriptor)


def is_free(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_a_folder_is_made_and_held_and_let_go(tmp_path):
    folder = tmp_path / "a" / "b"
    with alone_in(folder):
        assert not is_free(folder)
    assert is_free(folder)


def test_whoever_has_it_is_waited_for(held, monkeypatch):
    folder, descriptor = held
    monkeypatch.setattr(folder_lock, "sleep", lambda _: fcntl.flock(descriptor, fcntl.LOCK_UN))
    with alone_in(folder):
        assert not is_free(folder)


def test_one_who_keeps_it_stops_nobody(held, monkeypatch):
    folder, _ = held
    tries = []
    seconds = iter([0.0, 0.1, 0.2, 0.3])
    monkeypatch.setattr(folder_lock, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(folder_lock, "sleep", tries.append)
    with alone_in(folder):
        assert len(tries) == 2


def test_two_threads_are_not_in_it_together(tmp_path):
    inside, most = [], []

    def work():
        for _ in range(20):
            with alone_in(tmp_path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert max(most) == 1
    assert len(most) == 40
