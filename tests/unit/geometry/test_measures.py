from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import (
    dice,
    histogram,
    slice_volumes_mm3,
    surface_distances,
    value_statistics,
    voxel_volume_mm3,
)


def grid(heights=tuple(range(10)), tilt=0.0) -> Grid:
    origins = np.array([[0.0, tilt * z, z] for z in heights])
    return Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (2.0, 0.5), (12, 16))


def test_a_voxel_takes_up_half_the_way_to_both_neighbours() -> None:
    assert slice_volumes_mm3(grid()).tolist() == [1.0] * 10
    assert slice_volumes_mm3(grid((0, 1, 3, 6))).tolist() == [1.0, 1.5, 2.5, 3.0]
    assert slice_volumes_mm3(grid(tilt=0.3)) == pytest.approx([1.0] * 10)
    mask = np.zeros((4, 12, 16), dtype=bool)
    mask[1:3, 3, 4:8] = True
    assert voxel_volume_mm3(mask, grid((0, 1, 3, 6))) == pytest.approx(4 * (1.5 + 2.5))


def test_dice() -> None:
    one = np.zeros((2, 3, 4), dtype=bool)
    other = one.copy()
    assert dice(one, other) == 1.0
    one[0, 0, :2] = True
    other[0, 0, 1:] = True
    assert dice(one, other) == pytest.approx(2 * 1 / 5)
    assert dice(one, ~one) == 0.0


@pytest.mark.parametrize("tilt", [0.0, 0.25])
def test_surfaces_moved_apart_are_as_far_apart_as_they_were_moved(tilt) -> None:
    one = np.zeros((10, 12, 16), dtype=bool)
    one[2:8, 3:9, 4:10] = True
    moved = np.roll(one, 2, axis=2)
    found = surface_distances(one, moved, grid(tilt=tilt))
    assert found.hausdorff == pytest.approx(1.0)
    assert 0 < found.mean < found.percentile_95 <= found.hausdorff
    same = surface_distances(one, one, grid(tilt=tilt))
    assert (same.mean, same.hausdorff) == (0.0, 0.0)
    assert surface_distances(one, np.zeros_like(one), grid()) is None


def test_values() -> None:
    found = value_statistics(np.array([1, 2, 3, 6], dtype=np.int16))
    assert (found.mean, found.min, found.max) == (3.0, 1.0, 6.0)
    assert found.std == pytest.approx(np.sqrt(3.5))
    assert value_statistics(np.empty(0)) is None


def test_a_histogram_counts_every_value_once() -> None:
    found = histogram(np.array([-3.0, -0.1, 0.0, 0.9, 1.0, 4.0]), 1.0)
    assert (found.start, found.width, found.counts) == (-3.0, 1.0, (1, 0, 1, 2, 1, 0, 0, 1))
    assert histogram(np.empty(0), 1.0) is None


def test_bins_begin_at_whole_multiples_of_their_width() -> None:
    found = histogram(np.array([-1, 26, 49, 50], dtype=np.int16), 25.0)
    assert (found.start, found.counts) == (-25.0, (1, 0, 2, 1))


@pytest.mark.parametrize("width", [0.0, -1.0, np.nan, 1e-12, 5e-324])
def test_bins_of_no_use_are_refused(width) -> None:
    with pytest.raises(ValueError, match="bins"), np.errstate(all="ignore"):
        histogram(np.array([1.0, 2.0]), width)
