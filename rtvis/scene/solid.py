"""A mesh that lines of sight are cut with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkIdList, vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator
from vtkmodules.vtkFiltersCore import vtkTriangleFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.scene.ray import Ray


class Solid:
    """A mesh with the search structure that finds where a ray meets it; built when it is first asked.

    Args:
        mesh: of any polygons; LPS mm. It isn't changed, and must not change.
    """

    def __init__(self, mesh: vtkPolyData) -> None:
        self._mesh = mesh
        self._bounds = np.array(mesh.GetBounds())
        self._locator: vtkStaticCellLocator | None = None
        self._corners: NDArray[np.float64] = np.empty((0, 3, 3))

    def hits(self, ray: Ray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where a ray meets the mesh.

        Returns:
            Distances ``(n,)`` mm from the ray's origin, and unit normals ``(n, 3)`` of the triangles met, to the side
            that their points turn counter-clockwise seen from.
        """
        through = ray.through_box(self._bounds[::2], self._bounds[1::2])
        if through is None:
            return np.empty(0), np.empty((0, 3))
        locator = self._built()
        margin = 1e-3 * (1.0 + through[1] - through[0])
        first, last = ray.at([max(through[0] - margin, 0.0), through[1] + margin])
        places, cells = vtkPoints(), vtkIdList()
        locator.IntersectWithLine(first.tolist(), last.tolist(), 0.0, places, cells)
        # The places come in single precision: those on the triangles' planes are computed anew.
        corners = self._corners[[cells.GetId(n) for n in range(cells.GetNumberOfIds())]]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        facing = normals @ ray.direction
        met = facing != 0
        corners, normals, facing = corners[met], normals[met], facing[met]
        distances = np.einsum("nk,nk->n", corners[:, 0] - ray.origin_lps_mm, normals) / facing
        return distances, normals / np.linalg.norm(normals, axis=1)[:, None]

    def _built(self) -> vtkStaticCellLocator:
        if self._locator is None:
            triangles = vtkTriangleFilter()  # tubes are strips
            triangles.SetInputData(self._mesh)
            triangles.PassLinesOff()
            triangles.PassVertsOff()
            triangles.Update()
            mesh = triangles.GetOutput()
            points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(np.float64)
            ids = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
            self._corners = points[ids]
            self._locator = vtkStaticCellLocator()
            self._locator.SetDataSet(mesh)
            self._locator.BuildLocator()
        return self._locator
