"""Splines, smoothing, simplifying, pushing, and the wire along edges."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.geometry.catmull_rom import catmull_rom
from rtvis.geometry.curve_shaping import pushed, resampled, simplified, smoothed
from rtvis.geometry.livewire import Wire
from rtvis.geometry.plane import Plane
from rtvis.geometry.polyline import length_mm, signed_area_mm2

OBLIQUE = Plane([10, -20, 30], [0.8, 0, 0.6], [0, 1, 0])


def circle(radius: float, count: int, plane: Plane = OBLIQUE) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return plane.to_patient(radius * np.column_stack([np.cos(turn), np.sin(turn)]))


def radii(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(OBLIQUE.to_plane(points), axis=1)


@pytest.mark.parametrize("closed", [True, False])
def test_a_spline_goes_through_its_control_points_exactly_in_order(closed) -> None:
    control = np.random.default_rng(1).normal(0, 30, (8, 3))
    curve = catmull_rom(control, closed=closed, step_mm=0.7)
    places = [int(np.flatnonzero((curve == one).all(axis=1))[0]) for one in control]
    assert places == sorted(places)
    steps = np.linalg.norm(np.diff(np.vstack([curve, curve[:1]]) if closed else curve, axis=0), axis=1)
    assert steps.max() < 1.4
    assert not closed or not np.array_equal(curve[0], curve[-1])


def test_a_spline_through_points_of_a_plane_stays_in_it_and_is_round_through_a_circle() -> None:
    curve = catmull_rom(circle(40, 12), closed=True)
    assert np.abs(OBLIQUE.distances_mm(curve)).max() < 1e-9
    assert np.abs(radii(curve) - 40).max() < 0.1


def test_a_spline_has_no_corners() -> None:
    curve = catmull_rom(np.random.default_rng(2).normal(0, 30, (7, 3)), closed=True, step_mm=0.02)
    ways = np.diff(np.vstack([curve, curve[:2]]), axis=0)
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    assert np.degrees(np.arccos(np.clip((ways[1:] * ways[:-1]).sum(axis=1), -1, 1))).max() < 3


def test_few_or_repeated_control_points() -> None:
    assert len(catmull_rom([[1, 2, 3]], closed=True)) == 1
    assert len(catmull_rom([[1, 2, 3], [4, 5, 6]], closed=False)) == 2
    doubled = np.repeat(circle(20, 6), 2, axis=0)
    np.testing.assert_array_equal(catmull_rom(doubled, closed=True), catmull_rom(circle(20, 6), closed=True))
    with pytest.raises(ValueError, match="leads nowhere"):
        catmull_rom(doubled, closed=True, step_mm=0)


def test_resampling_keeps_length_and_ends() -> None:
    line = np.array([[0, 0, 0], [10, 0, 0], [10, 5, 0]], float)
    even = resampled(line, 0.5, closed=False)
    np.testing.assert_array_equal(even[[0, -1]], line[[0, -1]])
    assert length_mm(even) == pytest.approx(15, abs=0.3)
    assert len(resampled(np.ones((3, 3)), 1.0, closed=True)) == 1


def test_smoothing_takes_out_noise_and_not_the_shape() -> None:
    noisy = circle(30, 400)
    noisy = noisy + np.random.default_rng(3).normal(0, 0.4, (400, 1)) * (noisy - OBLIQUE.origin_lps_mm) / 30
    smooth = smoothed(noisy, 4.0, closed=True)
    assert np.abs(OBLIQUE.distances_mm(smooth)).max() < 1e-9
    assert np.abs(radii(smooth) - 30).std() < 0.25 * np.abs(radii(noisy) - 30).std()
    area = signed_area_mm2(OBLIQUE.to_plane(smooth))
    assert area == pytest.approx(np.pi * 900, rel=0.005)


def test_smoothing_an_open_line_keeps_its_ends_and_a_straight_one_as_it_is() -> None:
    straight = np.linspace([100, -50, 20], [130, -40, 25], 40)
    np.testing.assert_allclose(smoothed(straight, 3.0, closed=False)[[0, -1]], straight[[0, -1]])
    smooth = smoothed(straight, 3.0, closed=False)
    way = np.array([30, 10, 5]) / np.linalg.norm([30, 10, 5])
    assert np.linalg.norm(np.cross(smooth - straight[0], way), axis=1).max() < 1e-9
    np.testing.assert_allclose(np.diff(smooth @ way), np.diff(smooth @ way).mean(), rtol=1e-6)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.floats(0, 5), st.booleans())
def test_what_simplifying_leaves_out_is_within_the_tolerance(seed, tolerance, closed) -> None:
    points = np.cumsum(np.random.default_rng(seed).normal(0, 1, (40, 3)), axis=0)
    fewer = simplified(points, tolerance, closed=closed)
    assert len(fewer) >= (3 if closed else 2)
    assert {tuple(one) for one in fewer} <= {tuple(one) for one in points}
    line = np.vstack([fewer, fewer[:1]]) if closed else fewer
    for point in points:
        ways = np.diff(line, axis=0)
        share = np.clip(((point - line[:-1]) * ways).sum(axis=1) / (ways**2).sum(axis=1), 0, 1)
        assert np.linalg.norm(line[:-1] + share[:, None] * ways - point, axis=1).min() <= tolerance + 1e-9


def test_pushing_from_inside_widens_and_from_outside_dents() -> None:
    ring = circle(30, 60)
    for start, end, wider in ((20, 30, True), (40, 30, False)):
        way = OBLIQUE.to_patient([[start, 0], [end, 0]])
        bent = pushed(ring, OBLIQUE, way, 5.0, closed=True)
        assert np.abs(OBLIQUE.distances_mm(bent)).max() < 1e-9
        away = np.linalg.norm(OBLIQUE.to_plane(bent) - [end, 0], axis=1)
        assert away.min() >= 5.0 - 1e-9
        area = shapely.Polygon(OBLIQUE.to_plane(bent)).area
        assert (area > 30**2 * np.pi) == wider
        assert shapely.Polygon(OBLIQUE.to_plane(bent)).is_valid


def test_pushing_beside_the_line_or_far_from_its_plane_changes_nothing() -> None:
    ring = circle(30, 60)
    assert pushed(ring, OBLIQUE, OBLIQUE.to_patient([[0, 0], [5, 0]]), 5.0, closed=True) is ring
    raised = Plane(OBLIQUE.origin_lps_mm + 4 * OBLIQUE.normal, OBLIQUE.u, OBLIQUE.v)
    assert pushed(ring, raised, raised.to_patient([[30, 0]]), 5.0, closed=True, depth_mm=2.0) is ring
    bent = pushed(ring, raised, raised.to_patient([[31, 0]]), 5.0, closed=True, depth_mm=5.0)
    assert np.abs(OBLIQUE.distances_mm(bent)).max() < 1e-9


def test_the_wire_follows_an_edge_that_a_straight_line_would_leave() -> None:
    rows, columns = np.mgrid[:200, :200]
    image = 100.0 * (np.hypot(rows - 100, columns - 100) < 50) + np.random.default_rng(0).normal(0, 8, (200, 200))
    wire = Wire.fixed_at(image, 100, 150)
    way = wire.to(50, 100)
    np.testing.assert_array_equal(way[[0, -1]], [[100, 150], [50, 100]])
    assert np.abs(np.hypot(way[:, 0] - 100, way[:, 1] - 100) - 50).max() < 2.5
    assert np.abs(np.diff(way, axis=0)).max() == 1
    assert len(wire.to(100, 150)) == 1


def test_the_wire_stays_in_reach_and_in_the_image() -> None:
    image = np.zeros((60, 80))
    image[30, 40] = np.nan
    wire = Wire.fixed_at(image, 5, 5, reach=10)
    assert wire.to(50, 70)[-1].tolist() == [15, 15]
    assert wire.to(-20, 3)[-1].tolist() == [0, 3]
    np.testing.assert_array_equal(Wire.fixed_at(image, 30, 10, reach=50).to(30, 14), [[30, c] for c in range(10, 15)])
    with pytest.raises(IndexError):
        Wire.fixed_at(image, 60, 0)


@pytest.mark.parametrize("closed", [False, True])
def test_tension_draws_a_spline_towards_straight_lines_and_keeps_its_points(closed) -> None:
    control = np.array([[0.0, 0, 0], [30, 5, 2], [35, 40, -4], [-10, 30, 8]])
    ring = np.vstack([control, control[:1]]) if closed else control
    straight = shapely.LineString(ring)

    def beside(tension: float) -> float:
        points = catmull_rom(control, closed=closed, tension=tension)
        for one in control:
            assert np.linalg.norm(points - one, axis=1).min() == 0
        return max(straight.distance(shapely.Point(*point)) for point in points[:, :2])

    loose, tighter, tight = (beside(tension) for tension in (0.0, 0.5, 1.0))
    assert loose > tighter > tight
    assert tight < 1e-9
    assert tighter == pytest.approx(loose / 2, rel=0.2)
    with pytest.raises(ValueError, match="tension"):
        catmull_rom(control, closed=closed, tension=1.5)
