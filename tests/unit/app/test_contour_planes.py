"""Operations on contours whose images aren't there: on the planes of the contours themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.contour_planes import ContourPlanes, ground_of
from rtvis.app.opening import open_study
from rtvis.app.planes import PlaneKind
from rtvis.app.planned_contours import CopyToSlices, Place
from rtvis.app.planned_edit import Target, commit_planned
from rtvis.app.planned_interpolation import Interpolate
from rtvis.app.planned_operations import Combine, Margin, Ring
from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_volume

SQUARE = np.array([[-20.0, -15.0, 0.0], [20.0, -15.0, 0.0], [20.0, 15.0, 0.0], [-20.0, 15.0, 0.0]])
UID = "1.2.826.0.1.3680043.10.1.{}"


def roi_at(levels_mm, number=1, turned=None, scale=1.0):
    turned = np.eye(3) if turned is None else turned
    drawn = [Contour.drawn((SQUARE * scale + [0.0, 0.0, z]) @ turned.T, closed=True) for z in levels_mm]
    return Roi(number, f"ROI {number}", tuple(drawn))


def alone(*rois, journals=None, path=None):
    """A session with a set whose images aren't there."""
    made = StructureSet(
        label="Plan",
        rois=rois,
        study_instance_uid=UID.format("3"),
        series_instance_uid=UID.format("5"),
        sop_instance_uid=UID.format("6"),
        frame_of_reference_uid=UID.format("9"),
        path=path,
    )
    session = Session(journals)
    session.show(Study(structure_sets=(made,)))
    return session


def planned(session, planner):
    return planner(session.structure_set, ground_of(session), no_report)


def levels_of(roi):
    return sorted({round(float(one.points_lps[0, 2]), 6) for one in roi.contours})


def extent(roi):
    points = np.concatenate([one.points_lps for one in roi.contours])
    return points.min(axis=0), points.max(axis=0)


def test_interpolation_fills_the_planes_that_others_are_drawn_on():
    even = np.arange(9) * 2.5 - 31.25
    session = alone(roi_at(even, 1), roi_at(even[[0, 4, 8]], 2))
    edit = planned(session, Interpolate(2))
    assert levels_of(edit.edited.roi(2)) == pytest.approx(even.tolist())
    low, high = extent(edit.edited.roi(2))
    assert low[:2] == pytest.approx([-20.0, -15.0], abs=0.3)
    assert high[:2] == pytest.approx([20.0, 15.0], abs=0.3)
    assert "6 contours on 6 slices; no images: on planes 2.5 mm apart" in edit.remark
    assert all(not one.images for one in edit.edited.roi(2).contours)
    assert edit.edited.roi(1) is session.structure_set.roi(1)


def test_what_is_made_lies_on_planes_that_are_unevenly_apart_too_and_that_is_told():
    uneven = [0.0, 3.0, 6.2, 9.0, 12.0, 18.0, 21.0]
    session = alone(roi_at(uneven, 1), roi_at([0.0, 21.0], 2))
    edit = planned(session, Interpolate(2))
    assert levels_of(edit.edited.roi(2)) == pytest.approx([0.0, 3.0, 6.2, 9.0, 12.0, 15.0, 18.0, 21.0])
    assert "unevenly" in edit.remark
    copied = planned(session, CopyToSlices(1, Place(PlaneKind.AXIAL, np.array([0.0, 0.0, 3.0]), session.oblique), (1,)))
    assert copied.shown[0].contours[0].points_lps[:, 2] == pytest.approx(6.2, abs=1e-9)


def test_a_margin_reaches_beyond_what_was_drawn_in_all_three_directions():
    session = alone(roi_at(np.arange(5) * 3.0))
    edit = planned(session, Margin(1, (30.0,) * 6, inwards=False, target=Target(1)))
    low, high = extent(edit.edited.roi(1))
    assert low == pytest.approx([-50.0, -45.0, -30.0], abs=1.0)
    assert high == pytest.approx([50.0, 45.0, 42.0], abs=1.0)
    assert np.diff(levels_of(edit.edited.roi(1))) == pytest.approx(3.0)
    shrunk = planned(session, Margin(1, (4.0,) * 6, inwards=True, target=Target(1)))
    low, high = extent(shrunk.edited.roi(1))
    assert low[:2] == pytest.approx([-16.0, -11.0], abs=0.6)
    assert levels_of(shrunk.edited.roi(1)) == [3.0, 6.0, 9.0]
    ring = planned(session, Ring(1, 0.0, 20.0, Target(None, "zRing")))
    assert extent(ring.shown[0])[1] == pytest.approx([40.0, 35.0, 32.0], abs=2.1)


def test_margins_of_tilted_planes_go_along_their_normal():
    angle = np.radians(25.0)
    turned = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    session = alone(roi_at(np.arange(6) * 2.0, turned=turned))
    edit = planned(session, Margin(1, (6.0,) * 6, inwards=False, target=Target(1)))
    back = np.concatenate([one.points_lps for one in edit.edited.roi(1).contours]) @ turned
    assert back.min(axis=0) == pytest.approx([-26.0, -21.0, -6.0], abs=0.6)
    assert back.max(axis=0) == pytest.approx([26.0, 21.0, 16.0], abs=0.6)
    assert back[:, 2] / 2 == pytest.approx(np.round(back[:, 2] / 2), abs=1e-4)


