"""Strokes that take a while: worked out in the background, in turn, and never at the cost of another edit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from qtpy.QtCore import Qt

from rtvis.app.tools_brush import LONG_WAY
from rtvis.geometry.regions import enclosed

PATIENCE_MS = 20_000


def scribble(loops=18, seed=3):
    """Places in a view, ``(n, 2)``: a line that goes round so often, each time elsewhere."""
    rng = np.random.default_rng(seed)
    turns = np.linspace(0, loops, 60 * loops, endpoint=False)
    x, y, radius = (
        np.interp(turns, np.arange(loops + 1), rng.uniform(*span, loops + 1))
        for span in ((180, 220), (140, 180), (30, 70))
    )
    return np.column_stack([x + radius * np.cos(2 * np.pi * turns), y + radius * np.sin(2 * np.pi * turns)])


def scribbled(window, mouse):
    window.tools.choose("freehand")
    window.tools.active.set_options(combine="add")
    mouse.drag(scribble().tolist())


@pytest.fixture
def on_a_new_roi(window):
    window.session.activate_roi(None)
    yield window
    window.tools.active.set_options(combine="contour")


def drawn_ms(qtbot, window):
    qtbot.waitUntil(lambda: not window.edits.is_working and not window.tasks.running, timeout=PATIENCE_MS)


def area_on(roi, view) -> float:
    """Of what an ROI's contours on the plane of a view enclose together, mm²."""
    rings = [view.plane.plane.to_plane(one.points_lps) for one in roi.contours]
    return abs(shapely.union_all([shapely.Polygon(one) for one in rings]).area)


def test_a_scribble_becomes_an_area_without_the_window_waiting_for_it(on_a_new_roi, axial, mouse, qtbot):
    window, before = on_a_new_roi, on_a_new_roi.session.structure_set
    told = []
    window.edits.said.connect(told.append)
    scribbled(window, mouse)
    assert window.edits.is_working  # the button is up, the window answers, the area is to come
    assert window.session.structure_set is before
    drawn_ms(qtbot, window)
    window.edits.said.disconnect(told.append)
    fresh = window.session.structure_set.rois[-1]
    points = np.array([axial.scene.pointer_to_patient(x, y) for x, y in scribble()])
    wanted = enclosed(axial.plane.plane.to_plane(points))
    assert len(fresh.contours) > 100
    assert area_on(fresh, axial) == pytest.approx(wanted.area, rel=1e-3)
    assert window.session.active_roi == fresh.number
    assert told == [f"Add area to {fresh.name}"]
    assert window.menus.undo.text() == f"Undo Add area to {fresh.name}"


def test_a_scribble_with_a_small_brush_is_joined_in_the_background(on_a_new_roi, axial, mouse, qtbot):
    window, before = on_a_new_roi, on_a_new_roi.session.structure_set
    window.tools.choose("brush")
    window.tools.active.set_options(radius_mm=0.2)
    places = scribble(loops=30)
    assert len(places) > LONG_WAY
    mouse.drag(places.tolist())
    assert window.edits.is_working
    assert window.session.structure_set is before
    drawn_ms(qtbot, window)
    fresh = window.session.structure_set.rois[-1]
    points = np.array([axial.scene.pointer_to_patient(x, y) for x, y in places])
    way = shapely.LineString(axial.plane.plane.to_plane(points))
    assert len(fresh.contours) > 100
    rings = [shapely.Polygon(axial.plane.plane.to_plane(one.points_lps)) for one in fresh.contours]
    painted = shapely.union_all(rings[:1]).difference(shapely.union_all(rings[1:]))
    wanted = shapely.union_all([way.segmentize(0.5).buffer(0.2)])
    assert painted.symmetric_difference(wanted).area < 0.05 * wanted.area
    assert window.menus.undo.text() == f"Undo Brush stroke on {fresh.name}"
    window.edits.undo()
    assert window.session.structure_set is before


