"""`rtvis export` of masks, label maps and surfaces, `rtvis import`, `rtvis stats`, and their Python calls."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import pyvista
import SimpleITK as sitk  # noqa: N813  (its usual name)

import rtvis
from rtvis.app.export_volumes import file_names
from rtvis.cli.main import main
from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Roi, StructureSet
from rtvis.model.volume import Patient


def run_json(capsys, *arguments, status=0) -> dict:
    assert main([str(one) for one in arguments] + ["--json"]) == status
    return json.loads(capsys.readouterr().out)


def fails(capsys, *arguments) -> str:
    assert main([str(one) for one in arguments]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) <= 2
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize("kind", ["nii.gz", "nrrd"])
def test_masks(small_study, tmp_path, capsys, kind) -> None:
    source = small_study / "structure-set.dcm"
    arguments = ("export", source, "--ct", small_study / "ct", "--format", "masks", "--out", tmp_path, "--type", kind)
    document = run_json(capsys, *arguments)
    assert document["outputs"] == [
        {"roi": "Block", "number": 1, "path": str(tmp_path / f"Block.{kind}"), "voxels": 12 * 8 * 2}
    ]
    assert [one["roi"] for one in document["skipped"]] == ["Path", "Line", "Marker"]
    assert all("no volume" in one["reason"] for one in document["skipped"])
    mask = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / f"Block.{kind}")))
    assert np.argwhere(mask).min(axis=0).tolist() == [4, 8, 10]
    assert np.argwhere(mask).max(axis=0).tolist() == [5, 15, 21]
    assert "already exists" in fails(capsys, *arguments)
    run_json(capsys, *arguments, "--force")


def test_masks_need_images(small_study, tmp_path, capsys) -> None:
    source = small_study / "structure-set.dcm"
    assert "--ct" in fails(capsys, "export", source, "--format", "masks", "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()
    error = fails(capsys, "export", source, "--format", "surfaces", "--out", tmp_path / "m", "--type", "nrrd")
    assert "stl" in error
    error = fails(capsys, "export", source, "--format", "surfaces", "--out", tmp_path / "m", "--profile", "axial")
    assert "rtstruct" in error


@pytest.mark.parametrize("name", ["labels.nii.gz", "labels.nrrd", "folder"])
def test_a_label_map(small_study, tmp_path, capsys, name) -> None:
    (tmp_path / "folder").mkdir()
    arguments = ("--ct", small_study / "ct", "--format", "labelmap", "--out", tmp_path / name)
    document = run_json(capsys, "export", small_study / "structure-set.dcm", *arguments)
    (output,) = document["outputs"]
    expected = tmp_path / name / "labelmap.nii.gz" if name == "folder" else tmp_path / name
    assert output == {"roi": "Block", "number": 1, "path": str(expected), "voxels": 192, "label": 1}
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(expected))) == 1).sum() == 192


def test_exports_tell_people_what_they_wrote(small_study, tmp_path, capsys) -> None:
    for kind, told in (("labelmap", "Block: label 1, 192 voxels"), ("masks", "Block: 192 voxels")):
        arguments = ("export", small_study / "structure-set.dcm", "--ct", small_study / "ct", "--format", kind)
        assert main([str(one) for one in (*arguments, "--out", tmp_path / kind)]) == 0
        lines = capsys.readouterr().err.splitlines()
        assert next(line for line in lines if line.startswith("wrote")).endswith(f"({told})")
        assert [line.split(":")[1].strip() for line in lines if line.startswith("skipped")] == [
            "Path",
            "Line",
            "Marker",
        ]


@pytest.mark.parametrize("kind", ["stl", "ply", "vtp", "obj"])
def test_surfaces(small_study, tmp_path, capsys, kind) -> None:
    source = small_study / "structure-set.dcm"
    document = run_json(capsys, "export", source, "--format", "surfaces", "--out", tmp_path, "--type", kind)
    (output,) = document["outputs"]
    mesh = pyvista.read(output["path"]).clean()
    assert mesh.n_cells == output["triangles"]
    assert mesh.n_open_edges == 0
    assert mesh.volume == pytest.approx(6.0 * 16.0 * 6.0, rel=0.01)


def test_masks_of_shares(small_study, tmp_path, capsys) -> None:
    source = small_study / "structure-set.dcm"
    arguments = ("export", source, "--ct", small_study / "ct", "--out", tmp_path)
    (output,) = run_json(capsys, *arguments, "--format", "masks", "--fractional")["outputs"]
    shares = sitk.GetArrayFromImage(sitk.ReadImage(output["path"]))
    assert shares.dtype == np.float32
    assert output["voxels"] == np.count_nonzero(shares)
    assert shares.max() == 1.0
    assert shares.sum() == pytest.approx(12 * 8 * 2, rel=0.01)
    assert "masks" in fails(capsys, *arguments, "--format", "labelmap", "--fractional")


def test_surfaces_of_fewer_triangles(small_study, tmp_path, capsys) -> None:
    arguments = ("export", small_study / "structure-set.dcm", "--format", "surfaces")
    (whole,) = run_json(capsys, *arguments, "--out", tmp_path / "all")["outputs"]
    (fewer,) = run_json(capsys, *arguments, "--out", tmp_path / "few", "--triangles", "0.25")["outputs"]
    mesh = pyvista.read(fewer["path"]).clean()
    assert mesh.n_cells == fewer["triangles"] <= 0.26 * whole["triangles"]
    assert mesh.n_open_edges == 0
    assert "at most 1" in fails(capsys, *arguments, "--out", tmp_path / "none", "--triangles", "1.5")
    assert not (tmp_path / "none").exists()
    assert "surfaces" in fails(capsys, *arguments[:-1], "masks", "--out", tmp_path, "--triangles", "0.5")


def test_masks_become_the_same_masks_again(small_study, tmp_path, capsys) -> None:
    ct, source = small_study / "ct", small_study / "structure-set.dcm"
    run_json(capsys, "export", source, "--ct", ct, "--format", "masks", "--out", tmp_path / "m")
    run_json(capsys, "export", source, "--ct", ct, "--format", "labelmap", "--out", tmp_path / "m" / "all.nrrd")
    document = run_json(capsys, "import", tmp_path / "m", "--ct", ct, "--out", tmp_path / "rs.dcm")
    assert document["path"] == str(tmp_path / "rs.dcm")
    assert [one["name"] for one in document["rois"]] == ["Block", "all"]
    run_json(capsys, "export", tmp_path / "rs.dcm", "--ct", ct, "--format", "masks", "--out", tmp_path / "again")
    before, after = (
        sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / folder / "Block.nii.gz"))) for folder in ("m", "again")
    )
    np.testing.assert_array_equal(before, after)
    assert run_json(capsys, "check", tmp_path / "rs.dcm", "--ct", ct)["errors"] == []
    assert "already exists" in fails(capsys, "import", tmp_path / "m", "--ct", ct, "--out", tmp_path / "rs.dcm")


def test_labels_are_roi_numbers_where_they_can_be(small_study, tmp_path, capsys) -> None:
    volume = rtvis.open_study(small_study / "ct").volumes[0]
    labels = np.zeros(volume.grid.shape, dtype=np.int16)
    for k, value in enumerate((7, 300, -2)):
        labels[k, 2:6, 2:6] = value
    single = np.where(labels == 7, np.int16(7), np.int16(0))
    for name, array in (("map", labels), ("plain", (labels != 0).astype(np.uint8)), ("seven", single)):
        image = sitk.GetImageFromArray(array)
        spacing = np.linalg.norm(volume.affine_lps[:3, :3], axis=0)
        image.SetOrigin(volume.affine_lps[:3, 3].tolist())
        image.SetSpacing(spacing.tolist())
        image.SetDirection((volume.affine_lps[:3, :3] / spacing).ravel().tolist())
        sitk.WriteImage(image, str(tmp_path / f"{name}.nrrd"))
    files = [tmp_path / f"{name}.nrrd" for name in ("map", "plain", "seven")]
    made = run_json(capsys, "import", *files, "--ct", small_study / "ct", "--out", tmp_path / "rs.dcm")
    found = {one["name"]: one["number"] for one in made["rois"]}
    # A negative label has the next free number, and so has one that another ROI has already.
    assert found == {"map_-2": 1, "map_7": 7, "map_300": 300, "plain": 2, "seven": 3}
    assert {one.number: one.name for one in rtvis.read_structure_set(tmp_path / "rs.dcm").rois}[300] == "map_300"


def test_import_refuses_what_is_no_mask(small_study, tmp_path, capsys) -> None:
    volume = rtvis.open_study(small_study / "ct").volumes[0]
    image = sitk.GetImageFromArray(volume.values + 0.5)
    sitk.WriteImage(image, str(tmp_path / "elsewhere.nrrd"))
    out = ("--ct", small_study / "ct", "--out", tmp_path / "rs.dcm")
    assert "grid" in fails(capsys, "import", tmp_path / "elsewhere.nrrd", *out)
    image.SetOrigin(volume.affine_lps[:3, 3].tolist())
    spacing = np.linalg.norm(volume.affine_lps[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((volume.affine_lps[:3, :3] / spacing).ravel().tolist())
    sitk.WriteImage(image, str(tmp_path / "values.nrrd"))
    assert "fractions" in fails(capsys, "import", tmp_path / "values.nrrd", *out)
    (tmp_path / "empty").mkdir()
    assert "no masks" in fails(capsys, "import", tmp_path / "empty", *out)
    assert not (tmp_path / "rs.dcm").exists()


def test_stats(small_study, capsys) -> None:
    source = small_study / "structure-set.dcm"
    block, *others = run_json(capsys, "stats", source, "--ct", small_study / "ct")["rois"]
    assert block["volume_cc"] == pytest.approx(0.576)
    assert block["voxel_volume_cc"] == pytest.approx(0.576)
    assert (block["mean"], block["std"], block["min"], block["max"]) == (200.0, 0.0, 200.0, 200.0)
    assert len(block["centroid_lps_mm"]) == len(block["extent_mm"]) == 3
    assert [one["volume_cc"] for one in others] == [None] * 3
    assert [one["name"] for one in others if one["length_mm"]] == ["Path", "Line"]
    assert block["length_mm"] is block["histogram"] is None
    without = run_json(capsys, "stats", source)["rois"][0]
    assert without["volume_cc"] == pytest.approx(0.576)
    assert without["voxel_volume_cc"] is without["mean"] is None
    assert main(["stats", str(source)]) == 0
    assert "Block" in capsys.readouterr().out


def test_stats_with_a_histogram(small_study, capsys) -> None:
    arguments = ("stats", small_study / "structure-set.dcm")
    images = ("--ct", small_study / "ct")
    block, line, *_ = run_json(capsys, *arguments, *images, "--histogram", "150")["rois"]
    assert block["histogram"] == {"start": 150.0, "width": 150.0, "counts": [12 * 8 * 2]}
    assert line["histogram"] is None
    assert "--json" in fails(capsys, *arguments, *images, "--histogram", "150")
    assert "--ct" in fails(capsys, *arguments, "--histogram", "150", "--json")


def test_the_python_calls(small_study, tmp_path) -> None:
    study = rtvis.open_study(small_study)
    volume, structure_set = study.volumes[0], study.structure_sets[0]
    masks = rtvis.masks(structure_set, volume)
    assert masks["Block"].dtype == bool
    assert masks["Block"].shape == volume.voxels.shape
    again = rtvis.structure_set_from_masks(masks, volume)
    rtvis.write_structure_set(again, tmp_path / "rs.dcm")
    read = rtvis.read_structure_set(tmp_path / "rs.dcm")
    np.testing.assert_array_equal(rtvis.masks(read, volume)["Block"], masks["Block"])
    assert list(rtvis.surfaces(structure_set)) == ["Block"]
    with pytest.raises(rtvis.RtvisError, match="voxels"):
        rtvis.structure_set_from_masks({"a": np.ones((2, 2, 2), dtype=bool)}, volume)


def test_file_names_are_plain_and_apart() -> None:
    names = ["GTV 1", "GTV_1", "Lunge links/ü", "..", "gtv_1", "Hals"]
    rois = tuple(Roi(n, name) for n, name in enumerate(names, start=1))
    found = file_names(StructureSet("x", rois), "stl")
    assert found[3] == "Lunge_links__.stl"
    assert found[6] == "Hals.stl"
    assert not found[4].startswith(".")
    assert len({one.lower() for one in found.values()}) == len(names)
    same = replace(StructureSet("x"), rois=(Roi(1, "A"), Roi(2, "A")))
    assert file_names(same, "nrrd") == {1: "A_1.nrrd", 2: "A_2.nrrd"}


def test_info_lists_names_that_would_break_lines_or_command_the_terminal_in_one_line_each(tmp_path, capsys):
    grid = Grid.from_slices([[0, 0, 0]], [1, 0, 0, 0, 1, 0], (1, 1), (4, 4), frame_of_reference_uid="2.25.1")
    said = SeriesAttributes(patient=Patient("A\x1b[31mB"), description="x\ny")
    (file,) = write_series(np.zeros((1, 4, 4), np.int16), grid, tmp_path, said)
    file.rename(tmp_path / "good.dcm")
    (tmp_path / "b\nvalid: c.dcm").write_bytes((tmp_path / "good.dcm").read_bytes()[:-2])
    assert main(["info", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "CT  x\ufffdy  patient A\ufffd[31mB\n" in out
    assert f"unreadable: {tmp_path}/b\ufffdvalid: c.dcm: is truncated" in out
