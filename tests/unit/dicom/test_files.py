"""Files written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtvis.dicom.files import discard_unfinished, written_whole
from rtvis.model.errors import OutputError, UsageError


def test_the_file_is_there_when_the_block_ends(tmp_path):
    with written_whole(tmp_path / "new" / "a.dcm") as handle:
        handle.write(b"whole")
        assert not (tmp_path / "new" / "a.dcm").exists()
    assert (tmp_path / "new" / "a.dcm").read_bytes() == b"whole"


def test_an_error_leaves_what_was_there(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"old")

    def fail():
        with written_whole(tmp_path / "a.dcm", overwrite=True) as handle:
            handle.write(b"ne")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_name_that_is_too_long_is_said_to_be(tmp_path, overwrite):
    with (
        pytest.raises(OutputError, match=r"name too long.*shorter"),
        written_whole(tmp_path / ("n" * 300), overwrite=overwrite),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UsageError, match="is a folder"), written_whole(tmp_path, overwrite=True):
        pass


def test_what_is_begun_is_taken_away_whenever_the_process_ends(tmp_path, monkeypatch):
    """A signal may come in the very moment in which the file appears."""
    opened = Path.open

    def opened_then_ended(path, *arguments, **options):
        handle = opened(path, *arguments, **options)
        discard_unfinished()
        return handle

    def write():
        with written_whole(tmp_path / "a.dcm") as handle:
            assert list(tmp_path.iterdir()) == []
            handle.write(b"half")

    monkeypatch.setattr(Path, "open", opened_then_ended)
    with pytest.raises(OutputError):
        write()
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_whole_are_not_taken_away(tmp_path):
    with written_whole(tmp_path / "a.dcm") as handle:
        handle.write(b"whole")
    discard_unfinished()
    assert [one.name for one in tmp_path.iterdir()] == ["a.dcm"]
