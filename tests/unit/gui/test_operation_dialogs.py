"""Operations as dialogs: seen before they are made, made as one undo step, refused in one line."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDialogButtonBox

from rtvis.gui.contour_actions import ContourActions
from rtvis.gui.operation_dialog import OperationDialog
from rtvis.scene.overlay import PREVIEW_WIDTH
from tests.unit.gui.conftest import ORIGIN, SPACING, UID, settle


@pytest.fixture
def actions(window):
    window.session.activate_roi(1)
    window.session.move_cursor([0.0, 0.0, ORIGIN[2] + 8 * SPACING[0]])
    found = next(one for one in window.features if isinstance(one, ContourActions))
    yield found
    if found.dialog is not None:
        found.dialog.reject()
    for number in (1, 2):
        window.session.lock_roi(number, locked=False)
    settle()


def opened(window, actions, name, qtbot):
    window.menus.actions[name].trigger()
    ready(actions.dialog, qtbot)
    return actions.dialog


def ready(dialog, qtbot) -> None:
    qtbot.waitUntil(lambda: not dialog.preview.is_busy, timeout=10_000)


def click(dialog, button=QDialogButtonBox.Ok) -> None:
    QTest.mouseClick(dialog.buttons.button(button), Qt.LeftButton)


def dashed(view) -> list:
    return [one for one in view.overlay().strokes if one.dashed and one.width == PREVIEW_WIDTH]


def extent(roi):
    points = np.concatenate([one.points_lps for one in roi.contours])
    return points.min(axis=0), points.max(axis=0)


def type_into(box, text) -> None:
    box.selectAll()
    QTest.keyClicks(box, text)


def test_a_margin_is_seen_in_all_views_and_made_as_one_step(window, actions, qtbot):
    before = window.session.structure_set
    dialog = opened(window, actions, "Margin", qtbot)
    type_into(dialog.uniform, "6")
    ready(dialog, qtbot)
    assert window.session.structure_set is before
    for name in ("axial", "coronal", "sagittal"):
        view = window.views.view(name)
        lines = dashed(view)
        assert lines, name
        color = next(one.color for one in window.session.previewed_rois)
        assert {one.color for one in lines} == {color}
    shown = view.scene.framing.patient_to_display([[0.0, -14.0, 0.0], [0.0, 14.0, 0.0]])
    reach = np.concatenate([one.points for one in lines])[:, 0]
    mm = view.scene.framing.mm_per_pixel
    assert reach.min() == pytest.approx(shown[:, 0].min(), abs=1.5 / mm)
    assert reach.max() == pytest.approx(shown[:, 0].max(), abs=1.5 / mm)
    click(dialog)
    assert actions.dialog is None
    assert window.menus.undo.text() == "Undo Margin 6 mm of Box"
    assert not dashed(window.views.view("axial"))
    made = window.session.structure_set.roi(3)
    assert made.name == "Box+6mm"
    low, high = extent(made)
    np.testing.assert_allclose(low[:2], [-16.0, -14.0], atol=1.5)
    np.testing.assert_allclose(high[:2], [16.0, 14.0], atol=1.5)
    window.menus.undo.trigger()
    assert window.session.structure_set is before


def test_cancel_leaves_nothing(window, actions, qtbot):
    before = window.session.structure_set
    dialog = opened(window, actions, "Margin", qtbot)
    assert dashed(window.views.view("axial"))
    QTest.keyClick(dialog, Qt.Key_Escape)
    assert actions.dialog is None
    assert window.session.structure_set is before
    assert window.session.previewed_rois == ()
    assert not dashed(window.views.view("axial"))


def test_ok_pressed_while_it_computes_makes_the_edit_when_it_is_ready(window, actions, qtbot):
    dialog = opened(window, actions, "Ring", qtbot)
    dialog.outwards.setValue(4.0)
    assert dialog.preview.is_busy
    click(dialog)
    qtbot.waitUntil(lambda: actions.dialog is None, timeout=10_000)
    assert window.session.history.undo_name == "Ring 0 mm in, 4 mm out of Box"


def test_six_margins_grow_each_side_by_its_own(window, actions, qtbot):
    dialog = opened(window, actions, "Margin", qtbot)
    QTest.mouseClick(dialog.each, Qt.LeftButton)
    for side, mm in zip("LRAPSI", (6.0, 0.0, 3.0, 0.0, 3.0, 0.0), strict=True):
        dialog.sides[side].setValue(mm)
    dialog.target.choice.choose(1)
    ready(dialog, qtbot)
    click(dialog)
    low, high = extent(window.session.structure_set.roi(1))
    np.testing.assert_allclose(low, [-10.0, -11.0, ORIGIN[2] + 5 * SPACING[0]], atol=1.5)
    np.testing.assert_allclose(high, [16.0, 8.0, ORIGIN[2] + 12 * SPACING[0]], atol=1.5)


def test_a_boolean_of_ticked_rois(window, actions, qtbot):
    window.session.add_roi("Other")
    z = ORIGIN[2] + SPACING[0] * 8
    window.session.add_contour([[0, 0, z], [20, 0, z], [20, 5, z], [0, 5, z]], closed=True)
    window.session.activate_roi(1)
    dialog = opened(window, actions, "Difference", qtbot)
    assert not dialog.ok.isEnabled()
    assert dialog.told.text() == "Tick one more ROI."
    row = dialog.others.item(2)
    assert row.text() == "Other"
    row.setCheckState(Qt.Checked)
    ready(dialog, qtbot)
    assert dialog.target.name.text() == "Box-Other"
    click(dialog)
    assert window.session.history.undo_name == "Box without Other"
    made = window.session.structure_set.rois[-1]
    cut = next(one for one in made.contours if abs(one.points_lps[0, 2] - z) < 0.01)
    x = cut.points_lps[np.abs(cut.points_lps[:, 1] - 2.5) < 2.6][:, 0]
    assert np.count_nonzero(np.abs(x) < 0.7) >= 2


def test_errors_are_one_line_and_ok_waits(window, actions, qtbot):
    dialog = opened(window, actions, "Margin", qtbot)
    dialog.roi.choose(2)
    ready(dialog, qtbot)
    assert dialog.told.text() == "Marker has no closed contours: choose an ROI with an area."
    assert not dialog.ok.isEnabled()
    assert not dashed(window.views.view("axial"))
    dialog.roi.choose(1)
    ready(dialog, qtbot)
    assert dialog.ok.isEnabled()
    dialog.target.choice.choose(1)
    window.session.lock_roi(1, locked=True)
    assert dialog.told.text() == "Box is locked: unlock it in the list of ROIs, or choose another one."
    assert not dialog.ok.isEnabled()


def test_what_goes_is_shown_in_red_before_it_goes(window, actions, qtbot):
    dialog = opened(window, actions, "Delete contours", qtbot)
    dialog.first_slice.setValue(7)
    dialog.last_slice.setValue(9)
    ready(dialog, qtbot)
    assert dialog.told.text() == "3 contours of 7 will go"
    assert window.session.previewed_rois[0].color == (255, 96, 96)
    click(dialog)
    assert len(window.session.structure_set.roi(1).contours) == 4
    heights = {one.points_lps[0, 2] for one in window.session.structure_set.roi(1).contours}
    assert not heights & {ORIGIN[2] + SPACING[0] * k for k in (6, 7, 8)}


def test_interpolating_is_accepted_after_it_is_seen(window, actions, qtbot):
    window.menus.actions["Delete contours on slice"].trigger()
    assert len(window.session.structure_set.roi(1).contours) == 6
    dialog = opened(window, actions, "Interpolate between slices", qtbot)
    assert dialog.told.text() == "1 contour on 1 slice"
    assert len(dashed(window.views.view("axial"))) == 1
    click(dialog)
    assert window.session.history.undo_name == "Interpolate Box"
    assert len(window.session.structure_set.roi(1).contours) == 7


def test_clipping_follows_the_cursor(window, actions, qtbot):
    dialog = opened(window, actions, "Clip by plane", qtbot)
    dialog.kind.setCurrentIndex(2)
    assert dialog.kind.currentText() == "Sagittal plane"
    dialog.side.setCurrentIndex(dialog.side.findText("Left"))
    window.session.move_cursor([4.0, 0.0, 0.0])
    ready(dialog, qtbot)
    click(dialog)
    low, high = extent(window.session.structure_set.roi(1))
    assert low[0] == pytest.approx(4.0, abs=0.7)
    assert high[0] == pytest.approx(10.0, abs=0.7)
    assert window.session.history.undo_name == "Clip left part of Box"


def test_contours_go_to_another_roi_or_are_copied_there(window, actions, qtbot):
    dialog = opened(window, actions, "Move or copy contours to another ROI", qtbot)
    assert dialog.target.number == 2
    click(dialog)
    assert window.session.history.undo_name == "Move contours on slice from Box to Marker"
    assert len(window.session.structure_set.roi(1).contours) == 6
    assert len(window.session.structure_set.roi(2).contours) == 2


def test_copying_to_slices_by_key_goes_along(window, actions):
    axial = window.views.view("axial")
    axial.setFocus()
    window.session.move_cursor([0.0, 0.0, ORIGIN[2] + 11 * SPACING[0]])
    window.menus.actions["Copy contours to next slice"].trigger()
    z = ORIGIN[2] + 12 * SPACING[0]
    assert window.session.structure_set.roi(1).contours[-1].points_lps[0, 2] == pytest.approx(z)
    assert window.session.cursor_lps[2] == pytest.approx(z)
    assert window.session.structure_set.roi(1).contours[-1].images[0].sop_instance_uid == UID.format("4.1.13")
    window.menus.actions["Copy contours to next slice"].trigger()
    assert window.session.cursor_lps[2] == pytest.approx(z + SPACING[0])


def test_an_edit_meanwhile_is_taken_into_account(window, actions, qtbot):
    dialog = opened(window, actions, "Simplify", qtbot)
    assert not dialog.ok.isEnabled()
    z = ORIGIN[2] + SPACING[0] * 8
    circle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    points = np.column_stack([20 + 5 * np.cos(circle), 5 * np.sin(circle), np.full(100, z)])
    window.session.add_contour(points, closed=True)
    ready(dialog, qtbot)
    assert dialog.ok.isEnabled()
    assert dialog.told.text().startswith("128 points become")
    click(dialog)
    assert len(window.session.structure_set.roi(1).contours[-1].points_lps) < 40


def test_one_dialog_at_a_time_and_none_outlives_its_study(window, actions, qtbot):
    first = opened(window, actions, "Ring", qtbot)
    second = opened(window, actions, "Smooth", qtbot)
    assert actions.dialog is second
    assert first not in window.findChildren(OperationDialog)
    second.way.setCurrentIndex(1)
    assert not second.target.isVisible()
    ready(second, qtbot)
    window.session.activate_structure_set(None)
    assert actions.dialog is None
    assert window.session.previewed_rois == ()


def test_a_preview_that_is_stopped_in_the_status_bar_stays_stopped(window, actions, qtbot):
    release = threading.Event()

    def slow(structure_set, volume, report):
        while not release.wait(0.01):
            report(0, 1)
        raise AssertionError("never reached")

    dialog = opened(window, actions, "Ring", qtbot)
    qtbot.waitUntil(lambda: not dialog.preview.is_busy and not window.tasks.running, timeout=5_000)
    dialog.preview.ask(slow)
    qtbot.waitUntil(lambda: any(one.label == "Ring" for one in window.tasks.running), timeout=5_000)
    next(one for one in window.tasks.running if one.label == "Ring").cancel()  # as the status bar's Cancel does
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=5_000)
    settle()
    assert not dialog.preview.is_busy
    assert dialog.told.text() == "Stopped. Change something to compute it again."
    assert not dialog.ok.isEnabled()
    dialog.outwards.setValue(4.0)
    ready(dialog, qtbot)
    assert dialog.ok.isEnabled()


def test_what_is_asked_last_is_what_is_shown(window, actions, qtbot):
    dialog = opened(window, actions, "Ring", qtbot)
    for mm in (2.0, 3.0, 4.0, 6.0):
        dialog.outwards.setValue(mm)
        qtbot.wait(60)  # some begin to be computed and some don't
    ready(dialog, qtbot)
    assert dialog.preview.planned.name == "Ring 0 mm in, 6 mm out of Box"
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=5_000)


@pytest.mark.parametrize(
    ("name", "first", "value"),
    [("Copy contours to slices", "QSpinBox", 1), ("Smooth", "NumberBox", 3.0), ("Ring", "NumberBox", 0.0)],
)
def test_what_is_typed_first_goes_into_the_first_number_and_tab_goes_down(window, actions, qtbot, name, first, value):
    dialog = opened(window, actions, name, qtbot)
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.isActiveWindow() and dialog.focusWidget() is not None, timeout=5000)
    begun = dialog.focusWidget()
    assert type(begun).__name__ == first
    assert begun.value() == value
    heights = []
    while dialog.focusWidget() is not dialog.ok and len(heights) < 12:
        heights.append(dialog.focusWidget().mapTo(dialog, QPoint(0, 0)).y())
        dialog.focusNextChild()
    assert heights == sorted(heights)
    assert dialog.shown.y() in heights


def test_copying_onto_contours_that_are_there_already_is_told(window, actions):
    window.menus.actions["Copy contours to next slice"].trigger()
    assert "1 of them has contours of Box already, which stay" in window.status.currentMessage()
    window.session.undo()
