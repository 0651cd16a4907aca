"""Text of a file that doesn't say how it is encoded."""

from __future__ import annotations

from typing import Self


class GuessedText(str):
    """Text as it was probably meant, and what the file's own words make of it.

    Bytes beyond ASCII in a file that names no character set mean nothing by the standard (PS3.3 C.12.1.1.2). People
    get to see the likeliest letters, and these are what is written on; a digest, which has to come out the same
    everywhere, is over `certain`.

    Attributes:
        certain: the text with U+FFFD for every byte that the file leaves open.
    """

    __slots__ = ("certain",)

    certain: str

    def __new__(cls, guess: str, certain: str) -> Self:
        """Both texts."""
        made = super().__new__(cls, guess)
        made.certain = certain
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # for copying and pickling: both texts
        """What `__new__` takes."""
        return str(self), self.certain


def certain_text(text: str) -> str:
    """The text without guesses.

    >>> certain_text("Lunge"), certain_text(GuessedText("Ma", "M?"))
    ('Lunge', 'M?')
    """
    return text.certain if isinstance(text, GuessedText) else text
