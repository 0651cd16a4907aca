"""The tag panel and the comparison of two objects, by real keys and clicks."""

from __future__ import annotations

from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.gui.tag_actions import TagActions
from rtvis.gui.tag_tree import PORTION
from rtvis.model.study import OtherObject, Study

from .conftest import make_set, make_volume, settle, show

SLICES = 20


def write(path, **attributes):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    for keyword, value in {"PatientName": "Doe^Jo", **attributes}.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def roi(number, name):
    item = Dataset()
    item.ROINumber, item.ROIName = number, name
    return item


@pytest.fixture
def files(window, tmp_path, qtbot):
    """A study whose objects have files: 20 images, a structure set, a plan."""
    volume = make_volume()
    paths = [write(tmp_path / f"{n}.dcm", InstanceNumber=str(n + 1), Modality="CT") for n in range(SLICES)]
    slices = tuple(replace(one, path=path) for one, path in zip(volume.slices, paths, strict=True))
    volume = replace(volume, slices=slices)
    rois = [roi(1, "Heart"), roi(2, "Lung")]
    set_path = write(tmp_path / "set.dcm", StructureSetLabel="PLAN", StructureSetROISequence=rois)
    plan = write(tmp_path / "plan.dcm", RTPlanLabel="P")
    study = Study(
        volumes=(volume,),
        structure_sets=(replace(make_set(volume), path=set_path),),
        others=(OtherObject(plan, "RTPLAN", "1.2.840.10008.5.1.4.1.1.481.5", "1.2.9", "1.2.8"),),
    )
    show(window, study, qtbot)
    window.tag_panel.follow.setChecked(True)
    yield {"images": paths, "set": set_path, "plan": plan}
    dialog = feature(window).dialog
    if dialog is not None:
        dialog.close()
    window.tag_panel.field.clear()
    window.session.hide_patient(hidden=False)
    qtbot.waitUntil(lambda: not window.tasks.running)
    settle()


def feature(window):
    return next(one for one in window.features if isinstance(one, TagActions))


def idle(window, qtbot):
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=10_000)
    settle()


def rows(tree, *columns):
    items = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    return [tuple(item.text(column) for column in columns) for item in items]


def value_of(tree, tag):
    return dict(rows(tree, 0, 3))[tag]


@pytest.fixture
def panel(window, files, qtbot):
    window.menus.actions["Tags"].trigger()
    idle(window, qtbot)
    return window.tag_panel


def test_the_panel_shows_the_slice_that_is_seen_and_follows_it(window, panel, files, qtbot):
    k = round(float(window.session.volume.grid.to_index(window.session.cursor_lps)[2]))
    assert panel.path == files["images"][k]
    assert panel.image.value() == k + 1
    assert panel.image.suffix() == f" of {SLICES}"
    window.session.move_cursor(window.session.volume.grid.to_patient((5, 5, 3)))
    qtbot.waitUntil(lambda: panel.path == files["images"][3])
    idle(window, qtbot)
    assert value_of(panel.tree, "(0020,0013)") == "4"
    assert panel.title.text() == "3.dcm"


def test_an_image_that_was_chosen_stays(window, panel, files, qtbot):
    panel.image.setFocus()
    panel.image.selectAll()
    QTest.keyClicks(panel.image, "12")
    QTest.keyClick(panel.image, Qt.Key_Return)
    idle(window, qtbot)
    assert value_of(panel.tree, "(0020,0013)") == "12"
    assert not panel.follow.isChecked()
    window.session.move_cursor(window.session.volume.grid.to_patient((5, 5, 3)))
    feature(window).follow()
    assert panel.path == files["images"][11]
    QTest.mouseClick(panel.follow, Qt.LeftButton, pos=panel.follow.rect().center() - panel.follow.rect().center() / 2)
    idle(window, qtbot)
    assert panel.path == files["images"][3]


def test_what_was_unfolded_stays_so_on_the_next_image(window, panel, files, qtbot):
    for n in (0, 1):
        write(files["images"][n], ReferencedImageSequence=[roi(n, f"inner {n}")])
    window.session.move_cursor(window.session.volume.grid.to_patient((5, 5, 0)))
    feature(window).follow()
    idle(window, qtbot)
    panel.tree.findItems("(0008,1140)", Qt.MatchExactly)[0].setExpanded(True)
    window.session.move_cursor(window.session.volume.grid.to_patient((5, 5, 1)))
    feature(window).follow()
    idle(window, qtbot)
    again = panel.tree.findItems("(0008,1140)", Qt.MatchExactly)[0]
    assert again.isExpanded()
    again.child(0).setExpanded(True)
    assert again.child(0).child(1).text(3) == "inner 1"


