"""Every element of a DICOM file as a tree of plain values, for people to read; sequences are unfolded when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian

from rtvis.app.element_texts import (
    LONG_NUMBERS,
    as_written,
    creator_of,
    element_name,
    element_text,
    first_numbers,
    is_multiple,
    shortened,
    tag_text,
    vr_of,
)
from rtvis.app.patient_name import words_of
from rtvis.app.patient_words import dates_of, ids_of, patient_words
from rtvis.dicom.reading import scan_header
from rtvis.dicom.rtstruct_origin import ROI_NAME
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from rtvis.model.progress import Report

NUMBERS = frozenset({"AT", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
"""VRs whose values can't be names."""

LONG_BYTES, LONG_COUNT = 200_000, 20_000
"""Bytes of a value, or letters or numbers in it, from which on its text takes some ten milliseconds."""

DEFER_BYTES = 4096
"""Values longer than this stay in the file until they are shown."""

NUMBERED_ITEMS = {0x30060020: 0x30060022, 0x30060039: 0x30060084, 0x30060080: 0x30060084}
"""Sequences whose items are of one ROI each (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8), and where its number is."""

HIDDEN_GROUP = "(0010,"
HIDDEN = "hidden"
PATIENT_NAME_TAGS = frozenset({"(0010,0010)", "(0010,1001)", "(0010,1005)", "(0010,1060)"})
"""Patient's Name, Other Patient Names, Birth Name, Mother's Birth Name."""

PATIENT_ID_TAGS = frozenset({"(0010,0020)", "(0010,1000)"})
"""Patient ID, Other Patient IDs."""

BIRTH_DATE_TAG = "(0010,0030)"
FIRST_BYTES = re.compile(r"\d+ bytes: ([0-9a-f ]+?)(?: …)?")


@dataclass(frozen=True, slots=True)
class TagNode:
    """One element, or one item of a sequence.

    Attributes:
        tag: ``(gggg,eeee)``; ``Item n`` for items.
        name: from the dictionary, or the private creator's; ``Private element`` where nothing is known. Of items that
            are an ROI's its number, and its name where the item has it.
        vr: two letters (PS3.5 6.2); empty for items.
        value: text, shortened to `LONGEST_VALUE`; bytes are shown as their length and first bytes in hex.
        private: whether it is a private element (odd group).
        creator: the private creator that its block is reserved by (PS3.5 7.8.1), if any.
        source: the items of a sequence that has some, or the elements of an item.
        place: the data set that an element is in, and its tag.
        hidden_words: the patient's, where it is as `without_patient` leaves it; None where nothing is hidden.
    """

    tag: str
    name: str
    vr: str
    value: str
    private: bool = False
    creator: str = ""
    source: object | None = None
    place: tuple[Dataset, int] | None = None
    hidden_words: frozenset[str] | None = None

    @property
    def has_children(self) -> bool:
        """Whether it is a sequence with items, or an item with elements."""
        return self.source is not None

    @property
    def full_name(self) -> str:
        """The name, and by whom the element is where it is private."""
        return f"{self.name} · {self.creator}" if self.creator else self.name

    @property
    def whole_value(self) -> str:
        """The value's text in full length; binary values stay as `value` has them."""
        if self.place is None or self.has_children or self.value == HIDDEN:
            return self.value
        try:
            whole = element_text(*self.place)
        except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value leads to; `value` says so)
            return self.value
        hidden = self.hidden_words if self.vr not in NUMBERS else None
        return HIDDEN if hidden and patient_words(hidden).found_in(whole) else whole

    @property
    def is_long(self) -> bool:
        """Whether making `whole_value` takes so long that a window should not wait for it."""
        if self.place is None or self.has_children or self.value == HIDDEN:
            return False
        dataset, tag = self.place
        element: Any = dataset.get_item(tag, keep_deferred=True)
        if isinstance(element, RawDataElement):
            return element.length > LONG_BYTES
        return isinstance(element.value, (str, list, pydicom.multival.MultiValue)) and len(element.value) > LONG_COUNT

    @property
    def number(self) -> str:
        """The ROI number of an item that is an ROI's, else empty."""
        return self.name.split()[1] if self.name.startswith("ROI ") and not self.vr else ""

    def children(self) -> Iterator[TagNode]:
        """The items of a sequence, or the elements of an item."""
        if self.hidden_words is None:
            yield from self._parts()
        else:
            yield from (without_patient(part, self.hidden_words) for part in self._parts())

    def _parts(self) -> Iterator[TagNode]:
        if isinstance(self.source, pydicom.Sequence):
            key = NUMBERED_ITEMS.get(self.place[1]) if self.place is not None else None
            for number, item in enumerate(self.source, 1):
                count = f"{len(item)} element" + ("" if len(item) == 1 else "s")
                yield TagNode(f"Item {number}", _item_name(item, key), "", count, source=item)
        elif self.source is not None:
            yield from _elements(self.source)  # type: ignore[arg-type]  # sources are sequences or data sets


