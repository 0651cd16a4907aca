"""Rounding many numbers to DS at once gives what formatting each of them gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.model.decimal_string import format_ds, round_to_ds


def one_by_one(values: np.ndarray) -> np.ndarray:
    return np.array([float(format_ds(value)) for value in values.tolist()])


def test_many_numbers_of_all_sizes() -> None:
    chance = np.random.default_rng(5)
    sign = chance.choice([-1.0, 1.0], 20_000)
    for values in (
        chance.normal(0, 150, 20_000),
        np.round(chance.normal(0, 150, 20_000), 3),
        np.round(chance.normal(0, 150, 20_000), 2) + 1e-13 * chance.integers(-5, 5, 20_000),
        sign * 10.0 ** chance.uniform(-6, 15, 20_000),
        sign * (chance.integers(0, 10**6, 20_000) + 0.5) / 10.0 ** chance.integers(1, 15, 20_000),
    ):
        np.testing.assert_array_equal(round_to_ds(values), one_by_one(values))


@settings(max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number(value) -> None:
    assert round_to_ds([value])[0] == float(format_ds(value))


def test_numbers_next_to_powers_of_ten() -> None:
    powers = 10.0 ** np.arange(-4, 14)
    values = np.concatenate([powers, np.nextafter(powers, 0), np.nextafter(powers, 1e300), -np.nextafter(powers, 0)])
    np.testing.assert_array_equal(round_to_ds(values), one_by_one(values))


def test_shape_is_kept_and_what_ds_can_not_hold_is_refused() -> None:
    assert round_to_ds(np.zeros((4, 3))).shape == (4, 3)
    assert round_to_ds([]).shape == (0,)
    with pytest.raises(ValueError, match="can't hold"):
        round_to_ds([1.0, np.nan])
