from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.geometry.plane import Plane, fit_plane
from rtvis.geometry.polyline import is_coplanar, length_mm, signed_area_mm2, width_mm, without_repeats

SEEDS = st.integers(0, 2**32)


def any_plane(seed: int) -> tuple[Plane, np.random.Generator]:
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return Plane(rng.uniform(-500, 500, 3), axes[:, 0], axes[:, 1]), rng


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_plane_coordinates_come_back(seed: int) -> None:
    plane, rng = any_plane(seed)
    coordinates = rng.uniform(-100, 100, (20, 2))
    points = plane.to_patient(coordinates)
    np.testing.assert_allclose(plane.to_plane(points), coordinates, atol=1e-9)
    np.testing.assert_allclose(plane.distances_mm(points), 0, atol=1e-9)
    lifted = points + 7.5 * plane.normal
    np.testing.assert_allclose(plane.distances_mm(lifted), 7.5, atol=1e-9)
    np.testing.assert_allclose(plane.to_plane(lifted), coordinates, atol=1e-9)


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_a_parallel_plane_goes_through_the_point_and_keeps_its_coordinates(seed: int) -> None:
    plane, rng = any_plane(seed)
    point = rng.uniform(-500, 500, 3)
    moved = plane.through(point)
    assert moved.distances_mm(point) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(moved.to_plane(point), plane.to_plane(point), atol=1e-9)
    np.testing.assert_allclose(moved.normal, plane.normal, atol=1e-12)


def test_directions_written_with_few_decimals_are_made_exact() -> None:
    plane = Plane(np.zeros(3), np.array([0.9994, 0.0349, 0]), np.array([-0.035, 0.9994, 0]))
    assert np.linalg.norm(plane.u) == pytest.approx(1, abs=1e-15)
    assert np.linalg.norm(plane.v) == pytest.approx(1, abs=1e-15)
    assert plane.u @ plane.v == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("u", "v"),
    [([1, 0, 0], [1, 0, 0]), ([0, 0, 0], [0, 1, 0]), ([2, 0, 0], [0, 1, 0]), ([1, 0, float("nan")], [0, 1, 0])],
)
def test_directions_that_make_no_plane_are_refused(u: list[float], v: list[float]) -> None:
    with pytest.raises(ValueError, match="direction"):
        Plane(np.zeros(3), np.array(u), np.array(v))


def test_a_plane_is_read_only() -> None:
    origin = np.zeros(3)
    plane = Plane(origin, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    origin[0] = 5
    assert plane.origin_lps_mm[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        plane.u[0] = 2


@given(seed=SEEDS, far=st.sampled_from([0.0, 1e3, 1e6, 1e9]))
@settings(max_examples=60, deadline=None)
def test_planar_points_are_coplanar_wherever_they_are(seed: int, far: float) -> None:
    plane, rng = any_plane(seed)
    points = plane.to_patient(rng.uniform(-100, 100, (30, 2))) + far
    assert is_coplanar(points)
    fitted, residual = fit_plane(points)
    assert residual < 1e-5
    assert abs(fitted.normal @ plane.normal) == pytest.approx(1, abs=1e-8)
    bulged = points.copy()
    bulged[3] += 1.0 * plane.normal
    assert not is_coplanar(bulged)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_up_to_three_points_are_always_coplanar(count: int) -> None:
    assert is_coplanar(np.random.default_rng(count).uniform(-300, 300, (count, 3)))


def test_many_points_are_fitted_in_little_memory() -> None:
    """A full decomposition of 100 000 points would need 80 GB."""
    points = np.random.default_rng(0).uniform(-1, 1, (100_000, 3)) * [100, 100, 0]
    assert is_coplanar(points)


def test_lengths_and_areas() -> None:
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    assert signed_area_mm2(square) == 4
    assert signed_area_mm2(square[::-1]) == -4
    assert signed_area_mm2(square + 1e8) == 4
    assert signed_area_mm2(square[:2]) == 0
    in_space = np.column_stack([square, np.full(4, 5.0)])
    assert length_mm(in_space) == 6
    assert length_mm(in_space, closed=True) == 8
    assert length_mm(in_space[:1], closed=True) == 0


def test_width_is_across_the_longest_direction() -> None:
    direction = np.array([1.0, 2, 2]) / 3
    line = np.linspace(-50, 50, 11)[:, None] * direction + [7, 8, 9]
    assert width_mm(line) == pytest.approx(0, abs=1e-9)
    across = np.array([2.0, -1, 0]) / np.sqrt(5)
    assert width_mm(np.vstack([line + across, line - across])) == pytest.approx(2)
    assert width_mm([[1, 2, 3]]) == 0


def test_repeats_are_left_out_and_returns_are_not() -> None:
    points = np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(without_repeats(points), [[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(without_repeats(points[:1]), points[:1])


@given(st.tuples(*[st.floats(-500, 500)] * 3))
def test_a_parallel_plane_is_the_one_made_of_its_origin_and_directions(point):
    plane = Plane(np.array([1.0, -2.0, 3.0]), np.array([0.6, 0.8, 0.0]), np.array([-0.8, 0.6, 0.0]))
    parallel = plane.through(point)
    assert float(parallel.distances_mm(point)) == pytest.approx(0.0, abs=1e-9)
    made = Plane(parallel.origin_lps_mm, plane.u, plane.v)
    assert parallel.normal == pytest.approx(made.normal, abs=1e-15)
    assert parallel.to_plane([4.0, 5.0, 6.0]) == pytest.approx(made.to_plane([4.0, 5.0, 6.0]), abs=1e-12)
    assert plane.to_plane(parallel.origin_lps_mm) == pytest.approx([0.0, 0.0], abs=1e-9)
    for array in (parallel.origin_lps_mm, parallel.u, parallel.v, parallel.normal):
        assert not array.flags.writeable


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_plane_goes_through_a_point_that_is_nowhere(value):
    plane = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    with pytest.raises(ValueError, match="through"):
        plane.through([0.0, value, 1.0])
