"""How many rays there is time for."""

from __future__ import annotations

import pytest

from rtvis.scene.ray_budget import RayBudget


def settled(rest_ms, cost_ms, allowed_ms, first_px=4.0, rounds=12):
    """The pixels between rays, and what a drawing takes, once the budget has learned."""
    budget, pixels = RayBudget(), first_px
    for _ in range(rounds):
        budget.learn(pixels, rest_ms + cost_ms / pixels**2)
        pixels = min(max(budget.pixels(allowed_ms), 1.0), 10.0)
    return pixels, rest_ms + cost_ms / pixels**2


def test_nothing_is_known_at_first():
    assert RayBudget().pixels(90.0) is None
    assert RayBudget().pixels(90.0, 360.0) == pytest.approx(2.0)


@pytest.mark.parametrize("cost_ms", [100.0, 800.0, 5000.0])
@pytest.mark.parametrize("rest_ms", [0.0, 20.0, 60.0])
def test_a_drawing_takes_what_is_allowed(rest_ms, cost_ms):
    pixels, took = settled(rest_ms, cost_ms, 90.0)
    if pixels > 1.0:
        assert took == pytest.approx(90.0, rel=0.35)
    else:
        assert took < 1.4 * 90.0 + rest_ms


def test_a_slow_rest_of_the_scene_doesnt_take_all_rays_away():
    pixels, _ = settled(rest_ms=300.0, cost_ms=500.0, allowed_ms=90.0)
    assert pixels < 8.0


def test_one_slow_moment_is_forgotten():
    budget, pixels = RayBudget(), 4.0
    for n in range(14):
        budget.learn(pixels, (2000.0 if n == 1 else 10.0) + 800.0 / pixels**2)
        pixels = min(max(budget.pixels(90.0), 1.0), 10.0)
    assert 2.0 < pixels < 5.0
