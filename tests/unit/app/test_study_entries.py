"""Entries of studies: what two windows chose, and what couldn't be written."""

from __future__ import annotations

import pytest

from rtvis.app import study_files
from rtvis.app.study_entries import StudyEntries
from rtvis.model.errors import OutputError

STUDY = "1.2.3"


class Notes(StudyEntries[str]):
    NAME = "notes"
    VERSION = 1
    WHAT = "notes of this study"

    def content_of(self, entry):
        return {"text": entry}

    def entry_of(self, content):
        return str(content["text"])


def refused(path, **_options):
    raise OutputError("no room", path=path)


@pytest.fixture
def two(tmp_path):
    one, other = Notes(tmp_path / "notes"), Notes(tmp_path / "notes")
    assert one.get(STUDY, "a") is other.get(STUDY, "a") is None
    return one, other


def put(notes, **said):
    for key, text in said.items():
        notes.put(STUDY, key, text)
    notes.write()


def test_what_two_programs_chose_under_other_keys_is_kept(two, tmp_path):
    one, other = two
    put(one, a="first", b="to be forgotten")
    put(other, c="third")
    put(one, b=None)
    again = Notes(tmp_path / "notes")
    assert [again.get(STUDY, key) for key in "abc"] == ["first", None, "third"]
    assert one.get(STUDY, "c") == "third"


def test_what_could_not_be_written_is_written_with_the_next_though_another_wrote_meanwhile(two, tmp_path, monkeypatch):
    one, other = two
    told = []
    one.failed.connect(told.append)
    with monkeypatch.context() as context:
        context.setattr(study_files, "written_whole", refused)
        put(one, a="first")
    assert [type(error) for error in told] == [OutputError]
    put(other, a="another's", b="second")
    put(one, c="third")
    again = Notes(tmp_path / "notes")
    assert [again.get(STUDY, key) for key in "abc"] == ["first", "second", "third"]


def test_nothing_is_written_for_what_was_so_before(two, tmp_path):
    one, _ = two
    put(one, a="first")
    (path,) = (tmp_path / "notes").iterdir()
    path.unlink()
    put(one, a="first")
    put(one, b=None)
    assert not path.exists()


def test_without_a_study_or_a_folder_entries_last_as_long_as_the_program(two, tmp_path):
    one, _ = two
    one.put("", "a", "of no study")
    one.write()
    loose = Notes()
    put(loose, a="first")
    assert (one.get("", "a"), loose.get(STUDY, "a")) == ("of no study", "first")
    assert not (tmp_path / "notes").exists()
