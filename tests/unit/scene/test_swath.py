"""The way of a brush in a view: what of it reaches into a box, and where it changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from rtvis.scene.swath import Swath, swath_boxes

RED = (255, 0, 0)
TURN = np.linspace(0, 40 * np.pi, 800)
WAY = 300 + np.column_stack([(100 + TURN) * np.cos(TURN), (100 + TURN) * np.sin(TURN)])


def swath(points, radius=10.0, **looks):
    return Swath(np.asarray(points, dtype=float), radius, **({"line": RED, "fill": RED} | looks))


def covers(one):
    return (shapely.LineString(one.points) if len(one.points) > 1 else shapely.Point(one.points[0])).buffer(one.reach)


def together(boxes):
    return shapely.union_all([shapely.box(*one) for one in boxes])


def test_the_parts_within_a_box_cover_all_that_the_whole_way_covers_there():
    whole, box = swath(WAY), (380.0, 280.0, 440.0, 320.0)
    parts = whole.within(box)
    inside = covers(whole).intersection(shapely.box(*box))
    assert inside.difference(shapely.union_all([covers(swath(part)) for part in parts]).buffer(1e-6)).area < 1e-6
    assert sum(len(part) for part in parts) < len(WAY) / 4
    assert swath(WAY).within((900.0, 900.0, 910.0, 910.0)) == []


def test_a_dab_is_a_way_of_no_length():
    (part,) = swath([[50.0, 60.0]]).within((40.0, 50.0, 50.0, 60.0))
    assert part.tolist() == [[50.0, 60.0], [50.0, 60.0]]


@pytest.mark.parametrize("fresh", [1, 5, 200])
def test_a_way_that_grew_changed_only_where_it_grew(fresh):
    before, after = swath(WAY[:-fresh]), swath(WAY)
    changed = together(swath_boxes([before], [after]))
    assert changed.covers(covers(swath(WAY[-fresh - 1 :])))
    assert fresh > 64 or changed.area < 50 * 50 * fresh


def test_what_is_the_same_did_not_change():
    assert swath_boxes([swath(WAY)], [swath(WAY.copy())]) == []


@pytest.mark.parametrize(
    "after",
    [[], [replace(swath(WAY), radius=12.0)], [swath(WAY + 1.0)], [replace(swath(WAY), fill=(0, 255, 0))]],
)
def test_another_way_is_painted_anew_where_either_was(after):
    changed = together(swath_boxes([swath(WAY)], after))
    assert all(changed.covers(covers(one)) for one in [swath(WAY), *after])
