"""Margins, rings, smoothing and clipping on grids that are tilted, unevenly spaced or oblique, against formulas."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rtvis.app.roi_operations import clipped_contours, contours_with_margins, ring_contours, smoothed_contours
from rtvis.geometry.distance_volumes import Margins
from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import Plane
from rtvis.geometry.slabs import slab_bounds
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_mask
from rtvis.model.progress import CancelledError
from rtvis.model.structure_set import Contour, Roi
from rtvis.model.volume import Patient, Slice, VolumeHeader

OBLIQUE = np.linalg.qr(np.array([[1.0, 0.2, 0.1], [-0.2, 1.0, 0.3], [0.1, -0.3, 1.0]]))[0]
OBLIQUE = OBLIQUE * np.sign(np.diag(OBLIQUE))
EVEN, UNEVEN = np.full(56, 1.5), np.tile([1.2, 1.8, 1.5, 1.5], 14)
KINDS = {
    "even": (np.eye(3), EVEN, 0.0, (1.0, 1.0)),
    "tilted": (np.eye(3), EVEN, 17.0, (1.0, 1.0)),
    "uneven": (np.eye(3), UNEVEN, 0.0, (1.0, 1.0)),
    "fine": (np.eye(3), np.full(84, 1.0), 0.0, (1.0, 1.0)),
    "ct": (np.eye(3), np.full(56, 3.0), 0.0, (0.9766, 0.9766)),
    "not square": (np.eye(3), EVEN, 0.0, (0.8, 1.3)),
    "long": (np.eye(3), EVEN, 0.0, (0.4, 2.5)),
    "long across": (OBLIQUE[:, [1, 0, 2]], EVEN, 0.0, (2.5, 0.4)),
    "all": (OBLIQUE, UNEVEN, -12.0, (1.1, 0.9)),
}
ODD = ["even", "not square", "tilted", "uneven", "all"]
CENTRE = np.array([12.0, -30.0, 400.0])
SIZE = 90.0


def volume_of(kind, slices=slice(None)) -> VolumeHeader:
    axes, gaps, tilt, spacing = KINDS[kind]
    row, column, normal = axes.T if np.linalg.det(axes) > 0 else (axes.T * [[1], [1], [-1]])
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    heights -= heights[len(gaps) // 2]
    shift = np.tan(np.radians(tilt)) * heights
    rows, columns = (int(SIZE / one) for one in spacing)
    corner = CENTRE - row * (columns - 1) / 2 * spacing[1] - column * (rows - 1) / 2 * spacing[0]
    origins = (corner + heights[:, None] * normal + shift[:, None] * column)[slices]
    grid = Grid.from_slices(origins, [*row, *column], spacing, (rows, columns))
    one = Slice("1.2", "1.3", (0, 0, 0), (1, 0, 0, 0, 1, 0), (1, 1), 1, 1)
    return VolumeHeader(
        volume_id="1",
        series_instance_uid="1",
        study_instance_uid="1",
        modality="CT",
        patient=Patient(),
        grid=grid,
        slices=(one,) * len(origins),
    )


def drawn(grid, outline, by=(0.0, 0.0, 0.0)) -> Roi:
    """`outline` gives points (n, 2) along rows and columns from the centre, moved by `by`, at a height, or None."""
    found = []
    for height in (grid.slice_origins_lps_mm - CENTRE) @ grid.normal:
        flat = outline(height - by[2])
        if flat is not None:
            plane = np.array([grid.row_direction, grid.column_direction])
            found.append(Contour.drawn(CENTRE + (flat + by[:2]) @ plane + height * grid.normal, closed=True))
    return Roi(1, "body", tuple(found))


def sphere(radius, flat=150):
    turn = np.arange(flat) * 2 * np.pi / flat
    circle = np.column_stack([np.cos(turn), np.sin(turn)]) * np.sqrt(np.pi / (flat / 2 * np.sin(2 * np.pi / flat)))
    return lambda height: circle * np.sqrt(radius**2 - height**2) if abs(height) < radius else None


def box(half_i, half_j, half_k):
    corners = np.array([[-half_i, -half_j], [half_i, -half_j], [half_i, half_j], [-half_i, half_j]])
    return lambda height: corners if abs(height) < half_k else None


def mask_of(contours, volume) -> np.ndarray:
    found = roi_mask(Roi(2, "r", tuple(contours)), volume.grid).mask
    return np.zeros(volume.grid.shape, dtype=bool) if found is None else found


def volume_mm3(mask, grid) -> float:
    lower, upper = slab_bounds(grid.slice_distances_mm, 1.0)
    return float(mask.sum(axis=(1, 2)) @ (upper - lower)) * grid.spacing_mm[1] * grid.spacing_mm[2]


def within(grid, inside) -> np.ndarray:
    """Voxels whose centre a function of (i, j, k) mm from the centre takes in."""
    k, j, i = np.indices(grid.shape)
    offset = grid.to_patient(np.stack([i, j, k], axis=-1)) - CENTRE
    return inside(offset @ grid.row_direction, offset @ grid.column_direction, offset @ grid.normal)


def dice(one, other) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def ball(radius):
    return lambda i, j, k: i**2 + j**2 + k**2 <= radius**2


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize(("margin", "inwards"), [(5.0, False), (8.3, False), (2.2, False), (5.0, True)])
def test_a_sphere_with_a_margin_is_the_larger_or_smaller_sphere(kind, margin, inwards) -> None:
    volume = volume_of(kind)
    roi = drawn(volume.grid, sphere(20.0))
    found = mask_of(contours_with_margins(roi, Margins.uniform(margin), volume, inwards=inwards), volume)
    radius = 20.0 - margin if inwards else 20.0 + margin
    assert volume_mm3(found, volume.grid) == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.02)
    assert dice(found, within(volume.grid, ball(radius))) >= 0.985


def averages(kind, work, moves=6):
    """Means of figures over places of the body among voxels: how wrong it is, not where the voxels are."""
    random = np.random.default_rng(3)
    volume = volume_of(kind)
    found = []
    for _ in range(moves):
        i, j, k = random.uniform(-0.5, 0.5, 3) * volume.grid.spacing_mm[::-1]
        found.append(work(volume, np.array([i, j, k])))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("kind", ["fine", "even", "ct"])
@pytest.mark.parametrize(("radius", "margin"), [(15.0, 5.0), (20.0, 3.0), (15.0, 1.0), (20.0, -5.0)])
def test_margins_are_right_on_the_average_to_a_small_part_of_a_voxel(kind, radius, margin) -> None:
    def work(volume, by):
        grid = volume.grid
        roi = drawn(grid, sphere(radius), by)
        found = contours_with_margins(roi, Margins.uniform(abs(margin)), volume, inwards=margin < 0)
        return volume_mm3(mask_of(found, volume), grid), volume_mm3(mask_of(roi.contours, volume), grid)

    found, body = averages(kind, work)
    # What slices 3 mm apart leave out of a sphere, or add at its ends, is the contours', not the margin's.
    tolerance = {"fine": 0.005, "even": 0.01, "ct": 0.026}[kind]
    assert body == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.005)
    assert found == pytest.approx(4 / 3 * np.pi * (radius + margin) ** 3, rel=tolerance)


@pytest.mark.parametrize("kind", ["fine", "ct"])
def test_six_margins_are_right_on_the_average(kind) -> None:
    sizes = (3.0, 7.0, 8.0, 2.0, 9.0, 4.5)

    def work(volume, by):
        grid = volume.grid
        roi = drawn(grid, box(12.0, 9.0, 14.0), by)
        layers = np.unique([np.round(one.points_lps @ grid.normal, 6).mean() for one in roi.contours])
        deep = float(np.ptp(layers)) + grid.spacing_mm[0]
        expected = box_with_margins((24.0, 18.0, deep), (sizes[:2], sizes[2:4], sizes[4:]))
        found = mask_of(contours_with_margins(roi, Margins(*sizes), volume), volume)
        return (volume_mm3(found, grid) / expected,)

    assert averages(kind, work)[0] == pytest.approx(1, abs=0.01)


def test_margins_of_a_single_slice_stay_on_the_slices_they_reach() -> None:
    volume = volume_of("ct", slice(28, 29))
    roi = drawn(volume.grid, sphere(20.0))
    found = mask_of(contours_with_margins(roi, Margins.uniform(5.0), volume), volume)
    assert found.sum() == pytest.approx(np.pi * 25**2 / 0.9766**2, rel=0.01)
    assert not mask_of(contours_with_margins(roi, Margins.uniform(5.0), volume, inwards=True), volume).any()
    flat = mask_of(contours_with_margins(roi, Margins(2, 3, 4, 1, 0, 0), volume, inwards=True), volume)
    assert flat.sum() == pytest.approx(np.pi * 17.5**2 / 0.9766**2, rel=0.03)


def test_margins_tell_how_far_they_are_and_can_be_stopped() -> None:
    volume = volume_of("even")
    roi = drawn(volume.grid, sphere(15.0))
    told: list[tuple[int, int]] = []
    contours_with_margins(roi, Margins.uniform(3.0), volume, report=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len({total for done, total in told if done}) == 1  # before that the body itself is laid out

    def stop(done, total):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        contours_with_margins(roi, Margins.uniform(3.0), volume, report=stop)
    with pytest.raises(CancelledError):
        ring_contours(roi, 2.0, 2.0, volume, report=stop)

    told.clear()
    ring_contours(roi, 2.0, 3.0, volume, report=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len({total for done, total in told if done}) == 1  # before that the body itself is laid out
    with pytest.raises(UsageError, match="inwards"):
        ring_contours(roi, -2.0, 3.0, volume)


def box_with_margins(sides, pairs) -> float:
    """Volume of a box and its margins, an ellipsoid's eighth at each corner."""
    sums = [sum(one) for one in pairs]
    a, b, c = sides
    faces = sums[0] * b * c + sums[1] * a * c + sums[2] * a * b
    edges = np.pi / 4 * (sums[0] * sums[1] * c + sums[0] * sums[2] * b + sums[1] * sums[2] * a)
    corners = np.pi / 6 * sum(x * y * z for x, y, z in product(*pairs))
    return float(a * b * c + faces + edges + corners)


