"""Mouse and keys on the 3D view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication, QWidget

from rtvis.app.planes import PlaneKind
from rtvis.app.roi_looks import RoiStyle
from rtvis.app.view3d_state import Look3D
from rtvis.gui.canvas import Canvas
from rtvis.model.structure_set import Contour, Roi
from rtvis.model.study import Study
from rtvis.scene.offscreen import can_render

from .conftest import Mouse

BOX_LOW, BOX_HIGH = np.array([-10.0, -8.0, -26.5]), np.array([10.0, 8.0, -5.5])
"""Where the surface of the ROI called Box ends: half a gap beyond its outermost contours."""

MARKER = np.array([1.0, 2.0, -10.0])


@pytest.fixture
def view(window, qtbot):
    if not can_render():
        pytest.skip("there is no OpenGL here")
    view = window.views.view3d
    window.session.view3d.change(**{name: getattr(Look3D(), name) for name in Look3D.__slots__})
    qtbot.waitUntil(lambda: not view.scene.rois_without_surface() and not window.tasks.running, timeout=20_000)
    view.look_from("A")
    draw(view)
    yield view
    view.tissue.still.stop()


def draw(view):
    view._canvas.update()
    view._canvas.repaint()


def place_of(view, point):
    """Where the view shows a patient point: logical pixels, y down."""
    renderer = view._canvas.renderer
    width, height = view.width(), view.height()
    renderer.GetActiveCamera()
    matrix = renderer.GetActiveCamera().GetCompositeProjectionTransformMatrix(width / height, -1, 1)
    x, y, _, w = matrix.MultiplyPoint((*np.asarray(point).tolist(), 1.0))
    return (x / w + 1) / 2 * width, (1 - y / w) / 2 * height


def colour_at(view, point):
    draw(view)
    x, y = place_of(view, point)
    return view._canvas._drawn[int(y), int(x), :3].astype(int)


def hide_planes(window):
    window.session.view3d.change(planes=frozenset())


@pytest.mark.parametrize(("letter", "side", "value"), [("A", 1, -8.0), ("L", 0, 10.0), ("S", 2, -5.5), ("R", 0, -10.0)])
def test_a_click_on_a_surface_moves_the_cursor_there(window, view, letter, side, value):
    hide_planes(window)
    Mouse(view).key(getattr(Qt, f"Key_{letter}"), letter.lower())
    target = np.array([4.0, 3.0, -15.0])
    target[side] = value
    Mouse(view).click(*place_of(view, target))
    assert np.linalg.norm(window.session.cursor_lps - target) < 1.0
    assert window.views.view("axial").plane.plane.distances_mm(target) == pytest.approx(0, abs=1.5)


def test_a_click_on_a_point_moves_the_cursor_to_the_point_itself(window, view):
    hide_planes(window)
    window.session.set_roi_visible(1, visible=False)
    Mouse(view).click(*place_of(view, MARKER + np.array([0.9, -1.0, 0.6])))
    window.session.set_roi_visible(1, visible=True)
    np.testing.assert_array_equal(window.session.cursor_lps, MARKER)


def test_a_click_on_nothing_and_a_drag_leave_the_cursor(window, view):
    hide_planes(window)
    before = window.session.cursor_lps
    Mouse(view).click(3, view.height() - 3)
    x, y = place_of(view, [4.0, -8.0, -15.0])
    Mouse(view).drag([(x, y), (x + 20, y + 5), (x, y)])
    assert window.session.cursor_lps is before


def test_a_double_click_maximises_and_leaves_the_cursor_where_it_was(window, view):
    hide_planes(window)
    heard = []
    view.maximise.connect(lambda: heard.append(1))
    before = window.session.cursor_lps
    Mouse(view).double_click(*place_of(view, [4.0, -8.0, -15.0]))
    Mouse(view).double_click(5, 5)  # makes room for the others again
    assert len(heard) == 2
    np.testing.assert_array_equal(window.session.cursor_lps, before)


def test_a_tool_may_take_clicks(window, view):
    taken = []
    before = window.session.cursor_lps
    view.take_click = lambda picked: taken.append(picked) or True
    Mouse(view).click(*place_of(view, [4.0, -8.0, -15.0]))
    view.take_click = None
    assert len(taken) == 1
    assert window.session.cursor_lps is before


def test_a_hand_that_trembles_clicks(window, view):
    hide_planes(window)
    x, y = place_of(view, [4.0, -8.0, -15.0])
    camera = view._canvas.renderer.GetActiveCamera()
    position = camera.GetPosition()
    Mouse(view).drag([(x, y), (x + 1, y + 1)])
    assert camera.GetPosition() == position
    assert np.linalg.norm(window.session.cursor_lps - [4.0, -8.0, -15.0]) < 1.0


def test_dragging_turns_pans_and_zooms(view):
    camera = view.scene.camera
    Mouse(view).drag([(100, 100), (100 + view.height() / 2, 100)])
    right, _ = camera.right_and_up
    # Half the height is a quarter turn: the left side of the patient, on the right at first, comes to the front.
    np.testing.assert_allclose(right, [0, -1, 0], atol=1e-6)
    view.look_from("A")
    middle = [0.0, 0.0, -16.0]
    before = place_of(view, middle)
    Mouse(view).drag([(100, 100), (130, 80)], Qt.MiddleButton)
    depth = place_of(view, view._canvas.renderer.GetActiveCamera().GetFocalPoint())
    np.testing.assert_allclose(np.subtract(depth, [view.width() / 2, view.height() / 2]), 0, atol=1e-6)
    np.testing.assert_allclose(np.subtract(place_of(view, middle), before), [30, -20], atol=1.5)
    view.look_from("A")
    far = np.subtract(place_of(view, [10.0, 0.0, -16.0]), place_of(view, [-10.0, 0.0, -16.0]))[0]
    Mouse(view).wheel(2)
    near = np.subtract(place_of(view, [10.0, 0.0, -16.0]), place_of(view, [-10.0, 0.0, -16.0]))[0]
    assert near > 1.2 * far
    Mouse(view).drag([(100, 100), (100, 160)], Qt.RightButton)
    assert np.subtract(place_of(view, [10.0, 0.0, -16.0]), place_of(view, [-10.0, 0.0, -16.0]))[0] < near


@pytest.mark.parametrize(
    ("letter", "left", "right", "top", "bottom"),
    [
        ("A", "R", "L", "S", "I"),
        ("P", "L", "R", "S", "I"),
        ("L", "A", "P", "S", "I"),
        ("R", "P", "A", "S", "I"),
        ("S", "L", "R", "A", "P"),
        ("I", "R", "L", "A", "P"),
    ],
)
def test_letters_stand_on_the_patients_sides(view, letter, left, right, top, bottom):
    Mouse(view).key(getattr(Qt, f"Key_{letter}"), letter.lower())
    letters = {label.anchor: label.text for label in view.overlay().labels if label.text in "LRAPSI"}
    assert letters == {"lm": left, "rm": right, "mt": top, "mb": bottom}
    point = {"L": [9, 0, 0], "R": [-9, 0, 0], "A": [0, -9, 0], "P": [0, 9, 0], "S": [0, 0, 9], "I": [0, 0, -9]}
    middle = np.array([0.0, 0.0, -16.0])
    assert place_of(view, middle + point[left])[0] < place_of(view, middle + point[right])[0]
    assert place_of(view, middle + point[top])[1] < place_of(view, middle + point[bottom])[1]


def test_the_mouse_names_what_it_rests_on(window, view):
    hide_planes(window)
    heard = []
    window.views.pointed.connect(heard.append)
    Mouse(view).move(*place_of(view, [4.0, -8.0, -15.0]))
    assert view._gestures._rest.isActive()
    view._gestures.look_up()
    assert "Box" in [label.text for label in view.overlay().labels]
    assert np.linalg.norm(heard[-1] - [4.0, -8.0, -15.0]) < 0.1
    QApplication.sendEvent(view, QEvent(QEvent.Leave))
    assert "Box" not in [label.text for label in view.overlay().labels]
    assert heard[-1] is None
    window.views.pointed.disconnect(heard.append)


def test_tissue_is_rendered_coarsely_and_then_sharply(window, view, qtbot, monkeypatch):
    """The volume of the study has values from -100 to 99: soft tissue."""
    monkeypatch.setattr("rtvis.scene.tissue.MOVING_MS", 1e-3)  # no machine is that quick
    monkeypatch.setattr("rtvis.scene.strips.STRIP_MS", 1e-3)  # else one strip may be all
    window.session.view3d.change(tissue="soft", planes=frozenset())
    qtbot.waitUntil(lambda: view.scene.tissue.is_shown, timeout=20_000)
    draw(view)
    middle = [20.0, 0.0, -11.0]  # beside the box
    assert colour_at(view, middle).sum() > 90
    Mouse(view).drag([(100, 100), (104, 100), (100, 100)])
    assert view.tissue.still.isActive()
    view._follow.stop()
    draw(view)
    coarse = view._canvas._drawn.copy()
    drawn, passed = [], []
    draw_rows = view._canvas._screen.draw_rows
    monkeypatch.setattr(view._canvas._screen, "draw_rows", lambda *rows: drawn.append(rows) or draw_rows(*rows))
    QTimer.singleShot(0, lambda: passed.append(len(drawn)))
    view.tissue.sharpen()
    assert view._canvas.is_refining
    qtbot.waitUntil(lambda: not view._canvas.is_refining, timeout=20_000)
    assert passed[0] < len(drawn)  # what waits comes in between
    ends = [bottom for _, bottom in drawn]
    assert [top for top, _ in drawn] == [0, *(end if end < len(coarse) else 0 for end in ends[:-1])]
    assert ends[-1] == len(coarse)
    assert (np.abs(view._canvas._drawn.astype(int) - coarse).max(axis=2) > 20).mean() > 0.01
    view.tissue.sharpen()
    assert view._canvas.is_refining
    Mouse(view).drag([(100, 100), (110, 100)])
    assert not view._canvas.is_refining  # a gesture ends it
    assert view.scene.pick(*place_of(view, middle)) is not None
    window.session.view3d.change(tissue=None)
    assert colour_at(view, [28.0, 0.0, -36.0]).sum() < 80


def test_a_cut_follows_the_cursor(window, view):
    hide_planes(window)
    above, below = [4.0, -8.0, -9.0], [4.0, -8.0, -20.0]
    window.session.move_cursor([0.0, 0.0, -16.0])
    window.session.view3d.cut_at(PlaneKind.AXIAL)
    assert colour_at(view, above).sum() < 80
    assert colour_at(view, below).sum() > 150
    window.session.move_cursor([0.0, 0.0, -5.0])
    assert colour_at(view, above).sum() > 150
    window.session.view3d.flip_cut()
    assert colour_at(view, below).sum() < 80


def test_planes_are_hidden_one_by_one(window, view):
    window.session.set_roi_visible(1, visible=False)
    window.session.set_roi_visible(2, visible=False)
    middle = [5.0, window.session.cursor_lps[1], window.session.cursor_lps[2] + 5]
    seen = colour_at(view, middle).sum()
    window.session.view3d.show_plane(PlaneKind.CORONAL, shown=False)
    hidden = colour_at(view, middle).sum()
    window.session.set_roi_visible(1, visible=True)
    window.session.set_roi_visible(2, visible=True)
    assert seen > 100 > hidden


def test_another_study_is_framed_alone_and_not_with_the_rois_of_the_one_before(window, view, study):
    volume = study.volumes[0]
    far = volume.grid.affine_lps.copy()
    far[:3, 3] += (0.0, 0.0, 900.0)
    origins = volume.grid.slice_origins_lps_mm + np.array([0.0, 0.0, 900.0])
    elsewhere = replace(
        volume, volume_id="1.2.3", grid=replace(volume.grid, affine_lps=far, slice_origins_lps_mm=origins)
    )
    window.show_study(Study(volumes=(elsewhere,)))
    draw(view)
    corners = elsewhere.grid.corners_lps_mm()
    places = np.array([place_of(view, corner) for corner in corners])
    wide, high = places.max(axis=0) - places.min(axis=0)
    assert max(wide / view.width(), high / view.height()) > 0.85
    assert np.abs((places.max(axis=0) + places.min(axis=0)) / 2 - (view.width() / 2, view.height() / 2)).max() < 10
    view.look_from("S")  # what a person chose before the next drawing stays
    draw(view)
    assert view.scene.camera.right_and_up[1] == pytest.approx([0, -1, 0], abs=1e-6)


def test_what_an_edit_would_give_is_outlined_until_it_is_made_or_given_up(window, view):
    hide_planes(window)
    corner = np.array([24.0, -8.0, -16.0])  # outside of the box, and seen from the front
    square = corner + np.array([[0, 0, 0], [12.0, 0, 0], [12.0, 0, 9.0], [0, 0, 9.0]])
    drawn = Contour.drawn(square, closed=True)
    window.session.preview_rois((Roi(7, "Margin", (drawn,), (0, 255, 0)),))

    def green_along(first, last):
        """Share of a side that is drawn."""
        points = corner + np.linspace(first, last, 60)
        return np.mean([colour_at(view, point)[1] > 200 for point in points])

    # Dashed: nobody takes it for what is there.
    assert 0.4 < green_along([0, 0, 0], [12.0, 0, 0]) < 0.95
    assert 0.4 < green_along([0, 0, 0], [0, 0, 9.0]) < 0.95  # the side that closes it
    window.session.preview_rois(())
    assert green_along([0, 0, 0], [12.0, 0, 0]) == 0


def test_surfaces_are_drawn_coarsely_while_the_view_turns_and_finely_once_it_is_still(window, view, qtbot, monkeypatch):
    hide_planes(window)
    draw(view)
    monkeypatch.setattr(view._canvas._pace, "most", 1.0)
    rois = view.scene.rois
    everything = rois.draw_at_most(np.inf)
    Mouse(view).drag([(100, 100), (140, 100)])
    draw(view)
    assert rois.is_coarse
    middle = [0.0, -8.0, -15.0]
    assert colour_at(view, middle).sum() > 150
    qtbot.waitUntil(lambda: not rois.is_coarse and view._canvas._drawn is not None, timeout=5000)
    fine = view._canvas._drawn.copy()
    assert rois.draw_at_most(np.inf) == everything
    draw(view)
    np.testing.assert_array_equal(view._canvas._drawn, fine)


def test_surfaces_beside_rendered_tissue_are_fine_in_the_sharp_picture(window, view, qtbot, monkeypatch):
    window.session.view3d.change(tissue="soft", planes=frozenset())
    qtbot.waitUntil(lambda: view.scene.tissue.is_shown, timeout=20_000)
    draw(view)
    monkeypatch.setattr(view._canvas._pace, "most", 1.0)
    Mouse(view).drag([(100, 100), (140, 100)])
    draw(view)
    assert view.scene.rois.is_coarse
    view.tissue.sharpen()
    assert not view.scene.rois.is_coarse
    qtbot.waitUntil(lambda: not view._canvas.is_refining, timeout=20_000)
    window.session.view3d.change(tissue=None)


def test_a_view_that_is_resized_is_drawn_coarsely_meanwhile(window, view, monkeypatch):
    hide_planes(window)
    draw(view)
    monkeypatch.setattr(view._canvas._pace, "most", 1.0)
    width = view._canvas.width()
    view._canvas.resize(width - 10, view._canvas.height())
    view._canvas.repaint()
    assert view.scene.rois.is_coarse
    view._canvas.resize(width, view._canvas.height())
    view._canvas._draw_sharply()
    draw(view)
    assert not view.scene.rois.is_coarse


@pytest.mark.parametrize("tissue", [None, "soft"])
def test_a_large_view_is_drawn_smaller_while_it_turns_and_whole_once_still(window, view, qtbot, tissue, monkeypatch):
    window.session.view3d.change(tissue=tissue, planes=frozenset())
    qtbot.waitUntil(lambda: view.scene.tissue.is_shown is (tissue is not None), timeout=20_000)
    draw(view)
    pace, canvas = view._canvas._pace, view._canvas
    monkeypatch.setattr(pace, "share", 0.5)
    monkeypatch.setattr(pace, "learn_size", lambda *_arguments: None)
    Mouse(view).drag([(100, 100), (140, 100)])
    draw(view)
    full = (view.height(), view.width())
    assert canvas._drawn.shape[:2] == tuple(round(one * 0.5) for one in full)
    seen = canvas.grab().toImage()
    x, y = (round(one) for one in place_of(view, [0.0, -8.0, -15.0]))
    assert seen.pixelColor(x, y).red() > 90  # where it is in the whole one
    qtbot.waitUntil(
        lambda: canvas._drawn is not None and canvas._drawn.shape[:2] == full and not canvas.is_refining, timeout=20_000
    )
    assert colour_at(view, [0.0, -8.0, -15.0])[0] > 90
    window.session.view3d.change(tissue=None)


def test_the_first_drawing_comes_after_what_else_is_painted(qapp, qtbot):
    """OpenGL takes its time to get ready: slices are seen meanwhile."""
    if not can_render():
        pytest.skip("there is no OpenGL here")
    parent, prepared = QWidget(), []
    qtbot.addWidget(parent)
    canvas = Canvas(parent, lambda: prepared.append(1))
    canvas.resize(60, 40)
    parent.show()
    canvas.grab()  # paints it
    assert not prepared
    qtbot.waitUntil(lambda: canvas._drawn is not None, timeout=20_000)
    assert prepared == [1]
    canvas.shut()


@pytest.fixture
def slowly(view, monkeypatch):
    """All is drawn in steps, as thirty surfaces are."""
    draw(view)
    view.finish()  # on a busy machine that was drawn in steps, too
    monkeypatch.setattr("rtvis.gui.canvas.LONG_MS", 0.0)
    monkeypatch.setattr(view._canvas._quick.pieces, "piece_ms", 1e-9)
    monkeypatch.setattr(view._canvas._pace, "in_software", True)
    return view._canvas


def test_what_takes_long_is_drawn_in_steps_and_seen_when_it_is_whole(window, view, slowly, qtbot):
    before = view._canvas._drawn.copy()
    passed = []
    view.look_from("L")
    view._canvas._is_moving = False
    view._canvas.repaint()
    assert slowly._steps.is_busy
    np.testing.assert_array_equal(pixels_of(view), before)  # what was there is shown meanwhile
    QTimer.singleShot(0, lambda: passed.append(slowly._steps.is_busy))
    qtbot.waitUntil(lambda: slowly._drawn is not None, timeout=20_000)
    assert passed == [True]
    np.testing.assert_array_equal(slowly._drawn, slowly._screen.draw())
    np.testing.assert_array_equal(pixels_of(view), slowly._drawn)
    assert (np.abs(slowly._drawn.astype(int) - before).max(axis=2) > 20).mean() > 0.01


def test_planes_follow_alone_once_the_view_was_still(window, view, slowly, qtbot, monkeypatch):
    draw(view)
    qtbot.waitUntil(lambda: slowly._quick.is_ready and not slowly._steps.is_busy, timeout=20_000)
    began = []
    monkeypatch.setattr(slowly._quick.pieces, "draw", lambda *_a, **_k: began.append(1))
    window.session.move_cursor([5.0, 3.0, -20.0])
    view._follow.stop()
    draw(view)
    assert slowly._drawn is not None  # at once
    assert not began


def test_a_gesture_ends_what_is_drawn_in_steps(view, slowly):
    slowly._is_moving = False
    view.scene.camera.turn(20, 5, 200)
    draw(view)
    assert slowly._steps.is_busy
    Mouse(view).drag([(100, 100), (140, 100)])
    assert not slowly._steps.is_busy
    slowly.repaint()
    assert slowly._drawn is not None


def test_what_is_drawn_in_steps_is_not_begun_anew_once_all_is_still(view, slowly, qtbot):
    """A drawing that takes longer than things are awaited to be still would never end."""
    slowly._is_moving, slowly._is_sharp = False, False
    view.scene.camera.turn(20, 5, 200)
    draw(view)
    assert slowly._steps.is_busy
    slowly._draw_sharply()
    assert slowly._steps.is_busy
    qtbot.waitUntil(lambda: slowly._drawn is not None, timeout=20_000)
    np.testing.assert_array_equal(slowly._drawn, slowly._screen.draw())


def test_a_picture_of_the_views_is_of_what_there_is_now(window, view, slowly):
    window.session.view3d.change(roi_style=RoiStyle.NONE)
    view._canvas._is_moving = False
    view._canvas.repaint()
    assert slowly._drawn is None
    window.views.picture()
    np.testing.assert_array_equal(slowly._drawn, slowly._screen.draw())
    window.session.view3d.change(roi_style=RoiStyle.SURFACES)


def test_a_picture_taken_at_once_has_what_3d_was_about_to_follow(window, view):
    draw(view)
    before = view._canvas._drawn.copy()
    window.session.move_cursor([9.0, 8.0, -30.0])
    assert view._follow.isActive()  # slices come first
    window.views.picture()
    assert not view._follow.isActive()
    assert (np.abs(view._canvas._drawn.astype(int) - before).max(axis=2) > 20).mean() > 0.001
    np.testing.assert_array_equal(view._canvas._drawn, view._canvas._screen.draw())


def test_a_picture_taken_while_3d_turns_is_as_sharp_as_one_of_a_still_view(window, view, monkeypatch):
    draw(view)
    monkeypatch.setattr(view._canvas._pace, "share", 0.5)
    monkeypatch.setattr(view._canvas._pace, "learn_size", lambda *_arguments: None)
    Mouse(view).drag([(100, 100), (140, 100)])
    view._canvas.repaint()
    assert view._canvas._drawn.shape[:2] != (view.height(), view.width())
    window.views.picture()
    assert view._canvas._drawn.shape[:2] == (view.height(), view.width())
    np.testing.assert_array_equal(view._canvas._drawn, view._canvas._screen.draw())
    Mouse(view).drag([(100, 100), (120, 110)])  # moved, and not painted yet
    window.views.picture()
    assert view._canvas._drawn.shape[:2] == (view.height(), view.width())


def pixels_of(view):
    image = view._canvas.grab().toImage().convertToFormat(QImage.Format_RGBX8888)
    bits = image.bits().asstring(image.byteCount())
    return np.frombuffer(bits, dtype=np.uint8).reshape(image.height(), image.width(), 4)


def test_lines_are_as_wide_in_a_picture_that_is_drawn_smaller_and_enlarged(window, view, qtbot, monkeypatch):
    window.session.view3d.change(roi_style=RoiStyle.LINES)
    draw(view)
    canvas = view._canvas
    ratio = canvas.devicePixelRatioF()
    box = next(one for one in view.scene.rois if one.lines_actor is not None)

    def widths():
        frames = [one for one in view.scene.planes.props if hasattr(one, "GetProperty") and hasattr(one, "GetMapper")]
        lines = [box.lines_actor, *(one for one in frames if one.GetClassName().endswith("Actor"))]
        return {one.GetProperty().GetLineWidth() for one in lines}

    assert widths() == {1.5 * ratio}
    monkeypatch.setattr(canvas._pace, "share", 0.8)
    monkeypatch.setattr(canvas._pace, "learn_size", lambda *_arguments: None)
    Mouse(view).drag([(100, 100), (140, 100)])
    draw(view)
    assert max(widths()) == pytest.approx(min(widths())) == pytest.approx(1.5 * ratio * 0.8)
    qtbot.waitUntil(lambda: canvas._drawn is not None and canvas._drawn.shape[1] == view.width(), timeout=20_000)
    assert widths() == {1.5 * ratio}
    window.session.view3d.change(roi_style=RoiStyle.SURFACES)
