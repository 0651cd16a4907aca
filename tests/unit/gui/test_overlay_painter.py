"""Labels over images: readable over bone and over air, and painted once."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtGui import QColor, QFont, QImage, QPainter

from rtvis.gui.overlay_painter import paint_overlay
from rtvis.scene.overlay import Area, Label, Overlay


def painted(qapp, overlay, grey, ratio=1.0):
    image = QImage(round(160 * ratio), round(60 * ratio), QImage.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(grey, grey, grey))
    painter = QPainter(image)
    paint_overlay(painter, overlay, QFont(qapp.font()))
    painter.end()
    memory = image.constBits()
    memory.setsize(image.byteCount())
    return np.frombuffer(memory, np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int).mean(axis=2)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_letters_stand_out_on_any_grey(qapp, grey):
    seen = painted(qapp, Overlay(labels=(Label(20, 20, "56/111"),)), grey)
    light = seen > 180 if grey < 255 else (seen > 180) & (seen < 250)
    assert light.sum() > 20
    rows, columns = np.nonzero(light)
    around = seen[rows.min() - 2 : rows.max() + 3, columns.min() - 2 : columns.max() + 3]
    assert around.min() < 90  # the rim, also where the image is white


def test_a_label_stays_where_it_is_said_to_be_at_every_pixel_ratio(qapp):
    for ratio in (1.0, 2.0):
        seen = painted(qapp, Overlay(labels=(Label(80, 30, "H", (255, 255, 255), "mm", 20.0),)), 0, ratio) > 120
        rows, columns = np.nonzero(seen)
        assert (columns.mean() + 0.5) / ratio == pytest.approx(80, abs=1.5)
        assert (rows.mean() + 0.5) / ratio == pytest.approx(30, abs=2.5)


def test_an_area_is_painted_with_its_hole_open(qapp):
    square = np.array([[10.0, 10.0], [50.0, 10.0], [50.0, 50.0], [10.0, 50.0]])
    hole = 30 + (square - 30) / 2
    seen = painted(qapp, Overlay(areas=(Area((square, hole), (255, 255, 255), 0.4),)), 0)
    assert seen[15, 15] == pytest.approx(0.4 * 255, abs=2)
    assert seen[30, 30] == 0
    assert seen[5, 5] == 0
    assert (seen > 50).sum() == pytest.approx(40 * 40 - 20 * 20, rel=0.03)
