"""The window as a whole: opening, closing, what is enabled, and that nothing is left behind."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from qtpy.QtGui import QColor, QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication

from rtvis.app.session import Session
from rtvis.gui import leaving
from rtvis.gui.main_window import MainWindow
from rtvis.model.study import Study
from tests.unit.gui.conftest import Mouse, close_for_good, make_set, make_volume, next_window, settle, show


def test_an_empty_window_says_what_to_do(empty_window):
    assert empty_window.centre.currentWidget() is empty_window.start_page
    assert empty_window.windowTitle() == "rtvis"
    assert not empty_window.menus.actions["Sign"].isEnabled()
    assert not empty_window.menus.tools["freehand"].isEnabled()
    assert empty_window.views is None


def test_a_study_is_shown_in_all_views_and_docks(window):
    assert window.centre.currentWidget() is window.views
    assert window.windowTitle() == "Doe Jo, Plan - rtvis"
    assert window.roi_panel.tree.topLevelItemCount() == 2
    assert window.menus.actions["Sign"].isEnabled()
    assert all(window.views.view(name).plane is not None for name in ("axial", "coronal", "sagittal"))
    assert window.status.window.text() == "W 400  L 40"
    assert window.status.integrity.toolTip().endswith(window.session.volume.digest("md5"))


def test_every_shortcut_is_unique(window):
    shortcuts = [action.shortcut().toString() for action in window.menus.actions.values()]
    used = [one for one in shortcuts if one]
    assert len(used) == len(set(used))


@pytest.mark.parametrize(("answer", "closed"), [("cancel", False), ("discard", True), ("save", True)])
def test_closing_asks_when_work_is_unsaved(own_window, monkeypatch, tmp_path, answer, closed):
    asked = []
    monkeypatch.setattr(leaving, "ask_unsaved", lambda parent, **_: asked.append(parent) or answer)
    target = tmp_path / "RS.dcm"
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(target))
    own_window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    assert own_window.close() is closed
    assert asked == [own_window]
    assert target.exists() is (answer == "save")


def test_closing_without_edits_asks_nothing(own_window, monkeypatch):
    monkeypatch.setattr(leaving, "ask_unsaved", lambda _parent, **_: pytest.fail("asked"))
    assert own_window.close()


def test_unsaved_work_is_saved_for_every_structure_set(window, monkeypatch, tmp_path):
    volume = window.session.volume
    other = make_volume(2)
    from dataclasses import replace

    second = replace(make_set(other), sop_instance_uid="1.2.3.4.5", label="Second")
    window.show_study(Study(volumes=(volume, other), structure_sets=(make_set(volume), second)))
    names = iter(["one.dcm", "two.dcm"])
    monkeypatch.setattr("rtvis.gui.edit_actions.ask_save", lambda *_: str(tmp_path / next(names)))
    monkeypatch.setattr(leaving, "ask_unsaved", lambda _parent, **_: "save")
    for uid in ("1.2.3.4.5", make_set(volume).sop_instance_uid):
        window.session.activate_structure_set(uid)
        window.session.add_contour([[0, 0, -10], [10, 0, -10], [5, 8, -10]], closed=True)
    assert window.may_lose_edits()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.dcm", "two.dcm"]
    assert not window.session.unsaved


def test_what_is_dropped_is_opened(empty_window, monkeypatch, tmp_path, qtbot):
    opened = []
    monkeypatch.setattr(empty_window.opening, "open", opened.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier)
    QApplication.sendEvent(empty_window, enter)
    assert enter.isAccepted()
    empty_window.dropEvent(QDropEvent(QPointF(5, 5), Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier))
    qtbot.waitUntil(lambda: opened == [[str(tmp_path)]], timeout=2000)


def test_a_folder_without_dicom_is_told_and_what_was_open_stays(own_window, tmp_path, qtbot):
    window, told = own_window, []
    window.tasks.failed.disconnect()
    window.tasks.failed.connect(told.append)
    before = window.session.study
    (tmp_path / "notes.txt").write_text("nothing here")
    window.opening.open([str(tmp_path)])
    qtbot.waitUntil(lambda: bool(told) and not window.tasks.running, timeout=20_000)
    assert "DICOM" in str(told[0])
    assert window.session.study is before


def test_layouts_and_presets_are_a_menu_away(window):
    window.menus.actions["3D alone"].trigger()
    assert window.views.maximised_view == "3d"
    window.menus.actions["Four views"].trigger()
    assert window.views.maximised_view is None
    assert window.menus.presets[1].text() == "Lung"
    window.menus.presets[1].trigger()
    assert window.session.window == (1500.0, -600.0)
    window.menus.actions["Reset window/level"].trigger()
    assert window.session.window == (400.0, 40.0)


def test_presets_follow_the_modality(window, study):
    from dataclasses import replace

    window.show_study(Study(volumes=(replace(study.volumes[0], modality="MR"),)))
    assert window.menus.presets[0].text() == "Middle 98 %"
    window.menus.presets[6].trigger()
    low, high = window.session.volume.values.min(), window.session.volume.values.max()
    assert window.session.window == pytest.approx((high - low, (high + low) / 2))


def test_the_layout_comes_back_with_the_next_window(own_window, study):
    own_window.views.view("sagittal").setFocus()
    own_window.menus.actions["Active view large"].trigger()
    settle()
    widths = [frame.width() for frame in own_window.views.frames.values()]
    assert widths[2] > 2 * widths[3]
    assert widths[2] > widths[0]
    own_window.menus.actions["Sagittal alone"].trigger()
    second = next_window(own_window, study)
    assert second.views.maximised_view == "sagittal"
    second.menus.actions["Maximise active view"].trigger()
    settle()
    again = [frame.width() for frame in second.views.frames.values()]
    assert again[2] / again[3] == pytest.approx(widths[2] / widths[3], rel=0.05)
    second.menus.actions["Four views"].trigger()
    settle()
    even = [frame.width() for frame in second.views.frames.values()]
    assert max(even) - min(even) <= 8
    close_for_good(second)


@pytest.mark.parametrize(
    ("entry", "name"), [("Coronal alone", "coronal"), ("3D alone", "3d"), ("Axial alone", "axial")]
)
def test_keys_go_to_the_view_that_is_shown_alone(window, entry, name):
    window.views.view("sagittal").setFocus()
    window.menus.actions[f"{'3D' if name == '3d' else name.capitalize()} alone"].trigger()
    settle()
    assert window.views.active_name == name
    assert window.focusWidget() is window.views.view(name)
    window.menus.actions["Four views"].trigger()


def test_f6_goes_from_view_to_view(window):
    window.views.view("axial").setFocus()
    names = []
    for _ in range(4):
        window.menus.actions["Next view"].trigger()
        names.append(window.views.active_name)
    assert names == ["coronal", "sagittal", "3d", "axial"]
    window.menus.actions["Previous view"].trigger()
    assert window.views.active_name == "3d"


def test_the_3d_view_turns_and_gets_its_surfaces(window, qtbot):
    view = window.views.view3d
    qtbot.waitUntil(lambda: not view.scene.rois_without_surface(), timeout=20_000)
    camera = view._canvas.renderer.GetActiveCamera()
    before = camera.GetPosition()
    Mouse(view).drag([(100, 100), (140, 110)])
    assert camera.GetPosition() != before
    Mouse(view).key(Qt.Key_S, "s")
    assert camera.GetDirectionOfProjection()[2] == pytest.approx(-1.0)


def test_a_picture_of_the_views_is_written_whole(window, tmp_path):
    target = tmp_path / "views.png"
    assert window.edits.write_picture(window.views.picture(), target)
    assert target.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["views.png"]


def test_closing_the_study_shows_the_start_page(window):
    window.close_study()
    assert window.centre.currentWidget() is window.start_page
    assert window.session.volume is None
    assert window.windowTitle() == "rtvis"


def wait_for_surfaces(window, qtbot):
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    qtbot.waitUntil(lambda: not window.views.view3d.scene.rois_without_surface(), timeout=20_000)


def own_threads():
    """Threads that Python started; of one of Qt's it keeps a record after its end, until its number is given anew."""
    return {one for one in threading.enumerate() if not isinstance(one, threading._DummyThread)}


