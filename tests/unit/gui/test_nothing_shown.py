"""Where neither images nor contours are open, the window says so instead of showing four black views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from rtvis.gui.nothing_shown import NO_CONTOURS, NOTHING, NothingShown
from rtvis.model.study import OtherObject, Study
from tests.unit.gui.conftest import make_set, settle, show


@pytest.fixture
def card(empty_window):
    return next(one for one in empty_window.features if isinstance(one, NothingShown)).card


def words(card):
    return tuple(one.text() for one in card.findChildren(type(card.layout().itemAt(0).widget())))


def plan():
    return OtherObject(Path("plan.dcm"), "RTPLAN", "1.2.840.10008.5.1.4.1.1.481.5", "1.2.3", "1.2.4")


def test_a_plan_alone_is_told_of_and_images_take_its_place(empty_window, card, study, qtbot):
    show(empty_window, Study(others=(plan(),)), qtbot)
    assert card.isVisible()
    assert words(card) == NOTHING
    middle = card.geometry().center() - empty_window.views.rect().center()
    assert middle.manhattanLength() <= 2
    empty_window.resize(900, 700)
    settle()
    assert (card.geometry().center() - empty_window.views.rect().center()).manhattanLength() <= 2
    show(empty_window, study, qtbot)
    assert not card.isVisible()


def test_nothing_is_told_while_something_may_still_come(empty_window, card, qtbot):
    show(empty_window, Study(others=(plan(),)), qtbot)
    coming = Event()
    empty_window.tasks.start("Reading", lambda _report: coming.wait(20), lambda _done: None)
    empty_window.session.show(Study(others=(plan(),)))
    settle()
    assert not card.isVisible()
    coming.set()
    qtbot.waitUntil(card.isVisible, timeout=20_000)


def test_a_set_without_contours_is_told_of(empty_window, card, qtbot, study):
    bare = replace(make_set(study.volumes[0]), rois=(), volume=None, matched_by="")
    show(empty_window, Study(structure_sets=(bare,)), qtbot)
    assert card.isVisible()
    assert words(card) == NO_CONTOURS


def test_contours_alone_are_something_to_see(empty_window, card, qtbot, study):
    show(empty_window, Study(structure_sets=(replace(make_set(study.volumes[0]), volume=None, matched_by=""),)), qtbot)
    assert not card.isVisible()
    empty_window.close_study()
    assert not card.isVisible()
