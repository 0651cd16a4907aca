"""An error while something is painted: told once, and the next painting goes on."""

from __future__ import annotations

import sys

import pytest
from qtpy.QtCore import qInstallMessageHandler
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QMessageBox, QWidget

from rtvis.gui.messages import is_shown, show_error
from rtvis.gui.painting import painting


class Faulty(QWidget):
    """Fails in the middle of each painting."""

    def paintEvent(self, event):
        with painting(self) as painter:
            painter.fillRect(event.rect(), QColor(255, 0, 0))
            raise ValueError("planned")


@pytest.fixture
def errors(monkeypatch):
    met = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: met.append(error))
    return met  # with their tracebacks, which keep the frames that painted


@pytest.fixture
def words():
    said = []
    before = qInstallMessageHandler(lambda _kind, _context, text: said.append(text))
    yield said
    qInstallMessageHandler(before)


def test_a_painting_that_fails_is_ended(qtbot, errors, words):
    widget = Faulty()
    qtbot.addWidget(widget)
    widget.resize(40, 30)
    widget.grab()
    widget.grab()
    assert [str(one) for one in errors] == ["planned", "planned"]
    assert words == []


def test_a_failing_view_is_ended_too(window, axial, errors, words, monkeypatch):
    def fail(*_):
        raise ValueError("planned")

    monkeypatch.setattr(axial._layer, "overlay", fail)
    monkeypatch.setattr(axial._canvas, "over", fail)
    axial.grab()
    assert len(errors) == 2
    assert words == []
    monkeypatch.undo()
    assert not axial.grab().isNull()


def test_the_same_error_is_on_the_screen_once(window):
    error = ValueError("planned")
    assert not is_shown(window, error)
    show_error(window, error)
    assert is_shown(window, ValueError("planned"))
    assert not is_shown(window, ValueError("another"))
    for box in window.findChildren(QMessageBox):
        box.close()
    assert not is_shown(window, error)
