"""Presets follow the modality."""

from __future__ import annotations

import pytest

from rtvis.app.window_presets import presets_for, value_range
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


def test_shares_are_of_the_values_not_of_what_is_stored() -> None:
    volume = make_volume()  # stored 900 to 1099, intercept -1000
    low, high = value_range(volume, 0.25, 0.75)
    assert -100 < low < high < 100
