"""Measurements stay with the study that they were made in, and with no other."""

from __future__ import annotations

import json
import stat
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvis.app import study_files
from rtvis.app.measurements import Measurements, frame_of, study_of
from rtvis.app.measuring import Measured
from rtvis.app.session import Session
from rtvis.model.errors import NewerVersionError, OutputError, UnreadableError
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_volume

FIRST = make_volume()
OTHER_STUDY = replace(make_volume(2), study_instance_uid="1.2.3.77")
"""In the same frame of reference by its number, as files of careless programs are."""

POINTS = {
    "distance": [[0.1, 0.2, 0.3], [30.0, 0, 1 / 3]],
    "angle": [[0.0, 0, 0], [5, 5, 5], [9, 0, 1]],
    "area": [[0.0, 0, 0], [9, 0, 0], [9, 9, 0], [4, 5, 0]],
    "probe": [[1.0, 2.0, 3.0]],
}


def made(kind):
    return Measured(np.array(POINTS[kind]), closed=kind == "area", kind=kind)


def keep(measurements, kind, volume=FIRST):
    measurements.add(made(kind), frame_of(volume), study_of(volume))


def shown(measurements, volume=FIRST):
    return [(one.kind, one.closed, one.points.tolist()) for one in measurements.of(frame_of(volume))]


EXPECTED = [(kind, kind == "area", points) for kind, points in POINTS.items()]


@pytest.mark.parametrize("on_disk", [False, True])
def test_they_are_there_again_when_the_study_is_opened_again(tmp_path, on_disk):
    measurements = Measurements(tmp_path / "kept" if on_disk else None)
    measurements.open([FIRST])
    for kind in POINTS:
        keep(measurements, kind)
    measurements.open([OTHER_STUDY])
    assert shown(measurements, OTHER_STUDY) == []
    if on_disk:
        measurements = Measurements(tmp_path / "kept")  # another program
    measurements.open([FIRST])
    assert shown(measurements) == EXPECTED
    measurements.open([OTHER_STUDY, FIRST])
    assert shown(measurements) == EXPECTED


def test_what_was_removed_stays_removed_and_leaves_no_file(tmp_path):
    measurements = Measurements(tmp_path)
    measurements.open([FIRST])
    keep(measurements, "distance")
    keep(measurements, "probe")
    measurements.remove_last()
    again = Measurements(tmp_path)
    again.open([FIRST])
    assert [kind for kind, *_ in shown(again)] == ["distance"]
    again.clear()
    assert list(tmp_path.iterdir()) == []
    measurements = Measurements(tmp_path)
    measurements.open([FIRST])
    assert measurements.count == 0