def read_tags(path: str | Path) -> list[TagNode]:
    """The file meta information and all elements of a file's data set; files without a header (PS3.10 7.1) too.

    Where a file is cut off or damaged from some place on, a last node without a tag says so.

    Raises:
        UnreadableError: when the file can't be read as DICOM.
    """
    place = Path(path)
    try:
        # What is deflated can't be left in the file: places in it aren't those of its elements.
        deflated = _syntax(place) == DeflatedExplicitVRLittleEndian
        defer = None if deflated else DEFER_BYTES
        try:
            dataset = pydicom.dcmread(place, defer_size=defer)
        except InvalidDicomError:
            if scan_header(place) is None:
                raise
            dataset = pydicom.dcmread(place, defer_size=defer, force=True)
        return [*_elements(dataset.file_meta), *_elements(dataset), *_damage(place)]
    except (OSError, InvalidDicomError, EOFError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableError(
            f"its elements can't be read ({error})", path=place, remedy="get an intact copy of the file"
        ) from error


def _damage(path: Path) -> Iterator[TagNode]:
    """What pydicom leaves out without a word: from where on a file can't be read."""
    try:
        scan_header(path)
    except UnreadableError as error:
        yield TagNode("", "The rest of the file", "", f"can't be read: the file {error.what}")


def patient_words_of(nodes: Iterable[TagNode]) -> frozenset[str]:
    """Names and IDs of the patient among the elements of a data set, to find them elsewhere in it."""
    found: set[str] = set()
    for node in nodes:
        values = (node.value, *node.value.split("\\"))
        if node.tag in PATIENT_NAME_TAGS:
            found |= frozenset().union(*map(words_of, values))
        elif node.tag in PATIENT_ID_TAGS:
            found |= frozenset().union(*map(ids_of, values))
        elif node.tag == BIRTH_DATE_TAG:
            found |= dates_of(node.value)
    return frozenset(found)


def without_patient(node: TagNode, words: frozenset[str] = frozenset()) -> TagNode:
    """The node as it may be shown while the patient is hidden; what is in it as well.

    Args:
        node: an element or item.
        words: of the patient (`patient_words_of`): a value that has one of them is hidden, as all of group 0010, the
            patient's (PS3.6), are; in names of items and of private creators they are taken out.
    """
    if node.hidden_words == words:
        return node
    finder = patient_words(words)
    if node.tag.startswith(HIDDEN_GROUP) or finder.found_in(node.value) or finder.found_in(_first_bytes(node.value)):
        return replace(node, value=HIDDEN, source=None, hidden_words=words)
    start, name = (f"ROI {node.number} ", node.name) if node.number else ("", node.name)
    name = start.rstrip() if name == start.rstrip() else start + finder.taken_out(name[len(start) :])
    return replace(node, name=name, creator=finder.taken_out(node.creator), hidden_words=words)


def _first_bytes(value: str) -> str:
    """The text that bytes of an unknown VR may be, from how they are shown."""
    found = FIRST_BYTES.fullmatch(value)
    return "" if found is None else bytes.fromhex(found[1]).decode("utf-8", "replace")


def matches(node: TagNode, text: str) -> bool:
    """Whether tag, name, VR or value of this very node hold `text`, whatever the case."""
    wanted = text.casefold()
    return any(wanted in part.casefold() for part in (node.tag, node.full_name, node.vr, node.value))


def search(
    nodes: Iterable[TagNode],
    text: str,
    *,
    most: int | None = None,
    shown: Callable[[TagNode], TagNode] = lambda node: node,
    report: Report = no_report,
) -> list[TagNode]:
    """All nodes, at any depth, that `matches`, in the order of the file.

    Args:
        nodes: where to begin.
        text: what to look for.
        most: how many are enough.
        shown: what may be seen of a node, such as `without_patient`.
        report: told of (nodes looked at, 0).
    """
    found = (node for node in _walk(nodes, shown, report) if matches(node, text))
    return list(islice(found, most))


def tree_text(nodes: Iterable[TagNode], shown: Callable[[TagNode], TagNode], report: Report = no_report) -> str:
    """All nodes as lines of text, what is in sequences indented: tag, VR, name, value, between tabs."""
    lines: list[str] = []

    def add(level: Iterable[TagNode], indent: str) -> None:
        for node in map(shown, level):
            report(len(lines), 0)
            lines.append(indent + row_text(node))
            add(node.children(), indent + "  ")

    add(nodes, "")
    return "\n".join(lines)


def row_text(node: TagNode) -> str:
    """One node as a line of text: tag, VR, name, value in full length, between tabs."""
    return f"{node.tag}\t{node.vr}\t{node.full_name}\t{node.whole_value}"


def _walk(nodes: Iterable[TagNode], shown: Callable[[TagNode], TagNode], report: Report) -> Iterator[TagNode]:
    waiting = [iter(nodes)]
    count = 0
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        count += 1
        report(count, 0)
        node = shown(node)
        yield node
        if node.has_children:
            waiting.append(node.children())


def _syntax(path: Path) -> str:
    with suppress(AttributeError, InvalidDicomError):
        return str(read_file_meta_info(path).TransferSyntaxUID)
    return ""


def _item_name(item: Dataset, key: int | None) -> str:
    if key is None or key not in item:
        return ""
    name = str(item[ROI_NAME].value) if ROI_NAME in item else ""
    return f"ROI {item[key].value} {name}".rstrip()


def _elements(dataset: Dataset) -> Iterator[TagNode]:
    for tag in sorted(dataset.keys()):
        try:
            yield _element_node(dataset, tag)
        except Exception as error:  # noqa: BLE001  (pydicom raises whatever a damaged value leads to; the rest is shown)
            why = f"can't be decoded ({error})"
            yield TagNode(tag_text(tag), "Unreadable element", "", why, bool(tag.group % 2), place=(dataset, tag))


def _element_node(dataset: Dataset, tag: int) -> TagNode:
    raw = as_written(dataset, tag)
    element = dataset[tag] if raw is None else None
    items = element.value if element is not None and element.VR == "SQ" else None
    if element is not None and element.VR == "SQ":
        count = 0 if items is None else len(items)
        text = f"{count} item" + ("" if count == 1 else "s")
    elif raw is not None and raw.value is not None and len(raw.value) > LONG_NUMBERS:
        text = first_numbers(raw.value)
    else:
        text = shortened(element_text(dataset, tag), raw is not None or is_multiple(element))
    private = bool((tag >> 16) % 2)
    return TagNode(
        tag=tag_text(tag),
        name=pydicom.datadict.dictionary_description(tag) if element is None else element_name(element),
        vr=vr_of(raw) if raw is not None else str(element.VR),  # type: ignore[union-attr]  # one of both is there
        value=text,
        private=private,
        creator=creator_of(dataset, tag) if private else "",
        source=items or None,
        place=(dataset, tag),
    )
