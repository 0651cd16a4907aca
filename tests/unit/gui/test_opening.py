"""Opening: what takes a while is seen while it fills, and can be drawn on only when it is whole."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt

from rtvis.gui import opening_actions
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import CancelledError
from rtvis.model.study import Study
from tests.unit.gui.conftest import Mouse, make_set, make_volume, settle, show


class SlowStudy:
    """Stands in for `open_study`: fills a volume in two halves, and waits in between until it is told to go on."""

    def __init__(self, error=None) -> None:
        self.go_on = threading.Event()
        self.volume = make_volume()
        self.whole = self.volume.values
        self.memory = self.volume.voxels.base if self.volume.voxels.base is not None else self.volume.voxels
        self.error = error
        self.begun = threading.Event()
        self.stubborn = False

    def __call__(self, paths, *, report, on_slices, **_options):
        self.begun.set()
        self.memory.flags.writeable = True
        self.memory[10:] = 0
        on_slices(self.volume, tuple(range(10)))
        while not self.go_on.wait(0.01):
            if not self.stubborn:
                report(10, 20)
        if not self.stubborn:
            report(10, 20)
        if self.error is not None:
            raise self.error
        self.memory[10:] = self.whole[10:] + 1000
        self.memory.flags.writeable = False
        return Study(volumes=(self.volume,), structure_sets=(make_set(self.volume),))


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(opening_actions, "PREVIEW_S", 0.0)

    def begin(window, qtbot, error=None):
        study = SlowStudy(error)
        monkeypatch.setattr("rtvis.app.opening.open_study", study)
        window.opening.open(["somewhere"])
        qtbot.waitUntil(lambda: window.opening.is_previewing, timeout=10_000)
        return study

    return begin


def test_a_study_that_takes_a_while_is_seen_while_it_fills(empty_window, slow, qtbot):
    window = empty_window
    study = slow(window, qtbot)
    assert window.centre.currentWidget() is window.views
    assert window.session.volume is study.volume
    assert window.status.integrity.text() == ""  # no digest of a part
    assert not window.menus.tools["freehand"].isEnabled()
    assert not window.roi_panel.isEnabled()
    axial = window.views.view("axial")
    Mouse(axial).wheel(2)
    place = window.session.cursor_lps.copy()
    study.go_on.set()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    assert window.session.structure_set is not None
    assert window.session.cursor_lps == pytest.approx(place)  # what was being looked at stays
    assert window.status.integrity.toolTip().endswith(study.volume.digest("md5"))
    assert window.menus.tools["freehand"].isEnabled()
    assert window.roi_panel.isEnabled()
    picture = axial.grab().toImage()
    assert picture.pixelColor(picture.width() // 2, picture.height() // 2).red() > 0
    assert np.array_equal(study.volume.values, study.whole)


@pytest.mark.parametrize("how", ["cancelled", "unreadable"])
def test_a_study_that_does_not_come_leaves_the_start_page(empty_window, slow, qtbot, how):
    window, told = empty_window, []
    window.tasks.failed.disconnect()
    window.tasks.failed.connect(told.append)
    study = slow(window, qtbot, UnreadableError("is damaged", path="x.dcm"))
    if how == "cancelled":
        qtbot.waitUntil(window.status.cancel.isVisible, timeout=5_000)
        qtbot.mouseClick(window.status.cancel, Qt.LeftButton)
    else:
        study.go_on.set()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    assert window.centre.currentWidget() is window.start_page
    assert window.session.volume is None
    assert [type(one) for one in told] == ([] if how == "cancelled" else [UnreadableError])
    assert not any(isinstance(one, CancelledError) for one in told)


def test_what_is_open_stays_until_another_study_is_whole(own_window, monkeypatch, qtbot):
    monkeypatch.setattr(opening_actions, "PREVIEW_S", 0.0)
    before = own_window.session.volume
    study = SlowStudy()
    monkeypatch.setattr("rtvis.app.opening.open_study", study)
    own_window.opening.open(["somewhere"])
    qtbot.wait(50)
    assert own_window.session.volume is before
    study.go_on.set()
    qtbot.waitUntil(lambda: own_window.session.volume is study.volume, timeout=10_000)
    qtbot.waitUntil(lambda: not own_window.tasks.running, timeout=10_000)


def finish(window, study, qtbot):
    """Let a study that was given up go on, as one does that reports seldom, and hear what comes of it."""
    study.go_on.set()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    settle()


def test_closing_while_a_study_fills_gives_it_up_for_good(empty_window, slow, qtbot):
    window, ended = empty_window, []
    window.opening.ended.connect(lambda: ended.append(window.opening.is_busy))
    study = slow(window, qtbot)
    study.stubborn = True
    window.menus.actions["Close study"].trigger()
    assert window.centre.currentWidget() is window.start_page
    assert not window.opening.is_busy
    finish(window, study, qtbot)
    assert window.centre.currentWidget() is window.start_page
    assert not window.has_study
    assert window.roi_panel.isEnabled()
    assert ended == [False]


def test_closing_what_is_open_gives_up_what_was_to_replace_it(own_window, slow, monkeypatch, qtbot):
    window, study = own_window, SlowStudy()
    monkeypatch.setattr("rtvis.app.opening.open_study", study)
    study.stubborn = True
    window.opening.open(["somewhere"])
    window.menus.actions["Close study"].trigger()
    finish(window, study, qtbot)
    assert not window.has_study
    assert window.centre.currentWidget() is window.start_page
    assert window.opening.paths == []


def test_closing_before_what_was_read_is_shown_gives_it_up_too(own_window, monkeypatch, qtbot):
    window, study = own_window, SlowStudy()
    study.go_on.set()
    study.stubborn = True
    monkeypatch.setattr("rtvis.app.opening.open_study", study)
    window.opening.open(["somewhere"])
    (task,) = window.tasks.running
    assert task.wait(10_000)  # read to its end; the window has yet to hear of it
    window.menus.actions["Close study"].trigger()
    finish(window, study, qtbot)
    assert not window.has_study
    assert window.centre.currentWidget() is window.start_page


def test_a_question_answered_with_cancel_lets_the_opening_go_on(own_window, monkeypatch, qtbot):
    window, study = own_window, SlowStudy()
    monkeypatch.setattr("rtvis.app.opening.open_study", study)
    window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    window.opening.open(["somewhere"])
    monkeypatch.setattr(window.leaving, "may_lose_edits", lambda: False)
    window.close_study()
    assert window.opening.is_busy
    finish(window, study, qtbot)
    assert window.session.volume is study.volume


@pytest.mark.parametrize("error", [None, UnreadableError("half of it is missing", remedy="get the rest")])
def test_of_a_study_given_up_for_another_nothing_appears_not_even_its_error(empty_window, monkeypatch, qtbot, error):
    window, told, shown = empty_window, [], []
    window.tasks.failed.connect(told.append)
    window.opening.read.connect(shown.append)
    first, second = SlowStudy(error), SlowStudy()
    first.stubborn = True
    for study in (first, second):
        monkeypatch.setattr("rtvis.app.opening.open_study", study)
        window.opening.open(["somewhere"])
        qtbot.waitUntil(study.begun.is_set, timeout=10_000)
    second.go_on.set()
    qtbot.waitUntil(lambda: window.session.volume is second.volume, timeout=10_000)
    finish(window, first, qtbot)
    assert window.session.volume is second.volume
    assert len(shown) == 1
    assert not told


@pytest.mark.parametrize("in_parts", [False, True])
def test_nothing_is_handed_over_before_what_shows_it_is_loaded(empty_window, slow, monkeypatch, qtbot, in_parts):
    """VTK takes half a second to load: not in the thread that answers people."""
    heard = []
    here = threading.get_ident()
    monkeypatch.setattr(
        opening_actions, "load_views", lambda: heard.append("loaded" if threading.get_ident() != here else "in the way")
    )
    empty_window.opening.preview.connect(lambda _volume: heard.append("seen"))
    empty_window.opening.read.connect(lambda _study: heard.append("whole"))
    if in_parts:
        slow(empty_window, qtbot).go_on.set()
    else:
        study = Study(volumes=(make_volume(),))
        monkeypatch.setattr("rtvis.gui.demo_study.make_demo_study", lambda _report: (study, "demo"))
        empty_window.opening.open_demo()
    qtbot.waitUntil(lambda: "whole" in heard, timeout=10_000)
    assert heard == (["loaded", "seen", "loaded", "whole"] if in_parts else ["loaded", "whole"])


def test_of_another_study_no_place_is_told_before_the_pointer_is_over_it(own_window, study, qtbot):
    """The place under the mouse was one in the patient before."""
    view = own_window.views.view("axial")
    Mouse(view).move(150, 140)
    assert own_window.status.position.text()
    volume = replace(study.volumes[0], volume_id="1.2.88", series_instance_uid="1.2.88")
    show(own_window, Study(volumes=(volume,)), qtbot)
    assert own_window.status.position.text() == own_window.status.value.text() == ""
    Mouse(view).move(150, 141)
    assert own_window.status.position.text()


def test_tasks_wait_while_a_study_is_shown_and_go_on_then(own_window, study, qtbot):
    seen = []

    def shown():
        seen.append(own_window.tasks._may_run.is_set())

    own_window.session.study_changed.connect(shown)
    own_window.show_study(study)
    own_window.session.study_changed.disconnect(shown)
    assert seen == [False]
    qtbot.waitUntil(own_window.tasks._may_run.is_set)
