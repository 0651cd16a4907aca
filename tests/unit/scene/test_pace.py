"""How many triangles there is time for."""

from __future__ import annotations

import math

import pytest

from rtvis.scene.pace import BESIDE_TISSUE, FEWEST, FIRST_IN_SOFTWARE, LARGE_PIXELS, MOVING_MS, SHARES, Pace


def test_a_slow_machine_draws_fewer_the_next_time():
    pace = Pace(in_software=True)
    assert pace.most == FIRST_IN_SOFTWARE
    pace.learn(100_000, 2 * MOVING_MS)
    assert pace.most == 50_000
    pace.learn(50_000, 0.8 * MOVING_MS)
    assert pace.most == 50_000  # that will do
    for _ in range(20):
        pace.learn(20_000, 10 * MOVING_MS)
    assert pace.most == FEWEST


def test_a_quick_one_draws_more():
    pace = Pace(in_software=True)
    pace.learn(150_000, 0.1 * MOVING_MS)
    assert 150_000 * 2 < pace.most < 150_000 * 10
    pace.learn(0, 0.1)  # of a scene without surfaces nothing is learned
    assert pace.most < 150_000 * 10


def test_a_graphics_card_draws_all_until_it_proves_slow():
    pace = Pace(in_software=False)
    assert pace.allowed(beside_tissue=False) == math.inf
    pace.learn(5_000_000, 0.9 * MOVING_MS)
    assert pace.most == math.inf
    pace.learn(5_000_000, 4 * MOVING_MS)
    assert pace.most == pytest.approx(1_250_000)


def test_rays_leave_time_for_fewer_triangles():
    pace = Pace(in_software=True)
    assert pace.allowed(beside_tissue=True) == BESIDE_TISSUE < pace.allowed(beside_tissue=False)


def test_large_pictures_are_drawn_smaller_where_that_is_what_takes_time():
    pace = Pace(in_software=True)
    pixels = 2 * LARGE_PIXELS
    pace.learn_size(pixels, 3 * MOVING_MS)
    assert pace.share == 1.0  # once isn't often
    pace.learn_size(pixels, MOVING_MS)
    pace.learn_size(pixels, 3 * MOVING_MS)
    assert pace.share == 1.0
    pace.learn_size(pixels, MOVING_MS)
    for expected in (*SHARES[1:], SHARES[-1]):
        pace.learn_size(pixels, 3 * MOVING_MS)
        pace.learn_size(pixels, 3 * MOVING_MS)
        assert pace.share == expected
    pace.learn_size(pixels, 0.8 * MOVING_MS)
    assert pace.share == SHARES[-1]
    pace.learn_size(pixels, 0.1 * MOVING_MS)
    assert pace.share == SHARES[-2]
    pace.learn_size(LARGE_PIXELS, 3 * MOVING_MS)
    assert pace.share == 1.0  # small ones never are


def test_the_first_picture_of_a_large_view_is_drawn_smaller():
    pace = Pace(in_software=True)
    pace.begin(3840 * 2160)
    assert pace.share == 0.5
    for _ in range(3):
        pace.learn_size(3840 * 2160, 5.0)
        pace.begin(3840 * 2160)
    assert pace.share == 1.0  # there was time for all of it
    laptop = Pace(in_software=True)
    laptop.begin(1366 * 768)
    assert laptop.share == 1.0
    card = Pace(in_software=False)
    card.begin(3840 * 2160)
    assert card.share == 1.0
