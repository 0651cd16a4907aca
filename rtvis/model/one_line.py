"""Texts from files and names of files, for lines that people read."""

from __future__ import annotations

from unicodedata import category

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
"""General categories of control characters, line and paragraph separators (Unicode 4.5)."""


def one_line(text: str) -> str:
    """A text with a replacement character for each control character and line break.

    A name in a file may hold them: it could break a line in two, the second of which says something else, or send
    commands to a terminal.

    >>> one_line("Doe^Jane")
    'Doe^Jane'
    """
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if category(one) in _BREAKS else one for one in text)
