"""Doing recorded edits again: as a structure set for recovery, as digests alone for a check of the history."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.editing.record_chain import SEAL_BYTES
from rtvis.model.digest_tree import contour_leaf, roi_node, tree_digest, tree_root
from rtvis.model.errors import InputError
from rtvis.model.structure_set import Contour, ImageReference, Roi, StructureSet

if TYPE_CHECKING:
    from rtvis.editing.record_chain import Header, Record


class ReplayError(InputError):
    """A record that doesn't follow from those before it."""


@dataclass(slots=True)
class _RoiState:
    attributes: Header
    contours: list[int]
    node: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Definition:
    """A contour that was drawn: its record's words, and its points as bytes."""

    words: Header
    data: memoryview


@dataclass(slots=True, eq=False)
class Replay:
    """A structure set as records tell of it, contours as numbers.

    Args:
        opening: the record that editing began with (``opened`` or ``saved``).

    Raises:
        ReplayError: when it makes no sense.
    """

    opening: Record
    label: str = field(init=False, default="")
    _rois: dict[int, _RoiState] = field(init=False, default_factory=dict)
    _leaves: dict[int, bytes] = field(init=False, default_factory=dict)
    _drawn: dict[int, _Definition] = field(init=False, default_factory=dict)
    _base_count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        header, blob = self.opening.header, self.opening.blob
        try:
            self.label = str(header["label"])
            place = 0
            for words in header["rois"]:
                count = int(words["contours"])
                attributes = {key: value for key, value in words.items() if key != "contours"}
                attributes["origin"] = int(words["number"])  # an ROI of the base has its own
                self._rois[int(words["number"])] = _RoiState(attributes, list(range(place, place + count)))
                place += count
            if place * SEAL_BYTES != len(blob):
                raise ReplayError(
                    f"its opening record tells of {place} contours and holds {len(blob)} bytes of digests"
                )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReplayError(f"its opening record makes no sense ({error})") from error
        self._base_count = place
        self._leaves = {n: bytes(blob[n * SEAL_BYTES : (n + 1) * SEAL_BYTES]) for n in range(place)}

    def apply(self, record: Record) -> None:
        """Do one recorded edit again.

        Raises:
            ReplayError: when it doesn't fit to what was before.
        """
        header = record.header
        try:
            self._define(record)
            self.label = str(header.get("label", self.label))
            for change in header.get("rois", ()):
                self._change(change)
            if "order" in header:
                self._rois = {int(number): self._rois[int(number)] for number in header["order"]}
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ReplayError(f"{header.get('name')!r} doesn't fit to what was before ({error})") from error

    def _define(self, record: Record) -> None:
        place, number = 0, self._base_count + len(self._drawn)
        for words in record.header.get("contours", ()):
            end = place + 24 * int(words["points"])
            if not place <= end <= len(record.blob):
                raise ValueError("points are missing")
            self._drawn[number] = _Definition(words, record.blob[place:end])
            place, number = end, number + 1
        if place != len(record.blob):
            raise ValueError("points are left over")

    def _change(self, change: Header) -> None:
        number = int(change["number"])
        state = self._rois.get(number)
        if state is None:
            state = self._rois[number] = _RoiState(change["is"], [])
        state.node = None
        if "is" in change:
            state.attributes = change["is"]
        if "put" in change:
            start, drop = int(change["at"]), int(change["drop"])
            put = [int(one) for one in change["put"]]
            known = self._base_count + len(self._drawn)
            if not 0 <= start <= start + drop <= len(state.contours) or any(not 0 <= one < known for one in put):
                raise ValueError("it names contours that aren't there")
            state.contours[start : start + drop] = put

    def root(self) -> bytes:
        """The tree digest of the set as it is now.

        Raises:
            ReplayError: when an ROI makes no sense.
        """
        try:
            for number, state in self._rois.items():
                if state.node is None:
                    words = state.attributes
                    shade = words["color"]
                    state.node = roi_node(
                        number,
                        str(words["name"]),
                        str(words["type"]),
                        None if shade is None else (int(shade[0]), int(shade[1]), int(shade[2])),
                        [self._leaf(one) for one in state.contours],
                    )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ReplayError(f"an ROI makes no sense ({error})") from error
        return tree_root(state.node for state in self._rois.values() if state.node is not None)

    def _leaf(self, number: int) -> bytes:
        leaf = self._leaves.get(number)
        if leaf is None:
            one = self._drawn[number]
            points = np.frombuffer(one.data, dtype="<f8").reshape(-1, 3)
            leaf = self._leaves[number] = contour_leaf(str(one.words["type"]), points)
        return leaf

    @property
    def following(self) -> int:
        """The number that the next new contour gets."""
        return self._base_count + len(self._drawn)

    @property
    def numbers(self) -> dict[int, list[int]]:
        """The numbers of the contours of each ROI, by its own number."""
        return {number: list(state.contours) for number, state in self._rois.items()}

    def on(self, base: StructureSet) -> StructureSet:
        """The set as it is now, its untouched contours being those of `base`.

        Args:
            base: what editing began with, read again; see `fits`.

        Raises:
            ReplayError: when a contour or an ROI makes no sense.
        """
        contours = [contour for roi in base.rois for contour in roi.contours]
        rois = {roi.number: roi for roi in base.rois}
        made: dict[int, Contour] = {}
        result = []
        try:
            for number, state in self._rois.items():
                curves = []
                for one in state.contours:
                    if one < self._base_count:
                        curves.append(contours[one])
                    else:
                        if one not in made:
                            made[one] = _contour(self._drawn[one], contours)
                        curves.append(made[one])
                result.append(_roi(number, state.attributes, tuple(curves), rois))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ReplayError(f"an ROI makes no sense ({error})") from error
        return replace(base, label=self.label, rois=tuple(result))


def base_of(opening: Record, candidate: StructureSet) -> StructureSet | None:
    """`candidate` with its ROIs in the order of the opening record; None when it isn't what editing began with.

    Args:
        opening: a record that made a `Replay`.
        candidate: what may be it.
    """
    rois = {roi.number: roi for roi in candidate.rois}
    order = [int(words["number"]) for words in opening.header["rois"]]
    if sorted(rois) != sorted(order):
        return None
    ordered = replace(candidate, rois=tuple(rois[number] for number in order))
    return ordered if tree_digest(ordered).hex() == opening.header.get("after") else None


def _contour(one: _Definition, base: list[Contour]) -> Contour:
    words = one.words
    points = np.frombuffer(bytes(one.data), dtype="<f8").reshape(-1, 3).astype(np.float64, copy=False)
    images = tuple(ImageReference(str(a), str(b), None if c is None else int(c)) for a, b, c in words["images"])
    origin = base[words["origin"]].origin if "origin" in words else None
    return Contour(points, str(words["type"]), images, origin)


def _roi(number: int, words: Header, contours: tuple[Contour, ...], base: dict[int, Roi]) -> Roi:
    shade, own = words["color"], base.get(number)
    source = None if words["origin"] is None else base.get(int(words["origin"]))
    made = Roi(
        number=number,
        name=str(words["name"]),
        contours=contours,
        color=None if shade is None else (int(shade[0]), int(shade[1]), int(shade[2])),
        interpreted_type=str(words["type"]),
        algorithm=str(words["algorithm"]),
        frame_of_reference_uid=str(words["frame"]),
        origin=None if source is None else source.origin,
    )
    # The very object of the base where nothing changed, so that later edits needn't look into it.
    same = own is not None and all(getattr(own, one.name) == getattr(made, one.name) for one in fields(Roi))
    return own if own is not None and same else made
