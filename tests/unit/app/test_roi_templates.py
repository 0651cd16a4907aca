"""Templates and names by TG-263; copies, order, numbers and locks of ROIs."""

from __future__ import annotations

import pytest

from rtvis.app.roi_edits import delete_roi, duplicate_roi, move_roi, rename_roi, rename_rois, renumber_roi
from rtvis.app.roi_templates import (
    SITES,
    RoiTemplate,
    TemplateRoi,
    apply_template,
    load_template,
    save_template,
    template_of,
)
from rtvis.app.session import Session
from rtvis.app.tg263 import check_name, check_names
from rtvis.app.tg263_list import PAIRED, SINGLE
from rtvis.app.tg263_names import SYNONYMS, known_name, suggestions
from rtvis.model.errors import UnreadableError, UsageError
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study


@pytest.fixture
def session():
    contour = Contour.drawn([[0, 0, 0], [10, 0, 0], [5, 8, 0]], closed=True)
    rois = (Roi(1, "Heart", (contour,), origin=object()), Roi(2, "Lung_L", (contour, contour)), Roi(5, "PTV"))
    one = Session()
    one.show(Study(structure_sets=(StructureSet(label="Plan", rois=rois, sop_instance_uid="1.2"),)))
    return one


@pytest.mark.parametrize("site", SITES, ids=lambda one: one.name)
def test_the_projects_own_names_keep_the_rules(site) -> None:
    assert check_names(one.name for one in site.rois) == {}
    assert site.rois[0].interpreted_type == "EXTERNAL"


@pytest.mark.parametrize(
    "name",
    ["Lung_L", "Lungs", "SpinalCord_PRV05", "Brainstem_PRV", "A_LAD", "Glnd_Submand_R", "CN_VIII_L", "VB_T05",
     "GTVp", "PTVn2", "CTVsb_L", "PTV_High", "PTVp1_5040", "PTV!_High", "ITVp_CT1PT1", "PTV-03", "PTVp^Physician1",
     "~Brain", "Lungs^Ex", "zRing", "_Help", "LN_Ax_L1_L", "Bowel_Bag"],
)  # fmt: skip
def test_names_made_by_the_rules_pass(name) -> None:
    assert check_name(name) == []


@pytest.mark.parametrize(
    ("name", "code", "proposal"),
    [
        ("Left Lung", "side", "Lung_L"),
        ("lung_L", "case", "Lung_L"),
        ("HEART", "case", "Heart"),
        ("L_Lung", "side", "Lung_L"),
        ("Parotid Rt", "side", "Parotid_R"),
        ("Lung both", "side", "Lungs"),
        ("KidneyR", "side", "Kidney_R"),
        ("Spinal Cord", "space", "Spinal_Cord"),
        ("SpinalCord PRV 5mm", "prv", "SpinalCord_PRV05"),
        ("SpinalCord+5mmPRV", "prv", ""),
        ("PTV 1", "target", "PTV1"),
        ("ptv", "target", "PTV"),
        ("Chest wall, left side", "too-long", ""),
        ("Lunge (li)", "character", ""),
        ("", "character", ""),
    ],
)
def test_names_by_habit_are_told_with_a_proposal(name, code, proposal) -> None:
    remarks = {one.code: one for one in check_name(name)}
    assert code in remarks
    if proposal:
        assert remarks[code].proposal == proposal
        assert [one for one in check_name(proposal) if one.code == code] == []


def test_names_that_differ_by_capitals_only_are_told() -> None:
    assert [one.code for one in check_names(["Heart", "HeaRT"])["HeaRT"]][-1] == "not-unique"
    assert [one.code for one in check_names(["Heart"] * 3)["Heart"]] == ["not-unique"]
    assert check_names(["Heart", "Lung_L"]) == {}
    (told,) = suggestions(("Lens_L", "LENS_L", "Eye_L")).values()
    assert told.name == "LENS_L"
    (twice,) = suggestions(("Heart", "Heart")).values()
    assert "another differs" in twice.reasons
    assert twice.proposal == ""


def test_two_rois_are_never_proposed_one_name() -> None:
    one, other = suggestions(("LT LUNG", "Lung left", "Heart")).values()
    assert (one.proposal, other.proposal) == ("Lung_L", "")
    assert "Lung_L is another ROI's name" in other.reasons
    (told,) = suggestions(("LT LUNG", "Lung_L")).values()
    assert told.proposal == ""
    assert suggestions(("LT LUNG", "LT LUNG"))["LT LUNG"].proposal == ""
    assert suggestions(("BODY", "lens_l"))["lens_l"].proposal == "Lens_L"


def test_a_template_adds_what_is_missing_as_one_step(session) -> None:
    before = session.structure_set
    thorax = SITES[0]
    added = apply_template(session, thorax)
    assert {"Heart", "Lung_L", "PTV"}.isdisjoint(added)
    assert len(session.structure_set.rois) == 3 + len(thorax.rois) - 3
    roi = next(one for one in session.structure_set.rois if one.name == "GTVp")
    assert (roi.interpreted_type, roi.contours) == ("GTV", ())
    assert apply_template(session, thorax) == ()
    assert session.undo() == "Add ROIs of Thorax"
    assert session.structure_set is before


