"""Journals: every edit is on disk when `record` returns, and comes back whatever happened to the end of the file."""

from __future__ import annotations

import errno
import os
import random
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.editing import journal as journal_module
from rtvis.editing.history import History
from rtvis.editing.journal import Source
from rtvis.editing.journal_folder import JournalFolder, default_folder
from rtvis.editing.record_chain import MAGIC, read_chain
from rtvis.model.digest import structure_set_digest
from rtvis.model.digest_tree import tree_digest
from rtvis.model.errors import InputError
from rtvis.model.structure_set import Contour, Roi, StructureSet


def drawn(z: float, shift: float = 0.0) -> Contour:
    return Contour.drawn([[shift, 0, z], [5 + shift, 0, z], [5 + shift, 7.123456789, z]], closed=True)


def edits_of(base: StructureSet) -> list[tuple[str, StructureSet]]:
    """One of each kind of edit, each from the one before."""
    found = []

    def edit(name: str, value: StructureSet) -> StructureSet:
        found.append((name, value))
        return value

    now = edit("Draw", base.with_roi(base.roi(1).with_contour(drawn(9.0))))
    now = edit("Delete contour", now.with_roi(now.roi(1).without_contour(0)))
    now = edit("Rename", now.with_roi(replace(now.roi(2), name="Milz \ud800")))
    now = edit("Colour", now.with_roi(replace(now.roi(2), color=(9, 8, 7))))
    now = edit("Copy", now.with_roi(replace(now.roi(1), number=8, name="Copy", origin=None)))
    now = edit("Delete ROI", now.without_roi(2))
    now = edit("Order", replace(now, rois=now.rois[::-1]))
    now = edit("Label", replace(now, label="NEW"))
    moved = replace(now.roi(1).contours[0], points_lps=now.roi(1).contours[0].points_lps + 1.0)
    now = edit("Move", now.with_roi(replace(now.roi(1), contours=(moved, *now.roi(1).contours[1:]))))
    edit("Renumber", replace(now, rois=tuple(replace(one, number=one.number + 20) for one in now.rois)))
    return found


def same(one: StructureSet, other: StructureSet) -> bool:
    return structure_set_digest(one, "sha256") == structure_set_digest(other, "sha256") and one.label == other.label


def left_behind(folder: JournalFolder, base: StructureSet) -> None:
    journal = folder.begin(base, Source())
    for name, value in edits_of(base):
        assert journal.record(name, value)
    journal.close(remove=False)


def test_all_kinds_of_edits_come_back_with_what_files_carried(folder, base) -> None:
    left_behind(folder, base)
    (found,) = folder.unsaved()
    assert (found.edits, found.last_name, found.who, found.label) == (10, "Renumber", "ada@here", "TEST")
    value, journal = folder.recover(found, base)
    expected = edits_of(base)[-1][1]
    assert same(value, expected)
    for one, other in zip(value.rois, expected.rois, strict=True):
        assert one.origin is other.origin
        assert (one.algorithm, one.frame_of_reference_uid) == (other.algorithm, other.frame_of_reference_uid)
        for mine, theirs in zip(one.contours, other.contours, strict=True):
            assert mine.origin is theirs.origin
            assert mine.images == theirs.images
            assert mine.points_lps.tobytes() == theirs.points_lps.tobytes()
    journal.close(remove=True)


def test_what_nobody_touched_is_the_very_object(folder, base) -> None:
    journal = folder.begin(base, Source())
    journal.record("Draw", base.with_roi(base.roi(2).with_contour(drawn(1.0))))
    journal.close(remove=False)
    value, journal = folder.recover(folder.unsaved()[0], base)
    assert value.roi(1) is base.roi(1)
    assert value.roi(2).contours[0] is base.roi(2).contours[0]
    journal.close(remove=True)


