"""How ROIs look in 3D is kept with their study."""

from __future__ import annotations

import json
import stat

import pytest

from rtvis.app.roi_looks import RoiLook, RoiLooks, RoiStyle
from rtvis.app.session import Session
from rtvis.model.errors import NewerVersionError, OutputError, UnreadableError
from rtvis.model.structure_set import Roi
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_set, make_volume

STUDY = "1.2.3"
LIVER, PTV = Roi(1, "Liver of Jo Doe"), Roi(2, "PTV")
LINES, CLEAR = RoiLook(RoiStyle.LINES), RoiLook(None, 0.25)


def test_they_are_there_again_in_another_program(tmp_path):
    looks = RoiLooks(tmp_path)
    looks.choose(STUDY, LIVER, LINES)
    looks.choose(STUDY, PTV, CLEAR)
    assert list(tmp_path.iterdir()) == []  # a slider that is dragged doesn't write at each step
    looks.write()
    again = RoiLooks(tmp_path)
    assert again.look(STUDY, LIVER) == LINES
    assert again.look(STUDY, PTV) == CLEAR
    assert again.look("1.2.4", PTV) == RoiLook()
    assert again.look(STUDY, Roi(2, "PTV 60")) == RoiLook()
    again.choose(STUDY, LIVER, RoiLook())
    again.choose(STUDY, PTV, RoiLook())
    again.write()
    assert list(tmp_path.iterdir()) == []


def test_a_file_tells_nothing_of_the_patient(tmp_path):
    looks = RoiLooks(tmp_path / "kept")
    looks.choose(STUDY, LIVER, LINES)
    looks.write()
    (path,) = (tmp_path / "kept").iterdir()
    assert "Doe" not in path.read_text()
    assert STUDY not in path.read_text() + path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_sets_without_a_study_are_kept_as_long_as_the_program(tmp_path):
    looks = RoiLooks(tmp_path)
    looks.choose("", LIVER, LINES)
    looks.write()
    assert looks.look("", LIVER) == LINES
    assert list(tmp_path.iterdir()) == []


def damaged(entry):
    return json.dumps({"version": 1, "looks": {"x": entry}})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 0, "looks": {}}',
        '{"version": 1, "looks": []}',
        damaged({"style": "bold", "opacity": None}),
        damaged({"style": None, "opacity": 1.5}),
        damaged({"style": None, "opacity": "1"}),
        damaged({}),
    ],
)
def test_a_damaged_file_is_told_of_and_out_of_the_way(tmp_path, text):
    looks, heard = RoiLooks(tmp_path), []
    looks.choose(STUDY, LIVER, LINES)
    looks.write()
    (path,) = tmp_path.iterdir()
    path.write_text(text)
    again = RoiLooks(tmp_path)
    again.failed.connect(heard.append)
    assert again.look(STUDY, LIVER) == RoiLook()
    assert [type(one) for one in heard] == [UnreadableError]
    assert path.with_suffix(".damaged").exists()
    again.choose(STUDY, LIVER, LINES)
    again.write()
    assert RoiLooks(tmp_path).look(STUDY, LIVER) == LINES


def test_two_windows_on_one_study_lose_nothing_of_each_other(tmp_path):
    one, other = RoiLooks(tmp_path), RoiLooks(tmp_path)
    one.choose(STUDY, LIVER, LINES)
    assert other.look(STUDY, PTV) == RoiLook()
    one.write()
    other.choose(STUDY, PTV, CLEAR)
    other.write()
    assert other.look(STUDY, LIVER) == LINES
    again = RoiLooks(tmp_path)
    assert (again.look(STUDY, LIVER), again.look(STUDY, PTV)) == (LINES, CLEAR)
    one.choose(STUDY, LIVER, RoiLook())
    one.write()
    other.choose(STUDY, PTV, LINES)
    other.write()
    again = RoiLooks(tmp_path)
    assert (again.look(STUDY, LIVER), again.look(STUDY, PTV)) == (RoiLook(), LINES)


def test_what_could_not_be_written_is_written_with_the_next(tmp_path):
    (tmp_path / "kept").write_text("no folder")
    looks = RoiLooks(tmp_path / "kept")
    looks.choose(STUDY, LIVER, LINES)
    looks.write()
    (tmp_path / "kept").unlink()
    looks.choose(STUDY, PTV, CLEAR)
    looks.write()
    again = RoiLooks(tmp_path / "kept")
    assert (again.look(STUDY, LIVER), again.look(STUDY, PTV)) == (LINES, CLEAR)


def test_a_file_of_a_newer_version_is_left_as_it_is_and_told_of_once(tmp_path):
    looks = RoiLooks(tmp_path)
    looks.choose(STUDY, LIVER, LINES)
    looks.write()
    (path,) = tmp_path.iterdir()
    path.write_text('{"version": 2, "looks": []}')
    for again in (RoiLooks(tmp_path), looks):
        heard = []
        again.failed.connect(heard.append)
        again.choose(STUDY, PTV, CLEAR)
        again.write()
        again.choose(STUDY, LIVER, RoiLook())
        again.write()
        assert again.look(STUDY, PTV) == CLEAR
        assert [type(one) for one in heard] == [NewerVersionError]
    assert path.read_text() == '{"version": 2, "looks": []}'
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_damaged_meanwhile_is_told_of_and_all_that_is_known_is_written(tmp_path):
    looks, heard = RoiLooks(tmp_path), []
    looks.failed.connect(heard.append)
    looks.choose(STUDY, LIVER, LINES)
    looks.write()
    (path,) = tmp_path.iterdir()
    path.write_text("{")
    looks.choose(STUDY, PTV, CLEAR)
    looks.write()
    again = RoiLooks(tmp_path)
    assert (again.look(STUDY, LIVER), again.look(STUDY, PTV)) == (LINES, CLEAR)
    assert [type(one) for one in heard] == [UnreadableError]


def test_where_nothing_can_be_written_that_is_told_once(tmp_path):
    (tmp_path / "file").write_text("no folder")
    looks, heard = RoiLooks(), []
    looks.failed.connect(heard.append)
    looks.choose(STUDY, LIVER, LINES)
    looks.folder = tmp_path / "file" / "kept"
    looks.write()
    looks.write()
    assert [type(one) for one in heard] == [OutputError]
    assert looks.look(STUDY, LIVER) == LINES


def test_where_the_folder_cannot_be_one_there_are_none_and_nothing_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    looks, heard = RoiLooks(tmp_path / "file" / "kept"), []
    looks.failed.connect(heard.append)
    assert looks.look(STUDY, LIVER) == RoiLook()
    assert heard == []


def test_a_session_keeps_them_beside_what_was_measured(tmp_path):
    volume = make_volume()
    study = Study(volumes=(volume,), structure_sets=(make_set(volume),))
    session = Session(None, tmp_path / "measurements")
    session.show(study)
    session.view3d.set_roi_opacity(session.structure_set.rois[0], 0.5)
    session.show(Study())
    assert len(list((tmp_path / "roi_looks").iterdir())) == 1
    again = Session(None, tmp_path / "measurements")
    again.show(study)
    assert again.view3d.roi_look(1) == RoiLook(None, 0.5)
    assert again.view3d.roi_look(2) == RoiLook()
