"""Many DS values parsed at once, without a Python object for each (PS3.5 6.2).

A structure set has millions of coordinates, nearly all of them written as ``-123.456``. Eight digits that stand in one
64-bit word become a number by three multiplications; with whole arrays of words that is quicker than any loop. What is
written in another way is left to those who take their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    _Words = NDArray[np.uint64]

MOST_DIGITS = 15
"""Whole numbers of up to 15 digits and powers of ten up to 10^22 are exact as doubles, and a quotient of two exact
doubles is the nearest double to the true one: so each text becomes the double nearest to it."""
MOST_WHOLE_DIGITS = 8

_SEPARATOR, _POINT, _MINUS = ord("\\"), ord("."), ord("-")
_FRONT = b"0" * 16 + b"\\"
"""Words are loaded from up to 16 bytes before the end of a number; so many must be there before the first."""

_KEEP = np.array([0, *((~0 << 8 * (8 - kept)) & (2**64 - 1) for kept in range(1, 9))], dtype=np.uint64)
"""Masks that keep the last 0 to 8 characters of a word, those in its upper bytes (little endian)."""
_POWERS = 10 ** np.arange(MOST_DIGITS + 1, dtype=np.uint64)
_POWERS_AS_DOUBLES = _POWERS.astype(np.float64)
_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_HIGH_BITS = np.uint64(0x8080808080808080)
_PAIRS = np.uint64(0x000000FF000000FF)
_FIRST_AND_THIRD = np.uint64(0x000F424000000064)
_SECOND_AND_FOURTH = np.uint64(0x0000271000000001)


def parse_plain(texts: Sequence[bytes]) -> list[NDArray[np.float64] | None]:
    """Parse multi-valued DS texts whose values all are plain: ``-``, digits, at most one point.

    Args:
        texts: values joined by backslashes, without padding at the end.

    Returns:
        For each text the doubles nearest to its values, ``(n,)``, read-only; None for a text with a value that is
        written otherwise (exponent, plus sign, spaces, more than `MOST_DIGITS` digits) or isn't a number at all.
    """
    if not texts:
        return []
    numbers, plain, ends = _parse_joined(b"".join([_FRONT, b"\\".join(texts), b"\\"]))
    numbers.flags.writeable = False
    text_ends = len(_FRONT) - 1 + np.cumsum([len(one) + 1 for one in texts])
    stops = np.searchsorted(ends, text_ends) + 1
    starts = np.concatenate([[0], stops[:-1]])
    whole = np.logical_and.reduceat(plain, starts).tolist()
    return [
        numbers[start:stop] if good else None
        for start, stop, good in zip(starts.tolist(), stops.tolist(), whole, strict=True)
    ]


def _parse_joined(data: bytes) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
    """The values between the backslashes of `data`, which of them are plain, and where each ends."""
    characters = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero((characters == _SEPARATOR) | (characters == _POINT))
    is_point = characters[marks] == _POINT
    separators = np.flatnonzero(~is_point)
    ends = marks[separators[1:]]
    begins = marks[separators[:-1]] + 1
    negative = characters[begins] == _MINUS
    begins += negative
    before_end = separators[1:] - 1  # the value's point, or where it has none the separator before the value
    has_point = is_point[before_end]
    points = np.where(has_point, marks[before_end], ends)
    plain = np.diff(separators) - has_point == 1  # no second point
    whole_digits = points - begins
    decimals = ends - points
    decimals -= has_point
    digits = whole_digits + decimals
    plain &= (whole_digits >= 0) & (whole_digits <= MOST_WHOLE_DIGITS) & (digits <= MOST_DIGITS) & (digits > 0)
    if not plain.all():
        whole_digits = np.where(plain, whole_digits, 0)
        decimals = np.where(plain, decimals, 0)
    # The word that begins at each byte, from 16 bytes before: [n] is what ends 8 bytes before character n.
    words = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
    odd = np.zeros(len(ends), dtype=np.uint64)
    whole = _number(words[points - 8], whole_digits, odd)
    few = np.minimum(decimals, 8)
    fraction = _number(words[ends - 8], few, odd)
    if decimals.max(initial=0) > 8:
        fraction += _number(words[ends - 16], decimals - few, odd) * np.uint64(10**8)
    plain &= odd == 0
    whole *= _POWERS[decimals]
    whole += fraction
    numbers = whole.astype(np.float64)
    numbers /= _POWERS_AS_DOUBLES[decimals]
    np.negative(numbers, out=numbers, where=negative)
    return numbers, plain, ends


def _number(words: _Words, digits: NDArray[np.intp], odd: _Words) -> _Words:
    """The number that the last 0 to 8 characters of each word are; bits are set in `odd` where one is no digit."""
    words ^= _ZEROS
    words &= _KEEP[digits]
    odd |= ((words + _ABOVE_NINE) | words) & _HIGH_BITS
    # Neighbouring digits become pairs, pairs fours, and fours the number, all in one word.
    words = words * np.uint64(10) + (words >> np.uint64(8))
    upper = (words & _PAIRS) * _FIRST_AND_THIRD
    words >>= np.uint64(16)
    words &= _PAIRS
    words *= _SECOND_AND_FOURTH
    words += upper
    words >>= np.uint64(32)
    return words