@pytest.mark.parametrize("kind", ODD)
def test_a_box_with_six_margins_has_the_volume_of_the_formula(kind) -> None:
    volume = volume_of(kind)
    grid = volume.grid
    roi = drawn(grid, box(12.0, 9.0, 14.0))
    heights = (grid.slice_origins_lps_mm - CENTRE) @ grid.normal
    lower, upper = slab_bounds(heights[np.abs(heights) < 14.0], 1.0)
    deep = float(upper[-1] - lower[0])
    sizes = (3.0, 7.0, 8.0, 2.0, 9.0, 4.5)
    found = mask_of(contours_with_margins(roi, Margins(*sizes), volume), volume)
    expected = box_with_margins((24.0, 18.0, deep), (sizes[:2], sizes[2:4], sizes[4:]))
    assert volume_mm3(found, grid) == pytest.approx(expected, rel=0.02)

    def inside(i, j, k):
        total = 0.0
        spans = ((i, -12.0, 12.0), (j, -9.0, 9.0), (k, lower[0], upper[-1]))
        for (at, low, high), (below, above) in zip(spans, (sizes[:2], sizes[2:4], sizes[4:]), strict=True):
            total = total + (np.clip(low - at, 0, None) / below) ** 2 + (np.clip(at - high, 0, None) / above) ** 2
        return total <= 1

    assert dice(found, within(grid, inside)) >= 0.985
    smaller = mask_of(contours_with_margins(roi, Margins(1, 2, 3, 4, 5, 6), volume, inwards=True), volume)
    assert volume_mm3(smaller, grid) == pytest.approx(21.0 * 11.0 * (deep - 11), rel=0.1)


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("sizes", [(5.0,) * 6, (3.0, 6.5, 8.2, 2.4, 7.0, 4.5), (0.0, 4.0, 0.0, 0.0, 3.0, 0.0)])
def test_out_and_in_again_contains_the_body(kind, sizes) -> None:
    volume = volume_of(kind)
    margins = Margins(*sizes)
    for outline in (sphere(17.0), box(12.0, 9.0, 14.0)):
        roi = drawn(volume.grid, outline)
        outer = contours_with_margins(roi, margins, volume)
        again = mask_of(contours_with_margins(Roi(3, "o", outer), margins, volume, inwards=True), volume)
        body = mask_of(roi.contours, volume)
        assert not (body & ~mask_of(outer, volume)).any()
        assert not (body & ~again).any()


