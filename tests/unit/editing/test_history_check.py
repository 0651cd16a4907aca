"""Histories: what was changed afterwards is found, wherever it was changed and however well it was hidden."""

from __future__ import annotations

import json
import struct

import pytest

from rtvis.editing.history_check import check_history, is_what_was_saved
from rtvis.editing.journal import Source
from rtvis.editing.record_chain import FIRST_SEAL, MAGIC, read_chain, sealed
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import UnreadableError
from rtvis.model.structure_set import Contour


@pytest.fixture
def history(folder, base, tmp_path):
    """Two edits, one undone, a save, an edit, a save; and the set at the end."""
    journal = folder.begin(base, Source())
    first = base.with_roi(base.roi(1).with_contour(Contour.drawn([[0, 0, 9], [5, 0, 9], [5, 5, 9]], closed=True)))
    second = first.without_roi(2)
    for name, value, kind in (("Draw", first, "edit"), ("Delete", second, "edit"), ("Delete", first, "undo")):
        journal.record(name, value, kind)
    journal.saved(Source(), first, structure_set_digest(first, "sha256").text)
    journal.record("Delete", second)
    journal.saved(Source(), second, structure_set_digest(second, "sha256").text)
    path = tmp_path / "rs.dcm.history"
    path.write_bytes(journal.content())
    journal.close(remove=True)
    return path, first, second


def rewritten(path, change) -> None:
    """Write the history anew, its seals made again, with a record changed: what a forger who knows the format does."""
    records = [(dict(one.header), bytes(one.blob)) for one in read_chain(path.read_bytes()).records]
    change(records)
    content, seal = MAGIC, FIRST_SEAL
    for header, blob in records:
        record, seal = sealed(seal, header, blob)
        content += record
    path.write_bytes(content)


def test_a_history_tells_who_did_what_and_when_and_what_it_changed(history) -> None:
    path, first, second = history
    verdict = check_history(path)
    assert verdict.holds
    assert verdict.remarks == ()
    assert [one.kind for one in verdict.entries] == ["opened", "edit", "edit", "undo", "saved", "edit", "saved"]
    assert [one.name for one in verdict.entries[1:4]] == ["Draw", "Delete", "Delete"]
    assert {one.who for one in verdict.entries} == {"ada@here"}
    assert verdict.entries[3].after == verdict.entries[2].before
    assert verdict.seal == read_chain(path.read_bytes()).seal.hex()
    assert is_what_was_saved(verdict, second) == ""
    assert "after record 5" in is_what_was_saved(verdict, first)
    assert "nothing that" in is_what_was_saved(verdict, first.without_roi(1))


def test_every_changed_byte_is_found(history) -> None:
    path, _, _ = history
    data = path.read_bytes()
    for place in range(len(MAGIC), len(data), 3):
        changed = bytearray(data)
        changed[place] ^= 0x20
        path.write_bytes(changed)
        assert not check_history(path).holds


def test_every_cut_within_a_record_is_found(history) -> None:
    path, _, _ = history
    data = path.read_bytes()
    ends = {one.end for one in read_chain(data).records}
    for cut in set(range(len(MAGIC), len(data), 5)) - ends:
        path.write_bytes(data[:cut])
        assert not check_history(path).holds


def test_a_history_cut_between_records_is_intact_but_not_that_of_the_file(history) -> None:
    path, _, second = history
    data = path.read_bytes()
    path.write_bytes(data[: read_chain(data).records[-3].end])
    verdict = check_history(path)
    assert verdict.holds
    assert is_what_was_saved(verdict, second)


def _drop(records):
    del records[2]


def _swap(records):
    records[1], records[2] = records[2], records[1]


def _double(records):
    records.insert(2, records[1])


def _bend(records):
    header, blob = records[1]
    records[1] = (header, struct.pack("<d", 0.5) + blob[8:])


def _short(records):
    header, blob = records[1]
    records[1] = (header, blob[:-8])


def _begin_late(records):
    del records[0]


def _open_again(records):
    records.append(records[0])


def _other_name(records):
    records[0][0]["rois"][0]["name"] = "Kidney"


def _other_save(records):
    records[4][0]["rois"] = records[4][0]["rois"][:1]


def _unknown(records):
    records[3][0]["kind"] = "magic"


def _nonsense(records):
    records[1][0]["rois"] = [{"number": 1, "at": 99, "drop": 0, "put": [0]}]


def _beyond(records):
    records[1][0]["rois"] = [{"number": 1, "at": 0, "drop": 0, "put": [10_000]}]


def _wrong_type(records):
    records[1][0]["rois"] = 5


@pytest.mark.parametrize(
    "change",
    [_drop, _swap, _double, _bend, _short, _begin_late, _open_again, _other_name, _other_save, _unknown, _nonsense,
     _beyond, _wrong_type],
)  # fmt: skip
def test_a_chain_made_anew_over_a_changed_record_is_found_by_what_it_says(history, change) -> None:
    path, _, _ = history
    rewritten(path, change)
    verdict = check_history(path)
    assert not verdict.holds
    assert verdict.problem.startswith("record")


def test_a_clock_that_was_set_back_is_a_remark(history) -> None:
    path, _, _ = history
    rewritten(path, lambda records: records[2][0].update(when="1999-01-01T00:00:00+00:00"))
    verdict = check_history(path)
    assert verdict.holds
    assert "clock" in verdict.remarks[0]


@pytest.mark.parametrize("content", [b"", b"something else", json.dumps({"kind": "opened"}).encode()])
def test_what_is_no_history_is_unreadable(tmp_path, content) -> None:
    path = tmp_path / "x.history"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match="no edit history"):
        check_history(path)
    with pytest.raises(UnreadableError, match="can't be read"):
        check_history(tmp_path / "nothing")


def test_an_empty_history_does_not_hold(tmp_path) -> None:
    path = tmp_path / "x.history"
    path.write_bytes(MAGIC)
    assert not check_history(path).holds


@pytest.mark.parametrize("redated", [False, True])
def test_an_edit_cut_out_before_the_save_is_found_though_all_was_sealed_anew(history, base, folder, redated) -> None:
    """A forger leaves the last edit out and lets the save follow from the one before; the set is the real one."""
    path, _, second = history

    def cut(records) -> None:
        del records[-2]
        shown = records[-2][0]["after"]
        for key in ("before", "after"):
            if key in records[-1][0]:
                records[-1][0][key] = shown
        earlier = next(blob for header, blob in records if header["kind"] == "saved" and header["after"] == shown)
        described = next(header for header, _ in records if header["kind"] == "saved" and header["after"] == shown)
        kept = {"digest": records[-1][0]["digest"], "when": records[-1][0]["when"]}
        records[-1] = ({**described, **(kept if redated else {"digest": kept["digest"]})}, earlier)

    rewritten(path, cut)
    verdict = check_history(path)
    assert verdict.holds
    assert "last edits are missing" in is_what_was_saved(verdict, second)
