from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from rtvis.geometry.distance_volumes import (
    Margins,
    clipped,
    grown,
    ring,
    shrunk,
    signed_distance_mm,
    smoothed,
    with_margin,
)
from rtvis.geometry.plane import Plane

SPACING = (3.0, 1.0, 1.5)


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
    found = grown(mask, (1.0, 1.0, 1.0), margins)
    k, j, i = np.indices(mask.shape) - 20
    half_i, half_j, half_k = np.where(i < 0, 3, 6), np.where(j < 0, 2, 8), np.where(k < 0, 9, 4)
    np.testing.assert_array_equal(found, (i / half_i) ** 2 + (j / half_j) ** 2 + (k / half_k) ** 2 <= 1 + 1e-6)


def test_a_margin_is_in_mm_whatever_the_spacing() -> None:
    mask = np.zeros((21, 31, 31), dtype=bool)
    mask[10, 15, 15] = True
    found = np.argwhere(grown(mask, SPACING, Margins.uniform(6.0))) - [10, 15, 15]
    np.testing.assert_array_equal(found.max(axis=0), [2, 6, 4])
    assert np.linalg.norm(found * SPACING, axis=1).max() <= 6.0
    nearly = grown(mask, SPACING, Margins(6.0, 6.0, 6.0, 6.0, 6.0, 6.0001))
    np.testing.assert_array_equal(nearly, grown(mask, SPACING, Margins.uniform(6.0)))


def test_a_margin_of_nothing_in_a_direction_moves_nothing_there() -> None:
    mask = blob(3)
    found = grown(mask, SPACING, Margins(0, 5, 0, 0, 0, 0))
    assert found.sum() > mask.sum()
    np.testing.assert_array_equal(found.any(axis=2), mask.any(axis=2))
    np.testing.assert_array_equal(grown(mask, SPACING, Margins.uniform(0)), mask)


@given(st.integers(0, 2**31), st.lists(st.sampled_from([0.0, 1.0, 2.5, 3.5]), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_out_and_in_again_contains_the_original(seed, sizes) -> None:
    mask = blob(seed)
    margins = Margins(*sizes[:4], min(sizes[4], 3.0), min(sizes[5], 3.0))
    again = shrunk(grown(mask, SPACING, margins), SPACING, margins)
    assert not (mask & ~again).any()
    inner = shrunk(mask, SPACING, margins)
    assert not (inner & ~mask).any()


def test_shrinking_moves_each_side_by_its_own_margin() -> None:
    mask = np.zeros((12, 30, 30), dtype=bool)
    mask[2:10, 5:25, 5:25] = True
    found = np.argwhere(shrunk(mask, (3.0, 1.0, 1.0), Margins(1, 2, 3, 4, 3, 6)))
    assert found.min(axis=0).tolist() == [3, 8, 6]
    assert found.max(axis=0).tolist() == [7, 20, 22]


def test_negative_margins_shrink_and_a_ring_is_what_lies_between() -> None:
    mask = blob(5)
    outer, inner = with_margin(mask, SPACING, 3.0), with_margin(mask, SPACING, -1.5)
    np.testing.assert_array_equal(ring(mask, SPACING, 1.5, 3.0), outer & ~inner)
    with pytest.raises(ValueError, match="0 mm or more"):
        Margins(-1, 0, 0, 0, 0, 0)


def test_distances_change_sign_at_the_surface() -> None:
    mask = np.zeros((20, 20, 20), dtype=bool)
    mask[5:15, 5:15, 5:15] = True
    found = signed_distance_mm(mask, (1.0, 1.0, 1.0))
    assert found[10, 10, 5] == 0.5
    assert found[10, 10, 4] == -0.5
    assert found[10, 10, 9] == 4.5
    assert np.isneginf(signed_distance_mm(np.zeros((2, 2, 2), dtype=bool), (1.0, 1.0, 1.0))).all()


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
