"""A second series or a dose over the images, by real events: where it is, how it mixes, what is told."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QColor
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QColorDialog

from rtvis.app.color_maps import GRAY
from rtvis.app.isodoses_kept import IsodosesKept
from rtvis.app.measuring import Measured
from rtvis.app.opening import open_study
from rtvis.app.overlay_paints import OverlayPaints
from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.dicom.series import find_series
from rtvis.geometry.grid import Grid
from rtvis.gui.overlay_actions import OverlayActions
from rtvis.model.study import OtherObject, Study
from rtvis.model.volume import Patient, Slice, Volume
from rtvis.scene.overlay_legend import bar_place
from tests.unit.gui.conftest import AXIAL, UID, Mouse, close_for_good, make_volume, next_window, settle, show
from tests.unit.made_dose import dose_dataset

PET_CLASS = "1.2.840.10008.5.1.4.1.1.128"
FRAME = UID.format("9")
HOT_LPS = np.array([4.0, 6.0, -16.0])
"""Where the hot spot of PET and dose is, on a slice of the images and on no voxel centre of them."""


def pet_volume(*, frame=FRAME, tilt=0.3, patient="P1"):
    """A PET of 4 mm voxels, tilted against the CT, with a hot spot of one voxel at `HOT_LPS`."""
    shape, spot = (13, 15, 17), (6, 7, 8)
    row, column = np.array([np.cos(tilt), 0, np.sin(tilt)]), np.array([0.0, 1.0, 0.0])
    normal = np.cross(row, column)
    first = HOT_LPS - 4.0 * (spot[2] * row + spot[1] * column + spot[0] * normal)
    origins = first + np.arange(shape[0])[:, None] * 4.0 * normal
    orientation = (*row.tolist(), *column.tolist())
    grid = Grid.from_slices(origins, orientation, (4.0, 4.0), shape[1:], frame_of_reference_uid=frame)
    voxels = np.zeros(shape, np.int16)
    voxels[spot] = 8000
    slices = tuple(
        Slice(UID.format(f"8.{n}"), PET_CLASS, tuple(one), orientation, (4.0, 4.0), 15, 17, rescale_slope=0.001)
        for n, one in enumerate(origins.tolist())
    )  # fmt: skip
    uid = UID.format(f"8{frame[-1]}")
    return Volume(
        volume_id=uid, series_instance_uid=uid, study_instance_uid=UID.format("3"), modality="PT",
        patient=Patient(patient, "Doe^Jo"), grid=grid, voxels=voxels, slices=slices, description="FDG", units="g/ml",
    )  # fmt: skip


def write_hot_dose(path: Path) -> OtherObject:
    """A dose that falls by 1 Gy a mm from 40 Gy at `HOT_LPS`, on a grid of 2.5 x 2.5 x 3 mm."""
    position = HOT_LPS - [20.0, 20.0, 12.0]
    k, j, i = np.meshgrid(np.arange(9) * 3.0, np.arange(17) * 2.5, np.arange(17) * 2.5, indexing="ij")
    away = np.linalg.norm(position + np.stack([i, j, k], axis=-1) - HOT_LPS, axis=-1)
    stored = np.rint(np.maximum(40.0 - away, 0.0) * 1000).astype(np.uint32)
    dataset = dose_dataset(
        stored, position=position.tolist(), spacing=(2.5, 2.5), frame_of_reference_uid=UID.format("9")
    )
    dataset.SeriesDescription = "Boost"
    dataset.save_as(path, enforce_file_format=True)
    return find_series(path).others[0]


@pytest.fixture
def study(tmp_path):
    ct = make_volume()
    ct = replace(ct, voxels=np.full(ct.grid.shape, 1100, np.int16))  # 100 HU everywhere
    return Study(
        volumes=(ct, pet_volume(), pet_volume(frame="1.2.77")), others=(write_hot_dose(tmp_path / "dose.dcm"),)
    )


@pytest.fixture
def feature(window):
    found = next(one for one in window.features if isinstance(one, OverlayActions))
    found.clear()
    window.session.overlay.paints = OverlayPaints()  # the window serves many tests
    window.session.overlay.kept = IsodosesKept()
    found.show_panel()
    QApplication.setActiveWindow(window)  # shortcuts are those of the active window; there is no window manager
    window.session.set_window(400.0, 100.0)
    window.session.move_cursor(HOT_LPS)
    settle()
    return found


def pick(feature, title, qtbot):
    """Choose in the panel's list with keys, as a person without a mouse does."""
    box = feature.panel.choice
    box.setFocus()
    target = next(n for n in range(box.count()) if title in box.itemText(n))
    while box.currentIndex() != target:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key_Down if before < target else Qt.Key_Up)
        qtbot.waitUntil(lambda: not feature.window.tasks.running, timeout=10_000)
        settle()
        assert box.currentIndex() != before
    return box


