"""Work off the window's thread: progress, cancel, errors, and an end."""

from __future__ import annotations

import threading

import pytest

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
