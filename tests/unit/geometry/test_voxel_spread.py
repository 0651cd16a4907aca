from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.distance_volumes import Margins, grown, shrunk
from rtvis.geometry.grid import Grid
from rtvis.geometry.voxel_spread import kept, spread


def grid_of(gaps, tilt) -> Grid:
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    turn = np.array([np.cos(0.3), np.sin(0.3), 0.0]), np.array([-np.sin(0.3), np.cos(0.3), 0.0])
    origins = heights[:, None] * (np.array([0.0, 0.0, 1.0]) + tilt * turn[1] - 0.4 * tilt * turn[0])
    return Grid.from_slices(origins, [*turn[0], *turn[1]], (1.3, 0.9), (13, 15))


def some(shape) -> np.ndarray:
    mask = np.random.default_rng(8).random(shape) < 0.01
    mask[3, 5:8, 6:11] = True
    mask[0, 0, 0] = mask[-1, -1, -1] = True
    return mask


@pytest.mark.parametrize("gaps", [[2.0, 3.0, 2.5, 1.5, 2.0], [2.0] * 5])
@pytest.mark.parametrize("sizes", [(2.5,) * 6, (1.0, 3.3, 0.0, 2.0, 4.1, 2.1)])
def test_what_is_within_margins_of_a_voxel_is_found_as_pair_by_pair(gaps, sizes) -> None:
    grid = grid_of(gaps, 0.3)
    mask = some(grid.shape)
    k, j, i = np.indices(grid.shape).reshape(3, -1)
    points = grid.to_patient(np.column_stack([i, j, k]))
    away = points[:, None] - points[mask.reshape(-1)][None]
    total = np.zeros(away.shape[:2])
    axes = (grid.row_direction, grid.column_direction, grid.normal)
    for axis, low, high in zip(axes, sizes[::2], sizes[1::2], strict=True):
        along = away @ axis
        along[np.abs(along) < 1e-9] = 0.0
        half = np.maximum(np.where(along > 0, high, low), 1e-6)
        total += (along / half) ** 2
    expected = (total <= 1 + 1e-6).any(axis=1).reshape(grid.shape)
    np.testing.assert_array_equal(spread(mask, grid, Margins(*sizes)), expected)


def test_on_an_even_grid_it_is_what_even_grids_get() -> None:
    grid = grid_of([2.0] * 5, 0.0)
    mask = some(grid.shape)
    margins = Margins(1.0, 3.3, 0.0, 2.0, 4.1, 2.1)
    np.testing.assert_array_equal(spread(mask, grid, margins), grown(mask, grid.spacing_mm, margins))
    np.testing.assert_array_equal(kept(~mask, grid, margins), shrunk(~mask, grid.spacing_mm, margins))


def test_nothing_spreads_to_nothing() -> None:
    grid = grid_of([2.0, 3.0], 0.2)
    empty = np.zeros(grid.shape, dtype=bool)
    assert not spread(empty, grid, Margins.uniform(5)).any()
    assert not kept(empty, grid, Margins.uniform(5)).any()
    assert not kept(~empty, grid, Margins.uniform(50)).any()
