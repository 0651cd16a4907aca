from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import SurfaceDistances
from rtvis.model.comparison import Overlap, compare, largest_distance_mm
from rtvis.model.structure_set import Contour, Roi, StructureSet

SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])


def one_roi(points, kind="CLOSED_PLANAR", **attributes):
    return StructureSet("a", (Roi(1, "organ", (Contour(points, kind),), (1, 2, 3), "ORGAN"),), **attributes)


def test_the_same_set_is_identical_whatever_else_differs():
    result = compare(one_roi(SQUARE), replace(one_roi(SQUARE.copy()), label="b", sop_instance_uid="1.2"))
    assert result.identical
    assert [(one.name, one.status, one.max_mm) for one in result.rois] == [("organ", "same", 0.0)]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"name": "b"}, "name"), ({"color": None}, "color"), ({"interpreted_type": "PTV"}, "interpreted_type")],
)
def test_attributes_count(change, named):
    first = one_roi(SQUARE)
    second = replace(first, rois=(replace(first.rois[0], **change),))
    result = compare(first, second)
    assert not result.identical
    assert (result.rois[0].status, result.rois[0].changes, result.rois[0].max_mm) == ("changed", (named,), 0.0)


def test_distances_are_to_the_curve_not_to_its_points():
    with_middle = np.insert(SQUARE, 1, [5, 0, 0], axis=0)
    assert compare(one_roi(SQUARE), one_roi(with_middle)).rois[0].max_mm == pytest.approx(0)
    bulging = np.insert(SQUARE, 1, [5, -2.5, 0], axis=0)
    result = compare(one_roi(SQUARE), one_roi(bulging)).rois[0]
    assert (result.status, result.max_mm) == ("changed", pytest.approx(2.5))


def test_a_closing_segment_belongs_to_closed_curves_only():
    point = (Contour(np.array([[0.0, 5, 0]]), "POINT"),)
    closed, opened = (Contour(SQUARE, kind) for kind in ("CLOSED_PLANAR", "OPEN_PLANAR"))
    assert largest_distance_mm(point, (closed,)) == pytest.approx(np.hypot(10, 5))
    near = Contour(np.array([[0.0, 5, 0], [10, 0, 0]]), "OPEN_PLANAR")
    assert largest_distance_mm((near,), (opened,)) >= 5


def test_segments_shorter_than_a_millimetre_count_as_a_whole():
    line = (Contour(np.array([[0.0, 0, 0], [0.5, 0, 0]]), "OPEN_PLANAR"),)
    point = (Contour(np.array([[0.3, 0.4, 0]]), "POINT"),)
    assert largest_distance_mm(point, line) == pytest.approx(0.5)  # from the end at 0, which is the farther one
    ends = (Contour(np.array([[0.0, 0, 0], [0.5, 0, 0], [0.25, 0, 0]]), "OPEN_PLANAR"),)
    assert largest_distance_mm(ends, line) == pytest.approx(0.0)


def test_rois_of_one_only_and_pairs_by_name():
    first = StructureSet("a", (Roi(1, "x"), Roi(2, "y"), Roi(3, "old")))
    second = StructureSet("b", (Roi(2, "x"), Roi(1, "y"), Roi(9, "new")))
    result = compare(first, second)
    assert [(one.name, one.status) for one in result.rois] == [
        ("x", "same"),
        ("y", "same"),
        ("old", "only_a"),
        ("new", "only_b"),
    ]
    assert result.rois[2].max_mm is None
    assert not result.identical


def test_overlap_is_counted_on_a_grid():
    origins = np.array([[-0.5, -0.5, z] for z in (-1.0, 0.0, 1.0)])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (1.0, 1.0), (20, 20))
    moved = SQUARE + np.array([2.0, 0, 0])
    told = []
    first, line = one_roi(SQUARE), Roi(2, "line", (Contour(SQUARE, "OPEN_PLANAR"),))
    second = replace(one_roi(moved), rois=(*one_roi(moved).rois, line))
    result = compare(replace(first, rois=(*first.rois, line)), second, grid, lambda done, of: told.append((done, of)))
    overlap = result.rois[0].overlap
    assert overlap.dice == pytest.approx(0.8)
    assert overlap.distances.hausdorff == pytest.approx(2.0)
    assert 0 < overlap.distances.mean < 2.0
    assert result.rois[1].overlap is None
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert compare(first, second).rois[0].overlap is None
    assert compare(first, first, grid).rois[0].overlap == Overlap(1.0, SurfaceDistances(0.0, 0.0, 0.0))
    assert compare(first, replace(second, rois=()), grid).rois[0].overlap is None


def test_an_emptied_roi_has_no_distance():
    result = compare(one_roi(SQUARE), StructureSet("b", (replace(one_roi(SQUARE).rois[0], contours=()),)))
    assert (result.rois[0].max_mm, result.rois[0].contours_a, result.rois[0].contours_b) == (None, 1, 0)


def test_another_order_is_not_identical():
    first = StructureSet("a", (Roi(1, "x"), Roi(2, "y")))
    assert not compare(first, replace(first, rois=first.rois[::-1])).identical


coordinate = st.floats(-50, 50)
curve = st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(curve, curve, st.booleans())
def test_distance_agrees_with_dense_sampling(a, b, closed):
    kind = "CLOSED_PLANAR" if closed else "OPEN_NONPLANAR"
    one, other = Contour(np.array(a), kind), Contour(np.array(b), kind)

    def dense(contour):
        points = contour.points_lps
        ring = np.vstack([points, points[:1]]) if contour.is_closed else points
        steps = np.linspace(0, 1, 101)[:, None, None]
        return (ring[:-1] + steps * np.diff(ring, axis=0)).reshape(-1, 3) if len(ring) > 1 else ring

    expected = max(
        cdist(one.points_lps, dense(other)).min(axis=1).max(), cdist(other.points_lps, dense(one)).min(axis=1).max()
    )
    result = largest_distance_mm((one,), (other,))
    assert result <= expected + 1e-9
    assert result >= expected - 2.0  # half a step of the longest possible segment


def test_rois_of_one_name_are_told_apart_by_their_numbers():
    first = one_roi(SQUARE)
    both = replace(first, rois=(*first.rois, replace(first.rois[0], number=7)))
    assert [one.name for one in compare(both, both).rois] == ["organ_1", "organ_7"]
    assert [(one.name, one.status) for one in compare(both, first).rois] == [("organ_1", "same"), ("organ_7", "only_a")]
    assert [(one.name, one.status) for one in compare(first, both).rois] == [("organ_1", "same"), ("organ_7", "only_b")]