def picture_of(view):
    """``(rows, columns, 3)`` RGB of the image of a view, without what is drawn over it."""
    picture = view._picture()
    return np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture[..., 2::-1]


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal", "oblique"])
def test_a_hot_spot_chosen_in_the_panel_is_at_its_pixel_in_each_view(window, feature, qtbot, name):
    if name == "oblique":
        window.views.show_oblique(shown=True)
    pick(feature, "PT  FDG", qtbot)
    window.session.overlay.set_look(replace(window.session.overlay.look, opacity=1.0, bounds=(0.0, 8.0)))
    window.session.set_window(400.0, 5000.0)  # the CT is black
    view = window.views.view(name)
    view.zoom_about(3.0, view.rect().center())
    window.session.move_cursor(HOT_LPS)
    settle()
    bright = picture_of(view).astype(float).sum(axis=2)
    bar = bar_place(view.scene.framing)
    if bar is not None:
        bright[:, int(bar[0] * view.devicePixelRatioF()) - 1 :] = 0
    assert bright.max() > 300
    rows, columns = np.mgrid[: bright.shape[0], : bright.shape[1]] + 0.5
    seen = np.array([(bright * columns).sum(), (bright * rows).sum()]) / bright.sum() / view.devicePixelRatioF()
    # A native plane lies on the slice nearest to the spot, and the spot is a tilted cell: its cut is off by as much.
    slack = 1.0 + abs(float(view.plane.plane.distances_mm(HOT_LPS))) / view.scene.framing.mm_per_pixel
    np.testing.assert_allclose(seen, view.scene.patient_to_display(HOT_LPS), atol=slack)
    window.views.show_oblique(shown=False)


def test_the_slider_mixes_as_it_says(window, feature, axial, qtbot):
    pick(feature, "PT  FDG", qtbot)
    state = window.session.overlay
    state.set_look(replace(state.look, color_map=GRAY, bounds=(-4.0, 4.0), fade=False))  # nothing is mid grey
    x, y = (int(n) for n in axial.scene.patient_to_display(np.add(HOT_LPS, [8.0, 8.0, 0.0])))
    bare = 127  # 100 HU in the middle of the window
    slider = feature.panel.opacity
    slider.setFocus()
    state.set_look(replace(state.look, bounds=(0.0, 4.0)))  # now it is black
    QTest.keyClick(slider, Qt.Key_Home)
    settle()
    assert int(picture_of(axial)[y, x, 0]) == pytest.approx(bare, abs=2)
    for pages in (2, 3, 5):
        for _ in range(pages):
            QTest.keyClick(slider, Qt.Key_PageUp)
        settle()
        share = slider.value() / 100
        assert state.look.opacity == pytest.approx(share)
        assert int(picture_of(axial)[y, x, 0]) == pytest.approx(bare * (1 - share), abs=2)
    assert slider.value() == 100


