"""The program from start to end, as `rtvis view` runs it."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from rtvis.editing.journal_folder import JournalFolder
from rtvis.gui import application
from rtvis.gui.application import run
from rtvis.gui.splash import Splash
from rtvis.scene import offscreen


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


def test_a_sign_is_on_the_screen_until_the_window_is(qapp, monkeypatch):
    def splashes():
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, Splash) and one.isVisible()]

    meanwhile, afterwards = [], []
    make = application._new_window

    def slowly_made():
        meanwhile.extend((one.painted, one.pixmap().size()) for one in splashes())
        return make()

    monkeypatch.setattr(application, "_new_window", slowly_made)

    def watch(window):
        afterwards.append(splashes())
        close_when(window, lambda: not window.tasks.running)

    assert run([], after_first_paint=[watch]) == 0
    assert [painted for painted, _ in meanwhile] == [True]
    assert afterwards == [[]]


def test_the_sign_waits_for_nothing_that_takes_long_to_load():
    """What the window needs is loaded after it: DICOM, VTK, the parts of scipy, keys and certificates."""
    script = "import sys, rtvis.cli.view, rtvis.gui.application; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "rtvis.gui.splash" in loaded
    assert not loaded & {"pydicom", "vtkmodules", "scipy.spatial", "scipy.ndimage", "cryptography", "rtvis.dicom"}
    assert not loaded & {"rtvis.app.session", "rtvis.gui.main_window"}


def test_nothing_that_takes_long_is_left_to_the_windows_thread(qapp, monkeypatch):
    """Whether 3D can be drawn is found out by a process of its own, which takes half a second and more."""
    here, asked = threading.get_ident(), []

    def ask():
        asked.append(threading.get_ident())
        return

    monkeypatch.setattr(offscreen, "_window_class", functools.cache(ask))

    def watch(window):
        close_when(window, lambda: window.views is not None and not window.tasks.running)

    assert run([], after_first_paint=[watch]) == 0
    assert len(asked) == 1
    assert asked != [here]


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_from_the_terminal_closes_the_window(qapp, number):
    before = signal.getsignal(number)
    seen = []

    def watch(window):
        window.views_loaded()
        os.kill(os.getpid(), number)
        seen.append(window)

    assert run([], after_first_paint=[watch]) == 0
    assert not seen[0].isVisible()
    assert signal.getsignal(number) == before


def test_a_signal_asks_once_about_work_that_is_not_on_disk_and_a_second_one_ends(qapp, study, monkeypatch, tmp_path):
    answers, windows = [], []
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").touch()  # where a folder would have to be
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _parent, error: failures.append(str(error)))
    failures = []

    def watch(window):
        windows.append(window)
        window.show_study(study)
        window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
        timer = QTimer(window)
        timer.timeout.connect(answer)
        timer.start(50)
        os.kill(os.getpid(), signal.SIGTERM)

    def answer():
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and len(answers) == 0:
            answers.append(windows[0].isVisible())
            box.reject()
        elif (len(answers) == 1 and box is None) or (isinstance(box, QMessageBox) and len(answers) == 2):
            answers.append(windows[0].isVisible())
            os.kill(os.getpid(), signal.SIGTERM)

    assert run([], after_first_paint=[watch]) == 0
    assert answers == [True, True, True]
    assert len(failures) == 1
    assert not windows[0].isVisible()


def test_a_signal_asks_nothing_about_work_that_is_in_its_journal(qapp, study, monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("rtvis.gui.leaving.ask_unsaved", lambda *_a, **_k: pytest.fail("asked"))

    def watch(window):
        window.show_study(study)
        window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
        os.kill(os.getpid(), signal.SIGTERM)

    assert run([], after_first_paint=[watch]) == 0
    assert "offers it at the next start" in caplog.text
    (left,) = JournalFolder().unsaved()
    assert (left.edits, left.label) == (1, "Plan")


SHOWN_AND_LEFT = """
from qtpy.QtWidgets import QApplication
from rtvis.gui.main_window import MainWindow
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_set, make_volume

application = QApplication([])
window = MainWindow()
window.show()
volume = make_volume()
window.show_study(Study(volumes=(volume,), structure_sets=(make_set(volume),)))
while window.tasks.running:
    application.processEvents()
"""


@pytest.mark.parametrize("end", ["", "from qtpy import sip; sip.delete(window)"])
def test_a_program_may_end_with_its_window_open(qapp, tmp_path, end):
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    command = [sys.executable, "-c", SHOWN_AND_LEFT + end]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
