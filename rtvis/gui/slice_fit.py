"""Which part of a plane a view shows: all of it until it is zoomed or panned, whatever the size of the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.scene.slice_scene import SliceScene


class SliceFit:
    """Moves what a scene shows; places and sizes are logical pixels of the view.

    Args:
        scene: of the view.
    """

    def __init__(self, scene: SliceScene) -> None:
        self._scene = scene
        self._fitted = True

    def fit(self) -> None:
        """Show all of the volume, and keep to that until it is zoomed or panned."""
        self._fitted = True
        self._scene.fit()

    def show_at(self, mm_per_pixel: float, centre_lps_mm: NDArray[np.float64]) -> None:
        """Show a logical pixel of the view as so many mm, with the point ``(3,)`` LPS mm in the middle."""
        framing = self._scene.framing
        if framing is not None:
            self._fitted = False
            self._scene.zoom(framing.mm_per_pixel / mm_per_pixel, framing.width / 2, framing.height / 2)
            self._scene.centre_on(centre_lps_mm)

    def pan(self, dx: float, dy: float) -> None:
        """Move the image."""
        self._fitted = False
        self._scene.pan(dx, dy)

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Enlarge by `factor`; what is at (x, y) stays there."""
        self._fitted = False
        self._scene.zoom(factor, x, y)

    def resize(self, width: int, height: int, ratio: float) -> None:
        """Fit again, or show the same part as before where it was zoomed or panned.

        Args:
            width: of the view.
            height: of the view.
            ratio: device pixels in a logical one.
        """
        framing = self._scene.framing
        if framing is None:
            return
        scale = min(width, height) / min(framing.width, framing.height)
        self._scene.set_size(width, height, ratio)
        if self._fitted:
            self._scene.fit()
        elif scale > 0:  # what was seen stays seen when the window or a splitter changes
            self._scene.zoom(scale, width / 2, height / 2)

    def turn(self, view: ViewPlane, about_lps_mm: NDArray[np.float64]) -> None:
        """Show a plane that faces another way: fit it, or leave the point ``(3,)`` LPS mm where it was."""
        framing = self._scene.framing
        self._scene.set_view(view)
        if self._fitted:
            self._scene.fit()
        elif framing is not None:
            turned = framing.on(view.plane)
            moved = framing.patient_to_display(about_lps_mm) - turned.patient_to_display(about_lps_mm)
            self._scene.pan(*moved.tolist())
