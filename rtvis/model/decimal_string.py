"""The one formatter of DS values: at most 16 characters, and as near as 16 characters get (PS3.5 6.2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_LENGTH = 16


def format_ds(value: float) -> str:
    """The text of at most 16 characters that is nearest to `value`, in plain or scientific notation.

    Of texts for the same number it is the shortest one in Python's own notation.

    >>> format_ds(-123.45678901234567)
    '-123.45678901235'
    >>> format_ds(0.1), format_ds(-0.0), format_ds(512.0)
    ('0.1', '0', '512')
    >>> format_ds(6.123233995736766e-17)
    '6.1232339957e-17'

    Raises:
        ValueError: for infinities and NaN, which DS can't hold.
    """
    number = float(value)
    text = repr(number)
    if len(text) > MAX_LENGTH:
        # From 0.001 up, plain notation holds at least as many digits as scientific notation, as long as there is room
        # for the digits before the point.
        room = MAX_LENGTH - (number < 0)
        text = _plain(number, room) if 1e-3 <= abs(number) < 10.0**room else ""
        if not text or len(text) > MAX_LENGTH:
            text = _scientific(number, room)
    if not math.isfinite(number):
        raise ValueError(f"DS can't hold {number}")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _plain(number: float, room: int) -> str:
    decimals = max(0, room - len(str(int(abs(number)))) - 1)
    text = f"{number:.{decimals}f}"
    if len(text) > MAX_LENGTH and decimals:  # 99.99...9 became 100.00...0
        text = f"{number:.{decimals - 1}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(number: float, room: int) -> str:
    for digits in range(room - 3, 0, -1):  # after the point; 3 for the first digit, the point and an "e"
        mantissa, exponent = f"{number:.{digits}e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
        if len(text) <= MAX_LENGTH:
            if math.isinf(float(text)):  # rounded up, beyond the largest double
                return "-1.797693134e308" if number < 0 else "1.7976931348e308"
            return text
    raise AssertionError  # one digit and an exponent always fit


def join_ds(values: ArrayLike) -> str:
    """Format numbers, in C order, as one multi-valued DS text joined by backslashes."""
    return "\\".join(format_ds(value) for value in np.asarray(values, dtype=np.float64).ravel().tolist())


def round_to_ds(values: ArrayLike) -> NDArray[np.float64]:
    """What numbers are after a trip through DS: same shape, float64.

    Raises:
        ValueError: for infinities and NaN, which DS can't hold.
    """
    array = np.asarray(values, dtype=np.float64)
    flat = array.ravel()
    rounded, known = _rounded_plain(flat)
    for place in np.flatnonzero(~known).tolist():
        rounded[place] = float(format_ds(flat[place]))
    return rounded.reshape(array.shape)


_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-3, 1e12
_POWERS = 10.0 ** np.arange(1, 13)
_SPLITTER = 2.0**27 + 1
_DOUBTFUL = 1e-6
"""Halves that the arithmetic below can't be trusted to tell from their neighbours; its errors are below 1e-15."""


def _rounded_plain(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers as plain notation carries them, and for which of them that is known.

    A text of at most 15 digits is a whole number over a power of ten. Both are exact as doubles, so that dividing them
    gives the double that reading the text gives. The whole number is found from the product, whose rounding error is
    known exactly (Dekker's product).
    """
    size = np.abs(values)
    known = (size >= _SMALLEST_PLAIN) & (size < _LARGEST_PLAIN)
    size = np.where(known, size, 1.0)
    digits = np.searchsorted(_POWERS, size, side="right") + 1
    scale = np.asarray(10.0 ** (MAX_LENGTH - 1 - (values < 0) - digits), dtype=np.float64)
    product = size * scale
    size_high, size_low = _halves(size)
    scale_high, scale_low = _halves(scale)
    error = ((size_high * scale_high - product) + size_high * scale_low + size_low * scale_high) + size_low * scale_low
    whole = np.rint(product)
    rest = (product - whole) + error
    whole += (rest > 0.5).astype(np.float64) - (rest < -0.5)
    known &= np.abs(np.abs(rest) - 0.5) > _DOUBTFUL
    return np.copysign(whole / scale, values), known


def _halves(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numbers as sums of two with half the digits each (Veltkamp's splitting)."""
    spread = _SPLITTER * values
    high = spread - (spread - values)
    return high, values - high
