"""What goes together in a delivery, and what stays here."""

from __future__ import annotations

import shutil

import pytest

from rtvis.app.sending import parcels


@pytest.fixture
def study(small_study, tmp_path):
    shutil.copytree(small_study, tmp_path / "study")
    return tmp_path / "study"


def test_a_volume_goes_with_its_structure_set(study) -> None:
    (parcel,), left = parcels([study])
    assert {one.part for one in parcel.manifest.files} == {"image", "structure_set"}
    assert left == ()


@pytest.mark.parametrize("kept", [-500, 200], ids=["pixels cut", "header cut"])
def test_half_a_volume_stays_here(study, kept) -> None:
    damaged = sorted((study / "ct").iterdir())[3]
    damaged.write_bytes(damaged.read_bytes()[:kept])
    made, left = parcels([study])
    assert made == ()
    assert {one.path for one in left} == {*(study / "ct").iterdir(), study / "structure-set.dcm"}
    assert "truncated" in next(one.reason for one in left if one.path == damaged)
    assert f"{damaged.name} beside it can't be read" in next(one.reason for one in left if one.path != damaged)


def test_a_copy_of_an_image_keeps_nothing_back(study) -> None:
    image = min((study / "ct").iterdir())
    shutil.copy(image, image.with_name("copy.dcm"))
    (parcel,), left = parcels([study])
    assert len([one for one in parcel.manifest.files if one.part == "image"]) == len(list((study / "ct").iterdir())) - 1
    assert [one.is_copy for one in left] == [True]


def test_what_is_damaged_elsewhere_keeps_nothing_back(study) -> None:
    (study / "other").mkdir()
    content = sorted((study / "ct").iterdir())[3].read_bytes()
    (study / "other" / "cut.dcm").write_bytes(content[:-500])
    (parcel,), left = parcels([study])
    assert len(parcel.manifest.files) == len(list((study / "ct").iterdir())) + 1
    assert [one.path.name for one in left] == ["cut.dcm"]


def test_images_that_are_lost_keep_the_structure_set_here(study) -> None:
    shutil.rmtree(study / "ct")
    made, (left,) = parcels([study])
    assert made == ()
    assert "images are missing" in left.reason
