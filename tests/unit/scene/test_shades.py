"""Colour maps on slices: the colour of a value is the one its share of the window has in the table."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.overlay_state import OverlayLook
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.scene.shades import overlay_shades, shades
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage

from .conftest import made_volume

MIDDLE = (100, 150)


@pytest.mark.parametrize("key", ["hot_iron", "viridis"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_value_has_the_colour_of_its_share_of_the_window(key, share):
    volume = made_volume(np.full((4, 30, 40), 200, np.int16))
    scene = SliceScene()
    scene.set_size(300, 200)
    scene.set_image(VolumeImage(volume))
    scene.set_view(VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.centre_lps_mm))
    scene.set_window(400, 200 - 400 * (share - 0.5))
    scene.set_color_map(COLOR_MAPS[key].table())
    expected = COLOR_MAPS[key].table()[round(255 * share)].astype(int)
    assert np.abs(scene.picture()[MIDDLE][2::-1].astype(int) - expected).max() <= 6
    scene.set_color_map(GRAY.table(inverse=True))
    assert scene.picture()[MIDDLE][:3] == pytest.approx(255 * (1 - share), abs=2)
    scene.set_color_map(None)
    assert scene.picture()[MIDDLE] == pytest.approx(255 * share, abs=2)
    scene.close()


def test_the_lowest_share_is_seen_through():
    table = shades(GRAY.table(), see_through=0.25)
    opacities = [table.GetTableValue(n)[3] for n in range(256)]
    assert opacities[:63] == [0.0] * 63
    assert opacities[64:] == [1.0] * 192
    assert table.GetTableValue(255)[:3] == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize("threshold", [-50.0, 40.0, 100.0, 100.5, 400.0])
def test_above_the_threshold_all_is_painted_and_nothing_below(threshold):
    look = OverlayLook(0.5, COLOR_MAPS["hot_iron"], bounds=(0.0, 100.0), threshold=threshold)
    table, ends = overlay_shades(look)
    table.SetTableRange(*ends)
    off = 0.002 * max(100.0, 100.0 - threshold)  # to a thousandth
    assert table.GetOpacity(threshold - off) == 0.0
    painted = [table.GetOpacity(value) for value in (threshold + off, threshold + 1000.0)]
    assert painted == pytest.approx([0.5] * 2, abs=0.01)
    seen = [0.0] * 3
    table.GetColor(max(threshold, 100.0) + off, seen)
    assert seen == pytest.approx(COLOR_MAPS["hot_iron"].table()[-1] / 255, abs=0.01)
