"""A volume as VTK image data: the volume's own array, not a copy of it, shared by all views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData

from rtvis.app.planes import PlaneKind
from rtvis.surfaces.even_grid import resampled_evenly

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.geometry.grid import Grid
    from rtvis.model.volume import Volume

PLACEMENT_TOLERANCE_MM = 0.02
"""Image data with orthogonal, even axes stands for a grid when no slice is further than this from where it is."""


class VolumeImage:
    """Image data of one volume.

    Image data is a box of even, orthogonal axes. A grid that is one (nearly all are) is shown through a single image
    over the volume's array. Where gaps are uneven or slices are sheared, each native slice is an image of its own, at
    its own place, and other planes and 3D show a resampled copy, made when first asked for and marked as interpolated.

    Attributes:
        volume: what is shown.
        slope, intercept: take the image's scalars to the volume's units.
    """

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        rescale = volume.rescale
        if rescale is not None and rescale[0] > 0:
            self.slope, self.intercept = rescale
            native = volume.voxels.dtype.newbyteorder("=")
            self._voxels: NDArray[np.generic] = np.ascontiguousarray(volume.voxels, dtype=native)
        else:
            # Slices that differ in slope (PET), or a slope that turns black and white: values, not stored numbers.
            self.slope, self.intercept = 1.0, 0.0
            self._voxels = volume.values
        self._fits = _is_box(volume)
        self._whole: vtkImageData | None = None
        self._resampled: NDArray[np.generic] | None = None
        self._slice: tuple[int, vtkImageData] | None = None

    def for_view(self, view: ViewPlane) -> vtkImageData:
        """The image that a view plane is cut from."""
        if self._fits or not view.native or view.slice_index is None:
            return self.whole
        if self._slice is None or self._slice[0] != view.slice_index:
            self._slice = (view.slice_index, self._one_slice(view.slice_index))
        return self._slice[1]

    def is_interpolated(self, view: ViewPlane) -> bool:
        """Whether a view shows what lies between voxels of the volume: to be said beside the image."""
        return view.kind is PlaneKind.OBLIQUE or (not self.volume.grid.regular and not view.native)

    def within(self, view: ViewPlane | None = None) -> Grid | None:
        """The grid beyond which an image (that of a view, else `whole`) is none of the volume; None where all of it is.

        The box of a resampled copy has corners beside a tilted stack.
        """
        is_slice = view is not None and view.native and view.slice_index is not None
        return None if self._fits or is_slice else self.volume.grid

    @property
    def whole(self) -> vtkImageData:
        """All of the volume in one image; a resampled copy where the grid is uneven or sheared."""
        if self._whole is None:
            grid = self.volume.grid
            if self._fits:
                self._whole = _image(self._voxels, grid.slice_origins_lps_mm[0], _axes(self.volume), grid.spacing_mm)
            else:
                even, self._resampled = resampled_evenly(grid, self._voxels)
                axes = np.column_stack([even.row_direction, even.column_direction, even.normal])
                self._whole = _image(self._resampled, even.slice_origins_lps_mm[0], axes, even.spacing_mm)
        return self._whole

    def values_changed(self) -> bool:
        """The volume's array was filled on: have it drawn anew. False where what is shown is a copy, made before."""
        if not self._fits or not np.may_share_memory(self._voxels, self.volume.voxels):
            return False
        self.whole.GetPointData().GetScalars().Modified()
        self.whole.Modified()
        return True

    def stored_window(self, width: float, level: float) -> tuple[float, float]:
        """A window in the volume's units as (width, level) of the scalars (PS3.3 C.11.2.1.3.2, LINEAR_EXACT)."""
        return width / self.slope, (level - self.intercept) / self.slope

    def _one_slice(self, k: int) -> vtkImageData:
        grid = self.volume.grid
        return _image(self._voxels[k : k + 1], grid.slice_origins_lps_mm[k], _axes(self.volume), grid.spacing_mm)


def _axes(volume: Volume) -> NDArray[np.float64]:
    """Orthonormal ``(3, 3)``: columns are the directions of row index, column index and slices."""
    grid = volume.grid
    row, normal = grid.row_direction, grid.normal
    stack = normal if float(grid.affine_lps[:3, 2] @ normal) > 0 else -normal
    return np.column_stack([row, np.cross(normal, row), stack])


def _is_box(volume: Volume) -> bool:
    grid = volume.grid
    origins = grid.slice_origins_lps_mm
    steps = np.arange(len(origins))[:, None] * grid.spacing_mm[0] * _axes(volume)[:, 2]
    return bool(np.all(np.abs(origins[0] + steps - origins) <= PLACEMENT_TOLERANCE_MM))


def _image(
    voxels: NDArray[np.generic], origin: ArrayLike, axes: NDArray[np.float64], spacing_mm: tuple[float, float, float]
) -> vtkImageData:
    """Image data over an array ``(slices, rows, columns)`` without copying it; VTK keeps the array alive."""
    slices, rows, columns = voxels.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    image.SetSpacing(spacing_mm[2], spacing_mm[1], spacing_mm[0])
    image.SetOrigin(*np.asarray(origin, dtype=np.float64).tolist())
    image.SetDirectionMatrix(*axes.reshape(-1).tolist())
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1), deep=False))
    return image
