"""The folder where journals are while they are needed, and the way back from one after a crash.

`$XDG_STATE_HOME/rtvis/journals` (`~/.local/state/rtvis/journals`), readable by its owner only. A journal is there from
the first edit until its edits are saved, or given up. Journals that a running program writes are locked.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.editing.journal import Journal, Source, last_opening, new_journal_path
from rtvis.editing.record_chain import read_chain
from rtvis.editing.replay import Replay, ReplayError, base_of
from rtvis.editing.set_delta import DeltaWriter
from rtvis.model.errors import InputError, UnreadableError

if TYPE_CHECKING:
    from rtvis.editing.record_chain import Chain, Record
    from rtvis.model.structure_set import StructureSet

ENDING = ".journal"


def default_folder() -> Path:
    """Where journals are when nobody says otherwise (XDG Base Directory Specification).

    A user whom the system doesn't know, as in a bare container, has ``/`` for a home, as programs there mostly see it.
    Where that can't be written, edits are made all the same, and it is said that they are not on disk.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    if state.startswith("/"):
        return Path(state) / "rtvis" / "journals"
    try:
        home = Path.home()
    except RuntimeError:  # no HOME, and no such user
        home = Path("/")
    return home / ".local" / "state" / "rtvis" / "journals"


def current_user() -> str:
    """Who edits, as the system knows them: ``user@host``."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in a bare container
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Work that no file holds, left by a program that ended suddenly.

    Attributes:
        journal: the journal's file.
        label: of the structure set.
        source: where the set comes from.
        edits: how many there are.
        last_name: of the last edit, as its menu showed it.
        last_at: when it was made; None where the journal doesn't say.
        who: who made it.
        problem: why the journal's end, or the whole of it, can't be read; empty when it can.
    """

    journal: Path
    label: str = ""
    source: Source = field(default_factory=Source)
    edits: int = 0
    last_name: str = ""
    last_at: datetime | None = None
    who: str = ""
    problem: str = ""


class JournalFolder:
    """Begins journals, finds those that were left behind, and leads back from them.

    Args:
        path: the folder; `default_folder()` without. It is made with the first journal.
        who: who edits; the system's user without.
    """

    def __init__(self, path: Path | None = None, who: str | None = None) -> None:
        self.path = default_folder() if path is None else path
        self.who = current_user() if who is None else who

    def begin(self, base: StructureSet, source: Source) -> Journal:
        """A journal for a set that is about to be edited; its file is made with the first edit."""
        return Journal(new_journal_path(self.path), base, source, self.who)

    def unsaved(self) -> list[Unsaved]:
        """Work that can be had back, latest first. Journals without any are removed; those in use are left alone."""
        found: list[Unsaved] = []
        for path in sorted(self.path.glob(f"*{ENDING}"), reverse=True):
            with _taken(path) as descriptor:
                if descriptor is None:
                    continue
                try:
                    chain = read_chain(path.read_bytes())
                except OSError as error:
                    found.append(Unsaved(path, problem=f"it can't be read ({error.strerror})"))
                    continue
                one = _told(path, chain)
                if one is not None:
                    found.append(one)
                elif chain.cut or not chain.problem:
                    with suppress(OSError):
                        path.unlink()
        return found

    def recover(self, unsaved: Unsaved, base: StructureSet) -> tuple[StructureSet, Journal]:
        """The set with all edits of a journal, and the journal, which goes on from there.

        Args:
            unsaved: one of `unsaved()`.
            base: what was being edited, read again from its file, or made again where it never had one.

        Raises:
            InputError: when the journal is in use or can't be read, or `base` isn't what it began with. The journal's
                file is left as it is.
        """
        path = unsaved.journal
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise UnreadableError(f"the journal can't be opened ({error.strerror})", path=path) from error
        try:
            _lock(descriptor, path)
            chain = read_chain(path.read_bytes())
            value, writer, source = _replayed(path, chain, base)
            if chain.problem and not chain.cut:
                shutil.copy2(path, path.with_name(f"{path.name}.damaged"))  # what follows the damage is cut off
            journal = Journal.resume(
                path, chain=chain, descriptor=descriptor, writer=writer, source=source, who=self.who
            )
        except BaseException:
            os.close(descriptor)
            raise
        return value, journal

    def discard(self, unsaved: Unsaved) -> None:
        """Give up work that was left behind.

        Raises:
            InputError: when the file can't be removed.
        """
        try:
            unsaved.journal.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"can't be removed ({error.strerror})", path=unsaved.journal) from error


def _replayed(path: Path, chain: Chain, base: StructureSet) -> tuple[StructureSet, DeltaWriter, Source]:
    first = last_opening(chain.records)
    if first is None:
        raise UnreadableError(f"no work can be had back: {chain.problem}", path=path)
    opening = chain.records[first]
    try:
        replay = Replay(opening)
    except ReplayError as error:
        raise UnreadableError(error.what, path=path) from error
    ordered = base_of(opening, base)
    if ordered is None:
        raise InputError(
            "the structure set is not the one that these edits were made to",
            path=base.path,
            remedy=f"put back the file that was being edited; its edits are kept in {path}",
        )
    try:
        for record in chain.records[first + 1 :]:
            replay.apply(record)
        value = replay.on(ordered)
    except ReplayError as error:
        raise UnreadableError(f"edits can't be done again: {error.what}", path=path) from error
    writer = DeltaWriter(ordered)
    writer.resume(value, replay.numbers, replay.following)
    if writer.root.hex() != chain.records[-1].header.get("after"):
        raise UnreadableError("edits done again don't give what was recorded", path=path)
    return value, writer, Source.of_words(opening.header)


def _told(path: Path, chain: Chain) -> Unsaved | None:
    """What a journal holds; None when that is nothing unsaved."""
    first = last_opening(chain.records)
    if first is None:
        return Unsaved(path, problem=chain.problem) if chain.problem and not chain.cut else None
    opening, edits = chain.records[first], chain.records[first + 1 :]
    damaged = bool(chain.problem) and not chain.cut
    if not damaged and (not edits or edits[-1].header.get("after") == opening.header.get("after")):
        return None
    last = next((one for one in reversed(edits) if one.header.get("kind") != "recovered"), opening)
    return Unsaved(
        path,
        str(opening.header.get("label", "")),
        Source.of_words(opening.header),
        sum(one.header.get("kind") != "recovered" for one in edits),
        str(last.header.get("name", "")),
        _moment(last),
        str(last.header.get("who", "")),
        chain.problem,
    )


def _moment(record: Record) -> datetime | None:
    try:
        return datetime.fromisoformat(str(record.header.get("when", "")))
    except ValueError:
        return None


@contextmanager
def _taken(path: Path) -> Iterator[int | None]:
    """The file open and locked; None when another program has it, or it can't be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise InputError("the journal is being written by another rtvis", path=path) from error
