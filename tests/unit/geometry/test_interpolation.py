from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.interpolation import between_curves


def test_open_curves_are_interpolated_point_by_point() -> None:
    one = np.array([[0.0, 0, 0], [10, 0, 0]])
    other = np.array([[10.0, 4, 4], [5, 4, 4], [0, 4, 4]])
    found = between_curves(one, other, 0.5)
    np.testing.assert_allclose(found, [[0, 2, 2], [5, 2, 2], [10, 2, 2]])
    with pytest.raises(ValueError, match="two points"):
        between_curves(one[:1], other, 0.5)


def test_corresponding_points_are_at_equal_parts_of_the_lengths() -> None:
    one = np.array([[0.0, 0, 0], [1, 0, 0], [10, 0, 0]])
    other = np.array([[0.0, 8, 2], [20, 8, 2]])
    np.testing.assert_allclose(between_curves(one, other, 0.25), [[0, 2, 0.5], [8.75 - 2.5, 2, 0.5], [12.5, 2, 0.5]])
