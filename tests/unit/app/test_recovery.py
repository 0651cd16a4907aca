"""Nothing is ever lost: journals of a session, recovery after a sudden end, backups, histories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rtvis.app import saving
from rtvis.app.opening import open_study
from rtvis.app.saving import backup_path, history_path
from rtvis.app.session import Session
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.editing.history_check import check_history, is_what_was_saved
from rtvis.editing.journal_folder import JournalFolder
from rtvis.editing.record_chain import read_chain
from rtvis.model.digest import structure_set_digest
from rtvis.model.errors import ExportError, InputError, OutputError, UsageError


@pytest.fixture
def folder(tmp_path) -> JournalFolder:
    return JournalFolder(tmp_path / "journals", who="ada@here")


@pytest.fixture
def study_folder(small_study, tmp_path) -> Path:
    """A copy that may be written to."""
    return Path(shutil.copytree(small_study, tmp_path / "study"))


def opened(folder: JournalFolder | None, *paths: Path) -> Session:
    session = Session(folder)
    session.open(paths)
    return session


def draw(session: Session, roi: int | None = 1, k: float = 3.0) -> None:
    session.activate_roi(roi)
    session.add_contour(session.volume.grid.to_patient([[2, 2, k], [8, 2, k], [8, 9, k]]), closed=True)


def digest(session: Session) -> str:
    return structure_set_digest(session.structure_set, "sha256").text


def test_no_committed_edit_is_lost_by_kill_9_at_fifty_moments(small_study, tmp_path) -> None:
    script = Path(__file__).with_name("killed_sessions.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, str(script), str(small_study), str(tmp_path), "50"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=200)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert len(results) == 50
    assert len({one["told"] for one in results}) > 10
    assert [one for one in results if not one["recovered"]] == []


def test_work_on_a_file_is_had_back(folder, study_folder, tmp_path) -> None:
    session = opened(folder, study_folder)
    draw(session)
    draw(session, None)
    expected = digest(session)
    session.close()
    session = opened(folder, study_folder)
    (found,) = session.recoverable()
    assert (found.edits, found.last_name) == (2, "Add contour to ROI 1")
    assert found.source.path == study_folder / "structure-set.dcm"
    session.recover(found)
    assert digest(session) == expected
    assert session.unsaved
    assert session.structure_set.volume is session.volume
    session.save(tmp_path / "mine.dcm")
    assert not session.recoverable()
    session.close()
    assert not list(folder.path.iterdir())
    assert session.undo() == "Recover 2 edits"


def test_work_on_a_set_that_never_had_a_file_is_had_back(folder, study_folder) -> None:
    session = opened(folder, study_folder / "ct")
    draw(session, None)
    expected = digest(session)
    session.close()
    session = opened(folder, study_folder / "ct")
    session.recover(session.recoverable()[0])
    assert digest(session) == expected
    assert session.structure_set.frame_of_reference_uid == session.structure_set.rois[0].frame_of_reference_uid
    session.discard_unsaved()


def test_without_its_images_a_new_set_is_not_had_back_and_stays(folder, study_folder, tmp_path) -> None:
    session = opened(folder, study_folder / "ct")
    draw(session, None)
    session.close()
    session = Session(folder)
    with pytest.raises(InputError, match="open them first"):
        session.recover(session.recoverable()[0])
    assert session.recoverable()


def test_edits_after_a_save_follow_from_the_saved_file(folder, study_folder, tmp_path) -> None:
    session = opened(folder, study_folder)
    draw(session)
    session.save(tmp_path / "mine.dcm")
    draw(session, 2)
    session.undo()
    session.redo()
    expected = digest(session)
    session.close()
    session = opened(folder, study_folder / "ct")
    (found,) = session.recoverable()
    assert found.source.path == tmp_path / "mine.dcm"
    session.recover(found)
    assert digest(session) == expected
    assert session.structure_set.volume is session.volume
    session.discard_unsaved()


def test_work_on_a_file_that_was_saved_over_is_had_back_from_its_backup(folder, study_folder, tmp_path) -> None:
    path = study_folder / "structure-set.dcm"
    session = opened(folder, study_folder)
    draw(session)
    expected = digest(session)
    session.close()
    other = opened(None, study_folder)
    draw(other, 3)
    other.save(path, overwrite=True)
    session = opened(folder, study_folder / "ct")
    session.recover(session.recoverable()[0])
    assert digest(session) == expected
    session.discard_unsaved()


def test_a_changed_file_is_refused_with_the_journals_place(folder, study_folder) -> None:
    session = opened(folder, study_folder)
    draw(session)
    session.close()
    other = opened(None, study_folder)
    draw(other, 3)
    other.save(study_folder / "structure-set.dcm", overwrite=True)
    backup_path(study_folder / "structure-set.dcm").unlink()
    session = opened(folder, study_folder)
    (found,) = session.recoverable()
    with pytest.raises(InputError, match=found.journal.name):
        session.recover(found)
    assert session.recoverable() == [found]


def test_a_set_that_was_edited_meanwhile_is_not_overwritten_by_recovery(folder, study_folder) -> None:
    session = opened(folder, study_folder)
    draw(session)
    session.close()
    session = opened(folder, study_folder)
    (found,) = session.recoverable()
    draw(session, 2)
    with pytest.raises(UsageError, match="edited since"):
        session.recover(found)
    assert len(session.structure_set.roi(2).contours) == 2
    session.discard_unsaved()


def test_opening_something_else_keeps_unsaved_work_and_discarding_forgets_it(folder, study_folder) -> None:
    session = opened(folder, study_folder)
    draw(session)
    session.open([study_folder])
    assert len(session.recoverable()) == 1
    draw(session)
    session.discard_unsaved()
    assert len(session.recoverable()) == 1


def test_a_journal_that_can_not_be_written_is_told_and_work_goes_on(study_folder, tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    session = opened(JournalFolder(tmp_path / "file" / "x"), study_folder)
    heard = []
    session.journal_changed.connect(lambda: heard.append(session.journal_failure))
    draw(session)
    draw(session)
    assert len(heard) == 1
    assert "not safe from a crash" in str(heard[0])
    assert len(session.structure_set.roi(1).contours) == 4
    (tmp_path / "file").unlink()
    draw(session)
    assert heard[1:] == [None]
    session.discard_unsaved()


def test_saving_over_a_file_keeps_what_it_was(study_folder) -> None:
    path = study_folder / "structure-set.dcm"
    before = path.read_bytes()
    session = opened(None, study_folder)
    draw(session)
    session.save(path, overwrite=True)
    assert path.with_name("structure-set.dcm~").read_bytes() == before
    first = path.read_bytes()
    draw(session)
    session.save(path, overwrite=True)
    assert backup_path(path).read_bytes() == first
    assert sorted(one.name for one in study_folder.iterdir()) == ["ct", "structure-set.dcm", "structure-set.dcm~"]
    assert len(open_study([study_folder]).structure_sets) == 1


def test_a_save_that_fails_leaves_file_and_backup_as_they_were(study_folder) -> None:
    path = study_folder / "structure-set.dcm"
    before = path.read_bytes()
    backup_path(path).write_bytes(b"older")
    session = opened(None, study_folder)
    session.add_roi("")
    with pytest.raises(ExportError):
        session.save(path, overwrite=True)
    assert path.read_bytes() == before
    assert backup_path(path).read_bytes() == b"older"
    assert len(list(study_folder.iterdir())) == 3


def test_a_file_system_without_links_gets_a_copy(study_folder, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(saving.os, "link", refused)
    path = study_folder / "structure-set.dcm"
    before = path.read_bytes()
    session = opened(None, study_folder)
    draw(session)
    session.save(path, overwrite=True)
    assert backup_path(path).read_bytes() == before


def test_where_no_backup_can_be_made_nothing_is_replaced(study_folder, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "link", refused)
    monkeypatch.setattr(saving.shutil, "copy2", refused)
    path = study_folder / "structure-set.dcm"
    before = path.read_bytes()
    session = opened(None, study_folder)
    draw(session)
    with pytest.raises(OutputError, match="No space left"):
        session.save(path, overwrite=True)
    assert path.read_bytes() == before
    assert session.unsaved


def test_the_history_is_saved_beside_the_file_on_request(folder, study_folder, tmp_path) -> None:
    session = opened(folder, study_folder)
    draw(session)
    session.undo()
    draw(session, 2)
    target = tmp_path / "mine.dcm"
    session.save(target, history=True)
    draw(session, 3)
    session.save(target, overwrite=True, history=True)
    chain = read_chain(history_path(target).read_bytes())
    assert not chain.problem
    assert [one.header["kind"] for one in chain.records] == ["opened", "edit", "undo", "edit", "saved", "edit", "saved"]
    assert {one.header["who"] for one in chain.records} == {"ada@here"}
    written = structure_set_digest(read_structure_set(target), "sha256").text
    assert chain.records[-1].header["digest"] == written
    assert np.all(
        [
            one.header["before"] == was.header["after"]
            for was, one in zip(chain.records[:3], chain.records[1:4], strict=True)
        ]
    )
    assert backup_path(history_path(target)).exists()
    session.close()


def test_a_history_names_files_and_no_folders_and_begins_the_same_when_it_is_saved_again(
    folder, study_folder, tmp_path
) -> None:
    session = opened(folder, study_folder)
    draw(session)
    target = tmp_path / "mine.dcm"
    session.save(target, history=True)
    first = history_path(target).read_bytes()
    assert str(tmp_path).encode() not in first
    assert b'"path":"structure-set.dcm"' in first
    assert b'"path":"mine.dcm"' in first
    draw(session, 2)
    session.save(target, overwrite=True, history=True)
    assert history_path(target).read_bytes().startswith(first)
    verdict = check_history(history_path(target))
    assert verdict.holds
    assert is_what_was_saved(verdict, read_structure_set(target)) == ""
    draw(session, 3)
    session.close()
    # The journal itself still leads to the files.
    again = opened(folder, target)
    (left,) = again.recoverable()
    assert left.source.path == target.absolute()
    again.close()


def test_a_full_disk_is_told_and_nothing_is_lost(study_folder, tmp_path) -> None:
    """A process that may write no more than 40 kB to a file draws on: told at once, and all is there in the end."""
    script = Path(__file__).with_name("full_disk.py")
    done = subprocess.run(
        [sys.executable, str(script), str(study_folder), str(tmp_path / "journals")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    told = json.loads(done.stdout)
    assert told["failures"] == 1
    assert "not safe from a crash" in told["words"]
    assert told["edits_in_memory"] == 60
    assert told["save_refused"]
    assert told["kept_file"]
    assert told["told_again"] == [None]
    assert told["recovered"] == told["digest"]


def test_a_session_without_journals_has_no_history_to_save(study_folder, tmp_path) -> None:
    session = opened(None, study_folder)
    draw(session)
    with pytest.raises(UsageError, match="no history"):
        session.save(tmp_path / "mine.dcm", history=True)
    assert not (tmp_path / "mine.dcm").exists()


def test_where_an_edit_changed_something_is_told_for_views_to_go_there(study_folder) -> None:
    session = opened(None, study_folder)
    draw(session, 2, k=7.0)
    place = session.last_change_lps
    assert session.volume.grid.slice_index(place) == pytest.approx(7.0)
    session.undo()
    np.testing.assert_array_equal(session.last_change_lps, place)
    session.add_roi("Empty")
    assert session.last_change_lps is None
