"""A slider with two handles."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from rtvis.gui.range_slider import HANDLE_PX, RangeSlider

from .conftest import Mouse


@pytest.fixture
def slider(qapp, qtbot):
    slider = RangeSlider()
    qtbot.addWidget(slider)
    slider.resize(round(200 + HANDLE_PX), 22)
    slider.set_limits(-100, 100)
    slider.set_values(-50, 50)
    slider.heard = []
    slider.changed.connect(lambda *values: slider.heard.append(values))
    slider.show()
    return slider


def x_of(value):
    return HANDLE_PX / 2 + value + 100


def test_the_nearer_handle_follows_the_mouse(slider):
    Mouse(slider).drag([(x_of(-48), 11), (x_of(-20), 11), (x_of(-10), 11)])
    assert slider.values == (-10, 50)
    Mouse(slider).drag([(x_of(60), 11), (x_of(80), 11)])
    assert slider.values == (-10, 80)
    assert slider.heard[-1] == (-10, 80)


def test_handles_dont_pass_each_other_and_come_apart_again(slider):
    Mouse(slider).drag([(x_of(-50), 11), (x_of(90), 11)])
    assert slider.values == (50, 50)
    Mouse(slider).drag([(x_of(50) + 1, 11), (x_of(70), 11)])
    assert slider.values == (50, 70)
    slider.set_values(50, 50)
    Mouse(slider).drag([(x_of(50) - 1, 11), (x_of(20), 11)])
    assert slider.values == (20, 50)


def test_keys_move_both_handles(slider):
    slider.setFocus(Qt.TabFocusReason)
    Mouse(slider).key(Qt.Key_Right)
    Mouse(slider).key(Qt.Key_PageUp)
    assert slider.values == (-39, 50)
    assert slider.focusNextPrevChild(True)
    Mouse(slider).key(Qt.Key_PageDown)
    assert slider.values == (-39, 40)


def test_placing_them_tells_nobody_and_stays_within_the_limits(slider):
    slider.set_values(-500, 500)
    assert slider.values == (-100, 100)
    slider.set_limits(0, 10)
    assert slider.values == (0, 10)
    assert slider.heard == []