def test_both_values_are_told_under_the_mouse_and_the_overlay_is_named(window, feature, axial, qtbot):
    pick(feature, "PT  FDG", qtbot)
    x, y = axial.scene.patient_to_display(HOT_LPS)
    Mouse(axial).move(int(x), int(y))
    point = axial.scene.pointer_to_patient(int(x), int(y))
    over = window.session.overlay.volume.value_at(point)
    assert window.status.value.text() == f"HU 100   SUV {over:.4g}"
    assert over == pytest.approx(8.0)
    texts = [label.text for label in axial.overlay().labels]
    assert "+ 60 %  PT  FDG" in texts
    assert "10 SUV" in texts
    feature.clear()  # by a key, say: the mouse rests
    assert window.status.value.text() == "HU 100"
    assert not [label.text for label in axial.overlay().labels if label.text.startswith("+ ")]


def test_another_frame_of_reference_is_refused_until_it_is_wanted_anyway_and_views_say_so(
    window, feature, axial, qtbot
):
    box = feature.panel.choice
    pick(feature, "▲ PT", qtbot)
    state = window.session.overlay
    assert state.volume is None
    assert "another frame of reference" in feature.panel.note.text()
    assert box.currentText().startswith("▲")
    QTest.mouseClick(feature.panel.anyway, Qt.LeftButton)
    assert state.volume.frame_of_reference_uid == "1.2.77"
    assert "▲ overlay is in another frame of reference" in [label.text for label in axial.overlay().labels]
    assert not feature.panel.anyway.isVisible()
    assert "not shown" not in window.status.currentMessage()
    assert "beside" not in feature.panel.note.text()


def test_a_series_that_lies_beside_the_images_is_said_to(window, feature, study, qtbot):
    far = pet_volume()
    affine = far.grid.affine_lps.copy()
    affine[:3, 3] += 900.0
    grid = Grid(far.grid.shape, affine, far.grid.slice_origins_lps_mm + 900.0, FRAME)
    show(window, Study(volumes=(study.volumes[0], replace(far, grid=grid))), qtbot)
    pick(feature, "PT  FDG", qtbot)
    assert "beside the images" in feature.panel.note.text()
    assert feature.panel.note.isVisible()


def test_o_hides_it_and_shows_it_again(window, feature, axial, qtbot):
    pick(feature, "PT  FDG", qtbot)
    axial.setFocus()
    with_it, in_3d = picture_of(axial).copy(), window.views.view3d.scene.planes
    assert in_3d.has_overlay
    QTest.keyClick(window, Qt.Key_O)
    settle()
    assert not window.session.overlay.visible
    assert np.ptp(picture_of(axial)[..., 0][picture_of(axial)[..., 0] > 0]) == 0
    assert not feature.panel.visible.isChecked()
    assert not in_3d.has_overlay
    QTest.keyClick(window, Qt.Key_O)
    assert in_3d.has_overlay
    np.testing.assert_array_equal(picture_of(axial), with_it)


def test_overlay_and_images_change_places_with_their_windows_and_the_cursor_stays(window, feature, qtbot):
    pick(feature, "PT  FDG", qtbot)
    session = window.session
    session.set_window(350.0, 40.0)
    QTest.mouseClick(feature.panel.swap, Qt.LeftButton)
    settle()
    assert (session.volume.modality, session.overlay.volume.modality) == ("PT", "CT")
    assert session.bounds == pytest.approx((0.0, 10.0))
    assert session.overlay.look.bounds == pytest.approx((-135.0, 215.0))
    assert (session.color_map.key, session.overlay.look.color_map.key) == ("hot_iron", "gray")
    assert session.cursor_lps == pytest.approx(HOT_LPS)
    QTest.keyClick(window, Qt.Key_O, Qt.ShiftModifier)
    settle()
    assert session.volume.modality == "CT"
    assert session.window == pytest.approx((350.0, 40.0))
    assert (session.color_map.key, session.overlay.look.color_map.key) == ("gray", "hot_iron")


