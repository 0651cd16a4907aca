"""Text of a data set by its Specific Character Set (PS3.3 C.12.1.1.2)."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from pydicom.charset import convert_encodings, decode_bytes, encode_string, python_encoding
from pydicom.valuerep import TEXT_VR_DELIMS

from rtvis.model.guessed_text import GuessedText, certain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

UTF_8, LATIN_1 = "ISO_IR 192", "ISO_IR 100"
_DEFAULT = "iso8859"
"""What pydicom takes for the default repertoire, which is ASCII: it guesses at the other bytes."""


def known_terms(character_set: str) -> list[str]:
    """Values of Specific Character Set that are defined terms; unknown ones left out, the default when none is left."""
    terms = [term.strip(" \0") for term in character_set.split("\\")]
    known = [term for term in terms if term in python_encoding]
    return known or [""]


def unknown_terms(character_set: str) -> list[str]:
    """Values of Specific Character Set that no standard knows."""
    return [term.strip(" \0") for term in character_set.split("\\") if term.strip(" \0") not in python_encoding]


def decode_text(value: bytes, character_set: str) -> str:
    """The text of a value, without trailing padding; undecodable bytes become U+FFFD.

    Bytes beyond ASCII where the default repertoire (PS3.3 C.12.1.1.2) is all there is are read as ISO 8859-1, which
    they most often are; the result is a `GuessedText` then.
    """
    value = value.rstrip(b" \0")
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    terms = known_terms(character_set)
    if terms == [UTF_8]:
        return value.decode("utf-8", errors="replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of what becomes U+FFFD here
        encodings = convert_encodings(terms)
        text = decode_bytes(value, encodings, TEXT_VR_DELIMS)
        if _DEFAULT not in encodings:
            return text
        certain = decode_bytes(value, ["ascii" if one == _DEFAULT else one for one in encodings], TEXT_VR_DELIMS)
    return text if certain == text else GuessedText(text, certain)


def encode_text(text: str, character_set: str) -> bytes:
    """The bytes of a text, unpadded; code extensions (PS3.3 C.12.1.1.2) are used where the character set has them.

    Raises:
        UnicodeEncodeError: when the character set can't carry it.
    """
    if text.isascii():
        return text.encode("ascii")
    terms = known_terms(character_set)
    if terms in ([""], ["ISO_IR 6"]):
        return text.encode("ascii")
    if len(terms) == 1:
        return text.encode(python_encoding[terms[0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of what it replaces, which isn't used then
        for value in _encoded_with_extensions(text, convert_encodings(terms)):
            if certain_text(decode_text(value, character_set)) == text:
                return value
    return text.encode("ascii")  # which says where it can't be


def _encoded_with_extensions(text: str, encodings: list[str]) -> Iterator[bytes]:
    """A text by several encodings and the escapes between them; what comes first is best, if it reads as the text."""
    yield encode_string(text, ["ascii" if one == _DEFAULT else one for one in encodings])
    for one in encodings:
        with suppress(UnicodeEncodeError):
            yield text.encode(one)  # Japanese codecs go back to ASCII by themselves
