"""Colour maps are what the standard says where it names them, and each shade says one value."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID

from rtvis.app.color_maps import COLOR_MAPS, GRAY, color_map

WELL_KNOWN = {
    "hot_iron": "1.2.840.10008.1.5.1",
    "pet": "1.2.840.10008.1.5.2",
    "hot_metal_blue": "1.2.840.10008.1.5.3",
    "pet_20_step": "1.2.840.10008.1.5.4",
}


@pytest.mark.parametrize("key", WELL_KNOWN)
def test_palettes_of_the_standard_are_its_palettes(key):
    """PS3.6 Annex B, to the rounding of its tables."""
    ramp = np.arange(256, dtype=np.uint8)[None]
    standard = apply_color_lut(ramp, palette=UID(WELL_KNOWN[key]))[0].astype(int)
    assert np.abs(COLOR_MAPS[key].table().astype(int) - standard).max() <= 4


def test_grey_is_the_ramp_and_inverse_turns_every_map_round():
    assert np.array_equal(GRAY.table(), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
    for one in COLOR_MAPS.values():
        assert np.array_equal(one.table(inverse=True), one.table()[::-1])
        assert one.table().shape == (256, 3)


def test_an_unknown_key_is_grey():
    assert color_map("of another version") is GRAY