def test_a_persons_own_template_comes_back_from_its_file(session, tmp_path) -> None:
    path = tmp_path / "mine.json"
    template = RoiTemplate("Mine", (TemplateRoi("Herz", "ORGAN", (1, 2, 3)), TemplateRoi("Marker", "MARKER")))
    save_template(template, path)
    assert load_template(path) == template
    with pytest.raises(UsageError, match="already exists"):
        save_template(template, path)
    assert [one.name for one in template_of(session.structure_set, "Plan").rois] == ["Heart", "Lung_L", "PTV"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"rois": 3}', '{"rois": [{"type": "ORGAN"}]}', '{"rois": [{"name": "a\\\\b"}]}',
     '{"rois": [{"name": "A", "type": "magic"}]}', '{"rois": [{"name": "A", "color": [1, 2]}]}',
     '{"rois": [{"name": "A", "color": [1, 2, 900]}]}'],
)  # fmt: skip
def test_files_that_are_no_templates_are_refused(tmp_path, text) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UnreadableError, match="no template"):
        load_template(path)
    with pytest.raises(UnreadableError, match="can't be read"):
        load_template(tmp_path / "nothing.json")


def test_a_copy_is_an_roi_of_its_own(session) -> None:
    copy = duplicate_roi(session, 1)
    assert [one.name for one in session.structure_set.rois] == ["Heart", "Heart copy 1", "Lung_L", "PTV"]
    assert (copy.number, copy.origin, session.active_roi) == (6, None, 6)
    assert copy.contours[0].points_lps is session.structure_set.roi(1).contours[0].points_lps


def test_order_and_numbers(session) -> None:
    move_roi(session, 5, 0)
    assert [one.number for one in session.structure_set.rois] == [5, 1, 2]
    move_roi(session, 5, 99)
    assert [one.number for one in session.structure_set.rois] == [1, 2, 5]
    before = session.structure_set
    move_roi(session, 5, 2)
    assert session.structure_set is before
    session.activate_roi(5)
    renumber_roi(session, 5, 9)
    assert (session.structure_set.rois[2].number, session.active_roi) == (9, 9)
    for taken in (1, -1, 2**31):
        with pytest.raises(UsageError, match="can't be the number"):
            renumber_roi(session, 9, taken)


def test_a_locked_roi_is_not_changed_by_anything(session) -> None:
    heard = []
    session.visibility_changed.connect(lambda: heard.append(session.locked_rois))
    rename_roi(session, 1, "Cor")
    session.lock_roi(1, locked=True)
    before = session.structure_set
    for edit in (
        lambda: rename_roi(session, 1, "Heart"),
        lambda: delete_roi(session, 1),
        lambda: renumber_roi(session, 1, 8),
    ):
        with pytest.raises(UsageError, match="locked"):
            edit()
    assert session.structure_set is before
    rename_roi(session, 2, "Lung_R")
    move_roi(session, 1, 2)
    session.undo()
    session.undo()
    before = session.structure_set
    for step in (session.undo, lambda: session.go_to_step(0)):
        with pytest.raises(UsageError, match="would change Cor, which is locked"):
            step()
    assert session.structure_set is before
    assert session.history.undo_name == "Rename Heart to Cor"
    session.lock_roi(1, locked=False)
    assert session.undo() == "Rename Heart to Cor"
    session.lock_roi(1, locked=True)
    with pytest.raises(UsageError, match="redoing Rename Heart to Cor would change Heart, which is locked"):
        session.redo()
    session.lock_roi(1, locked=False)
    rename_roi(session, 1, "Heart 2")
    assert heard == [frozenset({1}), frozenset()] * 2


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("Spinal cord", "SpinalCord"),
        ("LT LUNG", "Lung_L"),
        ("lung_r", "Lung_R"),
        ("Right Optic Nerve", "OpticNrv_R"),
        ("femur head left", "Femur_Head_L"),
        ("BrainStem", "Brainstem"),
        ("cord", "SpinalCord"),
        ("Patient", "External"),
        ("GTV-1", "GTV1"),
        ("contrast", "Contrast"),
        ("Submandibular Gland R", "Glnd_Submand_R"),
        ("Lunge (li)", ""),
    ],
)
def test_names_by_habit_get_the_reports_name(name, proposal) -> None:
    found = suggestions((name,))[name]
    assert found.proposal == proposal
    assert found.reasons
    assert proposal == "" or not check_name(proposal)


@pytest.mark.parametrize("site", SITES, ids=lambda one: one.name)
def test_the_projects_own_names_get_no_suggestion(site) -> None:
    assert suggestions(tuple(one.name for one in site.rois)) == {}


def test_every_known_name_keeps_the_rules_and_is_known_by_itself() -> None:
    for name in (*SINGLE, *(f"{one}_L" for one in PAIRED)):
        assert check_name(name) == [], name
        assert known_name(name) == name
    assert {one for one in SYNONYMS.values() if one not in SINGLE + PAIRED} == set()


def test_several_are_renamed_as_one_step_or_none(session) -> None:
    before = session.structure_set
    rename_rois(session, {1: "Heart_New", 2: "Lung_L", 5: "PTV1"})
    assert [one.name for one in session.structure_set.rois] == ["Heart_New", "Lung_L", "PTV1"]
    assert session.history.undo_name == "Rename 2 ROIs"
    session.undo()
    with pytest.raises(UsageError):
        rename_rois(session, {1: "Good", 2: "a\\b"})
    assert session.structure_set is before


def test_a_type_of_a_files_own_comes_back_from_a_template(session, tmp_path) -> None:
    template = RoiTemplate("Own", (TemplateRoi("Thing", "HOUSE_TERM"),))
    save_template(template, tmp_path / "own.json")
    assert load_template(tmp_path / "own.json") == template
