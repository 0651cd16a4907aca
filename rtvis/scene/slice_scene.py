"""One plane of a volume in a VTK renderer: the image, its levels and its camera; lines over it are an overlay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  (registers the OpenGL classes)
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkImageProperty, vtkImageSlice
from vtkmodules.vtkRenderingImage import vtkImageResliceMapper

from rtvis.app.planes import VolumePlanes
from rtvis.scene.framing import Framing
from rtvis.scene.shades import shades

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
    from vtkmodules.vtkRenderingCore import vtkRenderer

    from rtvis.app.planes import ViewPlane
    from rtvis.scene.volume_image import VolumeImage

CAMERA_DISTANCE_MM = 1000.0
CLIPPING_HALF_DEPTH_MM = 10.0
"""The image is flat and faces the camera: a clipping range that follows the slice never cuts it."""

BACKGROUND = (0.0, 0.0, 0.0)


class SliceScene:
    """A slice view without its widget. Nothing here renders: change what is to change, then render once.

    After creation: `set_size`, `set_image`, `set_view`. All may be called again at any time, in any order; a volume's
    first plane is fitted to the size known by then.

    Attributes:
        framing: which part of the plane is shown; the closed form between display and patient (see its docstrings for
            the convention of coordinates).
        view: the plane shown, or None before `set_view`.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        """Build the scene in a renderer, which stays the caller's; its active camera is taken over."""
        self._renderer = renderer
        renderer.SetBackground(*BACKGROUND)
        renderer.GetActiveCamera().ParallelProjectionOn()
        self._plane = vtkPlane()
        self._mapper = vtkImageResliceMapper()
        self._mapper.ResampleToScreenPixelsOn()
        self._mapper.SliceFacesCameraOff()
        self._mapper.SliceAtFocalPointOff()
        self._mapper.BorderOn()
        self._mapper.SetSlicePlane(self._plane)
        self._property = vtkImageProperty()
        self._property.SetInterpolationTypeToLinear()
        self._actor = vtkImageSlice()
        self._actor.SetMapper(self._mapper)
        self._actor.SetProperty(self._property)
        self._image: VolumeImage | None = None
        self._planes: VolumePlanes | None = None
        self._window = (400.0, 40.0)
        self._size = (100.0, 100.0, 1.0)
        self._shown = False
        self.view: ViewPlane | None = None
        self.framing: Framing | None = None

    def set_image(self, image: VolumeImage | None, planes: VolumePlanes | None = None) -> None:
        """Show another volume (all views share one `VolumeImage`), or none.

        Args:
            image: the volume; None for contours without images, and for an empty view.
            planes: of the volume; made from it when not given. Without an image they tell what to fit.
        """
        self._image = image
        self._planes = planes if planes is not None or image is None else VolumePlanes(image.volume.grid)
        self.view = None
        self.framing = None
        self._show(visible=False)
        self._mapper.SetInputData(None)
        self.set_window(*self._window)

    def set_view(self, view: ViewPlane) -> None:
        """Show a plane of the volume; zoom and pan stay. The first plane after `set_image` is fitted."""
        first = self.framing is None
        self.view = view
        framing = self.framing
        self.framing = Framing(view.plane).resized(*self._size) if framing is None else framing.on(view.plane)
        if self._image is not None:
            self._mapper.SetInputData(self._image.for_view(view))
            self._plane.SetOrigin(*view.plane.origin_lps_mm.tolist())
            self._plane.SetNormal(*view.plane.normal.tolist())
            self._show(visible=True)
        if first:
            self.fit()
        self._aim()

    def set_size(self, width: float, height: float, device_pixel_ratio: float = 1.0) -> None:
        """The view's size in logical pixels; middle and scale stay."""
        self._size = (width, height, device_pixel_ratio)
        if self.framing is not None:
            self.framing = self.framing.resized(*self._size)
            self._aim()

    def set_window(self, width: float, level: float) -> None:
        """Window width and level in the volume's units."""
        self._window = (width, level)
        if self._image is not None:
            width, level = self._image.stored_window(width, level)
        self._property.SetColorWindow(width)
        self._property.SetColorLevel(level)

    def set_color_map(self, table: NDArray[np.uint8] | None) -> None:
        """Paint the window with colours ``(256, 3)``; None is grey, which the mapper has a quicker way for."""
        self._property.SetLookupTable(None if table is None else shades(table))

    def fit(self) -> None:
        """Show all of the volume."""
        if self.framing is None or self.view is None or self._planes is None:
            return
        self.framing = self.framing.fitted(self._planes.bounds(self.view))
        self._aim()

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Enlarge by `factor` about a display point, which stays where it is."""
        if self.framing is not None:
            self.framing = self.framing.zoomed(factor, x, y)
            self._aim()

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        if self.framing is not None:
            self.framing = self.framing.panned(dx, dy)
            self._aim()

    def centre_on(self, point_lps_mm: ArrayLike) -> None:
        """Move the image so that a patient point is in the middle."""
        if self.framing is not None:
            self.framing = self.framing.centred_on(point_lps_mm)
            self._aim()

    @property
    def is_interpolated(self) -> bool:
        """Whether what is shown is a resampled copy of an uneven or sheared volume: say so beside the image."""
        return self._image is not None and self.view is not None and self._image.is_interpolated(self.view)

    def display_to_patient(self, x: float, y: float) -> NDArray[np.float64] | None:
        """Patient point ``(3,)`` of continuous display coordinates; None while nothing is shown."""
        return None if self.framing is None else self.framing.display_to_patient(x, y)

    def pointer_to_patient(self, x: float, y: float) -> NDArray[np.float64] | None:
        """Patient point ``(3,)`` under a mouse event's local position; None while nothing is shown."""
        return None if self.framing is None else self.framing.pointer_to_patient(x, y)

    def patient_to_display(self, points_lps_mm: ArrayLike) -> NDArray[np.float64] | None:
        """Continuous display coordinates ``(..., 2)`` of patient points; None while nothing is shown."""
        return None if self.framing is None else self.framing.patient_to_display(points_lps_mm)

    def close(self) -> None:
        """Take everything out of the renderer and let it go."""
        self.set_image(None)
        self._mapper.SetSlicePlane(None)

    def _show(self, *, visible: bool) -> None:
        if visible and not self._shown:
            self._renderer.AddViewProp(self._actor)
        elif not visible and self._shown:
            self._renderer.RemoveViewProp(self._actor)
        self._shown = visible

    def _aim(self) -> None:
        """Set the camera from the framing: parallel, looking along cross(u, v), so that u is right and v is down."""
        framing = self.framing
        if framing is None:
            return
        plane = framing.plane
        focal = framing.display_to_patient(framing.width / 2, framing.height / 2)
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*focal.tolist())
        camera.SetPosition(*(focal - CAMERA_DISTANCE_MM * plane.normal).tolist())
        camera.SetViewUp(*(-plane.v).tolist())
        camera.SetParallelScale(framing.height * framing.mm_per_pixel / 2)
        camera.SetClippingRange(
            CAMERA_DISTANCE_MM - CLIPPING_HALF_DEPTH_MM, CAMERA_DISTANCE_MM + CLIPPING_HALF_DEPTH_MM
        )
