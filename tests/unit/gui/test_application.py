"""The program from start to end, as `rtvis view` runs it."""

from __future__ import annotations

import sys

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from rtvis.gui.application import run


def close_when(window, ready):
    timer = QTimer(window)

    def look():
        if ready():
            timer.stop()
            window.close()

    timer.timeout.connect(look)
    timer.start(10)


def test_an_empty_window_opens_and_ends_with_0(qapp):
    hook = sys.excepthook
    seen = []

    def watch(window):
        seen.append(window.isVisible())
        close_when(window, lambda: window.views is not None and not window.tasks.running)

    assert run([], after_first_paint=[watch]) == 0
    assert seen == [True]
    assert sys.excepthook is hook


def test_an_unforeseen_error_is_a_message_and_the_window_lives_on(qapp):
    told = []

    def watch(window):
        error = ZeroDivisionError("in a handler")
        sys.excepthook(ZeroDivisionError, error, None)
        told.extend(box.text() for box in window.findChildren(QMessageBox))
        for box in window.findChildren(QMessageBox):
            box.close()
        close_when(window, lambda: not window.tasks.running)

    assert run([], after_first_paint=[watch]) == 0
    assert len(told) == 1
    assert "ZeroDivisionError" in told[0]


def test_a_path_that_is_not_there_is_told(qapp, tmp_path):
    told = []

    def watch(window):
        def ready():
            boxes = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox) and one.isVisible()]
            told.extend(box.text() for box in boxes)
            for box in boxes:
                box.close()
            return bool(told) and not window.tasks.running

        close_when(window, ready)

    assert run([str(tmp_path / "nowhere")], after_first_paint=[watch]) == 0
    assert "nowhere" in told[0]


@pytest.mark.parametrize("name", ["LUNG1-002_XiO"])
def test_a_real_study_opens_and_is_shown(qapp, field_data, name):
    shown = []

    def watch(window):
        def ready():
            if window.has_study and not window.tasks.running:
                shown.append((window.session.volume.modality, len(window.session.structure_set.rois)))
                return True
            return False

        close_when(window, ready)

    assert run([str(field_data / "pairs" / name)], after_first_paint=[watch]) == 0
    assert shown == [("CT", 16)]
