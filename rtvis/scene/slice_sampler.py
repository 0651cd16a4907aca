"""Values of a volume at the pixels of a view: any plane, linearly interpolated, without a graphics card.

VTK's reslicing filter is the one that its slice mapper uses too. Called directly it gives the same numbers in a few
milliseconds, while on software OpenGL the way of a picture through textures, frame buffers and the composing of the
window costs five times as much (`assets/docs/views.md` has the figures).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import VTK_DOUBLE, VTK_FLOAT
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkImagingCore import vtkImageReslice

from rtvis.scene.within_grid import columns_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid
    from rtvis.scene.framing import Framing

OUTSIDE = np.float32(-1e30)
"""Stands for "no voxel here"; far below any value a file can hold that is not itself meant as such a mark."""

DRIFT_VOXELS = 1e-5
"""Directions that leave an axis of the voxels by less than this over a whole view follow it: sines left over from
rounding would send a picture of a native slice the way of oblique ones, which takes five times as long."""

WIDEST_SINGLE_BYTES = 2
"""Integers of so many bytes are the same in single precision."""


class SliceSampler:
    """Takes image data to the device pixels of a framing; keeps nothing but the filter and its last result.

    Args:
        border: whether voxels reach half a gap beyond their centres; a dose says nothing beyond them.
    """

    def __init__(self, *, border: bool = True) -> None:
        self._reslice = vtkImageReslice()
        self._reslice.SetInterpolationModeToLinear()
        self._reslice.SetOutputDimensionality(2)
        self._reslice.SetOutputScalarType(VTK_FLOAT)
        self._reslice.SetOutputSpacing(1, 1, 1)
        self._reslice.SetOutputOrigin(0, 0, 0)
        self._reslice.SetBackgroundLevel(float(OUTSIDE))
        self._reslice.SetBorder(border)
        self._matrix = vtkMatrix4x4()
        self._image: vtkImageData | None = None
        self._to_index = np.eye(4)

    def sample(self, image: vtkImageData, framing: Framing, within: Grid | None = None) -> NDArray[np.floating]:
        """Stored values at the centres of a view's device pixels.

        Args:
            image: any direction matrix.
            framing: of the view; its plane is cut.
            within: beyond this grid there is no voxel either: the box that holds a tilted stack has corners beside it.

        Returns:
            ``(rows, columns)`` float32, or float64 of wider stored values; first row on top, `OUTSIDE` where there is
            no voxel. Valid until the next call.
        """
        if image is not self._image:
            self._take(image)
        columns, rows = framing.device_size
        to_patient = _pixels_to_patient(framing)
        matrix = self._to_index @ to_patient
        matrix[:3, :3][np.abs(matrix[:3, :3]) * max(columns, rows) < DRIFT_VOXELS] = 0.0
        self._matrix.DeepCopy(matrix.reshape(-1).tolist())
        self._reslice.SetResliceAxes(self._matrix)
        self._reslice.SetOutputExtent(0, columns - 1, 0, rows - 1, 0, 0)
        self._reslice.Modified()  # of a matrix that changed in place the filter would not hear
        self._reslice.Update()
        scalars = self._reslice.GetOutput().GetPointData().GetScalars()
        values: NDArray[np.floating] = vtk_to_numpy(scalars).reshape(rows, columns)
        if within is not None:
            spans = zip(*columns_within(within, to_patient, (columns, rows)), strict=True)
            for row, (first, last) in zip(values, spans, strict=True):
                row[:first] = OUTSIDE
                row[max(first, last) :] = OUTSIDE
        return values

    def release(self) -> None:
        """Let go of the image."""
        self._reslice.SetInputData(None)
        self._image = None

    def _take(self, image: vtkImageData) -> None:
        """The same array as an image whose coordinates are its indices: what lies where is all in one matrix."""
        indexed = vtkImageData()
        indexed.SetExtent(*image.GetExtent())
        scalars = image.GetPointData().GetScalars()
        indexed.GetPointData().SetScalars(scalars)
        # Numbers of 32 bits aren't told apart in single precision.
        is_wide = scalars.GetDataTypeSize() > WIDEST_SINGLE_BYTES and scalars.GetDataType() != VTK_FLOAT
        self._reslice.SetOutputScalarType(VTK_DOUBLE if is_wide else VTK_FLOAT)
        self._reslice.SetInputData(indexed)
        self._image = image
        matrix = image.GetPhysicalToIndexMatrix()
        self._to_index = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])


def _pixels_to_patient(framing: Framing) -> NDArray[np.float64]:
    """The affine ``(4, 4)`` from (column, row, depth in mm, 1) of device pixels to LPS mm."""
    plane, size = framing.plane, framing.mm_per_pixel / framing.device_pixel_ratio
    half = 0.5 / framing.device_pixel_ratio
    matrix = np.eye(4)
    matrix[:3, 0] = size * plane.u
    matrix[:3, 1] = size * plane.v
    matrix[:3, 2] = plane.normal
    matrix[:3, 3] = framing.display_to_patient(half, half)
    return matrix
