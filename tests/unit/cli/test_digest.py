"""`rtvis digest` and `rtvis verify` of a series that isn't all there: part of one must not pass for the whole."""

from __future__ import annotations

import json
import shutil

import pydicom
import pytest

import rtvis
from rtvis.app.sending import parcels
from rtvis.cli.main import main


@pytest.fixture
def ct(small_study, tmp_path):
    shutil.copytree(small_study / "ct", tmp_path / "ct")
    return tmp_path / "ct"


def _cut(path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])


def _digest(capsys, *paths, status: int = 0) -> dict:
    assert main(["digest", *map(str, paths), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_part_of_a_series_has_no_digest(ct, capsys) -> None:
    (whole,) = _digest(capsys, ct)["volumes"]
    cut = sorted(ct.iterdir())[3]
    _cut(cut, -500)
    told = _digest(capsys, ct, status=2)
    (part,) = told["volumes"]
    assert (part["digest"], part["slices"], part["volume_id"]) == (None, [], whole["volume_id"])
    assert "part of a series gets no digest" in part["problems"][0]
    assert [one["path"] for one in told["unreadable"]] == [str(cut)]
    assert main(["digest", str(ct)]) == 2
    text = capsys.readouterr()
    assert text.out == f"no digest  {whole['volume_id']}\n"
    assert f"{cut.name} of the series can't be read" in text.err


def test_the_image_may_lie_in_another_folder(ct, tmp_path, capsys) -> None:
    cut = sorted(ct.iterdir())[3]
    _cut(cut, -500)
    (tmp_path / "more").mkdir()
    shutil.move(cut, tmp_path / "more")
    (part,) = _digest(capsys, tmp_path, status=2)["volumes"]
    assert part["digest"] is None
    made, left = parcels([tmp_path])
    assert made == ()
    assert len(left) == 10


def test_a_damaged_copy_and_a_damaged_file_of_another_series_take_nothing_away(ct, small_study, capsys) -> None:
    before = _digest(capsys, ct)["volumes"]
    shutil.copy(sorted(ct.iterdir())[3], ct / "copy.dcm")
    _cut(ct / "copy.dcm", -500)
    shutil.copy(small_study / "structure-set.dcm", ct / "rs.dcm")
    _cut(ct / "rs.dcm", -4)
    told = _digest(capsys, ct)
    assert told["volumes"] == before
    assert len(told["unreadable"]) == 2


def test_a_series_whose_uid_begins_alike_is_another(ct, tmp_path, capsys) -> None:
    (before,) = _digest(capsys, ct)["volumes"]
    source = sorted(ct.iterdir())[3]
    other = pydicom.dcmread(source)
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    other.SeriesInstanceUID = other.SeriesInstanceUID[:-1].rstrip(".")
    (tmp_path / "other").mkdir()
    other.save_as(tmp_path / "other" / "cut.dcm")
    _cut(tmp_path / "other" / "cut.dcm", -500)
    (after,) = _digest(capsys, ct, tmp_path / "other")["volumes"]
    assert after == before
    made, left = parcels([ct, tmp_path / "other"])
    assert len(made) == 1
    assert [one.path.name for one in left] == ["cut.dcm"]


def test_what_names_no_series_may_be_an_image_where_the_images_are(ct, capsys) -> None:
    (before,) = _digest(capsys, ct)["volumes"]
    shutil.copy(sorted(ct.iterdir())[3], ct / "odd.dcm")
    _cut(ct / "odd.dcm", 200)
    (after,) = _digest(capsys, ct)["volumes"]
    assert after["digest"] == before["digest"]
    (problem,) = after["problems"]
    assert problem.startswith("odd.dcm beside its images can't be read")
    assert main(["digest", str(ct)]) == 0
    assert problem in capsys.readouterr().err


def test_a_gap_is_told_beside_the_digest(ct, capsys) -> None:
    sorted(ct.iterdir())[3].unlink()
    assert main(["digest", str(ct)]) == 0
    text = capsys.readouterr()
    assert text.out.startswith("md5:")
    assert "missing" in text.err


def test_a_volume_is_as_good_as_the_worst_of_its_images_also_of_one_that_cannot_be_read(ct, capsys) -> None:
    cut = sorted(ct.iterdir())[3]
    _cut(cut, -500)
    assert main(["verify", str(ct), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    broken = next(one for one in told["files"] if one["path"] == str(cut))
    (volume,) = told["volumes"]
    assert (broken["status"], volume["status"], volume["digest"]) == ("invalid", "invalid", None)


def test_a_script_is_refused_as_well_and_gets_the_rest_of_the_volume(ct) -> None:
    (whole,) = rtvis.open_study(ct).volumes
    assert whole.digest().startswith("md5:")
    cut = sorted(ct.iterdir())[3]
    _cut(cut, -500)
    (part,) = rtvis.open_study(ct).volumes
    assert part.voxels.shape[0] == whole.voxels.shape[0] - 1
    with pytest.raises(rtvis.RtvisError, match=rf"{cut.name} of the series can't be read.*no digest; get an intact"):
        part.digest("sha256")
    cut.unlink()
    assert rtvis.open_study(ct).volumes[0].digest() != whole.digest(), "nothing tells that an image is gone"
