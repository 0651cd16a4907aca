from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.model.decimal_formatting import join_all_ds
from rtvis.model.decimal_string import join_ds, round_to_ds

rounded = st.builds(round, st.floats(-2000, 2000), st.integers(0, 14))
awkward = st.sampled_from(
    [0.0, -0.0, 0.1, 1e-4, 9.9e-5, 1e8, 99_999_999.0, -99_999_999.5, 9999.99999999, 10_000.0, 1e15, 1e16, 5e-324, 1e308]
)
drawn = st.floats(-500, 500).map(lambda value: float(round_to_ds(value)))
values = st.one_of(rounded, drawn, awkward, st.floats(allow_nan=False, allow_infinity=False))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(values, max_size=12), max_size=6))
def test_texts_are_those_of_the_one_formatter(lists):
    arrays = [np.array(one, dtype=np.float64) for one in lists]
    assert join_all_ds(arrays) == [join_ds(one).encode() for one in arrays]


@pytest.mark.parametrize("decimals", range(15))
def test_many_values_of_one_kind(decimals):
    numbers = np.round(np.random.default_rng(decimals).normal(0, 200, (5000, 3)), decimals)
    arrays = np.split(numbers, [10, 11, 2000, 4990])
    assert join_all_ds(arrays) == [join_ds(one).encode() for one in arrays]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_ds_can_not_hold(bad):
    with pytest.raises(ValueError, match="DS can't hold"):
        join_all_ds([np.array([1.0, bad])])
