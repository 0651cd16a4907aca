"""Nothing in the window tells who the patient is while they are hidden: not in lists, tips, messages or tags."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QLocale, QPointF, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QAction,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QTableView,
    QTreeWidget,
    QTreeWidgetItemIterator,
)

from rtvis.app.patient_hiding import without_patient_words
from rtvis.app.tags import TagNode, patient_words_of, without_patient
from rtvis.editing.journal import Source
from rtvis.editing.journal_folder import Unsaved
from rtvis.gui.recent_studies import remember_path
from rtvis.gui.recovery_dialog import RecoveryDialog, told
from rtvis.model.errors import UsageError
from rtvis.model.problem import Problem
from rtvis.model.study import OtherObject, Study, Unreadable
from rtvis.scene.contour_lines import RoiLines
from rtvis.scene.picking import Picked, PickedKind
from tests.unit.gui.conftest import make_set, settle

FOLDER = Path("/data/Doe Jo")


@pytest.fixture
def study(study):
    one = replace(
        make_set(study.volumes[0]),
        path=FOLDER / "RS_P1234.dcm",
        problems=(Problem("odd", f"{FOLDER}/RS_P1234.dcm of Doe^Jo (P1234) is odd"),),
    )
    patient = replace(one.patient, patient_id="P1234")
    volume = replace(
        study.volumes[0], patient=patient, description="Thorax of Doe", study_description="Doe P1234 follow-up"
    )
    second = replace(volume, volume_id="1.2.3.second", description="MR p1234 later")
    one = replace(one, patient=patient, volume=volume, label="Plan DOE")
    broken = Unreadable(FOLDER / "CT_Doe.dcm", f"{FOLDER}/CT_Doe.dcm is cut off")
    plan = OtherObject(FOLDER / "RP.dcm", "RTPLAN", "1.2", "1.2.3.1", "1.2.3.2", "Plan of P1234")
    plan = replace(plan, beams=((1, "Doe lateral"), (2, "AP")))
    dose = replace(plan, path=FOLDER / "RD.dcm", modality="RTDOSE", sop_instance_uid="1.2.3.3", description="")
    dose = replace(dose, plan_uid=plan.sop_instance_uid, summation_type="BEAM", beams=((1, ""),))
    return Study(volumes=(volume, second), structure_sets=(one,), others=(plan, dose), unreadable=(broken,))


@pytest.fixture
def hidden(shared_window):
    """Before the study is shown: a message about it may be there before a test begins."""
    shared_window.session.hide_patient(hidden=True)


@pytest.fixture
def window(hidden, window, tmp_path):
    place = tmp_path / "Doe_Jo"
    place.mkdir()
    remember_path(str(place))
    window.start_page.refresh()
    window.session.hide_patient(hidden=True)
    settle()
    for box in window.findChildren(QMessageBox):  # of tests before
        box.close()
    settle()
    yield window
    window.session.hide_patient(hidden=False)


def texts(widget):
    """Everything that a widget and those in it say, tips included."""
    said = [widget.windowTitle(), widget.toolTip()]
    for kind in (QLabel, QAbstractButton):
        for one in widget.findChildren(kind):
            said += [one.text(), one.toolTip()]
    for box in widget.findChildren(QComboBox):
        said += [box.itemText(n) for n in range(box.count())]
    for field in widget.findChildren(QPlainTextEdit):
        said.append(field.toPlainText())
    for rows in widget.findChildren(QListWidget):
        said += [rows.item(n).text() + rows.item(n).toolTip() for n in range(rows.count())]
    for tree in widget.findChildren(QTreeWidget):
        walk = QTreeWidgetItemIterator(tree)
        while walk.value() is not None:
            said += [painted(tree, walk.value(), n) + walk.value().toolTip(n) for n in range(tree.columnCount())]
            walk += 1
    for table in widget.findChildren(QTableView):
        model = table.model()
        rows = range(0 if model is None else model.rowCount())
        cells = [model.index(row, column) for row in rows for column in range(model.columnCount())]
        said += [str(one.data(role)) for one in cells for role in (Qt.DisplayRole, Qt.ToolTipRole)]
    for one in widget.findChildren(QAction):
        said += [one.text(), one.toolTip()]
    return [one.replace("&", "") for one in said]


def painted(tree, item, column):
    """What a tree draws for a cell."""
    delegate = tree.itemDelegateForColumn(column) or tree.itemDelegate()
    return delegate.displayText(item.text(column), QLocale())


def telling(said):
    return [one for one in said if re.search(r"\bdoe\b|p1234", one, re.IGNORECASE)]


def test_titles_lists_tips_and_reports_keep_it(window):
    assert not telling(texts(window))
    window.session.hide_patient(hidden=False)
    assert len(telling(texts(window))) > 5


def test_the_corner_that_names_the_active_roi_keeps_it(window):
    session = window.session
    roi = session.structure_set.rois[0]
    named = replace(roi, name="PTV Doe")
    session.apply("Rename", session.structure_set.with_roi(named))
    session.activate_roi(roi.number)
    said = [label.text for label in window.views.view("axial").overlay().labels]
    assert "PTV …" in said
    assert not telling(said)
    window.edits.undo()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STRAUSS^Eva", "Strau\u00df, Becken"),
        ("Strau\u00df^Eva", "STRAUSS, Becken"),
        ("Strau\u00df^Eva", "strau\u00df, Becken"),
        ("\u0130nan^Eva", "\u0130nan, Becken"),
    ],
)
def test_names_are_found_however_they_are_written(window, name, text):
    volume = window.session.study.volumes[0]
    patient = replace(volume.patient, name=name)
    window.session.show(Study(volumes=(replace(volume, patient=patient),)))
    assert without_patient_words(window.session, text) == "\N{HORIZONTAL ELLIPSIS}, Becken"
    assert without_patient_words(window.session, "Straussburg") == "Straussburg"


def test_objects_without_images_and_contours_have_a_patient_as_well(window):
    plan = OtherObject(FOLDER / "RP.dcm", "RTPLAN", "1.2", "1.2.3.1", "1.2.3.2", "Plan of Q777", patient_id="Q777")
    window.session.show(Study(others=(plan,)))
    settle()
    said = texts(window)
    assert not [one for one in said if "Q777" in one]
    assert "Plan of …" in "".join(said)


def test_descriptions_in_views_keep_it_and_tell_the_rest(window):
    session, axial = window.session, window.views.view("axial")
    session.overlay.show_series(session.study.volumes[1], session.volume, anyway=True)
    said = [label.text for label in axial.overlay().labels]
    assert "Thorax of …" in said
    assert any("MR … later" in text for text in said)
    said += [label.text for label in window.views.view3d.overlay().labels]
    session.overlay.clear()
    assert not telling(said)
    session.hide_patient(hidden=False)
    assert "Thorax of Doe" in [label.text for label in axial.overlay().labels]
    assert any("MR  MR p1234 later" in text or "p1234 later" in text for text in texts(window))


def test_recent_studies_are_told_by_number_and_open_all_the_same(window, monkeypatch):
    menus, opened = window.menus, []
    monkeypatch.setattr(window.opening, "open_asking", opened.append)
    menus.recent.aboutToShow.emit()
    first = menus.recent.actions()[0]
    assert first.text() == "Recent study 1"
    first.trigger()
    button = next(one for one in window.start_page.findChildren(QAbstractButton) if one.text() == "Recent study 1")
    button.click()
    assert [Path(paths[0]).name for paths in opened] == ["Doe_Jo", "Doe_Jo"]


def test_passing_lines_and_errors_keep_it(window):
    window.say(f"Saved {FOLDER}/RS_P1234.dcm")
    assert window.status.currentMessage() == "Saved file hidden"
    window.show_error(UsageError("it is there already", path=FOLDER / "new.dcm", remedy="choose another than new.dcm"))
    box = window.findChildren(QMessageBox)[-1]
    assert not telling([box.text(), box.informativeText()])
    assert "It is there already" in box.text()
    box.reject()
    settle()


def test_what_is_hidden_can_be_told_again(window):
    window.session.hide_patient(hidden=False)
    window.say(f"Saved {FOLDER}/RS_P1234.dcm")
    assert window.status.currentMessage().endswith("RS_P1234.dcm")
    assert "Doe" in window.windowTitle()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Window/level: Lung", "Window/level: Lung"),
        ("12 mm / 40 mm", "12 mm / 40 mm"),
        ("Saved /new/Doe Jo/RS 2.dcm", "Saved file hidden"),
        ("C:\\Users\\Doe Jo\\RS.dcm: it is cut off", "file hidden: it is cut off"),
        ("of Doe^Jo", "of …"),
        ("of JO DOE", "of …"),
        ("study P1234_2018 is odd", "study …_2018 is odd"),
        ("Doeskin is no name", "Doeskin is no name"),
    ],
)
def test_texts_lose_names_and_paths_and_nothing_else(window, text, told):
    assert without_patient_words(window.session, text) == told


def test_tags_elsewhere_that_hold_the_name_or_id_are_hidden_too():
    name = TagNode("(0010,0010)", "Patient's Name", "PN", "Doe^Jo")
    nodes = [name, TagNode("(0010,0020)", "Patient ID", "LO", "P1234")]
    words = patient_words_of(nodes)
    comment = TagNode("(0020,4000)", "Image Comments", "LT", "scan of JO DOE, second try")
    label = TagNode("(3006,0002)", "Structure Set Label", "SH", "p1234 plan")
    other = TagNode("(0018,0050)", "Slice Thickness", "DS", "3")
    assert [without_patient(one, words).value for one in (name, comment, label, other)] == ["hidden"] * 3 + ["3"]


def test_each_part_of_a_name_of_several_words_is_hidden_in_tags():
    words = patient_words_of([TagNode("(0010,0010)", "Patient's Name", "PN", "de la Cruz^Jo Ann")])
    comment = TagNode("(0020,4000)", "Image Comments", "LT", "as for Mrs. Cruz")
    assert without_patient(comment, words).value == "hidden"
    assert "la" not in words  # it is in other words as well


def test_the_chooser_of_objects_to_compare_keeps_file_names(window):
    window.menus.actions["Compare tags"].trigger()
    settle()
    dialog = next(one for one in QApplication.topLevelWidgets() if one.windowTitle() == "Compare tags")
    assert not telling(texts(dialog))
    dialog.close()
    settle()


@pytest.fixture
def named(window):
    """The same study, but each ROI is called after the patient, and one was renamed so just now."""
    session = window.session
    kept = session.structure_set
    rois = tuple(replace(roi, name=f"{roi.name} Doe") for roi in kept.rois)
    session.apply("Rename PTV to PTV Doe", replace(kept, rois=rois))
    session.activate_roi(rois[0].number)
    settle()
    yield window
    window.edits.undo()
    settle()


def test_names_of_rois_keep_it_in_lists_menus_panels_and_the_status_bar(named):
    session, tree = named.session, named.roi_panel.tree
    named.docks["history"].show()
    named.docks["history"].raise_()
    settle()
    assert not telling(texts(named))
    assert "strokes" not in named.status.tool.text() or "…" in named.status.tool.text()
    session.set_roi_visible(session.structure_set.rois[1].number, visible=False)
    said = [label.text for name in ("axial", "coronal") for label in named.views.view(name).overlay().labels]
    assert not telling(said)
    assert session.structure_set.rois[0].name.endswith("Doe")
    session.set_roi_visible(session.structure_set.rois[1].number, visible=True)
    assert session.structure_set.rois[0].name.endswith("Doe"), "drawing a name in another way renames nothing"
    session.hide_patient(hidden=False)
    settle()
    said = telling(texts(named))
    assert any(one.startswith("Undo Rename") for one in said)
    assert painted(tree, tree.topLevelItem(0), 0).endswith("Doe")
    session.hide_patient(hidden=True)


def test_a_name_is_typed_as_it_is_though_it_is_drawn_in_another_way(named):
    tree = named.roi_panel.tree
    named.roi_panel.rename_chosen()
    settle()
    field = tree.findChild(QLineEdit)
    assert field.text().endswith("Doe")
    QTest.keyClick(field, Qt.Key_Escape)
    settle()
    assert named.session.structure_set.rois[0].name.endswith("Doe")


def test_names_beside_the_pointer_keep_it(named):
    axial, roi = named.views.view("axial"), named.session.structure_set.rois[0]
    axial.name.show_at(QPointF(20, 20), RoiLines(roi.number, roi.name, (255, 0, 0), (), ()), 1.0)
    assert axial.name.text == roi.name.replace("Doe", "…")
    axial.name.show_at(QPointF(), None, 1.0)


def test_dialogs_that_choose_rois_keep_it(named):
    for action, title in (("Union", "Combine ROIs"), ("Check names against TG-263",) * 2):
        named.menus.actions[action].trigger()
        settle()
        dialog = next(one for one in QApplication.topLevelWidgets() if one.windowTitle() == title and one.isVisible())
        said = texts(dialog)
        assert any("…" in one for one in said)
        assert not telling(said)
        dialog.close()
        settle()


def test_work_that_was_left_behind_keeps_names_and_folders_though_it_is_not_open(window):
    work = Unsaved(
        Path("/state/1.journal"), "Mr Roe", Source(path=Path("Roe/RS.dcm")), 2, "Rename PTV Roe", who="doctor"
    )
    dialog = RecoveryDialog([work], window)
    said = " ".join(texts(dialog))
    assert "2 edits" in said
    assert "Roe" not in said
    dialog.deleteLater()
    assert "Mr Roe" in told(work)


def test_the_name_under_the_mouse_in_3d_keeps_it(window):
    session, view = window.session, window.views.view3d
    current = session.structure_set
    session.apply("Rename", replace(current, rois=(replace(current.rois[0], name="Lung Doe"), *current.rois[1:])))
    place = np.zeros(3)
    picked = Picked(place, np.array([0.0, 0.0, 1.0]), current.rois[0].number, PickedKind.SURFACE, place)
    view._hovered(picked, QPointF(60, 60))
    said = [label.text for label in view.overlay().labels]
    session.hide_patient(hidden=False)
    told = [label.text for label in view.overlay().labels]
    view._hovered(None, QPointF())
    assert "Lung Doe" in told
    assert "Lung …" in said
    assert not [text for text in said if "Doe" in text]
