"""Person names as people read them."""

from __future__ import annotations

import re
import unicodedata

SHORTEST = 3
"""A part of a name that is shorter is a part of other words too."""

SHORTEST_IDEOGRAPHS = 2
"""A family name in ideographs often has two."""


def name_text(name: str) -> str:
    """A person name (PS3.5 6.2.1.1) as it is written for people: ``Yamada Tarou (山田 太郎)``.

    Args:
        name: components parted by ``^``; up to three groups of them by ``=``: alphabetic, ideographic, phonetic.

    Returns:
        The alphabetic group, and the ideographic one in brackets; the next one there is where either is missing.
    """
    groups = [" ".join(group.replace("^", " ").split()) for group in name.split("=")]
    shown = [group for group in dict.fromkeys(groups) if group][:2]
    return f"{shown[0]} ({shown[1]})" if len(shown) == 2 else "".join(shown)


def words_of(name: str) -> frozenset[str]:
    """A person name and its parts, as they may stand in texts that tell whose they are.

    Each part of each group by itself, the parts of names with a hyphen, and the whole in both orders, with first names
    or their first letter.
    """
    found: set[str] = set()
    for group in unicodedata.normalize("NFC", name).split("="):
        components = [" ".join(one.split()) for one in group.split("^")]
        parts = [part for one in components for part in one.split()]
        found.update(parts)
        found.update(piece for part in parts for piece in part.split("-") if part.replace("-", "").isalpha())
        found.add(" ".join(parts))
        family, given = [*components, "", ""][:2]
        if family and given:
            for first in {given, given.split()[0], *([given[0]] if is_telling(family) else [])}:
                found |= {f"{family} {first}", f"{first} {family}"}
    return frozenset(one for one in found if is_telling(one))


def is_telling(word: str) -> bool:
    """Whether a name or an ID is so long that it isn't found in other words by chance."""
    letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFC", word))
    return len(letters) >= (SHORTEST if letters.isascii() else SHORTEST_IDEOGRAPHS)
