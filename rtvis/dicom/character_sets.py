"""Text of a data set by its Specific Character Set (PS3.3 C.12.1.1.2)."""

from __future__ import annotations

import warnings

from pydicom.charset import convert_encodings, decode_bytes, python_encoding
from pydicom.valuerep import TEXT_VR_DELIMS

from rtvis.model.guessed_text import GuessedText

UTF_8 = "ISO_IR 192"
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
    """The bytes of a text, unpadded.

    Raises:
        UnicodeEncodeError: when the character set can't carry it. Only its first value is used: no code extensions.
    """
    if text.isascii():
        return text.encode("ascii")
    term = known_terms(character_set)[0]
    if term in {"", "ISO_IR 6"}:
        return text.encode("ascii")
    return text.encode(python_encoding[term])
