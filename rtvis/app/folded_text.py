"""Texts in one spelling, so that a name is found however it is written, and where each letter of them stood.

Folded alike are: capitals and small letters; composed and decomposed letters (Unicode, UAX #15); wide, narrow and plain
ones; umlauts and two letters (ü, ue); letters with marks and without (é, e); hiragana and katakana.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORD_STARTS = "\x1f"
"""Stands where a word begins without a space: in ``PTVMueller2``, before M and 2."""

_TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "œ": "oe", "ø": "oe", "å": "aa"}
_PLAIN = {"ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"}
_KATAKANA, _KATAKANA_TO_HIRAGANA = range(0x30A1, 0x30F7), 0x60
_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")


def folded(text: str) -> str:
    """The text in one spelling."""
    if text.isascii():
        return _STARTS.sub(WORD_STARTS, text).casefold()
    return folded_with_places(text)[0]


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text in one spelling, and for each letter of it where in `text` it stood; the end's place comes last."""
    letters: list[str] = []
    places: list[int] = []
    before, clusters = "", _clusters(text)
    for n, (start, cluster) in enumerate(clusters):
        after = clusters[n + 1][1] if n + 1 < len(clusters) else ""
        if _is_start(before, cluster, after):
            letters.append(WORD_STARTS)
            places.append(start)
        spelt = _spelt(cluster)
        letters.append(spelt)
        places.extend([start] * len(spelt))
        before = cluster
    return "".join(letters), [*places, len(text)]


def is_wide(text: str) -> bool:
    """Whether it has a letter of a script that is written without spaces: ideographs, kana, hangul."""
    return any(
        unicodedata.east_asian_width(one) in "WH" and one.isalpha() for one in unicodedata.normalize("NFC", text)
    )


def _clusters(text: str) -> list[tuple[int, str]]:
    """Letters with the marks, and signs that aren't seen, that follow them; and where they begin."""
    found: list[tuple[int, str]] = []
    for place, one in enumerate(text):
        if found and not one.isascii() and unicodedata.category(one) in {"Mn", "Me", "Cf"}:
            found[-1] = (found[-1][0], found[-1][1] + one)
        else:
            found.append((place, one))
    return found


@lru_cache(maxsize=4096)
def _spelt(cluster: str) -> str:
    """One letter in its one spelling."""
    if cluster.isascii():
        return cluster.casefold()
    seen = "".join(one for one in cluster if unicodedata.category(one) != "Cf")
    small = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    if small in _TWO_LETTERS:
        return _TWO_LETTERS[small]
    plain = (one for one in unicodedata.normalize("NFKD", small) if unicodedata.category(one) not in {"Mn", "Me"})
    return "".join(_PLAIN.get(one, chr(ord(one) - _KATAKANA_TO_HIRAGANA * (ord(one) in _KATAKANA))) for one in plain)


def _is_start(before: str, cluster: str, after: str) -> bool:
    if not before or not before[0].isalnum() or not cluster[0].isalnum():
        return False
    if before[0].isalpha() != cluster[0].isalpha() or is_wide(before[0]) != is_wide(cluster[0]):
        return True
    # In PTVMueller the word begins with the last capital.
    return cluster[0].isupper() and (before[0].islower() or after[:1].islower())
