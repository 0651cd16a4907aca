"""Stacks taken apart into outlines, holes, islands."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.closed_stacks import closed_stacks
from rtvis.geometry.nested_levels import nested_levels
from rtvis.geometry.regions import region_of


def square(half, height, middle=(0.0, 0.0)) -> np.ndarray:
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]]) + middle
    return np.column_stack([corners, np.full(4, height)])


def areas(stack) -> list[float]:
    return [region_of(stack.loops, layer).area for layer in range(len(stack.positions_mm))]


def test_each_level_is_filled_and_their_difference_is_the_stack() -> None:
    curves = [square(half, height) for height in (0.0, 3.0) for half in (20.0, 15.0, 10.0, 5.0)]
    curves += [square(2.0, 3.0, (40.0, 0.0)), square(20.0, 6.0)]
    (stack,) = closed_stacks(curves).stacks
    levels = nested_levels(stack)
    assert [areas(one) for one in levels] == [
        pytest.approx([1600.0, 1616.0, 1600.0]),
        pytest.approx([900.0, 900.0]),
        pytest.approx([400.0, 400.0]),
        pytest.approx([100.0, 100.0]),
    ]
    assert [one.positions_mm.tolist() for one in levels] == [[0.0, 3.0, 6.0], *[[0.0, 3.0]] * 3]
    np.testing.assert_allclose(np.unique(levels[1].points_lps_mm[:, 2]), [0.0, 3.0])


def test_a_keyhole_is_an_outline_and_a_hole() -> None:
    outer, inner = square(10.0, 0.0), square(5.0, 0.0)[::-1]
    keyhole = np.concatenate([outer, outer[:1], inner[[1]], inner[[2, 3, 0, 1]]])
    (stack,) = closed_stacks([keyhole]).stacks
    assert [areas(one) for one in nested_levels(stack)] == [pytest.approx([400.0]), pytest.approx([100.0])]
