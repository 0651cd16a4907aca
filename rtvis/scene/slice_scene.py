"""One plane of a volume as a picture: values, levels, and what is blended over them; lines are an overlay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from rtvis.app.planes import VolumePlanes
from rtvis.scene.framing import Framing
from rtvis.scene.shading import colored, shade_numbers
from rtvis.scene.slice_sampler import SliceSampler

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.scene.volume_image import VolumeImage


class Blend(Protocol):
    """What is blended over the image of a slice scene: a second series, a dose.

    It is asked only when the picture is made anew; one whose looks changed is given to its scene again (`set_blends`).
    """

    def blend(self, picture: NDArray[np.uint8], framing: Framing, view: ViewPlane, *, grey: bool = False) -> None:
        """Change a picture in place.

        Args:
            picture: ``(rows, columns, 4)`` device pixels, blue, green, red, 255; first row on top.
            framing: of the view; `rtvis.scene.slice_sampler.SliceSampler` gives another volume's values on it.
            view: the plane shown.
            grey: whether the three are the same in each pixel.
        """


class SliceScene:
    """A slice view without its widget, a renderer or a graphics card.

    After creation: `set_size`, `set_image`, `set_view`. All may be called again at any time, in any order; a volume's
    first plane is fitted to the size known by then. `picture` does the work, of what changed since the last one only.

    Attributes:
        framing: which part of the plane is shown; the closed form between display and patient (see its docstrings for
            the convention of coordinates).
        view: the plane shown, or None before `set_view`.
    """

    def __init__(self) -> None:
        self._sampler = SliceSampler()
        self._image: VolumeImage | None = None
        self._planes: VolumePlanes | None = None
        self._window = (400.0, 40.0)
        self._colors: NDArray[np.uint8] | None = None
        self._blends: tuple[Blend, ...] = ()
        self._size = (100.0, 100.0, 1.0)
        self._values: NDArray[np.floating] | None = None
        self._picture: NDArray[np.uint8] | None = None
        self.view: ViewPlane | None = None
        self.framing: Framing | None = None

    # --- the picture ---------------------------------------------------------------------------------------------

    def picture(self) -> NDArray[np.uint8] | None:
        """The image as it is to be painted, one array element or four to a device pixel, first row on top.

        Returns:
            ``(rows, columns)`` greys, or ``(rows, columns, 4)`` blue, green, red, 255 with a colour map or with
            something blended over; the same array until something changes. None without an image.
        """
        image, view, framing = self._image, self.view, self.framing
        if image is None or view is None or framing is None:
            return None
        if self._values is None:
            self._values, self._picture = self._sampler.sample(image.for_view(view), framing, image.within(view)), None
        if self._picture is None:
            width, level = image.stored_window(*self._window)
            picture = shade_numbers(self._values, max(width, 1e-9), level)
            if self._colors is not None or self._blends:
                picture = colored(picture, self._values, self._colors)
            for n, one in enumerate(self._blends):
                one.blend(picture, framing, view, grey=self._colors is None and n == 0)
            self._picture = picture
        return self._picture

    def values_changed(self) -> None:
        """The volume's array was filled on: the next picture takes its values anew."""
        self._values = None

    def set_blends(self, blends: tuple[Blend, ...]) -> None:
        """What is blended over the image, in turn; nothing costs nothing."""
        self._blends = blends
        self._picture = None

    def set_color_map(self, table: NDArray[np.uint8] | None) -> None:
        """Paint the window with colours ``(256, 3)``; None is grey, which is quicker."""
        self._colors = table
        self._picture = None

    def set_window(self, width: float, level: float) -> None:
        """Window width and level in the volume's units."""
        self._window = (width, level)
        self._picture = None

    # --- the plane -----------------------------------------------------------------------------------------------

    def set_image(self, image: VolumeImage | None, planes: VolumePlanes | None = None) -> None:
        """Show another volume (all views share one `VolumeImage`), or none.

        The same voxels in another unit (a PET in SUV) are on the same grid, and are shown in the same frame as before.

        Args:
            image: the volume; None for contours without images, and for an empty view.
            planes: of the volume; made from it when not given. Without an image they tell what to fit.
        """
        if not _same_grid(image, self._image):
            self.view = None
            self.framing = None
        self._image = image
        self._planes = planes if planes is not None or image is None else VolumePlanes(image.volume.grid)
        self._values = self._picture = None
        self._sampler.release()

    def set_view(self, view: ViewPlane) -> None:
        """Show a plane of the volume; zoom and pan stay. The first plane after `set_image` is fitted."""
        first = self.framing is None
        self.view = view
        self._frame(Framing(view.plane).resized(*self._size) if self.framing is None else self.framing.on(view.plane))
        if first:
            self.fit()

    def set_size(self, width: float, height: float, device_pixel_ratio: float = 1.0) -> None:
        """The view's size in logical pixels; middle and scale stay."""
        self._size = (width, height, device_pixel_ratio)
        if self.framing is not None:
            self._frame(self.framing.resized(*self._size))

    def fit(self) -> None:
        """Show all of the volume."""
        if self.framing is None or self.view is None or self._planes is None:
            return
        self._frame(self.framing.fitted(self._planes.bounds(self.view)))

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Enlarge by `factor` about a display point, which stays where it is."""
        if self.framing is not None:
            self._frame(self.framing.zoomed(factor, x, y))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        if self.framing is not None:
            self._frame(self.framing.panned(dx, dy))

    def centre_on(self, point_lps_mm: ArrayLike) -> None:
        """Move the image so that a patient point is in the middle."""
        if self.framing is not None:
            self._frame(self.framing.centred_on(point_lps_mm))

    def _frame(self, framing: Framing) -> None:
        self.framing = framing
        self._values = None

    @property
    def is_interpolated(self) -> bool:
        """Whether what is shown is a resampled copy of an uneven or sheared volume: say so beside the image."""
        return self._image is not None and self.view is not None and self._image.is_interpolated(self.view)

    def pointer_to_patient(self, x: float, y: float) -> NDArray[np.float64] | None:
        """Patient point ``(3,)`` under a mouse event's local position; None while nothing is shown."""
        return None if self.framing is None else self.framing.pointer_to_patient(x, y)

    def patient_to_display(self, points_lps_mm: ArrayLike) -> NDArray[np.float64] | None:
        """Continuous display coordinates ``(..., 2)`` of patient points; None while nothing is shown."""
        return None if self.framing is None else self.framing.patient_to_display(points_lps_mm)

    def close(self) -> None:
        """Let everything go."""
        self.set_image(None)
        self._blends = ()


def _same_grid(one: VolumeImage | None, other: VolumeImage | None) -> bool:
    return one is not None and other is not None and one.volume.grid is other.volume.grid
