"""Structure sets whose images aren't here: asked about, shown by geometry, repaired in a copy; with real events."""

from __future__ import annotations

import pydicom
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QMessageBox

from rtvis.gui import matching_actions
from tests.unit.gui.conftest import settle


def wait(window, qtbot):
    qtbot.waitUntil(lambda: not window.tasks.running and not window.opening.is_busy, timeout=20_000)
    settle()


def question(window, qtbot):
    """The one question that is open."""
    qtbot.waitUntil(lambda: len(boxes(window)) == 1, timeout=10_000)
    return boxes(window)[0]


def boxes(window):
    return [one for one in window.findChildren(QMessageBox) if one.isVisible()]


def answer(box, text):
    [button] = [one for one in box.buttons() if one.text() == text]
    QTest.mouseClick(button, Qt.LeftButton)
    settle()


def report(window):
    return [window.problem_list.item(row).text() for row in range(window.problem_list.count())]


@pytest.fixture
def opened(empty_window, small_study, stray, qtbot):
    empty_window.opening.open([str(small_study / "ct"), str(stray)])
    wait(empty_window, qtbot)
    return empty_window


def test_a_set_that_fits_by_geometry_is_asked_about_once_and_shown(opened, stray, qtbot):
    before = stray.read_bytes()
    assert opened.session.structure_set is None
    box = question(opened, qtbot)
    assert box.text().startswith("'SMALL' names images that aren't here. It fits CT")
    assert box.text().endswith("with 0.000 mm between its contours and the image planes. Show it there?")
    answer(box, "Show it there")
    shown = opened.session.structure_set
    assert shown.matched_by == "geometry"
    assert shown.volume is opened.session.volume
    assert not opened.session.unsaved
    assert any("matched by geometry" in line and "residual 0.000 mm" in line for line in report(opened))
    assert not any("its images are missing" in line for line in report(opened))
    assert opened.roi_panel.tree.topLevelItemCount() == 4
    assert not boxes(opened)
    assert not opened.menus.actions["Match to images by geometry"].isEnabled()
    assert stray.read_bytes() == before


def test_a_set_that_is_left_can_be_shown_later(opened, qtbot):
    QTest.keyClick(question(opened, qtbot), Qt.Key_Escape)
    settle()
    assert opened.session.structure_set is None
    assert not boxes(opened)
    assert any("its images are missing" in line for line in report(opened))
    action = opened.menus.actions["Match to images by geometry"]
    assert action.isEnabled()
    action.trigger()
    wait(opened, qtbot)
    answer(question(opened, qtbot), "Show it there")
    assert opened.session.structure_set.matched_by == "geometry"


def test_a_set_that_was_edited_must_be_saved_first(opened, qtbot):
    box = question(opened, qtbot)
    [lone] = opened.session.structure_sets
    opened.session.activate_structure_set(lone.key)
    opened.session.activate_roi(1)
    opened.session.add_contour([[0, 0, -90], [5, 0, -90], [5, 5, -90]], closed=True)
    edited = opened.session.structure_set
    answer(box, "Show it there")
    qtbot.waitUntil(lambda: len(boxes(opened)) == 1)
    assert "was edited since it was opened" in boxes(opened)[0].text()
    assert opened.session.structure_set is edited
    boxes(opened)[0].close()


def test_nothing_is_asked_where_references_lead_to_the_images(empty_window, small_study, qtbot):
    empty_window.opening.open([str(small_study)])
    wait(empty_window, qtbot)
    assert empty_window.session.structure_set.matched_by == "references"
    assert not boxes(empty_window)
    empty_window.menus.actions["Repair references"].trigger()
    wait(empty_window, qtbot)
    assert "there is nothing to repair" in question(empty_window, qtbot).text()
    boxes(empty_window)[0].close()


def test_references_are_repaired_in_a_copy_that_can_be_opened(opened, stray, tmp_path, monkeypatch, qtbot):
    before, offered = stray.read_bytes(), []

    def choose(_parent, _title, name, _pattern):
        offered.append(name)
        return name

    monkeypatch.setattr(matching_actions, "ask_save", choose)
    answer(question(opened, qtbot), "Show it there")
    opened.menus.actions["Repair references"].trigger()
    wait(opened, qtbot)
    box = question(opened, qtbot)
    assert "5 of 5 contours and 4 ROIs" in box.informativeText()
    assert "0.000 mm" in box.informativeText()
    answer(box, "Choose a file…")
    wait(opened, qtbot)
    copy = tmp_path / "stray-repaired.dcm"
    assert offered == [str(copy)]
    answer(question(opened, qtbot), "Open the copy")
    wait(opened, qtbot)
    current = opened.session.structure_set
    assert current.path == copy
    assert current.matched_by == "references"
    assert stray.read_bytes() == before
    assert sorted(str(one.matched_by) for one in opened.session.structure_sets) == ["None", "references"]
    assert not boxes(opened)  # whoever has the copy open isn't asked about the original again


def test_a_repair_never_replaces_a_file(opened, stray, monkeypatch, qtbot):
    before = stray.read_bytes()
    monkeypatch.setattr(matching_actions, "ask_save", lambda *_words: str(stray))
    answer(question(opened, qtbot), "Show it there")
    opened.menus.actions["Repair references"].trigger()
    wait(opened, qtbot)
    answer(question(opened, qtbot), "Choose a file…")
    wait(opened, qtbot)
    assert str(stray) in question(opened, qtbot).text()
    boxes(opened)[0].close()
    assert stray.read_bytes() == before


def test_several_sets_are_asked_about_in_one_question(empty_window, small_study, stray, qtbot):
    dataset = pydicom.dcmread(stray)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.6"
    dataset.StructureSetLabel = "SECOND"
    dataset.save_as(stray.with_name("stray-2.dcm"))
    empty_window.opening.open([str(small_study / "ct"), str(stray.parent)])
    wait(empty_window, qtbot)
    box = question(empty_window, qtbot)
    assert box.text().startswith("2 structure sets name images that aren't here")
    assert "'SMALL' fits CT" in box.informativeText()
    assert "'SECOND' fits CT" in box.informativeText()
    answer(box, "Show it there")
    assert [one.matched_by for one in empty_window.session.structure_sets] == ["geometry", "geometry"]
    assert not boxes(empty_window)


def test_edits_after_the_match_are_kept_with_the_images(opened, qtbot):
    answer(question(opened, qtbot), "Show it there")
    opened.session.activate_roi(1)
    points = opened.session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    contour = opened.session.add_contour(points, closed=True)
    assert contour.images[0].sop_instance_uid == opened.session.volume.slices[3].sop_instance_uid
    assert opened.session.undo() == "Add contour to Block"
    assert opened.session.structure_set.volume is opened.session.volume
    assert not opened.session.unsaved
