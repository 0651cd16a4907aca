"""Histogram, region and own presets, in the volume's units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.levels import RegionTool, histogram_of, region_bounds
from rtvis.app.levels_presets import OwnPreset, OwnPresets
from rtvis.app.measuring import Measured
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.model.errors import UsageError
from rtvis.model.progress import CancelledError
from tests.unit.gui.conftest import make_volume


def filled(voxels, **changes):
    volume = make_volume()
    return replace(volume, voxels=np.ascontiguousarray(np.broadcast_to(voxels, volume.voxels.shape)), **changes)


def share_below(histogram, value):
    """Share of the voxels below a value that is an edge between bins."""
    edges = histogram.low + histogram.bin_width * np.arange(len(histogram.counts) + 1)
    return histogram.counts[: np.searchsorted(edges, value - 1e-9)].sum() / histogram.counts.sum()


def test_every_voxel_is_counted_at_its_value():
    volume = make_volume()  # stored 900 to 1099, intercept -1000
    histogram = histogram_of(volume)
    assert histogram.counts.sum() == volume.voxels.size
    assert (histogram.low, histogram.high) == (-100.5, 99.5)
    assert histogram.bin_width == 1
    value = -37
    assert histogram.counts[int(value - histogram.low)] == np.count_nonzero(volume.values == value)


def test_a_wide_range_has_bins_of_whole_steps():
    rng = np.random.default_rng(3)
    volume = filled(rng.integers(-1024, 31000, (20, 40, 50)).astype(np.int16))
    histogram = histogram_of(volume)
    assert len(histogram.counts) <= 2048
    assert histogram.bin_width == round(histogram.bin_width)
    assert histogram.counts.sum() == volume.voxels.size
    edge = histogram.low + 700 * histogram.bin_width
    assert share_below(histogram, edge) == np.mean(volume.values < edge)


def test_slices_with_slopes_of_their_own_are_counted_by_value():
    volume = filled(np.full((20, 40, 50), 100, np.int16), modality="PT", units="BQML")
    slices = tuple(replace(one, rescale_slope=n + 1.0, rescale_intercept=0.0) for n, one in enumerate(volume.slices))
    histogram = histogram_of(replace(volume, slices=slices))
    assert histogram.counts.sum() == volume.voxels.size
    assert np.count_nonzero(histogram.counts) == 20  # values 100, 200 ... 2000
    assert histogram.low <= 100 < histogram.low + histogram.bin_width


@pytest.mark.parametrize("voxels", [np.full(1, 7, np.int16), np.array([0, 2**31 - 1] * 25, np.int32)])
def test_one_value_only_and_values_of_32_bits_are_counted(voxels):
    volume = filled(voxels)
    histogram = histogram_of(volume)
    assert histogram.counts.sum() == volume.voxels.size
    assert histogram.bin_width > 0


def test_counting_can_be_stopped():
    def stop(done, total):
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        histogram_of(make_volume(), stop)


def test_a_region_s_values_become_the_ends_of_the_window():
    voxels = np.full((20, 40, 50), 500, np.int16)
    voxels[10, 10:20, 10:30] = np.linspace(1000, 1200, 20).astype(np.int16)
    volume = filled(voxels)
    plane = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.to_patient([0, 0, 10])).plane
    inside = volume.grid.to_patient([[10, 10, 10], [29, 19, 10]])
    lower, upper = region_bounds(volume, plane, *inside)
    assert lower == pytest.approx(0, abs=4)
    assert upper == pytest.approx(200, abs=4)
    assert region_bounds(volume, plane, *inside[::-1]) == (lower, upper)
    flat = volume.grid.to_patient([[0, 0, 10], [5, 5, 10]])
    assert region_bounds(volume, plane, *flat) == (-500, -500)


def test_a_region_beside_the_volume_has_no_values():
    volume = make_volume()
    plane = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.centre_lps_mm).plane
    assert region_bounds(volume, plane, [500, 500, 0], [520, 510, 0]) is None


@pytest.mark.parametrize("kind", list(PlaneKind))
def test_the_region_tool_gives_a_rectangle_along_the_view_s_sides(kind):
    plane = VolumePlanes(make_volume().grid).at(kind, [0, 0, -10]).plane
    tool = RegionTool()
    tool.press(plane.to_patient([2.0, 3.0]), plane)
    tool.move(plane.to_patient([12.0, 8.0]), plane)
    assert plane.to_plane(tool.preview) == pytest.approx(np.array([[2, 3], [12, 3], [12, 8], [2, 8]]))
    done = tool.release(plane.to_patient([12.0, 9.0]), plane)
    assert isinstance(done, Measured)
    assert done.kind == "levels"
    assert plane.to_plane(done.points[2]) == pytest.approx([12, 9])
    assert not tool.is_active
    tool.press(plane.to_patient([2.0, 3.0]), plane)
    assert tool.release(plane.to_patient([2.1, 3.0]), plane) is None  # a click


def test_own_presets_are_kept_by_modality_and_come_back_from_settings():
    presets = OwnPresets().with_preset(OwnPreset(" Stent ", "CT", 2000, 600)).with_preset(OwnPreset("T2", "MR", 9, 4))
    presets = presets.with_preset(OwnPreset("Stent", "CT", 2500, 700))
    again = OwnPresets.from_text(presets.to_text())
    assert again.of("CT") == (OwnPreset("Stent", "CT", 2500, 700),)
    assert again.without(again.of("CT")[0]).of("CT") == ()
    assert again.of("MR")[0].title == "T2"


@pytest.mark.parametrize("title", ["", "  ", "x" * 41])
def test_a_preset_without_a_name_is_refused(title):
    with pytest.raises(UsageError):
        OwnPresets().with_preset(OwnPreset(title, "CT", 1, 1))


@pytest.mark.parametrize(
    "text", ["", "{", "3", '[{"title": "a"}, 5]', '[{"title": "a", "modality": "CT", "width": NaN, "level": 1}]']
)
def test_settings_that_say_nothing_give_no_presets(text):
    assert OwnPresets.from_text(text).of("CT") == ()
