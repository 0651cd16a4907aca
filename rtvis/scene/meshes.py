"""Actors for lines, tubes, spheres and surfaces, each one draw call for all of an ROI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkGlyph3D, vtkTubeFilter
from vtkmodules.vtkFiltersSources import vtkSphereSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkCommonExecutionModel import vtkAlgorithmOutput

    from rtvis.app.palette import Rgb

TUBE_RADIUS_MM = 0.9
POINT_RADIUS_MM = 2.5


def polylines(lines: Sequence[NDArray[np.float64]], *, closed: bool = False) -> vtkPolyData:
    """Polylines ``(n, 3)`` LPS mm as one dataset, without copying coordinates point by point.

    Args:
        lines: what they go through.
        closed: each goes back to its first point.
    """
    counts = np.array([len(line) for line in lines], dtype=np.int64)
    points = vtkPoints()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(np.concatenate(lines), dtype=np.float64), deep=True))
    order = np.arange(counts.sum())
    ends = np.cumsum(counts)
    if closed:
        order = np.insert(order, ends, ends - counts)
        ends = ends + np.arange(1, len(counts) + 1)
    cells = vtkCellArray()
    cells.SetData(
        numpy_to_vtkIdTypeArray(np.concatenate([[0], ends]), deep=True), numpy_to_vtkIdTypeArray(order, deep=True)
    )
    data = vtkPolyData()
    data.SetPoints(points)
    data.SetLines(cells)
    return data


def line_actor(lines: Sequence[NDArray[np.float64]], color: Rgb, *, width: float, closed: bool = False) -> vtkActor:
    """Lines of one colour, not shaded; width as `set_width`."""
    actor = _actor(polylines(lines, closed=closed), color)
    set_width(actor, width)
    actor.GetProperty().LightingOff()
    return actor


def set_width(actor: vtkActor, width: float) -> None:
    """Draw lines so wide, in pixels of the picture; none is thinner than a pixel."""
    actor.GetProperty().SetLineWidth(max(width, 1.0))


def move_line(actor: vtkActor, points_lps_mm: NDArray[np.float64]) -> None:
    """Have a line of `line_actor` go through other points ``(n, 3)``, as many as it has."""
    points = actor.GetMapper().GetInput().GetPoints()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(points_lps_mm, dtype=np.float64), deep=True))
    points.Modified()


def tube_actor(lines: Sequence[NDArray[np.float64]], color: Rgb) -> vtkActor:
    """Needles, catheters, vessels."""
    tubes = vtkTubeFilter()
    tubes.SetInputData(polylines(lines))
    tubes.SetRadius(TUBE_RADIUS_MM)
    tubes.SetNumberOfSides(10)
    tubes.CappingOn()
    return _actor(tubes.GetOutputPort(), color)


def sphere_actor(points_lps_mm: NDArray[np.float64], color: Rgb) -> vtkActor:
    """A ball at each point ``(n, 3)``."""
    places = vtkPoints()
    places.SetData(numpy_to_vtk(np.ascontiguousarray(points_lps_mm, dtype=np.float64), deep=True))
    data = vtkPolyData()
    data.SetPoints(places)
    ball = vtkSphereSource()
    ball.SetRadius(POINT_RADIUS_MM)
    ball.SetThetaResolution(16)
    ball.SetPhiResolution(12)
    balls = vtkGlyph3D()
    balls.SetInputData(data)
    balls.SetSourceConnection(ball.GetOutputPort())
    balls.ScalingOff()
    return _actor(balls.GetOutputPort(), color)


def surface_actor(mesh: vtkPolyData, color: Rgb) -> vtkActor:
    """A closed, shaded surface; seen from outside only, so that a translucent one shows each layer once."""
    actor = _actor(mesh, color)
    shading = actor.GetProperty()
    shading.SetAmbient(0.18)
    shading.SetDiffuse(0.78)
    shading.SetSpecular(0.18)
    shading.SetSpecularPower(25.0)
    shading.BackfaceCullingOn()
    return actor


def surface_mapper(source: vtkPolyData | vtkAlgorithmOutput) -> vtkPolyDataMapper:
    """What draws a mesh in its actor's colour."""
    mapper = vtkPolyDataMapper()
    if isinstance(source, vtkPolyData):
        mapper.SetInputData(source)
    else:
        mapper.SetInputConnection(source)
    mapper.ScalarVisibilityOff()
    return mapper


def _actor(source: vtkPolyData | vtkAlgorithmOutput, color: Rgb) -> vtkActor:
    actor = vtkActor()
    actor.SetMapper(surface_mapper(source))
    actor.GetProperty().SetColor(*(value / 255 for value in color))
    return actor