@pytest.mark.parametrize("kind", ODD)
def test_rings_smoothing_and_clipping(kind) -> None:
    volume = volume_of(kind)
    grid = volume.grid
    roi = drawn(grid, sphere(20.0))
    found = volume_mm3(mask_of(ring_contours(roi, 4.0, 5.0, volume), volume), grid)
    assert found == pytest.approx(4 / 3 * np.pi * (25**3 - 16**3), rel=0.02)
    smooth = mask_of(smoothed_contours(roi, 1.5, volume), volume)
    assert dice(smooth, within(grid, ball(20.0))) >= 0.985
    axis = np.array([0.6, 0.0, 0.8])
    cut = Plane(CENTRE, np.array([0.0, 1.0, 0.0]), np.cross(axis, [0.0, 1.0, 0.0]))
    half = volume_mm3(mask_of(clipped_contours(roi, cut, volume), volume), grid)
    assert half == pytest.approx(2 / 3 * np.pi * 20**3, rel=0.02)


@pytest.mark.parametrize("kind", ["tilted", "uneven"])
def test_the_result_is_that_of_an_even_grid(kind) -> None:
    even, odd = volume_of("even"), volume_of(kind)
    sizes = Margins(3.0, 6.0, 8.0, 2.0, 9.0, 4.5)
    found = contours_with_margins(drawn(odd.grid, sphere(24.0)), sizes, odd)
    other = contours_with_margins(drawn(even.grid, sphere(24.0)), sizes, even)
    assert dice(mask_of(found, even), mask_of(other, even)) >= 0.985


