"""Text by its character set, and what a digest makes of bytes that no character set explains."""

from __future__ import annotations

import copy
import pickle

import pytest

from rtvis.dicom.character_sets import decode_text, encode_text
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


@pytest.mark.parametrize(
    ("text", "character_set"),
    [
        ("肺左 axial", "\\ISO 2022 IR 87"),
        ("ab肺cd", "\\ISO 2022 IR 87"),
        ("ﾔﾏ肺 x", "ISO 2022 IR 13\\ISO 2022 IR 87"),
        ("폐 x", "\\ISO 2022 IR 149"),
        ("Gländ", "\\ISO 2022 IR 100"),
        ("Gländ Лёг", "ISO 2022 IR 100\\ISO 2022 IR 144"),
        ("左肺", "GB18030"),
        ("Лёгкое", "ISO_IR 144"),
    ],
)
def test_text_is_written_so_that_it_reads_the_same(text: str, character_set: str) -> None:
    assert certain_text(decode_text(encode_text(text, character_set), character_set)) == text


@pytest.mark.parametrize("character_set", ["", "ISO_IR 6", "\\ISO 2022 IR 87", "ISO_IR 144", "\\ISO 2022 IR 149"])
def test_what_a_character_set_can_not_carry_is_never_replaced(character_set: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        encode_text("Gländ", character_set)