def test_a_dose_is_read_when_chosen_and_its_lines_are_where_the_dose_is(window, feature, axial, qtbot):
    pick(feature, "RTDOSE", qtbot)
    state = window.session.overlay
    assert state.dose is not None
    assert state.dose.maximum == pytest.approx(40.0, abs=0.01)
    colors = {one.value: one.color for one in state.isodoses.levels}
    strokes = [one for one in axial.overlay().strokes if one.color == colors[70.0] and len(one.points) > 10]
    (line,) = strokes
    points = axial.scene.framing.display_to_patient(line.points[:, 0], line.points[:, 1])
    np.testing.assert_allclose(state.dose.at(points), 28.0, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(points - HOT_LPS, axis=1), 12.0, atol=0.6)
    x, y = axial.scene.patient_to_display(HOT_LPS)
    Mouse(axial).move(int(x), int(y))
    dose = float(state.dose.at(axial.scene.pointer_to_patient(int(x), int(y))))
    assert window.status.value.text() == f"HU 100   {dose:.4g} Gy"
    texts = [label.text for label in axial.overlay().labels]
    assert "100 % = 40 Gy" in texts
    assert "70 %" in texts
    assert "105 %" not in texts  # nothing gets as much


def test_shift_and_a_drag_of_levels_change_those_of_the_overlay(window, feature, axial, qtbot):
    pick(feature, "PT  FDG", qtbot)
    session, mouse = window.session, Mouse(axial)
    session.overlay.set_bounds(0.0, 8.0)
    window.tools.choose("window")
    before = session.window, session.cursor_lps.tolist()
    mouse.move(90, 100, modifiers=Qt.ShiftModifier)
    mouse.press(100, 100, modifiers=Qt.ShiftModifier)
    side = min(axial.width(), axial.height())  # across which go the 8 SUV that there are
    mouse.move(100 + side / 4, 100, Qt.LeftButton, Qt.ShiftModifier)
    assert session.overlay.look.bounds == pytest.approx((-1.0, 9.0))  # a quarter wider
    mouse.move(100 + side / 4, 100 - side / 8, Qt.LeftButton)  # Shift may be let go of: the drag goes on as it began
    assert session.overlay.look.bounds == pytest.approx((0.0, 10.0))
    settle()
    assert "10 SUV" in [one.text for one in axial.overlay().labels]
    mouse.move(-2000, 75, Qt.LeftButton)
    lower, upper = session.overlay.look.bounds
    assert 0 < upper - lower < 0.01
    mouse.release(-2000, 75)
    assert (session.window, session.cursor_lps.tolist()) == before
    mouse.press(100, 100, modifiers=Qt.ShiftModifier)
    mouse.move(300, 100, Qt.LeftButton, Qt.ShiftModifier)
    mouse.release(300, 100)
    assert np.ptp(session.overlay.look.bounds) > upper - lower  # and back again
    bounds = session.overlay.look.bounds
    feature.toggle()  # what isn't seen isn't changed
    mouse.press(100, 100, modifiers=Qt.ShiftModifier)
    mouse.move(150, 100, Qt.LeftButton, Qt.ShiftModifier)
    mouse.release(150, 100)
    assert session.overlay.look.bounds == bounds
    assert session.window != before[0]


def test_what_the_next_slice_needs_of_a_dose_is_made_while_the_view_rests(window, feature, axial, qtbot, monkeypatch):
    pick(feature, "RTDOSE", qtbot)
    Mouse(axial).wheel(1)
    settle()
    layer = next(one for one in feature._layers._layers if one.view is axial)
    monkeypatch.setattr(feature._layers, "_set_image", lambda _image: None)
    ahead = axial.scene.framing.on(axial.planes.at(axial.kind, axial.planes.step(axial.kind, HOT_LPS, 2)).plane)
    qtbot.waitUntil(lambda: ahead.key in layer._fusion._kept, timeout=5_000)
    cut = []
    monkeypatch.setattr(layer._lines, "_cut", lambda *asked: cut.append(asked))
    monkeypatch.setattr(layer._fusion, "_found", lambda *asked: cut.append(asked))
    Mouse(axial).wheel(1)
    settle()
    assert axial.scene.framing.key == ahead.key
    assert [one for one in axial.overlay().strokes if one.color == (40, 200, 230)]
    assert cut == []
    axial._ahead.stop()


