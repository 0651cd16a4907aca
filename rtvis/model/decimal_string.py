"""The one formatter of DS values: at most 16 characters, and as near as 16 characters get (PS3.5 6.2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_LENGTH = 16


def format_ds(value: float) -> str:
    """The shortest text of at most 16 characters that is nearest to `value`.

    >>> format_ds(-123.45678901234567)
    '-123.45678901235'
    >>> format_ds(0.1), format_ds(-0.0), format_ds(512.0)
    ('0.1', '0', '512')

    Raises:
        ValueError: for infinities and NaN, which DS can't hold.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"DS can't hold {number}")
    if number == 0:
        return "0"
    text = repr(number)
    text = text.removesuffix(".0")
    if len(text) <= MAX_LENGTH:
        return text
    best = ""
    for digits in range(17, 0, -1):
        for candidate in (f"{number:.{digits}g}", _fixed(number, digits)):
            if len(candidate) <= MAX_LENGTH and (
                not best or abs(float(candidate) - number) < abs(float(best) - number)
            ):
                best = candidate
    return best


def _fixed(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text not in {"-0", ""} else "0"


def join_ds(values: ArrayLike) -> str:
    """Format numbers, in C order, as one multi-valued DS text joined by backslashes."""
    return "\\".join(format_ds(value) for value in np.asarray(values, dtype=np.float64).ravel().tolist())


def round_to_ds(values: ArrayLike) -> NDArray[np.float64]:
    """What numbers are after a trip through DS: same shape, float64."""
    array = np.asarray(values, dtype=np.float64)
    rounded = [float(format_ds(value)) for value in array.ravel().tolist()]
    return np.array(rounded, dtype=np.float64).reshape(array.shape)
