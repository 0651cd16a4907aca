from __future__ import annotations

import numpy as np
import pytest
from shapely import Polygon

from rtvis.app.phantom import build_phantom, phantom_voxels
from rtvis.geometry.plane import fit_plane


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    return build_phantom(tmp_path_factory.mktemp("phantom") / "ct")


def roi(phantom, name):
    return next(one for one in phantom.structure_set.rois if one.name == name)


def value_at(phantom, x, y, z):
    """Mean of the 3 x 3 pixels around a point."""
    i, j, k = np.rint(phantom.volume.grid.to_index((x, y, z))).astype(int)
    return phantom.volume.values[k, j - 1 : j + 2, i - 1 : i + 2].mean()


def test_the_volume_is_a_chest(phantom):
    volume = phantom.volume
    assert volume.voxels.shape == (96, 256, 256)
    assert volume.grid.spacing_mm == (2.5, 1.2, 1.5)
    assert volume.problems == ()
    assert volume.patient_position == "HFS"
    assert value_at(phantom, -180, -140, 0) == pytest.approx(-1000, abs=40)
    assert value_at(phantom, 90, 10, -20) == pytest.approx(-800, abs=60)
    assert value_at(phantom, 27, -27, -44) == pytest.approx(190, abs=25)
    assert value_at(phantom, -60, 0, -110) == pytest.approx(95, abs=25)
    assert value_at(phantom, 0, 64, 15) == pytest.approx(420, abs=40)
    assert value_at(phantom, 0, -102, 0) == pytest.approx(-90, abs=40)
    assert volume.values.max() > 700


def test_the_same_seed_gives_the_same_voxels():
    first = phantom_voxels(3)
    assert np.array_equal(first, phantom_voxels(3))
    assert not np.array_equal(first, phantom_voxels(4))


def test_every_geometric_type_is_there(phantom):
    kinds = {kind for one in phantom.structure_set.rois for kind in one.contour_counts}
    assert kinds == {"POINT", "OPEN_PLANAR", "OPEN_NONPLANAR", "CLOSED_PLANAR"}
    assert len(phantom.structure_set.rois) >= 8
    assert all(one.color and one.contours for one in phantom.structure_set.rois)
    assert len({one.name for one in phantom.structure_set.rois}) == len(phantom.structure_set.rois)


def test_the_heart_wall_has_a_hole_on_the_same_plane(phantom):
    rings = {}
    for contour in roi(phantom, "Heart_wall").contours:
        rings.setdefault(contour.points_lps[0, 2], []).append(Polygon(contour.points_lps[:, :2]))
    pairs = [sorted(two, key=lambda one: one.area) for two in rings.values() if len(two) == 2]
    assert len(pairs) > 20
    assert all(outer.contains(inner) for inner, outer in pairs)


def test_the_valve_plane_is_closed_planar_and_oblique(phantom):
    (contour,) = roi(phantom, "Valve_plane").contours
    assert contour.geometric_type == "CLOSED_PLANAR"
    plane, residual = fit_plane(contour.points_lps)
    assert residual < 1e-6
    assert 0.2 < abs(plane.normal[2]) < 0.95
    assert contour.images == ()


def test_contours_reference_the_image_they_lie_on(phantom):
    z_of = {one.sop_instance_uid: one.position_lps_mm[2] for one in phantom.volume.slices}
    for one in phantom.structure_set.rois:
        for contour in one.contours:
            for image in contour.images:
                assert np.all(contour.points_lps[:, 2] == z_of[image.sop_instance_uid])
            if contour.geometric_type == "CLOSED_PLANAR" and one.name != "Valve_plane":
                assert len(contour.images) == 1


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("Lung_L", -950, -650), ("Lung_R", -950, -650), ("Aorta", 100, 230), ("Liver", 60, 130), ("BODY", -1040, 900)],
)
def test_contours_are_where_the_voxels_are(phantom, name, low, high):
    sections = {}
    for contour in roi(phantom, name).contours:
        z = contour.points_lps[0, 2]
        sections[z] = sections.get(z, Polygon()).symmetric_difference(Polygon(contour.points_lps[:, :2]))
    assert len(sections) > 20
    for z, section in list(sections.items())[::5]:
        inner = section.buffer(-4)
        if not inner.is_empty:
            point = inner.representative_point()
            assert low <= value_at(phantom, point.x, point.y, z) <= high


def test_polygons_are_simple(phantom):
    for one in phantom.structure_set.rois:
        for contour in one.contours:
            if contour.geometric_type == "CLOSED_PLANAR" and one.name != "Valve_plane":
                assert Polygon(contour.points_lps[:, :2]).is_valid
