"""The history that is saved beside a set is signed in the window, and its panel tells what is known of it."""

from __future__ import annotations

from threading import Event

import pytest
from qtpy.QtCore import QSettings

from rtvis.app.history_report import histories_beside
from rtvis.app.roi_edits import rename_roi
from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.gui.history_panel import HistoryFeature
from rtvis.gui.history_signing import HistorySignAnswer
from rtvis.gui.main_window import MainWindow
from rtvis.integrity.detached_signature import verify_detached
from rtvis.integrity.identity import create_identity
from rtvis.integrity.trust import TrustStore
from tests.unit.gui.conftest import close_for_good, show

SECRET = "a good passphrase"


@pytest.fixture
def edited(qapp, study, qtbot, tmp_path, monkeypatch):
    """A window that keeps journals, with one edit, and where its set will be saved."""
    QSettings("rtvis", "rtvis").clear()
    window = MainWindow(Session(JournalFolder(tmp_path / "journals")))
    window.show()
    show(window, study, qtbot)
    rename_roi(window.session, 1, "Heart")
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(tmp_path / "mine.dcm"))
    create_identity("Ada", tmp_path / "ada", SECRET)
    yield window, tmp_path / "mine.dcm.history"
    close_for_good(window)
    QSettings("rtvis", "rtvis").clear()


def feature_of(window) -> HistoryFeature:
    return next(one for one in window.features if isinstance(one, HistoryFeature))


def settled(window, qtbot) -> str:
    """What the badge says once nothing is under way."""
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    badge = feature_of(window).panel.badge
    return "" if badge.isHidden() else badge.text()


def test_a_history_is_saved_signed_and_told_of(edited, tmp_path, monkeypatch, qtbot):
    window, history = edited
    answer = HistorySignAnswer(tmp_path / "ada", SECRET)
    monkeypatch.setattr("rtvis.gui.history_signing.ask_sign_history", lambda _parent: answer)
    window.menus.actions["History"].trigger()
    assert settled(window, qtbot) == ""
    window.menus.actions["Sign history"].trigger()
    assert settled(window, qtbot).startswith("◌ Saved, signed by Ada\n")
    found = verify_detached(history, TrustStore.load(tmp_path / "ada"))
    assert found.status == "valid"
    QSettings("rtvis", "rtvis").setValue("folder/trust", str(tmp_path / "ada"))
    feature_of(window).signing._looked = None  # whom to trust was asked meanwhile
    feature_of(window).signing.look()
    assert settled(window, qtbot).startswith("✔ Saved, signed by Ada\n")


def test_the_badge_follows_what_is_saved_and_what_is_changed(edited, qtbot):
    window, history = edited
    window.menus.actions["History"].trigger()
    window.menus.actions["Save with history"].trigger()
    assert settled(window, qtbot) == "○ Saved, not signed"
    data = bytearray(history.read_bytes())
    data[-40] ^= 1
    history.write_bytes(data)
    rename_roi(window.session, 1, "Heart 2")
    assert settled(window, qtbot) == "▲ The saved history doesn't hold"
    assert "record" in feature_of(window).panel.badge.toolTip()
    history.unlink()
    rename_roi(window.session, 1, "Heart 3")
    assert settled(window, qtbot) == ""


def test_a_broken_history_is_not_signed_and_a_wrong_passphrase_is_told(edited, tmp_path, qtbot):
    window, history = edited
    told = []
    window.tasks.failed.disconnect(window.show_error)
    window.tasks.failed.connect(told.append)
    window.menus.actions["Save with history"].trigger()
    signing = feature_of(window).signing
    signing.sign_as(HistorySignAnswer(tmp_path / "ada", "wrong"))
    qtbot.waitUntil(lambda: len(told) == 1 and not window.tasks.running, timeout=20_000)
    history.write_bytes(history.read_bytes()[:-10])
    signing.sign_as(HistorySignAnswer(tmp_path / "ada", SECRET))
    qtbot.waitUntil(lambda: len(told) == 2 and not window.tasks.running, timeout=20_000)
    assert "broken, and not signed" in str(told[1])
    assert not history.with_name(f"{history.name}.sig").exists()


def test_nothing_is_asked_where_the_history_was_not_saved(edited, monkeypatch):
    window, _ = edited
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: "")
    asked = []
    monkeypatch.setattr("rtvis.gui.history_signing.ask_sign_history", asked.append)
    window.menus.actions["Sign history"].trigger()  # the person thought better of saving
    assert asked == []


def test_what_is_saved_elsewhere_while_a_history_is_checked_is_checked_next(edited, tmp_path, monkeypatch, qtbot):
    window, history = edited
    window.menus.actions["History"].trigger()
    window.menus.actions["Save with history"].trigger()
    assert settled(window, qtbot) == "○ Saved, not signed"
    history.write_bytes(history.read_bytes()[:-10])
    go_on = Event()

    def checked_slowly(*arguments):
        assert go_on.wait(20)
        return histories_beside(*arguments)

    monkeypatch.setattr("rtvis.app.history_report.histories_beside", checked_slowly)
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(tmp_path / "other.dcm"))
    feature_of(window).signing.look()
    window.menus.actions["Save with history"].trigger()
    badge = feature_of(window).panel.badge
    assert badge.isHidden(), "what is known of the first file is told of the second"
    go_on.set()
    qtbot.waitUntil(lambda: badge.text() == "○ Saved, not signed" and not badge.isHidden(), timeout=20_000)
    assert badge.toolTip().startswith("other.dcm.history: ")


def test_the_file_is_not_named_while_the_patient_is_hidden(edited, qtbot):
    window, _ = edited
    window.menus.actions["History"].trigger()
    window.menus.actions["Save with history"].trigger()
    settled(window, qtbot)
    badge = feature_of(window).panel.badge
    assert badge.toolTip().startswith("mine.dcm.history: ")
    window.menus.actions["Hide patient"].trigger()
    assert "mine" not in badge.toolTip()
    window.menus.actions["Hide patient"].trigger()
    assert badge.toolTip().startswith("mine.dcm.history: ")