def test_below_the_threshold_nothing_of_a_dose_is_painted(window, feature, axial, qtbot):
    pick(feature, "RTDOSE", qtbot)
    state = window.session.overlay
    box = feature.panel.threshold
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "30")
    QTest.keyClick(box, Qt.Key_Return)
    assert state.look.threshold == pytest.approx(30.0)
    settle()
    picture = picture_of(axial).astype(int)
    for away, painted in ((7.0, True), (13.0, False)):
        x, y = axial.scene.patient_to_display(np.add(HOT_LPS, [away, 0, 0]))
        red, green, blue = picture[int(y), int(x)]
        assert bool(max(abs(red - green), abs(green - blue)) > 5) is painted


def test_a_level_gets_another_colour(window, feature, axial, qtbot, monkeypatch):
    pick(feature, "RTDOSE", qtbot)
    table = feature.panel.isodoses
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_asked: QColor(12, 34, 56))
    table.tree.setCurrentItem(table.tree.topLevelItem(5))  # 70 %
    QTest.mouseClick(table.color, Qt.LeftButton)
    assert window.session.overlay.isodoses.levels[5].color == (12, 34, 56)
    settle()
    assert [one for one in axial.overlay().strokes if one.color == (12, 34, 56)]


def test_levels_are_ticked_changed_added_and_removed_in_the_table(window, feature, qtbot):
    pick(feature, "RTDOSE", qtbot)
    state, table = window.session.overlay, feature.panel.isodoses
    first = table.tree.topLevelItem(0)
    first.setCheckState(0, Qt.Unchecked)
    assert state.isodoses.levels[0].shown is False
    table.tree.topLevelItem(2).setText(0, "93,5 %")
    assert state.isodoses.levels[2].value == 93.5
    table.tree.topLevelItem(2).setText(0, "nonsense")
    assert table.tree.topLevelItem(2).text(0) == "93.5 %"
    QTest.mouseClick(table.add, Qt.LeftButton)
    assert [one.value for one in state.isodoses.levels][-2:] == [10.0, 5.0]
    table.tree.setCurrentItem(table.tree.topLevelItem(0))
    QTest.keyClick(table, Qt.Key_Delete)
    assert state.isodoses.levels[0].value == 100.0
    table.unit.setFocus()
    QTest.keyClick(table.unit, Qt.Key_Down)
    assert state.isodoses.in_percent is False
    assert table.tree.topLevelItem(1).text(0) == "37.4 Gy"


def test_levels_are_kept_once_nobody_changes_them_and_reset_by_a_button_or_the_menu(window, feature, qtbot, tmp_path):
    state, table = window.session.overlay, feature.panel.isodoses
    folder = state.kept.folder = tmp_path / "isodoses"
    pick(feature, "RTDOSE", qtbot)
    reset = window.menus.actions["Reset isodose levels"]
    first = state.isodoses.levels
    assert not table.reset.isEnabled()
    assert not reset.isEnabled()
    QTest.mouseClick(table.add, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(list(folder.glob("*.json"))) == 1, timeout=5000)
    pick(feature, "Nothing", qtbot)
    pick(feature, "RTDOSE", qtbot)
    assert len(state.isodoses.levels) == len(first) + 1
    assert reset.isEnabled()
    QTest.mouseClick(table.reset, Qt.LeftButton)
    assert state.isodoses.levels == first
    assert table.tree.topLevelItemCount() == len(first)
    QTest.mouseClick(table.add, Qt.LeftButton)
    reset.trigger()
    assert state.isodoses.levels == first
    qtbot.waitUntil(lambda: not list(folder.glob("*.json")), timeout=5000)


