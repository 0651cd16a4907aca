"""Files of what was measured, one for each study, that several programs may have open at the same time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rtvis.app.measuring import LEAST_CORNERS, POINTS, Measured
from rtvis.app.study_files import StudyFiles
from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

VERSION = 1
KINDS = {**POINTS, "area": LEAST_CORNERS}
"""Kinds that are kept, with how many points they have at least; of all but areas these are all."""


class Kept(NamedTuple):
    """A measurement, and whose it is.

    Attributes:
        identity: its own, by which programs know it again.
        study: of `rtvis.app.measurements.study_of`.
        frame: of `rtvis.app.measurements.frame_of`.
        measured: what it is.
    """

    identity: str
    study: str
    frame: str
    measured: Measured


class MeasurementFiles:
    """A folder with a file for each study.

    What another program wrote meanwhile isn't lost: a file is read again before it is written. What was in it once and
    no longer is was removed there, and isn't written again.

    Args:
        folder: made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._files = StudyFiles(folder, VERSION, "measurements of this study")
        self._seen: dict[str, set[str]] = {}
        self._states: dict[str, tuple[int, ...]] = {}
        self._removed: set[str] = set()

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._files.folder

    def is_changed(self, study: str) -> bool:
        """Whether the file of a study is another one than when it was last read or written here."""
        return self._files.state(study) != self._states.get(study, ())

    def read(self, study: str, mine: Sequence[Kept] = ()) -> tuple[Kept, ...]:
        """What is kept of a study, with what isn't written yet.

        Args:
            study: which.
            mine: what this program has of it.

        Raises:
            UnreadableError: when the file can't be read or is damaged; it is put aside then.
            NewerVersionError: when a newer version wrote it; it stays.
        """
        self._states[study] = self._files.state(study)
        try:
            found = self._found(study)
        except UnreadableError:
            self._seen.pop(study, None)  # put aside: that there is no file then doesn't tell that others removed all
            raise
        merged = self._merged(study, found, mine)
        self._seen.setdefault(study, set()).update(one.identity for one in found)
        return merged

    def write(self, study: str, mine: Sequence[Kept], removed: Collection[str] = ()) -> tuple[Kept, ...]:
        """Keep what this program has of a study, and what others wrote meanwhile.

        Args:
            study: which.
            mine: all that is to be kept of it, oldest first.
            removed: identities of those that are to be so no longer.

        Returns:
            What is kept now: what others measured first.

        Raises:
            OutputError: when it can't be written; the file stays as it was.
            UnreadableError: when what was there can't be read; it is put aside, and what this program has is written.
            NewerVersionError: when a newer version wrote what is there; it stays as it is.
        """
        self._removed.update(removed)
        damage: UnreadableError | None = None
        with self._files.alone():
            try:
                found = self._found(study)
            except UnreadableError as error:  # put aside: nothing tells what others removed
                found, damage = [], error
                self._seen.pop(study, None)
            merged = self._merged(study, found, mine)
            self._files.write(study, _content(study, merged) if merged else None)
            self._states[study] = self._files.state(study)
        self._seen[study] = {one.identity for one in merged}
        if damage is not None:
            raise damage
        return merged

    def _found(self, study: str) -> list[Kept]:
        return self._files.read(study, lambda content: _parsed(content, study)) or []

    def _merged(self, study: str, found: Sequence[Kept], mine: Sequence[Kept]) -> tuple[Kept, ...]:
        there, own = {one.identity for one in found}, {one.identity for one in mine}
        seen = self._seen.get(study, set())
        others = (one for one in found if one.identity not in own | self._removed)
        return (*others, *(one for one in mine if one.identity in there or one.identity not in seen))


def _content(study: str, kept: Iterable[Kept]) -> dict[str, Any]:
    entries = [
        {
            "id": one.identity,
            "frame": one.frame,
            "kind": one.measured.kind,
            "closed": one.measured.closed,
            "points": one.measured.points.tolist(),
        }
        for one in kept
    ]
    return {"study": study, "measurements": entries}


def _parsed(content: dict[str, Any], study: str) -> list[Kept]:
    if content["study"] != study:
        raise ValueError("another study")
    return [_kept(entry, study, place) for place, entry in enumerate(content["measurements"])]


def _kept(entry: dict[str, object], study: str, place: int) -> Kept:
    kind, points = str(entry["kind"]), np.array(entry["points"], dtype=np.float64)
    fits = len(points) >= KINDS[kind] if kind == "area" else len(points) == KINDS[kind]
    if points.ndim != 2 or points.shape[1] != 3 or not np.all(np.isfinite(points)) or not fits:
        raise ValueError(f"no {kind}")
    measured = Measured(points, closed=bool(entry["closed"]), kind=kind)
    # Files of before measurements had identities: what they are, and which of several like it, tells them apart.
    own = hashlib.sha256(f"{place} {kind} {points.tolist()}".encode()).hexdigest()[:32]
    return Kept(str(entry.get("id", own)), study, str(entry["frame"]), measured)
