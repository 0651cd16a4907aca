"""What is under way can be stopped, says what became of it, and can be begun again."""

from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from rtvis.gui.background import NOTHING_CHANGED
from rtvis.gui.status_bar import NOTHING_RUNS
from rtvis.model.progress import CancelledError


class Gate:
    """Work that goes on until it is let go, or stopped."""

    def __init__(self) -> None:
        self.begun, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, report):
        try:
            while not self.go.wait(0.005):
                report(1, 10)
                self.begun.set()
        finally:
            self.ended.set()
        return 1


class Finished:
    """Work that has done all it had to when the stop comes."""

    def __init__(self) -> None:
        self.done, self.go = threading.Event(), threading.Event()

    def __call__(self, _report):
        self.done.set()
        self.go.wait(10)
        return "written"


@pytest.fixture
def idle(empty_window, qtbot):
    qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=20_000)
    yield empty_window
    for task in empty_window.tasks.running:
        task.cancel()


def over(window):
    return lambda: not window.tasks.running


def test_the_button_stops_it_and_the_line_says_what_that_leaves(idle, qtbot):
    got, work = [], Gate()
    idle.tasks.start("Counting", work, got.append)
    qtbot.waitUntil(idle.status.cancel.isVisible, timeout=5000)
    QTest.mouseClick(idle.status.cancel, Qt.LeftButton)
    assert idle.status.task_name.text() == "Stopping…"
    qtbot.waitUntil(over(idle), timeout=5000)
    assert work.ended.is_set()
    assert got == []
    assert idle.status.currentMessage() == f"Counting was stopped: {NOTHING_CHANGED}"
    assert not idle.status.cancel.isVisible()

    again = Gate()
    again.go.set()
    idle.tasks.start("Counting", again, got.append)
    qtbot.waitUntil(over(idle), timeout=5000)
    assert got == [1]


def test_the_key_stops_it_before_the_button_is_seen(idle, qtbot):
    idle.activateWindow()
    qtbot.waitUntil(idle.isActiveWindow, timeout=5000)
    work = Gate()
    idle.tasks.start("Counting", work, lambda _result: None, if_stopped="no file was written")
    assert work.begun.wait(5)
    QTest.keyClick(idle, Qt.Key_Escape, Qt.ShiftModifier)
    qtbot.waitUntil(over(idle), timeout=5000)
    assert idle.status.currentMessage() == "Counting was stopped: no file was written"
    QTest.keyClick(idle, Qt.Key_Escape, Qt.ShiftModifier)
    assert idle.status.currentMessage() == NOTHING_RUNS


def test_what_the_window_gives_up_by_itself_needs_no_words(idle, qtbot):
    work = Gate()
    task = idle.tasks.start("Counting", work, lambda _result: None)
    assert work.begun.wait(5)
    task.cancel()
    qtbot.waitUntil(over(idle), timeout=5000)
    assert idle.status.currentMessage() == ""


@pytest.mark.parametrize("lasting", [True, False])
def test_a_stop_that_comes_when_all_is_written_says_that_it_is_written(idle, qtbot, lasting):
    got, work = [], Finished()
    idle.tasks.start("Writing", work, got.append, lasting=lasting)
    assert work.done.wait(5)
    idle.status.cancel_task()
    work.go.set()
    qtbot.waitUntil(over(idle), timeout=5000)
    assert got == (["written"] if lasting else [])
    assert ("stopped" in idle.status.currentMessage()) is not lasting


def test_an_error_after_the_stop_is_the_stop(idle, qtbot):
    begun, go, told = threading.Event(), threading.Event(), []
    idle.tasks.failed.disconnect()
    idle.tasks.failed.connect(told.append)

    def work(_report):
        begun.set()
        go.wait(10)
        raise OSError("the line was cut")

    idle.tasks.start("Sending", work, lambda _result: None)
    assert begun.wait(5)
    idle.status.cancel_task()
    go.set()
    qtbot.waitUntil(over(idle), timeout=5000)
    assert told == []
    assert idle.status.currentMessage().startswith("Sending was stopped")


def test_of_two_the_older_is_told_of_once_the_newer_is_over(idle, qtbot):
    older, newer = Gate(), Gate()
    idle.tasks.start("Signing", older, lambda _result: None)
    idle.tasks.start("Measuring", newer, lambda _result: None)
    qtbot.waitUntil(idle.status.cancel.isVisible, timeout=5000)
    assert idle.status.task_name.text().startswith("Measuring")
    newer.go.set()
    qtbot.waitUntil(lambda: len(idle.tasks.running) == 1, timeout=5000)
    assert idle.status.task_name.text().startswith("Signing")
    QTest.mouseClick(idle.status.cancel, Qt.LeftButton)
    qtbot.waitUntil(over(idle), timeout=5000)
    assert idle.status.currentMessage().startswith("Signing was stopped")


def test_a_stopped_digest_is_not_promised_any_longer(own_window, qtbot, monkeypatch):
    begun, go = threading.Event(), threading.Event()

    def digest(_volume, _algorithm):
        begun.set()
        go.wait(10)
        raise CancelledError("stopped")

    monkeypatch.setattr("rtvis.model.volume.Volume.digest", digest)
    own_window.integrity.digest_shown()
    assert own_window.status.integrity.text() == "md5 …"
    assert begun.wait(5)
    own_window.status.cancel_task()
    go.set()
    qtbot.waitUntil(over(own_window), timeout=5000)
    assert own_window.status.integrity.text() == "no digest"


@pytest.mark.parametrize("agreed", [True, False])
def test_closing_asks_before_it_stops_what_is_being_written(idle, qtbot, monkeypatch, agreed):
    asked, work = [], Gate()
    monkeypatch.setattr("rtvis.gui.leaving.confirm", lambda _window, *words: asked.append(words) or agreed)
    idle.tasks.start("Signing", work, lambda _result: None, lasting=True, if_stopped="no signed copies are left")
    assert work.begun.wait(5)
    idle.close()
    assert asked == [("Signing is under way.", "Closing stops it: no signed copies are left.", "Stop and close")]
    assert idle.isVisible() is not agreed
    assert work.ended.is_set() is agreed
    work.go.set()


@pytest.mark.parametrize("by", ["system", "person"])
def test_closing_asks_nothing_for_what_only_reads_nor_when_the_system_closes_it(idle, qtbot, monkeypatch, by):
    monkeypatch.setattr("rtvis.gui.leaving.confirm", lambda *_words: pytest.fail("asked"))
    work = Gate()
    idle.tasks.start("Working", work, lambda _result: None, lasting=by == "system")
    assert work.begun.wait(5)
    if by == "system":
        idle.end()
    else:
        idle.close()
    assert not idle.isVisible()
    assert work.ended.is_set()
