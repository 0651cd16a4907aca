from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from threading import Event

import pytest

from rtvis.gui import spare_memory
from rtvis.gui.spare_memory import SpareMemory, give_back

PIECES, PIECE = 60_000, 1000


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setattr(spare_memory, "SOON_MS", 1)
    times = []
    monkeypatch.setattr(spare_memory, "give_back", lambda: times.append(True))
    return times


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_is_given_back_after_a_study_was_closed(given, window, qtbot) -> None:
    window.close_study()
    assert given == []
    qtbot.waitUntil(lambda: given == [True])
    qtbot.wait(20)
    assert given == [True]


def test_not_while_something_runs(given, window, qtbot) -> None:
    go, done = Event(), []
    window.tasks.start("Waiting", lambda _report: go.wait(10), done.append)
    window.session.study_changed.emit()
    qtbot.wait(20)
    assert given == []
    go.set()
    qtbot.waitUntil(lambda: given == [True])
    assert done == [True]


def test_nothing_happens_in_a_window_that_is_gone(given, window, qtbot) -> None:
    (feature,) = [one for one in window.features if isinstance(one, SpareMemory)]
    window.session.study_changed.emit()
    feature.release()
    window.session.study_changed.emit()
    qtbot.wait(20)
    assert given == []


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system doesn't tell what it has lent")
def test_what_was_freed_is_the_systems_again() -> None:
    pieces = [bytes(PIECE + n % 7) for n in range(PIECES)]
    last = pieces[-1]  # above all others, so that they can't be handed back from the end
    full = resident()
    del pieces
    give_back()
    assert resident() < full - PIECES * PIECE // 2
    assert last


def test_cycles_go_too() -> None:
    class Held:
        pass

    gc.disable()
    try:
        one = Held()
        one.itself = one
        gone = weakref.ref(one)
        del one
        give_back()
        assert gone() is None
    finally:
        gc.enable()


ARENAS = """
import ctypes, threading
from rtvis.gui.spare_memory import share_one_arena
if {shared}:
    share_one_arena()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes = [ctypes.c_size_t]
places = [library.malloc(1000)]
one = threading.Thread(target=lambda: places.append(library.malloc(1000)))
one.start()
one.join()
print(abs(places[1] - places[0]) < 1 << 30)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="arenas are glibc's")
@pytest.mark.parametrize("shared", [True, False])
def test_threads_take_memory_from_one_place_only_when_asked_to(shared) -> None:
    """Without it a thread's memory is elsewhere: otherwise this would say nothing."""
    told = subprocess.run(
        [sys.executable, "-c", ARENAS.format(shared=shared)], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == str(shared)
