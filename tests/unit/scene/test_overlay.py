"""What lies over an image, and how it is painted into a picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from rtvis.app.contour_style import ContourLook, ContourStyle
from rtvis.app.palette import PLANE_COLORS
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.scene.contour_lines import Line, RoiLines
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import (
    Area,
    Dot,
    Label,
    Overlay,
    Stroke,
    contours_overlay,
    cursor_overlay,
    edges_overlay,
    scale_bar_overlay,
)
from rtvis.scene.overlay_painter import paint

from .conftest import landmark_voxels, made_volume


@pytest.fixture
def framing():
    volume = made_volume(landmark_voxels())
    planes = VolumePlanes(volume.grid)
    view = planes.at(PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    return Framing(view.plane).resized(200, 100).fitted(planes.bounds(view)), view


def painted(overlay, size=(60, 40)):
    picture = Image.new("RGB", size)
    paint(picture, overlay, (0, 0), size)
    return np.asarray(picture).astype(int)


def test_letters_stand_at_their_edges(framing):
    frame, view = framing
    labels = {label.text: (label.x, label.y) for label in edges_overlay(frame, view).labels}
    assert labels["R"][0] < 20
    assert labels["L"][0] > 180
    assert labels["A"][1] < 20
    assert labels["P"][1] > 80


@pytest.mark.parametrize("mm_per_pixel", [0.013, 0.4, 1.0, 3.7])
def test_the_scale_bar_is_as_long_as_it_says(framing, mm_per_pixel):
    frame = Framing(framing[0].plane, (0, 0), mm_per_pixel, 200, 100)
    overlay = scale_bar_overlay(frame)
    number, unit = overlay.labels[0].text.split()
    points = overlay.strokes[0].points
    length_mm = (points[:, 0].max() - points[:, 0].min()) * mm_per_pixel
    assert length_mm == pytest.approx(float(number) * {"cm": 10, "mm": 1}[unit])
    assert length_mm / mm_per_pixel <= 50 + 1e-9


def test_cursor_lines_have_the_colours_of_the_other_planes(framing):
    frame, view = framing
    strokes = cursor_overlay(frame, frame.display_to_patient(50, 30), view.kind).strokes
    upright = [one for one in strokes if np.ptp(one.points[:, 0]) == 0]
    level = [one for one in strokes if np.ptp(one.points[:, 1]) == 0]
    assert {one.color for one in upright} == {PLANE_COLORS[PlaneKind.SAGITTAL]}
    assert {one.color for one in level} == {PLANE_COLORS[PlaneKind.CORONAL]}
    assert upright[0].points[0, 0] == pytest.approx(50)
    assert level[0].points[0, 1] == pytest.approx(30)


def test_a_line_is_painted_where_its_coordinates_say():
    # From pixel corner to pixel corner: exactly the pixels of row 20 when the line is in their middle.
    pixels = painted(Overlay((Stroke(np.array([[10.0, 20.5], [30.0, 20.5]]), (255, 0, 0), width=1.0),)))
    rows, columns = np.nonzero(pixels[..., 0] > 200)
    assert set(rows) == {20}
    assert columns.min() in (10, 9)
    assert columns.max() in (29, 30)


def test_dashed_lines_have_gaps_and_faint_ones_are_faint():
    points = np.array([[5.0, 10.5], [55.0, 10.5]])
    dashed = painted(Overlay((Stroke(points, (0, 255, 0), dashed=True),)))[10, 5:55, 1]
    assert 0.4 < (dashed > 128).mean() < 0.8
    faint = painted(Overlay((Stroke(points, (0, 255, 0), opacity=0.5),)))[10, 30, 1]
    assert faint == pytest.approx(128, abs=3)


def test_lines_far_outside_are_cut_off():
    far = np.array([[-1e7, 20.5], [1e7, 20.5], [1e7, -1e7]])
    pixels = painted(Overlay((Stroke(far, (255, 255, 255), dashed=False),)))
    assert pixels[20, :, 0].min() > 150


def test_dots_and_texts_are_painted():
    pixels = painted(Overlay(dots=(Dot(20.5, 20.5, (0, 0, 255)),), labels=(Label(58, 2, "Äé", anchor="rt"),)))
    assert pixels[20, 20, 2] == 255
    assert pixels[0:18, 35:58].max() > 150


SQUARE = np.array([[10.0, 10.0], [40.0, 10.0], [40.0, 30.0], [10.0, 30.0]])


def test_an_area_is_filled_by_the_even_odd_rule_and_lets_what_is_below_through():
    hole = 25.0 + (SQUARE - [25.0, 20.0]) * 0.4 + [0.0, -5.0]
    pixels = painted(Overlay(areas=(Area((SQUARE, hole), (200, 100, 0), 0.5),)))
    assert pixels[12, 12].tolist() == pytest.approx([100, 50, 0], abs=2)
    assert pixels[20, 25].tolist() == [0, 0, 0]
    assert pixels[5, 5].tolist() == [0, 0, 0]
    assert (pixels[..., 0] > 50).sum() == pytest.approx(30 * 20 * (1 - 0.16), rel=0.03)


def test_contours_are_filled_with_their_holes_open_and_lines_left_out_when_asked(framing):
    frame, view = framing
    outer = view.plane.to_patient(SQUARE)
    inner = view.plane.to_patient(25.0 + (SQUARE - 25.0) * 0.3)
    needle = view.plane.to_patient(SQUARE[:2])
    roi = RoiLines(1, "Ring", (255, 0, 0), (Line(outer, True), Line(inner, True), Line(needle, False)), ())
    filled = contours_overlay(frame, [roi], style=ContourStyle(ContourLook.FILLED, fill_opacity=0.4))
    (area,) = filled.areas
    assert [ring.shape for ring in area.rings] == [(4, 2), (4, 2)]
    assert area.rings[0] == pytest.approx(frame.patient_to_display(outer))
    assert area.opacity == 0.4
    assert [stroke.closed for stroke in filled.strokes] == [False]  # an open curve encloses nothing
    both = contours_overlay(frame, [roi], style=ContourStyle(ContourLook.BOTH, width_px=3, opacity=0.5))
    assert len(both.areas) == 1
    assert [(stroke.width, stroke.opacity) for stroke in both.strokes] == [(3, 0.5)] * 3
    assert not contours_overlay(frame, [roi]).areas


def test_midway_between_two_slices_the_contours_of_both_are_not_each_others_holes(framing):
    frame, view = framing
    flat = view.plane.to_patient(SQUARE)
    above, below = (Line(flat + side * view.plane.normal, True, off_plane=True) for side in (1.5, -1.5))
    roi = RoiLines(1, "Ball", (255, 0, 0), (above, below), ())
    (area,) = contours_overlay(frame, [roi], style=ContourStyle(ContourLook.BOTH)).areas
    assert len(area.rings) == 1
