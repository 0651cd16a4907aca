"""Which part of a plane a view shows, and the closed form between its pixels and the patient.

Display coordinates here are continuous, in logical pixels of the view: x to the right, y DOWN, (0, 0) the outer corner
of the top left pixel, (0.5, 0.5) its centre (at a device pixel ratio of 1). A painter with antialiasing draws in the
same coordinates. A mouse position names a pixel, not a corner: `pointer_to_patient` adds the half device pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.planes import Bounds
    from rtvis.geometry.plane import Plane

FIT_MARGIN = 1.04
"""A fitted volume leaves 2 % of the view free on each side, so that its edge is seen to be its edge."""

KEY_DECIMALS = 6
"""Of mm: planes closer than this show the same. A slice come back to is nearly where it was, but for rounding."""

MM_PER_PIXEL_RANGE = (1e-3, 50.0)


@dataclass(frozen=True, slots=True, eq=False)
class Framing:
    """A window of `width` x `height` logical pixels onto a plane.

    Attributes:
        plane: u is right, v is down.
        centre_uv_mm: in-plane coordinates of the middle of the view.
        mm_per_pixel: scale, the same in both directions.
        width, height: size in logical pixels.
        device_pixel_ratio: device pixels in a logical one.
    """

    plane: Plane
    centre_uv_mm: tuple[float, float] = (0.0, 0.0)
    mm_per_pixel: float = 1.0
    width: float = 100.0
    height: float = 100.0
    device_pixel_ratio: float = 1.0

    @property
    def key(self) -> tuple[object, ...]:
        """The same for all framings that show the same part of the same plane in the same size."""
        plane = self.plane
        place = np.concatenate([plane.origin_lps_mm, plane.u, plane.v]).round(KEY_DECIMALS) + 0.0
        return (place.tobytes(), self.centre_uv_mm, self.mm_per_pixel, self.width, self.height, self.device_pixel_ratio)

    @property
    def device_size(self) -> tuple[int, int]:
        """Columns and rows of device pixels."""
        ratio = self.device_pixel_ratio
        return max(round(self.width * ratio), 1), max(round(self.height * ratio), 1)

    def display_to_patient(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Patient points ``(..., 3)`` LPS mm on the plane, of continuous display coordinates."""
        u = (np.asarray(x, dtype=np.float64) - self.width / 2) * self.mm_per_pixel + self.centre_uv_mm[0]
        v = (np.asarray(y, dtype=np.float64) - self.height / 2) * self.mm_per_pixel + self.centre_uv_mm[1]
        uv = np.empty((*np.broadcast_shapes(np.shape(u), np.shape(v)), 2))
        uv[..., 0], uv[..., 1] = u, v
        return self.plane.to_patient(uv)

    def pointer_to_patient(self, x: float, y: float) -> NDArray[np.float64]:
        """Patient point ``(3,)`` at the centre of the device pixel a mouse event names (``QMouseEvent.localPos()``)."""
        half = 0.5 / self.device_pixel_ratio
        return self.display_to_patient(x + half, y + half)

    def patient_to_display(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Continuous display coordinates ``(..., 2)`` of patient points ``(..., 3)``, dropped along the normal."""
        uv = self.plane.to_plane(points_lps_mm)
        return np.asarray((uv - self.centre_uv_mm) / self.mm_per_pixel + (self.width / 2, self.height / 2))

    def resized(self, width: float, height: float, device_pixel_ratio: float = 1.0) -> Framing:
        """The same middle and scale in a view of another size."""
        return replace(
            self, width=max(width, 1.0), height=max(height, 1.0), device_pixel_ratio=max(device_pixel_ratio, 0.1)
        )

    def on(self, plane: Plane) -> Framing:
        """The same frame on a parallel plane."""
        return replace(self, plane=plane)

    def fitted(self, bounds: Bounds) -> Framing:
        """The frame that shows all of `bounds`, centred."""
        wide, high = bounds.u_high - bounds.u_low, bounds.v_high - bounds.v_low
        scale = max(wide / self.width, high / self.height) * FIT_MARGIN
        centre = ((bounds.u_low + bounds.u_high) / 2, (bounds.v_low + bounds.v_high) / 2)
        return replace(self, centre_uv_mm=centre, mm_per_pixel=_in_range(scale))

    def zoomed(self, factor: float, x: float, y: float) -> Framing:
        """Larger by `factor`; the patient point at display (x, y) stays where it is."""
        scale = _in_range(self.mm_per_pixel / factor)
        change = self.mm_per_pixel - scale
        centre = (
            self.centre_uv_mm[0] + (x - self.width / 2) * change,
            self.centre_uv_mm[1] + (y - self.height / 2) * change,
        )
        return replace(self, centre_uv_mm=centre, mm_per_pixel=scale)

    def panned(self, dx: float, dy: float) -> Framing:
        """The image moved by (dx, dy) logical pixels."""
        u, v = self.centre_uv_mm
        return replace(self, centre_uv_mm=(u - dx * self.mm_per_pixel, v - dy * self.mm_per_pixel))

    def centred_on(self, point_lps_mm: ArrayLike) -> Framing:
        """The same scale with a patient point in the middle."""
        u, v = self.plane.to_plane(point_lps_mm)
        return replace(self, centre_uv_mm=(float(u), float(v)))


def _in_range(mm_per_pixel: float) -> float:
    low, high = MM_PER_PIXEL_RANGE
    return float(min(max(mm_per_pixel, low), high))
