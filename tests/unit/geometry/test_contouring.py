from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from rtvis.geometry.closed_stacks import _areas
from rtvis.geometry.contouring import LARGEST_EXACT, level_lines, outlines
from rtvis.geometry.rasterise import Polygons, fill


def filled_again(found, shape) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    fill(Polygons(found.corners_ij, found.starts, found.slices), mask)
    return mask


@given(st.integers(0, 2**31), st.sampled_from([0.0, 1.0, 2.5]), st.sampled_from([0.0, 0.2, LARGEST_EXACT]))
@settings(max_examples=60, deadline=None)
def test_filled_again_any_mask_is_the_same(seed, smooth, tolerance) -> None:
    noise = np.random.default_rng(seed).normal(size=(3, 24, 31))
    mask = (gaussian_filter(noise, (0, smooth, smooth)) if smooth else noise) > 0
    found = outlines(mask, (1.0, 1.0), tolerance)
    np.testing.assert_array_equal(filled_again(found, mask.shape), mask)


@pytest.mark.parametrize("pixel", [(2.0, 0.5), (0.7, 1.3)])
def test_the_same_with_pixels_that_are_not_square(pixel) -> None:
    mask = gaussian_filter(np.random.default_rng(3).normal(size=(4, 40, 50)), (0, 2, 2)) > 0
    found = outlines(mask, pixel, LARGEST_EXACT * min(pixel))
    assert len(found.corners_ij) < len(outlines(mask, pixel).corners_ij)
    np.testing.assert_array_equal(filled_again(found, mask.shape), mask)


def test_a_hole_is_a_loop_of_its_own_that_turns_the_other_way() -> None:
    mask = np.zeros((1, 12, 12), dtype=bool)
    mask[0, 2:10, 2:10] = True
    mask[0, 4:7, 4:7] = False
    found = outlines(mask)
    areas = _areas(found.corners_ij, found.starts, found.sizes)
    assert len(areas) == 2
    assert areas[0] * areas[1] < 0
    assert abs(areas.sum()) == pytest.approx(64 - 9, abs=1.1)


def test_pixels_that_touch_at_a_corner_are_outlined_one_by_one() -> None:
    mask = np.zeros((1, 5, 5), dtype=bool)
    mask[0, 1, 1] = mask[0, 2, 2] = True
    found = outlines(mask)
    assert found.sizes.tolist() == [4, 4]
    mask[0] = mask[0, :, ::-1]
    np.testing.assert_array_equal(filled_again(outlines(mask), mask.shape), mask)


def test_a_mask_that_fills_the_raster_is_outlined_half_a_pixel_outside() -> None:
    mask = np.ones((2, 4, 6), dtype=bool)
    found = outlines(mask)
    assert found.corners_ij.min(axis=0).tolist() == [-0.5, -0.5]
    assert found.corners_ij.max(axis=0).tolist() == [5.5, 3.5]
    np.testing.assert_array_equal(filled_again(found, mask.shape), mask)


def test_an_empty_mask_has_no_outlines() -> None:
    assert len(outlines(np.zeros((2, 3, 4), dtype=bool)).starts) == 0


def test_simplification_keeps_to_its_tolerance_and_the_area() -> None:
    j, i = np.indices((120, 120))
    mask = ((i - 60.3) ** 2 + (j - 58.8) ** 2 <= 45**2)[None]
    exact, simple = outlines(mask), outlines(mask, tolerance_mm=1.5)
    assert len(simple.corners_ij) < len(exact.corners_ij) / 4
    radii = np.linalg.norm(simple.corners_ij - [60.3, 58.8], axis=1)
    assert np.abs(radii - 45).max() < 1.5
    assert abs(_areas(exact.corners_ij, exact.starts, exact.sizes)[0]) == pytest.approx(np.pi * 45**2, rel=0.002)


def test_lines_of_many_levels_are_those_of_each():
    y, x = np.mgrid[:31, :41]
    field = 10.0 - np.hypot(x - 20.3, y - 14.7) + 2.0 * np.cos(x / 2)
    field[[0, -1], :] = field[:, [0, -1]] = np.nan
    levels = (-3.0, 2.5, 6.0, 99.0)
    for level, loops in zip(levels, level_lines(field, levels), strict=True):
        (alone,) = level_lines(field - level, (0.0,))
        assert len(loops) == len(alone)
        for one, same in zip(loops, alone, strict=True):
            np.testing.assert_allclose(one, same, atol=1e-12)
    assert [len(loops) > 0 for loops in level_lines(field, levels)] == [True, True, True, False]
    assert level_lines(field, ()) == []
