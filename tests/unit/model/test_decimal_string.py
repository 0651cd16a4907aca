from __future__ import annotations

import math
import re
import time
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtvis.model.decimal_string import format_ds, join_ds, round_to_ds

FINITE = st.floats(allow_nan=False, allow_infinity=False)
COORDINATE = st.floats(-1000, 1000)
DS = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def every_text(number: float) -> set[str]:
    """All texts of at most 16 characters in plain or scientific notation, rounded to each number of digits."""
    texts = set()
    for digits in range(18):
        if abs(number) < 1e17:
            texts.add(f"{number:.{digits}f}")
        mantissa, exponent = f"{number:.{digits}e}".split("e")
        texts.add(f"{mantissa}e{int(exponent)}")
    return {text for text in texts if len(text) <= 16 and math.isfinite(float(text))}


@given(st.one_of(FINITE, COORDINATE, st.floats(-1e-3, 1e-3), st.floats(-1e17, 1e17)))
@example(0.1)
@example(-0.0)
@example(9.9999999999999999)
@example(999999999999999.9)
@example(-999999999999999.9)
@example(-99999999999999.99)
@example(99999999999999.999)
@example(9999999999999999.0)
@example(1234567890123456.7)
@example(0.00099999999999999999)
@example(0.0012345678901234567)
@example(-1.7976931348623157e308)
@example(-2.2250738585072014e-308)
@example(5e-324)
@settings(max_examples=400, deadline=None)
def test_no_other_text_of_sixteen_characters_is_nearer(number: float) -> None:
    text = format_ds(number)
    assert len(text) <= 16
    assert DS.fullmatch(text)
    error = abs(Decimal(text) - Decimal(number))
    # float(text) is what a reader gets: it may be exact where the digits aren't
    got = abs(Decimal(float(text)) - Decimal(number))
    assert min(error, got) <= min(abs(Decimal(other) - Decimal(number)) for other in every_text(number))


@given(st.one_of(FINITE, COORDINATE))
@example(1.7976931348500002e308)
@example(-1.797693134850000e308)
@settings(max_examples=300, deadline=None)
def test_a_second_trip_changes_nothing(number: float) -> None:
    once = float(format_ds(number))
    assert float(format_ds(once)) == once
    assert round_to_ds([number])[0] == once


@given(COORDINATE)
def test_patient_coordinates_move_by_less_than_an_atom(number: float) -> None:
    assert abs(float(format_ds(number)) - number) <= 1e-11


@given(st.floats(-9999.999, 9999.999).map(lambda value: round(value, 3)))
def test_what_fits_is_exact(number: float) -> None:
    assert float(format_ds(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (512.0, "512"),
        (-1.5, "-1.5"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.33333333333333"),
        (-1 / 3, "-0.3333333333333"),
        (-100 / 3, "-33.333333333333"),
        (6.123233995736766e-17, "6.1232339957e-17"),
        (1e-5, "1e-05"),
        (1e22, "1e+22"),
        (123456789012345680000.0, "1.23456789012e20"),
    ],
)
def test_texts(number: float, text: str) -> None:
    assert format_ds(number) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_ds_can_not_hold_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="DS can't hold"):
        format_ds(number)


def test_points_are_joined_in_order_and_keep_their_shape() -> None:
    points = np.array([[1.0, -2.5, 1 / 3], [0, 4, 5]])
    assert join_ds(points) == "1\\-2.5\\0.33333333333333\\0\\4\\5"
    rounded = round_to_ds(points)
    assert rounded.shape == (2, 3)
    assert rounded[0, 2] == 0.33333333333333
    assert round_to_ds(np.empty((0, 3))).shape == (0, 3)


def test_a_large_structure_set_is_rounded_quickly() -> None:
    values = np.random.default_rng(0).normal(size=100_000) * 200
    begin = time.perf_counter()
    text = join_ds(values)
    assert time.perf_counter() - begin < 2, "about 0.15 s on a quiet machine"
    np.testing.assert_array_equal([float(one) for one in text.split("\\")], round_to_ds(values))
