from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from rtvis.dicom.element_tree import data_set
from rtvis.dicom.elements import (
    MAX_DEPTH,
    EndedEarlyError,
    MalformedError,
    walk,
)
from rtvis.dicom.encoding import (
    BIG_ENDIAN,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    guessed_syntax,
)

ENCODINGS = [IMPLICIT, EXPLICIT, BIG_ENDIAN]


def dataset(*, undefined: bool) -> Dataset:
    inner = Dataset()
    inner.CodeValue = "C1"
    deeper = Dataset()
    deeper.CodeMeaning = "deep"
    inner.PurposeOfReferenceCodeSequence = Sequence([deeper])
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.Modality = "CT"
    ds.ReferencedImageSequence = Sequence([inner, Dataset(), inner])
    ds.PatientName = "Müller"
    ds.ImagePositionPatient = [1.5, -2, 1e-3]
    ds.Rows = 513
    for item in (ds, inner, deeper):
        for element in item:
            if element.VR == "SQ":
                element.is_undefined_length = undefined
                for one in element.value:
                    one.is_undefined_length_sequence_item = undefined
    return ds


def encoded(ds: Dataset, encoding) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = not encoding.explicit, encoding.little
    write_dataset(buffer, ds)
    return buffer.getvalue()


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_values_are_found(encoding, undefined):
    data = encoded(dataset(undefined=undefined), encoding)
    found = walk(data, 0, len(data), encoding)
    assert found.end == len(data)
    assert found.plain(0x00080060) == "CT"
    assert found.text(0x00100010) == "Müller"
    assert found.numbers(0x00200032) == (1.5, -2.0, 0.001)
    assert found.short(0x00280010) == 513
    assert found.short(0x00280011) is None
    items = found.items(0x00081140)
    assert [one.plain(0x00080100) for one in items] == ["C1", "", "C1"]
    assert items[0].items(0x0040A170)[0].text(0x00080104) == "deep"


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_cut_is_noticed_unless_it_falls_between_elements(encoding, undefined):
    data = encoded(dataset(undefined=undefined), encoding)
    whole = walk(data, 0, len(data), encoding)
    heads = [8 if not encoding.explicit or vr != b"SQ" else 12 for vr, _, _ in whole.table.values()]
    between = {offset - head for (_, offset, _), head in zip(whole.table.values(), heads, strict=True)} | {len(data)}
    for cut in range(len(data)):
        if cut in between:
            assert walk(data[:cut], 0, cut, encoding).end == cut
        elif any(data[max(one for one in between if one < cut) : cut]):  # else zeros: padding, for all one can tell
            with pytest.raises((EndedEarlyError, MalformedError)):
                walk(data[:cut], 0, cut, encoding)


def test_it_stops_at_pixel_data():
    data = b"\x28\x00\x10\x00US\x02\x00\x05\x00" + b"\xe0\x7f\x10\x00OW\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0"
    found = walk(data, 0, len(data), EXPLICIT)
    assert found.pixels is not None
    assert (found.pixels.offset, found.pixels.length, found.short(0x00280010)) == (22, 0xFFFFFFFF, 5)


def test_zeros_after_a_dataset_are_padding_and_before_it_damage():
    element = b"\x08\x00\x60\x00CS\x02\x00CT"
    padded = element + b"\0" * 21
    assert walk(padded, 0, len(padded), EXPLICIT).end == len(padded)
    with pytest.raises(MalformedError):
        walk(b"\0" * 8 + element, 0, 8 + len(element), EXPLICIT)


def test_endless_nesting_is_refused():
    data = (b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * (MAX_DEPTH + 2)
    with pytest.raises(MalformedError, match="nested"):
        walk(data, 0, len(data), EXPLICIT)


@pytest.mark.parametrize("text", ["1_0", "nan", "inf", "1e999", "0x10", "--1", "1 2", "١"])
def test_numbers_that_are_none_are_refused(text):
    value = text.encode()
    value += b" " * (len(value) % 2)
    data = b"\x20\x00\x32\x00DS" + len(value).to_bytes(2, "little") + value
    with pytest.raises(ValueError, match="not a number"):
        walk(data, 0, len(data), EXPLICIT).numbers(0x00200032)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(ENCODINGS))
def test_any_bytes_give_elements_or_an_error_that_says_so(data, encoding):
    try:
        found = walk(data, 0, len(data), encoding)
    except (EndedEarlyError, MalformedError):
        return
    assert all(offset + length <= len(data) for _, offset, length in found.table.values() if length != 0xFFFFFFFF)


def test_a_value_representation_that_is_yet_to_come_has_a_long_length():
    """PS3.5 7.1.2; the walkers of structure sets and signatures must find the same elements."""
    data = b"\x08\x00\x01\x00ZZ\0\0\x04\0\0\0abcd" + b"\x08\x00\x60\x00CS\x02\0CT"
    found = walk(data, 0, len(data), EXPLICIT)
    assert found.raw(0x00080001) == b"abcd"
    assert found.plain(0x00080060) == "CT"
    assert data_set(data, EXPLICIT).ascii(0x00080060) == "CT"


@pytest.mark.parametrize(
    ("head", "syntax"),
    [
        (b"\x08\x00\x05\x00CS\x0a\x00", EXPLICIT_LE),
        (b"\x00\x08\x00\x05CS\x00\x0a", EXPLICIT_BE),
        (b"\x08\x00\x05\x00\x0a\x00\x00\x00", IMPLICIT_LE),
        (b"\x10\x00\x10\x00PN\x04\x00", EXPLICIT_LE),
        (b"PK\x03\x04\x14\x00\x00\x00", ""),
        (b"\x00" * 8, ""),
        (b"\x08\x00\x05\x00ZZ\x0a\x00", ""),
        (b"\x08\x00", ""),
    ],
)
def test_the_first_element_shows_the_transfer_syntax(head, syntax):
    assert guessed_syntax(head) == syntax
