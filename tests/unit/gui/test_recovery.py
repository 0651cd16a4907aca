"""Work that a window left behind: offered, restored, discarded, kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from qtpy.QtCore import QSettings, Qt
from qtpy.QtTest import QTest

from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.gui import leaving, recovery_actions
from rtvis.gui.main_window import MainWindow
from tests.unit.gui.conftest import close_for_good, settle

TRIANGLE = [[0, 0, -10], [10, 0, -10], [5, 8, -10]]


@pytest.fixture
def study_folder(small_study, tmp_path) -> Path:
    return Path(shutil.copytree(small_study, tmp_path / "study"))


@pytest.fixture
def folder(tmp_path) -> JournalFolder:
    return JournalFolder(tmp_path / "journals", who="ada@here")


@pytest.fixture
def kept_window(qapp, folder):
    """A window whose edits are written down."""
    QSettings("rtvis", "rtvis").clear()
    window = MainWindow(Session(folder))
    window.show()
    QTest.qWaitForWindowExposed(window)
    yield window
    close_for_good(window)


def left_behind(folder: JournalFolder, study_folder: Path, edits: int = 2) -> None:
    """What a program leaves that ends suddenly."""
    session = Session(folder)
    session.open([study_folder])
    session.activate_roi(1)
    for n in range(edits):
        points = session.volume.grid.to_patient([[2, 2, 3], [8 + n, 2, 3], [8, 9, 3]])
        session.add_contour(points, closed=True)
    session.close()


def test_a_killed_window_loses_nothing(qapp, study_folder, tmp_path):
    script = Path(__file__).with_name("killed_window.py")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }

    def run(*words: object) -> tuple[int, list[str]]:
        command = [sys.executable, str(script), *map(str, words)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
        return done.returncode, done.stdout.splitlines() or [done.stderr]

    status, (drawn,) = run("draw", study_folder)
    assert status == -signal.SIGKILL
    for paths in ([], [study_folder]):  # whether or not the study is opened: the journal knows where it is
        status, (offered, restored) = run("restore", *paths)
        assert status == 0
        assert offered.startswith("SMALL from ")
        assert "last: Undo" in offered or "last: Add contour" in offered
        assert restored == drawn


def test_work_is_offered_at_the_start_and_restored(kept_window, folder, study_folder, qtbot):
    left_behind(folder, study_folder)
    kept_window.recovery.offer()
    dialog = kept_window.recovery.dialog
    first, second = dialog.list.item(0).text().splitlines()
    assert first.startswith("SMALL from ")
    assert second.startswith("2 edits · last: Add contour to Block · ")
    QTest.keyClick(dialog, Qt.Key_Return)
    qtbot.waitUntil(lambda: kept_window.session.unsaved, timeout=20_000)
    session = kept_window.session
    assert len(session.structure_set.roi(1).contours) == 4
    assert session.volume is not None
    assert session.undo() == "Recover 2 edits"
    assert folder.unsaved() == []  # this window has it


def test_later_keeps_it_and_discard_asks_first(kept_window, folder, study_folder, monkeypatch):
    left_behind(folder, study_folder)
    kept_window.recovery.show()
    kept_window.recovery.dialog.later_button.click()
    settle()
    assert kept_window.recovery.dialog is None
    assert len(folder.unsaved()) == 1
    kept_window.recovery.show()
    for sure in (False, True):
        monkeypatch.setattr(recovery_actions, "confirm", lambda *_, sure=sure: sure)
        kept_window.recovery.dialog.discard_button.click()
        assert len(folder.unsaved()) == (0 if sure else 1)
    settle()
    assert kept_window.recovery.dialog is None


def test_nothing_is_offered_where_nothing_is(kept_window):
    kept_window.recovery.offer()
    assert kept_window.recovery.dialog is None
    kept_window.recovery.show()
    assert "no unsaved work" in kept_window.status.currentMessage()


def test_work_whose_files_are_gone_is_told_and_stays(kept_window, folder, study_folder, monkeypatch):
    left_behind(folder, study_folder)
    shutil.rmtree(study_folder)
    told = []
    kept_window.recovery.failed.connect(told.append)
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda *_: None)
    kept_window.recovery.show()
    kept_window.recovery.dialog.restore_button.click()
    assert "not there any more" in str(told[0])
    assert len(folder.unsaved()) == 1


@pytest.mark.parametrize(("answer", "left"), [("discard", 0), ("keep", 1)])
@pytest.mark.parametrize("leave", ["close", "close_study"])
def test_unsaved_work_leaves_its_journal_only_when_it_is_let_go(
    kept_window, folder, study, monkeypatch, answer, left, leave
):
    kept_window.show_study(study)
    kept_window.session.add_contour(TRIANGLE, closed=True)
    asked = []
    monkeypatch.setattr(leaving, "ask_unsaved", lambda _parent, *, may_keep: asked.append(may_keep) or "cancel")
    assert not kept_window.may_lose_edits()
    kept_window.session.add_contour(TRIANGLE, closed=True)
    monkeypatch.setattr(leaving, "ask_unsaved", lambda _parent, *, may_keep: asked.append(may_keep) or answer)
    getattr(kept_window, leave)()
    assert asked == [True, True]
    assert [one.edits for one in folder.unsaved()] == [2] * left


def test_a_save_clears_the_journal(kept_window, folder, study_folder, tmp_path, qtbot):
    kept_window.opening.open([str(study_folder)])
    qtbot.waitUntil(lambda: kept_window.session.structure_set is not None, timeout=20_000)
    kept_window.session.activate_roi(1)
    points = kept_window.session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    kept_window.session.add_contour(points, closed=True)
    assert kept_window.edits.save_to(tmp_path / "mine.dcm")
    assert kept_window.close()
    assert list(folder.path.iterdir()) == []


def test_a_journal_that_can_not_be_written_is_told(kept_window, folder, study, monkeypatch):
    told = []
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _parent, error: told.append(error))
    folder.path.touch()  # where a folder would have to be
    kept_window.show_study(study)
    kept_window.session.add_contour(TRIANGLE, closed=True)
    assert len(told) == 1
    assert kept_window.status.journal.isVisible()
    assert not kept_window.session.is_kept
    folder.path.unlink()
    kept_window.session.add_contour(TRIANGLE, closed=True)
    assert not kept_window.status.journal.isVisible()
    assert kept_window.session.is_kept
