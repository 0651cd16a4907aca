"""Locked ROIs in the window: whatever would change them says so in one line, and changes nothing."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from rtvis.app.tools_catalogue import TOOLS
from rtvis.gui.contour_actions import ContourActions
from tests.unit.gui.conftest import ORIGIN, SPACING, Mouse, settle


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


VIEWS = ("axial", "coronal", "sagittal", "oblique")
DRAWING = tuple(one.key for one in TOOLS if one.changes_set)
ENDING = (Qt.Key_Return, Qt.Key_Delete, Qt.Key_Escape)


@pytest.fixture
def locked(window, monkeypatch):
    """The box, active and locked, with its contours chosen as far as a tool can; and what the window tells."""
    session = window.session
    window.views.show_oblique(shown=True)
    settle()
    told: list[str] = []
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _parent, error: told.append(str(error)))
    monkeypatch.setattr("sys.excepthook", lambda *_: pytest.fail("an error nobody took"))
    monkeypatch.setattr(window.status, "showMessage", lambda text, *_: told.append(text))
    session.activate_roi(1)
    session.move_cursor([0.0, 0.0, ORIGIN[2] + 8 * SPACING[0]])
    session.lock_roi(1, locked=True)
    yield told
    session.lock_roi(1, locked=False)
    window.tools.choose("navigate")
    window.views.show_oblique(shown=False)
    settle()


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("key", DRAWING)
def test_no_tool_changes_a_locked_roi_in_any_view_and_each_says_why(window, locked, qtbot, key, name):
    session, view = window.session, window.views.view(name)
    box, view_plane = session.structure_set.roi(1), view.plane
    assert view_plane is not None
    window.tools.choose(key)
    session.activate_roi(1)
    corner = view.scene.patient_to_display([10.0, 8.0, session.cursor_lps[2]])
    edge = view.scene.patient_to_display([10.0, 0.0, session.cursor_lps[2]])
    middle = view.scene.patient_to_display(session.cursor_lps)
    mouse = Mouse(view)
    for places in ([edge, middle], [corner, edge, middle], [middle, edge], [edge, corner, (5.0, 5.0)]):
        for keys in (Qt.NoModifier, Qt.ShiftModifier, Qt.ControlModifier):
            mouse.press(*places[0], modifiers=keys)
            for place in places[1:]:
                mouse.move(*place, Qt.LeftButton, keys)
            mouse.release(*places[-1], modifiers=keys)
            assert session.structure_set.roi(1) is box
            session.activate_roi(1)
    for place in (edge, corner, middle):
        mouse.click(*place)
        mouse.double_click(*place)
    for one in ENDING:
        mouse.key(one)
    qtbot.waitUntil(lambda: not window.edits.is_working, timeout=10_000)
    assert session.structure_set.roi(1) is box
    assert any("Box is locked" in text for text in locked), locked


CHANGING = (
    *("Delete last contour of ROI", "Delete chosen contours", "Reverse chosen contours"),
    *("Copy contours to next slice", "Copy contours to previous slice", "Copy contours to slices"),
    *("Interpolate between slices", "Smooth", "Simplify", "Reverse contours", "Move or copy contours to another ROI"),
    *("Delete contours on slice", "Delete contours", "Delete all contours of ROI", "Delete ROI", "Type PTV"),
    *("Number of ROI", "Union", "Intersection", "Difference", "Exclusive or"),
)


@pytest.mark.parametrize("name", CHANGING)
def test_no_operation_changes_a_locked_roi_and_each_says_why(window, locked, qtbot, monkeypatch, name):
    session = window.session
    box = session.structure_set.roi(1)
    window.tools.choose("select")
    view = window.views.view("axial")
    view.plane  # noqa: B018  (brings the view to the cursor, as painting does)
    Mouse(view).click(*view.scene.patient_to_display([10.0, 0.0, session.cursor_lps[2]]))
    monkeypatch.setattr("rtvis.gui.roi_actions.asked_number", lambda *_: 12)
    locked.clear()
    window.menus.actions[name].trigger()
    dialog = next(one for one in window.features if isinstance(one, ContourActions)).dialog
    if dialog is not None:
        if hasattr(dialog, "target") and hasattr(dialog.target, "choice"):
            dialog.target.choice.choose(1)
        qtbot.waitUntil(lambda: not dialog.preview.is_busy, timeout=10_000)
        locked.append(dialog.told.text())
        assert not dialog.ok.isEnabled()
        dialog.accept()
        dialog.reject()
    settle()
    assert session.structure_set.roi(1) is box
    assert any("Box is locked" in text for text in locked), locked


def test_undo_redo_and_the_list_of_steps_do_not_change_a_locked_roi(window, locked):
    session = window.session
    session.lock_roi(1, locked=False)
    window.menus.actions["Delete contours on slice"].trigger()
    session.lock_roi(1, locked=True)
    after = session.structure_set
    locked.clear()
    window.menus.undo.trigger()
    window.edits.go_to_step(0)
    assert session.structure_set is after
    assert len([one for one in locked if "would change Box, which is locked" in one]) == 2
    session.lock_roi(1, locked=False)
    window.menus.undo.trigger()
    session.lock_roi(1, locked=True)
    before = session.structure_set
    window.menus.redo.trigger()
    assert session.structure_set is before
    assert "would change Box, which is locked" in locked[-1]