def test_no_level_is_chosen_before_somebody_chooses_one(window, feature, qtbot):
    pick(feature, "RTDOSE", qtbot)
    table = feature.panel.isodoses
    assert table.tree.currentItem() is None
    assert not table.tree.selectedItems()
    assert not table.remove.isEnabled()
    assert not table.color.isEnabled()
    row = table.tree.visualItemRect(table.tree.topLevelItem(3)).center()
    QTest.mouseClick(table.tree.viewport(), Qt.LeftButton, pos=row)
    assert table.remove.isEnabled()
    QTest.mouseClick(table.remove, Qt.LeftButton)
    assert [one.value for one in window.session.overlay.isodoses.levels][:4] == [105.0, 100.0, 95.0, 80.0]
    assert table.tree.indexOfTopLevelItem(table.tree.currentItem()) == 3
    feature.clear()
    pick(feature, "RTDOSE", qtbot)
    assert table.tree.currentItem() is None


def test_a_broken_dose_is_one_line_and_nothing_changes(window, feature, qtbot, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(type(window), "show_error", lambda _self, error: told.append(str(error)))
    window.tasks.failed.disconnect()
    window.tasks.failed.connect(told.append)
    path = window.session.study.others[0].path
    path.write_bytes(path.read_bytes()[:-100])
    feature.panel.choice.setFocus()
    target = next(n for n in range(feature.panel.choice.count()) if "RTDOSE" in feature.panel.choice.itemText(n))
    feature.panel.choice.activated.emit(target)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    settle()
    assert len(told) == 1
    assert "truncated" in str(told[0])
    assert window.session.overlay.volume is None
    assert feature.panel.choice.currentIndex() == 0
    window.tasks.failed.disconnect()
    monkeypatch.undo()
    window.tasks.failed.connect(window.show_error)


def test_a_double_click_on_a_dose_in_the_study_tree_shows_it(window, feature, qtbot):
    tree = window.study_tree
    window.docks["study"].raise_()
    settle()
    (item,) = tree.findItems("RTDOSE", Qt.MatchContains | Qt.MatchRecursive)
    tree.scrollToItem(item)
    place = tree.visualItemRect(item).center()
    QTest.mouseClick(tree.viewport(), Qt.LeftButton, pos=place)
    QTest.mouseDClick(tree.viewport(), Qt.LeftButton, pos=place)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    settle()
    assert window.session.overlay.dose is not None
    assert item.font(0).bold()
    feature.clear()
    assert not item.font(0).bold()


def test_next_overlay_goes_round_what_fits(window, feature, qtbot):
    seen = []
    for _ in range(3):
        feature.choose_next()
        qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
        settle()
        state = window.session.overlay
        seen.append(None if state.volume is None else state.volume.modality)
    assert seen == ["PT", "RTDOSE", None]


def test_pet_is_shown_in_suv_or_says_why_not(empty_window, qtbot, tmp_path):
    grid = Grid.from_slices(np.arange(5)[:, None] * np.array([0, 0, 3.0]), AXIAL, (4.0, 4.0), (8, 9))
    write_series(np.full(grid.shape, 100, np.int16), grid, tmp_path, SeriesAttributes(modality="MR"))
    (volume,) = open_study(tmp_path).volumes
    show(empty_window, Study(volumes=(replace(volume, modality="PT", units="BQML"),)), qtbot)
    feature = next(one for one in empty_window.features if isinstance(one, OverlayActions))
    feature.show_panel()
    settle()
    assert feature.panel.pet.isVisible()
    QTest.mouseClick(feature.panel.suv, Qt.LeftButton, pos=feature.panel.suv.rect().center() * 0.1)
    qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=10_000)
    settle()
    assert feature.panel.suv_reason.text().startswith("SUV can't be computed: Units is absent")
    assert not feature.panel.suv.isChecked()
    assert empty_window.session.volume.units == "BQML"


def test_a_pet_shown_in_another_unit_stays_where_one_looks(window, axial, qtbot):
    session = window.session
    pet = session.study.volumes[1]
    session.activate_volume(pet.volume_id)
    window.views.view3d._canvas.repaint()
    axial.zoom_about(3.0, QPointF(120, 90))
    window.views.view3d.look_from("L")
    frame = axial.scene.framing
    session.replace_volume(replace(pet, value_factor=0.001, units="g/ml"))
    window.views.view3d._canvas.repaint()
    assert axial.scene.framing.key == frame.key
    assert window.views.view3d.scene.camera.right_and_up[0] == pytest.approx([0, 1, 0], abs=1e-6)
    session.activate_volume(session.study.volumes[0].volume_id)  # another grid is fitted
    assert axial.scene.framing.mm_per_pixel != frame.mm_per_pixel


