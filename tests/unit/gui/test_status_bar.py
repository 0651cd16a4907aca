"""The bottom line: a passing line hides nothing that is under the mouse, and none makes the window wider."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QApplication, QToolTip

from rtvis.gui.elided_label import ElidedLabel
from tests.unit.gui.conftest import Mouse

Z8 = -16.0
LONG = "Box is locked: unlock it in the ROI list before anything of it can be changed, moved, joined or deleted. " * 4


@pytest.fixture(autouse=True)
def quiet(window):
    window.status.clearMessage()
    yield
    window.status.clearMessage()


def test_value_and_position_follow_the_mouse_while_something_is_said(window, axial):
    window.session.move_cursor([0.0, 0.0, Z8])
    window.say("Distance: 12.0 mm")
    for place in ([3.0, 5.0, Z8], [-6.0, 2.0, Z8]):
        Mouse(axial).move(*axial.scene.patient_to_display(np.array(place)))
        point = np.array(window.status.position.text().replace(" mm", "").split()[1::2], dtype=float)
        assert point == pytest.approx(place, abs=1.0)
        assert window.status.value.text().startswith("HU ")
        assert window.status.value.isVisible()
        assert window.status.position.isVisible()
    assert window.status.said.isVisible()
    assert window.status.currentMessage() == "Distance: 12.0 mm"


def test_a_passing_line_takes_the_place_of_the_tool_and_gives_it_back(window):
    status = window.status
    assert status.tool.isVisible()
    window.say("Views reset")
    assert not status.tool.isVisible()
    assert status.said.isVisible()
    status._saying.timeout.emit()
    assert status.tool.isVisible()
    assert not status.said.isVisible()
    assert status.currentMessage() == ""


def test_more_to_read_stays_longer(window):
    window.say("Views reset")
    short = window.status._saying.interval()
    window.say(LONG)
    assert short == 4000
    assert window.status._saying.interval() > 2 * short


def test_a_long_line_is_shortened_and_the_window_keeps_its_width(window):
    width, least = window.width(), window.minimumSizeHint().width()
    window.say(LONG)
    QApplication.processEvents()
    assert window.width() == width
    assert window.minimumSizeHint().width() == least
    assert window.status.said.shown_text.endswith("…")


def test_in_an_empty_window_what_is_said_begins_at_the_left(empty_window):
    empty_window.say("There is no unsaved work")
    QApplication.processEvents()
    assert empty_window.status.said.x() < 20
    assert not empty_window.status.value.isVisible()


def test_the_whole_of_a_shortened_line_is_its_tip_and_never_markup(qtbot):
    label = ElidedLabel("<b>A name</b> from a file that is longer than there is room for")
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.shown_text.endswith("…")
    place = QPoint(5, 5)
    QApplication.sendEvent(label, QHelpEvent(QEvent.ToolTip, place, label.mapToGlobal(place)))
    assert "&lt;b&gt;A name" in QToolTip.text()
    QToolTip.hideText()
    label.resize(900, 20)
    assert label.shown_text == label.text()


def test_a_window_closed_while_work_begins_leaves_no_timer(own_window):
    own_window.tasks.start("Waiting", lambda _report: None, lambda _result: None)
    own_window.say("Views reset")
    assert own_window.status._delay.isActive()
    own_window.close()
    assert not own_window.status._delay.isActive()
    assert not own_window.status._saying.isActive()
