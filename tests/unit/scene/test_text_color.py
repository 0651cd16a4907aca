"""Names in the colours of ROIs can be read."""

from __future__ import annotations

import pytest

from rtvis.app.palette import ROI_PALETTE
from rtvis.scene.text_color import LEAST_CONTRAST, luminance, text_color


@pytest.mark.parametrize("color", [(0, 0, 0), (0, 0, 255), (255, 0, 0), (64, 0, 64), *ROI_PALETTE])
def test_every_colour_becomes_light_enough_and_keeps_its_hue(color):
    written = text_color(color)
    assert (luminance(written) + 0.05) / 0.05 >= LEAST_CONTRAST
    assert max(written) <= 255
    order = sorted(range(3), key=lambda n: color[n])
    assert [written[n] for n in order] == sorted(written)


def test_light_colours_stay_as_they_are():
    assert text_color((255, 220, 40)) == (255, 220, 40)
