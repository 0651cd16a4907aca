"""Person names as people read them."""

from __future__ import annotations


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
