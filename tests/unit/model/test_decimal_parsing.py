from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.model.decimal_parsing import parse_plain

plain = st.one_of(
    st.integers(-99_999_999, 99_999_999).map(str),
    st.builds(
        lambda sign, whole, decimals: f"{sign}{whole}.{decimals}",
        st.sampled_from(["", "-"]),
        st.integers(0, 999_999).map(str),
        st.integers(0, 999_999_999).map(str),
    ),
    st.sampled_from(["-0", "0.0", "-.5", ".25", "7.", "00012.50", "0.00000000000001", "123456.123456789"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(plain, min_size=1, max_size=30), min_size=1, max_size=5))
def test_plain_values_become_the_nearest_doubles(lists):
    parsed = parse_plain(["\\".join(texts).encode() for texts in lists])
    for texts, numbers in zip(lists, parsed, strict=True):
        expected = np.array([float(text) for text in texts])
        assert numbers is not None
        assert np.array_equal(numbers, expected)
        assert np.array_equal(np.signbit(numbers), np.signbit(expected))
        assert not numbers.flags.writeable


@pytest.mark.parametrize(
    "odd",
    [
        *("", "-", ".", "-.", "--1", "1-", "1.2.3", "1..2", "+1", "1e5", "1E5", " 1", "1 ", "1 2", "nan", "inf", "0x1"),
        *("123456789", "1.123456789012345", "1234567.123456789", "1/2", "1:2", "\xb2", "1,5", "1\0"),
    ],
)
def test_what_is_not_plain_is_left_to_others(odd):
    texts = [b"1\\2.5\\-3", odd.encode("latin-1"), b"4\\" + odd.encode("latin-1") + b"\\6", b"7"]
    first, second, third, fourth = parse_plain(texts)
    assert second is None
    assert third is None
    assert first is not None
    assert fourth is not None
    assert (first.tolist(), fourth.tolist()) == ([1, 2.5, -3], [7])


def test_nothing():
    assert parse_plain([]) == []
