"""Painting into an ROI's contours: areas are exact, and what isn't touched stays what it was."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.editing.painting import Area, contours_on, painted, polygon_area
from rtvis.geometry.plane import Plane
from rtvis.model.structure_set import Contour, ImageReference, Roi

AXIAL = Plane([0, 0, 5], [1, 0, 0], [0, 1, 0])
OBLIQUE = Plane([10, -20, 30], [0.8, 0, 0.6], [0, 1, 0])


def square(plane: Plane, low: float, high: float, *, kind: str = "CLOSED_PLANAR") -> Contour:
    points = plane.to_patient(np.array([[low, low], [high, low], [high, high], [low, high]]))
    return Contour(points, kind, (ImageReference("1", "2"),), origin=object())


def area(roi: Roi, plane: Plane) -> float:
    return contours_on(roi, plane).region.area


def box(low: float, high: float, plane: Plane = AXIAL) -> Area:
    return Area(plane, shapely.box(low, low, high, high))


@pytest.mark.parametrize("plane", [AXIAL, OBLIQUE])
def test_an_area_that_overlaps_is_united_and_old_corners_keep_their_coordinates(plane) -> None:
    roi = Roi(1, "A", (square(plane, 0, 10.12),))
    result = painted(roi, [Area(plane, shapely.box(5, 5, 20, 20))], erase=False)
    (contour,) = result.contours
    assert area(result, plane) == pytest.approx(10.12**2 + 225 - 5.12**2)
    assert len(contour.points_lps) == 8
    old = {tuple(one) for one in np.round(roi.contours[0].points_lps, 9)}
    assert len(old & {tuple(one) for one in np.round(contour.points_lps, 9)}) == 3
    assert np.abs(plane.distances_mm(contour.points_lps)).max() < 1e-9
    assert contour.geometric_type == "CLOSED_PLANAR"
    assert contour.images == ()


def test_old_corners_are_the_same_numbers() -> None:
    points = np.array([[0.1, 0.2, 5.0], [10.3, 0.7, 5.0], [9.9, 10.1, 5.0], [0.3, 9.7, 5.0]])
    oblique = Plane([1 / 3, 2 / 7, 5.0], [np.cos(0.3), np.sin(0.3), 0], [-np.sin(0.3), np.cos(0.3), 0])
    result = painted(Roi(1, "A", (Contour(points, "CLOSED_PLANAR"),)), [box(-9, 0, oblique)], erase=False)
    new = {tuple(one) for one in result.contours[0].points_lps.tolist()}
    assert len({tuple(one) for one in points.tolist()} & new) >= 3


def test_an_area_apart_is_a_contour_of_its_own_and_the_others_stay_the_very_same() -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 10), square(OBLIQUE, 0, 10)))
    result = painted(roi, [box(20, 30)], erase=False)
    assert result.contours[0] is roi.contours[0]
    assert result.contours[1] is roi.contours[1]
    assert len(result.contours) == 3


def test_taking_away_inside_makes_a_hole_and_filling_it_gives_the_outline_back() -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 20),))
    holed = painted(roi, [box(5, 10)], erase=True)
    assert holed.contours[0] is roi.contours[0]
    assert area(holed, AXIAL) == pytest.approx(400 - 25)
    filled = painted(holed, [box(4, 11)], erase=False)
    assert [one is roi.contours[0] for one in filled.contours] == [True]


def test_taking_away_across_parts_and_taking_all_leaves_nothing() -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 20),))
    parted = painted(roi, [Area(AXIAL, shapely.box(-1, 8, 21, 12))], erase=True)
    assert len(parted.contours) == 2
    assert painted(roi, [box(-1, 21)], erase=True).contours == ()


def test_what_changes_nothing_gives_the_very_roi() -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 20), Contour(np.zeros((1, 3)), "POINT")))
    assert painted(roi, [box(5, 10)], erase=False) is roi
    assert painted(roi, [box(30, 40)], erase=True) is roi
    assert painted(roi, [Area(AXIAL, shapely.Polygon())], erase=False) is roi


def test_open_curves_points_and_other_planes_are_left_alone() -> None:
    line = Contour(np.array([[0, 0, 5], [20, 20, 5.0]]), "OPEN_PLANAR")
    above = square(Plane([0, 0, 8], [1, 0, 0], [0, 1, 0]), 0, 20)
    roi = Roi(1, "A", (line, above))
    result = painted(roi, [box(-5, 30)], erase=True)
    assert result is roi


def test_a_contour_a_little_beside_the_plane_is_painted_into_where_that_is_asked_for() -> None:
    beside = square(Plane([0, 0, 5.8], [1, 0, 0], [0, 1, 0]), 0, 10)
    roi = Roi(1, "A", (beside,))
    assert len(painted(roi, [box(5, 20)], erase=False).contours) == 2
    result = painted(roi, [box(5, 20)], erase=False, tolerance_mm=1.5)
    assert len(result.contours) == 1
    np.testing.assert_array_equal(result.contours[0].points_lps[:, 2], 5.8)


def test_a_contour_that_is_there_once_more_neither_erases_nor_is_lost() -> None:
    one = square(AXIAL, 0, 10)
    roi = Roi(1, "A", (one, square(AXIAL, 0, 10), square(AXIAL, 0, 10)))
    assert area(roi, AXIAL) == pytest.approx(100)
    assert len(painted(roi, [box(20, 30)], erase=False).contours) == 4
    assert len(painted(roi, [box(5, 12)], erase=False).contours) == 1


def test_xor_contours_stay_xor() -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 20, kind="CLOSEDPLANAR_XOR"),))
    result = painted(roi, [box(10, 30)], erase=False)
    assert [one.geometric_type for one in result.contours] == ["CLOSEDPLANAR_XOR"]


def test_a_stroke_that_crosses_itself_is_an_area_all_the_same() -> None:
    eight = AXIAL.to_patient([[0, 0], [10, 10], [10, 0], [0, 10]])
    assert polygon_area(AXIAL, eight).region.area == pytest.approx(50)
    assert polygon_area(AXIAL, eight[:2]).region.is_empty


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12), st.booleans()), max_size=12))
def test_any_strokes_give_the_area_that_set_operations_give(strokes) -> None:
    roi, expected = Roi(1, "A"), shapely.Polygon()
    for x, y, size, erase in strokes:
        disc = shapely.Point(x + 0.37, y - 0.21).buffer(size, quad_segs=6)
        expected = expected.difference(disc) if erase else expected.union(disc)
        roi = painted(roi, [Area(OBLIQUE, disc)], erase=erase)
    assert area(roi, OBLIQUE) == pytest.approx(expected.area, abs=0.01)
    assert all(one.geometric_type == "CLOSED_PLANAR" for one in roi.contours)


def test_two_halves_of_a_square_are_two_areas_and_not_one_written_twice() -> None:
    halves = [Contour(AXIAL.to_patient(np.array(one)), "CLOSED_PLANAR") for one in (
        [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [10.0, 10.0], [0.0, 10.0]],
    )]  # fmt: skip
    roi = Roi(1, "A", tuple(halves))
    assert area(roi, AXIAL) == pytest.approx(100)
    assert area(painted(roi, [Area(AXIAL, shapely.box(8, 1, 20, 3))], erase=False), AXIAL) == pytest.approx(100 + 20)


@pytest.mark.parametrize("erase", [False, True])
def test_contours_half_way_between_two_slices_take_the_areas_of_both_once(erase) -> None:
    roi = Roi(1, "A", (square(AXIAL, 0, 20),))
    below, above = (AXIAL.through([0, 0, height]) for height in (3.5, 6.5))
    areas = [Area(below, shapely.box(15, 5, 25, 10)), Area(above, shapely.box(12, 5, 27, 9))]
    result = painted(roi, areas, erase=erase, tolerance_mm=1.5)
    both = shapely.unary_union([one.region for one in areas])
    before = shapely.box(0, 0, 20, 20)
    expected = before.difference(both) if erase else before.union(both)
    assert area(result, AXIAL) == pytest.approx(expected.area, abs=1e-6)
