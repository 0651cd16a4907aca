"""Locked ROIs in the window: whatever would change them says so in one line, and changes nothing."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QApplication

from tests.unit.gui.conftest import settle


def test_the_last_contour_of_a_locked_roi_is_not_deleted_and_that_is_said(own_window, monkeypatch):
    told, session = [], own_window.session
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _parent, error: told.append(str(error)))
    monkeypatch.setattr("sys.excepthook", lambda *_: pytest.fail("an error nobody took"))
    session.activate_roi(1)
    session.lock_roi(1, locked=True)
    before = session.structure_set
    own_window.menus.actions["Delete last contour of ROI"].trigger()
    settle()
    assert session.structure_set is before
    assert told == ["Box is locked; unlock it in the list of ROIs first"]
    session.lock_roi(1, locked=False)
    own_window.menus.actions["Delete last contour of ROI"].trigger()
    assert len(session.structure_set.roi(1).contours) == len(before.roi(1).contours) - 1
    assert QApplication.activeModalWidget() is None
