"""Two DICOM objects compared, element by element, to any depth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import pydicom
from pydicom.dataelem import RawDataElement

from rtvis.app.element_texts import element_text, is_as_written, raw_element
from rtvis.app.tags import NUMBERED_ITEMS, TagNode, matches
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from typing import TypeAlias

    from pydicom.dataset import Dataset

    from rtvis.model.progress import Report

    Shown: TypeAlias = Callable[[TagNode], TagNode]


class Change(Enum):
    """What became of an element from one object to the other; the values are for people to read."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    """Only the other object has it."""
    REMOVED = "removed"
    """Only the first object has it."""


@dataclass(frozen=True, slots=True)
class TagPair:
    """One element, or one item of a sequence, in both objects.

    Attributes:
        one: in the first object, None where only the other has it.
        other: in the other object, likewise.
        change: of a sequence or item, whether anything in it differs.
        parts: what is in a changed sequence or item; of others it is found when it is asked for.
    """

    one: TagNode | None
    other: TagNode | None
    change: Change
    parts: tuple[TagPair, ...] | None = None

    @property
    def node(self) -> TagNode:
        """The element as the first object has it, or else as the other has it."""
        node = self.one or self.other
        assert node is not None  # a pair is of something
        return node

    @property
    def title(self) -> str:
        """Tag and name; of items in two places, both."""
        tag, name = self.node.tag, self.node.full_name
        if self.one is not None and self.other is not None and self.one.tag != self.other.tag:
            tag = f"{self.one.tag} | {self.other.tag}"
        return f"{tag}  {name}".rstrip()

    @property
    def has_children(self) -> bool:
        """Whether it is a sequence with items, or an item with elements, in either object."""
        return any(node is not None and node.has_children for node in (self.one, self.other))

    def children(self) -> Iterator[TagPair]:
        """What is in it, in the order of tags or items."""
        if self.parts is not None:
            yield from self.parts
        elif self.one is not None and self.other is not None:
            pairs = zip(self.one.children(), self.other.children(), strict=True)  # nothing differs
            yield from (TagPair(one, other, self.change) for one, other in pairs)
        elif self.one is not None:
            yield from (TagPair(one, None, self.change) for one in self.one.children())
        elif self.other is not None:
            yield from (TagPair(None, other, self.change) for other in self.other.children())

    def seen_as(self, shown: Shown) -> TagPair:
        """The pair with what may be seen of its nodes, such as `rtvis.app.tags.without_patient` leaves."""
        one, other = (None if node is None else shown(node) for node in (self.one, self.other))
        has_parts = any(node is not None and node.has_children for node in (one, other))
        return TagPair(one, other, self.change, self.parts if has_parts else None)


def compare(
    one: Sequence[TagNode], other: Sequence[TagNode], *, by_number: bool = False, report: Report = no_report
) -> tuple[TagPair, ...]:
    """Compare two objects.

    Values differ where their text does, blanks at the end apart: ``1.0`` and ``1.00`` are two values. An element that
    has another VR has changed, unless one of the two is UN, which is any VR that a file doesn't tell (PS3.5 6.2.2).

    Args:
        one: all elements of the first object, as `rtvis.app.tags.read_tags` gives them.
        other: of the other object.
        by_number: match items that are an ROI's (`rtvis.app.tags.NUMBERED_ITEMS`) by its number; else the first item
            of a sequence with the first, and so on.
        report: told of (elements looked at, 0).

    Returns:
        A pair for each element, those that are the same included, by tag.
    """
    count = 0

    def looked() -> None:
        nonlocal count
        count += 1
        report(count, 0)

    return _pairs_of_elements(one, other, by_number, looked)


def flattened(
    pairs: Iterable[TagPair], *, differences_only: bool, shown: Shown = lambda node: node
) -> Iterator[tuple[int, TagPair]]:
    """All pairs at any depth as they may be seen, with their depth, parents first; or those in which anything differs.

    What is in a sequence that isn't shown is left out.
    """
    waiting = [iter(pairs)]
    while waiting:
        pair = next(waiting[-1], None)
        if pair is None:
            waiting.pop()
        elif not differences_only or pair.change is not Change.SAME:
            seen = pair.seen_as(shown)
            yield len(waiting) - 1, seen
            waiting.append(seen.children())


def found(
    pairs: Iterable[TagPair],
    text: str,
    *,
    differences_only: bool,
    shown: Shown,
    most: int,
    report: Report = no_report,
) -> list[TagPair]:
    """The first `most` pairs that hold `text` in tag, name, VR, either value, or the word for what changed."""
    wanted, hits = text.casefold(), []
    for count, (_, seen) in enumerate(flattened(pairs, differences_only=differences_only, shown=shown)):
        report(count, 0)
        nodes = [node for node in (seen.one, seen.other) if node is not None]
        if wanted in seen.change.value or any(matches(node, text) for node in nodes):
            hits.append(seen)
            if len(hits) == most:
                break
    return hits


def pairs_text(pairs: Iterable[TagPair], *, differences_only: bool, shown: Shown, report: Report = no_report) -> str:
    """Lines of text, what is in sequences indented: what changed, tag and name, this value, that value."""
    lines: list[str] = []
    for depth, seen in flattened(pairs, differences_only=differences_only, shown=shown):
        report(len(lines), 0)
        lines.append("  " * depth + pair_text(seen))
    return "\n".join(lines)


def pair_text(pair: TagPair) -> str:
    """One pair as a line of text with whole values, between tabs."""
    values = ("" if node is None else node.whole_value for node in (pair.one, pair.other))
    return "\t".join((pair.change.value, pair.title, *values))


# --- pairs ---------------------------------------------------------------------------------------------------------


def _pairs_of_elements(
    ones: Iterable[TagNode], others: Iterable[TagNode], by_number: bool, looked: Callable[[], None]
) -> tuple[TagPair, ...]:
    left, right = {node.tag: node for node in ones}, {node.tag: node for node in others}
    return tuple(_pair(left.get(tag), right.get(tag), by_number, looked) for tag in sorted(left.keys() | right.keys()))


def _pair(one: TagNode | None, other: TagNode | None, by_number: bool, looked: Callable[[], None]) -> TagPair:
    looked()
    if one is None:
        return TagPair(None, other, Change.ADDED)
    if other is None:
        return TagPair(one, None, Change.REMOVED)
    if _is_same(one, other):
        return TagPair(one, other, Change.SAME)
    if not (one.has_children or other.has_children):
        return TagPair(one, other, Change.CHANGED)
    if one.place is None:  # items
        parts = _pairs_of_elements(one.children(), other.children(), by_number, looked)
    else:
        matched = by_number and one.place[1] in NUMBERED_ITEMS
        parts = tuple(
            _pair(left, right, by_number, looked)
            for left, right in _matched(list(one.children()), list(other.children()), matched)
        )
    differs = any(part.change is not Change.SAME for part in parts) or one.vr != other.vr
    return TagPair(one, other, Change.CHANGED if differs else Change.SAME, parts)


def _matched(
    ones: list[TagNode], others: list[TagNode], by_number: bool
) -> Iterator[tuple[TagNode | None, TagNode | None]]:
    """Items by ROI number, the first with a number with the first that has it; or by their place."""
    if not by_number:
        for n in range(max(len(ones), len(others))):
            yield ones[n] if n < len(ones) else None, others[n] if n < len(others) else None
        return
    waiting: defaultdict[str, list[TagNode]] = defaultdict(list)
    for other in others:
        waiting[other.number].append(other)
    for one in ones:
        yield one, waiting[one.number].pop(0) if waiting[one.number] else None
    left = {id(node) for nodes in waiting.values() for node in nodes}
    yield from ((None, other) for other in others if id(other) in left)


def _is_same(one: TagNode, other: TagNode) -> bool:
    if one.place is not None and other.place is not None:
        return _same_element(*one.place, *other.place)
    if isinstance(one.source, pydicom.Dataset) and isinstance(other.source, pydicom.Dataset):
        return _same_item(one.source, other.source)
    return False


def _same_item(one: Dataset, other: Dataset) -> bool:
    return one.keys() == other.keys() and all(_same_element(one, tag, other, tag) for tag in one.keys())  # noqa: SIM118  (iterating over a data set takes its values apart)


def _same_element(one: Dataset, tag: int, other: Dataset, other_tag: int) -> bool:
    try:
        left, right = raw_element(one, tag), raw_element(other, other_tag)
        if left is not None and right is not None and _same_bytes(left, right, one, other):
            return True
        return _same_value(one, tag, other, other_tag)
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value leads to; that isn't told to be the same)
        return False


def _same_bytes(left: RawDataElement, right: RawDataElement, one: Dataset, other: Dataset) -> bool:
    """Whether two values that nobody took apart are written in the same way, and mean the same."""
    return (
        left.value is not None
        and left.value == right.value
        and (left.VR, left.is_little_endian, left.is_implicit_VR)
        == (right.VR, right.is_little_endian, right.is_implicit_VR)
        and one.original_character_set == other.original_character_set
    )


def _same_value(one: Dataset, tag: int, other: Dataset, other_tag: int) -> bool:
    if is_as_written(one, tag) and is_as_written(other, other_tag):
        return element_text(one, tag) == element_text(other, other_tag)
    left, right = one[tag], other[other_tag]
    if left.VR == "SQ" and right.VR == "SQ":
        items, others = left.value or [], right.value or []
        return len(items) == len(others) and all(map(_same_item, items, others))
    if isinstance(left.value, bytes) and isinstance(right.value, bytes):
        same = left.value.rstrip(b"\0") == right.value.rstrip(b"\0")
    elif isinstance(left.value, bytes) or isinstance(right.value, bytes):
        same = _bytes_of(left.value) == _bytes_of(right.value)
    else:
        same = element_text(one, tag).rstrip() == element_text(other, other_tag).rstrip()
    return same and (left.VR == right.VR or "UN" in {left.VR, right.VR})


def _bytes_of(value: object) -> bytes:
    """A value as text in bytes: of two, one is of a VR that its file doesn't tell."""
    text = value if isinstance(value, bytes) else str(value).encode()
    return text.rstrip(b"\0 ")
