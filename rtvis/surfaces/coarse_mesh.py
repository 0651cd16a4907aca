"""A surface with fewer triangles, for as long as it moves."""

from __future__ import annotations

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkBinnedDecimation, vtkPolyDataNormals

CELLS_MM = (3.0, 6.0, 12.0)
"""Sizes of the cells that points are gathered in, from fine to coarse: a half, a sixth and a twentieth of the triangles
of a surface made from CT. In a view of a trunk a pixel is a millimetre."""

LEAST_CELLS = 8
"""Across the second longest side of a surface: what is thin or small keeps its shape."""


def coarse_meshes(mesh: vtkPolyData) -> tuple[vtkPolyData, ...]:
    """The same surface with points of cells of each of `CELLS_MM` drawn together; 5 ms for 100,000 triangles.

    It may run in any thread.

    Args:
        mesh: triangles, LPS mm; it isn't changed.

    Returns:
        Triangles with point normals, from fine to coarse. Where cells would hardly join any points it is the mesh.
    """
    made: list[vtkPolyData] = []
    for cell_mm in CELLS_MM:
        before = made[-1] if made else mesh
        found = _gathered(mesh, cell_mm)
        made.append(found if 0 < found.GetNumberOfCells() < before.GetNumberOfCells() else before)
    return tuple(made)


def _gathered(mesh: vtkPolyData, cell_mm: float) -> vtkPolyData:
    if not mesh.GetNumberOfCells():
        return mesh
    sides = np.diff(np.array(mesh.GetBounds()).reshape(3, 2))[:, 0]
    cell = min(cell_mm, max(float(np.sort(sides)[1]) / LEAST_CELLS, 1e-3))
    gathered = vtkBinnedDecimation()
    gathered.SetInputData(mesh)
    gathered.AutoAdjustNumberOfDivisionsOff()
    gathered.SetNumberOfDivisions(*np.maximum(np.ceil(sides / cell), 1).astype(int).tolist())
    gathered.SetPointGenerationModeToBinAverages()
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(gathered.GetOutputPort())
    normals.SplittingOff()
    normals.ConsistencyOff()  # triangles turn as they did
    normals.Update()
    found: vtkPolyData = normals.GetOutput()
    return found
