"""Person names as people read them."""

from __future__ import annotations

import re

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
    """A person name and its parts, as they may stand in texts that tell whose they are."""
    groups = name.split("=")
    parts = [part for group in groups for part in re.split(r"[\^\s]+", group)]
    return frozenset(one for one in (name, name_text(name), *map(name_text, groups), *parts) if is_telling(one))


def is_telling(word: str) -> bool:
    """Whether a name or an ID is so long that it isn't found in other words by chance."""
    return len(word) >= (SHORTEST if word.isascii() else SHORTEST_IDEOGRAPHS)
