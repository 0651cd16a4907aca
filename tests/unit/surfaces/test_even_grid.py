"""Resampling of uneven and sheared stacks."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.grid import Grid
from rtvis.surfaces.even_grid import resampled_evenly

UNEVEN = (0.0, 2.0, 4.0, 9.0, 14.0, 16.0)


def ramp_on(grid):
    """Values that are a straight function of patient coordinates: linear interpolation must give it back."""
    k, j, i = np.indices(grid.shape)
    points = grid.to_patient(np.stack([i, j, k], axis=-1))
    return (points @ [0.7, -0.4, 1.3]).astype(np.float32)


@pytest.mark.parametrize("shear", [0.0, 0.25])
@pytest.mark.parametrize("orientation", [[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]])
def test_a_straight_ramp_stays_what_it_is(shear, orientation):
    normal = np.cross(orientation[:3], orientation[3:])
    stack = normal + shear * np.array(orientation[3:])
    grid = Grid.from_slices(np.outer(UNEVEN, stack) + np.array([5, 6, 7]), orientation, (1.5, 0.8), (30, 40))
    even, voxels = resampled_evenly(grid, ramp_on(grid))
    assert even.regular
    assert even.shape == voxels.shape
    assert even.spacing_mm == pytest.approx((2.0, 1.5, 0.8))
    k, j, i = np.indices(even.shape)
    points = even.to_patient(np.stack([i, j, k], axis=-1))
    index = grid.to_index(points)
    inside = np.all((index >= 0) & (index <= np.array(grid.shape[::-1]) - 1), axis=-1)
    assert inside.mean() > 0.6
    np.testing.assert_allclose(voxels[inside], (points @ [0.7, -0.4, 1.3])[inside], atol=1e-3)


def test_it_covers_the_whole_stack():
    grid = Grid.from_slices(np.outer(UNEVEN, [0, 0.3, 1]), [1, 0, 0, 0, 1, 0], (1.0, 1.0), (20, 20))
    even, _ = resampled_evenly(grid, np.zeros(grid.shape, np.int16))
    low, high = even.corners_lps_mm().min(axis=0), even.corners_lps_mm().max(axis=0)
    points = grid.to_patient([[0, 0, 0], [19, 19, 5], [0, 19, 5], [19, 0, 0]])
    assert np.all(points >= low - 1e-6)
    assert np.all(points <= high + 1e-6)


def test_integers_stay_integers():
    grid = Grid.from_slices(np.outer(UNEVEN, [0, 0, 1]), [1, 0, 0, 0, 1, 0], (1.0, 1.0), (4, 4))
    voxels = np.arange(6, dtype=np.int16)[:, None, None] * np.ones((4, 4), np.int16)
    _, result = resampled_evenly(grid, voxels)
    assert result.dtype == np.int16
    assert list(result[:, 0, 0][[0, 1, 2, -1]]) == [0, 1, 2, 5]
