from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvis.geometry.grid import Grid

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Grids of 1 to 7 slices: oblique, uneven, sheared, of either handedness, ascending or descending."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    row, column = turn[:, 0], turn[:, 1]
    normal = np.cross(row, column)
    count = draw(st.integers(1, 7))
    gaps = rng.uniform(0.3, 6, count) if draw(st.booleans()) else np.full(count, 2.5)
    distances = np.cumsum(gaps)
    shear = rng.normal(size=(count, 2)) if draw(st.booleans()) else np.arange(count)[:, None] * rng.normal(size=2)
    origins = rng.uniform(-300, 300, 3) + distances[:, None] * normal + shear @ np.array([row, column])
    grid = Grid.from_slices(origins, (*row, *column), rng.uniform(0.2, 3, 2).tolist(), (8, 5))
    if not draw(st.booleans()):
        return grid
    affine = grid.affine_lps.copy()
    affine[:3, 3] = grid.slice_origins_lps_mm[-1]
    affine[:3, 2] *= -1
    return Grid(grid.shape, affine, grid.slice_origins_lps_mm[::-1])


@given(grid=grids(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_index_to_patient_and_back(grid: Grid, data: st.DataObject) -> None:
    index = np.array([data.draw(st.floats(-4, 12)) for _ in range(3)])
    np.testing.assert_allclose(grid.to_index(grid.to_patient(index)), index, rtol=0, atol=1e-7)


@given(grid=grids(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_patient_to_index_and_back(grid: Grid, data: st.DataObject) -> None:
    point = grid.centre_lps_mm + np.array([data.draw(st.floats(-50, 50)) for _ in range(3)])
    np.testing.assert_allclose(grid.to_patient(grid.to_index(point)), point, rtol=0, atol=1e-7)


@given(grid=grids())
@settings(max_examples=60, deadline=None)
def test_each_slice_is_at_its_own_origin(grid: Grid) -> None:
    slices = grid.shape[0]
    index = np.column_stack([np.zeros((slices, 2)), np.arange(slices)])
    np.testing.assert_allclose(grid.to_patient(index), grid.slice_origins_lps_mm, rtol=0, atol=1e-10)
    np.testing.assert_allclose(grid.slice_index(grid.slice_origins_lps_mm), np.arange(slices), rtol=0, atol=1e-9)
    centres = np.stack(np.meshgrid(range(5), range(8), range(slices)), axis=-1)
    assert grid.contains(grid.to_patient(centres)).all()


@given(grid=grids())
@settings(max_examples=60, deadline=None)
def test_the_outer_faces_bound_the_grid(grid: Grid) -> None:
    corners = grid.corners_lps_mm()
    assert corners.shape == (8, 3)
    inwards = grid.centre_lps_mm + (corners - grid.centre_lps_mm) * 0.999
    if grid.regular or grid.shape[0] == 1:
        assert grid.contains(inwards).all()
    index = grid.to_index(corners)
    expected = [[-0.5, 4.5], [-0.5, 7.5], [-0.5, grid.shape[0] - 0.5]]
    for axis, (low, high) in enumerate(expected):
        assert np.allclose(np.sort(index[:, axis]), [low] * 4 + [high] * 4, atol=1e-7)
    beyond = grid.to_patient([[-0.6, 0, 0], [4.6, 0, 0], [0, -0.6, 0], [0, 7.6, 0], [0, 0, -0.6], [0, 0, 6.6]])
    assert not grid.contains(beyond).any()


def test_even_slices_are_regular_and_the_affine_is_all_there_is() -> None:
    grid = Grid.from_slices([[1, 2, 3 + 2.5 * k] for k in range(5)], AXIAL, (2.0, 0.5), (8, 6))
    assert grid.regular
    assert grid.spacing_mm == (2.5, 2.0, 0.5)
    assert grid.tilt_deg == 0
    np.testing.assert_array_equal(grid.affine_lps, [[0.5, 0, 0, 1], [0, 2, 0, 2], [0, 0, 2.5, 3], [0, 0, 0, 1]])
    np.testing.assert_array_equal(grid.centre_lps_mm, [1 + 2.5 * 0.5, 2 + 3.5 * 2, 3 + 2 * 2.5])


def test_uneven_slices_keep_their_places() -> None:
    grid = Grid.from_slices([[0, 0, z] for z in (0, 5, 10, 20)], AXIAL, (1, 1), (4, 4))
    assert not grid.regular
    assert not grid.has_even_gaps
    np.testing.assert_allclose(grid.affine_lps[:3, 2], [0, 0, 20 / 3])  # (last - first) / (n - 1)
    np.testing.assert_array_equal(grid.origin_at([0.5, 2.5, 4, -1])[:, 2], [2.5, 15, 30, -5])
    np.testing.assert_allclose(grid.slice_index([[0, 0, 2.5], [0, 0, 15], [0, 0, 30], [0, 0, -5]]), [0.5, 2.5, 4, -1])
    assert grid.spacing_mm[0] == 5


def test_a_gantry_tilt_is_carried_and_told() -> None:
    shift = np.tan(np.radians(14.0))
    grid = Grid.from_slices([[0, 3 * k * shift, 3.0 * k] for k in range(9)], AXIAL, (1, 1), (4, 4))
    assert grid.tilt_deg == pytest.approx(14)
    assert grid.has_even_gaps
    assert not grid.regular
    assert grid.spacing_mm[0] == pytest.approx(3)
    np.testing.assert_allclose(grid.to_index([0, 12 * shift, 12]), [0, 0, 4], atol=1e-12)


@pytest.mark.parametrize(("offset", "regular"), [(0.005, True), (0.02, False)])
def test_positions_rounded_to_two_decimals_are_even(offset: float, regular: bool) -> None:
    grid = Grid.from_slices([[0, 0, 0], [0, 0, 2 + offset], [0, 0, 4]], AXIAL, (1, 1), (4, 4))
    assert grid.regular is regular


def test_a_single_slice_has_a_thickness() -> None:
    grid = Grid.from_slices([[5, 6, 7]], AXIAL, (1, 1), (4, 4), single_slice_thickness_mm=3)
    np.testing.assert_allclose(grid.to_index([[5, 6, 8.5], [6, 8, 7]]), [[0, 0, 0.5], [1, 2, 0]])
    assert grid.spacing_mm[0] == 3
    assert grid.regular
    no_thickness = Grid.from_slices([[5, 6, 7]], AXIAL, (1, 1), (4, 4), single_slice_thickness_mm=0)
    assert no_thickness.spacing_mm[0] == 1


def test_points_far_away_or_nowhere_are_outside() -> None:
    grid = Grid.from_slices([[0, 0, z] for z in (0, 5, 10)], AXIAL, (1, 1), (4, 4))
    points = [[1e300, 0, 0], [0, 0, -1e300], [float("nan")] * 3, [0, 0, 0]]
    assert grid.contains(points).tolist() == [False, False, False, True]


def test_its_arrays_are_read_only_and_its_own() -> None:
    origins = np.array([[0.0, 0, 0], [0, 0, 2]])
    grid = Grid.from_slices(origins, AXIAL, (1, 1), (4, 4))
    origins[:] = 99
    np.testing.assert_array_equal(grid.slice_origins_lps_mm, [[0, 0, 0], [0, 0, 2]])
    for array in (grid.affine_lps, grid.slice_origins_lps_mm):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("heights", [[0, 2, 2], [0, 2, 1], [3, 2, 1]])
def test_slices_out_of_order_are_refused(heights: list[float]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        Grid.from_slices([[0, 0, z] for z in heights], AXIAL, (1, 1), (4, 4))


def affine(third: tuple[float, float, float] = (0, 0, 2), first: float = 0.0) -> NDArray[np.float64]:
    result = np.eye(4)
    result[:3, 2] = third
    result[0, 3] = first
    return result


@pytest.mark.parametrize(
    ("shape", "matrix", "origins", "message"),
    [
        ((2, 4, 4), affine(), [[0, 0, 0]], "origins"),
        ((0, 4, 4), affine(), np.empty((0, 3)), "origins"),
        ((2, 0, 4), affine(), [[0, 0, 0], [0, 0, 2]], "grid of shape"),
        ((2, 4, 4), affine((1, 0, 0)), [[0, 0, 0], [1, 0, 0]], "independent"),
        ((2, 4, 4), affine((0, 0, 0)), [[0, 0, 0], [0, 0, 2]], "independent"),
        ((2, 4, 4), affine(first=float("nan")), [[0, 0, 0], [0, 0, 2]], "finite"),
        ((2, 4, 4), affine(first=5), [[0, 0, 0], [0, 0, 2]], "differ"),
        ((3, 4, 4), affine(), [[0, 0, 0], [0, 0, 5], [0, 0, 4]], "neither ascend nor descend"),
    ],
)
def test_what_is_no_grid_is_refused(shape: tuple[int, int, int], matrix: object, origins: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Grid(shape, matrix, origins)  # type: ignore[arg-type]


def test_tiny_voxels_make_a_grid() -> None:
    grid = Grid.from_slices([[0, 0, 0], [0, 0, 1e-5]], AXIAL, (1e-5, 1e-5), (4, 4))
    np.testing.assert_allclose(grid.to_index([1e-5, 2e-5, 0.5e-5]), [1, 2, 0.5])


@given(grid=grids(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_part_has_the_voxels_of_its_slices_where_they_were(grid: Grid, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, grid.shape[0] - 1))
    last = data.draw(st.integers(first, grid.shape[0] - 1))
    part = grid.part(first, last)
    assert part.shape == (last - first + 1, *grid.shape[1:])
    index = np.array([[3.2, 1.7, k] for k in range(part.shape[0])])
    np.testing.assert_allclose(
        part.to_patient(index), grid.to_patient(index + np.array([0, 0, first])), rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(part.normal, grid.normal, rtol=0, atol=0)
    assert part.slice_index(part.to_patient(index)) == pytest.approx(range(part.shape[0]))
    for wrong in ((first, grid.shape[0]), (-1, last), (last + 1, last)):
        with pytest.raises(ValueError, match="has no slices"):
            grid.part(*wrong)
