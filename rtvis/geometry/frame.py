"""The one place where a pixel becomes a patient point (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

COSINE_TOLERANCE = 1e-3
"""How far row and column cosines may be from orthonormal. PS3.3 C.7.6.2.1.1 asks for unit, orthogonal vectors;
files carry them with as few as four decimals, which is an error of up to 1e-4 a component."""


def direction_cosines(orientation: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Row and column direction cosines from ImageOrientationPatient.

    Args:
        orientation: six numbers, Xx Xy Xz Yx Yy Yz, in LPS.

    Returns:
        The row cosines X (the direction in which the column index grows) and the column cosines Y, each ``(3,)``,
        exactly as given: they are not normalised, since the standard's equation uses them as they are written.

    Raises:
        ValueError: when they are not unit length and orthogonal within `COSINE_TOLERANCE`.
    """
    values = np.asarray(orientation, dtype=np.float64)
    if values.shape != (6,) or not np.all(np.isfinite(values)):
        raise ValueError(f"image orientation must be six finite numbers, not {orientation!r}")
    row, column = values[:3], values[3:]
    if (
        abs(np.linalg.norm(row) - 1) > COSINE_TOLERANCE
        or abs(np.linalg.norm(column) - 1) > COSINE_TOLERANCE
        or abs(float(row @ column)) > COSINE_TOLERANCE
    ):
        raise ValueError(f"image orientation is not two orthogonal unit vectors: {orientation!r}")
    return row, column


def slice_normal(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Unit normal of an image plane, ``cross(row cosines, column cosines)`` normalised, ``(3,)`` in LPS."""
    row, column = direction_cosines(orientation)
    normal = np.cross(row, column)
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)


def plane_affine(
    position_lps_mm: ArrayLike, orientation: Sequence[float], pixel_spacing_mm: Sequence[float]
) -> NDArray[np.float64]:
    """The matrix of PS3.3 C.7.6.2.1.1, eq. C.7.6.2.1-1: ``P = S + X dc i + Y dr j``.

    Args:
        position_lps_mm: ImagePositionPatient S, the centre of the first pixel, LPS mm.
        orientation: ImageOrientationPatient, row cosines X then column cosines Y.
        pixel_spacing_mm: PixelSpacing as DICOM writes it: dr (between rows, vertical), dc (between columns).

    Returns:
        ``(4, 4)``: takes ``(i, j, 0, 1)`` (column index, row index) to LPS mm. The third column is zero, as in the
        standard: a single plane has no third direction.

    Raises:
        ValueError: when a spacing is not positive, or position or orientation are not usable.
    """
    position = np.asarray(position_lps_mm, dtype=np.float64)
    if position.shape != (3,) or not np.all(np.isfinite(position)):
        raise ValueError(f"image position must be three finite numbers, not {position_lps_mm!r}")
    if len(pixel_spacing_mm) != 2:
        raise ValueError(f"pixel spacing must be two numbers, not {tuple(pixel_spacing_mm)!r}")
    between_rows_mm, between_columns_mm = (float(value) for value in pixel_spacing_mm)
    if not (0 < between_rows_mm < np.inf and 0 < between_columns_mm < np.inf):
        raise ValueError(f"pixel spacing must be positive, not {tuple(pixel_spacing_mm)!r}")
    row, column = direction_cosines(orientation)
    affine = np.zeros((4, 4))
    affine[:3, 0] = row * between_columns_mm
    affine[:3, 1] = column * between_rows_mm
    affine[:3, 3] = position
    affine[3, 3] = 1.0
    return affine


def apply_affine(affine: NDArray[np.float64], points: ArrayLike) -> NDArray[np.float64]:
    """Apply a ``(4, 4)`` affine to points ``(..., 3)``; returns ``(..., 3)`` float64."""
    array = np.asarray(points, dtype=np.float64)
    return np.asarray(array @ affine[:3, :3].T + affine[:3, 3], dtype=np.float64)


def orientation_letter(direction_lps: ArrayLike, *, least_cosine: float = 0.1) -> str:
    """The letters of the side a direction points to, strongest first (PS3.3 C.7.6.1.1.1), such as ``"L"`` or ``"PS"``.

    Args:
        direction_lps: ``(3,)`` direction in LPS; its length does not matter.
        least_cosine: components smaller than this share of the length are left out.

    Returns:
        One to three of ``L R P A S I`` (S and I for superior and inferior, as people read them on screens).
    """
    direction = np.asarray(direction_lps, dtype=np.float64)
    length = float(np.linalg.norm(direction))
    if length == 0:
        return ""
    cosines = direction / length
    letters = ("LR", "PA", "SI")
    order = sorted(range(3), key=lambda axis: -abs(cosines[axis]))
    return "".join(letters[axis][int(cosines[axis] < 0)] for axis in order if abs(cosines[axis]) >= least_cosine)
