"""Edits of single contours, each one undo step."""

from __future__ import annotations

import pytest

from rtvis.app import contour_edits
from rtvis.app.session import Session
from rtvis.model.errors import UsageError


@pytest.fixture
def session(small_study) -> Session:
    opened = Session()
    opened.open([small_study])
    opened.activate_roi(1)
    return opened


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
