"""What stays over a view: the same picture when it is laid down again from what was kept."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtGui import QColor, QFont, QImage, QPainter

from rtvis.app.planes import PlaneKind
from rtvis.geometry.plane import Plane
from rtvis.gui import kept_pieces
from rtvis.gui.kept_pieces import KeptPieces, pieces_of
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import Area, Dot, Label, Overlay, Stroke, cursor_overlay

LINES = (
    Stroke(np.array([[100.3, 0.0], [100.3, 88.0]]), (240, 90, 60), 1.0, opacity=0.55),
    Stroke(np.array([[300.0, 180.0], [300.0, 185.0], [360.0, 185.0]]), (0, 0, 0), 3.5),
    Stroke(np.array([[300.0, 180.0], [300.0, 185.0], [360.0, 185.0]]), (205, 212, 220), 1.5),
)
EVERY = Overlay(
    LINES,
    (Dot(200.0, 60.5, (90, 200, 90)), Dot(204.0, 60.5, (200, 90, 90))),
    (
        Label(8, 8, "Axial", size=13, bold=True),
        Label(8, 26, "Slice 3 of 7", opacity=0.25),
        Label(392, 100, "L", (240, 205, 120), "rm", 15.0, bold=True),
    ),
)


def painted(paint, ratio=1.0, grey=120):
    image = QImage(round(400 * ratio), round(200 * ratio), QImage.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(grey, grey, grey))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    memory = image.constBits()
    memory.setsize(image.byteCount())
    return np.frombuffer(memory, np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("grey", [0, 120, 255])
def test_pictures_that_were_kept_look_as_what_they_were_made_of(qapp, ratio, grey):
    kept, font = KeptPieces(), QFont()
    first, *later = (painted(lambda painter: kept.paint(painter, EVERY, font), ratio, grey) for _ in range(3))
    assert (np.abs(first - grey) > 60).sum() > 300
    for one in later:
        assert np.abs(one - first).max() <= 3


@pytest.mark.parametrize("ratio", [1.25, 1.5, 1.75, 2.25])
def test_texts_do_not_move_when_they_are_kept_wherever_they_are(qapp, ratio):
    font = QFont()
    for x in range(41, 49):
        kept, overlay = KeptPieces(), Overlay(labels=(Label(x, 35 + x / 7, "SP", size=15.0, bold=True, anchor="mt"),))

        def paint(painter, kept=kept, overlay=overlay):
            painter.translate(3, 5)  # a view's corner in its window is between pixels of the device
            kept.paint(painter, overlay, font)

        first, later = painted(paint, ratio), painted(paint, ratio)
        assert np.abs(later - first).max() <= 3, x


def test_what_is_painted_the_second_time_is_not_painted_a_third_time(qapp, monkeypatch):
    kept, font = KeptPieces(), QFont()
    for _ in range(2):
        painted(lambda painter: kept.paint(painter, EVERY, font))
    monkeypatch.setattr(kept_pieces, "paint_overlay", lambda *_: pytest.fail("painted again"))
    monkeypatch.setattr(kept_pieces, "pieces_of", lambda *_: pytest.fail("made again"))
    painted(lambda painter: kept.paint(painter, EVERY, font))


def test_another_list_and_another_pixel_ratio_are_painted_as_they_are(qapp):
    kept, font = KeptPieces(), QFont()
    for _ in range(2):
        painted(lambda painter: kept.paint(painter, EVERY, font))
    other = Overlay(labels=EVERY.labels[:1])
    expected = painted(lambda painter: KeptPieces().paint(painter, other, font))
    assert np.array_equal(painted(lambda painter: kept.paint(painter, other, font)), expected)
    painted(lambda painter: kept.paint(painter, other, font))
    expected = painted(lambda painter: KeptPieces().paint(painter, other, font), 2.0)
    assert np.array_equal(painted(lambda painter: kept.paint(painter, other, font), 2.0), expected)


def test_pictures_hold_little_but_what_is_there_and_do_not_overlap(qapp):
    pieces = pieces_of(EVERY, QFont(), 1.0, 1e6)
    assert pieces is not None
    assert len(pieces) == 5  # the line, the bar, both dots, two lines of text, the letter
    held = np.zeros((260, 460), int)
    for piece in pieces:
        x, y = round(piece.corner.x()) + 30, round(piece.corner.y()) + 30
        held[y : y + piece.picture.height(), x : x + piece.picture.width()] += 1
    assert held.max() == 1
    assert held.sum() < 0.2 * 400 * 200


def test_the_cursor_is_kept_as_four_lines(qapp):
    framing = Framing(Plane([0, 0, 0], [1, 0, 0], [0, 1, 0])).resized(400, 200)
    cursor = cursor_overlay(framing, [3.25, -4.5, 0.0], PlaneKind.AXIAL)
    pieces = pieces_of(cursor, QFont(), 1.0, 0.2 * 400 * 200)
    assert pieces is not None
    assert len(pieces) == 4


def test_what_would_be_as_large_as_the_view_is_painted_each_time(qapp):
    slanted = Overlay((Stroke(np.array([[0.0, 0.0], [400.0, 200.0]]), (255, 255, 255), 1.0),))
    assert pieces_of(slanted, QFont(), 1.0, 0.2 * 400 * 200) is None
    area = Overlay(areas=(Area((np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]),), (255, 0, 0)),))
    assert pieces_of(area, QFont(), 1.0, 1e6) is None
    kept, font = KeptPieces(), QFont()
    first, second = (painted(lambda painter: kept.paint(painter, slanted, font)) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.max() > 200
