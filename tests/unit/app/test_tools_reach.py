"""What a pointer meets: the contour that is drawn there, by its distance on the screen."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.tools_reach import contour_at, nearest_line, nearest_point, seen_contours
from rtvis.geometry.plane import Plane
from rtvis.model.structure_set import Contour, Roi

AXIAL = Plane([0, 0, 0], [1, 0, 0], [0, 1, 0])
SAGITTAL = Plane([0, 0, 0], [0, 1, 0], [0, 0, -1])
SQUARE = np.array([[-10.0, -8, 0], [10, -8, 0], [10, 8, 0], [-10, 8, 0]])


def roi(*contours):
    return Roi(1, "Box", tuple(Contour.drawn(points, closed=closed) for points, closed in contours))


def test_only_contours_near_the_plane_or_through_it_are_seen():
    one = roi((SQUARE, True), (SQUARE + np.array([0, 0, 3]), True), ([[0, 0, -20], [3, 1, 20]], False))
    assert [seen.number for seen in seen_contours(one, AXIAL, 1.0)] == [0, 2]
    assert [seen.near.any() for seen in seen_contours(one, AXIAL, 1.0)] == [True, False]
    assert seen_contours(None, AXIAL, 1.0) == []


def test_the_line_that_closes_a_contour_is_met_and_that_of_an_open_one_isn_t():
    assert nearest_line(roi((SQUARE, True)), [-10, 0, 0], AXIAL, 1.0, 1.0)[:2] == (0, 3)
    assert nearest_line(roi((SQUARE, False)), [-10, 0, 0], AXIAL, 1.0, 1.0) is None


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_the_place_on_a_line_is_the_nearest_one(share):
    way = np.array([[0.0, 0, 0], [30, 10, 0]])
    place = way[0] + share * (way[1] - way[0])
    beside = place + 0.5 * np.array([-10, 30, 0]) / np.hypot(30, 10)
    found = nearest_line(roi((way, False)), beside, AXIAL, 1.0, 1.0)
    np.testing.assert_allclose(found[2], place, atol=1e-4)
    assert nearest_line(roi((way, False)), beside, AXIAL, 0.4, 1.0) is None


def test_a_line_right_through_the_plane_is_met_on_it():
    through = roi(([[2.0, 3, -4], [2, 3, 12]], False))
    found = nearest_line(through, [2.1, 3, 0], AXIAL, 1.0, 1.5)
    np.testing.assert_allclose(found[2], [2, 3, 0], atol=1e-9)
    np.testing.assert_allclose(nearest_line(roi((SQUARE, True)), [0, 8, 0], SAGITTAL, 1.0, 0.5)[2], [0, 8, 0])


def test_a_line_is_met_only_as_far_as_it_is_near_the_plane():
    rising = roi(([[0.0, 0, 0], [20, 0, 20]], False))
    assert nearest_line(rising, [1.0, 0, 0], AXIAL, 0.5, 2.0) is not None
    assert nearest_line(rising, [8.0, 0, 0], AXIAL, 0.5, 2.0) is None


def test_the_nearest_of_several_points_and_a_lone_one():
    one = roi((SQUARE, True), ([[9.0, -7.2, 0]], False))
    assert nearest_point(one, [9.2, -7.3, 0], AXIAL, 2.0, 1.0) == (1, 0)
    assert nearest_point(one, [9.9, -8.1, 0], AXIAL, 2.0, 1.0) == (0, 1)
    assert nearest_point(one, [0, 0, 0], AXIAL, 2.0, 1.0) is None
    assert contour_at(roi(([[9.0, -7.2, 0]], False)), [9.2, -7.3, 0], AXIAL, 2.0, 1.0) == 0


@pytest.mark.parametrize(("height", "met"), [(-1.6, False), (-1.4, True), (3.9, True), (4.1, False)])
def test_a_depth_may_be_another_along_the_normal_than_against_it(height, met):
    one = roi((SQUARE + np.array([0, 0, height]), True))
    depth = (1.5, 4.0)
    assert (contour_at(one, [-10, 0, 0], AXIAL, 1.0, depth) == 0) == met
    assert (nearest_point(one, [-10, -8, 0], AXIAL, 1.0, depth) == (0, 0)) == met
    assert AXIAL.is_near(one.contours[0].points_lps, depth).all() == met
    rising = roi(([[0, 0, -10.0], [20, 0, 10]], False))  # at x its height is x - 10
    assert (nearest_line(rising, [10 + height, 0, 0], AXIAL, 0.05, depth) is not None) == met
