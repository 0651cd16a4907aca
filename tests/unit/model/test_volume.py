from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.geometry.grid import Grid
from rtvis.model.statistics import values_inside
from rtvis.model.volume import Patient, Slice, Volume

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.fixture
def volume() -> Volume:
    """2 slices of 3 rows and 4 columns, spacing (2.0, 0.5), gap 5, first pixel at (10, 20, 30)."""
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    slices = tuple(
        Slice(f"1.{k}", "1", (10.0, 20.0, 30.0 + 5 * k), AXIAL, (2.0, 0.5), 3, 4, rescale_intercept=-1024.0)
        for k in range(2)
    )
    grid = Grid.from_slices([one.position_lps_mm for one in slices], AXIAL, (2.0, 0.5), (3, 4))
    return Volume(
        volume_id="1",
        series_instance_uid="1",
        study_instance_uid="1",
        modality="CT",
        patient=Patient(),
        grid=grid,
        voxels=voxels,
        slices=slices,
    )


def test_the_value_under_a_point_is_that_of_its_voxel(volume: Volume) -> None:
    assert volume.value_at([10, 20, 30]) == -1024
    assert volume.value_at([11.5, 20, 30]) == 3 - 1024  # last column of the first row
    assert volume.value_at([10, 24, 35]) == 20 - 1024  # first column of the last row of the second slice
    assert volume.value_at([10.3, 20.9, 32.4]) == 1 - 1024


@pytest.mark.parametrize("point", [[9.7, 20, 30], [11.8, 20, 30], [10, 18.9, 30], [10, 25.1, 30], [10, 20, 27.4]])
def test_outside_there_is_no_value(volume: Volume, point: list[float]) -> None:
    """Half a pixel beyond the outer centres the volume ends; column -1 is not the last one."""
    assert volume.value_at(point) is None


def test_the_outer_faces_belong_to_the_volume(volume: Volume) -> None:
    assert volume.value_at([9.75, 19, 27.5]) == -1024
    assert volume.value_at([11.75, 25, 37.5]) == 23 - 1024


def test_values_are_rescaled_slice_by_slice(volume: Volume) -> None:
    first, second = volume.slices
    scaled = replace(volume, slices=(first, replace(second, rescale_slope=0.5, rescale_intercept=7.0)))
    np.testing.assert_array_equal(scaled.values[0], volume.voxels[0] - 1024.0)
    np.testing.assert_array_equal(scaled.values[1], volume.voxels[1] * 0.5 + 7)
    assert scaled.rescale is None
    assert volume.rescale == (1.0, -1024.0)
    assert scaled.value_at([10, 20, 35]) == 13.0
    assert volume.values.dtype == np.float32


def test_values_of_32_bits_are_not_rounded(volume: Volume) -> None:
    stored = volume.voxels.astype(np.int32) + 2**30
    wide = replace(
        volume, voxels=stored, slices=tuple(replace(one, bits_allocated=32, bits_stored=32) for one in volume.slices)
    )
    assert wide.values.dtype == np.float64
    np.testing.assert_array_equal(wide.values, stored - 1024.0)
    mask = np.zeros(stored.shape, dtype=bool)
    mask[1, 2] = True
    np.testing.assert_array_equal(values_inside(wide, mask), stored[1, 2] - 1024.0)
    assert values_inside(volume, mask).dtype == np.float32


def test_values_inside_are_in_the_volumes_units(volume: Volume) -> None:
    mask = np.ones(volume.voxels.shape, dtype=bool)
    suv = replace(volume, units="SUV", value_factor=0.5)
    np.testing.assert_array_equal(values_inside(suv, mask), suv.values.ravel())


def test_a_slope_of_zero_stays(volume: Volume) -> None:
    flat = replace(volume, slices=tuple(replace(one, rescale_slope=0.0) for one in volume.slices))
    assert np.all(flat.values == -1024)


def test_voxels_are_read_only_and_shared(volume: Volume) -> None:
    with pytest.raises(ValueError, match="read-only"):
        volume.voxels[0, 0, 0] = 1
    assert replace(volume, description="x").voxels is volume.voxels


def test_parts_that_do_not_fit_are_refused(volume: Volume) -> None:
    with pytest.raises(ValueError, match="voxels"):
        replace(volume, voxels=volume.voxels[:1])
    with pytest.raises(ValueError, match="1 slices"):
        replace(volume, slices=volume.slices[:1])


def test_geometry_is_that_of_the_grid(volume: Volume) -> None:
    assert volume.affine_lps is volume.grid.affine_lps
    assert volume.slice_origins_lps is volume.grid.slice_origins_lps_mm
    assert volume.frame_of_reference_uid == ""
