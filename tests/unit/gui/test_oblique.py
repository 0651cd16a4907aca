"""The oblique view: shown, turned by handles, angles and points, scrolled, and drawn on."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt

from rtvis.app.oblique import Oblique
from rtvis.app.planes import DEFAULT_OBLIQUE
from rtvis.app.session import Session
from rtvis.gui.main_window import MainWindow
from rtvis.gui.oblique_dialog import ObliqueDialog
from rtvis.model.structure_set import StructureSet
from rtvis.scene.overlay import turn_handles
from tests.unit.gui.conftest import Mouse, close_for_good, next_window, settle


@pytest.fixture
def oblique(window):
    window.session.turn_oblique(DEFAULT_OBLIQUE)
    window.view_actions.toggle_oblique()
    settle()
    yield window.views.view("oblique")
    window.views.show_oblique(shown=False)


def handle(view):
    return turn_handles(view.scene.framing, view._session.cursor_lps, view._session.oblique.normal)[0]


def test_the_view_is_shown_beside_the_others_and_goes_again(window, oblique):
    assert window.views.frames["oblique"].isVisible()
    texts = {label.text for label in oblique.overlay().labels}
    assert {"Oblique", "interpolated", "R", "L"} <= texts
    window.view_actions.toggle_oblique()
    assert not window.views.frames["oblique"].isVisible()
    window.views.maximise("axial")
    window.views.maximise(None)
    assert not window.views.frames["oblique"].isVisible()


def test_it_can_be_maximised_and_given_the_focus(window, oblique):
    oblique.setFocus(Qt.OtherFocusReason)
    window.view_actions.maximise_active()
    assert [name for name, frame in window.views.frames.items() if frame.isVisible()] == ["oblique"]
    window.view_actions.maximise_active()
    assert all(frame.isVisible() for frame in window.views.frames.values())
    window.view_actions.enlarge_active()
    settle()
    assert oblique.width() > window.views.view("3d").width()


def test_it_goes_through_the_cursor_and_the_wheel_steps_along_its_normal(window, oblique):
    point = window.views.view("axial").scene.pointer_to_patient(140, 120)
    Mouse(window.views.view("axial")).click(140, 120)
    assert float(oblique.plane.plane.distances_mm(point)) == pytest.approx(0, abs=1e-9)
    before, start = window.session.cursor_lps.copy(), oblique.plane.slice_index
    Mouse(oblique).wheel(1)
    assert oblique.plane.slice_index == start + 1
    Mouse(oblique).wheel(1)
    moved = window.session.cursor_lps - before
    assert moved == pytest.approx(2 * oblique.plane.gap_mm * oblique.plane.plane.normal, abs=1e-9)
    assert oblique.plane.slice_index == start + 2


def test_a_handle_in_another_view_turns_it_about_the_cursor(window, oblique):
    sagittal = window.views.view("sagittal")
    cursor = window.session.cursor_lps.copy()
    x, y = handle(sagittal)
    middle = sagittal.scene.patient_to_display(cursor)
    angle = np.radians(20)
    turned = middle + [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]] @ (np.array([x, y]) - middle)
    before = window.session.oblique.normal
    Mouse(sagittal).drag([(x - 0.5, y - 0.5), tuple((turned + np.array([x, y])) / 2 - 0.5), tuple(turned - 0.5)])
    normal = window.session.oblique.normal
    assert window.session.cursor_lps == pytest.approx(cursor)  # the cursor is not what was dragged
    assert handle(sagittal) == pytest.approx(turned, abs=0.1)
    assert np.degrees(np.arccos(before @ normal)) == pytest.approx(20, abs=1)
    assert float(oblique.plane.plane.normal @ normal) == pytest.approx(1)


def test_angles_are_seen_while_they_are_chosen_and_cancel_turns_back(window, oblique):
    before = window.session.oblique
    window.view_actions.ask_oblique()
    dialog = window.findChild(ObliqueDialog)
    dialog.angles[0].setValue(0)
    dialog.angles[1].setValue(45)
    assert oblique.plane.plane.normal == pytest.approx(Oblique.by_angles(0, 45).normal)
    dialog.reject()
    assert window.session.oblique is before
    settle()


def test_asking_for_angles_leaves_the_plane_as_it_was_turned_by_hand(window, oblique):
    turned = Oblique.facing([0.3, -0.5, 0.8])
    window.session.turn_oblique(turned)
    window.view_actions.ask_oblique()
    dialog = window.findChild(ObliqueDialog)
    assert window.session.oblique is turned
    asked = [box.value() for box in dialog.angles]
    assert Oblique.by_angles(*asked).normal == pytest.approx(turned.normal, abs=2e-3)
    dialog.angles[1].setValue(asked[1] + 10)
    assert window.session.oblique.normal == pytest.approx(Oblique.by_angles(asked[0], asked[1] + 10).normal, abs=1e-9)
    dialog.reject()
    assert window.session.oblique is turned
    settle()


def test_a_view_that_was_opened_for_the_angles_goes_with_cancel(window):
    assert not window.views.oblique_shown
    window.view_actions.ask_oblique()
    assert window.views.oblique_shown
    window.findChild(ObliqueDialog).reject()
    assert not window.views.oblique_shown
    settle()


def test_three_points_make_the_plane_and_the_cursor_goes_there(window, oblique):
    points = np.array([[0.0, 0.0, -10.0], [10.0, 0.0, -5.0], [0.0, 10.0, -8.0]])
    window.view_actions.oblique_through(points)
    assert oblique.plane.plane.distances_mm(points) == pytest.approx([0, 0, 0], abs=1e-9)
    window.view_actions.oblique_through(points[[0, 0, 1]])
    assert oblique.plane.plane.distances_mm(points) == pytest.approx([0, 0, 0], abs=1e-9)


def test_what_is_turned_about_stays_where_it_is_in_a_zoomed_view(window, oblique):
    Mouse(oblique).wheel(3, 60, 60, Qt.ControlModifier)
    cursor = window.session.cursor_lps
    before = oblique.scene.patient_to_display(cursor)
    window.session.turn_oblique(window.session.oblique.turned([0, 0, 1], 15))
    assert oblique.scene.patient_to_display(cursor) == pytest.approx(before, abs=1e-6)


def test_contours_are_cut_by_it(window, oblique):
    """The box of the ROI is 20 mm wide: a plane turned about the left-right axis shows that width."""
    window.session.move_cursor([0.0, 0.0, -16.0])
    strokes = [one for one in oblique.overlay().strokes if one.color == (255, 80, 40)]
    assert len(strokes) == 1
    wide = np.ptp(strokes[0].points[:, 0]) * oblique.scene.framing.mm_per_pixel
    assert wide == pytest.approx(20, abs=0.01)


def test_a_stroke_on_it_is_a_planar_contour_at_the_right_points(window, oblique, tmp_path):
    from rtvis.dicom.rtstruct_reader import read_structure_set

    window.session.activate_roi(1)
    count = len(window.session.structure_set.roi(1).contours)
    window.tools.choose("freehand")
    path = [(60, 60), (110, 65), (105, 110), (62, 100)]
    expected = np.array([oblique.scene.pointer_to_patient(x, y) for x, y in path])
    Mouse(oblique).drag(path)
    window.tools.choose("navigate")
    contours = window.session.structure_set.roi(1).contours
    assert len(contours) == count + 1
    drawn = contours[-1]
    assert drawn.geometric_type == "CLOSED_PLANAR"
    assert drawn.points_lps == pytest.approx(expected, abs=1e-6)
    assert oblique.plane.plane.distances_mm(drawn.points_lps) == pytest.approx(np.zeros(4), abs=1e-6)
    window.session.save(tmp_path / "rs.dcm")
    saved: StructureSet = read_structure_set(tmp_path / "rs.dcm")
    assert saved.roi(1).contours[-1].points_lps == pytest.approx(expected, abs=1e-6)
    assert saved.roi(1).contours[-1].geometric_type == "CLOSED_PLANAR"


def test_3d_shows_it_with_the_others(window, oblique, qtbot):
    window.views.view3d._settle()
    kinds = {view.kind.value for view in window.views.view3d.scene.planes.views}
    assert kinds == {"axial", "coronal", "sagittal", "oblique"}
    window.views.show_oblique(shown=False)
    window.views.view3d._settle()
    assert len(window.views.view3d.scene.planes.views) == 3


def test_four_views_are_four_though_the_oblique_one_was_alone(own_window):
    own_window.menus.actions["Oblique alone"].trigger()
    own_window.menus.actions["Four views"].trigger()
    settle()
    shown = [name for name, frame in own_window.views.frames.items() if frame.isVisible()]
    assert shown == ["axial", "coronal", "sagittal", "3d"]
    assert not own_window.views.oblique_shown
    assert own_window.views.active_name in shown


def test_it_comes_back_with_the_next_window_as_it_was_laid_out(own_window, study):
    own_window.menus.actions["Oblique alone"].trigger()
    settle()
    assert [name for name, frame in own_window.views.frames.items() if frame.isVisible()] == ["oblique"]
    own_window.menus.actions["Maximise active view"].trigger()
    own_window.views.view("oblique").setFocus(Qt.OtherFocusReason)
    own_window.menus.actions["Active view large"].trigger()
    settle()
    widths = [frame.width() for frame in own_window.views.frames.values()]
    assert widths[4] > 2 * widths[2]
    own_window.menus.actions["Oblique alone"].trigger()
    second = next_window(own_window, study)
    assert second.views.maximised_view == "oblique"
    oblique = second.views.view("oblique")
    before = second.session.cursor_lps.copy()
    Mouse(oblique).wheel(1)
    assert np.linalg.norm(second.session.cursor_lps - before) > 0
    assert oblique._picture() is not None
    second.menus.actions["Maximise active view"].trigger()
    settle()
    again = [frame.width() for frame in second.views.frames.values()]
    assert again == pytest.approx(widths, abs=8)
    second.menus.actions["Oblique view"].trigger()  # off; and no more with the third window
    second.close()
    third = MainWindow(Session())
    third.ensure_views()
    assert not third.views.oblique_shown
    close_for_good(second)
    close_for_good(third)


def test_the_corner_tells_the_middle_of_the_plane_which_stays_while_the_cursor_moves_in_it(window, oblique):
    def told():
        (text,) = [label.text for label in oblique.overlay().labels if label.text.startswith("L ")]
        return [float(part) for part in text.replace("mm", "").split()[1::2]]

    middle = told()
    plane = oblique.plane.plane
    assert float(plane.distances_mm(middle)) == pytest.approx(0.0, abs=0.1)
    off = np.asarray(middle) - window.session.volume.grid.centre_lps_mm
    assert np.cross(off, plane.normal) == pytest.approx([0.0, 0.0, 0.0], abs=0.1)  # nearest to the volume's centre
    window.session.move_cursor(window.session.cursor_lps + 5.0 * plane.u)
    assert told() == middle
    Mouse(oblique).wheel(2)
    assert float(plane.distances_mm(told())) == pytest.approx(
        2 * oblique.plane.gap_mm, abs=oblique.plane.gap_mm / 2 + 0.1
    )
    assert float(oblique.plane.plane.distances_mm(told())) == pytest.approx(0.0, abs=0.1)
