"""What a person chose in studies, entry by entry: it is there again when a study is opened again.

On disk studies are told by digests only; so should entries be whose keys may tell of a patient
(`rtvis.app.study_files.digest_of`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from psygnal import Signal

from rtvis.app.study_files import StudyFiles
from rtvis.model.errors import NewerVersionError, RtvisError

if TYPE_CHECKING:
    from pathlib import Path

Entry = TypeVar("Entry")


class StudyEntries(ABC, Generic[Entry]):
    """Entries of studies, each under a key; `failed` carries why they aren't on disk.

    What another program chose for other keys of a study meanwhile isn't lost: a file is read again before it is
    written. One that a newer version wrote is told of once, and stays.

    Attributes:
        folder: where a file for each study is kept; None keeps entries as long as the program runs.
        NAME: of the entries in a file.
        VERSION: see `StudyFiles.version`.
        WHAT: see `StudyFiles.what`.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    WHAT: ClassVar[str]

    failed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._studies: dict[str, dict[str, Entry]] = {}
        self._changed: dict[str, set[str]] = {}
        self._unwritten: set[str] = set()
        self._newer: set[str] = set()

    @abstractmethod
    def content_of(self, entry: Entry) -> dict[str, Any]:
        """An entry as JSON has it."""

    @abstractmethod
    def entry_of(self, content: dict[str, Any]) -> Entry:
        """The inverse of `content_of`; it raises what `StudyFiles.read` says of what can't have been written so."""

    def get(self, study: str, key: str) -> Entry | None:
        """What was chosen under a key, now or another day; None when nothing was."""
        return self._of(study).get(key)

    def put(self, study: str, key: str, entry: Entry | None) -> None:
        """Have this chosen from now on, or with None nothing; `write` puts it on disk."""
        entries = self._of(study)
        if entries.get(key) == entry:
            return
        if entry is None:
            del entries[key]
        else:
            entries[key] = entry
        self._changed.setdefault(study, set()).add(key)
        self._unwritten.add(study)

    def write(self) -> None:
        """Put on disk what was chosen since; that without a study (or folder) lasts as long as the program."""
        unwritten, self._unwritten = self._unwritten, set()
        for study in sorted(unwritten - self._newer):
            files = self._files_for(study)
            if files is not None:
                self._write(files, study)

    def _files_for(self, study: str) -> StudyFiles | None:
        if self.folder is None or not study:
            return None
        return StudyFiles(self.folder, self.VERSION, self.WHAT)

    def _of(self, study: str) -> dict[str, Entry]:
        if study not in self._studies:
            files = self._files_for(study)
            self._studies[study] = {} if files is None else self._read(files, study) or {}
        return self._studies[study]

    def _read(self, files: StudyFiles, study: str) -> dict[str, Entry] | None:
        """What is in the file of a study, nothing where there is none; None when it can't be read, which is told."""
        try:
            return files.read(study, self._parsed) or {}
        except RtvisError as error:
            if isinstance(error, NewerVersionError):
                self._newer.add(study)
            self.failed.emit(error)
            return None

    def _parsed(self, content: dict[str, Any]) -> dict[str, Entry]:
        return {str(key): self.entry_of(one) for key, one in content[self.NAME].items()}

    def _write(self, files: StudyFiles, study: str) -> None:
        entries, changed = self._studies[study], self._changed[study]
        try:
            with files.alone():
                found = self._read(files, study)
                if study in self._newer:
                    return
                if found is not None:
                    others = {key: one for key, one in found.items() if key not in changed}
                    entries = others | {key: one for key, one in entries.items() if key in changed}
                content = {key: self.content_of(one) for key, one in sorted(entries.items())}
                files.write(study, {self.NAME: content} if content else None)
            self._studies[study] = entries
            changed.clear()
        except RtvisError as error:
            self.failed.emit(error)