def test_what_is_drawn_meanwhile_waits_its_turn_and_edits_meanwhile_stay(on_a_new_roi, mouse, qtbot):
    window, session = on_a_new_roi, on_a_new_roi.session
    scribbled(window, mouse)
    session.activate_roi(1)
    mouse.drag([(20, 20), (60, 20), (60, 60), (20, 60)])  # quick by itself, yet it comes after
    box = len(session.structure_set.roi(1).contours)
    session.apply("Rename", session.structure_set.with_roi(replace(session.structure_set.roi(2), name="Seed")))
    drawn_ms(qtbot, window)
    names = [session.history.step(n).name for n in range(session.history.step_count)][-3:]
    new = session.structure_set.rois[-1]
    assert names == ["Rename", f"Add area to {new.name}", "Add area to Box"]
    assert session.structure_set.roi(2).name == "Seed"
    assert len(new.contours) > 100
    assert len(session.structure_set.roi(1).contours) > box


def test_strokes_that_begin_a_new_roi_go_to_one(on_a_new_roi, mouse, qtbot):
    window, before = on_a_new_roi, on_a_new_roi.session.structure_set
    scribbled(window, mouse)
    scribbled(window, mouse)
    drawn_ms(qtbot, window)
    assert len(window.session.structure_set.rois) == len(before.rois) + 1


def test_undo_gives_up_a_stroke_that_is_being_worked_out(on_a_new_roi, mouse, qtbot):
    window = on_a_new_roi
    window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    edited = window.session.structure_set
    scribbled(window, mouse)
    assert window.menus.undo.text() == "Undo stroke"
    window.menus.undo.trigger()
    assert not window.edits.is_working
    assert window.menus.undo.text().startswith("Undo Add contour")
    drawn_ms(qtbot, window)
    assert window.session.structure_set is edited
    assert window.menus.undo.text().startswith("Undo Add contour")


def test_a_stroke_that_is_stopped_in_the_status_bar_is_gone_and_the_next_one_comes(on_a_new_roi, mouse, qtbot):
    window, before = on_a_new_roi, on_a_new_roi.session.structure_set
    scribbled(window, mouse)
    (task,) = window.tasks.running
    task.cancel()
    drawn_ms(qtbot, window)
    assert window.session.structure_set is before
    scribbled(window, mouse)
    drawn_ms(qtbot, window)
    assert window.session.structure_set is not before


def test_nothing_is_saved_without_the_stroke_that_is_on_its_way(on_a_new_roi, mouse, qtbot, tmp_path):
    window, refused = on_a_new_roi, []
    window.edits.failed.disconnect(window.show_error)
    window.edits.failed.connect(refused.append)
    try:
        scribbled(window, mouse)
        assert not window.edits.save_to(tmp_path / "rs.dcm")
        assert "still being worked out" in str(refused[0])
        assert not (tmp_path / "rs.dcm").exists()
        drawn_ms(qtbot, window)
        assert window.edits.save_to(tmp_path / "rs.dcm")
    finally:
        window.edits.failed.disconnect(refused.append)
        window.edits.failed.connect(window.show_error)


def test_a_stroke_on_what_was_deleted_meanwhile_says_so(window, mouse, qtbot):
    session, told = window.session, []
    session.activate_roi(2)
    window.edits.failed.disconnect(window.show_error)
    window.edits.failed.connect(told.append)
    try:
        scribbled(window, mouse)
        session.apply("Delete ROI", session.structure_set.without_roi(2))
        drawn_ms(qtbot, window)
    finally:
        window.tools.active.set_options(combine="contour")
        window.edits.failed.disconnect(told.append)
        window.edits.failed.connect(window.show_error)
    assert "deleted while" in str(told[0])
    assert session.history.undo_name == "Delete ROI"


def test_leaving_asks_while_a_stroke_is_being_worked_out(on_a_new_roi, mouse, qtbot, monkeypatch):
    window, asked = on_a_new_roi, []
    monkeypatch.setattr("rtvis.gui.leaving.ask_unsaved", lambda *_words, **_more: asked.append(1) or "stay")
    scribbled(window, mouse)
    assert not window.leaving.may_lose_edits()
    assert asked == [1]
    mouse.key(Qt.Key_Escape)
    drawn_ms(qtbot, window)
