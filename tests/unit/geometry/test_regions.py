"""How closed curves of one plane make one region, however many they are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from rtvis.geometry.regions import Loops, find_joined, region_of


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40])
def test_holes_in_one_outline_and_islands_in_them_are_counted_by_the_even_odd_rule(count) -> None:
    rings = [shapely.box(0, 0, 500, 10)] if count else []
    for n in range(count):
        rings += [shapely.box(12 * n + 1, 1, 12 * n + 9, 9), shapely.box(12 * n + 3, 3, 12 * n + 6, 6)]
    corners = [shapely.get_coordinates(one)[:-1] for one in rings]
    points = np.vstack(corners) if rings else np.empty((0, 2))
    starts = np.arange(0, 4 * len(rings), 4)
    layers = np.zeros(len(rings), dtype=np.intp)
    joined = find_joined(points, starts, layers, np.zeros(len(rings), dtype=bool)) if rings else layers
    region = region_of(Loops(points, starts, layers, joined), 0)
    assert region.is_valid
    assert region.area == pytest.approx((5000 - count * (64 - 9)) if count else 0)
    assert sum(one.area > 0 for one in shapely.get_parts(region)) == (1 + count if count else 0)