def test_a_probe_tells_the_unit_as_the_status_bar_does(study):
    pet = study.volumes[1]
    probe = Measured(np.array([HOT_LPS]), closed=False, kind="probe")
    assert probe.text(replace(pet, units="g/ml")).endswith(" SUV")
    assert probe.text(replace(pet, units="BQML")).endswith(" Bq/ml")


def test_pet_is_opened_in_suv_until_somebody_says_otherwise(empty_window, field_data, qtbot):
    path = str(field_data / "pairs" / "STS_004_PET_MIM")
    feature = next(one for one in empty_window.features if isinstance(one, OverlayActions))
    for shown in (True, False):
        empty_window.opening.open([path])
        qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=20_000)
        settle()
        assert (empty_window.session.volume.units == "g/ml") is shown
        assert feature.panel.suv.isChecked() is shown
        feature.toggle_suv()
        qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=20_000)
        settle()
        assert (empty_window.session.volume.units == "g/ml") is not shown


def test_real_pet_in_suv_over_ct(empty_window, field_data, qtbot):
    pairs = field_data / "pairs"
    show(empty_window, open_study([pairs / "STS_004_CT_MIM", pairs / "STS_004_PET_MIM"]), qtbot)
    session = empty_window.session
    session.activate_volume(next(one.volume_id for one in session.study.volumes if one.modality == "CT"))
    feature = next(one for one in empty_window.features if isinstance(one, OverlayActions))
    feature.toggle_suv()
    qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=10_000)
    feature.choose_next()
    qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=20_000)
    settle()
    assert session.overlay.unit_text == "SUV"
    k, j, i = np.unravel_index(np.argmax(session.overlay.volume.values), session.overlay.volume.grid.shape)
    hottest = session.overlay.volume.grid.to_patient(np.array([i, j, k], float))
    session.move_cursor(hottest)
    settle()
    axial = empty_window.views.view("axial")
    x, y = axial.scene.patient_to_display(hottest)
    red, green, blue = (int(value) for value in picture_of(axial)[int(y), int(x)])
    assert red > green + 60
    assert green == pytest.approx(blue, abs=3)
    assert session.overlay.value_text(hottest) == "SUV 5.367"


def test_nothing_of_an_overlay_is_left_once_it_is_gone(empty_window, study, qtbot):
    show(empty_window, study, qtbot)
    feature = next(one for one in empty_window.features if isinstance(one, OverlayActions))
    left = []
    for _ in range(2):
        feature.choose_next()
        qtbot.waitUntil(lambda: not empty_window.tasks.running, timeout=10_000)
        settle()
        left.append(weakref.ref(feature._layers._image))
    feature.clear()
    settle()
    gc.collect()
    assert [one() for one in left] == [None, None]
    feature.choose_next()
    last = weakref.ref(feature._layers._image)
    empty_window.release()
    settle()
    gc.collect()
    assert last() is None


def test_how_a_dose_is_painted_is_there_again_in_the_next_program(window, study, feature, qtbot):
    pick(feature, "Boost", qtbot)
    feature.panel.opacity.setFocus()
    QTest.keyClick(feature.panel.opacity, Qt.Key_PageUp)
    QTest.mouseClick(feature.panel.fade, Qt.LeftButton, pos=QPoint(8, feature.panel.fade.height() // 2))
    window.menus.actions["Isodose lines"].trigger()
    assert (window.session.overlay.look.opacity, window.session.overlay.look.fade) == (0.45, True)
    following = next_window(window, study)
    try:
        found = next(one for one in following.features if isinstance(one, OverlayActions))
        pick(found, "Boost", qtbot)
        overlay = following.session.overlay
        assert (overlay.look.opacity, overlay.look.fade, overlay.isodoses.shown) == (0.45, True, False)
    finally:
        close_for_good(following)
