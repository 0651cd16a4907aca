"""Pixel to patient is PS3.3 C.7.6.2.1.1: by hand, and against SimpleITK."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvis.geometry.frame import apply_affine, direction_cosines, orientation_letter, plane_affine, slice_normal
from rtvis.geometry.grid import Grid

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def rotation(seed: int) -> NDArray[np.float64]:
    """Any rotation or, for every fourth seed, one of those that put each axis on another, back or forth."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    if seed % 4 == 0:
        turn = np.eye(3)[:, rng.permutation(3)] * rng.choice([-1.0, 1.0], 3)
    if np.linalg.det(turn) < 0:
        turn[:, 2] *= -1
    return np.asarray(turn)


# By seed, since ITK's decomposition of a direction matrix gives up on those with subnormal numbers in them.
ROTATION = st.integers(0, 2**32).map(rotation)
SPACING = st.floats(0.1, 5.0)
COORDINATE = st.floats(-500, 500)


def test_rows_and_columns_are_not_exchanged() -> None:
    """PixelSpacing is (between rows, between columns): with (2.0, 0.5) a step in the column index is 0.5 mm."""
    affine = plane_affine((10, 20, 30), AXIAL, (2.0, 0.5))
    np.testing.assert_array_equal(apply_affine(affine, [0, 0, 0]), [10, 20, 30])
    np.testing.assert_array_equal(apply_affine(affine, [1, 0, 0]), [10.5, 20, 30])
    np.testing.assert_array_equal(apply_affine(affine, [0, 1, 0]), [10, 22, 30])


def test_the_equation_of_the_standard_term_by_term() -> None:
    position, spacing = np.array([-12.5, 7.25, 100.0]), (2.0, 0.5)
    x, y = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, -1.0])  # sagittal
    matrix = np.array(
        [
            [x[0] * spacing[1], y[0] * spacing[0], 0, position[0]],
            [x[1] * spacing[1], y[1] * spacing[0], 0, position[1]],
            [x[2] * spacing[1], y[2] * spacing[0], 0, position[2]],
            [0, 0, 0, 1],
        ]
    )
    np.testing.assert_array_equal(plane_affine(position, (*x, *y), spacing), matrix)


def test_flipped_directions_count_backwards() -> None:
    affine = plane_affine((0, 0, 0), (-1, 0, 0, 0, -1, 0), (2.0, 0.5))
    np.testing.assert_array_equal(apply_affine(affine, [4, 3, 0]), [-2, -6, 0])


@given(turn=ROTATION, flip=st.booleans(), origin=st.tuples(COORDINATE, COORDINATE, COORDINATE), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_grid_agrees_with_simpleitk(
    turn: NDArray[np.float64], flip: bool, origin: tuple[float, float, float], data: st.DataObject
) -> None:
    between_slices, between_rows, between_columns = (data.draw(SPACING) for _ in range(3))
    row = -turn[:, 0] if flip else turn[:, 0]
    column = turn[:, 1]
    normal = np.cross(row, column)
    shape = (4, 6, 5)
    origins = np.array(origin) + np.arange(4)[:, None] * between_slices * normal
    grid = Grid.from_slices(origins, (*row, *column), (between_rows, between_columns), shape[1:])

    image = SimpleITK.Image(shape[2], shape[1], shape[0], SimpleITK.sitkUInt8)
    image.SetOrigin(origin)
    image.SetSpacing((between_columns, between_rows, between_slices))
    image.SetDirection(np.column_stack([row, column, normal]).ravel().tolist())
    for _ in range(3):
        index = [data.draw(st.floats(-3, 9)) for _ in range(3)]
        expected = image.TransformContinuousIndexToPhysicalPoint(index)
        np.testing.assert_allclose(grid.to_patient(index), expected, rtol=0, atol=1e-6)
        np.testing.assert_allclose(apply_affine(grid.affine_lps, index), expected, rtol=0, atol=1e-6)
        back = image.TransformPhysicalPointToContinuousIndex(expected)
        np.testing.assert_allclose(grid.to_index(expected), back, rtol=0, atol=1e-6)


def test_cosines_stay_as_they_are_written() -> None:
    written = (0.9994, 0.0349, 0.0, -0.0349, 0.9994, 0.0)  # four decimals, not quite unit vectors
    row, column = direction_cosines(written)
    np.testing.assert_array_equal([*row, *column], written)
    assert np.linalg.norm(slice_normal(written)) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    "orientation",
    [
        (1, 0, 0, 0, 1),
        (1, 0, 0, 0, 0, 0),
        (1, 0, 0, 1, 0, 0),
        (2, 0, 0, 0, 1, 0),
        (1, 0, 0, 0.01, 1, 0),
        (1, 0, 0, 0, float("nan"), 0),
        (0, 0, 0, 0, 0, 0),
    ],
)
def test_an_orientation_that_is_none_is_refused(orientation: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="orientation"):
        direction_cosines(orientation)


@pytest.mark.parametrize("spacing", [(0, 1), (1, -1), (1, float("inf")), (float("nan"), 1), (1,), (1, 1, 1)])
def test_a_spacing_that_is_none_is_refused(spacing: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="spacing"):
        plane_affine((0, 0, 0), AXIAL, spacing)


@pytest.mark.parametrize("position", [(0, 0), (0, 0, float("nan")), (float("inf"), 0, 0)])
def test_a_position_that_is_none_is_refused(position: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="position"):
        plane_affine(position, AXIAL, (1, 1))


@pytest.mark.parametrize(
    ("patient_position", "orientation", "right_and_bottom"),
    [
        ("HFS", (1, 0, 0, 0, 1, 0), "L P"),
        ("FFS", (-1, 0, 0, 0, 1, 0), "R P"),
        ("HFP", (-1, 0, 0, 0, -1, 0), "R A"),
        ("FFP", (1, 0, 0, 0, -1, 0), "L A"),
        ("HFDR", (0, 1, 0, -1, 0, 0), "P R"),
        ("HFDL", (0, -1, 0, 1, 0, 0), "A L"),
        ("FFDR", (0, -1, 0, -1, 0, 0), "A R"),
        ("FFDL", (0, 1, 0, 1, 0, 0), "P L"),
        ("coronal", (1, 0, 0, 0, 0, -1), "L I"),
        ("sagittal", (0, 1, 0, 0, 0, -1), "P I"),
        ("oblique", (0.8, 0.6, 0, 0, 0, 1), "LP S"),
        ("oblique the other way", (-0.6, 0.8, 0, 0, 0, -1), "PR I"),
        ("turned by 2 degrees", (0.99939, 0, -0.0349, 0, 1, 0), "L P"),
    ],
)
def test_orientation_letters(patient_position: str, orientation: tuple[float, ...], right_and_bottom: str) -> None:
    letters = f"{orientation_letter(orientation[:3])} {orientation_letter(orientation[3:])}"
    assert letters == right_and_bottom, patient_position


@given(turn=ROTATION)
def test_opposite_directions_have_opposite_letters(turn: NDArray[np.float64]) -> None:
    opposite = dict(zip("LRPASI", "RLAPIS", strict=True))
    letters = orientation_letter(turn[:, 0])
    assert letters
    assert orientation_letter(-5 * turn[:, 0]) == "".join(opposite[one] for one in letters)


def test_no_direction_has_no_letter() -> None:
    assert orientation_letter([0, 0, 0]) == ""
