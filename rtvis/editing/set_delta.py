"""What an edit changed in a structure set, written down so that it can be done again.

Contours are numbered: those of the set that editing began with in their order, from 0, then each new one as it appears.
A delta holds the new contours (their doubles as they are), and for each changed ROI its attributes, where they changed,
and one splice of its list of contour numbers. So it is as large as what changed, whatever the size of the set; undoing
and redoing write numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.digest_tree import contour_leaf, roi_node, tree_root

if TYPE_CHECKING:
    from rtvis.editing.record_chain import Header
    from rtvis.model.structure_set import Contour, Roi, StructureSet

MOST_KEPT_BYTES = 256 * 1024 * 1024
"""New contours are remembered, so that undo and redo can name them, until they are so large together. One that was
forgotten and comes back is written again."""


@dataclass(slots=True, eq=False)
class _Known:
    """A contour with its number; holding it keeps its `id` from being given to another."""

    contour: Contour
    number: int
    leaf: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """A change that was described and is not yet accepted as written.

    Attributes:
        header: what a record says of it, digests before and after (hex) included.
        blob: points of its new contours, little-endian doubles.
    """

    header: Header
    blob: bytes
    after: StructureSet
    known: list[_Known]
    nodes: dict[int, tuple[Roi, bytes]]
    root: bytes


@dataclass(slots=True, eq=False)
class DeltaWriter:
    """Describes changes, one after the other, from a first structure set on.

    Args:
        base: the set that editing begins with.
    """

    base: StructureSet
    value: StructureSet = field(init=False)
    root: bytes = field(init=False)
    _known: dict[int, _Known] = field(init=False, default_factory=dict)
    _nodes: dict[int, tuple[Roi, bytes]] = field(init=False, default_factory=dict)
    _origins: dict[int, tuple[object, int]] = field(init=False, default_factory=dict)
    _next: int = field(init=False, default=0)
    _kept_bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.restart(self.base)

    def restart(self, base: StructureSet) -> None:
        """Begin anew with the set that was just saved: its contours are numbered from 0."""
        leaves = {key: one.leaf for key, one in self._known.items()}
        held = self._known  # keeps every `id` in `leaves` alive
        self.base = self.value = base
        self._known, self._nodes, self._origins, self._next = {}, {}, {}, 0
        for roi in base.rois:
            if roi.origin is not None:
                self._origins.setdefault(id(roi.origin), (roi.origin, roi.number))
            for contour in roi.contours:
                leaf = leaves.get(id(contour)) or contour_leaf(contour.geometric_type, contour.points_lps)
                # A contour that is in two places gets two numbers: bases are numbered by place, as they are read.
                self._known.setdefault(id(contour), _Known(contour, self._next, leaf))
                if contour.origin is not None:
                    self._origins.setdefault(id(contour.origin), (contour.origin, self._next))
                self._next += 1
        del held
        for roi in base.rois:
            self._nodes[id(roi)] = (roi, self._node(roi, {}))
        self.root = tree_root(self._nodes[id(one)][1] for one in base.rois)

    def resume(self, value: StructureSet, numbers: dict[int, list[int]], following: int) -> None:
        """Go on after a replay that began with this writer's base.

        Args:
            value: the set as it was replayed.
            numbers: of the contours of each ROI, by its number.
            following: the number that the next new contour gets.
        """
        self.value, self._next = value, following
        for roi in value.rois:
            for contour, number in zip(roi.contours, numbers[roi.number], strict=True):
                if id(contour) not in self._known:
                    leaf = contour_leaf(contour.geometric_type, contour.points_lps)
                    self._known[id(contour)] = _Known(contour, number, leaf)
        self._nodes = {id(roi): (roi, self._node(roi, {})) for roi in value.rois}
        self.root = tree_root(self._nodes[id(one)][1] for one in value.rois)

    def opening(self) -> tuple[Header, bytes]:
        """What a record says of the base: its ROIs and, in the blob, the digests of its contours."""
        rois = [{**_attributes(roi), "contours": len(roi.contours)} for roi in self.base.rois]
        leaves = b"".join(self._known[id(one)].leaf for roi in self.base.rois for one in roi.contours)
        return {"label": self.base.label, "rois": rois, "after": self.root.hex()}, leaves

    def delta(self, after: StructureSet) -> Delta:
        """Describe the way from `value` to `after`; call `accept` once it is written."""
        before = self.value
        fresh: dict[int, _Known] = {}
        old = {roi.number: roi for roi in before.rois}
        nodes: dict[int, tuple[Roi, bytes]] = {}
        changes: list[Header] = []
        for roi in after.rois:
            was = old.get(roi.number)
            if was is roi:
                nodes[id(roi)] = self._nodes[id(roi)]
                continue
            changes.append(self._change(was, roi, fresh))
            nodes[id(roi)] = (roi, self._node(roi, fresh))
        root = tree_root(nodes[id(one)][1] for one in after.rois)
        header: Header = {"before": self.root.hex(), "after": root.hex()}
        if before.label != after.label:
            header["label"] = after.label
        order = [one.number for one in after.rois]
        if order != [one.number for one in before.rois]:
            header["order"] = order
        if changes:
            header["rois"] = changes
        if fresh:
            header["contours"] = [self._definition(one.contour) for one in fresh.values()]
        blob = b"".join(np.ascontiguousarray(one.contour.points_lps, dtype="<f8").tobytes() for one in fresh.values())
        return Delta(header, blob, after, list(fresh.values()), nodes, root)

    def accept(self, delta: Delta) -> None:
        """A delta was written: the next one begins where it ends."""
        self.value, self.root, self._nodes = delta.after, delta.root, delta.nodes
        for one in delta.known:
            self._known[id(one.contour)] = one
        self._next += len(delta.known)
        self._kept_bytes += len(delta.blob)
        if self._kept_bytes > MOST_KEPT_BYTES:
            self._kept_bytes = 0
            kept = {id(contour) for roi in self.value.rois for contour in roi.contours}
            self._known = {key: one for key, one in self._known.items() if key in kept}

    def _change(self, was: Roi | None, roi: Roi, fresh: dict[int, _Known]) -> Header:
        change: Header = {"number": roi.number}
        attributes = _attributes(roi)
        if was is None or _attributes(was) != attributes or was.origin is not roi.origin:
            change["is"] = {**attributes, "origin": self._origin(roi.origin)}
        earlier = () if was is None else was.contours
        start, drop, end = _splice(earlier, roi.contours)
        if drop or end > start:
            put = [self._number(one, fresh) for one in roi.contours[start:end]]
            change |= {"at": start, "drop": drop, "put": put}
        return change

    def _number(self, contour: Contour, fresh: dict[int, _Known]) -> int:
        known = self._known.get(id(contour)) or fresh.get(id(contour))
        if known is None:
            leaf = contour_leaf(contour.geometric_type, contour.points_lps)
            known = fresh[id(contour)] = _Known(contour, self._next + len(fresh), leaf)
        return known.number

    def _definition(self, contour: Contour) -> Header:
        images = [[one.sop_class_uid, one.sop_instance_uid, one.frame] for one in contour.images]
        definition: Header = {"type": contour.geometric_type, "points": len(contour.points_lps), "images": images}
        origin = self._origin(contour.origin)
        return definition if origin is None else {**definition, "origin": origin}

    def _origin(self, origin: object) -> int | None:
        """The number of the contour, or ROI, of the base that what a file carried belongs to."""
        known = None if origin is None else self._origins.get(id(origin))
        return None if known is None else known[1]

    def _node(self, roi: Roi, fresh: dict[int, _Known]) -> bytes:
        leaves = ((self._known.get(id(one)) or fresh[id(one)]).leaf for one in roi.contours)
        return roi_node(roi.number, roi.name, roi.interpreted_type, roi.color, leaves)


def _attributes(roi: Roi) -> Header:
    return {
        "number": roi.number,
        "name": roi.name,
        "color": None if roi.color is None else list(roi.color),
        "type": roi.interpreted_type,
        "algorithm": roi.algorithm,
        "frame": roi.frame_of_reference_uid,
    }


def _splice(old: tuple[Contour, ...], new: tuple[Contour, ...]) -> tuple[int, int, int]:
    """Where the contours begin to differ, how many old ones are replaced from there, where the new ones end."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] is new[start]:
        start += 1
    tail = 0
    while tail < shorter - start and old[-1 - tail] is new[-1 - tail]:
        tail += 1
    return start, len(old) - start - tail, len(new) - tail
