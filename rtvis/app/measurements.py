"""What was measured, by study: it is there again when a study is opened again."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from psygnal import Signal

from rtvis.app.measuring import LEAST_CORNERS, POINTS, Measured
from rtvis.dicom.files import written_whole
from rtvis.editing.journal_folder import default_folder as journal_folder
from rtvis.model.errors import OutputError, RtvisError, UnreadableError
from rtvis.model.structure_set import StructureSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.model.volume import VolumeHeader

VERSION = 1
KINDS = {**POINTS, "area": LEAST_CORNERS}
"""Kinds that are kept, with how many points they have at least; of all but areas these are all."""


def default_folder() -> Path:
    """Where measurements are kept: beside the journals, `$XDG_STATE_HOME/rtvis/measurements`."""
    return journal_folder().with_name("measurements")


def frame_of(shown: VolumeHeader | StructureSet) -> str:
    """What says where a measurement shows: the frame of reference; the volume or the set itself where it names none."""
    return shown.frame_of_reference_uid or _name_of(shown)


def study_of(shown: VolumeHeader | StructureSet) -> str:
    """What measurements are kept by: the StudyInstanceUID; the volume or the set itself where it has none."""
    return shown.study_instance_uid or _name_of(shown)


def _name_of(shown: VolumeHeader | StructureSet) -> str:
    return shown.key if isinstance(shown, StructureSet) else shown.volume_id


class _Kept(NamedTuple):
    study: str
    frame: str
    measured: Measured


class Measurements:
    """What was measured, oldest first; `changed` follows each change, `failed` carries why it isn't on disk.

    A frame of reference alone doesn't tell whose it is, since some programs give all their images the same: what was
    measured is kept by study, and within one it shows in all volumes of a frame.

    Args:
        folder: where a file for each study is kept; None keeps them as long as the program runs.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._remembered: dict[str, tuple[_Kept, ...]] = {}
        self._kept: tuple[_Kept, ...] = ()

    def open(self, opened: Iterable[VolumeHeader | StructureSet]) -> None:
        """Show what was measured earlier in the studies of these volumes and sets, and nothing of others."""
        kept: list[_Kept] = []
        for study in dict.fromkeys(study_of(one) for one in opened):
            kept += self._remembered[study] if study in self._remembered else self._read(study)
        self._kept = tuple(kept)
        self.changed.emit()

    def add(self, measured: Measured, frame: str, study: str = "") -> None:
        """Keep a measurement.

        Args:
            measured: what was measured.
            frame: `frame_of` its volume, or its set; it shows in all volumes of the study with the same.
            study: `study_of` the same; one that isn't of any is gone when another study is opened.
        """
        self._change((*self._kept, _Kept(study, frame, measured)))

    @property
    def count(self) -> int:
        """How many there are, in all frames of reference."""
        return len(self._kept)

    def of(self, frame: str) -> tuple[Measured, ...]:
        """Those of a frame of reference."""
        return tuple(one.measured for one in self._kept if one.frame == frame)

    def remove_last(self) -> None:
        """Forget the newest."""
        if self._kept:
            self._change(self._kept[:-1])

    def clear(self) -> None:
        """Forget all of what is open."""
        if self._kept:
            self._change(())

    def _change(self, kept: tuple[_Kept, ...]) -> None:
        before, self._kept = self._kept, kept
        self.changed.emit()
        for study in dict.fromkeys(one.study for one in (*before, *kept) if one.study):
            mine = tuple(one for one in kept if one.study == study)
            if mine != tuple(one for one in before if one.study == study):
                self._remembered[study] = mine
                self._write(study, mine)

    # --- files -----------------------------------------------------------------------------------------------------

    def _path(self, study: str) -> Path | None:
        name = hashlib.sha256(study.encode()).hexdigest()[:32]
        return None if self._folder is None else self._folder / f"{name}.json"

    def _read(self, study: str) -> tuple[_Kept, ...]:
        path = self._path(study)
        if path is None or not path.exists():
            return ()
        try:
            return tuple(_Kept(study, frame, one) for frame, one in read_measurements(path, study))
        except RtvisError as error:
            with suppress(OSError):  # out of the way of the next ones; where even that fails they replace it
                path.replace(path.with_suffix(".damaged"))
            self.failed.emit(error)
            return ()

    def _write(self, study: str, kept: tuple[_Kept, ...]) -> None:
        path = self._path(study)
        if path is None:
            return
        try:
            if kept:
                write_measurements(path, study, ((one.frame, one.measured) for one in kept))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"measurements can't be forgotten ({error.strerror})"
            self.failed.emit(OutputError(problem, path=path, remedy="remove the file"))
        except RtvisError as error:
            self.failed.emit(error)


def write_measurements(path: Path, study: str, measured: Iterable[tuple[str, Measured]]) -> None:
    """Write (frame, measurement) pairs of a study to a file, readable by its owner only.

    Raises:
        OutputError: when it can't be written; a file that was there stays.
    """
    entries = [
        {"frame": frame, "kind": one.kind, "closed": one.closed, "points": one.points.tolist()}
        for frame, one in measured
    ]
    content = {"version": VERSION, "study": study, "measurements": entries}
    with written_whole(path, overwrite=True) as handle:
        os.fchmod(handle.fileno(), 0o600)
        handle.write(json.dumps(content, indent=1).encode())


def read_measurements(path: Path, study: str) -> list[tuple[str, Measured]]:
    """(frame, measurement) pairs of a file.

    Raises:
        UnreadableError: when it can't be read, isn't one of measurements, or is of another study.
    """
    try:
        content = json.loads(path.read_bytes())
        if content["version"] != VERSION or content["study"] != study:
            raise ValueError("another version or study")
        return [_measured(entry) for entry in content["measurements"]]
    except OSError as error:
        raise UnreadableError(f"earlier measurements can't be read ({error.strerror})", path=path) from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise UnreadableError("earlier measurements can't be read: the file is damaged", path=path) from error


def _measured(entry: dict[str, object]) -> tuple[str, Measured]:
    kind, points = str(entry["kind"]), np.array(entry["points"], dtype=np.float64)
    fits = len(points) >= KINDS[kind] if kind == "area" else len(points) == KINDS[kind]
    if points.ndim != 2 or points.shape[1] != 3 or not np.all(np.isfinite(points)) or not fits:
        raise ValueError(f"no {kind}")
    return str(entry["frame"]), Measured(points, closed=bool(entry["closed"]), kind=kind)
