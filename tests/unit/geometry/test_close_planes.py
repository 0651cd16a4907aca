from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.close_planes import close_together, planes_joined
from rtvis.model.masks import roi_stacks
from rtvis.model.statistics import roi_statistics
from rtvis.model.structure_set import Contour, Roi

SLICES = np.arange(6) * 3.0


def square(half, x=0.0) -> np.ndarray:
    return np.array([[x - half, -half], [x + half, -half], [x + half, half], [x - half, half]])


def roi_of(*drawn) -> Roi:
    """Of (outline, heights) each."""
    curves = [np.column_stack([flat, np.full(len(flat), z)]) for flat, heights in drawn for z in heights]
    return Roi(1, "r", tuple(Contour(one, "CLOSED_PLANAR") for one in curves))


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([0, 0.06, 3, 3.06, 6, 6.06], [0, 0, 1, 1, 2, 2]),
        ([0, 3, 3.2, 6, 9], [0, 1, 1, 2, 3]),
        ([0, 0.75, 1.5, 3.0], [0, 1, 2, 3]),
        ([0, 3, 6, 60, 63], [0, 1, 2, 3, 4]),
        ([0, 0.4, 3, 3.4, 6], [0, 1, 2, 3, 4]),
        ([0, 1, 60], [0, 1, 2]),
        ([0, 0.7, 10, 10.7, 20, 30], [0, 1, 2, 3, 4, 5]),
        ([0, 0.2], [0, 1]),
        ([5], [0]),
    ],
)
def test_planes_are_close_when_all_others_are_ten_times_as_far_apart(positions, expected) -> None:
    assert close_together(np.array(positions, dtype=float)).tolist() == expected


@pytest.mark.parametrize("beside", [0.06, 0.2, -0.25])
def test_contours_a_little_beside_those_of_their_slice_stand_for_as_much(beside) -> None:
    apart = roi_of((square(5.0), SLICES), (square(5.0, 20.0), SLICES + beside))
    assert roi_statistics(apart).volume_cc == pytest.approx(2 * 100 * 18 / 1000, rel=1e-9)
    hole = roi_of((square(10.0), SLICES), (square(5.0), SLICES + beside))
    assert roi_statistics(hole).volume_cc == pytest.approx((400 - 100) * 18 / 1000, rel=1e-9)
    copies = roi_of((square(5.0), SLICES), (square(5.0), SLICES + beside))
    assert roi_statistics(copies).volume_cc == pytest.approx(100 * 18 / 1000, rel=1e-9)


def test_what_lies_over_another_on_a_close_plane_stays_on_its_own() -> None:
    again = roi_of((square(10.0), SLICES), (square(9.8), SLICES[2:3] + 0.2))
    assert len(roi_stacks(again).stacks[0].positions_mm) == 7
    both = roi_of((square(10.0), SLICES), (square(9.8), SLICES[2:3] + 0.2), (square(5.0, 30.0), SLICES[4:5] + 0.2))
    assert len(roi_stacks(both).stacks[0].positions_mm) == 7
    assert roi_statistics(again).volume_cc == pytest.approx(400 * 18 / 1000, rel=0.01)


def test_layers_are_counted_from_below_whatever_stays_apart() -> None:
    layers = np.array([3, 0, 2, 1, 4])
    positions = np.array([6.0, 0.0, 3.2, 3.0, 6.1])
    loops = [square(5.0), square(5.0), square(4.9), square(5.0), square(5.0, 20.0)]
    assert planes_joined(layers, positions, loops).tolist() == [3, 0, 2, 1, 3]
