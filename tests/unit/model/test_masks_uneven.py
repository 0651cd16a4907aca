"""Masks on slices that are unevenly apart become contours and the same masks again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.app.mask_structures import structure_set_from_masks
from rtvis.geometry.grid import Grid
from rtvis.model.masks import masks
from rtvis.model.volume import Patient, Slice, Volume

UPRIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def uneven(heights_mm, orientation=UPRIGHT):
    """5 x 5 pixels of 1 mm on slices at these heights."""
    normal = np.cross(orientation[:3], orientation[3:])
    origins = np.asarray(heights_mm, dtype=float)[:, None] * normal
    grid = Grid.from_slices(origins, orientation, (1.0, 1.0), (5, 5), frame_of_reference_uid="1.2.3")
    slices = tuple(
        Slice(f"1.2.4.{k}", "1.2.840.10008.5.1.4.1.1.2", tuple(place), orientation, (1.0, 1.0), 5, 5)
        for k, place in enumerate(origins)
    )
    voxels = np.zeros(grid.shape, dtype=np.int16)
    return Volume(
        volume_id="1.2.4",
        series_instance_uid="1.2.4",
        study_instance_uid="1.2.5",
        modality="CT",
        patient=Patient("1", "A", "", ""),
        grid=grid,
        voxels=voxels,
        slices=slices,
    )


def there_and_back(heights_mm, drawn, orientation=UPRIGHT):
    """The slices that a square drawn on some of them is on afterwards."""
    volume = uneven(heights_mm, orientation)
    mask = np.zeros(volume.grid.shape, dtype=bool)
    mask[drawn, 1:4, 1:4] = True
    made = structure_set_from_masks({"A": mask}, volume)
    back = masks(made, volume)["A"]
    more = np.any(back & ~mask)
    assert ("mask-with-gaps" in {one.code for one in made.problems}) == more
    assert all(np.array_equal(back[k], mask[drawn[0]]) for k in np.flatnonzero(back.any(axis=(1, 2))))
    return np.flatnonzero(back.any(axis=(1, 2))).tolist()


@pytest.mark.parametrize("orientation", [UPRIGHT, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), (0.8, 0.6, 0.0, 0.0, 0.0, 1.0)])
@pytest.mark.parametrize(
    ("heights_mm", "drawn"),
    [
        ([0, 5, 6], [1]),  # a plane that is alone: half the mean gap reaches the next slice
        ([0, 5, 6], [2]),
        ([0, 5, 6, 7], [0, 1]),  # an end plane: half the gap inside reaches two slices outside
        ([0, 1, 3, 4, 7], [3, 4]),
        ([0, 1, 2, 7, 8], [0, 1, 2, 3]),
    ],
)
def test_slices_that_were_left_out_stay_out(heights_mm, drawn, orientation):
    assert there_and_back(heights_mm, drawn, orientation) == drawn


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(1.0, 9.0), min_size=2, max_size=8), st.data())
def test_one_run_of_slices_comes_back_on_any_spacing(gaps_mm, data):
    heights_mm = np.cumsum([0.0, *gaps_mm])
    first = data.draw(st.integers(0, len(heights_mm) - 1))
    last = data.draw(st.integers(first, len(heights_mm) - 1))
    drawn = list(range(first, last + 1))
    assert there_and_back(heights_mm, drawn) == drawn


def test_contours_on_every_third_slice_own_as_much_outside_as_inside_on_even_slices():
    assert there_and_back(range(12), [3, 6, 9]) == list(range(2, 11))
