"""A closed surface around an ROI's closed planar contours.

The drawn points stay the truth; a surface is made from them and thrown away. It is where the field of signed distances
of `rtvis.geometry.stack_field` is zero: through each contour on its own plane, straight from contour to contour between
planes, and flat half a gap beyond the last one. Where contours in several orientations make bodies that meet, it is the
surface of what these cover together. Triangles turn counter-clockwise seen from outside. It may run in any
thread: numpy and VTK let go of the interpreter while they work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import (
    vtkAppendPolyData,
    vtkFlyingEdges3D,
    vtkPolyDataNormals,
    vtkQuadricDecimation,
    vtkReverseSense,
    vtkWindowedSincPolyDataFilter,
)

from rtvis.geometry.body_layers import joint_field
from rtvis.geometry.nested_levels import nested_levels
from rtvis.geometry.regions import region_of
from rtvis.geometry.stack_field import MOST_PIXELS, StackField, stack_field
from rtvis.model.masks import roi_stacks, volume_problems
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyvista
    from numpy.typing import NDArray

    from rtvis.geometry.closed_stacks import ClosedStack
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet

DISPLAY_PIXELS, FINE_PIXELS = 60, 150
"""Across the raster of an ROI, for looking at it and for keeping it, unless its pixels would be finer or coarser than
makes sense. The surface goes through the contours between pixels; pixels bound how sharp a corner can be."""

SMALLEST_PIXEL_MM, LARGEST_PIXEL_MM = 0.2, 2.5

THIN_PIXELS = 2.0
"""Across a wall, a sheet or a needle: pixels are made finer for them, or they would be full of holes, or gone."""

THIN_SHARE = 0.1
"""Of the area of a plane's contours: so much is as thin as what counts as the thickness of all."""

THIN_LAYERS = 8
"""So many planes of a stack tell how thick it is."""

DISPLAY_VALUES, FINE_VALUES = 6_000_000, 60_000_000
"""In the field of a stack with thin parts, for looking at it and for keeping it: what they may cost."""

DISPLAY_JOINT_VALUES, FINE_JOINT_VALUES = 2_000_000, 10_000_000
"""Likewise in the field of stacks in several orientations: each value is read from each of them."""

DISPLAY_SMOOTHING_MM = 0.3
"""How far smoothing may move a point of a surface that is only looked at; half a pixel where that is less."""

SMOOTHING_ITERATIONS = 12
PASS_BAND = 0.02
"""Windowed sinc: takes the steps from slice to slice away and keeps the volume."""


@dataclass(frozen=True, slots=True, eq=False)
class RoiSurface:
    """A surface and what it stands for.

    Attributes:
        mesh: triangles with point normals, LPS mm; without points where there is nothing to build from.
        used: indices of the contours it was made from, and of those that repeat one of them.
        left_out: indices of closed contours that are not in it (in no plane, or without area).
        problems: what in the ROI has no volume, or counts in another way.
    """

    mesh: vtkPolyData
    used: tuple[int, ...]
    left_out: tuple[int, ...]
    problems: tuple[Problem, ...] = ()


def roi_surface(
    roi: Roi,
    *,
    pixel_mm: float | None = None,
    fine: bool = False,
    smoothing_mm: float | None = None,
    single_mm: float = 1.0,
) -> RoiSurface:
    """The surface of an ROI.

    Args:
        roi: its closed planar contours, in one orientation or several.
        pixel_mm: pixel size of the raster in the contours' planes; by default fine enough for looking at it.
        fine: for keeping: a finer raster by default, and no smoothing.
        smoothing_mm: how far smoothing may move any point; 0 for none. `DISPLAY_SMOOTHING_MM` by default.
        single_mm: thickness of a contour plane without neighbours.
    """
    if smoothing_mm is None and fine:
        smoothing_mm = 0.0
    stacks = roi_stacks(roi)
    left_out = tuple(sorted({*stacks.without_plane, *stacks.without_area}))
    problems = tuple(volume_problems(roi, stacks))
    used = tuple(sorted({int(one) for stack in stacks.stacks for one in stack.curves} | set(stacks.repeats)))
    meshes = []
    for together in _meeting(stacks.stacks):
        wanted = [_pixel(stack, fine=fine) for stack in together]
        pixel = pixel_mm or min(one for one, _ in wanted)
        most = min(DISPLAY_SMOOTHING_MM, pixel / 2) if smoothing_mm is None else smoothing_mm
        thickness = min(one for _, one in wanted)
        if len(together) > 1:
            fields = [joint_field(together, pixel, FINE_JOINT_VALUES if fine else DISPLAY_JOINT_VALUES, single_mm)]
        elif pixel_mm or thickness >= THIN_PIXELS * pixel or len(levels := nested_levels(together[0])) < 2:
            fields = [stack_field(together[0], pixel, single_mm)]
        else:
            # Walls that the raster would lose are what lies between two surfaces, one of them turned inside out.
            coarse = _coarse_pixel(together[0], fine=fine)
            fields = [stack_field(level, coarse, single_mm) for level in levels]
            most = min(most, thickness / 4)
        for level, field in enumerate(fields):
            mesh = _contoured(field)
            if mesh.GetNumberOfPoints():
                mesh = _smoothed(mesh, most) if most > 0 else mesh
                meshes.append(_turned(mesh) if level % 2 else mesh)
    if not meshes:
        return RoiSurface(vtkPolyData(), (), tuple(sorted({*left_out, *used})), problems)
    return RoiSurface(_with_normals(_joined(meshes)), used, left_out, problems)


