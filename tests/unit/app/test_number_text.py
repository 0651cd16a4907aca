"""Values are written with all of their digits."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.number_text import number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.23581, "0.2358"),
        (-999.96, "-1000"),
        (-1024.0, "-1024"),
        (9999.6, "10000"),
        (12345.0, "12345"),
        (65535.0, "65535"),
        (-32768.4, "-32768"),
        (1234567.0, "1234567"),
        (np.float32(20000.0), "20000"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (3e20, "3e+20"),
    ],
)
def test_large_values_keep_their_digits(value: float, text: str) -> None:
    assert number_text(value) == text
