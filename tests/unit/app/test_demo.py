"""The main job from end to end, and that it fails when a bit flips on the way."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pydicom
import pytest

from rtvis.app.demo import DemoResult, fresh_folder, non_planar_curve, planar_curve, run_demo
from rtvis.app.session import Session
from rtvis.cli.main import main
from rtvis.model.errors import InputError, NothingFoundError
from rtvis.model.structure_set import Contour

STEPS = [
    "open",
    "show",
    "draw planar",
    "draw non-planar",
    "show drawn",
    "save",
    "digest",
    "identities",
    "sign",
    "verify",
    "device",
    "send",
    "receipt",
]


def _no_picture(_session: Session, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(one): (one.stat().st_mtime_ns, one.read_bytes()) for one in sorted(folder.rglob("*")) if one.is_file()}


def test_without_a_path_a_phantom_is_made_and_everything_holds(tmp_path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["demo", "--headless", "--json", "--out", str(out)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in document["steps"]] == ["construct", *STEPS]
    assert all(one["ok"] and one["seconds"] >= 0 for one in document["steps"])
    picture = Path(document["outputs"]["picture"])
    assert picture.read_bytes().startswith(b"\x89PNG")
    saved = pydicom.dcmread(document["outputs"]["structure_set"])
    types = {one.ContourGeometricType for roi in saved.ROIContourSequence for one in roi.ContourSequence}
    assert types == {"POINT", "OPEN_PLANAR", "OPEN_NONPLANAR", "CLOSED_PLANAR"}
    assert len(list(Path(document["outputs"]["delivered"]).glob("*.dcm"))) == 97
    receipt = json.loads(Path(document["outputs"]["receipt"]).read_text())
    assert document["outputs"]["digest"] in json.dumps(receipt)


def test_a_study_that_is_given_is_never_written_to(small_study: Path, tmp_path) -> None:
    before = _snapshot(small_study)
    result = run_demo(small_study, tmp_path / "out", _no_picture)
    assert result.ok, result.steps
    assert [one.name for one in result.steps] == STEPS
    assert _snapshot(small_study) == before


class _Flipped(io.BytesIO):
    """A file with one bit flipped in its last bytes, as it is read for sending."""


def _flipping(name: str):
    def open_file(path: Path) -> BinaryIO:
        data = bytearray(path.read_bytes())
        if path.name == name:
            data[-20] ^= 0x10
        return _Flipped(bytes(data))

    return open_file


def test_one_bit_flipped_on_the_way_makes_it_fail(small_study: Path, tmp_path) -> None:
    victim = sorted((small_study / "ct").iterdir())[3].name
    result = run_demo(small_study, tmp_path / "out", _no_picture, open_file=_flipping(victim))
    assert not result.ok
    assert result.steps[-1].name == "send"
    assert not result.steps[-1].ok
    assert "refused" in result.steps[-1].message or "failed" in result.steps[-1].message
    assert not list((tmp_path / "out" / "device" / "inbox").iterdir())


def test_the_command_exits_1_when_a_step_fails(small_study, tmp_path, monkeypatch, capsys) -> None:
    from rtvis.app import demo

    original = demo.send_paths
    victim = min((small_study / "ct").iterdir()).name
    monkeypatch.setattr(
        demo, "send_paths", lambda *args, **options: original(*args, **{**options, "open_file": _flipping(victim)})
    )
    monkeypatch.setattr("rtvis.scene.picture.render_picture", lambda _session: np.zeros((8, 8, 3), np.uint8))
    status = main(["demo", str(small_study), "--headless", "--out", str(tmp_path / "out")])
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert [line.split()[0] for line in lines[:-1]] == ["ok"] * 11 + ["FAIL"]
    assert "NOT all of it held" in lines[-1]


def test_a_folder_without_images_is_an_input_error(tmp_path, small_study) -> None:
    only = tmp_path / "only"
    only.mkdir()
    shutil.copy(small_study / "structure-set.dcm", only)
    with pytest.raises(NothingFoundError, match="no image series"):
        run_demo(only, tmp_path / "out", _no_picture)
    with pytest.raises(InputError):
        run_demo(tmp_path / "nowhere", tmp_path / "out2", _no_picture)


def test_a_second_run_keeps_the_first_one(tmp_path) -> None:
    out = tmp_path / "out"
    assert fresh_folder(out) == out
    (out / "phantom").mkdir(parents=True)
    assert fresh_folder(out) == out / "run-2"
    (out / "run-2" / "x").mkdir(parents=True)
    assert fresh_folder(out) == out / "run-3"


def test_the_drawn_curves_are_what_they_say(small_study) -> None:
    session = Session()
    session.open([small_study])
    assert session.volume is not None
    assert Contour.drawn(planar_curve(session.volume), closed=True).geometric_type == "CLOSED_PLANAR"
    assert Contour.drawn(non_planar_curve(session.volume), closed=False).geometric_type == "OPEN_NONPLANAR"


def test_nothing_done_is_not_a_success(tmp_path) -> None:
    assert not DemoResult(tmp_path).ok


def test_results_never_go_into_the_study(small_study, monkeypatch, capsys) -> None:
    before = sorted(small_study.rglob("*"))
    monkeypatch.chdir(small_study)
    assert main(["demo", ".", "--headless"]) == 2  # where results would go without --out
    assert main(["demo", str(small_study), "--headless", "--out", str(small_study / "results")]) == 2
    assert capsys.readouterr().err.count("is in the study") == 2
    assert sorted(small_study.rglob("*")) == before
