"""How closed curves of one plane make one region, however many they are."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely

from rtvis.geometry.contouring import outlines
from rtvis.geometry.regions import Loops, area_within, areal, enclosed, find_joined, region_of


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40])
def test_holes_in_one_outline_and_islands_in_them_are_counted_by_the_even_odd_rule(count) -> None:
    rings = [shapely.box(0, 0, 500, 10)] if count else []
    for n in range(count):
        rings += [shapely.box(12 * n + 1, 1, 12 * n + 9, 9), shapely.box(12 * n + 3, 3, 12 * n + 6, 6)]
    corners = [shapely.get_coordinates(one)[:-1] for one in rings]
    points = np.vstack(corners) if rings else np.empty((0, 2))
    starts = np.arange(0, 4 * len(rings), 4)
    layers = np.zeros(len(rings), dtype=np.intp)
    joined = find_joined(points, starts, layers, np.zeros(len(rings), dtype=bool)) if rings else layers
    region = region_of(Loops(points, starts, layers, joined), 0)
    assert region.is_valid
    assert region.area == pytest.approx((5000 - count * (64 - 9)) if count else 0)
    assert sum(one.area > 0 for one in shapely.get_parts(region)) == (1 + count if count else 0)


def scribble(loops: int, seed: int = 1) -> np.ndarray:
    """A line that goes round so often, each time elsewhere and with another radius."""
    rng = np.random.default_rng(seed)
    turns = np.linspace(0, loops, 60 * loops, endpoint=False)
    x, y, radius = (np.interp(turns, np.arange(loops + 1), rng.uniform(*span, loops + 1)) for span in
                    ((-15, 15), (-15, 15), (20, 35)))  # fmt: skip
    angle = 2 * np.pi * turns
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def rings_of(region) -> set[frozenset[tuple[float, ...]]]:
    rings = [ring for one in shapely.get_parts(region) for ring in (one.exterior, *one.interiors)]
    return {frozenset(map(tuple, shapely.get_coordinates(one).tolist())) for one in rings}


SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
SHAPES = {
    "square": SQUARE,
    "bow tie": [(0, 0), (10, 10), (10, 0), (0, 10)],
    "keyhole": [*SQUARE, (0, 5), (3, 5), (3, 7), (6, 7), (6, 3), (3, 3), (3, 5), (0, 5)],
    "twice round": [*SQUARE, *SQUARE],
    "three times round": [*SQUARE, *SQUARE, *SQUARE],
    "square and a part of it again": [*SQUARE, (0, 0), (5, 0), (5, 5), (0, 5)],
    "spike": [(0, 0), (10, 0), (10, 10), (20, 10), (10, 10), (0, 10)],
    "circle twice round": [(np.sin(turn), np.cos(turn)) for turn in np.tile(np.arange(300) * np.pi / 150, 2)],
    "line": [(0, 0), (10, 0), (20, 0)],
    "there and back": [(0, 0), (10, 0), (10, 5), (10, 0)],
    "eight that touches itself": [(0, 0), (5, 5), (0, 10), (10, 10), (5, 5), (10, 0)],
    "star": [(np.sin(turn), np.cos(turn)) for turn in np.arange(5) * 0.8 * np.pi],
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_line_encloses_is_what_make_valid_says(name) -> None:
    points = np.array(SHAPES[name], dtype=float)
    found, wanted = enclosed(points), areal(shapely.make_valid(shapely.Polygon(points)))
    assert found.is_valid
    assert found.geom_type in {"Polygon", "MultiPolygon"}
    assert found.symmetric_difference(wanted).area == pytest.approx(0, abs=1e-9)
    assert found.area == pytest.approx(wanted.area)


@pytest.mark.parametrize("seed", range(8))
def test_a_scribble_encloses_the_very_rings_that_make_valid_finds(seed) -> None:
    points = scribble(12, seed)
    assert rings_of(enclosed(points)) == rings_of(shapely.make_valid(shapely.Polygon(points)))


def test_the_time_for_a_scribble_does_not_grow_with_the_square_of_its_crossings() -> None:
    """137 s once, for 20,000 crossings: on a slow machine under load 6 s of computing would still be far from that."""
    points = scribble(150)
    begun = time.process_time()
    region = enclosed(points)
    assert time.process_time() - begun < 6
    assert len(shapely.get_parts(region)) > 9_000
    corners = np.column_stack([*points.T])
    after = np.roll(corners, -1, axis=0)
    place = np.array([1.234, -2.345])  # crossings of a ray to the right of it
    up = (corners[:, 1] > place[1]) != (after[:, 1] > place[1])
    share = (place[1] - corners[up, 1]) / (after[up, 1] - corners[up, 1])
    crossings = np.count_nonzero(corners[up, 0] + share * (after[up, 0] - corners[up, 0]) > place[0])
    assert shapely.contains_xy(region, *place) == (crossings % 2 == 1)


@pytest.mark.parametrize("layers", [1, 3])
def test_loops_by_the_hundred_are_joined_as_few_are(layers) -> None:
    """Chains of four that overlap, in a field of them; more than a hundred in each layer."""
    rng = np.random.default_rng(5)
    corner = np.array([[0, 0], [8, 0], [8, 8], [0, 8]], dtype=float)
    places = [
        (200.0 * (n % 12) - 900 + 6 * one, 50.0 * (n // 12) + rng.uniform()) for n in range(48) for one in range(4)
    ]
    rings = [corner + place for _ in range(layers) for place in places]
    layer = np.repeat(np.arange(layers), len(places))
    order = rng.permutation(len(rings))
    starts = 4 * np.arange(len(rings))
    joined = find_joined(np.vstack([rings[n] for n in order]), starts, layer[order], np.zeros(len(rings), dtype=bool))
    chain = order // 4
    assert len(np.unique(joined)) == 48 * layers
    assert len(np.unique(np.stack([joined, chain]), axis=1).T) == 48 * layers


@pytest.mark.parametrize("seed", range(4))
def test_rings_of_noise_are_the_area_that_shapely_builds_of_them(seed) -> None:
    mask = np.random.default_rng(seed).uniform(size=(1, 40, 40)) > 0.45
    found = outlines(mask)
    rings = np.array([shapely.LinearRing(one) for one in np.split(found.corners_ij, found.starts[1:])])
    area = area_within(rings)
    assert area.is_valid
    assert rings_of(area) == rings_of(shapely.build_area(shapely.geometrycollections(rings)))


def test_nothing_within_no_lines() -> None:
    assert area_within(np.array([], dtype=object)).is_empty
