"""A closed surface around an ROI's closed planar contours, for showing it in 3D.

The drawn points stay the truth; a surface is made from them and thrown away. Contours of one plane are combined by the
even-odd rule (holes are kept), planes are stacked at their own places, and the stack ends half a gap beyond its last
contour. It may run in any thread: VTK lets go of the interpreter while it works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import distance_transform_edt
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D, vtkPolyDataNormals, vtkWindowedSincPolyDataFilter

from rtvis.geometry.plane import fit_plane
from rtvis.model.progress import no_report
from rtvis.model.structure_set import CLOSED_TYPES
from rtvis.surfaces.even_odd import even_odd_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyvista
    from numpy.typing import NDArray

    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet

SAME_PLANE_MM = 0.02
"""Contours this close along their normal are on one plane: positions are written with as few as two decimals."""

PARALLEL_COSINE = np.cos(np.radians(0.5))
"""Normals fitted to small contours whose points are rounded to 0.01 mm scatter by tenths of a degree."""

BRIDGED_GAP = 1.5
"""A gap over this many times the median is not bridged: nothing was drawn there."""

REACH_GAPS = 1.5
"""Distances to the drawn line are followed this many slice gaps far: between two slices the surface goes straight from
line to line, where these are closer to each other than that."""

SMOOTHING_ITERATIONS = 20
PASS_BAND = 0.01
"""Windowed sinc: takes the steps of the raster away and moves the surface by less than a tenth of a millimetre on
average, its volume by less than a thousandth."""


@dataclass(frozen=True, slots=True, eq=False)
class RoiSurface:
    """A surface and what it stands for.

    Attributes:
        mesh: triangles with point normals, LPS mm; without points where there is nothing to build from.
        used: indices of the contours it was made from.
        left_out: indices of closed contours that are not in it (another orientation than most), to be shown as lines.
    """

    mesh: vtkPolyData
    used: tuple[int, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """Contours on parallel planes: in-plane directions ``(2, 3)``, normal, and (index, distance) of each."""

    axes: NDArray[np.float64]
    normal: NDArray[np.float64]
    members: list[tuple[int, float]]


def roi_surface(roi: Roi, *, pixel_mm: float | None = None) -> RoiSurface:
    """The surface of an ROI.

    Args:
        roi: only its closed planar contours count.
        pixel_mm: pixel size of the raster in the contours' planes; by default fine enough for the ROI's size.
    """
    closed = [n for n, one in enumerate(roi.contours) if one.geometric_type in CLOSED_TYPES and len(one.points_lps) > 2]
    stack = _largest_stack(roi, closed)
    if stack is None:
        return RoiSurface(vtkPolyData(), (), tuple(closed))
    used = tuple(index for index, _ in stack.members)
    left_out = tuple(sorted(set(closed) - set(used)))
    flat = {index: roi.contours[index].points_lps @ stack.axes.T for index in used}
    low = np.min([points.min(axis=0) for points in flat.values()], axis=0)
    high = np.max([points.max(axis=0) for points in flat.values()], axis=0)
    layers, gap = _layers(stack.members)
    pixel = pixel_mm or float(np.clip(np.max(high - low) / 100, max(0.2, gap / 6), 2.5))
    columns, rows = (int(n) + 7 for n in np.ceil((high - low) / pixel))
    corner = low - 3 * pixel
    reach = max(REACH_GAPS * gap / pixel, 2.0)
    field = np.full((len(layers), rows, columns), -reach, dtype=np.float32)
    for k, (_, members) in enumerate(layers):
        if members:
            mask = even_odd_mask([(flat[index] - corner) / pixel for index in members], (rows, columns))
            field[k] = np.clip(_signed_distance(mask), -reach, reach)
    for k, (_, members) in enumerate(layers):
        if not members:
            # The mirror image of the last drawn layer: the surface closes flat, half a gap beyond it.
            field[k] = -np.abs(field[k - 1] if k and layers[k - 1][1] else field[k + 1])
    mesh = _contoured(field)
    if mesh.GetNumberOfPoints():
        _place(mesh, stack, corner, pixel, np.array([distance for distance, _ in layers]))
        mesh = _smoothed(mesh)
    return RoiSurface(mesh, used, left_out)


def surfaces(structure_set: StructureSet, report: Report = no_report) -> dict[str, pyvista.PolyData]:
    """ROI name (made unique as `StructureSet.unique_names` does) to its surface in LPS mm, for ROIs that have one."""
    import pyvista  # noqa: PLC0415  (a quarter of a second that only scripts need)

    names = structure_set.unique_names()
    result: dict[str, pyvista.PolyData] = {}
    for done, roi in enumerate(structure_set.rois):
        report(done, len(structure_set.rois))
        mesh = roi_surface(roi).mesh
        if mesh.GetNumberOfCells():
            result[names[roi.number]] = pyvista.PolyData(mesh)
    return result


def _largest_stack(roi: Roi, closed: Sequence[int]) -> _Stack | None:
    """The parallel planes that hold most of the contours; the normal is that of the largest contour among them."""
    fitted: list[tuple[int, NDArray[np.float64], float]] = []
    for index in closed:
        points = roi.contours[index].points_lps
        area = np.cross(points - points[0], np.roll(points, -1, axis=0) - points[0]).sum(axis=0) / 2
        size = float(np.linalg.norm(area))
        if size > 0:
            fitted.append((index, area / size, size))
    if not fitted:
        return None
    normals = np.array([normal for _, normal, _ in fitted])
    parallel = np.abs(normals @ normals.T) >= PARALLEL_COSINE
    best = parallel[int(np.argmax(parallel.sum(axis=1)))]
    members = [one for one, belongs in zip(fitted, best, strict=True) if belongs]
    largest = max(members, key=lambda one: one[2])[0]
    plane, _ = fit_plane(roi.contours[largest].points_lps)
    normal = plane.normal
    distances = [(index, float(roi.contours[index].points_lps.mean(axis=0) @ normal)) for index, _, _ in members]
    return _Stack(np.array([plane.u, plane.v]), normal, sorted(distances, key=lambda one: one[1]))


def _signed_distance(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance to the edge between inside and outside, in pixels; positive inside."""
    if not mask.any():
        return np.full(mask.shape, -np.inf)
    return np.where(mask, distance_transform_edt(mask) - 0.5, 0.5 - distance_transform_edt(~mask))