@pytest.mark.parametrize(
    "planner",
    [
        Margin(1, (5.0,) * 6, inwards=False, target=Target(1)),
        Ring(1, 0.0, 5.0, Target(None, "zRing")),
        Interpolate(1),
    ],
)
def test_where_nothing_tells_how_far_slices_are_apart_that_is_said(planner):
    session = alone(roi_at([4.0]))
    with pytest.raises(UsageError, match="nothing tells how far slices are apart"):
        planned(session, planner)


def test_planes_that_nobody_drew_on_are_not_made_up():
    session = alone(roi_at([0.0, 75.0, 150.0]))
    with pytest.raises(UsageError, match="no plane between its contours that others are drawn on"):
        planned(session, Interpolate(1))


def test_contours_on_the_same_planes_combine_without_a_gap():
    session = alone(roi_at([4.0]), roi_at([4.0], 2, scale=0.5))
    edit = planned(session, Combine("difference", (1, 2), Target(1)))
    assert len(edit.edited.roi(1).contours) == 2


def test_nearly_the_same_planes_are_one():
    planes = ground_of(alone(roi_at(np.arange(9) * 3.0), roi_at(np.arange(9) * 3.0 + 0.2, 2)))
    assert isinstance(planes, ContourPlanes)
    assert planes.grid.slice_distances_mm == pytest.approx(np.arange(9) * 3.0)
    assert planes.is_even


def test_lines_alone_are_interpolated_on_planes_of_lines():
    def line(z):
        return Contour.drawn([[-10.0, 0.0, z], [0.0, z / 3, z], [10.0, 0.0, z]], closed=False)

    every = Roi(1, "All", tuple(line(z) for z in (0.0, 3.0, 6.0, 9.0)))
    edit = planned(alone(every, Roi(2, "Some", (line(0.0), line(9.0)))), Interpolate(2))
    assert levels_of(edit.edited.roi(2)) == [0.0, 3.0, 6.0, 9.0]


def test_images_that_a_set_was_not_drawn_on_are_not_named():
    """They may be somebody else's, or a dose."""
    session = alone(roi_at(np.arange(9) * 2.5), roi_at([0.0, 20.0], 2))
    session.show(Study(volumes=(make_volume(),), structure_sets=session.study.structure_sets))
    session.activate_structure_set(session.structure_sets[0].key)
    assert session.volume is not None
    for planner in (Interpolate(2), Margin(1, (5.0,) * 6, inwards=False, target=Target(1))):
        edit = planned(session, planner)
        assert all(not one.images for one in edit.edited.roi(edit.number).contours)
        assert np.diff(levels_of(edit.edited.roi(edit.number))) == pytest.approx(2.5)


def test_they_are_undone_journalled_saved_and_read_again(tmp_path):
    base = alone(roi_at(np.arange(7) * 2.5), roi_at([0.0, 15.0], 2))
    path = tmp_path / "alone.dcm"
    base.save(path)
    session = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    session.open([path])
    before = session.structure_set
    for planner in (Interpolate(2), Margin(1, (12.0,) * 6, inwards=False, target=Target(1))):
        commit_planned(session, planned(session, planner))
    made = structure_set_digest(session.structure_set, "sha256").text
    session.undo()
    session.undo()
    assert session.structure_set is before
    session.redo()
    session.redo()
    session.close()  # as a program that ends with unsaved edits
    following = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    following.open([path])
    (unsaved,) = following.recoverable()
    following.recover(unsaved)
    assert structure_set_digest(following.structure_set, "sha256").text == made
    following.save(tmp_path / "again.dcm")
    (read,) = open_study([tmp_path / "again.dcm"]).structure_sets
    for was, now in zip(following.structure_set.rois, read.rois, strict=True):
        for one, other in zip(was.contours, now.contours, strict=True):
            assert np.array_equal(one.points_lps, other.points_lps)
    following.close()


def test_a_real_set_gives_nearly_what_it_gives_on_its_images(field_data):
    folder = field_data / "pairs" / "LUNG1-002_XiO"
    (read,) = open_study([folder / "RTSTRUCT.dcm"]).structure_sets
    target = next(one for one in read.rois if one.name == "GTV-1")
    every_third = sorted({float(one.points_lps[0, 2]) for one in target.contours})[::3]
    thin = replace(target, contours=tuple(one for one in target.contours if one.points_lps[0, 2] in every_third))
    session = Session()
    session.show(Study(structure_sets=(read.with_roi(thin),)))
    edit = planned(session, Interpolate(target.number))
    there = {
        round(float(one.points_lps[0, 2]), 3) for one in target.contours if one.points_lps[0, 2] <= every_third[-1]
    }
    assert {round(one, 3) for one in levels_of(edit.edited.roi(target.number))} == there
    grown = planned(session, Margin(target.number, (5.0,) * 6, inwards=False, target=Target(None, "PTV")))
    assert "no images: on planes 3 mm apart" in grown.remark
