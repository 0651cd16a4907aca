"""Which pixels of a plane have values in a range, as a picture to lay over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.palette import Rgb
    from rtvis.app.slice_image import SliceImage
    from rtvis.scene.framing import Framing

TINT_ALPHA = 92


def range_tint(image: SliceImage, low: float, high: float, color: Rgb) -> NDArray[np.uint8]:
    """A picture ``(rows, columns, 4)``, red, green, blue, alpha: a colour where values are from `low` to `high`.

    Args:
        image: the values; NaN is in no range.
        low: least value, in the volume's units.
        high: largest one.
        color: of the pixels in the range.
    """
    inside = (image.values >= low) & (image.values <= high)
    picture = np.zeros((*image.values.shape, 4), dtype=np.uint8)
    picture[inside] = (*color, TINT_ALPHA)
    return picture


def image_box(image: SliceImage, framing: Framing) -> tuple[float, float, float, float]:
    """Outer edges of an image's pixels on the display: (left, top, right, bottom) in logical pixels.

    Args:
        image: on the plane of the view.
        framing: of the view.
    """
    rows, columns = image.values.shape
    corners = image.coordinates([-0.5, rows - 0.5], [-0.5, columns - 0.5])
    (left, top), (right, bottom) = framing.patient_to_display(image.plane.to_patient(corners)).tolist()
    return left, top, right, bottom
