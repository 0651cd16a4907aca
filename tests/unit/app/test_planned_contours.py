"""Edits of contours by slice: looked at first, then made as one undo step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.oblique import Oblique
from rtvis.app.planes import PlaneKind
from rtvis.app.planned_contours import (
    CopyToSlices,
    DeleteContours,
    Give,
    Place,
    Reverse,
    Scope,
    Simplify,
    SmoothContours,
)
from rtvis.app.planned_edit import REMOVED_COLOR, commit_planned
from rtvis.app.session import Session
from rtvis.geometry.grid import Grid
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour


@pytest.fixture
def session(small_study) -> Session:
    opened = Session()
    opened.open([small_study])
    opened.activate_roi(1)
    return opened


def place(session, k=4.0, kind=PlaneKind.AXIAL) -> Place:
    return Place(kind, session.volume.grid.to_patient([15, 11, k]), session.oblique)


def slices(session, number=1) -> list[int]:
    grid = session.volume.grid
    contours = session.structure_set.roi(number).contours
    return [round(float(grid.slice_index(one.points_lps).mean())) for one in contours]


def make(session, planner) -> str:
    before = session.structure_set
    planned = planner(before, session.volume, no_report)
    assert session.structure_set is before
    name = commit_planned(session, planned)
    assert session.history.undo_name == name
    return name


def test_deleting_on_this_slice_a_range_and_all(session) -> None:
    assert slices(session) == [4, 5]
    assert make(session, DeleteContours(1, Scope(place(session)))) == "Delete contours on slice of Block"
    assert slices(session) == [5]
    with pytest.raises(UsageError, match="no contour on this slice"):
        make(session, DeleteContours(1, Scope(place(session))))
    session.undo()
    for ends in ((3, 5), (5, 3)):
        make(session, DeleteContours(1, Scope(place(session), ends)))
        assert slices(session) == []
        session.undo()
    make(session, DeleteContours(1, Scope(place(session), (5, 9))))
    assert slices(session) == [4]
    assert make(session, DeleteContours(1, Scope())) == "Delete all contours of Block"
    assert session.structure_set.roi(1).contours == ()
    assert session.structure_set.roi(2).contours != ()


@pytest.mark.parametrize("upwards", [True, False])
def test_on_uneven_slices_a_range_ends_half_way_to_the_next_slice_on_each_side(session, upwards) -> None:
    """Slices at 0, 2, 4, 10, 20 and 22 mm, from below or from above: those at 4 and 10 reach from 3 to 15 mm."""
    heights = np.array([0.0, 2.0, 4.0, 10.0, 20.0, 22.0])[:: 1 if upwards else -1]
    origins = np.column_stack([np.zeros(6), np.full(6, 0.0 if upwards else 29.0), heights])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1 if upwards else -1, 0], (1.0, 1.0), (30, 30))
    shown = session.volume
    volume = replace(shown, grid=grid, slices=shown.slices[:6], voxels=np.zeros(grid.shape, np.int16))
    square = np.array([[5.0, 5.0, 0.0], [9.0, 5.0, 0.0], [9.0, 9.0, 0.0]])
    levels = [2.9, 3.1, 9.0, 14.9, 15.1]
    roi = replace(
        session.structure_set.roi(1),
        contours=tuple(Contour(square + np.array([0.0, 0.0, level]), "CLOSED_PLANAR") for level in levels),
    )
    at = Place(PlaneKind.AXIAL, np.array([7.0, 7.0, 4.0]), session.oblique)
    assert [levels[n] for n in Scope(at, (2, 3)).indices(roi, volume)] == [3.1, 9.0, 14.9]


def test_what_would_go_is_shown_in_a_colour_of_its_own(session) -> None:
    planned = DeleteContours(1, Scope(place(session)))(session.structure_set, session.volume, no_report)
    (shown,) = planned.shown
    assert shown.color == REMOVED_COLOR
    assert shown.contours == session.structure_set.roi(1).contours[:1]
    assert planned.remark == "1 contour of 2 will go"


def test_copies_go_to_other_slices_with_the_images_of_these(session) -> None:
    assert make(session, CopyToSlices(1, place(session), (-1,))) == "Copy contours to slice in Block"
    assert make(session, CopyToSlices(1, place(session), (2, 3))) == "Copy contours to 2 slices in Block"
    assert slices(session) == [4, 5, 3, 6, 7]
    for k, one in zip(slices(session), session.structure_set.roi(1).contours, strict=True):
        assert [image.sop_instance_uid for image in one.images] == [session.volume.slices[k].sop_instance_uid]
    first, copy = (session.structure_set.roi(1).contours[n] for n in (0, 3))
    np.testing.assert_allclose(
        session.volume.grid.to_index(copy.points_lps)[:, :2], session.volume.grid.to_index(first.points_lps)[:, :2]
    )


def test_copies_that_can_not_be_made_are_told(session) -> None:
    with pytest.raises(UsageError, match="no such slice"):
        make(session, CopyToSlices(1, place(session), (40,)))
    with pytest.raises(UsageError, match="no contour on this slice"):
        make(session, CopyToSlices(1, place(session, k=8), (1,)))
    planned = CopyToSlices(1, place(session), (4, 5, 6))(session.structure_set, session.volume, no_report)
    assert planned.remark == "2 contours on 2 slices; 1 would be outside the images"
    planned = CopyToSlices(1, place(session), (-1, 1))(session.structure_set, session.volume, no_report)
    assert planned.remark == "2 contours on 2 slices; 1 of them has contours of Block already, which stay"


def test_copies_in_an_oblique_view_go_along_its_own_normal(session) -> None:
    session.turn_oblique(Oblique.by_angles(40.0, 10.0))
    where = place(session, kind=PlaneKind.OBLIQUE)
    view = where.view(session.volume)
    drawn = view.plane.to_patient([[-2, -3], [3, -2], [1, 4]])
    session.add_contour(drawn, closed=True)
    make(session, CopyToSlices(1, where, (1,)))
    copy = session.structure_set.roi(1).contours[-1]
    planes = where.planes(session.volume)
    there = planes.at(where.kind, planes.step(where.kind, where.cursor_lps, 1)).plane
    np.testing.assert_allclose(there.distances_mm(copy.points_lps), 0.0, atol=1e-6)
    np.testing.assert_allclose(there.to_plane(copy.points_lps), view.plane.to_plane(drawn), atol=1e-6)


def test_contours_are_given_to_another_roi(session) -> None:
    assert make(session, Give(1, 3, Scope(place(session)), keep=True)) == "Copy contours on slice from Block to Line"
    assert make(session, Give(1, 2, Scope(), keep=False)) == "Move contours from Block to Path"
    assert [len(one.contours) for one in session.structure_set.rois[:3]] == [0, 3, 2]
    with pytest.raises(UsageError, match="one and the same"):
        make(session, Give(2, 2, Scope(), keep=True))


def test_smoothing_simplifying_and_reversing(session) -> None:
    before = session.structure_set
    circle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    drawn = np.column_stack([15 + 8 * np.cos(circle), 11 + 4 * np.sin(circle), np.full(200, 7.0)])
    session.add_contour(session.volume.grid.to_patient(drawn), closed=True)
    assert make(session, Simplify(1, 0.1, Scope(place(session, k=7)))) == "Simplify 0.1 mm on slice of Block"
    left = session.structure_set.roi(1).contours[2]
    assert 10 < len(left.points_lps) < 100
    assert session.structure_set.roi(1).contours[0] is before.roi(1).contours[0]
    assert make(session, SmoothContours(1, 2.0, Scope())) == "Smooth contours 2 mm of Block"
    with pytest.raises(UsageError, match="no point of Line can go"):
        make(session, Simplify(3, 0.0, Scope()))
    line = session.structure_set.roi(3).contours[0]
    assert make(session, Reverse(3, Scope())) == "Reverse contours of Line"
    np.testing.assert_array_equal(session.structure_set.roi(3).contours[0].points_lps, line.points_lps[::-1])
    while session.undo():
        pass
    assert session.structure_set is before


def test_the_farthest_point_is_told_and_true(session) -> None:
    points = np.array([[0, 0, 0], [5, 0.4, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]], dtype=float)
    roi = session.structure_set.roi(1)
    session.apply("Draw", session.structure_set.with_roi(roi.with_contour(Contour.drawn(points, closed=True))))
    planned = Simplify(1, 0.5, Scope())(session.structure_set, session.volume, no_report)
    assert planned.remark == "13 points become 12; farthest from before: 0.4 mm"


def test_an_edit_planned_on_another_state_is_not_made(session) -> None:
    planned = Reverse(1, Scope())(session.structure_set, session.volume, no_report)
    session.add_roi("New")
    with pytest.raises(UsageError, match="changed meanwhile"):
        commit_planned(session, planned)


def test_a_locked_roi_is_not_changed(session) -> None:
    planned = Reverse(1, Scope())(session.structure_set, session.volume, no_report)
    session.lock_roi(1, locked=True)
    with pytest.raises(UsageError, match="Block is locked"):
        commit_planned(session, planned)