def _layers(members: list[tuple[int, float]]) -> tuple[list[tuple[float, list[int]]], float]:
    """Planes with their contours, and empty planes where the surface is to close: at both ends and in wide gaps.

    Returns:
        (distance along the normal, indices of contours) of each plane, and the median gap, mm.
    """
    planes: list[tuple[float, list[int]]] = []
    for index, distance in members:
        if planes and distance - planes[-1][0] <= SAME_PLANE_MM:
            planes[-1][1].append(index)
        else:
            planes.append((distance, [index]))
    gaps = np.diff([distance for distance, _ in planes])
    # A single plane has no gap; it is shown one millimetre thick.
    median = float(np.median(gaps)) if len(gaps) else 1.0
    layers: list[tuple[float, list[int]]] = [(planes[0][0] - median, [])]
    for before, plane in zip([None, *planes[:-1]], planes, strict=True):
        if before is not None and plane[0] - before[0] > BRIDGED_GAP * median:
            rim = min(median, (plane[0] - before[0]) * 0.499)
            layers += [(before[0] + rim, []), (plane[0] - rim, [])]
        layers.append(plane)
    return [*layers, (planes[-1][0] + median, [])], median


def _contoured(field: NDArray[np.float32]) -> vtkPolyData:
    """The surface where the field is zero, in voxel indices."""
    layers, rows, columns = field.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, layers)
    image.GetPointData().SetScalars(numpy_to_vtk(field.reshape(-1), deep=False))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.0)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    return edges.GetOutput()


def _place(
    mesh: vtkPolyData, stack: _Stack, corner: NDArray[np.float64], pixel: float, distances: NDArray[np.float64]
) -> None:
    """Move points from voxel indices to LPS mm; layers need not be evenly spaced."""
    index = vtk_to_numpy(mesh.GetPoints().GetData()).astype(np.float64)
    flat = index[:, :2] * pixel + corner
    along = np.interp(index[:, 2], np.arange(len(distances)), distances)
    points = flat @ stack.axes + along[:, None] * stack.normal
    mesh.GetPoints().SetData(numpy_to_vtk(points, deep=True))


def _smoothed(mesh: vtkPolyData) -> vtkPolyData:
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputData(mesh)
    smooth.SetNumberOfIterations(SMOOTHING_ITERATIONS)
    smooth.SetPassBand(PASS_BAND)
    smooth.BoundarySmoothingOff()
    smooth.FeatureEdgeSmoothingOff()
    smooth.NonManifoldSmoothingOn()
    smooth.NormalizeCoordinatesOn()
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    normals.ConsistencyOn()
    normals.Update()
    return normals.GetOutput()
