from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely

from rtvis.geometry.keyhole import depths, keyhole, parents
from rtvis.geometry.polyline import signed_area_mm2


def square(x, y, half):
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]], float)


def circle(x, y, radius, count=40):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def test_rings_lie_in_the_smallest_that_holds_them():
    rings = [square(0, 0, 10), square(0, 0, 8), square(1, 1, 2), square(20, 0, 5), square(-6, -6, 1)]
    found = parents(rings)
    assert found == [None, 0, 1, None, 1]
    assert depths(found) == [0, 1, 2, 0, 2]


@pytest.mark.parametrize(
    "other",
    [
        square(10, 0, 4),  # over the edge
        np.array([[-12, -1], [12, -1], [12, 1], [-12, 1]], float),  # right through: no corner inside
    ],
)
def test_crossing_rings_have_no_order(other):
    assert parents([square(0, 0, 10), other]) is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_keyhole_has_the_area_without_the_holes(turned):
    outline = circle(0, 0, 50, 90)
    holes = [circle(-20, 0, 8), circle(20, 5, 12), circle(0, -30, 5, 7), circle(-20, 20, 3)]
    if turned:
        holes = [one[::-1] for one in holes]
    path = keyhole(outline, holes)
    assert path is not None
    rings = [outline, *holes]
    ring = np.array([rings[number][point] for number, point in path])
    expected = abs(signed_area_mm2(outline)) - sum(abs(signed_area_mm2(one)) for one in holes)
    assert abs(signed_area_mm2(ring)) == pytest.approx(expected, rel=1e-12)
    assert set(path) == {(number, point) for number, one in enumerate(rings) for point in range(len(one))}
    assert len(path) == sum(len(one) for one in rings) + 2 * len(holes)
    # Even-odd, as a receiver fills it: what is in the outline and in no hole.
    filled = shapely.Polygon(outline, holes)
    places = np.random.default_rng(3).uniform(-55, 55, (2000, 2))
    wanted = shapely.contains_xy(filled, places[:, 0], places[:, 1])
    assert np.array_equal(shapely.contains_xy(shapely.Polygon(ring), places[:, 0], places[:, 1]), wanted)


def test_channels_cross_nothing():
    # The hole's nearest point of the outline is behind another hole's corner.
    outline = square(0, 0, 20)
    wall = np.array([[-15, 10], [15, 10], [15, 12], [-15, 12]], float)
    path = keyhole(outline, [wall, square(0, 5, 2)])
    assert path is not None
    rings = [outline, wall, square(0, 5, 2)]
    ring = [tuple(rings[number][point]) for number, point in path]
    for start, end in itertools.pairwise(ring):
        line = shapely.LineString([start, end])
        assert not any(shapely.crosses(shapely.Polygon(one), line) for one in rings[1:])
