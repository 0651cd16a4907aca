"""Names and IDs found in texts however they are written, and taken out of them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rtvis.app.folded_text import WORD_STARTS, folded, folded_with_places, is_wide
from rtvis.app.patient_name import is_telling, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.model.volume import Patient

TAKEN_OUT = "…"

SHORTEST_WITHOUT_E = 4
"""``Mueller`` is looked for as ``Muller`` as well, but ``Doe`` not as ``do``."""

DATE_DIGITS = 8
KEPT_TEXTS = 1024
AT_ONCE, OVERLAP = 20_000, 500
"""Letters of a long text that are searched at once, and by how many such pieces overlap: names are shorter."""

_BETWEEN = r"[\W_]*"
_UMLAUT = re.compile(r"a[ae]|[ou]e|[aou]")
_JOINED = re.compile(rf"\^*{TAKEN_OUT}(?:[\s^=_-]*{TAKEN_OUT})*\^*")


def names_of(patients: Iterable[Patient]) -> frozenset[str]:
    """Names and parts of them, IDs and days of birth, as they may stand in texts."""
    found: set[str] = set()
    for patient in patients:
        found |= words_of(patient.name) | ids_of(patient.patient_id) | dates_of(patient.birth_date)
    return frozenset(found)


def ids_of(value: str) -> frozenset[str]:
    """An ID as it may stand in texts."""
    return frozenset({value} if is_telling(value) else ())


def dates_of(value: str) -> frozenset[str]:
    """A date (DA, PS3.5 6.2) in the orders that people write it in."""
    digits = value.strip()
    if len(digits) != DATE_DIGITS or not digits.isdecimal():
        return frozenset()
    year, month, day = digits[:4], digits[4:6], digits[6:]
    return frozenset({f"{year} {month} {day}", f"{day} {month} {year}", f"{month} {day} {year}"})


class PatientWords:
    """Finds words of patients.

    Words are found whole: ``Doe`` in ``doe_2`` and ``PTVDoe``, and not in ``Doeskin``. What is written without spaces
    (ideographs, kana, hangul) is found everywhere.

    Args:
        words: such as `names_of` has them.
    """

    def __init__(self, words: frozenset[str]) -> None:
        patterns = [_pattern(word) for word in sorted(words, key=lambda one: (-len(one), one))]
        patterns = [one for one in patterns if one]
        self._any = re.compile("|".join(patterns)) if patterns else None
        self.taken_out = lru_cache(maxsize=KEPT_TEXTS)(self._taken_out)
        """The text with `TAKEN_OUT` for what was found; kept, since views write the same texts at each step."""

    def found_in(self, text: str) -> bool:
        """Whether one of the words is in the text."""
        if self._any is None:
            return False
        if len(text) <= AT_ONCE:
            return self._any.search(folded(text)) is not None
        # Piece by piece: a regular expression lets no other thread run, and the window is one.
        places = range(0, len(text), AT_ONCE - OVERLAP)
        return any(self._any.search(folded(text[place : place + AT_ONCE])) for place in places)

    def _taken_out(self, text: str) -> str:
        if self._any is None or not self.found_in(text):
            return text
        spelt, places = folded_with_places(text)
        kept, end = [], 0
        for found in self._any.finditer(spelt):
            kept += [text[end : places[found.start()]], TAKEN_OUT]
            end = places[found.end()]
        return _JOINED.sub(TAKEN_OUT, "".join([*kept, text[end:]]))


@lru_cache(maxsize=16)
def patient_words(words: frozenset[str]) -> PatientWords:
    """`PatientWords`, made once for the same words."""
    return PatientWords(words)


def _pattern(word: str) -> str:
    """What finds a word in texts that are folded; empty where it has no letter and no digit."""
    word = unicodedata.normalize("NFC", word)
    runs = [one for one in re.split(r"[\W_]+", folded(word)) if one]
    if not runs:
        return ""
    drops = len(_UMLAUT.sub("-", "".join(runs))) >= SHORTEST_WITHOUT_E
    inner = _BETWEEN.join(_run_pattern(one, drops=drops) for one in runs)
    if is_wide(word):
        return f"(?:{inner})"
    mark = f"{WORD_STARTS}?"
    genitive = rf"(?:{mark}['’]?{mark}s)?" if runs[-1].isalpha() and len(runs[-1]) >= SHORTEST_WITHOUT_E else ""
    return rf"(?<![^\W_]){inner}{genitive}(?![^\W_])"


def _run_pattern(run: str, *, drops: bool) -> str:
    """Letters with marks of words between them; ``e`` after a, o and u may be there or not: ue is written u as well."""
    parts: list[str] = []
    end = 0
    for found in _UMLAUT.finditer(run):
        parts += map(re.escape, run[end : found.start()])
        first, second = found[0][0], found[0][1:]
        more = "[ae]" if first == "a" else "e"
        parts.append(first if not second or drops else f"{first}{second}")
        if not second or drops:
            parts[-1] += f"(?:{WORD_STARTS}?{more})?"
        end = found.end()
    parts += map(re.escape, run[end:])
    return f"{WORD_STARTS}?".join(parts)
