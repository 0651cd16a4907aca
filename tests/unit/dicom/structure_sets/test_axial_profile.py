from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from rtvis.dicom.axial_profile import axial_profile
from rtvis.dicom.matching import match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import new_structure_set, write_structure_set
from rtvis.model.errors import ExportError, UsageError
from rtvis.model.structure_set import Contour, Roi


def ring(volume, k, low, high, *, kind=None):
    corners = [[low, low, k], [high, low, k], [high, high, k], [low, high, k]]
    drawn = Contour.drawn(volume.grid.to_patient(corners), closed=True)
    return drawn if kind is None else replace(drawn, geometric_type=kind)


def line(volume, *points):
    return Contour.drawn(volume.grid.to_patient(points), closed=False)


def made(volume, *contours, name="organ"):
    return new_structure_set(volume, "Plan").with_roi(Roi(4, name, contours, (9, 8, 7), "ORGAN", "MANUAL"))


def area_mm2(volume, contour):
    flat = np.linalg.solve(
        np.column_stack([volume.grid.row_direction, volume.grid.column_direction, volume.grid.normal]),
        contour.points_lps.T,
    ).T
    return shapely.Polygon(flat[:, :2])


def test_what_is_axial_already_stays_as_it_is(volume):
    given = made(volume, ring(volume, 1, 2, 8), ring(volume, 2, 2, 8))
    result = axial_profile(given)
    assert result.structure_set.rois[0] is given.rois[0]
    assert (result.skipped, result.merged, result.problems) == ((), {}, ())


def test_a_twin_has_what_receivers_know_and_the_rest_is_listed(volume):
    closed_curve = Contour(np.vstack([(p := ring(volume, 3, 2, 8).points_lps), p[:1]]), "OPEN_PLANAR")
    given = made(
        volume,
        ring(volume, 1, 2, 8),
        line(volume, [1, 1, 1], [5, 5, 1], [7, 2, 1]),
        line(volume, [4, 4, 2]),
        line(volume, [1, 1, 0], [5, 5, 1.5], [7, 2, 3.1], [8, 8, 3.9]),
        ring(volume, 2.4, 2, 8),
        ring(volume, 1, 2, 8),
        closed_curve,
        Contour.drawn(volume.grid.to_patient([[2, 2, 0], [9, 2, 0], [9, 9, 3], [2, 9, 3]]), closed=True),
    )
    result = axial_profile(given)
    twin = result.structure_set.rois[0]
    assert (twin.number, twin.name, twin.color) == (4, "organ axial", (9, 8, 7))
    assert [one.geometric_type for one in twin.contours] == ["CLOSED_PLANAR", "CLOSED_PLANAR"]
    assert np.array_equal(twin.contours[1].points_lps, closed_curve.points_lps[:-1])
    told = {one.contour: one.reason for one in result.skipped}
    assert set(told) == {1, 2, 3, 4, 5, 7}
    assert "open curve" in told[1]
    assert "single point" in told[2]
    assert "1 mm off" in told[4]
    assert "contour 1 once more" in told[5]
    assert "leaves the image planes" in told[7]
    assert len(given.rois[0].contours) == len(twin.contours) + len(result.skipped)


@pytest.mark.parametrize("holes", ["keyhole", "xor", "nested"])
def test_holes_in_each_way(volume, tmp_path, holes):
    given = made(volume, ring(volume, 1, 1, 10), ring(volume, 1, 3, 8), ring(volume, 1, 5, 6), ring(volume, 2, 1, 10))
    result = axial_profile(given, holes)
    write_structure_set(result.structure_set, tmp_path / "axial.dcm")
    read = read_structure_set(tmp_path / "axial.dcm").rois[0]
    slice_1 = [one for one in read.contours if abs(volume.grid.slice_index(one.points_lps[0]) - 1) < 0.1]
    filled = shapely.Polygon()
    for one in slice_1:
        filled = filled.symmetric_difference(shapely.make_valid(area_mm2(volume, one)))
    assert filled.area == pytest.approx((9**2 - 5**2 + 1**2) * 3.0, rel=1e-9)
    types = {one.geometric_type for one in read.contours}
    assert types == ({"CLOSEDPLANAR_XOR"} if holes == "xor" else {"CLOSED_PLANAR"})
    assert len(read.contours) == (3 if holes == "keyhole" else 4)
    assert result.merged == ({4: 1} if holes == "keyhole" else {})
    assert read.name == ("organ" if holes == "nested" else "organ axial")


def test_xor_contours_become_what_was_chosen(volume):
    given = made(
        volume, ring(volume, 1, 1, 10, kind="CLOSEDPLANAR_XOR"), ring(volume, 1, 3, 8, kind="CLOSED_PLANAR_XOR")
    )
    keyholes = axial_profile(given, "keyhole").structure_set.rois[0].contours
    assert [one.geometric_type for one in keyholes] == ["CLOSED_PLANAR"]
    nested = axial_profile(given, "nested").structure_set.rois[0].contours
    assert [one.geometric_type for one in nested] == ["CLOSED_PLANAR", "CLOSED_PLANAR"]


def test_crossing_contours_are_told(volume):
    given = made(volume, ring(volume, 1, 1, 6), ring(volume, 1, 4, 10))
    result = axial_profile(given)
    assert [one.code for one in result.problems] == ["holes-unclear"]
    assert len(result.structure_set.rois[0].contours) == 2


def test_rois_without_anything_left_are_listed(volume):
    given = made(volume, ring(volume, 1, 1, 6)).with_roi(Roi(5, "needle", (line(volume, [1, 1, 0], [5, 5, 3]),)))
    result = axial_profile(given)
    assert [one.number for one in result.structure_set.rois] == [4]
    assert [(one.roi, one.contour) for one in result.skipped] == [(5, 0), (5, None)]
    with pytest.raises(ExportError, match="nothing is left"):
        axial_profile(given.without_roi(4))


def test_twin_names_are_unique_and_fit(volume):
    odd = line(volume, [1, 1, 0], [5, 5, 3])
    given = made(volume, ring(volume, 1, 1, 6), odd, name="x" * 64)
    given = given.with_roi(Roi(5, "x" * 58 + " axial", (ring(volume, 1, 1, 6), odd)))
    given = given.with_roi(Roi(6, "x" * 60, (ring(volume, 1, 1, 6), odd)))
    names = [one.name for one in axial_profile(given).structure_set.rois]
    assert len(set(names)) == 3
    assert all(len(one) <= 64 and " axial" in one for one in names)


def test_it_needs_images_and_a_known_way(volume):
    with pytest.raises(UsageError, match="needs the images"):
        axial_profile(replace(made(volume, ring(volume, 1, 1, 6)), volume=None))
    with pytest.raises(UsageError, match="no way to write holes"):
        axial_profile(made(volume, ring(volume, 1, 1, 6)), "drill")


def test_real_oblique_set(field_data, tmp_path):
    from rtvis.dicom.series import find_series

    folder = field_data / "pairs" / "STS_001_MR_T2_oblique_MIM"
    given = match(read_structure_set(folder / "1-1.dcm"), find_series(folder).plans)
    result = axial_profile(given)
    for roi in given.rois:
        left = [one for one in result.structure_set.rois if one.number == roi.number]
        kept = sum(len(one.contours) for one in left) + result.merged.get(roi.number, 0)
        skipped = sum(one.roi == roi.number and one.contour is not None for one in result.skipped)
        assert kept + skipped == len(roi.contours)
    write_structure_set(result.structure_set, tmp_path / "axial.dcm")
