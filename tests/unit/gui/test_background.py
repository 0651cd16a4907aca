"""Work off the window's thread: progress, cancel, errors, and an end."""

from __future__ import annotations

import threading
from functools import partial
from time import monotonic

import psygnal
import pytest
from qtpy.QtCore import QEvent, Signal
from qtpy.QtWidgets import QApplication, QLabel

from rtvis.gui.background import BackgroundTasks, Task, explain
from rtvis.gui.view3d import View3D
from rtvis.model.errors import UsageError


@pytest.fixture
def tasks(qapp):
    one = BackgroundTasks()
    yield one
    one.close()
    one.deleteLater()


def test_a_result_comes_back_in_the_window_s_thread(tasks, qtbot):
    got = []
    here = threading.get_ident()
    tasks.start(
        "Adding", lambda _report: (1 + 1, threading.get_ident()), lambda one: got.append((one, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(got) and not tasks.running)
    (result, worker), receiver = got[0]
    assert result == 2
    assert worker != here
    assert receiver == here


def test_an_error_is_told_once_and_no_result_follows(tasks, qtbot):
    told, got = [], []
    tasks.failed.connect(told.append)

    def work(report):
        raise UsageError("can't be", remedy="do something else")

    tasks.start("Failing", work, got.append)
    qtbot.waitUntil(lambda: bool(told) and not tasks.running)
    assert explain(told[0]) == ("Can't be.", "do something else")
    assert got == []


def test_cancel_stops_the_work_at_its_next_report_and_is_no_error(tasks, qtbot):
    told, got, stopped = [], [], threading.Event()
    tasks.failed.connect(told.append)
    begun = threading.Event()

    def work(report):
        try:
            for done in range(10**9):
                report(done % 100, 100)
                begun.set()
        finally:
            stopped.set()

    task = tasks.start("Counting", work, got.append)
    assert begun.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.running, timeout=10_000)
    assert stopped.is_set()
    assert told == []
    assert got == []


def test_progress_is_told_a_percent_at_a_time(tasks, qtbot):
    seen, listened_to = [], threading.Event()

    def work(report):
        listened_to.wait(10)
        for done in range(1001):
            report(done, 1000)

    task = tasks.start("Counting", work, lambda _: None)
    task.progressed.connect(lambda done, total: seen.append((done, total)))
    listened_to.set()
    qtbot.waitUntil(lambda: not tasks.running)
    assert len(seen) <= 101
    assert seen[-1] == (1000, 1000)


def test_closing_waits_for_threads_and_drops_late_results(qapp):
    tasks = BackgroundTasks()
    got, go = [], threading.Event()

    def work(report):
        go.wait(10)
        return 1

    task = tasks.start("Waiting", work, got.append)
    threading.Timer(0.05, go.set).start()
    tasks.close()
    assert task.isFinished()
    qapp.processEvents()
    assert got == []


class Asking(QLabel):
    """Asks for something, and is closed before the answer comes."""

    answered = Signal(object)

    def __init__(self):
        super().__init__()
        self.told = []

    def show_answer(self, answer):
        self.told.append(answer)
        self.setText(str(answer))


def gone(one):
    one.deleteLater()
    QApplication.sendPostedEvents(one, QEvent.DeferredDelete)
    return one


WAYS_TO_BE_TOLD = {
    "a method": lambda asking: asking.show_answer,
    "a lambda": lambda asking: lambda answer: asking.show_answer(answer + 0),
    "a partial": lambda asking: partial(asking.show_answer),
    "a lambda in a lambda": lambda asking: partial(
        lambda tell, answer: tell(answer), lambda x: asking.show_answer(x + 0)
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_BE_TOLD)
@pytest.mark.parametrize("closed", [False, True])
def test_results_and_pieces_for_what_was_closed_and_deleted_are_dropped(tasks, qtbot, way, closed):
    asking, go, told = Asking(), threading.Event(), []
    tasks.failed.connect(told.append)

    def work(report, part):
        assert go.wait(10)
        part(1)
        return 2

    tell = WAYS_TO_BE_TOLD[way](asking)
    tasks.start("Answering", work, tell, tell)
    if closed:
        gone(asking)
    go.set()
    qtbot.waitUntil(lambda: not tasks.running)
    assert asking.told == ([] if closed else [1, 2])
    assert told == []
    if not closed:
        gone(asking)


def test_a_signal_s_emit_is_refused_as_receiver_since_it_can_t_tell_whether_its_object_is_there(tasks):
    asking = Asking()
    with pytest.raises(TypeError, match="a method of its object"):
        tasks.start("Answering", lambda _report: 1, asking.answered.emit)
    with pytest.raises(TypeError, match="a method of its object"):
        tasks.start("Answering", lambda _report, _part: 1, lambda _: None, asking.answered.emit)
    assert not tasks.running
    gone(asking)


def test_what_was_gone_before_it_asked_is_not_told_either(tasks, qtbot):
    asking = gone(Asking())
    tasks.start("Answering", lambda _report: 1, asking.show_answer)
    qtbot.waitUntil(lambda: not tasks.running)
    assert asking.told == []


def test_unforeseen_errors_say_that_the_work_is_still_there():
    what, remedy = explain(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError" in what
    assert "save" in remedy


def test_work_that_is_over_before_anybody_listens_ends_all_the_same(
    empty_window, small_study, qtbot, monkeypatch
) -> None:
    start = Task.start

    def start_and_end(task: Task) -> None:
        start(task)
        task.wait()

    monkeypatch.setattr(Task, "start", start_and_end)
    begun: list[str] = []
    empty_window.tasks.started.connect(lambda task: begun.append(task.label))
    empty_window.opening.open([str(small_study)])
    qtbot.waitUntil(lambda: empty_window.session.volume is not None)
    qtbot.waitUntil(lambda: empty_window.views is not None and not empty_window.tasks.running)
    assert not empty_window.opening.is_busy
    (view,) = empty_window.findChildren(View3D)
    qtbot.waitUntil(lambda: "Making surfaces" in begun and not empty_window.tasks.running)
    qtbot.waitUntil(lambda: len(view.overlay().labels) == 1)


def test_an_error_in_what_follows_a_signal_is_told_as_itself():
    """psygnal wraps it, over and over, in words that quote the variables of what called it."""

    class Source:
        first, second = psygnal.Signal(), psygnal.Signal()

    def fail() -> None:
        secret = "Doe^Jo"
        raise UsageError(f"no room for {secret[:3]}", remedy="make room")

    def pass_on() -> None:
        source.second.emit()

    source = Source()
    source.second.connect(fail)
    source.first.connect(pass_on)
    with pytest.raises(psygnal.EmitLoopError) as caught:
        source.first.emit()
    assert "Doe^Jo" in str(caught.value)
    assert explain(caught.value) == ("No room for Doe.", "make room")


def test_tasks_wait_for_the_window_and_then_go_on(tasks, qtbot):
    reported, begun = threading.Semaphore(0), threading.Event()

    def work(report):
        while True:
            report(0, 0)
            reported.release()

    running = tasks.start("Counting", work, lambda _none: None)
    assert reported.acquire(timeout=10)
    with tasks.held():
        at_first = monotonic()
        while reported.acquire(timeout=0.2):  # one report may have been under way
            assert monotonic() - at_first < 10
        later = tasks.start("Beginning", lambda _report: begun.set(), lambda _none: None)
        assert not begun.wait(0.1)
    assert not reported.acquire(blocking=False)  # until the window was painted
    qtbot.waitUntil(begun.is_set)
    assert reported.acquire(timeout=10)
    running.cancel()
    qtbot.waitUntil(lambda: not tasks.running)
    del later


def test_tasks_that_wait_end_when_the_window_closes(qapp, monkeypatch):
    monkeypatch.setattr("rtvis.gui.background.LONGEST_HELD_S", 20.0)
    tasks, at_first = BackgroundTasks(), monotonic()
    begun = threading.Event()

    def work(report):
        begun.set()
        while True:
            report(0, 0)

    with tasks.held():
        tasks.start("Counting", work, lambda _none: None)
        tasks.close()
    assert begun.is_set()
    assert monotonic() - at_first < 10
    tasks.deleteLater()