def surfaces(structure_set: StructureSet, report: Report = no_report) -> dict[str, pyvista.PolyData]:
    """Surfaces of all ROIs that have one, not smoothed.

    Args:
        structure_set: its closed planar contours.
        report: told (ROIs done, ROIs in all).

    Returns:
        ROI name (made unique as `StructureSet.unique_names` does) to its surface in LPS mm.
    """
    import pyvista  # noqa: PLC0415  (a quarter of a second that only scripts need)

    names = structure_set.unique_names()
    single = 1.0 if structure_set.volume is None else structure_set.volume.grid.spacing_mm[0]
    result: dict[str, pyvista.PolyData] = {}
    for done, roi in enumerate(structure_set.rois):
        report(done, len(structure_set.rois))
        mesh = roi_surface(roi, fine=True, single_mm=single).mesh
        if mesh.GetNumberOfCells():
            result[names[roi.number]] = pyvista.PolyData(mesh)
    report(len(structure_set.rois), len(structure_set.rois))
    return result


FEWEST_TRIANGLES = 200
"""No surface is thinned below this: a part of it would vanish, and in the end all of it."""


def decimated(mesh: vtkPolyData, share: float) -> vtkPolyData:
    """A surface with about `share` of its triangles, but not below `FEWEST_TRIANGLES`, for display only; still closed.

    Raises:
        ValueError: when the share isn't between 0 and 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share of triangles to keep is above 0 and at most 1, not {share}")
    fewer = vtkQuadricDecimation()
    fewer.SetInputData(mesh)
    fewer.SetTargetReduction(1 - min(1.0, max(share, FEWEST_TRIANGLES / mesh.GetNumberOfCells())))
    fewer.VolumePreservationOn()
    fewer.Update()
    return _with_normals(fewer.GetOutput())


def _meeting(stacks: Sequence[ClosedStack]) -> list[list[ClosedStack]]:
    """Stacks whose boxes meet, directly or through others, together."""
    groups: list[tuple[NDArray[np.float64], list[ClosedStack]]] = []
    for stack in stacks:
        gaps = np.diff(stack.positions_mm)
        room = float(np.median(gaps)) if len(gaps) else 1.0
        points = stack.points_lps_mm
        box, members = np.array([points.min(axis=0) - room, points.max(axis=0) + room]), [stack]
        apart = []
        for other, others in groups:
            if np.all(box[0] <= other[1]) and np.all(other[0] <= box[1]):
                box = np.array([np.minimum(box[0], other[0]), np.maximum(box[1], other[1])])
                members = [*others, *members]
            else:
                apart.append((other, others))
        groups = [*apart, (box, members)]
    return [members for _, members in groups]


def _coarse_pixel(stack: ClosedStack, *, fine: bool) -> float:
    """How fine the raster of a stack is that has no thin parts, mm."""
    gaps = np.diff(stack.positions_mm)
    gap = float(np.median(gaps)) if len(gaps) else 1.0
    longest = float(np.max(np.ptp(stack.loops.points, axis=0)))
    pixel = longest / (FINE_PIXELS if fine else DISPLAY_PIXELS)
    return float(np.clip(pixel, max(SMALLEST_PIXEL_MM, gap / 6), LARGEST_PIXEL_MM))


def _pixel(stack: ClosedStack, *, fine: bool) -> tuple[float, float]:
    """How fine the raster of a stack is by default, and how thick its thin parts are, mm.

    As fine as thin parts need, where that isn't more than a field may cost or its raster may have pixels.
    """
    pixel, thickness = _coarse_pixel(stack, fine=fine), _thickness(stack)
    if thickness / THIN_PIXELS >= pixel:
        return pixel, thickness
    size = np.ptp(stack.loops.points, axis=0)
    values = FINE_VALUES if fine else DISPLAY_VALUES
    cost = float(np.sqrt(size[0] * size[1] * len(stack.positions_mm) / values))
    finest = float(size.max()) / MOST_PIXELS
    return min(pixel, max(thickness / THIN_PIXELS, cost, finest)), thickness


def _thickness(stack: ClosedStack) -> float:
    """How thick the thin parts of a stack are, mm: twice the area for each length of outline, which a wall's is."""
    layers = len(stack.positions_mm)
    found = []
    for layer in np.unique(np.linspace(0, layers - 1, min(layers, THIN_LAYERS)).astype(np.intp)):
        parts = [one for one in shapely.get_parts(region_of(stack.loops, int(layer))) if one.area > 0]
        if not parts:
            continue
        areas = np.array([one.area for one in parts])
        thickness = 2 * areas / np.array([one.length for one in parts])
        order = np.argsort(thickness)
        covered = np.cumsum(areas[order]) / areas.sum()
        found.append(float(thickness[order][np.searchsorted(covered, THIN_SHARE)]))
    return float(np.median(found)) if found else np.inf


