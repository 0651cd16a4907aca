"""The 3D panel and menu, pictures and movies of the 3D view."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, get_ident

import numpy as np
import pytest
from PIL import Image
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox

from rtvis.app.planes import PlaneKind
from rtvis.app.roi_looks import RoiLook, RoiStyle
from rtvis.app.session import Session
from rtvis.app.view3d_state import CutAtPlane, CutToBox, Look3D
from rtvis.gui.kept_look_3d import LOOK_KEY, kept_look
from rtvis.gui.main_window import MainWindow
from rtvis.gui.movie_dialog import MovieDialog
from rtvis.gui.settings import settings
from rtvis.gui.three_d_actions import ThreeDActions
from rtvis.scene.offscreen import can_render
from rtvis.scene.twin import Twin

from .conftest import Mouse, settle, show


@pytest.fixture
def feature(window):
    window.session.view3d.change(**{name: getattr(Look3D(), name) for name in Look3D.__slots__})
    return next(one for one in window.features if isinstance(one, ThreeDActions))


@pytest.fixture
def panel(feature):
    return feature.panel


@pytest.fixture
def view(window, qtbot):
    if not can_render():
        pytest.skip("there is no OpenGL here")
    view = window.views.view3d
    qtbot.waitUntil(lambda: not view.scene.rois_without_surface() and not window.tasks.running, timeout=20_000)
    return view


def pick_entry(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def look(window):
    return window.session.view3d.look


def test_the_panel_changes_what_is_shown(window, panel):
    pick_entry(panel.tissue, "bone")
    assert look(window).tissue == "bone"
    QTest.mouseClick(panel.styles[RoiStyle.BOTH], Qt.LeftButton)
    assert look(window).roi_style is RoiStyle.BOTH
    panel.opacity.setValue(40)
    assert look(window).opacity == pytest.approx(0.4)
    panel.planes[PlaneKind.CORONAL].click()
    assert look(window).planes == {PlaneKind.AXIAL, PlaneKind.SAGITTAL}
    panel.parallel.click()
    assert look(window).parallel


def test_the_panel_shows_what_was_changed_elsewhere(window, panel):
    window.menus.actions["ROIs as contour lines"].trigger()
    assert panel.styles[RoiStyle.LINES].isChecked()
    window.menus.actions["Axial plane in 3D"].trigger()
    assert not panel.planes[PlaneKind.AXIAL].isChecked()
    window.menus.actions["Cut at the sagittal plane"].trigger()
    assert panel.cut.currentData() is PlaneKind.SAGITTAL
    assert "patient's right" in panel.side.text()
    window.menus.actions["Cut away the other side"].trigger()
    assert "patient's left" in panel.side.text()
    assert window.menus.actions["Cut at the sagittal plane"].isChecked()
    assert not window.menus.actions["Nothing cut away"].isChecked()


def test_one_roi_gets_an_opacity_and_loses_it(window, panel, view):
    window.session.activate_roi(1)
    assert panel.roi_name.text() == "Box"
    panel.roi_opacity.setValue(30)
    assert look(window).roi_looks == {1: RoiLook(opacity=0.3)}
    shown = next(one for one in view.scene.rois if one.roi.number == 1)
    assert shown.surface_actor.GetProperty().GetOpacity() == pytest.approx(0.3)
    window.session.activate_roi(2)
    assert not panel.automatic.isEnabled()
    window.session.activate_roi(1)
    panel.automatic.click()
    assert look(window).roi_looks == {}


def test_what_was_chosen_for_an_roi_outlives_edits_and_reopening(window, panel, view, study, qtbot):
    session = window.session
    session.activate_roi(1)
    panel.roi_opacity.setValue(30)
    pick_entry(panel.roi_style, RoiStyle.BOTH)
    square = [[-5.0, -5.0, -30.0], [5.0, -5.0, -30.0], [5.0, 5.0, -30.0], [-5.0, 5.0, -30.0]]

    def drawn():
        made = [one for one in view.scene.rois if one.roi.number == 1 and one.surface_actor is not None]
        return made and (made[0].surface_actor.GetProperty().GetOpacity(), made[0].lines_actor.GetVisibility())

    session.add_contour(square, closed=True)
    qtbot.waitUntil(lambda: drawn() == (pytest.approx(0.3), 1), timeout=20_000)
    session.undo()
    qtbot.waitUntil(lambda: drawn() == (pytest.approx(0.3), 1), timeout=20_000)
    show(window, study, qtbot)
    qtbot.waitUntil(lambda: drawn() == (pytest.approx(0.3), 1), timeout=20_000)
    session.activate_roi(2)
    assert (panel.roi_style.currentText(), panel.automatic.isEnabled()) == ("As all others", False)
    session.activate_roi(1)
    assert (panel.roi_style.currentText(), panel.roi_opacity.value()) == ("Surface and lines", 30)
    panel.automatic.click()
    pick_entry(panel.roi_style, None)


def test_a_study_that_is_opened_again_is_neither_cut_nor_rendered(window, panel, view, study, qtbot):
    pick_entry(panel.tissue, "bone")
    pick_entry(panel.cut, PlaneKind.AXIAL)
    show(window, study, qtbot)
    assert (look(window).cut, look(window).tissue) == (None, None)
    assert (panel.cut.currentText(), panel.tissue.currentText()) == ("Nothing is cut away", "Not rendered")
    assert not view.scene.tissue.is_shown


def test_a_cut_goes_with_its_frame_of_reference(window, panel, study):
    pick_entry(panel.cut, "box")
    same = replace(study.volumes[0], series_instance_uid="1.2.77")
    window.session.show_volume(same)
    assert isinstance(look(window).cut, CutToBox)
    elsewhere = replace(same.grid, frame_of_reference_uid="1.2.79")
    window.session.show_volume(replace(same, series_instance_uid="1.2.78", grid=elsewhere))
    assert look(window).cut is None


def test_a_box_goes_around_the_active_roi_and_follows_its_sliders(window, panel):
    window.session.activate_roi(None)
    pick_entry(panel.cut, "box")
    corners = window.session.volume.grid.corners_lps_mm()
    cut = look(window).cut
    assert np.all(np.array(cut.low) > corners.min(axis=0))
    window.session.activate_roi(1)
    panel.around.click()
    cut = look(window).cut
    assert cut == CutToBox((-20.0, -18.0, -35.0), (20.0, 18.0, 3.0))
    panel.box[0].setFocus(Qt.TabFocusReason)
    Mouse(panel.box[0]).key(Qt.Key_PageUp)
    assert look(window).cut.low[0] == -10.0
    assert panel.box_texts[0].text() == "-10 to 20"
    pick_entry(panel.cut, None)
    assert look(window).cut is None


def test_presets_follow_the_modality(window, feature):
    texts = [action.text() for action in feature._tissues if action.isVisible()]
    assert texts == ["Volume: bone", "Volume: soft tissue", "Volume: lung", "Volume: skin"]
    feature._tissues[1].trigger()
    assert look(window).tissue == "soft"
    assert feature._tissues[1].isChecked()
    window.menus.actions["Volume not rendered"].trigger()
    assert look(window).tissue is None


def test_the_oblique_plane_comes_and_goes_with_its_view(window, panel):
    assert PlaneKind.OBLIQUE not in look(window).planes
    window.views.show_oblique(shown=True)
    assert panel.planes[PlaneKind.OBLIQUE].isChecked()
    window.views.show_oblique(shown=False)
    assert not panel.planes[PlaneKind.OBLIQUE].isChecked()
    window.session.view3d.cut_at(PlaneKind.OBLIQUE)
    assert look(window).cut == CutAtPlane(PlaneKind.OBLIQUE)


def test_how_3d_looks_is_there_again_in_the_next_program(window, feature):
    before = look(window)
    changed = {"roi_style": RoiStyle.LINES, "planes": frozenset({PlaneKind.AXIAL, PlaneKind.OBLIQUE}), "parallel": True}
    window.session.view3d.change(**changed, cut=CutAtPlane(PlaneKind.AXIAL))
    assert feature._writing.isActive()
    feature._writing.timeout.emit()
    assert kept_look() == changed
    following = MainWindow(Session())
    began = following.session.view3d.look
    following.release()
    following.deleteLater()
    settle()
    assert {name: getattr(began, name) for name in changed} == changed
    assert began.cut is None
    window.session.view3d.change(**{name: getattr(before, name) for name in (*changed, "cut")})
    feature._writing.timeout.emit()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"roi_style": "bold", "planes": [], "parallel": true}'])
def test_a_kept_look_that_makes_no_sense_is_none(window, text):
    settings().setValue(LOOK_KEY, text)
    assert kept_look() == {}
    settings().remove(LOOK_KEY)


def test_a_look_by_button(window, panel, view):
    panel.look_asked.emit("L")
    np.testing.assert_allclose(view.scene.camera.right_and_up[0], [0, 1, 0], atol=1e-9)
    panel.asked.emit("centre")
    focal = view._canvas.renderer.GetActiveCamera().GetFocalPoint()
    np.testing.assert_allclose(focal, window.session.cursor_lps)
    panel.asked.emit("reset")


@pytest.fixture(params=[True, False], ids=["any thread", "with a display only"])
def anywhere(request, monkeypatch):
    """Whether pictures can be drawn in any thread."""
    monkeypatch.setattr("rtvis.scene.offscreen.needs_no_display", lambda: request.param)
    monkeypatch.setattr("rtvis.gui.movie_dialog.needs_no_display", lambda: request.param)
    return request.param


def test_a_picture_is_as_large_as_asked_and_on_the_clipboard(window, feature, view, qtbot, anywhere):
    made = []
    feature.draw(2, made.append)
    assert bool(made) is not anywhere  # it is drawn while the window goes on
    qtbot.waitUntil(lambda: bool(made), timeout=20_000)
    assert (made[0].width(), made[0].height()) == (2 * view.width(), 2 * view.height())
    QApplication.clipboard().clear()
    feature.copy_picture()
    qtbot.waitUntil(lambda: not QApplication.clipboard().pixmap().isNull(), timeout=20_000)
    assert QApplication.clipboard().pixmap().size() == view.size()
    qtbot.waitUntil(lambda: not window.tasks.running)


def test_a_picture_shows_what_was_shown_when_it_was_asked_for(window, feature, view, qtbot):
    made = []
    window.session.view3d.change(planes=frozenset())
    view.look_from("A")
    feature.draw(1, made.append)
    window.session.view3d.change(roi_style=RoiStyle.NONE)
    qtbot.waitUntil(lambda: bool(made), timeout=20_000)
    middle = made[0].toImage().pixelColor(view.width() // 2 + 6, view.height() // 2 - 6)
    assert middle.red() > 120  # the box
    window.session.view3d.change(roi_style=RoiStyle.SURFACES)


def test_a_picture_is_saved_where_it_was_asked_to_be(window, feature, view, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "3d.png"
    monkeypatch.setattr("rtvis.gui.three_d_actions.ask_save", lambda *_arguments: str(path))
    monkeypatch.setattr("rtvis.gui.three_d_actions.asked_choice", lambda *_arguments: 2)
    feature.save_picture()
    qtbot.waitUntil(lambda: path.exists() and not window.tasks.running, timeout=20_000)
    with Image.open(path) as picture:
        assert picture.size == (3 * view.width(), 3 * view.height())
    assert window.status.currentMessage() == f"Saved {path}"


def test_a_picture_given_up_is_none_and_is_closed_where_it_was_drawn(window, feature, view, qtbot, monkeypatch):
    """What draws belongs to the thread that made it, in OpenGL as well."""
    made, began, closed = [], [], []
    entered, close = Twin.__enter__, Twin.close
    monkeypatch.setattr(Twin, "__enter__", lambda twin: (began.append(get_ident()), entered(twin))[1])
    monkeypatch.setattr(Twin, "close", lambda twin: (closed.append(get_ident()), close(twin))[1])
    feature.draw(4, made.append)
    qtbot.waitUntil(lambda: bool(began), timeout=20_000)
    window.tasks.running[-1].cancel()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    assert made == []
    assert closed == began != [get_ident()]


def test_a_movie_has_as_many_pictures_as_its_length_says(window, view, qtbot, tmp_path, anywhere):
    dialog = MovieDialog(view.scene, window.tasks, window)
    qtbot.addWidget(dialog)
    dialog.seconds.setValue(1.0)
    dialog.rate.setValue(6)
    dialog.height_box.setCurrentIndex(0)
    path, told = tmp_path / "turn.gif", []
    dialog.bar.valueChanged.connect(told.append)
    with qtbot.waitSignal(dialog.written, timeout=20_000):
        dialog.begin(path)
        assert not dialog.make.isEnabled()
    assert [one for one in told if one > 0][:6] == [1, 2, 3, 4, 5, 6]
    with Image.open(path) as movie:
        assert movie.n_frames == 6
        assert movie.height == 360
    assert [one.name for one in tmp_path.iterdir()] == ["turn.gif"]
    qtbot.waitUntil(lambda: not window.tasks.running)


def test_the_window_tells_of_a_movie_that_was_written(window, feature, view, qtbot, tmp_path):
    feature.make_movie()
    (dialog,) = (one for one in window.findChildren(MovieDialog) if one.isVisible())
    dialog.seconds.setValue(1.0)
    dialog.rate.setValue(5)
    dialog.height_box.setCurrentIndex(0)
    path = tmp_path / "turn.avi"
    dialog.begin(path)
    ended = []
    dialog.finished.connect(ended.append)
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)
    settle()
    assert path.read_bytes()[:4] == b"RIFF"
    assert window.status.currentMessage() == f"Saved {path}"


def test_a_movie_that_cant_be_written_is_told(window, feature, view, qtbot, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("rtvis.gui.main_window.show_error", lambda _window, error: shown.append(error))
    feature.make_movie()
    (dialog,) = (one for one in window.findChildren(MovieDialog) if one.isVisible())
    dialog.seconds.setValue(1.0)
    dialog.rate.setValue(5)
    dialog.height_box.setCurrentIndex(0)
    (tmp_path / "turn.gif").mkdir()  # where a folder is no file can go
    dialog.begin(tmp_path / "turn.gif")
    ended = []
    dialog.finished.connect(ended.append)
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)
    settle()
    assert len(shown) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["turn.gif"]


def test_a_movie_given_up_leaves_nothing(window, view, qtbot, tmp_path, anywhere):
    dialog = MovieDialog(view.scene, window.tasks, window)
    qtbot.addWidget(dialog)
    dialog.height_box.setCurrentIndex(0)
    dialog.begin(tmp_path / "turn.avi")
    assert bool(window.tasks.running) is anywhere
    dialog.draw_next()
    dialog.reject()
    assert all(one.cancelled for one in window.tasks.running)
    assert not dialog._timer.isActive()
    dialog.draw_next()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    assert list(tmp_path.iterdir()) == []


def test_a_movie_given_up_while_it_is_written_leaves_nothing(window, view, qtbot, tmp_path, monkeypatch):
    begun, over = Event(), Event()

    def long_write(*_movie, report, **_how):
        begun.set()
        while not over.wait(0.005):
            report(0, 1)

    monkeypatch.setattr("rtvis.gui.movie_dialog.write_movie", long_write)
    dialog = MovieDialog(view.scene, window.tasks, window)
    qtbot.addWidget(dialog)
    written = []
    dialog.written.connect(written.append)
    dialog.seconds.setValue(1.0)
    dialog.rate.setValue(5)
    dialog.height_box.setCurrentIndex(0)
    dialog.show()
    try:
        dialog.begin(tmp_path / "turn.gif")
        qtbot.waitUntil(begun.is_set, timeout=20_000)
        QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.Cancel), Qt.LeftButton)
        qtbot.waitUntil(lambda: not window.tasks.running and not dialog.isVisible(), timeout=5_000)
    finally:
        over.set()
    assert (written, list(tmp_path.iterdir())) == ([], [])


def test_a_movie_given_up_in_the_status_bar_closes_its_dialog(window, view, qtbot, tmp_path):
    dialog = MovieDialog(view.scene, window.tasks, window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.begin(tmp_path / "turn.avi")
    window.tasks.running[-1].cancel()
    qtbot.waitUntil(lambda: not window.tasks.running and not dialog.isVisible(), timeout=20_000)
    assert list(tmp_path.iterdir()) == []


def test_a_movie_of_an_unknown_kind_is_refused(window, view, qtbot, tmp_path):
    dialog = MovieDialog(view.scene, window.tasks, window)
    qtbot.addWidget(dialog)
    heard = []
    dialog.failed.connect(heard.append)
    dialog.begin(tmp_path / "turn.mp4")
    assert "turn.mp4" in str(heard[0])
    assert not window.tasks.running


def test_the_planes_show_what_slices_show_over_the_images(window, view):
    session = window.session
    over = replace(session.volume, volume_id="1.2.55", series_instance_uid="1.2.55", description="late phase")
    session.overlay.show_series(over, session.volume)
    assert view.scene.planes.has_overlay
    assert any("late phase" in label.text for label in view.overlay().labels)
    session.overlay.set_visible(visible=False)
    assert not view.scene.planes.has_overlay
    session.overlay.set_visible(visible=True)
    session.overlay.set_look(replace(session.overlay.look, wash=False))
    assert not view.scene.planes.has_overlay
    session.overlay.set_look(replace(session.overlay.look, wash=True))
    assert view.scene.planes.has_overlay
    session.overlay.clear()
    assert not view.scene.planes.has_overlay
    assert not any("late phase" in label.text for label in view.overlay().labels)
