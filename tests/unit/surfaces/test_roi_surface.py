"""Surfaces around contours."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkFiltersCore import (
    vtkFeatureEdges,
    vtkImplicitPolyDataDistance,
    vtkMassProperties,
    vtkPolyDataConnectivityFilter,
)

from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.surfaces import roi_surface as roi_surfaces
from rtvis.surfaces.roi_surface import decimated, roi_surface, surfaces

TURN = np.radians(25.0)
AXES = {
    "axial": ([1, 0, 0], [0, 1, 0]),
    "sagittal": ([0, 1, 0], [0, 0, -1]),
    "oblique": ([np.cos(TURN), 0, np.sin(TURN)], [0, 1, 0]),
}


def circle(radius, height, axes="axial", centre=(50, -60, 70), points=120):
    u, v = np.array(AXES[axes], float)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)[:, None]
    flat = np.cos(angle) * u + np.sin(angle) * v
    return Contour(np.array(centre) + radius * flat + height * np.cross(u, v), "CLOSED_PLANAR")


def volume_mm3(mesh):
    mass = vtkMassProperties()
    mass.SetInputData(mesh)
    mass.Update()
    return mass.GetVolume()


def open_edges(mesh):
    edges = vtkFeatureEdges()
    edges.SetInputData(mesh)
    edges.FeatureEdgesOff()
    edges.NonManifoldEdgesOff()
    edges.Update()
    return edges.GetOutput().GetNumberOfCells()


def cylinder(radius, axes="axial", gap=3.0, count=11):
    return tuple(circle(radius, gap * n, axes) for n in range(count))


@pytest.mark.parametrize("axes", AXES)
def test_a_cylinder_is_closed_and_has_its_volume(axes):
    surface = roi_surface(Roi(1, "r", cylinder(20, axes)))
    assert len(surface.used) == 11
    assert surface.left_out == ()
    assert open_edges(surface.mesh) == 0
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * 20**2 * 33, rel=0.02)
    u, v = np.array(AXES[axes], float)
    centre = np.array([50, -60, 70]) + 15 * np.cross(u, v)
    np.testing.assert_allclose(surface.mesh.GetCenter(), centre, atol=0.5)


def test_a_hole_is_a_hole():
    ring = tuple(one for n in range(11) for one in (circle(20, 3.0 * n), circle(10, 3.0 * n)))
    surface = roi_surface(Roi(1, "r", ring))
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * (20**2 - 10**2) * 33, rel=0.02)


def test_uneven_gaps_end_half_a_gap_beyond_the_last_contour():
    heights = [0, 3, 6, 9, 12, 13, 16, 19]
    surface = roi_surface(Roi(1, "r", tuple(circle(20, h) for h in heights)))
    bounds = surface.mesh.GetBounds()
    assert bounds[4] == pytest.approx(70 - 1.5, abs=0.6)
    assert bounds[5] == pytest.approx(70 + 19 + 1.5, abs=0.6)


def test_a_wide_gap_is_not_bridged():
    heights = [0, 3, 6, 30, 33, 36]
    surface = roi_surface(Roi(1, "r", tuple(circle(20, h) for h in heights)))
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * 20**2 * 18, rel=0.04)
    assert open_edges(surface.mesh) == 0


def test_contours_of_another_orientation_make_a_surface_of_their_own():
    apart = tuple(circle(10, 3.0 * n, "sagittal", centre=(120, -60, 70)) for n in range(5))
    surface = roi_surface(Roi(1, "r", (*cylinder(20), *apart)))
    assert surface.left_out == ()
    assert len(surface.used) == 16
    assert open_edges(surface.mesh) == 0
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * (20**2 * 33 + 10**2 * 15), rel=0.02)


def parts(mesh) -> int:
    connected = vtkPolyDataConnectivityFilter()
    connected.SetInputData(mesh)
    connected.SetExtractionModeToAllRegions()
    connected.Update()
    return connected.GetNumberOfExtractedRegions()


def sphere_in(axes, radius=20.0, gap=3.0, centre=(50, -60, 70)):
    heights = np.arange(-6, 7) * gap
    return tuple(circle(np.sqrt(radius**2 - h**2), h, axes, centre) for h in heights if abs(h) < radius)


@pytest.mark.parametrize("fine", [True, False])
@pytest.mark.parametrize("other", ["sagittal", "oblique"])
def test_one_body_drawn_in_two_orientations_has_one_surface(other, fine):
    contours = (*sphere_in("axial"), *sphere_in(other))
    surface = roi_surface(Roi(1, "r", contours), fine=fine, smoothing_mm=0.0)
    assert parts(surface.mesh) == 1
    assert open_edges(surface.mesh) == 0
    assert volume_mm3(surface.mesh) == pytest.approx(4 / 3 * np.pi * 20**3, rel=0.02)
    away = vtkImplicitPolyDataDistance()
    away.SetInput(surface.mesh)
    points = np.concatenate([one.points_lps[::9] for one in contours]) - np.array([50, -60, 70])
    normals = [np.cross(*np.array(AXES[axes], float)) for axes in ("axial", other)]
    # Ends of each stack are flat and stick out of the sphere, over contours of the other.
    points = points[np.all([np.abs(points @ one) < 14 for one in normals], axis=0)] + np.array([50, -60, 70])
    assert len(points) > 60
    assert max(abs(away.EvaluateFunction(point)) for point in points) < 0.25


def test_bodies_in_two_orientations_that_cut_each_other_are_one():
    across = tuple(circle(8, 3.0 * n, "sagittal", centre=(80, -60, 85)) for n in range(21))
    surface = roi_surface(Roi(1, "r", (*cylinder(20), *across)), fine=True)
    assert parts(surface.mesh) == 1
    assert open_edges(surface.mesh) == 0
    y, z = np.meshgrid(np.linspace(-8, 8, 400), np.linspace(-8, 8, 400))
    inside = np.hypot(y, z) <= 8
    both = (2 * np.sqrt(400 - y**2) * inside).sum() * (16 / 399) ** 2
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * (400 * 33 + 64 * 63) - both, rel=0.01)
    mesh = vtk_to_numpy(surface.mesh.GetPoints().GetData())
    assert mesh[:, 0].min() == pytest.approx(18.5, abs=0.3)
    assert mesh[:, 0].max() == pytest.approx(81.5, abs=0.3)


@pytest.mark.parametrize(
    "contours",
    [
        (),
        (Contour(np.zeros((1, 3)), "POINT"),),
        (Contour(np.zeros((2, 3)), "CLOSED_PLANAR"),),
        (Contour(np.outer(np.arange(5.0), [1, 1, 0]), "CLOSED_PLANAR"),),
    ],
)
def test_nothing_to_build_from_gives_an_empty_surface(contours):
    assert roi_surface(Roi(1, "r", contours)).mesh.GetNumberOfCells() == 0


def test_one_contour_alone_is_a_thin_disc():
    surface = roi_surface(Roi(1, "r", (circle(20, 0),)), single_mm=3.0)
    assert open_edges(surface.mesh) == 0
    assert volume_mm3(surface.mesh) == pytest.approx(np.pi * 20**2 * 3, rel=0.01)
    assert surface.mesh.GetBounds()[4:] == pytest.approx((68.5, 71.5), abs=0.3)  # smoothed


def test_two_threads_make_the_same_surface():
    roi = Roi(1, "r", cylinder(20))
    results = []
    threads = [threading.Thread(target=lambda: results.append(roi_surface(roi))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert volume_mm3(results[0].mesh) == volume_mm3(results[1].mesh)


def test_surfaces_of_a_set_have_unique_names_and_report():
    rois = (Roi(1, "a", cylinder(20)), Roi(2, "a", cylinder(10)), Roi(3, "empty"))
    seen = []
    made = surfaces(StructureSet("s", rois), lambda done, total: seen.append((done, total)))
    assert sorted(made) == ["a_1", "a_2"]
    assert made["a_1"].n_points > 0
    assert seen[0] == (0, 3)


def test_volumes_agree_with_the_planning_system(field_data):
    from rtvis.dicom.rtstruct_reader import read_structure_set

    # Eclipse's own figures for this file, in cc.
    oracle = {"Bladder": 116.8, "Femoral Head Lt": 49.2, "PTV": 48.6, "Rectum": 30.3}
    folder = field_data / "rt_without_images" / "EclipseProstatePhantom"
    path = next(one for one in sorted(folder.rglob("*.dcm")) if "RS" in one.name or "struct" in one.name.lower())
    for roi in read_structure_set(path).rois:
        if roi.name in oracle:
            assert volume_mm3(roi_surface(roi).mesh) / 1000 == pytest.approx(oracle[roi.name], rel=0.02)


@pytest.mark.parametrize("axes", AXES)
def test_each_contour_lies_on_the_surface_and_nothing_reaches_beyond_the_ends(axes):
    contours = tuple(circle(20 - 0.2 * n, 3.0 * n, axes) for n in range(11))
    mesh = roi_surface(Roi(1, "r", contours), smoothing_mm=0.0).mesh
    away = vtkImplicitPolyDataDistance()
    away.SetInput(mesh)
    distances = [abs(away.EvaluateFunction(point)) for one in contours for point in one.points_lps[::7]]
    assert max(distances) < 0.05
    u, v = np.array(AXES[axes], float)
    points = vtk_to_numpy(mesh.GetPoints().GetData()) - np.array([50, -60, 70])
    heights = points @ np.cross(u, v)
    assert heights.min() == pytest.approx(-1.5, abs=1e-4)
    assert heights.max() == pytest.approx(31.5, abs=1e-4)
    assert np.hypot(points @ u, points @ v).max() <= 20.05


@pytest.mark.parametrize("axes", AXES)
def test_triangles_turn_outwards(axes):
    mesh = roi_surface(Roi(1, "r", cylinder(20, axes))).mesh
    points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(float)
    corners = points[vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)] - points.mean(axis=0)
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert volume == pytest.approx(np.pi * 20**2 * 33, rel=0.02)
    normals = vtk_to_numpy(mesh.GetPointData().GetNormals())
    assert np.einsum("ij,ij->i", normals, points - points.mean(axis=0)).mean() > 0


def test_smoothing_moves_no_point_farther_than_it_may():
    roi = Roi(1, "r", tuple(circle(20 - 6 * (n % 2), 3.0 * n) for n in range(11)))
    plain, smooth = (roi_surface(roi, smoothing_mm=most).mesh for most in (0.0, 0.4))
    moved = vtk_to_numpy(smooth.GetPoints().GetData()) - vtk_to_numpy(plain.GetPoints().GetData())
    assert 0.3 < np.linalg.norm(moved, axis=1).max() <= 0.4 + 1e-4


def test_smoothing_for_display_stays_within_half_a_pixel_on_small_boxes():
    square = np.array([[0, 0], [3, 0], [3, 3], [0, 3]], dtype=float)
    roi = Roi(
        1, "r", tuple(Contour(np.column_stack([square, np.full(4, z)]), "CLOSED_PLANAR") for z in (0.5, 1.5, 2.5))
    )
    plain, shown = (roi_surface(roi, smoothing_mm=most).mesh for most in (0.0, None))
    moved = vtk_to_numpy(shown.GetPoints().GetData()) - vtk_to_numpy(plain.GetPoints().GetData())
    assert np.linalg.norm(moved, axis=1).max() <= 0.1 + 1e-4
    assert volume_mm3(shown) == pytest.approx(27, rel=0.01)


def wall(thickness, radius=60.0):
    return tuple(circle(one, 3.0 * n, points=360) for n in range(6) for one in (radius, radius - thickness))


def needles(width):
    square = np.array([[0, 0], [width, 0], [width, width], [0, width]])
    at = [(x, y, z) for x in (0.0, 20.0, 40.0) for y in (0.0, 20.0) for z in np.arange(10) * 2.0]
    return tuple(
        Contour(np.column_stack([square + np.array([x, y]), np.full(4, z)]), "CLOSED_PLANAR") for x, y, z in at
    )


@pytest.mark.parametrize("fine", [True, False])
@pytest.mark.parametrize(
    ("contours", "volume"),
    [
        (wall(1.0), np.pi * (60**2 - 59**2) * 18),
        (wall(0.5, 20.0), np.pi * (20**2 - 19.5**2) * 18),
        (needles(1.0), 6 * 20.0),
        (needles(0.3), 6 * 0.09 * 20),
    ],
    ids=["wall", "thin wall", "needles", "thin needles"],
)
def test_thin_parts_are_not_lost(contours, volume, fine):
    mesh = roi_surface(Roi(1, "r", contours), fine=fine).mesh
    assert open_edges(mesh) == 0
    assert volume_mm3(mesh) == pytest.approx(volume, rel=0.1)


def test_a_thin_wall_of_a_large_body_is_kept_as_thick_as_it_is_shown():
    # Its raster has no more than 768 pixels across: 0.26 mm each, where the wall would need 0.15 mm.
    contours = wall(0.3, radius=100.0)
    shown, kept = (volume_mm3(roi_surface(Roi(1, "r", contours), fine=fine).mesh) for fine in (False, True))
    assert kept == pytest.approx(np.pi * (100**2 - 99.7**2) * 18, rel=0.01)
    assert kept == pytest.approx(shown, rel=0.01)


@pytest.mark.parametrize("thickness", [0.3, 1.0])
def test_walls_thinner_than_what_can_be_afforded_are_whole(thickness, monkeypatch):
    monkeypatch.setattr(roi_surfaces, "DISPLAY_VALUES", 30_000)  # of a raster with pixels of 1.7 mm
    core = tuple(circle(5.0, 3.0 * n) for n in range(6))
    mesh = roi_surface(Roi(1, "r", (*wall(thickness), *core))).mesh
    assert open_edges(mesh) == 0
    expected = np.pi * (60**2 - (60 - thickness) ** 2 + 25) * 18
    points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(float)
    corners = points[vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)] - points.mean(axis=0)
    signed = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert signed == pytest.approx(expected, rel=0.08)


def test_a_decimated_surface_has_fewer_triangles_and_stays_closed():
    mesh = roi_surface(Roi(1, "r", cylinder(20))).mesh
    fewer = decimated(mesh, 0.2)
    assert fewer.GetNumberOfCells() <= 0.21 * mesh.GetNumberOfCells()
    assert open_edges(fewer) == 0
    assert volume_mm3(fewer) == pytest.approx(volume_mm3(mesh), rel=0.01)
    with pytest.raises(ValueError, match="share"):
        decimated(mesh, 0.0)


def test_no_share_is_so_small_that_the_surface_vanishes():
    mesh = roi_surface(Roi(1, "r", cylinder(20))).mesh
    fewer = decimated(mesh, 1e-300)
    assert 100 <= fewer.GetNumberOfCells() <= 400
    assert open_edges(fewer) == 0
    assert volume_mm3(fewer) == pytest.approx(volume_mm3(mesh), rel=0.05)


def test_overlapping_contours_are_joined_not_cancelled():
    shifted = tuple(circle(20, 3.0 * n, centre=(65, -60, 70)) for n in range(11))
    surface = roi_surface(Roi(1, "r", (*cylinder(20), *shifted)))
    lens = 2 * 20**2 * np.arccos(15 / 40) - 7.5 * np.sqrt(4 * 20**2 - 15**2)
    assert volume_mm3(surface.mesh) == pytest.approx((2 * np.pi * 20**2 - lens) * 33, rel=0.02)
    assert [one.code for one in surface.problems] == ["overlapping-contours"]
