from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from rtvis.geometry.distance_volumes import Margins
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


def test_nothing_spreads_to_nothing() -> None:
    grid = grid_of([2.0, 3.0], 0.2)
    empty = np.zeros(grid.shape, dtype=bool)
    assert not spread(empty, grid, Margins.uniform(5)).any()
    assert not kept(empty, grid, Margins.uniform(5)).any()
    assert not kept(~empty, grid, Margins.uniform(50)).any()


SPACING = (3.0, 1.0, 1.5)


def even_grid(shape, spacing) -> Grid:
    origins = np.arange(shape[0])[:, None] * np.array([0.0, 0.0, spacing[0]])
    return Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], spacing[1:], shape[1:])


def blob(seed, shape=(12, 22, 20), room=4) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.5)
    mask = noise > np.percentile(noise, 80)
    mask[:2] = mask[-2:] = False
    mask[:, :room] = mask[:, -room:] = mask[:, :, :room] = mask[:, :, -room:] = False
    return mask


def test_six_different_margins_are_six_half_axes() -> None:
    mask = np.zeros((41, 41, 41), dtype=bool)
    mask[20, 20, 20] = True
    margins = Margins(i_low=3, i_high=6, j_low=2, j_high=8, k_low=9, k_high=4)
    found = spread(mask, even_grid(mask.shape, (1.0, 1.0, 1.0)), margins)
    k, j, i = np.indices(mask.shape) - 20
    half_i, half_j, half_k = np.where(i < 0, 3, 6), np.where(j < 0, 2, 8), np.where(k < 0, 9, 4)
    np.testing.assert_array_equal(found, (i / half_i) ** 2 + (j / half_j) ** 2 + (k / half_k) ** 2 <= 1 + 1e-6)


def test_a_margin_is_in_mm_whatever_the_spacing() -> None:
    mask = np.zeros((21, 31, 31), dtype=bool)
    mask[10, 15, 15] = True
    found = np.argwhere(spread(mask, even_grid(mask.shape, SPACING), Margins.uniform(6.0))) - [10, 15, 15]
    np.testing.assert_array_equal(found.max(axis=0), [2, 6, 4])
    assert np.linalg.norm(found * SPACING, axis=1).max() <= 6.0
    nearly = spread(mask, even_grid(mask.shape, SPACING), Margins(6.0, 6.0, 6.0, 6.0, 6.0, 6.0001))
    np.testing.assert_array_equal(nearly, spread(mask, even_grid(mask.shape, SPACING), Margins.uniform(6.0)))


def test_a_margin_of_nothing_in_a_direction_moves_nothing_there() -> None:
    mask = blob(3)
    found = spread(mask, even_grid(mask.shape, SPACING), Margins(0, 5, 0, 0, 0, 0))
    assert found.sum() > mask.sum()
    np.testing.assert_array_equal(found.any(axis=2), mask.any(axis=2))
    np.testing.assert_array_equal(spread(mask, even_grid(mask.shape, SPACING), Margins.uniform(0)), mask)


@given(st.integers(0, 2**31), st.lists(st.sampled_from([0.0, 1.0, 2.5, 3.5]), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_out_and_in_again_contains_the_original(seed, sizes) -> None:
    mask = blob(seed)
    margins = Margins(*sizes[:4], min(sizes[4], 3.0), min(sizes[5], 3.0))
    again = kept(spread(mask, even_grid(mask.shape, SPACING), margins), even_grid(mask.shape, SPACING), margins)
    assert not (mask & ~again).any()
    inner = kept(mask, even_grid(mask.shape, SPACING), margins)
    assert not (inner & ~mask).any()


def test_shrinking_moves_each_side_by_its_own_margin() -> None:
    mask = np.zeros((12, 30, 30), dtype=bool)
    mask[2:10, 5:25, 5:25] = True
    found = np.argwhere(kept(mask, even_grid(mask.shape, (3.0, 1.0, 1.0)), Margins(1, 2, 3, 4, 3, 6)))
    assert found.min(axis=0).tolist() == [3, 8, 6]
    assert found.max(axis=0).tolist() == [7, 20, 22]
