"""Ctrl+Z while something is being built: it takes back the last point of that, and no edit."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from tests.unit.gui.conftest import Mouse

CORNERS = [(150, 100), (250, 110), (230, 200)]


@pytest.fixture
def edited(window):
    """The first ROI is active, with an edit that Ctrl+Z would take back otherwise."""
    window.session.activate_roi(1)
    window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    window.show()
    QTest.qWaitForWindowExposed(window)
    window.activateWindow()
    return window.session.structure_set


def ctrl(window, key, *, shift=False):
    QTest.keyClick(window, key, Qt.ControlModifier | (Qt.ShiftModifier if shift else Qt.NoModifier))


@pytest.mark.parametrize("tool", ["polygon", "spline", "livewire", "curve3d"])
def test_ctrl_z_takes_points_back_and_then_the_edit(window, axial, mouse, edited, tool):
    window.tools.choose(tool)
    where = np.array([axial.scene.pointer_to_patient(x, y) for x, y in CORNERS])
    for corner in CORNERS:
        mouse.click(*corner)
    assert window.menus.undo.text() == "Undo point"
    assert not window.menus.redo.isEnabled()
    for left in (2, 1, 0):
        ctrl(window, Qt.Key_Z)
        assert window.tools.drawing.clicked == pytest.approx(where[:left], abs=1e-6)
        assert window.session.structure_set is edited
    assert window.menus.undo.text() == "Undo Add contour to Box"
    assert window.menus.redo.text() == "Redo point"
    ctrl(window, Qt.Key_Z, shift=True)
    ctrl(window, Qt.Key_Y)
    assert window.tools.drawing.clicked == pytest.approx(where[:2], abs=1e-6)
    for _ in range(3):
        ctrl(window, Qt.Key_Z)
    assert window.session.structure_set is not edited
    assert window.menus.redo.text() == "Redo Add contour to Box"  # the points are gone: their edit is older
    ctrl(window, Qt.Key_Y)
    assert window.session.structure_set is edited


@pytest.mark.usefixtures("edited")
def test_backspace_can_be_put_forward_and_what_was_put_forward_is_drawn(window, axial, mouse):
    window.tools.choose("polygon")
    for corner in CORNERS:
        mouse.click(*corner)
    mouse.key(Qt.Key_Backspace)
    assert window.menus.redo.text() == "Redo point"
    ctrl(window, Qt.Key_Y)
    mouse.key(Qt.Key_Return)
    drawn = window.session.structure_set.roi(1).contours[-1]
    where = np.array([axial.scene.pointer_to_patient(x, y) for x, y in CORNERS])
    assert drawn.points_lps == pytest.approx(where, abs=1e-6)
    assert window.menus.undo.text() == "Undo Add contour to Box"
    assert not window.menus.redo.isEnabled()


def test_a_stroke_whose_button_is_down_is_given_up_and_no_edit_undone(window, mouse, edited):
    window.tools.choose("brush")
    mouse.press(150, 100)
    mouse.move(180, 100, Qt.LeftButton)
    ctrl(window, Qt.Key_Z)
    assert not window.tools.drawing.is_active
    mouse.release(180, 100)
    assert window.session.structure_set is edited


def test_points_of_a_measurement_come_back_too(window, mouse, edited):
    window.tools.choose("angle")
    mouse.click(150, 100)
    mouse.click(200, 120)
    ctrl(window, Qt.Key_Z)
    assert len(window.tools.drawing.clicked) == 1
    assert window.session.structure_set is edited


def test_points_in_another_view_are_shown_and_taken_back(window, edited):
    window.tools.choose("curve3d")
    Mouse(window.views.view("axial")).click(150, 100)
    Mouse(window.views.view("coronal")).click(160, 90)
    ctrl(window, Qt.Key_Z)
    assert len(window.tools.drawing.clicked) == 1
    assert window.session.structure_set is edited
