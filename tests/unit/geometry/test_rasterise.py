from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.geometry.rasterise import Polygons, empty_mask, fill


def polygons(*loops, slices=None, joined=None) -> Polygons:
    arrays = [np.asarray(one, dtype=float) for one in loops]
    starts = np.cumsum([0, *(len(one) for one in arrays)])[:-1]
    numbers = np.zeros(len(arrays), dtype=np.intp) if slices is None else np.asarray(slices, dtype=np.intp)
    return Polygons(np.concatenate(arrays), starts, numbers, None if joined is None else np.asarray(joined))


def filled(*loops, shape=(1, 12, 14), **more) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    fill(polygons(*loops, **more), mask)
    return mask


def box(i0, j0, i1, j1) -> np.ndarray:
    return np.array([[i0, j0], [i1, j0], [i1, j1], [i0, j1]], dtype=float)


def by_hand(loop: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Even-odd along a line in the direction of falling rows, one centre at a time."""
    result = np.zeros((rows, columns), dtype=bool)
    for j in range(rows):
        for i in range(columns):
            for (x0, y0), (x1, y1) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
                if (x0 <= i) != (x1 <= i):
                    result[j, i] ^= y0 + (i - x0) * (y1 - y0) / (x1 - x0) <= j
    return result


def test_a_box_on_voxel_boundaries_has_no_rim() -> None:
    mask = filled(box(1.5, 2.5, 9.5, 6.5))[0]
    assert mask.sum() == 8 * 4
    assert mask[3:7, 2:10].all()


def test_a_box_on_voxel_centres_owns_its_left_and_upper_rim_only() -> None:
    mask = filled(box(2, 3, 6, 8))[0]
    assert mask.sum() == 4 * 5
    assert mask[3:8, 2:6].all()


@given(
    st.lists(st.tuples(st.integers(-4, 18), st.integers(-4, 16)), min_size=3, max_size=9),
    st.sampled_from([1.0, 0.5, 1 / 3]),
)
@settings(max_examples=80, deadline=None)
def test_any_polygon_follows_the_rule(corners, unit) -> None:
    loop = np.array(corners, dtype=float) * unit + (1 - unit) * 5
    loop = np.rint(loop * 2**24) / 2**24
    np.testing.assert_array_equal(filled(loop)[0], by_hand(loop, 12, 14))


@given(st.integers(0, 2**31), st.booleans(), st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_winding_and_the_first_corner_do_not_matter(seed, backwards, first) -> None:
    loop = np.random.default_rng(seed).uniform(-3, 15, (9, 2))
    other = np.roll(loop[::-1] if backwards else loop, first, axis=0)
    np.testing.assert_array_equal(filled(loop), filled(other))


@given(st.integers(0, 2**31), st.floats(-0.9, 0.9), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_of_two_neighbours_each_centre_is_in_exactly_one(seed, slant, parts) -> None:
    # A line from the left to the right rim, through whole and half numbers, cuts a box in two.
    generator = np.random.default_rng(seed)
    line = np.column_stack([np.linspace(1, 13, parts + 1), generator.integers(2, 20, parts + 1) / 2])
    line[:, 1] += slant * generator.integers(0, 2)
    upper = np.vstack([line, [[13, 0], [1, 0]]])
    lower = np.vstack([line[::-1], [[1, 11], [13, 11]]])
    one, other = filled(upper), filled(lower)
    assert not (one & other).any()
    np.testing.assert_array_equal(one | other, filled(box(1, 0, 13, 11)))


def test_corners_computed_with_rounding_count_as_what_they_mean() -> None:
    noise = np.random.default_rng(1).uniform(-1e-11, 1e-11, (50, 4, 2))
    for one in noise:
        np.testing.assert_array_equal(filled(box(2, 3, 6, 8) + one), filled(box(2, 3, 6, 8)))


def test_holes_islands_and_keyholes() -> None:
    rim, hole, island = box(0.5, 0.5, 11.5, 10.5), box(2.5, 2.5, 9.5, 8.5), box(4.5, 4.5, 6.5, 6.5)
    mask = filled(rim, hole, island)[0]
    assert mask.sum() == 110 - 42 + 4
    assert mask[5, 5]
    assert not mask[3, 3]
    keyhole = np.vstack([rim, rim[:1], hole[:1], hole[::-1], hole[-1:], hole[:1]])
    np.testing.assert_array_equal(filled(keyhole)[0], filled(rim, hole)[0])


def test_joined_polygons_are_united_and_holes_in_them_stay() -> None:
    one, other, hole = box(0.5, 0.5, 6.5, 6.5), box(4.5, 4.5, 10.5, 10.5), box(1.5, 1.5, 3.5, 3.5)
    mask = filled(one, other, hole, joined=[0, 0, 2])[0]
    assert mask.sum() == 36 + 36 - 4 - 4
    assert filled(one, other, hole)[0].sum() == 36 + 36 - 8 - 4


def test_polygons_outside_and_across_the_rim() -> None:
    mask = filled(box(-5, -5, 40, 3.5), box(20, 1, 30, 9), box(-9, 5, -2, 9))[0]
    assert mask[:4].all()
    assert not mask[4:].any()


def test_slices_are_apart() -> None:
    mask = filled(box(1, 1, 4, 4), box(2, 2, 5, 9), shape=(4, 12, 14), slices=[2, 0])
    assert mask.sum(axis=(1, 2)).tolist() == [21, 0, 9, 0]


@pytest.mark.parametrize("dense", [True, False])
def test_an_empty_mask_can_be_filled(dense) -> None:
    mask = empty_mask((20, 512, 512), dense=dense)
    assert not mask.any()
    fill(polygons(box(9.5, 9.5, 19.5, 19.5), slices=[7]), mask)
    assert mask.sum() == 100
