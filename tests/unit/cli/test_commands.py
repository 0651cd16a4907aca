"""The commands as scripts see them: JSON with the keys of the contract, exit statuses, nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from rtvis.cli.main import main

PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTVIS_PASSPHRASE", PASSPHRASE)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "ada"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RTVIS_PASSPHRASE", PASSPHRASE)
        assert main(["identity", "create", "Ada Example", "--out", str(folder)]) == 0
    return folder


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> dict:
    assert main([str(one) for one in arguments] + ["--json"]) == status
    return json.loads(capsys.readouterr().out)


def fails(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 2) -> str:
    assert main([str(one) for one in arguments]) == status
    streams = capsys.readouterr()
    lines = streams.err.splitlines()
    assert 1 <= len(lines) <= 2, lines
    assert "Traceback" not in streams.err
    return streams.err


def test_info(small_study, capsys) -> None:
    document = run_json(capsys, "info", small_study)
    (series,) = document["series"]
    assert series["shape"] == [10, 24, 32]
    np.testing.assert_allclose(series["spacing_mm"], [3.0, 2.0, 0.5], atol=1e-9)
    assert series["modality"] == "CT"
    assert series["images"] == 10
    assert series["regular"] is True
    assert series["tilt_deg"] == pytest.approx(0.0, abs=1e-6)
    assert series["transfer_syntaxes"] == ["1.2.840.10008.1.2.1"]
    assert len(series["slice_origins_lps"]) == 10
    affine = np.array(series["affine_lps"])
    np.testing.assert_allclose((affine @ [0, 0, 9, 1])[:3], series["slice_origins_lps"][9], atol=1e-6)
    assert set(series) >= {"volume_id", "series_instance_uid", "study_instance_uid", "patient_id", "description"}
    (structures,) = document["structure_sets"]
    assert structures["volume_id"] == series["volume_id"]
    assert structures["matched_by"] == "references"
    assert [one["contours"] for one in structures["rois"]] == [
        {"CLOSED_PLANAR": 2},
        {"OPEN_NONPLANAR": 1},
        {"OPEN_PLANAR": 1},
        {"POINT": 1},
    ]
    assert document["unreadable"] == []
    assert document["ignored"] == 0


def test_a_structure_set_alone_opens_and_says_that_its_images_are_missing(small_study, capsys) -> None:
    document = run_json(capsys, "info", small_study / "structure-set.dcm")
    (structures,) = document["structure_sets"]
    assert structures["series_instance_uid"] is None
    assert structures["volume_id"] is None
    assert structures["matched_by"] is None
    assert "missing-images" in {one["code"] for one in structures["problems"]}


def test_a_truncated_file_among_good_ones_is_listed_and_alone_it_is_an_error(small_study, tmp_path, capsys) -> None:
    shutil.copytree(small_study, tmp_path / "study")
    victim = min((tmp_path / "study" / "ct").iterdir())
    victim.write_bytes(victim.read_bytes()[:-700])
    document = run_json(capsys, "info", tmp_path / "study")
    assert [one["path"] for one in document["unreadable"]] == [str(victim)]
    assert document["series"][0]["images"] == 9
    assert str(victim) in fails(capsys, "info", victim)
    assert str(victim) in fails(capsys, "digest", victim)
    assert str(victim) in fails(capsys, "render", victim, "--out", tmp_path / "p.png")
    assert not (tmp_path / "p.png").exists()


def test_render(small_study, tmp_path, capsys) -> None:
    out = tmp_path / "deep" / "p.png"
    document = run_json(
        capsys, "render", small_study, "--out", out, "--size", "400x300", "--at", "-15,40,-85", "--view", "axial"
    )
    assert document == {"path": str(out), "size": [400, 300]}
    assert out.read_bytes().startswith(b"\x89PNG")
    before = out.read_bytes()
    assert "already exists" in fails(capsys, "render", small_study, "--out", out)
    assert out.read_bytes() == before
    assert "go together" in fails(capsys, "render", small_study, "--out", tmp_path / "q.png", "--level", "40")


def test_build_and_read_back(tmp_path, capsys) -> None:
    values = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6) - 60
    np.save(tmp_path / "image.npy", values)
    arguments = ["--out", tmp_path / "ct", "--spacing", "3,2,0.5", "--origin", "-10,20,-30.5"]
    document = run_json(capsys, "build", tmp_path / "image.npy", *arguments)
    assert len(document["files"]) == 4
    info = run_json(capsys, "info", tmp_path / "ct")["series"][0]
    assert info["series_instance_uid"] == document["series_instance_uid"]
    assert info["slice_origins_lps"][0] == [-10.0, 20.0, -30.5]
    import rtvis

    volume = rtvis.open_study(tmp_path / "ct").volumes[0]
    np.testing.assert_array_equal(volume.values, values)


def test_digest_is_the_same_whatever_the_encoding_and_files_agree_with_md5(small_study, tmp_path, capsys) -> None:
    document = run_json(capsys, "digest", small_study)
    (volume,) = document["volumes"]
    assert volume["digest"].startswith("md5:")
    assert len(volume["slices"]) == 10
    assert document["structure_sets"][0]["digest"].startswith("md5:")
    big = tmp_path / "renamed"
    big.mkdir()
    for number, path in enumerate(sorted((small_study / "ct").iterdir(), reverse=True)):
        dataset = pydicom.dcmread(path)
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
        dataset.save_as(big / f"{number}.bin", enforce_file_format=True, implicit_vr=True, little_endian=True)
    assert run_json(capsys, "digest", big)["volumes"][0]["digest"] == volume["digest"]
    assert run_json(capsys, "digest", small_study, "--algorithm", "sha256")["volumes"][0]["digest"].startswith(
        "sha256:"
    )
    assert main(["digest", str(small_study), "--files"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    for line in lines:
        value, path = line.split("  ", 1)
        assert Path(path).is_absolute()
        assert hashlib.md5(Path(path).read_bytes()).hexdigest() == value


def test_hashes_of_files_leave_out_what_cannot_be_read_and_say_so(small_study, tmp_path, capsys, monkeypatch) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for a writer
    lost = min((small_study / "ct").iterdir()).resolve()
    plain = Path.open
    monkeypatch.setattr(Path, "open", lambda one, *mode: plain(tmp_path if one == lost else one, *mode))
    document = run_json(capsys, "digest", small_study, tmp_path / "pipe", "--files")
    assert len(document["files"]) == 10
    assert [(one["path"], one["reason"]) for one in document["unreadable"]] == [
        (str(tmp_path / "pipe"), "isn't a file or a folder"),
        (str(lost), "can't be read (Is a directory)"),
    ]


def test_where_no_file_can_be_hashed_that_is_an_error(small_study, capsys, monkeypatch) -> None:
    def locked(_path, _algorithm):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("rtvis.app.digesting.hash_file", locked)
    assert main(["digest", str(small_study), "--files"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "can't be read (Permission denied)" in told.err


def test_check_and_diff_and_export(small_study, tmp_path, capsys) -> None:
    source = small_study / "structure-set.dcm"
    document = run_json(capsys, "check", source, "--ct", small_study / "ct")
    assert document["errors"] == []
    assert set(document["readers"]) >= {"Slicer", "plastimatch", "PlatiPy", "OHIF", "rt-utils"}
    assert any("OPEN_NONPLANAR" in loss for loss in document["readers"]["OHIF"])
    out = tmp_path / "again.dcm"
    exported = run_json(capsys, "export", source, "--format", "rtstruct", "--out", out)
    assert exported["skipped"] == []
    assert [one["roi"] for one in exported["outputs"]] == ["Block", "Path", "Line", "Marker"]
    assert run_json(capsys, "diff", source, out)["identical"] is True
    assert _contour_data(source) == _contour_data(out)
    assert "already exists" in fails(capsys, "export", source, "--format", "rtstruct", "--out", out)

    moved = pydicom.dcmread(source)
    contour = moved.ROIContourSequence[0].ContourSequence[0]
    contour.ContourData = [str(float(value) + 2.5 * (n % 3 == 2)) for n, value in enumerate(contour.ContourData)]
    moved.save_as(tmp_path / "moved.dcm")
    difference = run_json(capsys, "diff", source, tmp_path / "moved.dcm", status=1)
    assert difference["identical"] is False
    statuses = {one["name"]: one["status"] for one in difference["rois"]}
    assert statuses == {"Block": "changed", "Path": "same", "Line": "same", "Marker": "same"}
    assert difference["rois"][0]["max_mm"] == pytest.approx(2.5)
    assert difference["rois"][0]["changes"] == ["points"]
    assert difference["rois"][0]["dice"] is difference["rois"][0]["surface_max_mm"] is None
    assert main(["diff", str(source), str(tmp_path / "moved.dcm")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "changed in points: Block (2 and 2 contours, up to 2.5 mm)",
        "not identical",
    ]


def test_diff_tells_in_words_which_set_alone_has_an_roi(small_study, tmp_path, capsys) -> None:
    source = small_study / "structure-set.dcm"
    fewer = pydicom.dcmread(source)
    number = fewer.StructureSetROISequence[-1].ROINumber
    name = fewer.StructureSetROISequence[-1].ROIName
    for sequence in (fewer.StructureSetROISequence, fewer.ROIContourSequence, fewer.RTROIObservationsSequence):
        for item in [one for one in sequence if number in {one.get("ROINumber"), one.get("ReferencedROINumber")}]:
            sequence.remove(item)
    fewer.save_as(tmp_path / "fewer.dcm")
    assert main(["diff", str(tmp_path / "fewer.dcm"), str(source)]) == 1
    assert capsys.readouterr().out.splitlines() == [f"only in B: {name} (1 contour)", "not identical"]


def test_check_without_images_says_what_was_not_checked(small_study, capsys) -> None:
    source, ct = small_study / "structure-set.dcm", small_study / "ct"
    assert main(["check", str(source)]) == 0
    assert "--ct" in capsys.readouterr().err
    assert main(["check", str(source), "--ct", str(ct)]) == 0
    assert "--ct" not in capsys.readouterr().err


def test_diff_on_images_tells_the_overlap(small_study, tmp_path, capsys) -> None:
    source, ct = small_study / "structure-set.dcm", small_study / "ct"
    other = pydicom.dcmread(source)
    first, second = other.ROIContourSequence[0].ContourSequence
    first.ContourData = second.ContourData
    del other.ROIContourSequence[0].ContourSequence[0]
    other.save_as(tmp_path / "half.dcm")
    block, *lines = run_json(capsys, "diff", source, tmp_path / "half.dcm", "--ct", ct, status=1)["rois"]
    assert block["dice"] == pytest.approx(2 / 3)  # one of two slices
    assert 0 < block["surface_mean_mm"] < block["surface_95_mm"] <= block["surface_max_mm"]
    assert block["surface_max_mm"] == pytest.approx(3.0)
    assert {one["dice"] for one in lines} == {None}
    assert main(["diff", str(source), str(tmp_path / "half.dcm"), "--ct", str(ct)]) == 1
    assert re.search(r"changed in .*contours: Block .* Dice 0.667", capsys.readouterr().out)
    other.FrameOfReferenceUID = other.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = "1.2.3"
    for roi in other.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = "1.2.3"
    series = other.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    series.SeriesInstanceUID = "1.2.3.4"
    del series.ContourImageSequence
    for roi in other.ROIContourSequence:
        for contour in roi.ContourSequence:
            del contour.ContourImageSequence
    other.save_as(tmp_path / "elsewhere.dcm")
    error = fails(capsys, "diff", source, tmp_path / "elsewhere.dcm", "--ct", ct)
    assert "elsewhere.dcm was drawn on" in error


def _contour_data(path: Path) -> list[bytes]:
    dataset = pydicom.dcmread(path)
    return [
        bytes(one.get_item("ContourData").value) for roi in dataset.ROIContourSequence for one in roi.ContourSequence
    ]


def test_sign_and_verify(small_study, identity, tmp_path, capsys) -> None:
    out = tmp_path / "signed"
    assert "--force" in fails(capsys, "sign", small_study, "--identity", identity)
    document = run_json(capsys, "sign", small_study, "--identity", identity, "--out", out)
    assert document["signed"] == 11
    originals = {one.relative_to(small_study) for one in small_study.rglob("*.dcm")}
    assert {Path(one).relative_to(out) for one in document["files"]} == originals
    trusted = run_json(capsys, "verify", out, "--trust", identity / "certificate.pem")
    assert {one["status"] for one in trusted["files"]} == {"valid"}
    assert {one["mac"].upper().replace("-", "") for one in trusted["files"]} == {"SHA256"}
    assert trusted["volumes"][0]["status"] == "valid"
    assert trusted["volumes"][0]["digest"] == run_json(capsys, "digest", small_study)["volumes"][0]["digest"]
    assert all(one["coverage"]["share"] > 0.9 for one in trusted["files"])
    assert {one["status"] for one in run_json(capsys, "verify", out, status=1)["files"]} == {"untrusted"}
    assert {one["status"] for one in run_json(capsys, "verify", small_study, status=1)["files"]} == {"unsigned"}
    victim = Path(document["files"][2])
    data = bytearray(victim.read_bytes())
    data[-100] ^= 1
    victim.write_bytes(data)
    broken = run_json(capsys, "verify", out, "--trust", identity / "certificate.pem", status=1)
    assert {one["path"] for one in broken["files"] if one["status"] == "invalid"} == {str(victim)}
    assert broken["volumes"][0]["status"] == "invalid"


def test_files_of_a_folder_that_are_alike_are_one_line_and_each_that_differs_is_named(
    small_study, identity, tmp_path, capsys
) -> None:
    assert main(["verify", str(small_study)]) == 1
    lines = capsys.readouterr().out.splitlines()
    folders = {one.parent for one in small_study.rglob("*.dcm")}
    assert sum(" files in " in one and one.endswith("are not signed") for one in lines) >= 1
    assert sum(not one.startswith("volume ") for one in lines) <= 2 * len(folders)
    out = tmp_path / "signed"
    images = [Path(one) for one in run_json(capsys, "sign", small_study, "--identity", identity, "--out", out)["files"]]
    folder = max({one.parent for one in images}, key=lambda each: len(list(each.glob("*.dcm"))))
    unsigned, cut, *others = sorted(folder.glob("*.dcm"))
    source = small_study / unsigned.relative_to(out)
    unsigned.write_bytes(source.read_bytes())
    data = bytearray(cut.read_bytes())
    data[-100] ^= 1
    cut.write_bytes(data)
    assert main(["verify", str(folder), "--trust", str(identity / "certificate.pem")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(one.startswith("valid by ") and f": {len(others)} files in {folder}" in one for one in lines)
    assert any(one.startswith(f"unsigned: {unsigned} (") for one in lines)
    assert any(one.startswith("invalid") and str(cut) in one for one in lines)
    assert not any(str(one) in line for one in others for line in lines)


def test_all_signatures_of_a_file_are_told_and_weak_hashes_warned_of(small_study, identity, tmp_path, capsys) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    source = small_study / "structure-set.dcm"
    run_json(capsys, "sign", source, "--identity", identity, "--out", once, "--mac", "md5")
    run_json(capsys, "sign", once, "--identity", identity, "--out", twice)
    arguments = ["verify", str(twice), "--trust", str(identity / "certificate.pem"), "--json"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    (file,) = json.loads(printed.out)["files"]
    assert [(one["mac"], one["status"]) for one in file["signatures"]] == [("md5", "valid"), ("sha256", "valid")]
    assert len({one["uid"] for one in file["signatures"]}) == 2
    assert "md5 can be forged" in printed.err


def test_without_a_passphrase_nothing_waits(small_study, identity, tmp_path) -> None:
    command = [
        sys.executable,
        "-m",
        "rtvis",
        "sign",
        str(small_study),
        "--identity",
        str(identity),
        "--out",
        str(tmp_path),
    ]
    environment = {"PATH": "/usr/bin:/bin"}
    ended = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert "RTVIS_PASSPHRASE" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_device_receives_verifies_and_lists(small_study, identity, tmp_path, capsys) -> None:
    device = tmp_path / "linac"
    made = run_json(capsys, "device", "init", device, "--name", "Linac 2")
    assert made["fingerprint"].startswith("sha256:")
    trusted = run_json(capsys, "device", "trust", device, identity / "certificate.pem")
    assert trusted["name"] == "Ada Example"
    assert trusted["fingerprint"].startswith("sha256:")
    command = [sys.executable, "-m", "rtvis", "device", "serve", str(device)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().split()[1]
        arguments = ["send", small_study, "--to", address, "--identity", identity]
        trust = ["--trust", device / "certificate.pem"]
        (first,) = run_json(capsys, *arguments, *trust)["deliveries"]
        (again,) = run_json(capsys, *arguments, *trust)["deliveries"]
        (stranger,) = run_json(capsys, *arguments, "--trust", identity / "certificate.pem", status=1)["deliveries"]
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert f"accepted: {first['volume_id']} from Ada Example" in errors
    assert first["status"] == "accepted"
    assert first["bytes_sent"] == sum(one.stat().st_size for one in small_study.rglob("*.dcm"))
    assert first["receipt"] is not None
    assert again["status"] == "already_there"
    assert again["bytes_sent"] == 0
    assert stranger["status"] == "failed"
    (held,) = run_json(capsys, "device", "list", device)["volumes"]
    assert held["digest"] == first["digest"] == run_json(capsys, "digest", small_study)["volumes"][0]["digest"]
    assert held["images"] == 10
    assert (held["structure_sets"], held["earlier"]) == (1, [])
    assert {"volume_id", "series_instance_uid", "sender", "received_at", "path"} < set(held)
    assert held["sender_fingerprint"] == trusted["fingerprint"]


def test_a_device_nobody_answers_for_is_a_failed_delivery(small_study, identity, capsys) -> None:
    document = run_json(
        capsys,
        "send",
        small_study,
        "--to",
        "127.0.0.1:1",
        "--identity",
        identity,
        "--trust",
        identity / "certificate.pem",
        status=1,
    )
    (delivery,) = document["deliveries"]
    assert delivery["status"] == "failed"
    assert delivery["reason"]
    assert delivery["receipt"] is None


def test_what_can_not_be_written_is_one_line_and_leaves_nothing(small_study, identity, tmp_path, capsys) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    inside = blocker / "below"
    fails(capsys, "render", small_study, "--out", inside / "p.png")
    fails(capsys, "export", small_study / "structure-set.dcm", "--format", "rtstruct", "--out", inside / "rs.dcm")
    fails(capsys, "sign", small_study, "--identity", identity, "--out", inside)
    fails(capsys, "identity", "create", "Eve", "--out", inside)
    fails(capsys, "device", "init", inside, "--name", "D")
    np.save(tmp_path / "image.npy", np.zeros((2, 3, 4), np.int16))
    fails(capsys, "build", tmp_path / "image.npy", "--out", inside)
    fails(capsys, "demo", small_study, "--headless", "--out", inside)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "image.npy"]
    assert blocker.read_text() == "in the way"


def test_a_cut_structure_set_is_said_wherever_it_is_named(small_study, identity, tmp_path, capsys) -> None:
    whole = (small_study / "structure-set.dcm").read_bytes()
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(whole[:-300])
    for command in ("info", "digest", "check"):
        assert str(cut) in fails(capsys, command, cut)
    assert str(cut) in fails(capsys, "export", cut, "--format", "rtstruct", "--out", tmp_path / "o.dcm")
    assert [one["status"] for one in run_json(capsys, "verify", cut, status=1)["files"]] == ["invalid"]
    shutil.copytree(small_study / "ct", tmp_path / "ct")
    document = run_json(capsys, "info", tmp_path)
    assert [one["path"] for one in document["unreadable"]] == [str(cut)]
    signed = run_json(capsys, "sign", tmp_path, "--identity", identity, "--out", tmp_path / "signed")
    assert [one["path"] for one in signed["failed"]] == [str(cut)]
    assert signed["signed"] == 10
