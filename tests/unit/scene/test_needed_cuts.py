"""Few half spaces that cut from a plane what many cut from it."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.view3d_state import CutToBox, HalfSpace
from rtvis.geometry.plane import Plane
from rtvis.scene.needed_cuts import needed_cuts

PLANE = Plane(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.6, 0.8]))
CORNERS = np.array(np.meshgrid([-30.0, 30.0], [-40.0, 40.0], [-50.0, 50.0])).reshape(3, -1).T


def inside(points, halves):
    return np.all([one.contains(points) for one in halves], axis=0)


def points_on_plane(random):
    points = PLANE.to_patient(random.uniform(-70, 70, (4000, 2)))
    return points[np.all(np.abs(points) <= [30.0, 40.0, 50.0], axis=1)]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_of_the_plane_is_the_same(seed):
    random = np.random.default_rng(seed)
    points = points_on_plane(random)
    normals = random.normal(size=(5, 3))
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    slanting = [HalfSpace(-random.uniform(2, 40) * one, one) for one in normals[:2]]
    box = CutToBox((-20.0, -25.0, -30.0), (18.0, 22.0, 28.0)).kept()
    needed = needed_cuts(PLANE, CORNERS, (*box, *slanting), most=8)
    assert len(needed) <= 8
    np.testing.assert_array_equal(inside(points, needed), inside(points, (*box, *slanting)))
    few = needed_cuts(PLANE, CORNERS, (*box, *slanting))
    assert len(few) <= 6
    np.testing.assert_array_equal(inside(points, few)[inside(points, needed)], True)


def test_sides_of_a_box_that_the_plane_is_between_or_doesnt_reach_are_not_needed():
    box = CutToBox((-20.0, -100.0, -100.0), (18.0, 22.0, 28.0)).kept()
    more = (HalfSpace(np.array([25.0, 0, 0]), np.array([-1.0, 0, 0])),)
    needed = needed_cuts(PLANE, CORNERS, (*box, *more))
    assert {id(one) for one in needed} < {id(one) for one in box}
    assert len(needed) == 3


@pytest.mark.parametrize("seed", range(6))
def test_what_comes_back_where_one_more_is_needed_than_can_be_is_the_least(seed):
    random, along = np.random.default_rng(seed), np.arange(-40, 40, 0.2)
    points = PLANE.to_patient(np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2))
    angles = np.arange(7) * 2 * np.pi / 7 + random.uniform(-0.2, 0.2, 7)
    outward = np.cos(angles)[:, None] * PLANE.u + np.sin(angles)[:, None] * PLANE.v
    sides = [HalfSpace(PLANE.origin_lps_mm + 20 * one, -one) for one in outward]
    back = [int(inside(points, [one for one in sides if one is not left]).sum()) for left in sides]
    few = needed_cuts(PLANE, CORNERS, sides)
    assert len(few) == 6
    assert inside(points, few).sum() == pytest.approx(min(back), rel=1e-3)


def test_where_nothing_is_left_nothing_is():
    points = points_on_plane(np.random.default_rng(0))
    box = CutToBox((-20.0, -25.0, -30.0), (18.0, 22.0, 28.0)).kept()
    away = HalfSpace(np.array([19.0, 0, 0]), np.array([1.0, 0, 0]))
    needed = needed_cuts(PLANE, CORNERS, (*box, away))
    assert len(needed) <= 6
    assert not inside(points, needed).any()


def test_as_many_as_can_be_are_all_given():
    box = CutToBox((-200.0, -200.0, -200.0), (200.0, 200.0, 200.0)).kept()
    assert needed_cuts(PLANE, CORNERS, box) == box