def test_a_value_that_takes_long_is_copied_in_the_background_and_not_over_a_later_one(window, panel, files, qtbot):
    numbers = [str(n) for n in range(60_000)]
    path = files["set"]
    dataset = pydicom.dcmread(path)
    dataset.ContourData = numbers
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian  # explicit VR has no room for so many
    dataset.save_as(path, enforce_file_format=True, implicit_vr=True, little_endian=True)
    panel.show_file(path)
    idle(window, qtbot)
    data = panel.tree.findItems("(3006,0050)", Qt.MatchExactly)[0]
    assert data.text(3).endswith("… (60000 values)")
    assert data.text(3).startswith("0\\1\\2\\3")
    panel.tree.setCurrentItem(data)
    copy = panel.tree.actions()[0]
    QApplication.clipboard().setText("before")
    copy.trigger()
    assert QApplication.clipboard().text() == "before"
    idle(window, qtbot)
    assert QApplication.clipboard().text() == "\\".join(numbers)
    copy.trigger()
    panel.tree.setCurrentItem(panel.tree.findItems("(0010,0010)", Qt.MatchExactly)[0])
    copy.trigger()
    idle(window, qtbot)
    assert QApplication.clipboard().text() == "Doe^Jo"


def test_values_are_copied_by_keys_and_in_full(window, panel, files, qtbot):
    write(files["set"], ROIDisplayColor=None, ContourData=[str(n) for n in range(900)])
    panel.show_file(files["set"])
    idle(window, qtbot)
    panel.tree.setFocus()
    panel.tree.setCurrentItem(panel.tree.findItems("(3006,0050)", Qt.MatchExactly)[0])
    QTest.keyClick(panel.tree, Qt.Key_C, Qt.ControlModifier)
    assert QApplication.clipboard().text() == "\\".join(map(str, range(900)))
    by_name = {action.text(): action for action in panel.tree.actions()}
    panel.tree.setCurrentItem(panel.tree.findItems("(0010,0010)", Qt.MatchExactly)[0])
    by_name["Copy row"].trigger()
    assert QApplication.clipboard().text() == "(0010,0010)\tPN\tPatient's Name\tDoe^Jo"
    window.session.hide_patient(hidden=True)
    by_name["Copy all as text"].trigger()
    idle(window, qtbot)
    text = QApplication.clipboard().text()
    assert "Doe" not in text
    assert len(text.split("\n")) == panel.tree.topLevelItemCount()


def test_search_finds_nothing_of_a_hidden_patient(window, panel, files, qtbot):
    panel.show_file(files["set"])
    idle(window, qtbot)
    QTest.keyClicks(panel.field, "doe")
    qtbot.waitUntil(lambda: rows(panel.tree, 3) == [("Doe^Jo",)])
    window.session.hide_patient(hidden=True)
    qtbot.waitUntil(lambda: rows(panel.tree, 3) == [])


def test_a_long_sequence_is_filled_as_one_goes_down(window, panel, files, qtbot):
    count = 2 * PORTION + 5
    write(files["set"], StructureSetROISequence=[roi(n, f"R{n}") for n in range(count)])
    panel.show_file(files["set"])
    idle(window, qtbot)
    sequence = panel.tree.findItems("(3006,0020)", Qt.MatchExactly)[0]
    sequence.setExpanded(True)
    assert sequence.childCount() == PORTION + 1
    panel.tree.setFocus()
    panel.tree.setCurrentItem(sequence.child(PORTION - 1))
    QTest.keyClick(panel.tree, Qt.Key_Down)
    assert panel.tree.currentItem().text(0) == f"Item {PORTION + 1}"
    assert sequence.childCount() == 2 * PORTION + 1
    panel.tree.scrollToItem(sequence.child(2 * PORTION))
    place = panel.tree.visualItemRect(sequence.child(2 * PORTION)).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.LeftButton, pos=QPoint(60, place.y()))
    assert sequence.childCount() == count
    assert sequence.child(count - 1).text(1) == f"ROI {count - 1} R{count - 1}"


def test_tags_of_a_study_go_with_it(window, panel, files, study, qtbot):
    assert panel.path is not None
    show(window, study, qtbot)
    assert panel.path is None
    assert panel.tree.topLevelItemCount() == 0
    assert not panel.compare.isEnabled()


def test_the_panel_in_front_goes_on_with_the_next_study_and_shows_a_plan_that_is_alone(window, panel, files, qtbot):
    others = Study(others=(OtherObject(files["plan"], "RTPLAN", "1.2.840.10008.5.1.4.1.1.481.5", "1.2.9", "1.2.8"),))
    show(window, others, qtbot)
    qtbot.waitUntil(lambda: panel.path == files["plan"])
    window.close_study()
    qtbot.waitUntil(lambda: panel.path is None)
    window.docks["study"].raise_()
    window.docks["tags"].hide()
    show(window, others, qtbot)
    window.menus.actions["Tags"].trigger()
    qtbot.waitUntil(lambda: panel.path == files["plan"])


