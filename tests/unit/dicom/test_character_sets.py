"""Text by its character set, and what a digest makes of bytes that no character set explains."""

from __future__ import annotations

import copy
import pickle

import pytest

from rtvis.dicom.character_sets import decode_text
from rtvis.model.digest import escape_text
from rtvis.model.guessed_text import certain_text


@pytest.mark.parametrize(
    ("value", "character_set", "shown", "digested"),
    [
        (b"M\xfcller", "ISO_IR 100", "Müller", "Müller"),
        (b"M\xc3\xbcller", "ISO_IR 192", "Müller", "Müller"),
        (b"M\xfcller", "ISO_IR 192", "M\ufffdller", "M\ufffdller"),
        (b"M\xfcller ", "", "Müller", "M\ufffdller"),
        (b"M\xfc\xfd", "ISO_IR 6", "Müý", "M\ufffd\ufffd"),
        (b"M\xfcller", "NO SUCH SET", "Müller", "M\ufffdller"),
        (b"\xfc=\x1b$B;3ED\x1b(B^T", "\\ISO 2022 IR 87", "ü=山田^T", "\ufffd=山田^T"),
        (b"a\\b \\ c \0", "", "a\\b \\ c", "a\\b \\ c"),
    ],
)
def test_text_without_a_character_set_is_guessed_for_people_only(
    value: bytes, character_set: str, shown: str, digested: str
) -> None:
    text = decode_text(value, character_set)
    assert text == shown
    assert escape_text(text) == digested


def test_a_guess_stays_one_when_it_is_copied_and_ends_when_it_is_edited() -> None:
    guess = decode_text(b"M\xfcller", "")
    for one in (copy.deepcopy(guess), pickle.loads(pickle.dumps(guess))):
        assert (one, certain_text(one)) == ("Müller", "M\ufffdller")
    assert certain_text(guess + "") == "Müller"
