from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.distance_volumes import Margins, clipped, smoothed
from rtvis.geometry.plane import Plane


def test_negative_margins_are_refused() -> None:
    with pytest.raises(ValueError, match="0 mm or more"):
        Margins(-1, 0, 0, 0, 0, 0)


def test_smoothing_keeps_a_flat_face_and_takes_a_speck() -> None:
    mask = np.zeros((20, 40, 40), dtype=bool)
    mask[5:15, 8:32, 8:32] = True
    mask[10, 3, 3] = True
    found = smoothed(mask, (1.0, 1.0, 1.0), 1.5)
    assert not found[10, 3, 3]
    np.testing.assert_array_equal(found[10, 15:25], mask[10, 15:25])
    np.testing.assert_array_equal(smoothed(mask, (1.0, 1.0, 1.0), 0.0), mask)


def test_clipping_keeps_the_side_the_normal_points_to() -> None:
    mask = np.ones((6, 8, 10), dtype=bool)
    origins = np.arange(6)[:, None] * np.array([0.0, 0.0, 3.0])
    plane = Plane(np.array([0.0, 0.0, 6.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    found = clipped(mask, np.eye(4), origins, plane)
    assert found.all(axis=(1, 2)).tolist() == [False, False, True, True, True, True]
    assert found.any(axis=(1, 2)).tolist() == [False, False, True, True, True, True]
