"""The journals of a session's structure sets: begun, written, ended, and found again after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.saving import backup_path, history_path, previous_kept
from rtvis.dicom.files import written_whole
from rtvis.dicom.matching import match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import new_structure_set
from rtvis.editing.journal import Journal, Source
from rtvis.editing.published_history import published
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import InputError, OutputError, RtvisError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.editing.journal_folder import JournalFolder, Unsaved
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.study import Study
    from rtvis.model.volume import Volume


class Safekeeping:
    """Journals by `StructureSet.key`.

    Args:
        folder: where they are; None keeps none (scripts, tests).
    """

    def __init__(self, folder: JournalFolder | None = None) -> None:
        self.folder = folder
        self._journals: dict[str, Journal] = {}

    @property
    def keeps_journals(self) -> bool:
        """Whether edits are written down at all."""
        return self.folder is not None

    @property
    def failure(self) -> OutputError | None:
        """Why edits are not on disk at this moment; None when they are."""
        return next((one.failure for one in self._journals.values() if one.failure is not None), None)

    def begin(self, key: str, base: StructureSet, volume: Volume | None) -> None:
        """Be ready to write down edits of a set; it takes the time to hash it once, and makes no file yet."""
        if self.folder is not None and key not in self._journals:
            self._journals[key] = self.folder.begin(base, _source(base.path, base, volume))

    def adopt(self, key: str, journal: Journal) -> None:
        """Go on with a journal that was recovered."""
        self._journals[key] = journal

    def leave(self, key: str) -> None:
        """Stop writing down edits of one set; a journal of edits that no file holds stays."""
        journal = self._journals.pop(key, None)
        if journal is not None:
            journal.close(remove=journal.unsaved_edits == 0)

    def record(self, key: str, name: str, value: StructureSet, kind: str) -> None:
        """Write down one edit, where a journal is kept."""
        journal = self._journals.get(key)
        if journal is not None:
            journal.record(name, value, kind)

    def saved(self, key: str, path: Path, value: StructureSet, *, history: bool) -> None:
        """Write down that a set was saved, and on request its history beside the file.

        Raises:
            OutputError: when the history can't be written; the structure set is saved all the same.
        """
        journal = self._journals.get(key)
        if journal is None:
            return
        source = replace(journal.source, path=path.absolute())
        journal.saved(source, value, structure_set_digest(value, "sha256").text)
        if history and journal.is_written:
            target = history_path(path)
            content = published(journal.content())
            with previous_kept(target), written_whole(target, overwrite=True) as handle:
                handle.write(content)

    def end(self, *, discard: bool = False) -> None:
        """Stop writing. Journals of edits that no file holds stay, unless they are to be discarded."""
        for journal in self._journals.values():
            journal.close(remove=discard or journal.unsaved_edits == 0)
        self._journals.clear()

    def unsaved(self) -> list[Unsaved]:
        """Work left behind by programs that ended suddenly, latest first."""
        return [] if self.folder is None else self.folder.unsaved()

    def give_up(self, unsaved: Unsaved) -> None:
        """Forget work that was left behind.

        Raises:
            InputError: when its journal can't be removed.
        """
        if self.folder is not None:
            self.folder.discard(unsaved)

    def keeps(self, keys: Iterable[str]) -> bool:
        """Whether the edits of these sets are on disk."""
        return self.failure is None and all(key in self._journals for key in keys)

    def recovered(self, unsaved: Unsaved, study: Study) -> tuple[StructureSet, StructureSet, Journal]:
        """The set that was being edited, the set with all its edits, and its journal, which goes on.

        Args:
            unsaved: one of `unsaved()`.
            study: what is open; the set and the images are looked for in it, then at the paths the journal names.

        Raises:
            InputError: when the set or its images are not to be had; the journal stays.
        """
        if self.folder is None:
            raise InputError("no journals are kept in this session")
        problems: list[RtvisError] = []
        for base in self._candidates(unsaved, study, problems):
            try:
                value, journal = self.folder.recover(unsaved, base)
            except InputError as error:
                problems.append(error)
                continue
            if base.path is None and value.rois and base.volume and not base.volume.frame_of_reference_uid:
                # A frame that was made up is made up anew; its ROIs name the one of then.
                value = replace(value, frame_of_reference_uid=value.rois[0].frame_of_reference_uid)
            return base, value, journal
        raise problems[0]

    @staticmethod
    def _candidates(unsaved: Unsaved, study: Study, problems: list[RtvisError]) -> list[StructureSet]:
        """What may be what was edited: the set as it is open, as its file is now, as the file was before the save."""
        source = unsaved.source
        volume = next((one for one in study.volumes if one.series_instance_uid == source.series_instance_uid), None)
        if source.path is None:
            if volume is not None:
                return [new_structure_set(volume, unsaved.label or "RTVIS")]
            problems.append(
                InputError(
                    "the images that were drawn on are not open",
                    path=source.images,
                    remedy=f"open them first; the edits are kept in {unsaved.journal}",
                )
            )
            return []
        here = [one for one in study.structure_sets if one.path is not None and one.path.absolute() == source.path]
        if here and volume is not None:  # the person was asked about these images before anything was drawn on them
            return [match(one, [volume], by_geometry=True) if one.volume is None else one for one in here]
        if here:
            return here
        found = []
        for path in (source.path, backup_path(source.path)):
            try:
                read = read_structure_set(path)
            except RtvisError as error:
                problems.append(error)
                continue
            found.append(read if volume is None else replace(read, volume=volume, matched_by="references"))
        return found


def _source(path: Path | None, structure_set: StructureSet, volume: Volume | None) -> Source:
    slices = () if volume is None else volume.slices
    images = slices[0].path if slices else None
    return Source(
        None if path is None else path.absolute(),
        None if images is None else images.absolute().parent,
        "" if volume is None else volume.series_instance_uid,
        structure_set.sop_instance_uid,
    )
