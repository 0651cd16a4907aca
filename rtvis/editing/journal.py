"""The journal of a structure set: every edit on disk before the person goes on.

An edit is written (to the system, which survives the end of this program, however sudden) before `record` returns, and
synced to the disk by a thread right behind it, so that a power cut costs no more than what a moment holds. A journal
knows the structure set as it was last written, not as it was last edited: when the disk is full or read-only, that is
told, work goes on in memory, and the first write that succeeds again holds everything since.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.editing.record_chain import FIRST_SEAL, MAGIC, Record, sealed
from rtvis.editing.set_delta import DeltaWriter
from rtvis.model.errors import OutputError

if TYPE_CHECKING:
    from rtvis.editing.record_chain import Chain, Header
    from rtvis.model.structure_set import StructureSet

SYNC_AFTER_S = 0.2
"""Edits are synced so long after the first that isn't: a quick hand's next edit doesn't wait for the disk, and no edit
is at the mercy of a power cut for as much as a second."""

OPENERS = frozenset({"opened", "saved"})
"""Kinds of records that hold the digests of a whole set: what comes after follows from the set they name."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where what is edited comes from, so that it can be found again.

    Attributes:
        path: of the RTSTRUCT; None for a set that was made here and never saved.
        images: a folder or file with the images it was drawn on, or None.
        series_instance_uid: of the images; empty without images.
        sop_instance_uid: of the structure set.
    """

    path: Path | None = None
    images: Path | None = None
    series_instance_uid: str = ""
    sop_instance_uid: str = ""

    def words(self) -> Header:
        """As a record tells it."""
        return {
            "path": None if self.path is None else str(self.path),
            "images": None if self.images is None else str(self.images),
            "series_instance_uid": self.series_instance_uid,
            "sop_instance_uid": self.sop_instance_uid,
        }

    @classmethod
    def of_words(cls, words: Header) -> Source:
        """What a record told."""
        path, images = words.get("path"), words.get("images")
        return cls(
            None if path is None else Path(str(path)),
            None if images is None else Path(str(images)),
            str(words.get("series_instance_uid", "")),
            str(words.get("sop_instance_uid", "")),
        )


class Journal:
    """The journal of one structure set, from when it was opened.

    No file is made before the first edit. One journal is written by one program: the file is locked while it is open.

    Args:
        path: where the file is to be; its folder is made when it is needed.
        base: the set that editing begins with.
        source: where it comes from.
        who: who edits, as the history is to name them.

    Attributes:
        failure: why edits are not on disk at this moment, or None when they are.
        unsaved_edits: edits since the set was opened or saved.
    """

    def __init__(self, path: Path, base: StructureSet, source: Source, who: str) -> None:
        self.path = path
        self.source = source
        self.who = who
        self.failure: OutputError | None = None
        self.unsaved_edits = 0
        self._writer = DeltaWriter(base)
        self._began = self._when()
        self._descriptor: int | None = None
        self._length = 0
        self._seal = FIRST_SEAL
        self._missed: list[str] = []
        self._due = b""  # a record that must come before all others and couldn't be written yet
        self._sync = threading.Lock()
        self._unsynced = False
        self._unsynced_folder = False
        self._hurry = threading.Event()
        self._syncing: threading.Thread | None = None

    @property
    def is_written(self) -> bool:
        """Whether there is a file: no edit, no file."""
        return self._length > 0

    def record(self, name: str, value: StructureSet, kind: str = "edit") -> bool:
        """Write down one edit; what went wrong is in `failure`, never raised: work goes on.

        Args:
            name: of the edit, as the menu shows it.
            value: the set after it.
            kind: ``edit``, ``undo`` or ``redo``.

        Returns:
            Whether all edits up to this one are on disk now.
        """
        if value is self._writer.value and not self._missed:
            return True
        self.unsaved_edits += 1
        delta = self._writer.delta(value)
        header: Header = {"kind": kind, "name": name, **self._when(), **delta.header}
        if self._missed:
            header["with"] = self._missed
        if not self._append(header, delta.blob):
            self._missed = [*self._missed, name]
            return False
        self._writer.accept(delta)
        self._missed = []
        return True

    def saved(self, source: Source, value: StructureSet, digest: str) -> bool:
        """Write down that the set was saved: from here on edits follow from that file.

        Args:
            source: the file that was written.
            value: the set as it was saved.
            digest: its structure set digest, as ``sha256:<hex>``.
        """
        self.record("Save", value)  # holds what a full disk may have kept from being written
        self.source = source
        self._writer.restart(value)
        self.unsaved_edits, self._missed = 0, []
        if not self.is_written:
            self.failure = None
            return True
        opening, leaves = self._writer.opening()
        header = {"kind": "saved", "digest": digest, **self._when(), **source.words(), **opening}
        if self._append(header, leaves):
            return True
        record, self._seal = sealed(self._seal, header, leaves)
        self._due += record  # what comes next follows from the file that was saved, and makes no sense without this
        return False

    def content(self) -> bytes:
        """All bytes of the journal: the history from when the set was opened; none when nothing was edited.

        Raises:
            OutputError: when edits are missing in it.
        """
        if self.failure is not None:
            raise self.failure
        return self.path.read_bytes()[: self._length] if self.is_written else b""

    def close(self, *, remove: bool) -> None:
        """Stop writing. `remove` deletes the file: its edits are saved, or not wanted."""
        if self._descriptor is None:
            return
        self.flush()
        if remove:
            with suppress(FileNotFoundError):
                self.path.unlink()
        descriptor, self._descriptor = self._descriptor, None
        os.close(descriptor)
        self._length = 0

    def flush(self) -> None:
        """Wait until what was written is on the disk itself."""
        syncing = self._syncing
        if syncing is not None:
            self._hurry.set()
            syncing.join()
            self._hurry.clear()

    @classmethod
    def resume(
        cls, path: Path, *, chain: Chain, descriptor: int, writer: DeltaWriter, source: Source, who: str
    ) -> Journal:
        """Go on writing a journal that was replayed (`rtvis.editing.journal_folder`).

        Args:
            path: of the file.
            chain: its whole records; what comes after them is cut off.
            descriptor: of the file, open for writing and locked; the journal closes it.
            writer: that knows the set as it was replayed.
            source: what the last opening record named.
            who: who edits from now on.
        """
        journal = cls(path, writer.base, source, who)
        journal._writer = writer
        journal._descriptor = descriptor
        journal._length, journal._seal = chain.length, chain.seal
        journal.unsaved_edits = 1
        root = writer.root.hex()
        header = {"kind": "recovered", "name": "Recover", **journal._when(), "before": root, "after": root}
        journal._append(header, b"")
        return journal

    # --- the file ------------------------------------------------------------------------------------------------

    def _when(self) -> Header:
        return {"who": self.who, "when": datetime.now(UTC).isoformat(timespec="milliseconds")}

    def _append(self, header: Header, blob: bytes) -> bool:
        try:
            if self._descriptor is None:
                self._begin()
            record, seal = sealed(self._seal, header, blob)
            self._write(self._due + record)
        except OSError as error:
            self.failure = _failure(self.path, error)
            return False
        self._length += len(self._due) + len(record)
        self._seal, self._due = seal, b""
        self.failure = None
        self._sync_soon()
        return True

    def _begin(self) -> None:
        """Make the file, and its first record. Nothing is left of it when that fails."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        opening, leaves = self._writer.opening()
        header = {"kind": "opened", **self._began, **self.source.words(), **opening}
        record, seal = sealed(FIRST_SEAL, header, leaves)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._descriptor, self._length = descriptor, 0
            self._write(MAGIC + record)
        except OSError:
            self._descriptor = None
            with suppress(OSError):
                self.path.unlink()
            os.close(descriptor)
            raise
        self._length, self._seal = len(MAGIC) + len(record), seal
        self._unsynced_folder = True

    def _write(self, data: bytes) -> None:
        """Write at the end of what is whole; a part that was written is cut off again."""
        assert self._descriptor is not None
        view, place = memoryview(data), self._length
        try:
            while view:
                count = os.pwrite(self._descriptor, view, place)
                if count == 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                view, place = view[count:], place + count
        except OSError:
            with suppress(OSError):  # the next record is written over it all the same
                os.ftruncate(self._descriptor, self._length)
            raise

    def _sync_soon(self) -> None:
        with self._sync:
            self._unsynced = True
            if self._syncing is None:
                self._syncing = threading.Thread(target=self._sync_now, name="journal-sync", daemon=True)
                self._syncing.start()

    def _sync_now(self) -> None:
        while True:
            self._hurry.wait(SYNC_AFTER_S)
            with self._sync:
                if not self._unsynced or self._descriptor is None:
                    self._syncing = None
                    return
                self._unsynced = False
                descriptor = self._descriptor
            try:
                os.fdatasync(descriptor)
                if self._unsynced_folder:
                    self._unsynced_folder = False
                    _sync_folder(self.path.parent)
            except OSError as error:
                self.failure = _failure(self.path, error)


def _sync_folder(path: Path) -> None:
    """Without it a power cut may leave a synced file that no folder names."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def new_journal_path(folder: Path) -> Path:
    """A name that no journal in `folder` has: the time, and something by chance."""
    return folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(6)}.journal"


def last_opening(records: tuple[Record, ...]) -> int | None:
    """The index of the last record that holds a whole set's digests."""
    return next((n for n in reversed(range(len(records))) if records[n].header.get("kind") in OPENERS), None)


def _failure(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"the journal can't be written ({error.strerror or error}): edits are not safe from a crash",
        path=path,
        remedy="save your work, or free space; the next edit tries again",
    )
