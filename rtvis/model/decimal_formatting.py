"""Many DS values formatted at once: the texts of `format_ds`, without a Python object for each (PS3.5 6.2).

A number of up to 15 digits is a whole number over a power of ten, both exact as doubles; where dividing them gives the
number back, its digits are those of the shortest text. They are looked up four at a time and laid out in columns of one
width, and what a text doesn't have (leading and trailing zeros, sign, point) is left out when the columns are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.decimal_string import MAX_LENGTH, join_ds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_GROUP_NUMBERS = 24_000
"""So many numbers are formatted at once: their columns stay within a processor's cache."""
_SHORT_DECIMALS = 8
_LARGEST = 1e8
"""Numbers of more than eight digits before the point are left to `format_ds`; so are those below `_SMALLEST`, which
Python writes with an exponent."""
_SMALLEST = 1e-4
_SEPARATOR = ord("\\")

_GROUP_DIGITS = ((np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1])) % 10).astype(np.uint8)


def _words(characters: NDArray[np.uint8] | NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Rows of four bytes as words."""
    return np.ascontiguousarray(characters).view(np.uint32).ravel()


_DIGITS = _words(_GROUP_DIGITS + np.uint8(ord("0")))
"""Four digits for each number below 10,000."""
_WITHOUT_LEADING_ZEROS = _words(np.maximum.accumulate(_GROUP_DIGITS > 0, axis=1))
_WITHOUT_TRAILING_ZEROS = _words(np.maximum.accumulate(_GROUP_DIGITS[:, ::-1] > 0, axis=1)[:, ::-1])
_ALL_FOUR = np.uint32(0x01010101)
_LAST_OF_FOUR = _words(np.array([[False, False, False, True]]))[0]


def join_all_ds(arrays: Sequence[NDArray[np.float64]]) -> list[bytes]:
    """The text of `join_ds` for each of many arrays.

    Raises:
        ValueError: for infinities and NaN, which DS can't hold.
    """
    return [text for group in _groups(arrays) for text in _joined(group)]


def _groups(arrays: Sequence[NDArray[np.float64]]) -> Iterator[list[NDArray[np.float64]]]:
    group: list[NDArray[np.float64]] = []
    size = 0
    for array in arrays:
        group.append(np.asarray(array, dtype=np.float64).ravel())
        size += array.size
        if size >= _GROUP_NUMBERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _joined(arrays: list[NDArray[np.float64]]) -> list[bytes]:
    values = np.concatenate(arrays)
    stops = np.cumsum([len(one) for one in arrays])
    starts = stops - [len(one) for one in arrays]
    if not len(values):
        return [b""] * len(arrays)
    columns, kept, plain = _laid_out(values)
    text = columns[kept]
    places = np.append(np.flatnonzero(text == _SEPARATOR), len(text))
    begins, ends = places[starts] + 1, places[stops]
    odd = np.concatenate([[0], np.cumsum(~plain)])
    whole = odd[starts] == odd[stops]
    content = text.tobytes()
    return [
        content[begin:end] if good else join_ds(array).encode("ascii")
        for array, begin, end, good in zip(arrays, begins.tolist(), ends.tolist(), whole.tolist(), strict=True)
    ]


def _laid_out(values: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    """All values in columns of one width.

    Returns:
        The characters, each value's behind a separator; which of them belong to the texts; for which values they do.
    """
    sizes = np.abs(values)
    plain = ((sizes >= _SMALLEST) & (sizes < _LARGEST)) | (sizes == 0)
    if not plain.all():
        sizes = np.where(plain, sizes, 0.0)
    whole, decimals, exact = _decimals(sizes)
    plain &= exact
    layout = [("separator", "u1"), ("minus", "u1"), ("upper", "<u4"), ("lower", "<u4"), ("point", "u1")]
    groups = [f"decimals {index}" for index in range(len(decimals))]
    upper = whole // np.uint32(10_000)
    wide = bool(upper.any())
    if not wide:
        layout = [one for one in layout if one[0] != "upper"]
    row = np.dtype(layout + [(name, "<u4") for name in groups])
    characters, kept = np.empty(len(values), dtype=row), np.zeros(len(values), dtype=row)
    characters["separator"], kept["separator"] = _SEPARATOR, 1
    characters["minus"], kept["minus"] = ord("-"), values < 0
    lower = whole - upper * np.uint32(10_000) if wide else whole
    characters["lower"] = _DIGITS[lower]
    kept["lower"] = _WITHOUT_LEADING_ZEROS[lower] | _LAST_OF_FOUR
    if wide:
        characters["upper"], kept["upper"] = _DIGITS[upper], _WITHOUT_LEADING_ZEROS[upper]
        kept["lower"][upper > 0] = _ALL_FOUR
    characters["point"] = ord(".")
    more = np.zeros(len(values), dtype=bool)
    for name, digits in zip(reversed(groups), reversed(decimals), strict=True):
        characters[name] = _DIGITS[digits]
        mask = _WITHOUT_TRAILING_ZEROS[digits]
        mask[more] = _ALL_FOUR
        kept[name] = mask
        more |= digits > 0
    kept["point"] = more
    flat = kept.view(np.bool_)
    if len(groups) > 2 or wide:  # else it has at most 1 + 4 + 1 + 8 characters
        plain &= flat.reshape(len(values), -1)[:, 1:].sum(axis=1) <= MAX_LENGTH
    return characters.view(np.uint8), flat, plain


def _decimals(
    sizes: NDArray[np.float64],
) -> tuple[NDArray[np.uint32], list[NDArray[np.uint32]], NDArray[np.bool_]]:
    """The whole part of each number, its decimals in groups of four, and whether that is the number exactly."""
    whole = sizes.astype(np.uint32)
    power = 10.0**_SHORT_DECIMALS
    scaled = np.rint(sizes * power)
    exact = scaled / power == sizes
    exact &= scaled < 1e15
    fraction = scaled - whole * power
    exact &= (fraction >= 0) & (fraction < power)
    if exact.all():
        short = fraction.astype(np.uint32)
        first = short // np.uint32(10_000)
        return whole, [first, short - first * np.uint32(10_000)], exact
    # The rest has as many decimals as 15 digits leave room for.
    long = ~exact
    rest = sizes[long]
    digits = 15 - np.searchsorted(10.0 ** np.arange(1, 8), rest, side="right") - 1
    powers = 10.0**digits
    scaled = np.rint(rest * powers)
    remainder = scaled - whole[long] * powers
    fits = (scaled / powers == rest) & (scaled < 1e15) & (remainder >= 0) & (remainder < powers)
    exact[long] = fits
    sixteen = np.zeros(len(sizes), dtype=np.uint64)
    sixteen[~long] = fraction[~long].astype(np.uint64) * np.uint64(10**_SHORT_DECIMALS)
    tail = np.where(fits, remainder, 0.0).astype(np.uint64)
    sixteen[long] = tail * np.uint64(10) ** (16 - digits).astype(np.uint64)
    halves = sixteen // np.uint64(10**8)
    result: list[NDArray[np.uint32]] = []
    for half in (halves.astype(np.uint32), (sixteen - halves * np.uint64(10**8)).astype(np.uint32)):
        first = half // np.uint32(10_000)
        result += [first, half - first * np.uint32(10_000)]
    return whole, result, exact
