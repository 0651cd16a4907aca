from __future__ import annotations

from qtpy.QtWidgets import QLabel, QPushButton

from rtvis.gui.recent_studies import recent_paths, remember_path
from rtvis.gui.start_page import StartPage


def test_a_recent_study_that_can_not_be_reached_any_more_is_not_offered(qapp, tmp_path):
    remember_path(str(tmp_path / ("x" * 300)))  # as a lost network drive, it can't even be asked for
    remember_path(str(tmp_path))
    assert recent_paths()[0] == str(tmp_path)
    assert len([path for path in recent_paths() if "xxx" in path]) == 0


def words(page):
    """What can be read on a page, top down."""
    labels = [one for one in page.findChildren(QLabel) if one.isVisibleTo(page)]
    return [one.text() for one in labels] + [one.text() for one in page.findChildren(QPushButton) if one.isVisible()]


def test_what_is_being_opened_is_told_instead_of_what_could_be(qtbot):
    page = StartPage()
    qtbot.addWidget(page)
    page.show()
    assert any("Open folder" in one for one in words(page))
    page.show_opening("Head & neck <b>7</b>")
    assert "Opening Head & neck <b>7</b>" in words(page)
    assert not any("Open folder" in one or one == "Open a study" for one in words(page))
    page.show_opening(None)
    assert "Open a study" in words(page)
    assert any("Open folder" in one for one in words(page))


def test_a_folder_that_may_be_named_after_a_hidden_patient_is_not_told(qtbot):
    page = StartPage()
    qtbot.addWidget(page)
    page.hide_patient(hidden=True)
    page.show_opening("Mueller_Anna")
    assert not any("Mueller" in one for one in words(page))
    assert "Opening a study" in words(page)


def test_the_window_tells_what_it_opens_until_it_is_there_or_is_not_coming(empty_window, qtbot, tmp_path):
    page, told = empty_window.start_page, []
    empty_window.tasks.failed.disconnect()
    empty_window.tasks.failed.connect(told.append)
    with qtbot.waitSignal(empty_window.opening.ended):
        empty_window.opening.open([str(tmp_path / "not there")])
        assert "Opening not there" in words(page)
    qtbot.waitUntil(lambda: bool(told))
    assert "Open a study" in words(page)
