"""Contours drawn with real mouse events: right in the patient, in the model and in the file."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from qtpy.QtCore import Qt

from rtvis.dicom.rtstruct_writer import write_structure_set
from tests.unit.gui.conftest import Mouse, make_set


@pytest.fixture
def on_box(window):
    """The first ROI is the one that was chosen."""
    window.session.activate_roi(1)


def circle(centre, radius, count=40):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return [(round(centre[0] + radius * np.cos(t)), round(centre[1] + radius * np.sin(t))) for t in turn]


@pytest.mark.usefixtures("on_box")
def test_a_freehand_contour_is_where_the_mouse_was_and_is_saved_as_closed_planar(window, axial, mouse, tmp_path):
    path = circle((200, 160), 50)
    expected = np.array([axial.scene.pointer_to_patient(x, y) for x, y in path])
    half_pixel_mm = axial.scene.framing.mm_per_pixel / 2
    before = len(window.session.structure_set.roi(1).contours)
    window.tools.choose("freehand")
    mouse.drag(path)

    contour = window.session.structure_set.roi(1).contours[-1]
    assert len(window.session.structure_set.roi(1).contours) == before + 1
    assert contour.geometric_type == "CLOSED_PLANAR"
    assert len(contour.points_lps) == len(expected)
    assert np.abs(contour.points_lps - expected).max() <= half_pixel_mm
    assert contour.points_lps[:, 2] == pytest.approx(axial.plane.position_mm, abs=1e-9)
    image = window.session.volume.slices[axial.plane.slice_index]
    assert [one.sop_instance_uid for one in contour.images] == [image.sop_instance_uid]

    target = tmp_path / "RS.dcm"
    assert window.edits.save_to(target)
    saved = pydicom.dcmread(target)
    item = saved.ROIContourSequence[0].ContourSequence[-1]
    assert item.ContourGeometricType == "CLOSED_PLANAR"
    assert np.array(item.ContourData, dtype=float).reshape(-1, 3) == pytest.approx(contour.points_lps)


def test_the_stroke_is_previewed_and_unsaved_work_is_marked(window, axial, mouse):
    window.tools.choose("freehand")
    mouse.press(100, 100)
    mouse.move(140, 100, Qt.LeftButton)
    mouse.move(140, 140, Qt.LeftButton)
    strokes = axial.overlay().strokes
    assert strokes[-1].points[-1] == pytest.approx([140.5, 140.5], abs=1e-6)
    assert not window.session.unsaved
    assert not window.windowTitle().startswith("*")
    mouse.release(140, 140)
    assert window.session.unsaved
    assert window.windowTitle().startswith("*")


@pytest.mark.usefixtures("on_box")
def test_undo_and_redo_are_named_and_work(window, mouse):
    before = window.session.structure_set
    window.tools.choose("freehand")
    mouse.drag(circle((200, 160), 40))
    assert window.menus.undo.text() == "Undo Add contour to Box"
    window.menus.undo.trigger()
    assert window.session.structure_set is before
    assert not window.session.unsaved
    assert window.menus.redo.text() == "Redo Add contour to Box"
    window.menus.redo.trigger()
    assert len(window.session.structure_set.roi(1).contours) == 8


@pytest.mark.usefixtures("on_box")
@pytest.mark.parametrize("end", ["double click", "enter", "first corner"])
def test_a_polygon_has_the_corners_that_were_clicked(window, axial, mouse, end):
    corners = [(150, 100), (250, 110), (230, 200), (140, 190)]
    expected = np.array([axial.scene.pointer_to_patient(x, y) for x, y in corners])
    window.tools.choose("polygon")
    for x, y in corners[:-1]:
        mouse.click(x, y)
        mouse.move(x + 5, y + 5)
    if end == "double click":
        mouse.double_click(*corners[-1])
    else:
        mouse.click(*corners[-1])
        if end == "enter":
            mouse.key(Qt.Key_Return)
        else:
            mouse.click(corners[0][0] + 2, corners[0][1] + 2)
    contour = window.session.structure_set.roi(1).contours[-1]
    assert contour.geometric_type == "CLOSED_PLANAR"
    assert contour.points_lps == pytest.approx(expected, abs=1e-6)
    assert not window.views.maximised_view


def test_backspace_takes_a_corner_back_and_escape_gives_up(window, mouse):
    before = window.session.structure_set
    window.tools.choose("polygon")
    for corner in ((150, 100), (250, 110), (230, 200)):
        mouse.click(*corner)
    mouse.key(Qt.Key_Backspace)
    assert len(window.tools.drawing.preview) == 2
    mouse.key(Qt.Key_Escape)
    assert not window.tools.drawing.is_active
    mouse.key(Qt.Key_Return)
    assert window.session.structure_set is before


@pytest.mark.usefixtures("on_box")
def test_a_point_is_one_click(window, axial, mouse):
    window.tools.choose("point")
    expected = axial.scene.pointer_to_patient(180, 120)
    mouse.click(180, 120)
    contour = window.session.structure_set.roi(1).contours[-1]
    assert contour.geometric_type == "POINT"
    assert contour.points_lps[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("on_box")
def test_a_3d_curve_is_clicked_through_slices_and_views_and_is_not_planar(window, axial, mouse):
    window.tools.choose("curve3d")
    expected = []
    for x, y in ((150, 100), (180, 130), (200, 160)):
        expected.append(axial.scene.pointer_to_patient(x, y))
        mouse.click(x, y)
        mouse.wheel(2)
        axial.plane  # noqa: B018  (brings the view to the cursor, as painting does)
    coronal = window.views.view("coronal")
    coronal.plane  # noqa: B018
    expected.append(coronal.scene.pointer_to_patient(90, 60))
    Mouse(coronal).click(90, 60)
    Mouse(coronal).key(Qt.Key_Return)
    contour = window.session.structure_set.roi(1).contours[-1]
    assert contour.geometric_type == "OPEN_NONPLANAR"
    assert contour.points_lps == pytest.approx(np.array(expected), abs=1e-6)


def test_drawing_without_a_structure_set_makes_one(empty_window, study, qtbot):
    from rtvis.model.study import Study

    empty_window.show_study(Study(volumes=study.volumes))
    qtbot.waitUntil(lambda: not empty_window.tasks.running)
    empty_window.tools.choose("freehand")
    Mouse(empty_window.views.view("axial")).drag(circle((200, 160), 30))
    current = empty_window.session.structure_set
    assert current.contour_count == 1
    assert current.rois[0].contours[0].geometric_type == "CLOSED_PLANAR"
    assert empty_window.roi_panel.tree.topLevelItemCount() == 1


def test_a_stroke_too_small_to_be_a_contour_is_said_and_adds_nothing(window, mouse):
    before = window.session.structure_set
    window.tools.choose("freehand")
    mouse.drag([(100, 100), (100, 100)])
    assert window.session.structure_set is before


def test_a_file_that_cannot_be_written_is_told_and_the_work_stays(own_window, tmp_path):
    window, told = own_window, []
    mouse = Mouse(window.views.view("axial"))
    window.edits.failed.disconnect()
    window.edits.failed.connect(told.append)
    window.tools.choose("freehand")
    mouse.drag(circle((200, 160), 40))
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert not window.edits.save_to(blocked / "RS.dcm")
    assert len(told) == 1
    assert window.session.unsaved


def test_a_stroke_changes_no_roi_that_was_opened_but_makes_one_and_says_so(window, mouse):
    before = window.session.structure_set
    assert window.session.active_roi is None
    window.tools.choose("freehand")
    assert window.status.tool.text() == "Freehand   strokes go to a new ROI"
    mouse.drag(circle((200, 160), 50))
    after = window.session.structure_set
    assert [after.roi(one.number) for one in before.rois] == list(before.rois)
    assert after.rois[-1].name == "ROI 1"
    assert window.status.currentMessage().startswith("New ROI 1: CLOSED_PLANAR")
    assert window.status.tool.text() == "Freehand   strokes go to ROI 1"
    mouse.drag(circle((220, 160), 30))
    assert len(window.session.structure_set.rois[-1].contours) == 2
    window.edits.undo()
    window.edits.undo()
    assert window.session.structure_set is before
    assert window.session.active_roi is None


def test_the_first_save_of_an_opened_set_offers_a_new_name_and_later_ones_go_there(
    own_window, monkeypatch, tmp_path, qtbot
):
    window = own_window
    original = tmp_path / "RS.dcm"
    window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    assert window.edits.save_to(original)
    window.opening.open([str(original)])
    qtbot.waitUntil(lambda: not window.tasks.running and window.session.structure_set.path == original, timeout=20_000)
    content = original.read_bytes()
    offered = []
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *words: offered.append(words[2]) or words[2])
    for _ in range(2):
        window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
        assert window.edits.save()
    assert offered == [str(tmp_path / "RS-edited.dcm")]
    assert original.read_bytes() == content
    assert pydicom.dcmread(tmp_path / "RS-edited.dcm") != pydicom.dcmread(original)
    window.edits.forget()
    assert window.edits.save_as()
    assert offered[-1] == str(tmp_path / "RS-edited-2.dcm")


def test_what_another_window_saved_to_the_same_file_meanwhile_is_not_replaced_unasked(
    own_window, monkeypatch, tmp_path
):
    window, path = own_window, tmp_path / "RS.dcm"
    asked = []
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *words: asked.append(words[1:3]) or words[2])
    triangle = [[0, 0, -10], [10, 0, -10], [5, 8, -10]]
    window.session.add_contour(triangle, closed=True)
    assert window.edits.save_to(path)
    window.session.add_contour(triangle, closed=True)
    assert window.edits.save()
    assert asked == []
    write_structure_set(make_set(window.session.volume), path, overwrite=True)
    theirs = path.read_bytes()
    window.session.add_contour(triangle, closed=True)
    assert window.edits.save()
    ((title, offered),) = asked
    assert title.startswith("RS.dcm was changed")
    assert offered == str(tmp_path / "RS-2.dcm")
    assert path.read_bytes() == theirs
    assert (tmp_path / "RS-2.dcm").exists()
    window.session.add_contour(triangle, closed=True)
    assert window.edits.save()
    assert len(asked) == 1
    (tmp_path / "RS-2.dcm").unlink()
    assert window.edits.save()
    assert (tmp_path / "RS-2.dcm").exists()
