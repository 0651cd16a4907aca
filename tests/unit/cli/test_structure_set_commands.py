"""`rtvis check`, `export` and `info` on structure sets that don't lead to their images, and on profiles."""

from __future__ import annotations

import json
import shutil

import pydicom
import pytest

from rtvis.cli.main import main
from rtvis.dicom.element_tree import read_file
from rtvis.dicom.encoding import IMPLICIT_LE


def run_json(capsys, *arguments, status=0):
    assert main([str(one) for one in arguments] + ["--json"]) == status
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def lost(small_study, tmp_path):
    """The small study's structure set, naming other images and another frame of reference."""
    peer = pydicom.dcmread(small_study / "structure-set.dcm")
    for roi in peer.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = "1.2.3.9"
    peer.FrameOfReferenceUID = "1.2.3.9"
    (frame,) = peer.ReferencedFrameOfReferenceSequence
    frame.FrameOfReferenceUID = "1.2.3.9"
    (series,) = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence
    series.SeriesInstanceUID = "1.2.3.4"
    named = [*series.ContourImageSequence]
    for owner in peer.ROIContourSequence:
        named += [image for one in owner.ContourSequence for image in one.ContourImageSequence]
    for number, image in enumerate(named):
        image.ReferencedSOPInstanceUID = f"1.2.3.5.{number}"
    path = tmp_path / "lost" / "rs.dcm"
    path.parent.mkdir()
    peer.save_as(path)
    return path


def codes(problems):
    return {one["code"] for one in problems}


def test_geometry_is_used_only_when_asked(lost, small_study, capsys):
    alone = run_json(capsys, "check", lost, "--ct", small_study / "ct")
    assert (alone["matched_by"], alone["volume_id"], alone["residual_mm"]) == (None, None, None)
    (missing,) = [one for one in alone["warnings"] if one["code"] == "missing-images"]
    assert "--by-geometry" in missing["message"]
    assert "residual 0.000 mm" in missing["message"]
    asked = run_json(capsys, "check", lost, "--ct", small_study / "ct", "--by-geometry")
    assert asked["matched_by"] == "geometry"
    assert asked["residual_mm"] == pytest.approx(0.0, abs=1e-6)
    assert {"matched-by-geometry", "frame-of-reference-differs", "references-to-nothing"} <= codes(asked["warnings"])


def test_a_repair_leads_back_to_the_images(lost, small_study, tmp_path, capsys):
    before = lost.read_bytes()
    result = run_json(capsys, "check", lost, "--ct", small_study / "ct", "--repair", tmp_path / "mended.dcm")
    assert result["repaired"] == str(tmp_path / "mended.dcm")
    assert lost.read_bytes() == before
    again = run_json(capsys, "check", tmp_path / "mended.dcm", "--ct", small_study / "ct")
    assert again["matched_by"] == "references"
    assert not {"references-to-nothing", "frame-of-reference-differs"} & codes(again["warnings"])
    history = pydicom.dcmread(tmp_path / "mended.dcm").ContributingEquipmentSequence[-1].ContributionDescription
    assert "mended by geometry" in history
    assert main(["check", str(lost), "--repair", str(tmp_path / "no.dcm")]) == 2
    assert "--ct" in capsys.readouterr().err
    assert not (tmp_path / "no.dcm").exists()


def test_where_nothing_is_to_be_mended_no_copy_is_written_and_the_check_holds(small_study, tmp_path, capsys):
    command = ["check", str(small_study / "structure-set.dcm"), "--ct", str(small_study / "ct")]
    out = tmp_path / "mended.dcm"
    result = run_json(capsys, *command, "--repair", out)
    assert (result["repaired"], result["errors"], result["matched_by"]) == (None, [], "references")
    assert main([*command, "--repair", str(out)]) == 0
    told = capsys.readouterr()
    assert "0 errors" in told.out
    assert told.err.splitlines()[-1] == f"all references hold: {out} was not written"
    assert not out.exists()


def test_info_by_geometry(lost, small_study, tmp_path, capsys):
    shutil.copytree(small_study / "ct", lost.parent / "ct")
    (alone,) = run_json(capsys, "info", lost.parent)["structure_sets"]
    assert (alone["volume_id"], alone["matched_by"]) == (None, None)
    (asked,) = run_json(capsys, "info", lost.parent, "--by-geometry")["structure_sets"]
    assert asked["matched_by"] == "geometry"


