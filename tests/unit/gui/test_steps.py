"""Work in the window's thread, step by step."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QObject, QTimer

from rtvis.gui.steps import Steps


@pytest.fixture
def steps(qapp):
    parent = QObject()
    made = Steps(parent)
    yield made
    made.stop()
    parent.deleteLater()


def counting(taken, count=3, result="done"):
    try:
        for n in range(count):
            taken.append(n)
            yield
        return result
    finally:
        taken.append("closed")


def test_what_waits_comes_in_between(steps, qtbot):
    taken, done = [], []
    QTimer.singleShot(0, lambda: taken.append("other"))
    steps.begin(counting(taken), done.append)
    assert taken == []  # nothing at once
    qtbot.waitUntil(lambda: bool(done))
    assert done == ["done"]
    assert taken.index("other") < taken.index(2)
    assert not steps.is_busy


def test_new_work_ends_what_is_under_way(steps, qtbot):
    first, second, done = [], [], []
    steps.begin(counting(first, 1_000_000, "first"), done.append)
    qtbot.waitUntil(lambda: bool(first))
    steps.begin(counting(second, result="second"), done.append)
    assert first[-1] == "closed"
    qtbot.waitUntil(lambda: bool(done))
    assert done == ["second"]


def test_it_can_be_finished_at_once_or_given_up(steps):
    taken, done = [], []
    steps.begin(counting(taken), done.append)
    steps.finish()
    assert taken == [0, 1, 2, "closed"]
    assert done == ["done"]
    steps.begin(counting(taken), done.append)
    steps.stop()
    assert not steps.is_busy
    assert done == ["done"]


def test_work_that_fails_ends_and_tells(steps):
    def failing():
        yield
        raise ValueError("no")

    done = []
    steps.begin(failing(), done.append)
    with pytest.raises(ValueError, match="no"):
        steps.finish()
    assert not steps.is_busy
    assert not done


def test_what_is_done_may_begin_more(steps, qtbot):
    taken, done = [], []
    steps.begin(counting(taken, result=1), lambda _one: steps.begin(counting(taken, result=2), done.append))
    qtbot.waitUntil(lambda: bool(done))
    assert done == [2]
