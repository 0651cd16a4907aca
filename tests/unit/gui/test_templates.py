"""Templates and the check of names, by their dialogs."""

from __future__ import annotations

import json

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDialogButtonBox

from rtvis.app.roi_edits import rename_roi
from rtvis.app.tg263_colors import usual_color
from rtvis.gui.name_check_dialog import NameCheckDialog
from rtvis.gui.template_dialog import TemplateDialog
from tests.unit.gui.conftest import settle


def names(window) -> list[str]:
    return [one.name for one in window.session.structure_set.rois]


def found(window, kind):
    return next(one for one in window.findChildren(kind) if one.isVisible())


@pytest.fixture
def templates(window):
    window.menus.actions["New ROIs from template"].trigger()
    dialog = found(window, TemplateDialog)
    yield dialog
    dialog.reject()
    settle()


def test_a_sites_rois_are_added_as_one_step_without_those_that_are_there(window, templates):
    rename_roi(window.session, 1, "heart")
    templates.reject()
    window.menus.actions["New ROIs from template"].trigger()
    dialog = found(window, TemplateDialog)
    dialog.site.setCurrentIndex(dialog.site.findText("Thorax"))
    [there] = dialog.rois.findItems("Heart", Qt.MatchExactly)
    assert there.text(1) == "there already"
    assert not there.flags() & Qt.ItemIsUserCheckable
    QTest.mouseClick(dialog.none, Qt.LeftButton)
    assert not dialog.add.isEnabled()
    for name, kind in (("PTV", "PTV"), ("Lung_L", "Organ"), ("SpinalCord", "Organ")):
        [item] = dialog.rois.findItems(name, Qt.MatchExactly)
        assert item.text(1) == kind
        item.setCheckState(0, Qt.Checked)
    assert dialog.told.text() == "3 new ROIs"
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.Ok), Qt.LeftButton)
    assert names(window) == ["heart", "Marker", "PTV", "Lung_L", "SpinalCord"]
    assert window.session.structure_set.rois[2].interpreted_type == "PTV"
    assert window.menus.undo.text() == "Undo Add ROIs of Thorax"


def test_a_persons_own_template_is_saved_and_loaded(window, tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    monkeypatch.setattr("rtvis.gui.template_actions.ask_save", lambda *_: str(path))
    window.menus.actions["Save ROIs as template"].trigger()
    assert [one["name"] for one in json.loads(path.read_text())["rois"]] == ["Box", "Marker"]
    path.write_text('{"name": "Mine", "rois": [{"name": "Node_1", "type": "GTV", "color": [1, 2, 3]}]}')
    monkeypatch.setattr("rtvis.gui.template_actions.ask_files", lambda *_: [str(path)])
    window.menus.actions["New ROIs from template"].trigger()
    dialog = found(window, TemplateDialog)
    QTest.mouseClick(dialog.from_file, Qt.LeftButton)
    assert dialog.site.currentText() == "Mine"
    QTest.keyClick(dialog, Qt.Key_Return)
    assert names(window) == ["Box", "Marker", "Node_1"]
    assert window.session.structure_set.rois[2].color == (1, 2, 3)


def test_a_file_that_is_no_template_is_told_in_one_line(window, tmp_path, monkeypatch, templates):
    (tmp_path / "odd.json").write_text("[]")
    monkeypatch.setattr("rtvis.gui.template_actions.ask_files", lambda *_: [str(tmp_path / "odd.json")])
    errors = []
    monkeypatch.setattr(window, "show_error", errors.append)
    before = templates.site.count()
    QTest.mouseClick(templates.from_file, Qt.LeftButton)
    assert "is no template of ROIs" in str(errors[0])
    assert templates.site.count() == before


def test_names_are_checked_and_renamed_by_a_click(window):
    rename_roi(window.session, 1, "LT LUNG")
    rename_roi(window.session, 2, "Spinal cord")
    window.menus.actions["Check names against TG-263"].trigger()
    dialog = found(window, NameCheckDialog)
    assert dialog.told.text() == "0 of 2 names keep the rules"
    edit, button = dialog.rows[1]
    assert edit.text() == "Lung_L"
    QTest.mouseClick(button, Qt.LeftButton)
    assert names(window) == ["Lung_L", "Spinal cord"]
    assert list(dialog.rows) == [2]
    window.edits.undo()
    assert list(dialog.rows) == [1, 2]
    dialog.rows[1][0].setText("Lung_Left^mine")
    QTest.mouseClick(dialog.rename_all, Qt.LeftButton)
    assert names(window) == ["Lung_Left^mine", "SpinalCord"]
    assert window.menus.undo.text() == "Undo Rename 2 ROIs"
    dialog.reject()
    settle()
    rename_roi(window.session, 1, "Heart")  # nothing listens any more


def test_rois_get_the_colours_of_their_names_from_the_menu(window):
    rename_roi(window.session, 1, "Lung_L")
    window.menus.actions["Colours by TG-263 names"].trigger()
    colors = {one.name: one.color for one in window.session.structure_set.rois}
    assert colors["Lung_L"] == usual_color("Lung_L")
    assert colors["Marker"] != usual_color("Lung_L")
    assert "1 of 2 ROIs" in window.status.currentMessage()
    assert window.menus.undo.text() == "Undo Change colour of 1 ROI"
