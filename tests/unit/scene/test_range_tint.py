"""Which pixels are tinted, and where the tint lies."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.slice_image import SliceImage
from rtvis.geometry.plane import Plane
from rtvis.scene.framing import Framing
from rtvis.scene.range_tint import TINT_ALPHA, image_box, range_tint

TURN = np.radians(20)
PLANE = Plane([5.0, -8, 3], [np.cos(TURN), np.sin(TURN), 0], [0, 0, -1])


def test_values_in_the_range_are_tinted_ends_included_and_nan_is_not():
    values = np.array([[0, 10, 20], [np.nan, 15, 21]], dtype=np.float32)
    image = SliceImage(values, PLANE, (0.0, 0.0), (1.0, 1.0))
    tint = range_tint(image, 10, 20, (200, 100, 50))
    assert tint[..., 3].tolist() == [[0, TINT_ALPHA, TINT_ALPHA], [0, TINT_ALPHA, 0]]
    assert tint[0, 1].tolist() == [200, 100, 50, TINT_ALPHA]


def test_the_tint_lies_on_the_pixels_of_the_image():
    image = SliceImage(np.zeros((4, 6), dtype=np.float32), PLANE, (-7.0, 2.0), (1.5, 3.0))
    framing = Framing(PLANE, (1.0, 2.0), 0.5, 300, 200)
    left, top, right, bottom = image_box(image, framing)
    assert (right - left, bottom - top) == pytest.approx((6 * 1.5 / 0.5, 4 * 3.0 / 0.5))
    first = framing.patient_to_display(PLANE.to_patient([-7.0, 2.0]))
    assert first == pytest.approx([left + 1.5 / 2 / 0.5, top + 3.0 / 2 / 0.5])
