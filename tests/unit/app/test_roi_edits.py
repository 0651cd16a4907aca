"""Edits of ROIs: each one undo step, and nothing changes that wasn't asked for."""

from __future__ import annotations

import pytest

from rtvis.app.roi_edits import color_roi, delete_last_contour, delete_roi, free_name, interpret_roi, rename_roi
from rtvis.app.session import Session
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study


@pytest.fixture
def session():
    contour = Contour.drawn([[0, 0, 0], [10, 0, 0], [5, 8, 0]], closed=True)
    rois = (Roi(1, "Heart", (contour,)), Roi(2, "Lung", (contour, contour)))
    one = Session()
    one.show(Study(structure_sets=(StructureSet(label="Plan", rois=rois, sop_instance_uid="1.2"),)))
    return one


def test_each_edit_is_one_step_and_undo_brings_the_very_set_back(session):
    before = session.structure_set
    for edit in (
        lambda: rename_roi(session, 1, " Cor "),
        lambda: color_roi(session, 1, (1, 2, 3)),
        lambda: interpret_roi(session, 1, "ORGAN"),
        lambda: delete_last_contour(session, 1),
        lambda: delete_roi(session, 2),
    ):
        edit()
        assert session.structure_set is not before
        session.undo()
        assert session.structure_set is before


def test_an_edit_keeps_contours_and_other_rois_as_they_are(session):
    before = session.structure_set
    rename_roi(session, 1, "Cor")
    assert session.structure_set.roi(1).name == "Cor"
    assert session.structure_set.roi(1).contours is before.roi(1).contours
    assert session.structure_set.roi(2) is before.roi(2)


def test_what_is_already_so_is_no_edit(session):
    before = session.structure_set
    rename_roi(session, 1, "Heart")
    interpret_roi(session, 1, "")
    assert session.structure_set is before
    assert not session.unsaved


@pytest.mark.parametrize("name", ["", "   ", "a\\b", "x" * 65, "a\nb"])
def test_names_that_lo_cannot_hold_are_refused(session, name):
    with pytest.raises(UsageError):
        rename_roi(session, 1, name)
    assert not session.unsaved


def test_deleting_the_last_contour_of_an_empty_roi_does_nothing(session):
    assert delete_last_contour(session, 1)
    assert not delete_last_contour(session, 1)


def test_free_names_are_free(session):
    assert free_name(session.structure_set, "Heart") == "Heart 1"
    session.add_roi("ROI 1")
    assert free_name(session.structure_set) == "ROI 2"
    assert free_name(None) == "ROI 1"
