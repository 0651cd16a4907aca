"""Surfaces with fewer triangles."""

from __future__ import annotations

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkMassProperties
from vtkmodules.vtkFiltersSources import vtkSphereSource

from rtvis.surfaces.coarse_mesh import CELLS_MM, coarse_meshes

CENTRE = np.array([10.0, -20.0, 30.0])


def ball(radius, resolution=120):
    source = vtkSphereSource()
    source.SetRadius(radius)
    source.SetCenter(*CENTRE.tolist())
    source.SetThetaResolution(resolution)
    source.SetPhiResolution(resolution)
    source.Update()
    return source.GetOutput()


def volume_of(mesh):
    mass = vtkMassProperties()
    mass.SetInputData(mesh)
    return mass.GetVolume()


def test_each_is_coarser_than_the_one_before_and_where_the_surface_is():
    mesh = ball(60.0)
    made = coarse_meshes(mesh)
    counts = [mesh.GetNumberOfCells(), *(one.GetNumberOfCells() for one in made)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 10
    for cell_mm, one in zip(CELLS_MM, made, strict=True):
        points = vtk_to_numpy(one.GetPoints().GetData()).astype(float) - CENTRE
        assert np.abs(np.linalg.norm(points, axis=1) - 60.0).max() < cell_mm / 2
        normals = vtk_to_numpy(one.GetPointData().GetNormals())
        outward = points / np.linalg.norm(points, axis=1)[:, None]
        assert np.einsum("nk,nk->n", normals, outward).min() > 0.8
        assert volume_of(one) == pytest.approx(volume_of(mesh), rel=0.05)


def test_what_is_small_keeps_its_shape():
    mesh = ball(4.0, 60)
    coarsest = coarse_meshes(mesh)[-1]
    assert 100 < coarsest.GetNumberOfCells() < mesh.GetNumberOfCells()
    assert volume_of(coarsest) == pytest.approx(volume_of(mesh), rel=0.12)


def test_what_is_coarse_already_or_empty_stays():
    mesh = ball(60.0, 5)
    assert coarse_meshes(mesh)[0] is mesh
    nothing = vtkPolyData()
    assert coarse_meshes(nothing) == (nothing,) * len(CELLS_MM)
