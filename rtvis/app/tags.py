"""Every element of a DICOM file as a tree of plain values, for people to read; sequences are unfolded when asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
from pydicom.datadict import dictionary_has_tag
from pydicom.errors import InvalidDicomError

from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

LONGEST_VALUE = 200
"""Characters of a value that a list shows; the rest is told by its length."""

DEFER_BYTES = 4096
"""Values longer than this stay in the file until they are shown."""


@dataclass(frozen=True, slots=True)
class TagNode:
    """One element, or one item of a sequence.

    Attributes:
        tag: ``(gggg,eeee)``; ``Item n`` for items.
        name: from the dictionary, or the private creator's; ``Private element`` where nothing is known.
        vr: two letters (PS3.5 6.2); empty for items.
        value: text, shortened to `LONGEST_VALUE`; bytes are shown as their length and first bytes in hex.
        private: whether it is a private element (odd group).
    """

    tag: str
    name: str
    vr: str
    value: str
    private: bool = False
    _source: object | None = None

    @property
    def has_children(self) -> bool:
        """Whether it is a sequence with items, or an item with elements."""
        return self._source is not None

    def children(self) -> Iterator[TagNode]:
        """The items of a sequence, or the elements of an item."""
        source = self._source
        if isinstance(source, pydicom.Sequence):
            for number, item in enumerate(source, 1):
                yield TagNode(f"Item {number}", "", "", f"{len(item)} elements", _source=item)
        elif source is not None:
            yield from _elements(source)  # type: ignore[arg-type]  # sources are sequences or data sets


def read_tags(path: str | Path) -> list[TagNode]:
    """The file meta information and all elements of a file's data set.

    Raises:
        UnreadableError: when the file can't be read as DICOM.
    """
    place = Path(path)
    try:
        dataset = pydicom.dcmread(place, defer_size=DEFER_BYTES)
        return [*_elements(dataset.file_meta), *_elements(dataset)]
    except (OSError, InvalidDicomError, EOFError, ValueError, KeyError) as error:
        raise UnreadableError(
            f"its elements can't be read ({error})", path=place, remedy="get an intact copy of the file"
        ) from error


def matches(node: TagNode, text: str) -> bool:
    """Whether tag, name, VR or value of this very node hold `text`, whatever the case."""
    wanted = text.casefold()
    return any(wanted in part.casefold() for part in (node.tag, node.name, node.vr, node.value))


def search(nodes: list[TagNode], text: str) -> list[TagNode]:
    """All nodes, at any depth, that `matches`, in the order of the file."""
    found: list[TagNode] = []
    for node in nodes:
        if matches(node, text):
            found.append(node)
        if node.has_children:
            found.extend(search(list(node.children()), text))
    return found


def _elements(dataset: Dataset) -> Iterator[TagNode]:
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception as error:  # noqa: BLE001  (pydicom raises whatever a damaged value leads to; the rest is shown)
            yield TagNode(_tag_text(tag), "Unreadable element", "", f"can't be decoded ({error})", bool(tag.group % 2))
            continue
        yield _element_node(element)


def _element_node(element: DataElement) -> TagNode:
    value = element.value
    is_sequence = element.VR == "SQ"
    if is_sequence:
        count = 0 if value is None else len(value)
        text = f"{count} item" + ("" if count == 1 else "s")
    else:
        text = _value_text(value)
    return TagNode(
        tag=_tag_text(element.tag),
        name=_name(element),
        vr=str(element.VR),
        value=text,
        private=element.tag.is_private,
        _source=value if is_sequence and value else None,
    )


def _tag_text(tag: int) -> str:
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def _name(element: DataElement) -> str:
    if dictionary_has_tag(element.tag):
        return element.name
    name = str(element.name).strip("[]")
    return "Private element" if name in {"Private tag data", "Unknown"} else name


def _value_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        first = value[:16].hex(" ")
        return f"{len(value)} bytes: {first}" + (" …" if len(value) > 16 else "")
    if isinstance(value, (list, pydicom.multival.MultiValue)):
        total = len(value)
        text = "\\".join(str(one) for one in value[:40])
        if total > 40 or len(text) > LONGEST_VALUE:
            return f"{text[:LONGEST_VALUE]} … ({total} values)"
        return text
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} … ({len(text)} characters)"
