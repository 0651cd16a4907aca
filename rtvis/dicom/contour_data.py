"""The points of ContourData (3006,0050): the doubles nearest to its texts (PS3.5 6.2 DS)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from rtvis.model.decimal_parsing import parse_plain

Points = tuple[NDArray[np.float64], str]
"""``(n, 3)`` LPS mm, read-only; and what is wrong with the value, empty when nothing is."""

_DS_CHARACTERS = b"0123456789+-.eE \\"
_GROUP_BYTES = 256 * 1024
"""So much text is parsed at once: its arrays stay within a processor's cache, and a call is worth its while."""
_MOST_THREADS = 4
_NO_POINTS = np.empty((0, 3))
_NO_POINTS.flags.writeable = False


def parse_points(data: bytes) -> Points:
    """The points of a ContourData value, and what is wrong with it (empty when nothing is).

    Args:
        data: the value's bytes: DS texts joined by backslashes, padded.

    Returns:
        ``(n, 3)`` float64 LPS mm, read-only. When the texts aren't all finite numbers there are no points; when their
        count isn't a multiple of three, the complete ones.
    """
    text = data.rstrip(b" \0")
    if not text:
        return _NO_POINTS, "ContourData is empty"
    if text.translate(None, _DS_CHARACTERS):
        return _NO_POINTS, "ContourData has text that is no number"
    try:
        # A separator with spaces around it lets any number of spaces stand there. Each text becomes the nearest double.
        numbers = np.fromstring(text.decode("ascii"), dtype=np.float64, sep=" \\ ")
    except (ValueError, DeprecationWarning):
        return _NO_POINTS, "ContourData has text that is no number"
    if len(numbers) != text.count(b"\\") + 1:
        return _NO_POINTS, "ContourData has an empty value"
    if not np.isfinite(numbers).all():
        return _NO_POINTS, "ContourData has a number too large for any coordinate"
    numbers.flags.writeable = False
    return _as_points(numbers)


def parse_all_points(values: Iterable[bytes]) -> list[Points]:
    """The points of many ContourData values, as `parse_points` gives them for each; large sets on several cores."""
    groups = list(_groups(values))
    threads = min(len(groups), os.cpu_count() or 1, _MOST_THREADS)
    if threads < 2:
        return [one for group in groups for one in _parse_group(group)]
    with ThreadPoolExecutor(threads, thread_name_prefix="rtvis-contour-data") as pool:
        return [one for parsed in pool.map(_parse_group, groups) for one in parsed]


def _groups(values: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for value in values:
        group.append(value)
        size += len(value)
        if size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _parse_group(values: list[bytes]) -> list[Points]:
    parsed = parse_plain([one.rstrip(b" \0") for one in values])
    return [
        parse_points(value) if numbers is None else _as_points(numbers)
        for value, numbers in zip(values, parsed, strict=True)
    ]


def _as_points(numbers: NDArray[np.float64]) -> Points:
    surplus = len(numbers) % 3
    if surplus:
        points = numbers[:-surplus].reshape(-1, 3)
        return points, f"ContourData has {len(numbers)} numbers, which is not a multiple of three"
    return numbers.reshape(-1, 3), ""