def test_nothing_is_left_of_a_window_that_was_closed(qapp, qtbot):
    threads, widgets = own_threads(), set(map(id, QApplication.topLevelWidgets()))
    volume = make_volume()
    window = MainWindow(Session())
    window.resize(900, 700)
    window.show()
    qtbot.waitExposed(window)
    window.show_study(Study(volumes=(volume,), structure_sets=(make_set(volume),)))
    wait_for_surfaces(window, qtbot)
    kept = [
        weakref.ref(window.views.slices["axial"].scene),
        weakref.ref(window.views.view3d.scene),
        weakref.ref(window.views.image),
        weakref.ref(volume.voxels),
        weakref.ref(window.session),
    ]
    timers = window.findChildren(QTimer)
    window.close()
    running = [timer for timer in timers if timer.isActive()]
    assert not running
    close_for_good(window)
    del window, volume, timers, running
    settle()
    gc.collect()
    assert [ref() for ref in kept] == [None] * 5
    assert own_threads() <= threads  # one that earlier tests left may end meanwhile
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and id(one) not in widgets]


def test_the_light_theme_is_readable_remembered_and_leaves_images_on_black(window):
    from rtvis.gui.application import chosen_theme
    from rtvis.gui.theme import DARK, LIGHT, colors

    def contrast(one, other):
        def light(color):
            channels = [
                c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(color).getRgbF()[:3]
            ]
            return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

        high, low = sorted((light(one), light(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for theme in (DARK, LIGHT):
        for ink in (theme.text, theme.strong, theme.muted, theme.warn, theme.bad, theme.accent):
            assert contrast(ink, theme.panel) >= 4.5, (theme.panel, ink)  # WCAG 2.1, 1.4.3
    window.menus.light.trigger()
    try:
        assert colors() is LIGHT
        assert chosen_theme() == "light"
        picture = window.grab().toImage()
        bar = window.menuBar().geometry().bottomLeft() + QPoint(2, -4)  # no letter is there
        assert picture.pixelColor(bar).lightness() > 200
        assert window.views.view("axial").grab().toImage().pixelColor(3, 80).lightness() < 30
    finally:
        window.menus.light.trigger()
    assert colors() is DARK


@pytest.mark.parametrize(
    "name", ["Oblique view", "Oblique plane by angles", "Reset window/level", "From front (A)", "Window/level"]
)
def test_what_would_do_nothing_without_a_study_is_greyed_out(empty_window, study, qtbot, name):
    assert not empty_window.menus.actions[name].isEnabled()
    show(empty_window, study, qtbot)
    assert empty_window.menus.actions[name].isEnabled()
