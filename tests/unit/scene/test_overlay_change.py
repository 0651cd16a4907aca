"""What changed between two display lists is inside the boxes that are told, and little else is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from rtvis.scene.overlay import Area, Dot, Label, Overlay, Stroke
from rtvis.scene.overlay_change import changed_boxes, within

RED = (255, 0, 0)


def line(points, **looks):
    return Overlay((Stroke(np.array(points, float), RED, **looks),))


def covered(boxes, points) -> bool:
    return all(
        any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)
        for x, y in np.asarray(points, float)
    )


def area_of(boxes) -> float:
    return shapely.union_all([shapely.box(*box) for box in boxes]).area


def test_the_same_list_changes_nothing():
    one = line([[0, 0], [50, 60], [90, 10]]) + Overlay(
        dots=(Dot(3, 4, RED),), labels=(Label(1, 2, "a"),), areas=(Area((np.eye(2) * 9,), RED),)
    )
    again = line([[0, 0], [50, 60], [90, 10]]) + Overlay(
        dots=(Dot(3, 4, RED),), labels=(Label(1, 2, "a"),), areas=(Area((np.eye(2) * 9,), RED),)
    )
    assert changed_boxes(one, again) == []


def test_a_line_that_grew_changes_at_its_end_only():
    points = np.column_stack([np.arange(0, 900, 3.0), 40 * np.sin(np.arange(300) / 9)])
    boxes = changed_boxes(line(points[:-1]), line(points))
    assert covered(boxes, points[-2:])
    assert area_of(boxes) < 400


def test_another_colour_or_width_changes_all_of_it():
    points = [[0, 0], [300, 200], [500, 10]]
    for looks in ({"width": 3.0}, {"opacity": 0.5}, {"dashed": True}, {"closed": True}):
        assert covered(changed_boxes(line(points), line(points, **looks)), points)


def test_a_long_straight_line_is_followed_closely():
    boxes = changed_boxes(Overlay(), line([[0, 0], [800, 600]]))
    assert covered(boxes, np.linspace([0, 0], [800, 600], 500))
    assert area_of(boxes) < 800 * 600 / 5


@pytest.mark.parametrize(
    "make", [lambda ring: line(ring, closed=True), lambda ring: Overlay(areas=(Area((ring,), RED),))]
)
def test_what_a_brush_adds_changes_where_it_was_added(make):
    painted = shapely.LineString([[0, 0], [400, 30]]).buffer(20).segmentize(15)
    more = painted.union(shapely.Point(415, 40).buffer(20))
    before, after = (np.array(shapely.get_coordinates(one.exterior)[:-1]) for one in (painted, more))
    boxes = changed_boxes(make(before), make(after))
    new = shapely.get_coordinates(more.difference(painted.buffer(1)))
    assert covered(boxes, new)
    assert area_of(boxes) < 120 * 120


def test_dots_and_labels_that_moved_are_covered_at_both_places():
    before = Overlay(dots=(Dot(10, 10, RED),), labels=(Label(100, 100, "12 mm"),))
    after = Overlay(dots=(Dot(60, 90, RED),), labels=(Label(150, 120, "13 mm"),))
    assert covered(changed_boxes(before, after), [[10, 10], [60, 90], [100, 100], [130, 106], [150, 120], [180, 126]])


@pytest.mark.parametrize("closed", [False, True])
def test_within_a_box_a_long_line_loses_only_what_is_elsewhere(closed):
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    points = 300 + 200 * np.column_stack([np.cos(turn), np.sin(turn)])
    box = (450.0, 250.0, 520.0, 350.0)
    kept = within(line(points, closed=closed), box).strokes
    assert sum(len(one.points) for one in kept) < 60
    ring = shapely.LineString(np.vstack([points, points[:1]]) if closed else points)
    rest = ring.intersection(shapely.box(*box))
    drawn = shapely.union_all([shapely.LineString(one.points) for one in kept])
    assert rest.difference(drawn.buffer(1e-6)).is_empty


def test_within_a_box_texts_and_straight_lines_that_reach_into_it_are_kept():
    box = (100.0, 100.0, 200.0, 150.0)
    kept = within(
        line([[0, 120], [400, 120]])
        + line([[0, 0], [400, 20]])
        + Overlay(labels=(Label(80, 110, "reaches in"), Label(390, 390, "elsewhere"), Label(150, 300, "below"))),
        box,
    )
    assert [one.points[0, 1] for one in kept.strokes] == [120]
    assert [one.text for one in kept.labels] == ["reaches in"]