@pytest.fixture
def dialog(window, panel, qtbot):
    QTest.mouseClick(panel.compare, Qt.LeftButton)
    idle(window, qtbot)
    return feature(window).dialog


def test_an_image_is_compared_with_the_next_and_any_other(window, dialog, files, qtbot):
    place = files["images"].index(dialog.one.path)
    assert dialog.other.path == files["images"][place + 1]
    assert rows(dialog.tree, 0, 1, 2, 3) == [
        ("(0020,0013)  Instance Number", "≠  changed", str(place + 1), str(place + 2))
    ]
    assert dialog.told.text() == "≠  1 changed"
    QTest.keyClick(dialog.other.image, Qt.Key_Down)
    idle(window, qtbot)
    assert dialog.other.path == dialog.one.path
    assert rows(dialog.tree, 0) == []
    assert dialog.told.text() == "Nothing differs"
    QTest.mouseClick(dialog.only, Qt.LeftButton, pos=dialog.only.rect().center() / 2)
    assert ("(0010,0010)  Patient's Name", "=  same", "Doe^Jo", "Doe^Jo") in rows(dialog.tree, 0, 1, 2, 3)


def test_other_objects_and_files_are_compared_by_keys(window, dialog, files, tmp_path, qtbot, monkeypatch):
    QTest.keyClick(dialog.one.box, Qt.Key_Down)  # the structure set
    idle(window, qtbot)
    assert dialog.one.path == files["set"]
    other = pydicom.dcmread(files["set"])
    other.StructureSetROISequence = [roi(2, "Lung"), roi(1, "Cor")]
    del other.StructureSetLabel
    other.ReviewerName = "Ann"
    other.save_as(tmp_path / "other.dcm")
    monkeypatch.setattr("rtvis.gui.tag_chooser.ask_files", lambda *_: [str(tmp_path / "other.dcm")])
    QTest.mouseClick(dialog.other.file, Qt.LeftButton)
    idle(window, qtbot)
    assert dialog.told.text() == "≠  4 changed     +  1 added     −  1 removed"
    QTest.mouseClick(dialog.by_number, Qt.LeftButton, pos=dialog.by_number.rect().center() / 2)
    idle(window, qtbot)
    assert rows(dialog.tree, 0, 1) == [
        ("(3006,0002)  Structure Set Label", "−  removed"),
        ("(3006,0020)  Structure Set ROI Sequence", "≠  changed"),
        ("(300e,0008)  Reviewer Name", "+  added"),
    ]
    sequence = dialog.tree.topLevelItem(1)
    sequence.setExpanded(True)
    assert [sequence.child(n).text(0) for n in range(sequence.childCount())] == ["Item 1 | Item 2  ROI 1 Heart"]
    QTest.mouseClick(dialog.copy, Qt.LeftButton)
    idle(window, qtbot)
    assert QApplication.clipboard().text().split("\n")[-2:] == [
        "    changed\t(3006,0026)  ROI Name\tHeart\tCor",
        "added\t(300e,0008)  Reviewer Name\t\tAnn",
    ]
    QTest.keyClicks(dialog.field, "cor")
    item = "Item 1 | Item 2  ROI 1 Heart"
    qtbot.waitUntil(lambda: rows(dialog.tree, 0) == [(item,), ("(3006,0026)  ROI Name",)])
    assert rows(dialog.tree, 2, 3)[1] == ("Heart", "Cor")
    QTest.mouseClick(dialog.swap, Qt.LeftButton)
    idle(window, qtbot)
    assert rows(dialog.tree, 2, 3)[1] == ("Cor", "Heart")


def test_the_patient_is_hidden_in_comparisons(window, dialog, files, qtbot):
    write(files["plan"], PatientName="Roe^Ann")
    dialog.other.choose(files["plan"])
    dialog.other.chosen.emit()
    idle(window, qtbot)
    assert ("(0010,0010)  Patient's Name", "Doe^Jo", "Roe^Ann") in rows(dialog.tree, 0, 2, 3)
    window.session.hide_patient(hidden=True)
    assert ("(0010,0010)  Patient's Name", "hidden", "hidden") in rows(dialog.tree, 0, 2, 3)
    assert not any("Doe" in item.toolTip(2) for item in dialog.tree.findItems("", Qt.MatchContains))


def test_the_dialog_lets_go_of_a_study_that_was_closed(window, dialog, study, qtbot):
    assert dialog.pairs
    window.close_study()
    idle(window, qtbot)
    assert dialog.pairs == ()
    assert dialog.one.path is None
    assert dialog.tree.topLevelItemCount() == 0
    show(window, study, qtbot)
