"""Rasterising by the even-odd rule, against shapely."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.surfaces.even_odd import even_odd_mask

CORNERS = st.lists(st.tuples(st.floats(-3, 23), st.floats(-3, 18)), min_size=3, max_size=9)


@settings(max_examples=80, deadline=None)
@given(corners=CORNERS)
def test_pixels_are_in_when_a_ray_crosses_an_odd_number_of_edges(corners):
    # Off the pixel centres, so that the answer doesn't hang on the last bit.
    polygon = np.round(np.array(corners), 2) + np.array([0.00312, 0.00487])
    mask = even_odd_mask([polygon], (15, 20))
    following = np.roll(polygon, -1, axis=0)
    for row in range(15):
        for column in range(20):
            odd = False
            for (x0, y0), (x1, y1) in zip(polygon, following, strict=True):
                if (y0 <= row) != (y1 <= row) and column >= x0 + (row - y0) / (y1 - y0) * (x1 - x0):
                    odd = not odd
            assert mask[row, column] == odd


def test_area_is_that_of_the_polygon():
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    polygon = np.column_stack([100 + 80.3 * np.cos(angle), 100 + 60.7 * np.sin(angle)])
    mask = even_odd_mask([polygon], (200, 200))
    assert abs(mask.sum() / shapely.Polygon(polygon).area - 1) < 2e-3


def test_a_hole_and_a_polygon_outside():
    square = np.array([[2, 2], [12, 2], [12, 12], [2, 12]], float) + 0.5
    hole = (square - 7.5) / 2 + 7.5
    mask = even_odd_mask([square, hole, square + 100], (20, 20))
    assert mask[3, 3]
    assert not mask[7, 7]
    assert mask.sum() == 75


def test_too_few_corners_are_nothing():
    assert not even_odd_mask([np.array([[1.0, 1.0], [5.0, 5.0]])], (8, 8)).any()
