"""Measuring with the mouse: distance, angle, area, value, and a plane through three points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt

from rtvis.gui.view_text import text_width
from rtvis.model.study import Study
from rtvis.scene.corner_texts import boxes_of
from rtvis.scene.measure_overlay import MEASURE_COLOR
from rtvis.scene.overlay import Overlay
from tests.unit.gui.conftest import Mouse, settle


@pytest.fixture
def measure(window, axial):
    def clicks(tool, places):
        window.tools.choose(tool)
        for x, y in places:
            Mouse(axial).click(x, y)
        return [axial.scene.pointer_to_patient(x, y) for x, y in places]

    yield clicks
    window.tools.choose("navigate")
    window.session.measurements.clear()


def texts(view):
    return [label.text for label in view.overlay().labels]


def test_a_distance_is_in_mm_whether_clicked_or_dragged(window, axial, measure):
    a, b = measure("distance", [(60, 60), (160, 100)])
    expected = f"{np.linalg.norm(b - a):.1f} mm"
    assert texts(axial).count(expected) == 1
    Mouse(axial).drag([(60, 60), (100, 80), (160, 100)])
    assert texts(axial).count(expected) == 2
    assert not window.session.unsaved  # nothing was drawn


def test_an_angle_is_that_at_the_second_point(axial, measure):
    a, b, c = measure("angle", [(60, 60), (60, 160), (160, 160)])
    first, second = a - b, c - b
    degrees = np.degrees(np.arccos(first @ second / np.linalg.norm(first) / np.linalg.norm(second)))
    assert f"{degrees:.1f}°" in texts(axial)
    assert degrees == pytest.approx(90, abs=1e-6)


def test_an_area_is_what_its_corners_enclose(axial, measure):
    places = [(60, 60), (160, 60), (160, 110), (60, 110)]
    measure("area", places)
    Mouse(axial).key(Qt.Key_Return)
    scale = axial.scene.framing.mm_per_pixel
    assert f"{100 * 50 * scale**2 / 100:.2f} cm²" in texts(axial)


def test_a_probe_keeps_the_value_and_its_unit(window, axial, measure):
    (point,) = measure("probe", [(90, 120)])
    assert f"{window.session.volume.value_at(point):.4g} HU" in texts(axial)


def test_measurements_stay_on_their_slice_and_with_their_study(window, axial, measure, study):
    a, b = measure("distance", [(60, 60), (160, 100)])
    expected = f"{np.linalg.norm(b - a):.1f} mm"
    Mouse(axial).wheel(2)
    assert expected not in texts(axial)
    Mouse(axial).wheel(-2)
    assert expected in texts(axial)
    measure("distance", [(60, 60), (61, 200)])
    window.menus.actions["Remove last measurement"].trigger()
    assert expected in texts(axial)
    other = replace(study.volumes[0], study_instance_uid="1.2.3.99", volume_id="1.2.3.98")
    window.show_study(Study(volumes=(other,)))
    settle()
    assert expected not in texts(axial)
    window.show_study(study)
    settle()
    assert expected in texts(axial)
    window.menus.actions["Remove last measurement"].trigger()
    assert expected not in texts(axial)


def test_escape_gives_up(window, axial, measure):
    measure("angle", [(60, 60), (60, 160)])
    Mouse(axial).key(Qt.Key_Escape)
    Mouse(axial).click(160, 160)
    frame = window.session.volume.frame_of_reference_uid
    assert window.session.measurements.of(frame) == ()


def test_three_clicks_make_an_oblique_plane(window, axial, measure):
    coronal = window.views.view("coronal")
    first, second = measure("plane", [(60, 100), (160, 100)])
    third = coronal.scene.pointer_to_patient(120, 60)
    Mouse(coronal).click(120, 60)
    try:
        plane = window.views.view("oblique").plane.plane
        assert plane.distances_mm([first, second, third]) == pytest.approx([0, 0, 0], abs=1e-6)
    finally:
        window.views.show_oblique(shown=False)


def told(view):
    """Boxes of the labels of what was measured."""
    labels = tuple(label for label in view.overlay().labels if label.color == MEASURE_COLOR)
    return boxes_of(Overlay(labels=labels), text_width)


def test_what_was_measured_at_an_edge_is_told_within_the_view(axial, measure):
    right, bottom = axial.width() - 5, axial.height() - 5
    for tool, places in (
        ("distance", [(right - 120, 150), (right, 180)]),
        ("probe", [(right, 220)]),
        ("probe", [(5, 3)]),
        ("distance", [(right, bottom), (5, 5)]),
        ("angle", [(right, bottom - 80), (right, bottom), (right - 60, bottom)]),
    ):
        measure(tool, places)
    boxes = told(axial)
    assert len(boxes) == 5
    for left, top, across, down in boxes:
        assert 0 <= left <= across <= axial.width()
        assert 0 <= top <= down <= axial.height()


def test_texts_of_measurements_from_one_corner_lie_beside_each_other(axial, measure):
    corner = (160, 120)
    measure("distance", [(60, 120), corner])
    measure("angle", [(60, 60), (100, 120), corner])
    measure("probe", [corner])
    measure("area", [(100, 60), (60, 160), corner])
    Mouse(axial).key(Qt.Key_Return)
    boxes = told(axial)
    assert len(boxes) == 4
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:n]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom
