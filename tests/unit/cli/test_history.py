"""`rtvis history verify`: exit statuses and JSON, on a history saved by a session."""

from __future__ import annotations

import json

import pytest

from rtvis.app.session import Session
from rtvis.cli.main import main
from rtvis.editing.journal_folder import JournalFolder


@pytest.fixture
def saved(small_study, tmp_path):
    session = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    session.open([small_study])
    points = session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    session.add_contour(points, closed=True)
    session.save(tmp_path / "rs.dcm", history=True)
    session.close()
    return tmp_path / "rs.dcm"


def test_an_intact_history_of_the_file(saved, small_study, capsys) -> None:
    history = str(saved) + ".history"
    assert main(["history", "verify", history, "--rtstruct", str(saved), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["rtstruct"]["matches"]) == ("intact", True)
    assert [one["kind"] for one in told["records"]] == ["opened", "edit", "saved"]
    assert told["records"][1]["name"] == "Add contour to ROI 1"
    assert main(["history", "verify", history, "--rtstruct", str(small_study / "structure-set.dcm")]) == 1
    assert "not as it was saved last" in capsys.readouterr().out


def test_a_changed_history(saved, capsys) -> None:
    history = saved.with_name("rs.dcm.history")
    content = bytearray(history.read_bytes())
    content[len(content) // 2] ^= 1
    history.write_bytes(content)
    assert main(["history", "verify", str(history)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("broken: record")


def test_what_is_no_history(saved, capsys) -> None:
    assert main(["history", "verify", str(saved)]) == 2
    assert "is no edit history" in capsys.readouterr().err
