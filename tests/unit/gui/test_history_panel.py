"""The History panel lists steps and leads back to them."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QSettings, Qt
from qtpy.QtTest import QTest

from rtvis.app.roi_edits import rename_roi
from rtvis.app.session import Session
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.editing.history import History, edit_bytes
from rtvis.editing.history_check import check_history, is_what_was_saved
from rtvis.editing.journal_folder import JournalFolder
from rtvis.gui.history_panel import NAME, TIME, HistoryFeature
from rtvis.gui.main_window import MainWindow
from tests.unit.gui.conftest import close_for_good, show


@pytest.fixture
def panel(window):
    found = next(one for one in window.features if isinstance(one, HistoryFeature)).panel
    window.menus.actions["History"].trigger()
    return found


def texts(panel) -> list[str]:
    model = panel.model
    return [model.index(row, NAME).data() for row in range(model.rowCount())]


def click(panel, row) -> None:
    QTest.mouseClick(
        panel.list.viewport(), Qt.LeftButton, pos=panel.list.visualRect(panel.model.index(row, NAME)).center()
    )


def marked(panel) -> int:
    bold = [row for row in range(panel.model.rowCount()) if panel.model.index(row, NAME).data(Qt.FontRole).bold()]
    assert len(bold) == 1
    return bold[0]


def test_steps_are_listed_with_their_time_and_a_click_goes_there(window, panel):
    session = window.session
    opened = session.structure_set
    states = [opened]
    for z, name in ((-10.0, "One"), (-4.0, "Two"), (2.0, "Three")):
        session.activate_roi(1)
        session.add_contour([[0, 0, z], [9, 0, z], [9, 9, z]], closed=True)
        rename_roi(session, 1, name)
        states += [session.structure_set]
    assert texts(panel)[:3] == ["As it was opened", "Add contour to Box", "Rename Box to One"]
    assert panel.model.index(1, TIME).data().count(":") == 2
    assert marked(panel) == 6
    heard = []
    session.structure_set_changed.connect(lambda: heard.append(1))
    click(panel, 2)
    assert session.structure_set is states[1]
    assert len(heard) == 1
    assert marked(panel) == 2
    assert len(texts(panel)) == 7
    assert session.cursor_lps[2] == pytest.approx(-4.0)
    click(panel, 6)
    assert session.structure_set is states[3]
    click(panel, 0)
    assert session.structure_set is opened
    assert not window.menus.undo.isEnabled()
    QTest.keyClick(panel.list, Qt.Key_Down)
    assert session.structure_set is opened
    QTest.keyClick(panel.list, Qt.Key_Return)
    assert marked(panel) == 1
    session.structure_set_changed.disconnect()


def test_what_is_no_longer_kept_is_told(window, panel):
    session = window.session
    key = session.structure_set.key
    session._histories[key] = History(session.structure_set, cost=edit_bytes, max_steps=3)  # a small one
    for number in range(5):
        rename_roi(session, 1, f"Name {number}")
    assert texts(panel) == [
        "2 earlier edits are no longer kept",
        "Rename Name 1 to Name 2",
        "Rename Name 2 to Name 3",
        "Rename Name 3 to Name 4",
    ]


def test_a_set_is_saved_with_its_history(qapp, study, qtbot, tmp_path, monkeypatch):
    QSettings("rtvis", "rtvis").clear()
    window = MainWindow(Session(JournalFolder(tmp_path / "journals")))
    try:
        show(window, study, qtbot)
        rename_roi(window.session, 1, "Heart")
        target = tmp_path / "mine.dcm"
        monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(target))
        window.menus.actions["Save with history"].trigger()
        assert window.status.currentMessage().startswith(f"Saved {target} with mine.dcm.history")
        verdict = check_history(tmp_path / "mine.dcm.history")
        assert verdict.holds
        assert [one.name for one in verdict.entries if one.kind == "edit"] == ["Rename Box to Heart"]
        assert is_what_was_saved(verdict, read_structure_set(target)) == ""
    finally:
        close_for_good(window)
