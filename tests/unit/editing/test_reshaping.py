"""Edits of one contour's points, and of contours by slice."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.editing import reshaping
from rtvis.editing.painting import contours_on
from rtvis.editing.slice_edits import between_rois, contours_within, copied_by, without
from rtvis.geometry.plane import Plane
from rtvis.geometry.polyline import length_mm
from rtvis.model.structure_set import Contour, Roi, StructureSet

SQUARE = np.array([[0, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5]], float)
HELIX = np.array([[np.cos(t), np.sin(t), t] for t in np.linspace(0, 6, 20)])


def closed(kind: str = "CLOSED_PLANAR") -> Contour:
    return Contour(SQUARE, kind, (), origin=object())


def line(points: object = HELIX, kind: str = "OPEN_NONPLANAR") -> Contour:
    return Contour(np.asarray(points, float), kind, (), origin=object())


def test_a_moved_point_keeps_the_others_to_the_last_bit() -> None:
    contour = closed()
    result = reshaping.point_moved(contour, 2, [11.5, 12.5, 5])
    np.testing.assert_array_equal(result.points_lps[[0, 1, 3]], SQUARE[[0, 1, 3]])
    assert result.points_lps[2].tolist() == [11.5, 12.5, 5]
    assert result.origin is contour.origin
    assert result.geometric_type == "CLOSED_PLANAR"


def test_the_type_follows_the_points() -> None:
    assert reshaping.point_moved(closed(), 2, [10, 10, 9]).geometric_type == "OPEN_NONPLANAR"
    raised = reshaping.point_moved(closed(), 2, [10, 10, 9])
    assert raised.is_closed
    assert reshaping.point_moved(raised, 2, [10, 10, 5]).geometric_type == "CLOSED_PLANAR"
    assert reshaping.point_moved(closed("CLOSEDPLANAR_XOR"), 2, [9, 9, 5]).geometric_type == "CLOSEDPLANAR_XOR"
    repeated = Contour(np.vstack([SQUARE, SQUARE[:1]]), "OPEN_PLANAR")
    result = reshaping.point_moved(repeated, 0, [-1, -1, 5])
    assert (result.geometric_type, result.is_closed, len(result.points_lps)) == ("OPEN_PLANAR", True, 5)
    assert reshaping.reverse(line()).geometric_type == "OPEN_NONPLANAR"


def test_points_are_added_and_deleted() -> None:
    assert len(reshaping.point_added(closed(), 3, [0, 5, 5]).points_lps) == 5
    assert reshaping.point_added(closed(), 3, [0, 5, 5]).points_lps[4].tolist() == [0, 5, 5]
    assert len(reshaping.points_deleted(closed(), [1]).points_lps) == 3
    assert reshaping.points_deleted(closed(), [1, 2]) is None
    assert reshaping.points_deleted(line(HELIX[:2]), [0]).geometric_type == "POINT"


def test_cutting_and_joining_are_each_others_inverse() -> None:
    first, second = reshaping.cut_at(line(), 7)
    np.testing.assert_array_equal(first.points_lps[-1], second.points_lps[0])
    np.testing.assert_allclose(reshaping.joined(first, second).points_lps, HELIX, atol=1e-12)
    for one in (first, reshaping.reverse(first)):
        for other in (second, reshaping.reverse(second)):
            whole = reshaping.joined(one, other)
            assert length_mm(whole.points_lps) == pytest.approx(length_mm(HELIX))
            assert len(whole.points_lps) == 20
    with pytest.raises(ValueError, match="between its ends"):
        reshaping.cut_at(line(), 0)
    with pytest.raises(ValueError, match="open contours"):
        reshaping.joined(closed(), first)


def test_closing_joins_the_last_point_with_the_first() -> None:
    opened = Contour.drawn(np.roll(SQUARE, -2, axis=0), closed=False)
    shut = reshaping.closed_up(opened)
    assert (opened.is_closed, shut.geometric_type) == (False, "CLOSED_PLANAR")
    np.testing.assert_array_equal(shut.points_lps, opened.points_lps)


def test_a_cut_across_parts_and_keeps_corners() -> None:
    parts = reshaping.cut_across(closed(), [[4, -5, 5], [4, 15, 5]])
    assert sorted(len(one.points_lps) for one in parts) == [4, 4]
    corners = {tuple(point) for one in parts for point in one.points_lps.tolist()}
    assert {tuple(point) for point in SQUARE.tolist()} <= corners
    assert (parts[0].origin is not None, parts[1].origin) == (True, None)
    contour = closed()
    assert reshaping.cut_across(contour, [[4, -5, 5], [4, 5, 5]]) == (contour,)
    with pytest.raises(ValueError, match="closed planar"):
        reshaping.cut_across(line(), [[0, 0, 0], [1, 1, 1]])


def test_smoothing_and_simplifying_a_contour() -> None:
    turn = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    ring = Contour(np.column_stack([20 * np.cos(turn), 20 * np.sin(turn), np.full(100, 3.0)]), "CLOSED_PLANAR")
    fewer = reshaping.simplify(ring, 0.2)
    assert 3 < len(fewer.points_lps) < 40
    assert reshaping.simplify(fewer, 0.0) is fewer
    smooth = reshaping.smooth(ring, 3.0)
    assert smooth.geometric_type == "CLOSED_PLANAR"
    np.testing.assert_array_equal(smooth.points_lps[:, 2], 3.0)
    point = Contour(np.zeros((1, 3)), "POINT")
    assert reshaping.smooth(point, 3.0) is point


def test_contours_by_slice_copies_and_moves() -> None:
    slices = tuple(Contour(SQUARE + np.array([0, 0, z]), "CLOSED_PLANAR") for z in (0, 3, 6))
    one, other = Roi(1, "A", (*slices, line())), Roi(2, "B")
    plane = Plane([0, 0, 8], [1, 0, 0], [0, 1, 0])
    assert contours_within(one, plane, 1.5, 1.5) == (1,)
    assert contours_within(one, plane, 1.5, 4.5) == (1, 2)
    assert without(one, (1,)).contours == (slices[0], slices[2], one.contours[3])
    assert without(one, ()) is one
    copied = copied_by(one, [0], [[0, 0, 9], [0, 0, 12]])
    assert [float(contour.points_lps[0, 2]) for contour in copied.contours[4:]] == [14, 17]
    both = StructureSet("S", (one, other))
    moved = between_rois(both, 1, [0, 2], 2, keep=False)
    assert [len(roi.contours) for roi in moved.rois] == [2, 2]
    np.testing.assert_array_equal(moved.roi(2).contours[0].points_lps, slices[0].points_lps)
    assert [len(roi.contours) for roi in between_rois(both, 1, [0], 2, keep=True).rois] == [4, 1]
    assert between_rois(both, 1, [0], 1, keep=True) is both


KEYHOLE = [(0, 0), (40, 0), (40, 40), (20, 40), (20, 25), (25, 25), (25, 15), (15, 15), (15, 25), (20, 25), (20, 40)]


@pytest.mark.parametrize("cut", [[(-5, 20), (45, 21)], [(-5, 30), (45, 30)], [(-5, 5), (45, 5)]])
@pytest.mark.parametrize("outline", [[*KEYHOLE, (0, 40)], [(0, 0), (40, 40), (40, 0), (0, 40)]])
def test_a_contour_that_touches_or_crosses_itself_is_cut_as_the_area_it_stands_for(outline, cut) -> None:
    contour = Contour(np.array([(x, y, 7.0) for x, y in outline]), "CLOSED_PLANAR")
    plane = Plane([0, 0, 7], [1, 0, 0], [0, 1, 0])
    parts = reshaping.cut_across(contour, [(x, y, 7.0) for x, y in cut])
    assert len(parts) > 1
    before, after = (contours_on(Roi(1, "A", some), plane).region for some in ((contour,), parts))
    assert after.area == pytest.approx(before.area, rel=1e-9)
    assert all(one.geometric_type == "CLOSED_PLANAR" for one in parts)
