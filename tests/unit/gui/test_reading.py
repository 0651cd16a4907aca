"""What is written in views, and the name of the contour under the mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from rtvis.app.oblique import Oblique
from rtvis.app.planes import DEFAULT_OBLIQUE, PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.gui.view_text import FADED_OPACITY, text_width, view_texts
from rtvis.model.study import Study
from rtvis.scene.corner_texts import boxes_of
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import edges_overlay
from tests.unit.gui.conftest import Mouse, make_set, make_volume, show

Z8 = -16.0
"""A slice with the Box, whose edge is at x = 10 mm."""


@pytest.fixture(autouse=True)
def as_it_was(window):
    yield
    session = window.session
    session.hide_patient(hidden=False)
    session.scale_texts(1.0)
    session.turn_oblique(DEFAULT_OBLIQUE)
    window.views.show_oblique(shown=False)
    window.tools.choose("navigate")


def texts(view):
    return {label.text: label for label in view.overlay().labels}


def starting(view, beginning):
    return next(label for text, label in texts(view).items() if text.startswith(beginning))


@pytest.fixture
def edge(window, axial):
    """The mouse's place on the Box's edge."""
    window.session.move_cursor([25.0, 20.0, Z8])
    x, y = axial.scene.patient_to_display(np.array([10.0, 0.0, Z8]))
    return float(x) - 0.5, float(y) - 0.5


# --- corners -------------------------------------------------------------------------------------------------------


def test_the_corners_say_whose_images_these_are_and_where_one_is(window, axial):
    window.session.move_cursor([0.0, 0.0, Z8])
    window.session.set_window(400, 40)
    found = texts(axial)
    assert {"Axial", "CT", "Doe Jo", "P1", "Thorax", "9/20   S -16.0 mm"} <= set(found)
    assert {"W 400  L 40", f"{1 / axial.scene.framing.mm_per_pixel:.2f} px/mm"} <= set(found)


@pytest.mark.parametrize("size", [(1300, 900), (420, 330), (260, 200), (160, 120)])
@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("kind", list(PlaneKind))
def test_texts_letters_and_scale_bar_never_lie_over_each_other(qapp, size, scale, kind):
    volume = make_volume()
    patient = replace(volume.patient, name="Somebody^With^A^Rather^Long^Name", patient_id="0123456789" * 3)
    volume = replace(volume, patient=patient, description="Thorax with contrast, portal venous phase, 1.5 mm B30f")
    session = Session()
    session.show(Study(volumes=(volume,), structure_sets=(make_set(volume),)))
    session.activate_roi(1)
    session.lock_roi(1, locked=True)
    session.set_roi_visible(2, visible=False)
    session.scale_texts(scale)
    view = VolumePlanes(volume.grid).at(kind, volume.grid.centre_lps_mm)
    framing = Framing(view.plane, mm_per_pixel=0.4).resized(*size)
    corners = boxes_of(view_texts(framing, view, session, interpolated=True), text_width)
    edges = boxes_of(edges_overlay(framing, view, scale=scale), text_width)
    for n, (x0, y0, x1, y1) in enumerate(corners):
        assert x0 >= 0
        assert x1 <= size[0]
        for a0, b0, a1, b1 in [*corners[:n], *edges]:
            assert x1 <= a0 + 0.6 or a1 <= x0 + 0.6 or y1 <= b0 + 0.6 or b1 <= y0 + 0.6
    session.close()


def test_plane_and_modality_are_written_in_the_smallest_view(qapp):
    volume = make_volume()
    session = Session()
    session.show(Study(volumes=(volume,)))
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    shown = {
        one.text for one in view_texts(Framing(view.plane).resized(160, 120), view, session, interpolated=False).labels
    }
    assert {"Axial", "CT"} <= shown
    session.close()


def test_the_patient_can_be_kept_off_the_screen(window, axial):
    window.session.hide_patient(hidden=True)
    tree = window.study_tree.topLevelItem(0)
    written = " ".join([*texts(axial), window.windowTitle(), tree.text(0), tree.text(1)])
    assert "Doe" not in written
    assert "P1" not in written
    assert "Patient hidden" in written
    window.session.hide_patient(hidden=False)
    assert "P1" in texts(axial)


def test_larger_texts_are_larger(window, axial):
    before = texts(axial)["Axial"].size
    window.session.scale_texts(1.5)
    assert texts(axial)["Axial"].size == 1.5 * before
    assert texts(axial)["L"].size == 1.5 * 15


@pytest.mark.parametrize(
    ("tool", "button", "kept"),
    [
        ("navigate", Qt.LeftButton, "9/20"),
        ("window", Qt.LeftButton, "W "),
        ("navigate", Qt.RightButton, None),
        ("navigate", Qt.MiddleButton, None),
        ("freehand", Qt.LeftButton, None),
    ],
)
def test_texts_fade_while_dragging_but_for_what_the_drag_changes(window, axial, tool, button, kept):
    window.session.move_cursor([0.0, 0.0, Z8])
    window.tools.choose(tool)
    mouse = Mouse(axial)
    mouse.press(100, 100, button)
    assert starting(axial, "P1").opacity == 1  # a click isn't a drag
    mouse.move(120, 110, button)
    assert starting(axial, "P1").opacity == FADED_OPACITY
    assert starting(axial, "Axial").opacity == 1
    if kept is not None:
        assert starting(axial, kept).opacity == 1
    mouse.release(120, 110, button)
    assert starting(axial, "P1").opacity == 1
    window.session.undo()


def test_who_is_active_locked_and_alone_is_written(window, axial):
    session = window.session
    session.activate_roi(1)
    session.lock_roi(1, locked=True)
    session.set_roi_visible(2, visible=False)
    found = texts(axial)
    assert {"Box", "locked", "only Box shown"} <= set(found)
    assert found["Box"].color == (255, 80, 40)
    session.set_roi_visible(1, visible=False)
    assert "all ROIs hidden" in texts(axial)
    session.lock_roi(1, locked=False)
    assert "locked" not in texts(axial)


@pytest.mark.parametrize(("name", "expected"), [("coronal", ("R", "L", "S", "I")), ("sagittal", ("A", "P", "S", "I"))])
def test_letters_of_standard_views(window, name, expected):
    assert window.views.view(name).plane.letters == expected


def test_letters_of_an_oblique_view_are_compound_the_strongest_first(window):
    window.views.show_oblique(shown=True)
    window.session.turn_oblique(Oblique.by_angles(30.0, 20.0))
    view = window.views.view("oblique")
    letters = view.plane.letters
    for direction, written in ((view.plane.plane.u, letters.right), (view.plane.plane.v, letters.bottom)):
        order = np.argsort(-np.abs(direction))
        expected = "".join("LPS"[n] if direction[n] > 0 else "RAI"[n] for n in order if abs(direction[n]) > 1e-3)
        assert len(written) >= 2
        assert expected.startswith(written)
        assert written in texts(view)


# --- names at the cursor -------------------------------------------------------------------------------------------


def test_the_name_of_the_contour_under_the_mouse_is_beside_it(window, axial, edge):
    mouse = Mouse(axial)
    mouse.move(*edge)
    assert axial.name.text == "Box"
    place = axial.name.geometry()
    assert 5 < place.x() - edge[0] < 30
    mouse.move(edge[0] + 3, edge[1])
    assert axial.name.text == "Box"
    mouse.move(edge[0] + 9, edge[1])
    assert not axial.name.text


def test_the_name_stays_within_the_view_and_goes_with_the_slice_and_the_mouse(window, axial, edge):
    mouse = Mouse(axial)
    while axial.scene.framing.mm_per_pixel > 0.1:
        mouse.wheel(2, *edge, Qt.ControlModifier)
    x, y = axial.scene.patient_to_display(np.array([10.0, 0.0, Z8]))
    mouse.drag([(float(x), float(y)), (axial.width() - 4.0, axial.height() - 4.0)], Qt.MiddleButton)
    mouse.move(axial.width() - 4.0, axial.height() - 4.0)
    assert axial.name.text == "Box"
    assert axial.rect().contains(axial.name.geometry())
    mouse.wheel(1)
    assert not axial.name.text
    mouse.wheel(-1)
    mouse.move(axial.width() - 4.0, axial.height() - 5.0)
    assert axial.name.text == "Box"
    QApplication.sendEvent(axial, QEvent(QEvent.Leave))
    assert not axial.name.text


def test_no_name_while_dragging_or_drawing_and_none_of_a_hidden_roi(window, axial, edge):
    mouse = Mouse(axial)
    mouse.press(60, 60)
    mouse.move(*edge, Qt.LeftButton)
    assert not axial.name.text
    mouse.release(*edge)
    window.session.move_cursor([25.0, 20.0, Z8])
    window.session.set_roi_visible(1, visible=False)
    mouse.move(*edge)
    assert not axial.name.text


def test_ctrl_click_chooses_the_roi_under_the_mouse_and_leaves_the_cursor(window, axial, edge):
    cursor = window.session.cursor_lps.copy()
    event = QMouseEvent(QEvent.MouseButtonPress, QPointF(*edge), Qt.LeftButton, Qt.LeftButton, Qt.ControlModifier)
    QApplication.sendEvent(axial, event)
    Mouse(axial).release(*edge)
    assert window.session.active_roi == 1
    assert window.session.cursor_lps == pytest.approx(cursor)
    assert "Box" in texts(axial)
    Mouse(axial).click(60, 60, Qt.ControlModifier)  # beside any contour it is a click like any other
    assert window.session.cursor_lps == pytest.approx(axial.scene.pointer_to_patient(60, 60))


def test_a_contour_drawn_in_one_view_is_in_all_others_at_once(window, axial):
    """Where the planes of the other views cut it, in mm."""
    session = window.session
    window.views.show_oblique(shown=True)
    session.move_cursor([0.0, 5.0, Z8 + 9])
    session.activate_roi(None)
    window.tools.choose("polygon")
    mouse = Mouse(axial)
    corners = np.array([[-6.0, -2.0], [8.0, -3.0], [9.0, 12.0], [-7.0, 11.0]])
    for corner in corners:
        mouse.click(*(axial.scene.patient_to_display(np.append(corner, Z8 + 9)) - 0.5).tolist())
    mouse.key(Qt.Key_Return)
    drawn = session.structure_set.roi(session.active_roi).contours[-1].points_lps
    for name in ("coronal", "sagittal", "oblique"):
        view = window.views.view(name)
        plane = view.plane.plane
        ends = np.vstack([drawn, drawn[:1]])
        away = plane.distances_mm(ends)
        share = [(-a / (b - a), p, q) for a, b, p, q in zip(away, away[1:], ends, ends[1:], strict=False) if a * b < 0]
        expected = view.scene.patient_to_display(np.array([p + t * (q - p) for t, p, q in share]))
        assert len(expected) == 2
        points = np.vstack([one.points for one in view.overlay().strokes if len(one.points)])
        for place in expected:
            assert np.min(np.linalg.norm(points - place, axis=1)) < 0.7, name
    session.undo()


def test_no_place_is_minus_nothing(window, axial):
    window.session.move_cursor([-0.02, -0.04, -40.0])
    window.status.show_pointer(np.array([-0.02, -0.04, -0.01]))
    sagittal = window.views.view("sagittal")
    assert any(label.text.endswith("L 0.0 mm") for label in sagittal.overlay().labels)
    assert window.status.position.text() == "L 0.0  P 0.0  S 0.0 mm"


def test_corners_of_images_that_lost_values_to_compression_say_so(window, axial, qtbot):
    assert "lossy" not in texts(axial)
    volume = make_volume()
    slices = (*volume.slices[:-1], replace(volume.slices[-1], lossy=True))
    show(window, Study(volumes=(replace(volume, slices=slices),)), qtbot)
    assert "lossy" in texts(axial)
    window.views.show_oblique(shown=True)
    assert "lossy, interpolated" in texts(window.views.slices[PlaneKind.OBLIQUE])
    show(window, Study(volumes=(volume,)), qtbot)
    assert "lossy" not in texts(axial)
