"""Whether the history of a structure set is what was written: each seal, each edit, each digest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from rtvis.editing.journal import OPENERS
from rtvis.editing.record_chain import MAGIC, read_chain
from rtvis.editing.replay import Replay, ReplayError
from rtvis.model.digest import structure_set_digest
from rtvis.model.digest_tree import tree_digest
from rtvis.model.errors import UnreadableError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from rtvis.editing.record_chain import Record
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet

EDITS = frozenset({"edit", "undo", "redo"})
KINDS = OPENERS | EDITS | {"recovered"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as people read it.

    Attributes:
        number: from 1.
        kind: ``opened``, ``edit``, ``undo``, ``redo``, ``recovered`` or ``saved``.
        name: of an edit, as its menu showed it; the file's path where a file was opened or saved.
        who: who did it.
        when: ISO 8601, UTC.
        before: tree digest of the set before it, hex (`rtvis.model.digest_tree`).
        after: that after it.
    """

    number: int
    kind: str
    name: str
    who: str
    when: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryVerdict:
    """What a check of a history found.

    Attributes:
        entries: records that hold, in order.
        seal: of the last of them, hex: it stands for everything before it.
        problem: what is wrong with the file, empty when nothing is.
        saved_digest: structure set digest (``sha256:<hex>``) of what was saved last; empty when nothing was.
        remarks: what is odd and proves nothing.
    """

    entries: tuple[Entry, ...]
    seal: str
    problem: str = ""
    saved_digest: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the whole file is as it was written."""
        return not self.problem


def check_history(path: str | Path, report: Report = no_report) -> HistoryVerdict:
    """Check a history: that each record is sealed, follows from the one before, and changes what it says it changes.

    The edits are done again on the digests of the contours, so that an edit can't say one thing and hold another.

    Args:
        path: of a ``.history`` file, or of a journal.
        report: called with records done and records in all.

    Raises:
        UnreadableError: when the file can't be read or is no edit history.
    """
    place = Path(path)
    try:
        if not (S_ISREG(mode := place.stat().st_mode) or S_ISDIR(mode)):  # a pipe would be waited for
            raise UnreadableError("isn't a file but a pipe, socket or device", path=place)
        data = place.read_bytes()
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=place) from error
    chain = read_chain(data)
    if not chain.records and not data.startswith(MAGIC):
        raise UnreadableError(
            "is no edit history", path=place, remedy="name a .history file, saved beside a structure set"
        )
    entries: list[Entry] = []
    remarks: list[str] = []
    problem, saved_digest, seal = "", "", ""
    replay: Replay | None = None
    for number, record in enumerate(chain.records, start=1):
        entry = _entry(number, record, entries[-1].after if entries else "")
        try:
            replay = _followed(record, entry, replay, entries[-1] if entries else None)
        except ReplayError as error:
            problem = f"record {number}: {error.what}"
            break
        if entries and entry.when < entries[-1].when:
            remarks.append(f"record {number} is dated before the one before it: a clock was set back")
        if entry.kind == "saved":
            saved_digest = str(record.header.get("digest", ""))
        entries.append(entry)
        seal = record.seal.hex()
        report(number, len(chain.records))
    if not problem and not entries:
        problem = chain.problem or "it holds no record"
    return HistoryVerdict(tuple(entries), seal, problem or chain.problem, saved_digest, tuple(remarks))


def is_what_was_saved(verdict: HistoryVerdict, structure_set: StructureSet) -> str:
    """Empty when a structure set is what the history ends with; else how it differs.

    Args:
        verdict: of the history.
        structure_set: as it is now.
    """
    if not verdict.entries:
        return "the history holds nothing to compare with"
    if verdict.saved_digest and verdict.entries[-1].kind != "saved":
        return "the history goes on after the last save"
    digest = structure_set_digest(structure_set, "sha256").text
    root = tree_digest(structure_set).hex()
    # Both digests cover the same, but what was saved only says its own: the edits must lead to the set as well, or an
    # edit may have been cut out before the save, and all sealed anew.
    if root == verdict.entries[-1].after and (not verdict.saved_digest or digest == verdict.saved_digest):
        return ""
    if verdict.saved_digest == digest:
        return "its last edits are missing from the history: the others don't lead to what was saved"
    earlier = [one.number for one in verdict.entries if one.after == root]
    if earlier:
        return f"it is as it was after record {earlier[-1]} of {len(verdict.entries)}, not as it was saved last"
    return "it is nothing that the history tells of"


def _entry(number: int, record: Record, before: str) -> Entry:
    header = record.header
    kind = str(header.get("kind", ""))
    name = header.get("path") if kind in OPENERS else header.get("name")
    return Entry(
        number,
        kind,
        "" if name is None else str(name),
        str(header.get("who", "")),
        str(header.get("when", "")),
        str(header.get("before", before)),
        str(header.get("after", "")),
    )


def _followed(record: Record, entry: Entry, replay: Replay | None, previous: Entry | None) -> Replay:
    """The set after a record.

    Raises:
        ReplayError: when it doesn't follow from what was before.
    """
    if entry.kind not in KINDS:
        raise ReplayError(f"a record of an unknown kind, {entry.kind!r}")
    if previous is None and entry.kind != "opened":
        raise ReplayError("a history begins with a set that was opened")
    if previous is not None and entry.kind == "opened":
        raise ReplayError("a set is opened once, at the beginning")
    if previous is not None and entry.before != previous.after:
        raise ReplayError("it begins with another state than the record before it ends with")
    if entry.kind in OPENERS:
        replay = Replay(record)
        if previous is not None and entry.after != previous.after:
            raise ReplayError("what was saved is not what was there")
    else:
        assert replay is not None
        replay.apply(record)
    if replay.root().hex() != entry.after:
        raise ReplayError("its edit, done again, doesn't give the digest that it names")
    return replay
