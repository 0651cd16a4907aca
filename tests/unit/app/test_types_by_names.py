"""Types that names leave no doubt about: set with the name, in one step, and never in place of another type."""

from __future__ import annotations

import pytest

from rtvis.app.planned_edit import new_roi
from rtvis.app.roi_edits import rename_roi, rename_rois
from rtvis.app.session import Session
from rtvis.app.types_by_names import type_by_name
from rtvis.model.structure_set import Roi, StructureSet
from rtvis.model.study import Study


def opened(*rois):
    session = Session()
    session.show(Study(structure_sets=(StructureSet(label="Plan", rois=rois, sop_instance_uid="1.2"),)))
    return session


def types(session):
    return [one.interpreted_type for one in session.structure_set.rois]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PTV test", "PTV"), ("CTVp1", "CTV"), ("ptv", "PTV"), ("IGTV", "GTV"), ("ICTV_2", "CTV"), ("ITV", "CTV"),
        ("GTV-1", "GTV"), ("PTV_Lung_L", "PTV"), ("PTV!", "PTV"), ("Body", "EXTERNAL"), ("EXTERNAL", "EXTERNAL"),
        ("PTV ring", ""), ("PTV-CTV", ""), ("CTV minus GTV", ""), ("Heart", ""), ("TV", ""), ("", ""), ("zPTV", ""),
    ],
)  # fmt: skip
def test_only_names_that_are_sure_have_a_type(name, kind):
    assert type_by_name(name) == kind


def test_a_set_gets_one_external_at_most():
    assert type_by_name("BODY", [Roi(1, "Skin", interpreted_type="EXTERNAL")]) == ""
    session = opened(Roi(1, "A"), Roi(2, "B"))
    rename_rois(session, {1: "External", 2: "Body"})
    assert types(session) == ["EXTERNAL", ""]


def test_renaming_types_an_roi_without_a_type_in_one_step():
    session = opened(Roi(1, "ROI 1"), Roi(2, "ROI 2", interpreted_type="AVOIDANCE"), Roi(3, "ROI 3"))
    before = session.structure_set
    rename_roi(session, 1, "PTV test")
    assert types(session) == ["PTV", "AVOIDANCE", ""]
    session.undo()
    assert session.structure_set is before
    rename_rois(session, {1: "CTVp1", 2: "PTV", 3: "Heart"})
    assert types(session) == ["CTV", "AVOIDANCE", ""]
    rename_roi(session, 1, "PTV 1")
    assert types(session)[0] == "CTV", "a type that is there stays"


def test_rois_that_are_made_are_typed_by_their_names_unless_they_were_given_a_type():
    session = opened()
    session.add_roi("GTVn")
    session.add_roi("PTV", "CONTROL")
    session.add_roi("ROI 1")
    assert types(session) == ["GTV", "CONTROL", ""]
    assert new_roi(session.structure_set, "ITV").interpreted_type == "CTV"
