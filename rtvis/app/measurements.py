"""What was measured, by study: it is there again when a study is opened again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from psygnal import Signal

from rtvis.app.measurement_files import Kept, MeasurementFiles
from rtvis.editing.journal_folder import default_folder as journal_folder
from rtvis.model.errors import NewerVersionError, RtvisError, UnreadableError
from rtvis.model.structure_set import StructureSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.app.measuring import Measured
    from rtvis.model.volume import VolumeHeader


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


class Measurements:
    """What was measured, oldest first; `changed` follows each change, `failed` carries why it isn't on disk.

    A frame of reference alone doesn't tell whose it is, since some programs give all their images the same: what was
    measured is kept by study, and within one it shows in all volumes of a frame. Where two programs have one study open
    each has what the other measured or removed as soon as it measures or removes something itself, or is told to
    `refresh`.

    Args:
        folder: where a file for each study is kept; None keeps them as long as the program runs.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self._files = None if folder is None else MeasurementFiles(folder)
        self._remembered: dict[str, tuple[Kept, ...]] = {}
        self._kept: tuple[Kept, ...] = ()
        self._studies: tuple[str, ...] = ()
        self._newer: set[str] = set()

    @property
    def folder(self) -> Path | None:
        """Where a file for each study is kept; None where they last as long as the program."""
        return None if self._files is None else self._files.folder

    def open(self, opened: Iterable[VolumeHeader | StructureSet]) -> None:
        """Show what was measured earlier in the studies of these volumes and sets, and nothing of others."""
        self._studies = tuple(dict.fromkeys(study_of(one) for one in opened))
        self._kept = tuple(one for study in self._studies for one in self._read(study, self._remembered.get(study, ())))
        self.changed.emit()

    def refresh(self) -> None:
        """Show what another program measured or removed since in what is open; only files that changed are read."""
        before = self._kept
        for study in self._studies:
            if self._files is not None and self._files.is_changed(study):
                mine = tuple(one for one in self._kept if one.study == study)
                self._take(study, self._read(study, mine))
        if self._kept != before:
            self.changed.emit()

    def _read(self, study: str, mine: tuple[Kept, ...]) -> tuple[Kept, ...]:
        if self._files is None:
            return mine
        try:
            return self._files.read(study, mine)
        except NewerVersionError as error:
            self._tell_newer(study, error)
        except UnreadableError as error:
            self.failed.emit(error)
        return mine

    def _take(self, study: str, merged: tuple[Kept, ...]) -> None:
        """These are the measurements of a study now."""
        if merged != tuple(one for one in self._kept if one.study == study):
            self._remembered[study] = merged
            self._kept = (*(one for one in self._kept if one.study != study), *merged)

    def _tell_newer(self, study: str, error: NewerVersionError) -> None:
        """Once is enough: each measurement meets the same file."""
        if study not in self._newer:
            self._newer.add(study)
            self.failed.emit(error)

    def add(self, measured: Measured, frame: str, study: str = "") -> None:
        """Keep a measurement.

        Args:
            measured: what was measured.
            frame: `frame_of` its volume, or its set; it shows in all volumes of the study with the same.
            study: `study_of` the same; one that isn't of any is gone when another study is opened.
        """
        self._change((*self._kept, Kept(uuid4().hex, study, frame, measured)))

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

    def _change(self, kept: tuple[Kept, ...]) -> None:
        before, self._kept = self._kept, kept
        self.changed.emit()
        was, now = {one.identity for one in before}, {one.identity for one in kept}
        for study in dict.fromkeys(one.study for one in (*before, *kept) if one.study and one.identity in was ^ now):
            mine = tuple(one for one in kept if one.study == study)
            self._remembered[study] = mine
            if self._files is not None:
                self._write(self._files, study, mine, was - now)

    def _write(self, files: MeasurementFiles, study: str, mine: tuple[Kept, ...], removed: set[str]) -> None:
        try:
            merged = files.write(study, mine, removed)
        except NewerVersionError as error:
            self._tell_newer(study, error)
            return
        except RtvisError as error:
            self.failed.emit(error)
            return
        before = self._kept
        self._take(study, merged)
        if self._kept != before:  # another program changed it meanwhile
            self.changed.emit()