def test_a_journal_cut_at_every_byte_of_its_last_record_gives_the_last_whole_edit(folder, base, monkeypatch) -> None:
    monkeypatch.setattr(journal_module.os, "fdatasync", lambda _: None)  # two hundred times, and not what is asked here
    left_behind(folder, base)
    path = folder.unsaved()[0].journal
    data = path.read_bytes()
    chain = read_chain(data)
    assert not chain.problem
    values = [value for _, value in edits_of(base)]
    for cut in range(chain.records[-2].end, len(data)):
        path.write_bytes(data[:cut])
        (found,) = folder.unsaved()
        assert found.edits == 9
        value, journal = folder.recover(found, base)
        assert same(value, values[-2])
        journal.close(remove=False)


def test_a_journal_cut_anywhere_gives_all_whole_edits_before_the_cut(folder, base, monkeypatch) -> None:
    monkeypatch.setattr(journal_module.os, "fdatasync", lambda _: None)
    left_behind(folder, base)
    path = folder.unsaved()[0].journal
    data = path.read_bytes()
    ends = [one.end for one in read_chain(data).records]
    values = [base, *(value for _, value in edits_of(base))]
    for cut in range(0, len(data), 7):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends) - 1
        found = folder.unsaved()
        assert bool(found) == (whole > 0)
        if found:
            value, journal = folder.recover(found[0], base)
            assert same(value, values[whole])
            journal.close(remove=False)


def test_work_goes_on_in_a_recovered_journal(folder, base) -> None:
    journal = folder.begin(base, Source())
    first = base.with_roi(base.roi(1).with_contour(drawn(9.0)))
    journal.record("Draw", first)
    journal.close(remove=False)
    value, journal = folder.recover(folder.unsaved()[0], base)
    second = value.with_roi(value.roi(2).with_contour(drawn(8.0)))
    assert journal.record("Draw", second)
    assert journal.record("Draw", value, "undo")
    assert journal.record("Draw", second, "redo")
    journal.close(remove=False)
    again, journal = folder.recover(folder.unsaved()[0], base)
    assert same(again, second)
    assert not read_chain(journal.content()).problem
    journal.close(remove=True)


def test_after_a_save_edits_follow_from_the_saved_set(folder, base) -> None:
    journal = folder.begin(base, Source())
    first = base.with_roi(base.roi(1).with_contour(drawn(9.0)))
    journal.record("Draw", first)
    assert journal.saved(Source(), first, structure_set_digest(first, "sha256").text)
    journal.flush()
    assert journal.unsaved_edits == 0
    second = first.with_roi(first.roi(2).with_contour(drawn(8.0)))
    journal.record("Draw", second)
    journal.record("Draw", first, "undo")
    journal.record("Draw", second, "redo")
    journal.close(remove=False)
    (found,) = folder.unsaved()
    assert found.edits == 3
    with pytest.raises(InputError, match="not the one"):
        folder.recover(found, base)
    value, journal = folder.recover(found, first)
    assert same(value, second)
    journal.close(remove=True)


def test_nothing_is_offered_where_everything_is_saved_or_undone(folder, base) -> None:
    for ending in ("saved", "undone", "nothing"):
        journal = folder.begin(base, Source())
        if ending != "nothing":
            edited = base.with_roi(base.roi(1).with_contour(drawn(9.0)))
            journal.record("Draw", edited)
            if ending == "saved":
                journal.saved(Source(), edited, "sha256:")
            else:
                journal.record("Draw", base, "undo")
        journal.close(remove=False)
    assert folder.unsaved() == []
    assert not list(folder.path.glob("*"))


def test_no_edit_makes_no_file(folder, base) -> None:
    journal = folder.begin(base, Source())
    assert journal.record("Nothing", base)
    assert not journal.is_written
    assert journal.content() == b""
    journal.close(remove=True)
    assert not folder.path.exists()


