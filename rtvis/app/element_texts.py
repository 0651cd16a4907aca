"""Elements of a data set as text for people, without taking values apart that nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_deferred_data_element

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

LONGEST_VALUE = 200
"""Characters of a value that a list shows; the rest is told by its length."""

LONG_NUMBERS = 2048
"""Bytes of numbers in text; a hundred numbers at least are in so many."""

NUMBER_PARTING = b"\\"


def first_numbers(value: bytes) -> str:
    """Of numbers in text the first ones: a hundred thousand are only taken apart when somebody copies them."""
    return f"{_number_text(value[:LONG_NUMBERS])[:LONGEST_VALUE]} … ({value.count(NUMBER_PARTING) + 1} values)"


def _number_text(value: bytes) -> str:
    return "\\".join(one.strip() for one in value.decode("ascii", "replace").rstrip("\0").split("\\"))


def element_text(dataset: Dataset, tag: int) -> str:
    """The whole value as text; numbers in text (DS, IS) as the file writes them, bytes as length and first bytes."""
    raw = as_written(dataset, tag)
    if raw is not None:
        return _number_text(raw.value or b"")
    value = dataset[tag].value
    if value is None:
        return ""
    if isinstance(value, bytes):
        first = value[:16].hex(" ")
        return f"{len(value)} bytes: {first}" + (" …" if len(value) > 16 else "")
    if isinstance(value, (list, pydicom.multival.MultiValue)):
        return "\\".join(str(one) for one in value)
    return str(value)


def is_as_written(dataset: Dataset, tag: int) -> bool:
    """Whether `element_text` is a number's text as the file has it, without taking the value apart."""
    return as_written(dataset, tag) is not None


def as_written(dataset: Dataset, tag: int) -> RawDataElement | None:
    """A DS or IS that nobody took apart yet: a contour's thousands of numbers are read from their text at once."""
    if not dictionary_has_tag(tag):
        return None
    there: Any = dataset.get_item(tag, keep_deferred=True)  # its type forgets that elements may be raw
    if not isinstance(there, RawDataElement) or vr_of(there) not in {"DS", "IS"}:
        return None
    element = raw_element(dataset, tag)
    return None if element is None or element.value is None else element


def raw_element(dataset: Dataset, tag: int) -> RawDataElement | None:
    """An element that nobody took apart yet, with its bytes, also where these were left in the file; else None.

    pydicom takes apart what it left in the file as soon as it is asked for: a second for a hundred thousand numbers.
    """
    element: Any = dataset.get_item(tag, keep_deferred=True)
    if not isinstance(element, RawDataElement):
        return None
    name = getattr(dataset, "filename", None)
    if element.value is None and element.length and name is not None:
        return read_deferred_data_element(dataset.fileobj_type, name, dataset.timestamp, element)
    return element


def vr_of(element: RawDataElement) -> str:
    """Two letters (PS3.5 6.2): the file's, or the dictionary's where implicit; UN where neither tells them."""
    if element.VR is None:
        return dictionary_VR(element.tag) if dictionary_has_tag(element.tag) else "UN"
    return str(element.VR)


def is_multiple(element: DataElement | None) -> bool:
    """Whether it has several values."""
    return element is not None and isinstance(element.value, (list, pydicom.multival.MultiValue))


def tag_text(tag: int) -> str:
    """``(gggg,eeee)``."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def element_name(element: DataElement) -> str:
    """From the dictionary, or the private creator's; ``Private element`` where nothing is known."""
    if dictionary_has_tag(element.tag):
        return element.name
    name = str(element.name).strip("[]")
    return "Private element" if name in {"Private tag data", "Unknown"} else name


def creator_of(dataset: Dataset, tag: int) -> str:
    """Who reserved the block that a private element is in: (gggg,00bb) for (gggg,bbxx) (PS3.5 7.8.1)."""
    block = (tag & 0xFFFF) >> 8
    owner = dataset.get((tag >> 16, block)) if block >= 0x10 else None
    return "" if owner is None or owner.value is None else str(owner.value)


def shortened(text: str, several: bool) -> str:
    """At most `LONGEST_VALUE` of a text, and how much there is; of `several` values how many."""
    if len(text) <= LONGEST_VALUE:
        return text
    words = f"{text.count(chr(92)) + 1} values" if several and "\\" in text else f"{len(text)} characters"
    return f"{text[:LONGEST_VALUE]} … ({words})"
