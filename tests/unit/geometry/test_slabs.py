from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.slabs import owners, slab_bounds


def test_planes_own_half_the_way_to_each_neighbour() -> None:
    lower, upper = slab_bounds(np.array([0.0, 2.0, 5.0, 7.0]), 9.0)
    assert lower.tolist() == [-1.0, 1.0, 3.5, 6.0]
    assert upper.tolist() == [1.0, 3.5, 6.0, 8.0]


def test_a_wide_gap_is_not_bridged() -> None:
    lower, upper = slab_bounds(np.array([0.0, 2.0, 4.0, 14.0, 16.0, 30.0]), 9.0)
    assert upper.tolist() == [1.0, 3.0, 5.0, 15.0, 17.0, 31.0]
    assert lower.tolist() == [-1.0, 1.0, 3.0, 13.0, 15.0, 29.0]


def test_a_plane_alone_has_the_thickness_it_is_given() -> None:
    lower, upper = slab_bounds(np.array([4.0]), 3.0)
    assert (lower[0], upper[0]) == (2.5, 5.5)


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 1.5])
def test_every_slice_belongs_to_one_plane_wherever_the_slices_are(shift) -> None:
    # Contours every 6 mm, slices every 3 mm: two slices each.
    slices = np.arange(-30.0, 60.0, 3.0) + shift
    found = owners(slices, *slab_bounds(np.array([0.0, 6.0, 12.0]), 3.0))
    assert np.bincount(found[found >= 0]).tolist() == [2, 2, 2]


def test_a_slice_in_the_middle_belongs_to_the_upper_plane() -> None:
    bounds = slab_bounds(np.array([0.0, 6.0]), 3.0)
    assert owners(np.array([-3.0, 0.0, 3.0, 6.0, 9.0]), *bounds).tolist() == [0, 0, 1, 1, -1]
    assert owners(np.array([2.9999]), *bounds).tolist() == [1]  # rounded when it was written


def test_nothing_owns_anything_without_planes() -> None:
    assert owners(np.array([1.0]), np.empty(0), np.empty(0)).tolist() == [-1]