def test_a_margin_at_the_rim_of_the_grid_is_that_of_the_whole_body() -> None:
    whole, part = volume_of("tilted"), volume_of("tilted", slice(20, 34))
    roi = drawn(whole.grid, sphere(18.0))
    margins = Margins.uniform(5.0)
    for inwards in (False, True):
        expected = mask_of(contours_with_margins(roi, margins, whole, inwards=inwards), whole)[20:34]
        found = mask_of(contours_with_margins(roi, margins, part, inwards=inwards), part)
        assert dice(found, expected) > 0.995


def test_no_margin_and_no_body_change_nothing() -> None:
    volume = volume_of("all")
    roi = drawn(volume.grid, box(12.0, 9.0, 14.0))
    body = mask_of(roi.contours, volume)
    np.testing.assert_array_equal(mask_of(contours_with_margins(roi, Margins.uniform(0), volume), volume), body)
    assert contours_with_margins(Roi(4, "empty", ()), Margins.uniform(3), volume) == ()


@pytest.mark.parametrize("kind", ["long", "long across"])
@pytest.mark.parametrize("margin", [0.3, 0.4])
def test_small_margins_on_long_pixels_go_no_farther_than_they_are(kind, margin) -> None:
    volume = volume_of(kind)
    grid = volume.grid
    half_i, half_j = 10.7, 8.2  # 0.55 mm off the next centres of pixels that are 2.5 mm long
    found = contours_with_margins(drawn(grid, box(half_i, half_j, 9.0)), Margins.uniform(margin), volume)
    near = within(grid, lambda i, j, k: (abs(i) <= half_i + margin + 0.1) & (abs(j) <= half_j + margin + 0.1))
    assert not (mask_of(found, volume) & ~near).any()
    assert mask_of(found, volume).any()


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.5, 0.8])
def test_sides_without_a_margin_stay_on_tilted_grids(shift) -> None:
    volume = volume_of("tilted")
    grid = volume.grid
    roi = drawn(grid, box(10.0, 9.0, 9.0), (shift, shift, 0.0))
    found = mask_of(contours_with_margins(roi, Margins(0, 0, 0, 0, 4, 0), volume), volume)
    near = within(grid, lambda i, j, k: (abs(i - shift) <= 10.3) & (abs(j - shift) <= 9.3))
    assert not (found & ~near).any()
    assert found.sum() > mask_of(roi.contours, volume).sum()
