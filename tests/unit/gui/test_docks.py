"""Study tree, ROI list, tags and report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from rtvis.gui.icons import DRAWINGS, icon
from rtvis.model.problem import Problem
from rtvis.model.study import Study, Unreadable
from tests.unit.gui.conftest import make_set, make_volume


def row(window, number):
    return window.roi_panel.tree.topLevelItem(number)


def test_a_check_box_hides_an_roi_without_editing_it(window):
    axial = window.views.view("axial")
    window.session.move_cursor([0, 0, -10])
    shown = len(axial.overlay().strokes)
    row(window, 0).setCheckState(0, Qt.Unchecked)
    assert window.session.hidden_rois == {1}
    assert len(axial.overlay().strokes) < shown
    assert not window.session.unsaved


def test_an_roi_is_renamed_in_place_and_undo_brings_the_name_back(window):
    row(window, 0).setText(0, "Heart")
    assert window.session.structure_set.roi(1).name == "Heart"
    window.edits.undo()
    assert row(window, 0).text(0) == "Box"


def test_a_name_that_cannot_be_is_told_and_the_old_one_stays(window):
    told = []
    window.roi_panel.failed.disconnect()
    window.roi_panel.failed.connect(told.append)
    row(window, 0).setText(0, "a\\b")
    window.roi_panel.failed.connect(window.show_error)
    assert len(told) == 1
    assert row(window, 0).text(0) == "Box"


def test_choosing_an_roi_makes_it_the_one_that_is_drawn_on(window):
    window.roi_panel.tree.setCurrentItem(row(window, 1))
    assert window.session.active_roi == 2
    assert window.status.tool.text() == "Navigate   ROI Marker"


def test_filter_new_and_delete(window):
    window.roi_panel.field.setText("mark")
    assert [row(window, n).isHidden() for n in range(2)] == [True, False]
    window.roi_panel.field.clear()
    window.roi_panel.new_roi()
    assert row(window, 2).text(0) == "ROI 1"
    assert window.session.active_roi == 3
    window.roi_panel.delete_chosen()
    assert window.roi_panel.tree.topLevelItemCount() == 2


def test_going_to_an_roi_moves_the_cursor_to_its_middle_contour(window):
    window.view_actions.go_to_roi(2)
    assert window.session.cursor_lps == pytest.approx([1, 2, -10])


def test_the_tree_lists_all_and_a_double_click_shows_a_series(window):
    first, second = make_volume(1), make_volume(2)
    lone = replace(make_set(first), sop_instance_uid="1.2.9", label="Lone", volume=None, matched_by=None)
    window.show_study(Study(volumes=(first, second), structure_sets=(make_set(first), lone)))
    tree = window.study_tree
    texts = [(item.text(0), item.text(1)) for item in tree.findItems("", Qt.MatchContains | Qt.MatchRecursive)]
    assert ("Doe Jo   P1", "") in texts
    assert texts.count(("CT  Thorax", "20 images")) == 2
    assert ("RTSTRUCT  Plan", "2 ROIs") in texts
    assert ("RTSTRUCT  Lone", "images missing") in texts
    item = tree.findItems("CT  Thorax", Qt.MatchExactly | Qt.MatchRecursive)[1]
    tree.itemDoubleClicked.emit(item, 0)
    assert window.session.volume is second
    assert item.font(0).bold()


def test_sets_that_read_alike_are_told_apart_without_file_names_of_a_hidden_patient(window, tmp_path):
    one = replace(make_set(make_volume()), path=tmp_path / "doe.dcm")
    sets = (one, replace(one, copy_number=2, path=tmp_path / "doe2.dcm"))
    tree = window.study_tree

    def rows():
        found = tree.findItems("RTSTRUCT", Qt.MatchStartsWith | Qt.MatchRecursive)
        return [item.text(0) for item in found]

    window.show_study(Study(structure_sets=sets))
    assert rows() == ["RTSTRUCT  doe.dcm  Plan", "RTSTRUCT  doe2.dcm  Plan"]
    window.session.hide_patient(hidden=True)
    assert rows() == ["RTSTRUCT  1  Plan", "RTSTRUCT  2  Plan"]
    window.session.hide_patient(hidden=False)
    dated = tuple(replace(one, dated=f"2024010{number}") for number, one in enumerate(sets, 1))
    window.show_study(Study(structure_sets=dated))
    assert rows() == ["RTSTRUCT  2024-01-01  Plan", "RTSTRUCT  2024-01-02  Plan"]


def test_the_tree_counts_the_rois_that_are_there_now(window):
    tree = window.study_tree
    [item] = tree.findItems("RTSTRUCT  Plan", Qt.MatchExactly | Qt.MatchRecursive)
    tree.setCurrentItem(item)
    window.menus.actions["New ROI"].trigger()
    assert item.text(1) == "3 ROIs"
    window.session.undo()
    assert item.text(1) == "2 ROIs"
    assert tree.currentItem() is item


def test_a_problem_leads_to_its_contour(window, tmp_path):
    volume = make_volume()
    one = replace(make_set(volume), problems=(Problem("odd-contour", "Contour 3 is odd", 1, 2),))
    broken = Unreadable(tmp_path / "broken.dcm", "truncated")
    window.show_study(Study(volumes=(volume,), structure_sets=(one,), unreadable=(broken,)))
    assert window.docks["problems"].windowTitle() == "Report (2)"
    items = [window.problem_list.item(n) for n in range(2)]
    assert items[0].text() == "RTSTRUCT Plan, Box\nContour 3 is odd"
    assert "truncated" in items[1].text()
    window.problem_list.itemClicked.emit(items[0])
    assert window.session.cursor_lps == pytest.approx(one.roi(1).contours[2].points_lps.mean(axis=0))


def test_tags_of_a_chosen_object_are_read_and_searched(window, tmp_path, qtbot):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.PatientName = "Doe^Jo"
    item = Dataset()
    item.ROIName = "Deep inside"
    dataset.StructureSetROISequence = [item]
    path = tmp_path / "one.dcm"
    dataset.save_as(path, enforce_file_format=True)
    panel = window.tag_panel
    panel.show_file(path)
    qtbot.waitUntil(lambda: panel.tree.topLevelItemCount() > 0)
    sequence = panel.tree.findItems("(3006,0020)", Qt.MatchExactly)[0]
    assert sequence.childCount() == 0
    sequence.setExpanded(True)
    assert sequence.childCount() == 1
    panel.field.setText("deep")
    qtbot.waitUntil(lambda: panel.tree.topLevelItemCount() == 1)
    assert panel.tree.topLevelItem(0).text(3) == "Deep inside"
    panel.field.clear()


def test_tags_of_a_file_that_is_gone_are_told(own_window, tmp_path, qtbot):
    told = []
    own_window.tasks.failed.disconnect()
    own_window.tasks.failed.connect(told.append)
    own_window.tag_panel.show_file(tmp_path / "gone.dcm")
    qtbot.waitUntil(lambda: bool(told))
    assert "gone.dcm" in str(told[0])


@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_every_icon_draws_something_at_every_size(qapp, name):
    for size in (16, 22, 66):
        picture = icon(name).pixmap(size, size).toImage()
        assert any(picture.pixelColor(x, y).alpha() for x in range(size) for y in range(size))


def test_a_check_box_and_the_focus_choose_no_roi(window):
    tree = window.roi_panel.tree
    first = tree.visualItemRect(row(window, 0))
    QTest.mouseClick(tree.viewport(), Qt.LeftButton, pos=first.center() - QPoint(first.width() // 2 - 14, 0))
    assert row(window, 0).checkState(0) == Qt.Unchecked
    assert window.session.active_roi is None
    tree.setFocus(Qt.TabFocusReason)
    assert window.session.active_roi is None
    QTest.mouseClick(tree.viewport(), Qt.LeftButton, pos=tree.visualItemRect(row(window, 1)).center())
    assert window.session.active_roi == 2
    window.menus.actions["Choose no ROI (draw on a new one)"].trigger()
    assert window.session.active_roi is None
    assert not tree.selectedItems()
    assert not window.menus.actions["Delete ROI"].isEnabled()


def test_sets_that_share_a_uid_are_told_apart(window):
    volume = make_volume()
    one = make_set(volume)
    problem = Problem("odd-contour", "Contour 3 is odd", 1, 2)
    two = replace(one, label="Copy", copy_number=2, problems=(problem,))
    window.show_study(Study(volumes=(volume,), structure_sets=(one, two)))
    [item] = window.study_tree.findItems("RTSTRUCT  Copy", Qt.MatchExactly | Qt.MatchRecursive)
    assert not item.font(0).bold()
    window.problem_list.itemClicked.emit(window.problem_list.item(0))
    assert window.session.structure_set is two
    assert item.font(0).bold()
