"""Painted contours that are kept: the same pixels as painted at once, within a bound of memory, made ahead."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QFont, QImage, QPainter

from rtvis.geometry.plane import Plane
from rtvis.gui.contour_layers import ContourLayers, Layer, painted_box, painted_layer, trimmed
from rtvis.gui.overlay_painter import paint_overlay
from rtvis.gui.slice_ahead import SLICES_AHEAD, SliceAhead
from rtvis.gui.slice_canvas import image_of
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import Area, Dot, Overlay, Stroke

from .conftest import settle

PLANE = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
SQUARE = np.array([[20.0, 30.0], [70.5, 30.0], [70.5, 60.25], [20.0, 60.25]])


def pixels_of(image):
    copy = image.convertToFormat(QImage.Format_RGB32)
    memory = copy.constBits()
    memory.setsize(copy.sizeInBytes())
    return np.frombuffer(memory, np.uint8).reshape(copy.height(), copy.width(), 4)[..., :3].astype(int)


def painted(size, ratio, paint):
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.darkGray)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return pixels_of(image)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("shift", [0.0, -45.3, 60.7])
def test_a_layer_is_what_painting_at_once_gives(qapp, ratio, shift):
    """Also where lines leave the view."""
    framing = Framing(PLANE).resized(100, 80, ratio)
    overlay = Overlay(
        strokes=(
            Stroke(SQUARE + shift, (250, 40, 30), 1.6, closed=True),
            Stroke(SQUARE / 2, (20, 200, 40), dashed=True),
        ),
        dots=(Dot(80.0 + shift, 20.0, (0, 0, 255)),),
        areas=(Area((SQUARE * 0.7,), (90, 90, 250), 0.4),),
    )
    font = QFont()
    whole = painted((100, 80), ratio, lambda painter: paint_overlay(painter, overlay, font))
    layer = painted_layer(overlay, framing, font)
    laid = painted((100, 80), ratio, layer.paint)
    assert np.abs(whole - 128).max() > 50
    assert np.abs(whole - laid).max() <= 6  # premultiplied bytes are rounded once more


def test_nothing_to_be_seen_takes_no_memory(qapp):
    framing = Framing(PLANE).resized(100, 80)
    beside = Overlay(strokes=(Stroke(SQUARE + 1000.0, (250, 40, 30)),))
    layers = ContourLayers()
    layers.keep("none", painted_layer(Overlay(), framing, QFont()))
    layers.keep("beside", painted_layer(beside, framing, QFont()))
    assert layers._held == 0
    assert painted((100, 80), 1.0, layers.get("beside").paint).max() == 128


def test_what_was_not_asked_for_the_longest_goes_first(qapp):
    framing = Framing(PLANE).resized(100, 80)
    layer = painted_layer(Overlay(strokes=(Stroke(SQUARE, (250, 40, 30)),)), framing, QFont())
    size = layer.picture.sizeInBytes()
    layers = ContourLayers(2 * size)
    for key in "ab":
        layers.keep(key, layer)
    layers.get("a")
    layers.keep("c", layer)
    assert [key in layers for key in "abc"] == [True, False, True]
    assert layers._held == 2 * size
    layers.keep("c", layer)
    assert layers._held == 2 * size
    layers.clear()
    assert (layers._held, "a" in layers) == (0, False)


def test_framings_of_the_same_part_of_a_plane_share_a_key():
    framing = Framing(PLANE).resized(100, 80)
    assert framing.key == Framing(PLANE.through([0, 0, 1e-9])).resized(100, 80).key
    others = [
        framing.on(PLANE.through([0, 0, 0.5])),
        framing.zoomed(1.1, 3, 4),
        framing.panned(1, 0),
        framing.resized(100, 81),
        framing.resized(100, 80, 2.0),
    ]
    assert len({framing.key, *(one.key for one in others)}) == 6


def test_slices_are_painted_ahead_one_at_a_time_the_way_one_scrolls(qapp):
    asked = []

    def paint(stride_mm, steps):
        assert stride_mm * steps > 0
        asked.append(steps)
        return steps != -2  # the second is there already

    ahead = SliceAhead(paint, qapp)
    ahead.moved(-2.5)
    ahead.painted()
    ahead.work()
    assert asked == [-1]
    ahead.work()
    assert asked == [-1, -2, -3]
    ahead.work()
    assert len(asked) == SLICES_AHEAD
    ahead.painted()  # again, where it is
    ahead.work()
    assert len(asked) == SLICES_AHEAD
    ahead.moved(2.5)
    ahead.painted()
    ahead.work()
    assert asked[-1] == 1
    ahead.stop()
    ahead.work()
    assert asked[-1] == 1
    ahead.deleteLater()
    settle()


# --- in a window ---------------------------------------------------------------------------------------------------


def glass_pixels(view):
    return pixels_of(view.grab().toImage())


def test_a_slice_painted_ahead_looks_as_one_painted_when_shown(axial, mouse):
    axial.step(1)
    glass_pixels(axial)
    axial._ahead.work()
    layers = axial._overlay._layers
    kept = len(layers._kept)
    axial.step(1)
    ahead = glass_pixels(axial)
    assert len(layers._kept) == kept  # the one that was made ahead was used
    layers.clear()
    axial.contours_changed()
    np.testing.assert_array_equal(glass_pixels(axial), ahead)


def test_a_cursor_that_goes_on_between_voxels_is_met_by_what_was_painted_ahead(window):
    coronal = window.views.view("coronal")
    place, stride = window.session.cursor_lps + np.array([0.0, 0.3, 0.0]), 0.8 * coronal.plane.gap_mm
    window.session.move_cursor(place)
    glass_pixels(coronal)
    window.session.move_cursor(place + np.array([0.0, stride, 0.0]))
    glass_pixels(coronal)
    layers = coronal._overlay._layers
    for steps in (2, 3):
        coronal._ahead.work()
        kept = len(layers._kept)
        window.session.move_cursor(place + np.array([0.0, steps * stride, 0.0]))
        glass_pixels(coronal)
        assert len(layers._kept) == kept


def test_levels_and_the_cursor_leave_contours_as_they_were_painted(window, axial, monkeypatch):
    glass_pixels(axial)
    monkeypatch.setattr(axial._overlay, "_laid_out", lambda *_: pytest.fail("contours were laid out again"))
    window.session.set_window(300.0, 20.0)
    glass_pixels(axial)
    x, y, z = window.session.cursor_lps
    window.session.move_cursor([x + 3.0, y - 2.0, z])
    glass_pixels(axial)


def test_an_edit_is_seen_though_the_slice_was_kept(window, axial):
    before = glass_pixels(axial)
    window.session.set_roi_visible(1, visible=False)
    assert not np.array_equal(glass_pixels(axial), before)
    window.session.set_roi_visible(1, visible=True)
    np.testing.assert_array_equal(glass_pixels(axial), before)


def test_the_canvas_paints_device_pixels(qapp):
    greys = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(pixels_of(image_of(greys))[..., 0], greys)
    colors = np.zeros((3, 4, 4), np.uint8)
    colors[..., 0], colors[..., 2] = 9, greys
    shown = pixels_of(image_of(colors))
    np.testing.assert_array_equal(shown[..., 2], greys)
    assert (shown[..., 0] == 9).all()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("opacity", [1.0, 0.25])
def test_a_layer_without_margins_looks_the_same(qapp, ratio, opacity):
    overlay = Overlay(strokes=(Stroke(SQUARE, (250, 40, 30), 1.6, closed=True),))
    layer = painted_box(overlay, (5.0, 7.0, 95.0, 78.0), ratio, QFont())

    def fade(painter):
        painter.setOpacity(opacity)
        layer.paint(painter)

    less = trimmed(layer, opacity)
    if ratio == round(ratio):
        assert less.picture.width() < 56 * ratio
        assert less.picture.height() < 36 * ratio
    whole = painted((100, 80), ratio, fade)
    assert np.abs(whole - 128).max() > 20
    assert np.abs(whole - painted((100, 80), ratio, less.paint)).max() <= 3


def test_a_layer_that_holds_nothing_has_no_picture_without_its_margins(qapp):
    empty = painted_box(Overlay(), (0.0, 0.0, 9.0, 9.0), 1.0, QFont())
    assert empty.picture is not None
    assert trimmed(empty).picture is None
    assert trimmed(Layer(None, QPointF())).picture is None
