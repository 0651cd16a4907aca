"""A volume as it is rendered in 3D: no larger than what a screen can show of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import map_coordinates
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.progress import Report
    from rtvis.scene.ray import Ray
    from rtvis.scene.volume_image import VolumeImage

LARGEST_VOXELS = 8_000_000
"""Rendered voxels are at most so many: a cube of 200, which shows what a view has pixels for. VTK keeps normals and
gradients for each beside them, and computes these within half a second the first time."""


@dataclass(frozen=True, slots=True, eq=False)
class DisplayVolume:
    """Image data to be rendered, and where it stands.

    Attributes:
        image: along its own axes, in mm from the centre of its first voxel.
        matrix: ``(4, 4)``, takes these to patient LPS mm; a rotation and a shift.
        slope: takes scalars, with `intercept`, to the volume's units.
        intercept: see `slope`.
        factors: how many voxels (of slices, rows, columns) became one.
    """

    image: vtkImageData
    matrix: NDArray[np.float64]
    slope: float
    intercept: float
    factors: tuple[int, int, int]

    @property
    def vtk_matrix(self) -> vtkMatrix4x4:
        """`matrix` for VTK."""
        matrix = vtkMatrix4x4()
        matrix.DeepCopy(self.matrix.reshape(-1).tolist())
        return matrix

    @property
    def voxels(self) -> NDArray[np.generic]:
        """The scalars ``(slices, rows, columns)``; not a copy."""
        columns, rows, slices = self.image.GetDimensions()
        return np.asarray(vtk_to_numpy(self.image.GetPointData().GetScalars()).reshape(slices, rows, columns))

    @property
    def least_spacing_mm(self) -> float:
        """The shortest way between neighbouring voxels."""
        return float(min(self.image.GetSpacing()))

    def values_along(self, ray: Ray, step_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values, in the volume's units, along a ray, linear between voxels.

        Returns:
            Distances ``(n,)`` mm from the ray's origin, `step_mm` apart, and values there ``(n,)``; none where the ray
            passes by the volume.
        """
        turn, shift = self.matrix[:3, :3], self.matrix[:3, 3]
        own = type(ray)((ray.origin_lps_mm - shift) @ turn, ray.direction @ turn)
        spacing = np.array(self.image.GetSpacing())
        size = (np.array(self.image.GetDimensions()) - 1) * spacing
        through = own.through_box(np.zeros(3), size)
        if through is None:
            return np.empty(0), np.empty(0)
        distances = np.arange(through[0], through[1], step_mm)
        index_ijk = own.at(distances) / spacing
        values = map_coordinates(self.voxels, index_ijk.T[::-1], output=np.float64, order=1, mode="nearest")
        return distances, values * self.slope + self.intercept

    def normal_at(self, point_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit vector ``(3,)`` from high values to low ones at a patient point; zeros where values are all the same."""
        spacing = np.array(self.image.GetSpacing())
        index = ((point_lps_mm - self.matrix[:3, 3]) @ self.matrix[:3, :3]) / spacing
        around = np.concatenate([index + np.eye(3), index - np.eye(3)])
        values = map_coordinates(self.voxels, around.T[::-1], output=np.float64, order=1, mode="nearest")
        gradient = self.matrix[:3, :3] @ ((values[:3] - values[3:]) / spacing) * np.sign(self.slope)
        length = float(np.linalg.norm(gradient))
        return -gradient / length if length else np.zeros(3)


def display_volume(image: VolumeImage, report: Report = no_report) -> DisplayVolume:
    """What is rendered of a volume; where it is too large, the means of blocks of voxels.

    It may run in any thread, once `VolumeImage.whole` was asked for in the window's.

    Args:
        image: of the volume. A grid that is tilted or uneven comes as its resampled copy.
        report: called for each slice; ends the work by an exception.
    """
    whole = image.whole
    columns, rows, slices = whole.GetDimensions()
    spacing = np.array(whole.GetSpacing())[::-1]
    voxels = vtk_to_numpy(whole.GetPointData().GetScalars()).reshape(slices, rows, columns)
    factors = _factors(voxels.shape, spacing)
    direction = whole.GetDirectionMatrix()
    matrix = np.eye(4)
    matrix[:3, :3] = [[direction.GetElement(i, j) for j in range(3)] for i in range(3)]
    matrix[:3, 3] = whole.GetOrigin()
    if factors == (1, 1, 1):
        scalars = whole.GetPointData().GetScalars()  # the volume's own array
        shape = voxels.shape
    else:
        reduced = _block_means(voxels, factors, report)
        scalars, shape = numpy_to_vtk(reduced.reshape(-1), deep=False), reduced.shape
        # The mean of a block stands in its middle.
        matrix[:3, 3] += matrix[:3, :3] @ ((np.array(factors) - 1) / 2 * spacing)[::-1]
    data = vtkImageData()
    data.SetDimensions(*shape[::-1])
    data.SetSpacing(*(spacing * factors)[::-1].tolist())
    data.GetPointData().SetScalars(scalars)
    return DisplayVolume(data, matrix, image.slope, image.intercept, factors)


def _factors(shape: tuple[int, ...], spacing: NDArray[np.float64]) -> tuple[int, int, int]:
    """How many voxels become one along each axis: blocks as near to cubes as it goes."""
    factors = [1, 1, 1]
    while np.prod([-(-count // factor) for count, factor in zip(shape, factors, strict=True)]) > LARGEST_VOXELS:
        sizes = [spacing[n] * factors[n] if factors[n] < shape[n] else np.inf for n in range(3)]
        factors[int(np.argmin(sizes))] += 1
    return factors[0], factors[1], factors[2]


def _block_means(voxels: NDArray[np.generic], factors: tuple[int, int, int], report: Report) -> NDArray[np.generic]:
    """Means of blocks, of the same type; what is left over at an end makes a block of its own."""
    count = -(-voxels.shape[0] // factors[0])
    found = []
    for k in range(count):
        report(k, count)
        slab = voxels[k * factors[0] : (k + 1) * factors[0]].astype(np.float32)
        plane = slab.mean(axis=0)
        for axis, factor in ((0, factors[1]), (1, factors[2])):
            starts = np.arange(0, plane.shape[axis], factor)
            sizes = np.diff(np.append(starts, plane.shape[axis]))
            plane = np.add.reduceat(plane, starts, axis=axis) / np.expand_dims(sizes, 1 - axis).astype(np.float32)
        found.append(plane)
    means = np.stack(found)
    return means.astype(voxels.dtype) if voxels.dtype.kind == "f" else np.rint(means).astype(voxels.dtype)