def test_export_profiles(small_study, tmp_path, capsys):
    source = small_study / "structure-set.dcm"
    arguments = ("export", source, "--format", "rtstruct", "--profile", "axial", "--out", tmp_path / "axial.dcm")
    assert main([str(one) for one in arguments]) == 2
    assert "needs the images" in capsys.readouterr().err
    document = run_json(capsys, *arguments, "--ct", small_study / "ct", "--holes", "nested")
    assert [(one["roi"], one["contours"], one["merged"]) for one in document["outputs"]] == [("Block", 2, 0)]
    contours = [(one["roi"], one["contour"]) for one in document["skipped"]]
    assert contours == [(name, what) for name in ("Path", "Line", "Marker") for what in (0, None)]
    assert all(one["reason"] for one in document["skipped"])


def test_export_of_implicit_vr(small_study, tmp_path, capsys):
    source = small_study / "structure-set.dcm"
    document = run_json(
        capsys, "export", source, "--format", "rtstruct", "--implicit", "--out", tmp_path / "implicit.dcm"
    )
    assert len(document["outputs"]) == 4
    assert pydicom.dcmread(tmp_path / "implicit.dcm").file_meta.TransferSyntaxUID == IMPLICIT_LE
    assert run_json(capsys, "diff", source, tmp_path / "implicit.dcm")["identical"] is True


def test_a_folder_is_no_name_for_a_structure_set(small_study, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for out in (".", "..", tmp_path):
        arguments = ["export", small_study / "structure-set.dcm", "--format", "rtstruct", "--out", out, "--force"]
        assert main([str(one) for one in arguments]) == 2
        message = capsys.readouterr().err
        assert "is a folder" in message
        assert "unexpected" not in message
    assert not list(tmp_path.iterdir())


def test_a_uid_with_a_byte_beyond_ascii_is_written_back_as_it_was(small_study, tmp_path, capsys):
    source, target = tmp_path / "odd.dcm", tmp_path / "again.dcm"
    data = (small_study / "structure-set.dcm").read_bytes()
    uid = pydicom.dcmread(small_study / "structure-set.dcm").SOPInstanceUID.encode()
    source.write_bytes(data.replace(uid, uid[:-1] + b"\xe9"))
    result = run_json(capsys, "export", source, "--format", "rtstruct", "--out", target)
    assert [one["roi"] for one in result["outputs"]] == ["Block", "Path", "Line", "Marker"]
    assert read_file(target).dataset.raw == read_file(source).dataset.raw
    assert "bad-uid" in codes(run_json(capsys, "check", target, status=1)["errors"])


def test_warnings_are_counted_for_people_and_listed_for_scripts(small_study, tmp_path, capsys):
    peer = pydicom.dcmread(small_study / "structure-set.dcm")
    block = peer.ROIContourSequence[0].ContourSequence
    for contour in block:  # its first point once more at the end
        contour.ContourData = [*contour.ContourData, *contour.ContourData[:3]]
        contour.NumberOfContourPoints = len(contour.ContourData) // 3
    peer.save_as(tmp_path / "rs.dcm")
    arguments = ["export", tmp_path / "rs.dcm", "--format", "rtstruct", "--out", tmp_path / "again.dcm", "--force"]
    listed = [one for one in run_json(capsys, *arguments)["warnings"] if one["code"] == "first-point-repeated"]
    assert [(one["roi"], one["contour"]) for one in listed] == [(1, 0), (1, 1)]
    assert main([str(one) for one in arguments]) == 0
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "first-point-repeated" in one]
    assert "and 1 more" in line


def test_a_check_tells_people_once_what_contours_of_an_roi_share(small_study, tmp_path, capsys):
    peer = pydicom.dcmread(small_study / "structure-set.dcm")
    for contour in peer.ROIContourSequence[0].ContourSequence:  # its first point once more at the end
        contour.ContourData = [*contour.ContourData, *contour.ContourData[:3]]
        contour.NumberOfContourPoints = len(contour.ContourData) // 3
    peer.save_as(tmp_path / "rs.dcm")
    listed = run_json(capsys, "check", tmp_path / "rs.dcm")["warnings"]
    assert [one["contour"] for one in listed if one["code"] == "first-point-repeated"] == [0, 1]
    assert main(["check", str(tmp_path / "rs.dcm")]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [one for one in lines if "first-point-repeated" in one]
    assert "contour 1 of ROI 1" in line
    assert "and 1 more like this" in line
    assert f"0 errors, {len(listed)} warnings" in lines


def test_a_folder_in_place_of_a_file_is_told_with_what_to_do(small_study, capsys):
    assert main(["check", str(small_study)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is a folder; name a file in it" in line
