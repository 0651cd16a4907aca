from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.dicom.matching import inside_share, match, plane_residual_mm
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.dicom.series import find_series
from rtvis.model.structure_set import Contour, Roi


@pytest.fixture
def read(structure_set, tmp_path):
    """The made set as it comes back from its file."""
    write_structure_set(structure_set, tmp_path / "a.dcm")
    return read_structure_set(tmp_path / "a.dcm")


def codes(structure_set):
    return [one.code for one in structure_set.problems]


def test_by_references_among_volumes_of_one_frame(read, volume, volume_maker):
    other = volume_maker(series="1.2.826.0.1.6", slices=9)
    matched = match(read, [other, volume])
    assert matched.volume is volume
    assert matched.matched_by == "references"
    assert codes(matched) == []


def test_of_a_split_series_the_part_whose_images_are_named(read, volume, volume_maker):
    part = replace(volume_maker(series="1.2.826.0.1.77"), series_instance_uid=volume.series_instance_uid)
    assert match(read, [part, volume]).volume is volume


def test_by_series_when_no_image_is_there(read, volume_maker, volume):
    renamed = replace(
        volume, slices=tuple(replace(one, sop_instance_uid=f"1.2.3.{n}") for n, one in enumerate(volume.slices))
    )
    matched = match(read, [renamed])
    assert matched.matched_by == "references"
    assert codes(matched) == ["image-references-missing", "image-references-missing"]


def test_by_frame_of_reference_where_it_fits_best(read, volume_maker):
    far = volume_maker(series="1.2.8", slices=9, corner=(500.0, 0.0, 0.0))
    near = volume_maker(series="1.2.9")
    between = volume_maker(series="1.2.10", corner=(-20.0, -30.0, -9.0))
    matched = match(read, [far, between, near])
    assert matched.volume is near
    assert matched.matched_by == "frame_of_reference"
    assert codes(matched) == ["image-references-missing"]


def test_by_geometry_only_when_asked(read, volume_maker):
    there = volume_maker(series="1.2.8", frame="1.2.99", corner=(-20.0, -30.0, -9.5), slices=6)
    elsewhere = volume_maker(series="1.2.9", frame="1.2.99", corner=(500.0, 0.0, 0.0))
    alone = match(read, [elsewhere, there])
    assert (alone.volume, alone.matched_by) == (None, None)
    assert codes(alone) == ["missing-images"]
    matched = match(read, [elsewhere, there], by_geometry=True)
    assert matched.volume is there
    assert matched.matched_by == "geometry"
    assert "frame-of-reference-differs" in codes(matched)
    message = next(one.message for one in matched.problems if one.code == "matched-by-geometry")
    assert "residual 0.500 mm" in message
    assert match(read, [elsewhere], by_geometry=True).volume is None
    again = match(matched, [])  # problems of an earlier match don't stay
    assert codes(again) == ["missing-images"]


def test_contours_outside_the_images_are_told(structure_set, volume):
    far = structure_set.with_roi(Roi(9, "far", (Contour.drawn([[900, 0, 0]], closed=False),)))
    assert codes(match(far, [volume])) == ["outside-images"]


def test_residual(structure_set, volume, volume_maker):
    one_plane = replace(structure_set, rois=(replace(structure_set.roi(3)),))
    assert plane_residual_mm(one_plane, volume) == pytest.approx(0, abs=1e-9)
    assert plane_residual_mm(one_plane, volume_maker(corner=(-20.0, -30.0, -10.7))) == pytest.approx(0.7)
    assert plane_residual_mm(replace(structure_set, rois=()), volume) == 0


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("InnerEye_2slice", []),
        ("STS_004_CT_MIM", ["image-references-missing"] * 2),
        ("STS_001_MR_T2_oblique_MIM", []),
        ("LUNG1-002_XiO", ["image-references-missing"]),
        ("phantom_Oncentra", []),
    ],
)
def test_real_pairs(field_data, folder, expected):
    scan = find_series([field_data / "pairs" / folder])
    matched = match(read_structure_set(scan.structure_sets[0]), scan.plans)
    assert matched.matched_by == "references"
    assert codes(matched) == expected


def test_one_frame_of_reference_three_series(field_data):
    scans = {kind: find_series([field_data / "pairs" / f"STS_004_{kind}_MIM"]) for kind in ("CT", "PET", "MR")}
    plans = [plan for scan in scans.values() for plan in scan.plans]
    for scan in scans.values():
        matched = match(read_structure_set(scan.structure_sets[0]), plans)
        assert matched.volume is scan.plans[0]


def test_a_set_alone_says_what_is_missing(field_data):
    path = field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR" / "SS001_2.dcm"
    alone = match(read_structure_set(path), [])
    assert alone.volume is None
    assert codes(alone) == ["missing-images"]
    assert alone.referenced_series_uids[0] in alone.problems[0].message


@pytest.mark.parametrize("spread_mm", [5.0, 60.0, 500.0])
def test_the_share_inside_is_that_of_the_points_one_by_one(volume, spread_mm):
    """Runs of points are judged by their bounding boxes where that can be."""
    random = np.random.default_rng(7)
    centre = volume.grid.centre_lps_mm
    runs = [centre + random.normal(0, spread_mm, 3) + random.normal(0, 3.0, (200, 3)) for _ in range(40)]
    points = np.concatenate(runs)
    points[11] = np.nan
    assert inside_share(points, volume) == pytest.approx(np.mean(volume.grid.contains(points)), abs=0)
    assert inside_share(points[:0], volume) == 1.0