def test_a_journal_in_use_is_neither_offered_nor_taken(folder, base) -> None:
    journal = folder.begin(base, Source())
    journal.record("Draw", base.with_roi(base.roi(1).with_contour(drawn(9.0))))
    assert folder.unsaved() == []
    journal.close(remove=False)
    (found,) = folder.unsaved()
    _, taken = folder.recover(found, base)
    with pytest.raises(InputError, match="another rtvis"):
        folder.recover(found, base)
    taken.close(remove=True)


def test_the_folder_and_its_files_are_the_owners_alone(folder, base) -> None:
    journal = folder.begin(base, Source())
    journal.record("Draw", base.without_roi(1))
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert journal.path.stat().st_mode & 0o777 == 0o600
    journal.close(remove=True)


def test_a_full_disk_is_told_at_once_and_the_next_write_holds_everything(folder, base, monkeypatch) -> None:
    journal = folder.begin(base, Source())
    values = [value for _, value in edits_of(base)]
    assert journal.record("1", values[0])
    real = os.pwrite

    def full(descriptor, data, place):
        if len(data) > 3:
            return real(descriptor, data[:3], place)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal_module.os, "pwrite", full)
    before = journal.path.stat().st_size
    assert not journal.record("2", values[1])
    assert "No space left" in str(journal.failure)
    assert journal.path.stat().st_size == before
    assert not journal.record("3", values[2])
    monkeypatch.setattr(journal_module.os, "pwrite", real)
    assert journal.record("4", values[3])
    assert journal.failure is None
    journal.close(remove=False)
    record = read_chain(journal.path.read_bytes()).records[-1]
    assert (record.header["name"], record.header["with"]) == ("4", ["2", "3"])
    value, journal = folder.recover(folder.unsaved()[0], base)
    assert same(value, values[3])
    journal.close(remove=True)


def test_a_save_that_the_journal_could_not_note_is_noted_with_the_next_edit(folder, base, monkeypatch) -> None:
    journal = folder.begin(base, Source())
    first, second = (value for _, value in edits_of(base)[:2])
    journal.record("1", first)
    with monkeypatch.context() as patched:
        patched.setattr(journal_module.os, "pwrite", lambda *_: 0)
        assert not journal.saved(Source(), first, "sha256:")
    assert journal.record("2", second)
    journal.close(remove=False)
    value, journal = folder.recover(folder.unsaved()[0], first)
    assert same(value, second)
    journal.close(remove=True)


def test_a_folder_that_can_not_be_made_is_told_and_work_goes_on(tmp_path, base) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder = JournalFolder(tmp_path / "file" / "journals", who="ada")
    journal = folder.begin(base, Source())
    assert not journal.record("Draw", base.without_roi(1))
    assert "not safe from a crash" in str(journal.failure)
    (tmp_path / "file").unlink()
    assert journal.record("Draw", base.without_roi(2))
    assert journal.failure is None
    journal.close(remove=True)


def test_damage_before_the_end_keeps_what_follows_in_a_copy(folder, base) -> None:
    left_behind(folder, base)
    path = folder.unsaved()[0].journal
    data = bytearray(path.read_bytes())
    chain = read_chain(bytes(data))
    data[chain.records[4].end - 40] ^= 1
    path.write_bytes(data)
    (found,) = folder.unsaved()
    assert "not what was sealed" in found.problem
    value, journal = folder.recover(found, base)
    assert same(value, edits_of(base)[2][1])
    assert path.with_name(f"{path.name}.damaged").read_bytes() == data
    journal.close(remove=True)


def test_files_that_are_no_journals_are_told_and_kept(folder) -> None:
    folder.path.mkdir()
    strange = folder.path / "x.journal"
    strange.write_bytes(b"something else entirely")
    (found,) = folder.unsaved()
    assert "doesn't begin" in found.problem
    with pytest.raises(InputError, match="no work"):
        folder.recover(found, StructureSet("x"))
    folder.discard(found)
    assert not strange.exists()


