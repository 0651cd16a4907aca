"""Where a window stands at its first start."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QSize

from rtvis.gui.window_place import FIRST_SIZE, FRAME, first_size


@pytest.mark.parametrize("room", [(1366, 768), (1440, 900), (1440, 1200), (3840, 2160)])
def test_the_first_window_and_its_frame_fit_the_screen(monkeypatch, room):
    screen = SimpleNamespace(availableSize=lambda: QSize(*room))
    monkeypatch.setattr("rtvis.gui.window_place.QGuiApplication", SimpleNamespace(primaryScreen=lambda: screen))
    size = first_size()
    assert size.width() + FRAME.width() <= room[0]
    assert size.height() + FRAME.height() <= room[1]
    assert size == FIRST_SIZE or size.width() + FRAME.width() == room[0] or size.height() + FRAME.height() == room[1]


def test_without_a_screen_it_is_the_size_that_was_meant(monkeypatch):
    monkeypatch.setattr("rtvis.gui.window_place.QGuiApplication", SimpleNamespace(primaryScreen=lambda: None))
    assert first_size() == FIRST_SIZE