def _contoured(field: StackField) -> vtkPolyData:
    """The surface where the field is zero, in LPS mm, its triangles outwards."""
    layers, rows, columns = field.values.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, layers)
    image.GetPointData().SetScalars(numpy_to_vtk(field.values.reshape(-1), deep=False))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.0)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    mesh = edges.GetOutput()
    if not mesh.GetNumberOfPoints():
        return mesh
    index = vtk_to_numpy(mesh.GetPoints().GetData()).astype(np.float64)
    flat = index[:, :2] * field.pixel_mm + field.corner_mm
    along = np.interp(index[:, 2], np.arange(layers), field.heights_mm)  # layers need not be evenly spaced
    points = field.plane.to_patient(flat) + along[:, None] * field.plane.normal
    mesh.GetPoints().SetData(numpy_to_vtk(points, deep=True))
    return mesh  # VTK turns triangles towards falling values, which are outside; u, v and the normal are right-handed


def _smoothed(mesh: vtkPolyData, most_mm: float) -> vtkPolyData:
    """Smoothed, no point farther than `most_mm` from where it was."""
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputData(mesh)
    smooth.SetNumberOfIterations(SMOOTHING_ITERATIONS)
    smooth.SetPassBand(PASS_BAND)
    smooth.BoundarySmoothingOff()
    smooth.FeatureEdgeSmoothingOff()
    smooth.NonManifoldSmoothingOn()
    smooth.NormalizeCoordinatesOn()
    smooth.Update()
    result = smooth.GetOutput()
    before = vtk_to_numpy(mesh.GetPoints().GetData())
    moved = vtk_to_numpy(result.GetPoints().GetData()) - before
    lengths = np.linalg.norm(moved, axis=1)
    moved *= np.minimum(1.0, most_mm / np.maximum(lengths, 1e-12))[:, None]
    result.GetPoints().SetData(numpy_to_vtk(before + moved, deep=True))
    return result


def _turned(mesh: vtkPolyData) -> vtkPolyData:
    """Inside out."""
    turned = vtkReverseSense()
    turned.SetInputData(mesh)
    turned.Update()
    return turned.GetOutput()


def _joined(meshes: list[vtkPolyData]) -> vtkPolyData:
    if len(meshes) == 1:
        return meshes[0]
    together = vtkAppendPolyData()
    for one in meshes:
        together.AddInputData(one)
    together.Update()
    return together.GetOutput()


def _with_normals(mesh: vtkPolyData) -> vtkPolyData:
    normals = vtkPolyDataNormals()
    normals.SetInputData(mesh)
    normals.SplittingOff()
    normals.ConsistencyOff()  # they already are
    normals.Update()
    return normals.GetOutput()
