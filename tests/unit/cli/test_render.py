"""`rtvis render` with what lies over the images, and how both are painted."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
from PIL import Image

import rtvis
from rtvis.app.color_maps import COLOR_MAPS
from rtvis.cli import render
from rtvis.cli.main import main
from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.geometry.grid import Grid
from rtvis.model.volume import Patient
from tests.unit.made_dose import dose_dataset, write_dose
from tests.unit.made_plan import item, write_plan

SIZE = 400
AXIAL = (1, 0, 0, 0, 1, 0)


@pytest.fixture
def ct_mr(tmp_path):
    """A CT of 0 HU and an MR of one value on the grid of its left half, of one patient and in one frame."""
    for name, value, columns in (("CT", 0, 40), ("MR", 500, 20)):
        grid = Grid.from_slices([(0.0, 0.0, 3.0 * k) for k in range(6)], AXIAL, (2.0, 2.0), (40, columns))
        attributes = SeriesAttributes(
            modality=name,
            description=f"{name} right side",
            patient=Patient("P1", "Doe^Jo"),
            study_instance_uid="1.9",
            series_instance_uid={"CT": "1.9.1", "MR": "1.9.2"}[name],  # in this order
            frame_of_reference_uid="1.2.3",
        )
        write_series(np.full(grid.shape, value, np.int16), grid, tmp_path / name, attributes)
    return tmp_path


@pytest.fixture
def dose(tmp_path):
    """A dose of 40 Gy in the middle of the left half, over the same patient."""
    stored = np.zeros((6, 20, 20), np.uint16)
    stored[:, 5:18, 3:17] = 40_000
    (tmp_path / "dose").mkdir()
    return write_dose(tmp_path / "dose" / "d.dcm", stored, position=(0.0, 10.0, 0.0), spacing=(2.0, 2.0))


def pixels_of(folder, *options):
    """The axial picture: the CT of 80 mm fills it but for a rim."""
    out = folder / "p.png"
    arguments = [*options, "--out", out, "--force", "--view", "axial", "--size", f"{SIZE}x{SIZE}", "--at", "79,79,9"]
    assert main(["render", *(str(one) for one in arguments)]) == 0
    with Image.open(out) as picture:
        return np.asarray(picture).astype(int)


def left_and_right(pixels):
    """Colours in the middle of both halves."""
    return pixels[SIZE // 2, SIZE // 4], pixels[SIZE // 2, 3 * SIZE // 4]


def fails(capsys, *arguments) -> str:
    assert main(["render", *(str(one) for one in arguments)]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    return error


def test_the_colour_maps_are_those_there_are():
    assert tuple(COLOR_MAPS) == render.COLOR_MAPS


def test_images_in_colours_and_turned_round(ct_mr):
    _, grey = left_and_right(pixels_of(ct_mr, ct_mr / "CT"))
    assert np.ptp(grey) == 0
    _, hot = left_and_right(pixels_of(ct_mr, ct_mr / "CT", "--color-map", "hot_iron", "--window", 400, "--level", 0))
    np.testing.assert_allclose(hot, COLOR_MAPS["hot_iron"].table()[128], atol=3)
    _, bright = left_and_right(pixels_of(ct_mr, ct_mr / "CT", "--window", 400, "--level", 160))
    _, dark = left_and_right(pixels_of(ct_mr, ct_mr / "CT", "--window", 400, "--level", 160, "--inverse"))
    assert bright[0] + dark[0] == pytest.approx(255, abs=2)


@pytest.mark.parametrize(
    "named", ["folder beside", "folder within", "folder of both", "UID", "MR", "mri", "2", "Right Si"]
)
def test_a_second_series_lies_where_it_is(ct_mr, named):
    uid = rtvis.open_study(ct_mr / "MR").volumes[0].series_instance_uid
    opened = ct_mr / "CT" if named in {"folder beside", "folder of both"} else ct_mr
    name = {"UID": uid, "folder of both": ct_mr}.get(named, ct_mr / "MR" if "folder" in named else named)
    over = ("--overlay", name, "--overlay-map", "hot_iron", "--opacity", "1")
    left, right = left_and_right(pixels_of(ct_mr, opened, *over))
    assert np.ptp(right) == 0
    np.testing.assert_allclose(left, COLOR_MAPS["hot_iron"].table()[128], atol=8)  # its only value: mid-window


def test_a_dose_is_painted_over_images_and_alone_without_them(ct_mr, dose):
    bare = pixels_of(ct_mr, ct_mr / "CT")
    over = pixels_of(ct_mr, ct_mr / "CT", "--dose", dose)
    left, right = left_and_right(over)
    assert left[0] > left[2] + 40  # warm is high
    assert np.ptp(right) == 0
    assert (over != bare).any()
    alone = pixels_of(ct_mr, dose)
    assert (alone[..., 0] - alone[..., 2]).max() > 80


def test_contours_are_filled_as_opaque_as_wanted(small_study, tmp_path):
    half, whole = (
        main(["render", str(small_study), "--out", str(tmp_path / f"{n}.png"), "--view", "axial", "--fill", share])
        for n, share in enumerate(("0.1", "1"))
    )
    assert (half, whole) == (0, 0)
    thin, thick = (np.asarray(Image.open(tmp_path / f"{n}.png")).astype(int) for n in (0, 1))
    assert (np.ptp(thick, axis=2) > 100).sum() > (np.ptp(thin, axis=2) > 100).sum() + 500


def test_a_folder_names_the_one_dose_in_it(ct_mr, dose, capsys, tmp_path):
    by_file = pixels_of(ct_mr, ct_mr / "CT", "--dose", dose)
    assert (pixels_of(ct_mr, ct_mr / "CT", "--dose", dose.parent) == by_file).all()
    capsys.readouterr()
    out = ("--out", tmp_path / "refused.png")
    assert "without a dose" in fails(capsys, ct_mr / "CT", *out, "--dose", ct_mr / "CT")


def test_a_folder_of_beams_names_their_sum_wherever_the_plan_is(ct_mr, tmp_path, capsys):
    beams, plans = tmp_path / "beams", tmp_path / "plans"
    beams.mkdir()
    plans.mkdir()
    for number, share in ((1, 30_000), (2, 10_000)):
        stored = np.zeros((6, 20, 20), np.uint16)
        stored[:, 5:18, 3:17] = share
        made = dose_dataset(stored, number=number, position=(0.0, 10.0, 0.0), spacing=(2.0, 2.0))
        made.DoseSummationType = "BEAM"
        named = item(ReferencedBeamSequence=[item(ReferencedBeamNumber=number)], ReferencedFractionGroupNumber=1)
        made.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence = [named]
        made.save_as(beams / f"dose {number}.dcm", enforce_file_format=True)
    out = tmp_path / "sum.png"
    assert main(["render", str(ct_mr / "CT"), "--dose", str(beams), "--out", str(out)]) == 2
    assert "2 doses that are not those of one plan's beams" in capsys.readouterr().err
    write_plan(plans / "plan.dcm", beams=(1, 2))
    capsys.readouterr()
    with_plan = pixels_of(tmp_path, ct_mr / "CT", plans, "--dose", beams)
    assert "sum of 2 beams" in capsys.readouterr().err
    one = pixels_of(tmp_path, ct_mr / "CT", plans, "--dose", beams / "dose 1.dcm")
    assert "sum" not in capsys.readouterr().err
    assert not np.array_equal(with_plan, one)
    (plans / "plan.dcm").rename(beams / "plan.dcm")
    assert np.array_equal(pixels_of(tmp_path, ct_mr / "CT", "--dose", beams), with_plan)
    capsys.readouterr()
    pixels_of(tmp_path, beams)  # without images the first that the window shows
    assert "sum of 2 beams" in capsys.readouterr().err


def test_what_cannot_be_is_one_line(ct_mr, dose, capsys, tmp_path):
    out = ("--out", tmp_path / "q.png")
    ct = ct_mr / "CT"
    assert "no series or file 1.2.99" in fails(capsys, ct, *out, "--overlay", "1.2.99")
    for name in ("PT", "0", "3", "9" * 30):
        error = fails(capsys, ct_mr, *out, "--overlay", name)
        assert error.endswith(f"there is no series or file {name}; name 2 (MR MR right side), or a file\n")
    assert "shown already" in fails(capsys, ct, *out, "--overlay", ct)
    assert "2 series" in fails(capsys, dose, *out, "--overlay", ct_mr)
    assert "RT Dose" in fails(capsys, ct, *out, "--dose", next((ct_mr / "MR").iterdir()))
    assert "there is none" in fails(capsys, ct, *out, "--opacity", "0.5")
    assert "no images" in fails(capsys, ct, *out, "--overlay", dose)
    elsewhere = write_dose(tmp_path / "e.dcm", np.ones((2, 4, 4), np.uint16), frame_of_reference_uid="1.7")
    error = fails(capsys, ct, *out, "--dose", elsewhere)
    assert "another frame of reference" in error
    assert "anyway" in error
    assert not (tmp_path / "q.png").exists()
    assert main(["render", str(ct), *map(str, out), "--dose", str(elsewhere), "--anyway", "--size", "300x300"]) == 0


@pytest.mark.parametrize(
    "wrong", [["--color-map", "nope"], ["--fill", "2"], ["--opacity", "x"], ["--overlay", "a", "--dose", "b"]]
)
def test_wrong_usage_is_one_line(wrong, capsys):
    with pytest.raises(SystemExit) as end:
        main(["render", "p", "--out", "o.png", *wrong])
    assert end.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_of_several_structure_sets_the_one_that_was_named_is_drawn(small_study, tmp_path):
    full = small_study / "structure-set.dcm"
    found = tmp_path / "study"
    shutil.copytree(small_study / "ct", found)
    newer = pydicom.dcmread(full)
    newer.SOPInstanceUID = newer.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    newer.StructureSetDate = "20990101"
    for roi in newer.ROIContourSequence:
        roi.pop("ContourSequence", None)
    newer.save_as(found / "newer.dcm")
    shutil.copy(full, found / "older.dcm")
    drawn = {}
    for name, paths in (("newest", [found]), ("named", [found, found / "older.dcm"]), ("alone", [small_study])):
        out = tmp_path / f"{name}.png"
        assert main(["render", *map(str, paths), "--out", str(out), "--view", "axial", "--size", "200x200"]) == 0
        drawn[name] = np.asarray(Image.open(out))
    assert np.array_equal(drawn["named"], drawn["alone"])
    assert not np.array_equal(drawn["named"], drawn["newest"])