def test_files_are_their_owner_s_and_tell_no_patient(tmp_path):
    measurements = Measurements(tmp_path / "kept")
    measurements.open([FIRST])
    keep(measurements, "distance")
    (path,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert FIRST.patient.name not in path.read_text()
    assert FIRST.study_instance_uid not in path.name


def test_series_without_a_frame_of_reference_share_nothing():
    """Coordinates of one say nothing of the other (PS3.3 C.7.4.1)."""
    first, second = (replace(one, grid=replace(one.grid, frame_of_reference_uid="")) for one in (FIRST, make_volume(2)))
    measurements = Measurements()
    measurements.open([first, second])
    keep(measurements, "distance", first)
    assert len(shown(measurements, first)) == 1
    assert shown(measurements, second) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": "9", "study": "x", "measurements": []}',
        b'{"version": 1, "study": "STUDY", "measurements": [{"frame": "1", "kind": "distance", "closed": false}]}',
        b'{"version": 1, "study": "STUDY", "measurements": [{"frame": "1", "kind": "probe", "closed": false, "points":'
        b" [[1" + b"0" * 400 + b", 0, 0]]}]}",
        (
            b'{"version": 1, "study": "STUDY", "measurements": [{"frame": "1", "kind": "distance", "closed": false,'
            b' "points": [[0, 0, 0]]}]}'
        ),
        (
            b'{"version": 1, "study": "STUDY", "measurements": [{"frame": "1", "kind": "area", "closed": true,'
            b' "points": [[0, 0, NaN], [1, 0, 0], [1, 1, 0]]}]}'
        ),
        (
            b'{"version": 1, "study": "STUDY", "measurements": [{"frame": "1", "kind": "virus", "closed": true,'
            b' "points": [[0, 0, 0]]}]}'
        ),
        b'{"version": 1, "study": "STUDY", "measurements": [7]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_told_of_and_put_aside(tmp_path, content):
    measurements = Measurements(tmp_path)
    measurements.open([FIRST])
    keep(measurements, "distance")
    (path,) = tmp_path.iterdir()
    damaged = content.replace(b"STUDY", FIRST.study_instance_uid.encode())
    path.write_bytes(damaged)
    measurements, told = Measurements(tmp_path), []
    measurements.failed.connect(told.append)
    measurements.open([FIRST])
    assert measurements.count == 0
    (error,) = told
    assert isinstance(error, UnreadableError)
    assert str(path) in str(error)
    keep(measurements, "probe")
    assert path.with_suffix(".damaged").read_bytes() == damaged


def damaged_while_open(folder):
    """Measurements with one kept, the errors they tell of, and their file, which was damaged since."""
    measurements, told = Measurements(folder), []
    measurements.failed.connect(told.append)
    measurements.open([FIRST])
    keep(measurements, "distance")
    (path,) = folder.iterdir()
    path.write_bytes(b"{")
    return measurements, told, path


def test_a_file_that_was_damaged_meanwhile_is_told_of_and_what_is_measured_is_kept(tmp_path):
    measurements, told, path = damaged_while_open(tmp_path)
    keep(measurements, "probe")
    (error,) = told
    assert isinstance(error, UnreadableError)
    assert path.with_suffix(".damaged").read_bytes() == b"{"
    again = Measurements(tmp_path)
    again.open([FIRST])
    assert shown(again) == shown(measurements) == [EXPECTED[0], EXPECTED[3]]


def test_a_file_of_a_newer_version_is_left_as_it_is_and_told_of_once(tmp_path):
    measurements = Measurements(tmp_path)
    measurements.open([FIRST])
    keep(measurements, "distance")
    (path,) = tmp_path.iterdir()
    newer = json.dumps(json.loads(path.read_text()) | {"version": 2, "notes": ["of another kind"]})
    path.write_text(newer)
    later, told = Measurements(tmp_path), []
    for one in (measurements, later):
        one.failed.connect(told.append)
        one.open([FIRST])
        keep(one, "probe")
        one.refresh()
        one.remove_last()
        one.clear()
    assert [type(one) for one in told] == [NewerVersionError] * 2
    assert "newer version of rtvis" in str(told[0])
    assert path.read_text() == newer
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_may_not_be_entered_is_told_of(tmp_path, monkeypatch):
    def refused(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    measurements, told = Measurements(tmp_path), []
    measurements.failed.connect(told.append)
    with monkeypatch.context() as context:
        for name in ("exists", "read_bytes"):
            context.setattr(Path, name, refused)
        measurements.open([FIRST])
    (error,) = told
    assert "Permission denied" in str(error)


def test_what_cannot_be_written_is_shown_all_the_same_and_told(tmp_path):
    (tmp_path / "kept").write_text("no folder")
    measurements, told = Measurements(tmp_path / "kept"), []
    measurements.failed.connect(told.append)
    measurements.open([FIRST])
    keep(measurements, "distance")
    assert len(shown(measurements)) == 1
    (error,) = told
    assert isinstance(error, OutputError)


def test_a_session_shows_those_of_what_it_opens(tmp_path):
    session = Session(measured=tmp_path)
    session.show(Study(volumes=(FIRST,)))
    keep(session.measurements, "area")
    session.show(Study())
    assert session.measurements.count == 0
    session.show(Study(volumes=(FIRST, OTHER_STUDY)))
    assert [kind for kind, *_ in shown(session.measurements)] == ["area"]


def two_windows(tmp_path):
    windows = Measurements(tmp_path), Measurements(tmp_path)
    for one in windows:
        one.open([FIRST])
    return windows


def kinds(measurements):
    return sorted(kind for kind, *_ in shown(measurements))


def test_two_windows_on_one_study_lose_nothing_of_each_other(tmp_path):
    one, other = two_windows(tmp_path)
    keep(one, "distance")
    keep(other, "angle")
    assert kinds(other) == ["angle", "distance"]
    keep(one, "probe")
    assert kinds(one) == ["angle", "distance", "probe"]
    one.remove_last()  # its own newest
    assert kinds(one) == ["angle", "distance"]
    again = Measurements(tmp_path)
    again.open([FIRST])
    assert kinds(again) == ["angle", "distance"]


def test_what_one_window_removed_the_other_does_not_write_again(tmp_path):
    one, other = two_windows(tmp_path)
    keep(one, "distance")
    keep(other, "angle")
    one.remove_last()
    assert kinds(one) == ["angle"]
    keep(other, "probe")
    assert kinds(other) == ["angle", "probe"]
    other.clear()
    keep(one, "area")
    assert kinds(one) == ["area"]
    other.open([FIRST])
    assert kinds(other) == ["area"]


def test_all_of_what_is_shown_is_cleared_and_not_what_was_never_seen(tmp_path):
    one, other = two_windows(tmp_path)
    keep(one, "distance")
    keep(other, "angle")
    keep(other, "probe")
    one.clear()
    assert kinds(one) == ["angle", "probe"]


def test_what_could_not_be_written_is_written_with_the_next(tmp_path):
    (tmp_path / "kept").write_text("no folder")
    measurements = Measurements(tmp_path / "kept")
    measurements.open([FIRST])
    keep(measurements, "distance")
    (tmp_path / "kept").unlink()
    measurements.open([FIRST])
    assert kinds(measurements) == ["distance"]
    keep(measurements, "angle")
    again = Measurements(tmp_path / "kept")
    again.open([FIRST])
    assert kinds(again) == ["angle", "distance"]


def test_files_without_identities_are_read_and_each_of_equal_ones_is_its_own(tmp_path):
    measurements = Measurements(tmp_path)
    measurements.open([FIRST])
    keep(measurements, "probe")
    keep(measurements, "probe")
    (path,) = tmp_path.iterdir()
    content = json.loads(path.read_text())
    for entry in content["measurements"]:
        del entry["id"]
    path.write_text(json.dumps(content))
    one, other = two_windows(tmp_path)
    assert kinds(one) == ["probe", "probe"]
    one.remove_last()
    keep(other, "angle")
    assert kinds(other) == ["angle", "probe"]


def test_what_another_window_measured_or_removed_is_there_when_asked_for(tmp_path):
    one, other = two_windows(tmp_path)
    changes = []
    other.changed.connect(lambda: changes.append(kinds(other)))
    other.refresh()
    keep(one, "distance")
    keep(one, "probe")
    other.refresh()
    assert changes == [["distance", "probe"]]
    one.remove_last()
    other.refresh()
    other.refresh()
    assert changes[1:] == [["distance"]]
    keep(other, "angle")
    one.clear()
    one.refresh()
    other.refresh()
    assert kinds(one) == kinds(other) == ["angle"]
    one.open([OTHER_STUDY])
    keep(other, "probe")
    one.refresh()
    assert one.count == 0


def test_what_could_not_be_written_is_not_lost_by_looking_again(tmp_path, monkeypatch):
    one, other = two_windows(tmp_path)
    with monkeypatch.context() as context:
        context.setattr(study_files, "written_whole", refused)
        keep(one, "distance")
    keep(other, "angle")
    one.refresh()
    assert kinds(one) == ["angle", "distance"]
    keep(one, "probe")
    other.refresh()
    assert kinds(other) == ["angle", "distance", "probe"]


def refused(path, **_options):
    raise OutputError("no room", path=path)


def test_windows_that_write_at_the_same_moment_wait_for_each_other(tmp_path):
    windows = [Measurements(tmp_path) for _ in range(4)]
    for one in windows:
        one.open([FIRST])

    def work(one):
        for _ in range(5):
            keep(one, "distance")

    threads = [threading.Thread(target=work, args=(one,)) for one in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = Measurements(tmp_path)
    again.open([FIRST])
    assert again.count == 20


def test_a_file_that_is_damaged_when_it_is_looked_at_again_takes_nothing_from_the_screen(tmp_path):
    """It is put aside, which changes the folder: it is looked at once more, and there is no file any more."""
    measurements, told, _ = damaged_while_open(tmp_path)
    for _ in range(3):
        measurements.refresh()
    assert shown(measurements) == [EXPECTED[0]]
    assert len(told) == 1
    keep(measurements, "probe")
    again = Measurements(tmp_path)
    again.open([FIRST])
    assert shown(again) == [EXPECTED[0], EXPECTED[3]]
