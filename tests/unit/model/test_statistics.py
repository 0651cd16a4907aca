from __future__ import annotations

import numpy as np
import pytest

from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.model.statistics import roi_statistics, statistics
from rtvis.model.structure_set import Contour, Roi

TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]


def square(side, height, axes=TURNED, centre=(10.0, -20.0, 30.0), shift=0.0) -> Contour:
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2 + shift
    return Contour(np.array(centre) + flat @ axes[:, :2].T + height * axes[:, 2], "CLOSED_PLANAR")


def roi(*contours) -> Roi:
    return Roi(7, "R", tuple(contours))


def test_volume_is_area_times_thickness() -> None:
    found = roi_statistics(roi(*(square(20.0, h) for h in (0.0, 2.0, 5.0, 7.0))))
    assert found.volume_cc == pytest.approx(0.4 * (2 + 2.5 + 2.5 + 2))
    assert found.voxel_volume_cc is None
    assert found.values is None
    np.testing.assert_allclose(found.centroid_lps_mm, np.array([10.0, -20.0, 30.0]) + 3.5 * TURNED[:, 2], atol=0.06)


def test_a_wide_gap_is_not_bridged() -> None:
    found = roi_statistics(roi(*(square(20.0, h) for h in (0.0, 2.0, 4.0, 20.0, 22.0))))
    assert found.volume_cc == pytest.approx(0.4 * 10)


def test_holes_are_taken_off_and_copies_count_once() -> None:
    contours = [one for h in (0.0, 2.0, 4.0) for one in (square(20.0, h), square(20.0, h), square(10.0, h))]
    found = roi_statistics(roi(*contours))
    assert found.volume_cc == pytest.approx(0.3 * 6)
    assert [one.code for one in found.problems] == ["repeated-contour"]


def test_overlapping_contours_count_once() -> None:
    contours = [one for h in (0.0, 2.0, 4.0) for one in (square(20.0, h), square(20.0, h, shift=10.0))]
    assert roi_statistics(roi(*contours)).volume_cc == pytest.approx(0.7 * 6)


def test_length_is_that_of_curves_without_area() -> None:
    line = Contour(np.array([[0.0, 0, 0], [3, 4, 0], [3, 4, 12]]), "OPEN_NONPLANAR")
    bent = Contour(np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 5], [0, 10, 0]]), "CLOSED_PLANAR")
    point = Contour(np.array([[1.0, 2, 3]]), "POINT")
    assert roi_statistics(roi(line, square(20.0, 0.0), point), single_mm=3.0).length_mm == pytest.approx(17.0)
    assert roi_statistics(roi(bent)).length_mm == pytest.approx(10 + 2 * np.hypot(10, 5) + 10)
    assert roi_statistics(roi(square(20.0, 0.0), point)).length_mm is None


def test_a_plane_alone_needs_the_images_thickness() -> None:
    assert roi_statistics(roi(square(20.0, 0.0))).volume_cc is None
    assert roi_statistics(roi(square(20.0, 0.0)), single_mm=3.0).volume_cc == pytest.approx(1.2)


def test_a_plane_alone_is_as_thick_beside_planes_of_another_orientation() -> None:
    corners = 10.0 * np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]])
    lone = Contour(np.column_stack([np.full(4, 60.0), *corners]), "CLOSED_PLANAR")
    mixed = roi(square(20.0, 0.0), square(20.0, 3.0), lone)
    found = roi_statistics(mixed, single_mm=3.0).volume_cc
    assert found == pytest.approx((400 * 6 + 400 * 3) / 1000, rel=0.03)


def test_single_planes_across_each_other_have_no_volume() -> None:
    sagittal = np.column_stack([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    crossed = roi(square(20.0, 0.0, np.eye(3)), square(20.0, 0.0, sagittal))
    for single_mm in (None, 3.0):
        found = roi_statistics(crossed, single_mm=single_mm)
        assert found.volume_cc is None
        assert found.area_mm2 == pytest.approx(800.0)
        assert found.extent_mm is not None
        assert [one.code for one in found.problems] == ["thickness-unknown"]
        assert "2 orientations" in found.problems[0].message


def test_what_is_assumed_of_a_plane_alone_is_told() -> None:
    sagittal = np.column_stack([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    mixed = roi(*(square(20.0, h, np.eye(3)) for h in (0.0, 3.0)), square(20.0, 60.0, sagittal))
    (told,) = roi_statistics(mixed, single_mm=3.0).problems
    assert (told.code, told.contour) == ("thickness-assumed", 2)
    assert "3 mm" in told.message
    (told,) = roi_statistics(mixed).problems
    assert told.code == "thickness-unknown"
    assert roi_statistics(roi(square(20.0, 0.0)), single_mm=3.0).problems == ()
    assert [one.code for one in roi_statistics(roi(square(20.0, 0.0))).problems] == ["thickness-unknown"]


def test_the_extent_is_that_of_the_body() -> None:
    found = roi_statistics(roi(*(square(20.0, h, np.eye(3)) for h in (0.0, 2.0, 4.0))))
    assert found.extent_mm == pytest.approx((20.0, 20.0, 6.0))
    assert found.centroid_lps_mm == pytest.approx((10.0, -20.0, 32.0))


def test_what_several_orientations_share_counts_once() -> None:
    sagittal = np.column_stack([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    heights = np.arange(-9.0, 10.0, 2.0)
    contours = [square(20.0, h, axes) for axes in (np.eye(3), sagittal) for h in heights]
    found = roi_statistics(roi(*contours))
    assert found.volume_cc == pytest.approx(8.0, rel=0.03)
    np.testing.assert_allclose(found.centroid_lps_mm, [10.0, -20.0, 30.0], atol=0.2)


def test_numbers_of_a_study(small_study) -> None:
    volume = read_volume(find_series(small_study / "ct").plans[0])
    structure_set = read_structure_set(small_study / "structure-set.dcm")
    block, path, line, marker = statistics(structure_set, volume)
    assert block.volume_cc == pytest.approx(12 * 8 * 2 * 3.0 / 1000)
    assert block.voxel_volume_cc == pytest.approx(12 * 8 * 2 * 3.0 / 1000)
    assert (block.values.mean, block.values.std, block.values.min, block.values.max) == (200.0, 0.0, 200.0, 200.0)
    for other in (path, line, marker):
        assert other.volume_cc is None
        assert other.values is None
        assert other.problems
    assert marker.centroid_lps_mm is not None
    assert statistics(structure_set)[0].volume_cc == pytest.approx(block.volume_cc)
    binned = statistics(structure_set, volume, bin_width=150.0)[0].histogram
    assert (block.histogram, binned.start, binned.counts) == (None, 150.0, (12 * 8 * 2,))


def test_eclipse_gives_the_same_volumes_within_two_percent(field_data) -> None:
    folder = field_data / "rt_without_images" / "EclipseProstatePhantom"
    path = next(one for one in find_series(folder).structure_sets)
    found = {one.name: one.volume_cc for one in statistics(read_structure_set(path))}
    expected = {"BODY": 10593.0, "Bladder": 116.8, "Femoral Head Lt": 49.2, "Femoral Head RT": 50.0}
    expected |= {"PTV": 48.6, "Rectum": 30.3}
    for name, volume_cc in expected.items():
        assert found[name] == pytest.approx(volume_cc, rel=0.02), name
