"""Presets follow the modality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.window_presets import first_window, presets_for, usual_range, value_range
from tests.unit.gui.conftest import make_volume


def test_every_modality_has_at_most_seven_that_differ_and_the_last_shows_all() -> None:
    volume = make_volume()
    low, high = float(volume.values.min()), float(volume.values.max())
    for modality in ("CT", "MR", "PT", "US", ""):
        presets = presets_for(modality)
        assert 1 <= len(presets) <= 7
        windows = [one.window_of(volume) for one in presets]
        assert len({one.title for one in presets}) == len(presets)
        assert all(width > 0 for width, _ in windows)
        assert windows[-1] == pytest.approx((high - low, (high + low) / 2))


def test_ct_presets_are_in_hu() -> None:
    windows = {one.title: one.window_of(make_volume()) for one in presets_for("CT")}
    assert windows["Soft tissue"] == (400.0, 40.0)
    assert windows["Lung"] == (1500.0, -600.0)


def test_pet_in_suv_has_windows_in_suv() -> None:
    assert presets_for("PT", "GML") == presets_for("PT", "g/ml")
    windows = {one.title: one.window_of(make_volume()) for one in presets_for("PT", "GML")}
    assert windows["SUV 0 to 5"] == (5.0, 2.5)
    assert "SUV 0 to 5" not in {one.title for one in presets_for("PT", "BQML")}
    assert len(windows) == 7


def test_pet_in_suv_is_first_shown_from_0_to_10_whatever_is_in_it() -> None:
    pet = replace(make_volume(), modality="PT", units="g/ml")
    assert first_window(pet) == (10.0, 5.0)
    assert first_window(replace(pet, window=(7.0, 3.5))) == (7.0, 3.5)
    assert first_window(replace(pet, units="BQML")) != (10.0, 5.0)


def test_shares_are_of_the_values_not_of_what_is_stored() -> None:
    volume = make_volume()  # stored 900 to 1099, intercept -1000
    low, high = value_range(volume, 0.25, 0.75)
    assert -100 < low < high < 100


def shown_at(values, modality="CT", window=None):
    volume = make_volume()  # intercept -1000
    stored = (np.broadcast_to(values, volume.voxels.shape) + 1000).astype(np.int16)
    return first_window(replace(volume, voxels=stored, modality=modality, window=window))


def test_a_ct_is_first_shown_at_soft_tissue_or_as_its_file_says() -> None:
    assert first_window(make_volume()) == (400.0, 40.0)
    assert shown_at(np.linspace(-1000, 1000, 50), window=(80.0, 35.0)) == (80.0, 35.0)


@pytest.mark.parametrize(("low", "high"), [(-1000, -770), (600, 3000)])
def test_a_ct_that_soft_tissue_shows_nothing_of_is_shown_by_its_values(low, high) -> None:
    width, level = shown_at(np.linspace(low, high, 50))
    assert level == pytest.approx((low + high) / 2, abs=5)
    assert 0.9 * (high - low) < width <= high - low


@pytest.mark.parametrize("window", [(1.0, 1e9), (400.0, -5000.0), (10.0, 2000.0)])
def test_a_window_of_the_file_in_which_nothing_is_seen_is_not_taken(window) -> None:
    assert shown_at(np.linspace(-1000, 1000, 50), window=window) == (400.0, 40.0)


def test_a_window_of_the_file_for_a_spot_is_taken() -> None:
    values = np.full((20, 40, 50), -1000.0)
    values[3, 7, 9] = 2000.0
    assert shown_at(values, window=(400.0, 1900.0)) == (400.0, 1900.0)
    assert shown_at(np.full(50, -1000.0), window=(400.0, 1900.0)) == (400.0, 1900.0)  # nothing read yet, maybe


def test_slices_that_are_not_read_yet_change_nothing() -> None:
    values = np.zeros((20, 40, 50))
    values -= 1000.0  # stored 0
    values[3] = np.linspace(-100, 100, 50)
    assert shown_at(values) == (400.0, 40.0)
    assert shown_at(np.full(50, -1000.0)) == (400.0, 40.0)


def test_images_of_next_to_nothing_but_background_show_what_is_there() -> None:
    """A small bright spot in a field of zeros: shares of the voxels are all nothing."""
    volume = make_volume()
    stored = np.zeros(volume.voxels.shape, np.int16)
    stored[:, 5, 5] = 40  # a voxel in two thousand of each slice
    spot = replace(volume, voxels=stored, modality="MR", window=None, value_factor=1e-4)
    low, high = -0.1, -0.096  # intercept -1000
    assert first_window(spot) == pytest.approx((high - low, (high + low) / 2))
    assert usual_range(spot) == pytest.approx(high - low)
    for preset in presets_for("MR"):
        width, level = preset.window_of(spot)
        assert level - width / 2 <= low + 1e-9, preset.title
        assert 0 < width <= high - low + 1e-9, preset.title


def test_a_constant_image_has_a_window_all_the_same() -> None:
    volume = make_volume()
    flat = replace(volume, voxels=np.full(volume.voxels.shape, 700, np.int16), modality="MR", window=None)
    assert first_window(flat) == (1.0, -300.0)
    assert usual_range(flat) == 1.0
    assert all(preset.window_of(flat)[0] > 0 for preset in presets_for("MR"))