def test_an_edit_is_as_large_as_what_it_changes(folder, base) -> None:
    roi = replace(base.roi(1), contours=tuple(drawn(float(z)) for z in range(2000)))
    large = base.with_roi(roi)
    journal = folder.begin(large, Source())
    edited = large.with_roi(roi.with_contour(drawn(-1.0)))
    journal.record("Draw", edited)
    size = len(journal.content())
    journal.record("Draw", large, "undo")
    journal.record("Draw", edited, "redo")
    assert len(journal.content()) - size < 1500
    journal.close(remove=True)


def test_edits_are_synced_within_a_second(folder, base, monkeypatch) -> None:
    synced = threading.Event()
    real = os.fdatasync
    monkeypatch.setattr(journal_module.os, "fdatasync", lambda descriptor: (real(descriptor), synced.set()))
    journal = folder.begin(base, Source())
    journal.record("Draw", base.without_roi(1))
    assert synced.wait(1.0)
    journal.close(remove=True)


def test_the_default_folder_follows_xdg(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "rtvis" / "journals"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "state" / "rtvis" / "journals"


@given(st.binary(max_size=60))
def test_reading_a_chain_raises_nothing(data) -> None:
    assert read_chain(data).length <= len(data)
    assert read_chain(MAGIC + data).records == ()


def test_a_user_whom_the_system_does_not_know_has_the_root_for_a_home(monkeypatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _uid: (_ for _ in ()).throw(KeyError("no such user")))
    assert str(default_folder()) == "/.local/state/rtvis/journals"


def random_edit(value: StructureSet, kind: int, a: int, b: int) -> StructureSet:
    """One edit, of a kind that the numbers say."""
    if not value.rois or kind == 0:
        number = value.next_number()
        point = Contour.drawn([[a, b, 0.0]], closed=False)
        return value.with_roi(Roi(number, f"ROI {number}", (point,)))
    roi = value.rois[a % len(value.rois)]
    if kind <= 3 or not roi.contours:
        return value.with_roi(roi.with_contour(drawn(float(a), b / 3)))
    index = b % len(roi.contours)
    if kind == 4:
        return value.with_roi(roi.without_contour(index))
    if kind == 5:
        moved = replace(roi.contours[index], points_lps=roi.contours[index].points_lps + a / 7)
        return value.with_roi(replace(roi, contours=(*roi.contours[:index], moved, *roi.contours[index + 1 :])))
    if kind == 6:
        return value.without_roi(roi.number) if len(value.rois) > 2 else value
    return value.with_roi(replace(roi, name=f"{roi.name[:5]}{a}", color=(a, b, 0)))


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_a_thousand_random_edits_undone_and_redone_give_the_identical_set_in_memory_and_journal(
    seed, tmp_path_factory
) -> None:
    chance = random.Random(seed)
    folder = JournalFolder(tmp_path_factory.mktemp("journals"), who="x")
    base = StructureSet("R")
    history = History(base)
    journal = folder.begin(base, Source())
    digests = [tree_digest(base)]
    for _ in range(1000):
        kind, a, b = chance.randint(0, 7), chance.randint(0, 50), chance.randint(0, 50)
        history.apply("x", random_edit(history.value, kind, a, b))
        journal.record("x", history.value)
        if tree_digest(history.value) != digests[-1]:
            digests.append(tree_digest(history.value))
    last = structure_set_digest(history.value, "sha256")
    back = [tree_digest(history.value)]
    while history.undo():
        journal.record("x", history.value, "undo")
        if tree_digest(history.value) != back[-1]:
            back.append(tree_digest(history.value))
    assert back == digests[::-1]
    assert history.value is base
    while history.redo():
        journal.record("x", history.value, "redo")
    assert structure_set_digest(history.value, "sha256") == last
    journal.close(remove=False)
    if back[0] != back[-1]:
        value, journal = folder.recover(folder.unsaved()[0], base)
        assert structure_set_digest(value, "sha256") == last
        journal.close(remove=True)
