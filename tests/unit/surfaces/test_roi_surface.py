"""Surfaces around contours."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from vtkmodules.vtkFiltersCore import vtkFeatureEdges, vtkMassProperties

from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.surfaces.roi_surface import roi_surface, surfaces

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


def test_contours_of_another_orientation_are_left_out_and_said():
    contours = (*cylinder(20), circle(15, 0, "sagittal"))
    surface = roi_surface(Roi(1, "r", contours))
    assert surface.left_out == (11,)


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
    surface = roi_surface(Roi(1, "r", (circle(20, 0),)))
    assert surface.mesh.GetNumberOfCells() > 0
    assert open_edges(surface.mesh) == 0


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
            assert volume_mm3(roi_surface(roi).mesh) / 1000 == pytest.approx(oracle[roi.name], rel=0.01)
