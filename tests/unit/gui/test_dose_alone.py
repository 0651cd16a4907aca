"""A dose without images in the window: on its own grid, with the contours of its frame, and nothing drawn on it."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt

from rtvis.app.color_maps import GRAY
from rtvis.app.opening import open_study
from rtvis.dicom.series import find_series
from rtvis.gui.overlay_actions import OverlayActions
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient
from rtvis.scene.overlay_legend import bar_place
from tests.unit.gui.conftest import UID, Mouse, settle, show
from tests.unit.gui.test_overlays import FRAME, HOT_LPS, picture_of, write_hot_dose
from tests.unit.made_dose import write_dose
from tests.unit.made_plan import write_beam, write_plan


def dose_alone(window, others, qtbot, sets=()):
    show(window, Study(structure_sets=sets, others=others), qtbot)
    qtbot.waitUntil(lambda: not window.tasks.running and window.session.overlay.dose is not None, timeout=10_000)
    settle()


def box_around_the_spot(number, frame=FRAME):
    corners = HOT_LPS + np.array([[-8, -6, 0], [8, -6, 0], [8, 6, 0], [-8, 6, 0]], dtype=float)
    roi = Roi(1, "Box", (Contour.drawn(corners, closed=True),), (255, 0, 0), frame_of_reference_uid=frame)
    return StructureSet(
        label=f"Set {number}", rois=(roi,), patient=Patient("P1"), sop_instance_uid=UID.format(f"66.{number}"),
        frame_of_reference_uid=frame,
    )  # fmt: skip


def test_a_dose_without_images_is_shown_on_its_own_grid_with_contours_and_lines_in_place(empty_window, tmp_path, qtbot):
    window = empty_window
    dose = write_hot_dose(tmp_path / "dose.dcm")
    dose_alone(window, (dose,), qtbot, (box_around_the_spot(1, "1.7"), box_around_the_spot(2)))
    session, view = window.session, window.views.view("axial")
    assert session.structure_set.label == "Set 2"
    session.move_cursor(HOT_LPS)
    settle()
    spot = view.scene.patient_to_display(HOT_LPS)
    Mouse(view).move(*(int(n) for n in spot))
    pointed = view.point_at(QPointF(*(int(n) for n in spot)))
    assert window.status.value.text() == f"{float(session.overlay.dose.at(pointed)):.4g} Gy"  # one value, not two
    Mouse(view).move(2, 2)
    assert window.status.value.text() == "outside"
    # The dose falls by 1 Gy a mm, so that the line of 50 % has a radius of 20 mm.
    lines = [one for one in view.overlay().strokes if one.color == (40, 200, 230)]
    radii = np.hypot(*(np.vstack([one.points for one in lines]) - spot).T) * view.scene.framing.mm_per_pixel
    np.testing.assert_allclose(radii, 20.0, atol=0.3)
    contour = next(one for one in view.overlay().strokes if one.color == (255, 0, 0))
    corner = view.scene.patient_to_display(HOT_LPS + np.array([8.0, 6.0, 0.0]))
    assert np.abs(contour.points - corner).max(axis=1).min() < 0.01
    texts = [one.text for one in view.overlay().labels]
    assert "40 Gy" in texts
    assert "RTDOSE" in texts
    rgb = picture_of(view)[int(spot[1]), int(spot[0])].astype(int)
    assert rgb[0] > 80
    assert rgb[2] < 30  # warm is high
    assert not window.findChild(OverlayActions).panel.painting.isVisibleTo(window)


def test_levels_and_colours_of_a_dose_without_images_are_those_of_its_bar(empty_window, tmp_path, qtbot):
    window = empty_window
    dose_alone(window, (write_hot_dose(tmp_path / "dose.dcm"),), qtbot)
    session, view = window.session, window.views.view("axial")
    session.set_bounds(0.0, 25.0)
    session.set_color_map(GRAY)
    settle()
    assert "25 Gy" in [one.text for one in view.overlay().labels]
    left, top, _bottom = (int(n) for n in bar_place(view.scene.framing))
    assert picture_of(view)[top + 1, left + 3].tolist() == pytest.approx([255, 255, 255], abs=4)


def test_choosing_contours_of_another_frame_brings_their_dose_or_none(empty_window, tmp_path, qtbot):
    window, session = empty_window, empty_window.session
    first = write_hot_dose(tmp_path / "dose.dcm")
    other = tmp_path / "other.dcm"
    write_dose(other, np.full((3, 5, 5), 7000, np.uint16), frame_of_reference_uid="1.7", number=2)
    sets = (box_around_the_spot(1), box_around_the_spot(2, "1.7"), box_around_the_spot(3, "1.8"))
    dose_alone(window, (first, find_series(other).others[0]), qtbot, sets)
    assert session.volume.slices[0].path == first.path
    session.activate_structure_set(sets[1].key)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    assert session.volume.slices[0].path == other
    assert session.structure_set.label == "Set 2"
    session.activate_structure_set(sets[2].key)
    assert session.volume is None
    assert session.overlay.dose is None
    assert session.structure_set.label == "Set 3"


def test_nothing_new_is_drawn_on_a_dose(empty_window, tmp_path, qtbot, monkeypatch):
    window = empty_window
    told = []
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _parent, error: told.append(str(error)))
    dose_alone(window, (write_hot_dose(tmp_path / "dose.dcm"),), qtbot)
    assert not window.roi_panel.add.isEnabled()
    view = window.views.view("axial")
    window.tools.choose("freehand")
    Mouse(view).drag([(100, 100), (150, 100), (150, 150), (100, 150)])
    assert window.session.structure_sets == ()
    assert len(told) == 1
    assert "needs images" in told[0]


def test_images_opened_after_a_dose_alone_are_shown_as_ever(empty_window, study, tmp_path, qtbot):
    window = empty_window
    dose_alone(window, (write_hot_dose(tmp_path / "alone.dcm"),), qtbot)
    show(window, study, qtbot)
    assert window.session.volume.modality == "CT"
    assert window.session.color_map is GRAY
    assert window.session.overlay.volume is None
    assert not window.session.overlay.alone


def test_real_doses_without_images_come_with_their_contours(empty_window, field_data, qtbot):
    window = empty_window
    window.show_study(open_study(field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR"))
    qtbot.waitUntil(lambda: not window.tasks.running and window.session.overlay.dose is not None, timeout=20_000)
    session = window.session
    assert session.structure_set.frame_of_reference_uid == session.volume.frame_of_reference_uid
    assert session.volume.grid.shape == (56, 80, 80)
    other = next(one for one in session.structure_sets if one is not session.structure_set)
    before = session.volume
    session.activate_structure_set(other.key)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    assert session.volume is not before
    assert session.volume.frame_of_reference_uid == other.frame_of_reference_uid
    settle()


def test_the_sum_of_all_beams_is_shown_first_and_each_beam_can_be_chosen(empty_window, tmp_path, qtbot):
    window = empty_window
    write_plan(tmp_path / "plan.dcm")
    grays = [write_beam(tmp_path, number, [number]) for number in (1, 2, 3)]
    dose_alone(window, open_study([tmp_path]).others, qtbot)
    overlay, panel = window.session.overlay, next(one.panel for one in window.features if type(one) is OverlayActions)
    assert overlay.dose.part == "sum of 3 beams"
    assert overlay.dose.maximum == pytest.approx(sum(grays).max(), abs=1e-6)
    assert panel.choice.currentText().startswith("RTDOSE  sum of 3 beams")
    assert overlay.isodoses.reference == 2.0
    texts = [one.text for one in window.views.view("axial").overlay().labels]
    assert any(text.startswith("+ lines  RTDOSE  sum o") for text in texts)
    beam = next(n for n in range(panel.choice.count()) if "BEAM 2 (Field 2)" in panel.choice.itemText(n))
    panel.choice.setCurrentIndex(beam)
    panel.choice.activated.emit(beam)
    qtbot.waitUntil(lambda: not window.tasks.running and overlay.dose.part == "BEAM 2", timeout=10_000)
    assert overlay.dose.maximum == pytest.approx(grays[1].max(), abs=1e-9)
    assert panel.choice.currentIndex() == beam
    assert window.study_tree.findItems("RTDOSE  BEAM 3 (Field 3)", Qt.MatchStartsWith | Qt.MatchRecursive)
