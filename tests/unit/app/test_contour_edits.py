"""Edits that menus offer, each one undo step."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app import contour_edits
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.model.errors import UsageError


@pytest.fixture
def session(small_study) -> Session:
    opened = Session()
    opened.open([small_study])
    opened.activate_roi(1)
    opened.move_cursor(opened.volume.grid.to_patient([15, 11, 4]))
    return opened


def view(session, k=None):
    planes = VolumePlanes(session.volume.grid)
    cursor = session.cursor_lps if k is None else session.volume.grid.to_patient([15, 11, k])
    return planes.at(PlaneKind.AXIAL, cursor)


def slices(session, number=1) -> list[int]:
    grid = session.volume.grid
    contours = session.structure_set.roi(number).contours
    return [round(float(grid.slice_index(one.points_lps).mean())) for one in contours]


def test_deleting_on_this_slice_a_range_and_all(session) -> None:
    assert slices(session) == [4, 5]
    assert contour_edits.delete_on_slice(session, 1, view(session)) == "Delete contours on slice of Block"
    assert slices(session) == [5]
    assert contour_edits.delete_on_slice(session, 1, view(session)) is None
    session.undo()
    for first, last in ((3, 5), (5, 3)):
        contour_edits.delete_between(session, 1, view(session, first), view(session, last))
        assert slices(session) == []
        session.undo()
    contour_edits.delete_between(session, 1, view(session, 5), view(session, 9))
    assert slices(session) == [4]
    contour_edits.delete_all(session, 1)
    assert session.structure_set.roi(1).contours == ()
    assert session.structure_set.roi(2).contours != ()


def test_copies_go_to_other_slices_with_the_images_of_these(session) -> None:
    contour_edits.copy_to_slices(session, 1, PlaneKind.AXIAL, [-1])
    contour_edits.copy_to_slices(session, 1, PlaneKind.AXIAL, [2, 3])
    assert slices(session) == [4, 5, 3, 6, 7]
    for k, one in zip(slices(session), session.structure_set.roi(1).contours, strict=True):
        assert [image.sop_instance_uid for image in one.images] == [session.volume.slices[k].sop_instance_uid]
    first, copy = (session.structure_set.roi(1).contours[n] for n in (0, 3))
    np.testing.assert_allclose(
        session.volume.grid.to_index(copy.points_lps)[:, :2], session.volume.grid.to_index(first.points_lps)[:, :2]
    )


def test_copies_that_can_not_be_made_are_told(session) -> None:
    with pytest.raises(UsageError, match="no such slice"):
        contour_edits.copy_to_slices(session, 1, PlaneKind.AXIAL, [40])
    session.move_cursor(session.volume.grid.to_patient([15, 11, 8]))
    with pytest.raises(UsageError, match="no contour on this slice"):
        contour_edits.copy_to_slices(session, 1, PlaneKind.AXIAL, [1])


def test_contours_are_given_to_another_roi(session) -> None:
    assert contour_edits.give_to(session, 1, [0], 3, keep=True) == "Copy contours from Block to Line"
    assert contour_edits.give_to(session, 1, [0, 1], 2, keep=False) == "Move contours from Block to Path"
    assert [len(one.contours) for one in session.structure_set.rois[:3]] == [0, 3, 2]
    assert contour_edits.give_to(session, 2, [], 3, keep=True) is None


def test_smoothing_simplifying_reversing_and_joining(session) -> None:
    before = session.structure_set
    assert contour_edits.smooth(session, 1, 3.0, [0]) == "Smooth Block"
    assert session.structure_set.roi(1).contours[1] is before.roi(1).contours[1]
    assert contour_edits.simplify(session, 1, 0.5) == "Simplify Block"
    assert contour_edits.simplify(session, 3, 0.0) is None
    assert contour_edits.reverse(session, 3) == "Reverse Line"
    contour_edits.give_to(session, 2, [0], 3, keep=True)
    assert contour_edits.join(session, 3, 0, 1) == "Join contours of Line"
    assert len(session.structure_set.roi(3).contours) == 1
    for one, other in ((0, 0), (0, 1)):
        with pytest.raises(UsageError):
            contour_edits.join(session, 1, one, other)
    while session.undo():
        pass
    assert session.structure_set is before
