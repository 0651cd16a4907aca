"""Window width and level at a key: fixed HU for CT, shares of what is there for images without such a scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.suv import SUV_UNITS
from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.volume import Volume

STORED_SUV_UNITS = "GML"
"""Units (0054,1001) of files whose values are SUV by body weight already (PS3.3 C.8.9.1.1.3)."""

SAMPLES_A_SLICE = 4_000
"""Voxels of each slice that shares are taken from: steady to a percent, and quick on any volume."""

DEFAULT_WINDOWS = {"CT": (400.0, 40.0)}
"""(width, level) where the file proposes none: soft tissue for CT; other modalities take theirs from the voxels."""

SUV_WINDOW = (10.0, 5.0)
"""(width, level) of PET in SUV where the file proposes none: shares of what is nearly all background say nothing."""

LEAST_SHARE_SHOWN = 0.03
"""A window with fewer of the voxels than this between black and white shows next to nothing of an image: of a chest CT
soft tissue is a fifth, of a head in a wide field of view a tenth."""

FEW_SLICES = 16
"""Tell quickly what there is to see."""

USUAL_SHARES = (0.001, 0.999)
"""Of the voxels, between which values are usual."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A name, and (width, level) in the volume's units for a volume."""

    title: str
    window_of: Callable[[Volume], tuple[float, float]]


def presets_for(modality: str, units: str = "") -> tuple[Preset, ...]:
    """The presets of a modality, in the order of their keys, at most seven; PET in SUV has windows in SUV."""
    if modality == "PT" and units in {SUV_UNITS, STORED_SUV_UNITS}:
        return _SUV
    return _CT if modality == "CT" else _PET if modality in {"PT", "NM", DOSE_MODALITY} else _OTHERS


def sampled_values(volume: Volume, most_slices: int | None = None) -> NDArray[np.float64]:
    """Some voxels of each slice ``(slices, n)``, in the volume's units, evenly spread over the slice.

    Args:
        volume: may be half read.
        most_slices: of about so many slices only, evenly spread: memory that is far apart takes its time.
    """
    step = max(1, volume.voxels[0].size // SAMPLES_A_SLICE)
    every = 1 if most_slices is None else -(-len(volume.slices) // most_slices)
    sample = volume.voxels.reshape(len(volume.slices), -1)[::every, ::step].astype(np.float64)
    slopes, intercepts = (one[::every, None] for one in volume.slice_rescales)
    return np.asarray(sample * slopes + intercepts)


def first_window(volume: Volume) -> tuple[float, float]:
    """(width, level) a volume is first shown at.

    The file's, unless all of the image would be black or white in it; else soft tissue for CT where that shows
    something, SUV from 0 to 10, doses from nothing to the largest, and for all others what the middle 98 % of the
    voxels are.
    """
    if volume.window is not None and _shows_some(volume, *volume.window):
        return volume.window
    if volume.modality == "PT" and volume.units == SUV_UNITS:
        return SUV_WINDOW
    if volume.is_dose:
        low, high = value_range(volume, 0.0, 1.0)
        return _window(min(low, 0.0), high)
    sample = sampled_values(volume)
    default = DEFAULT_WINDOWS.get(volume.modality)
    # A slice of one value is padding, or was not read yet: it says nothing of what there is to see.
    told = sample[sample.min(axis=1) < sample.max(axis=1)]
    if default is not None:
        width, level = default
        if told.size == 0 or np.mean(np.abs(told - level) < width / 2) >= LEAST_SHARE_SHOWN:
            return default
    low, high = np.percentile(told if told.size else sample, [1.0, 99.0])
    if low == high:  # next to nothing but background
        low, high = value_range(volume, 0.0, 1.0)
    return _window(float(low), float(high))


def _shows_some(volume: Volume, width: float, level: float) -> bool:
    """Whether any of an image is seen at a window; images of one value, and such as aren't read yet, say nothing."""
    low, high = level - width / 2, level + width / 2
    for most_slices in (FEW_SLICES, None):  # mostly a few tell
        sample = sampled_values(volume, most_slices)
        if sample.min() < high and sample.max() > low:
            return True
    lowest, highest = value_range(volume, 0.0, 1.0)  # a spot that the sample missed
    return lowest == highest or (lowest < high and highest > low)


def usual_range(volume: Volume) -> float:
    """How far apart nearly all values of a volume are, in its units, but for outliers such as metal; above 0."""
    low, high = value_range(volume, *USUAL_SHARES)
    if low == high:
        low, high = value_range(volume, 0.0, 1.0)
    return _window(low, high)[0]


def value_range(volume: Volume, low_share: float, high_share: float) -> tuple[float, float]:
    """The values, in the volume's units, below which shares (0 to 1) of its voxels lie.

    0 and 1 are the smallest and the largest of all voxels; what lies between comes from a sample.
    """
    sample = sampled_values(volume)
    low, high = (float(value) for value in np.quantile(sample, [low_share, high_share]))
    if low_share <= 0:
        slopes, intercepts = volume.slice_rescales
        low = float((volume.voxels.min(axis=(1, 2)) * slopes + intercepts).min())
    if high_share >= 1:
        slopes, intercepts = volume.slice_rescales
        high = float((volume.voxels.max(axis=(1, 2)) * slopes + intercepts).max())
    return low, high


def _fixed(title: str, width: float, level: float) -> Preset:
    return Preset(title, lambda _volume: (width, level))


def _shares(title: str, low_share: float, high_share: float) -> Preset:
    def window_of(volume: Volume) -> tuple[float, float]:
        low, high = value_range(volume, low_share, high_share)
        if low == high:  # both in the background: all of what there is shows something
            low, high = value_range(volume, 0.0, 1.0)
        return _window(low, high)

    return Preset(title, window_of)


def _of_largest(title: str, share: float) -> Preset:
    """From nothing to a share of the largest value: how uptake is read."""

    def window_of(volume: Volume) -> tuple[float, float]:
        return _window(0.0, share * max(value_range(volume, 0.0, 1.0)[1], 0.0))

    return Preset(title, window_of)


def _window(low: float, high: float) -> tuple[float, float]:
    width = high - low
    return width if width > 0 else 1.0, (low + high) / 2


_FULL = _shares("Full range", 0.0, 1.0)

_CT = (
    _fixed("Soft tissue", 400.0, 40.0),
    _fixed("Lung", 1500.0, -600.0),
    _fixed("Bone", 1800.0, 400.0),
    _fixed("Brain", 80.0, 40.0),
    _fixed("Liver", 150.0, 60.0),
    _fixed("Mediastinum", 350.0, 50.0),
    _FULL,
)
_PET = (
    _of_largest("0 to 10 %", 0.1),
    _of_largest("0 to 25 %", 0.25),
    _of_largest("0 to 40 %", 0.4),
    _of_largest("0 to 60 %", 0.6),
    _of_largest("0 to 80 %", 0.8),
    _of_largest("0 to largest", 1.0),
    _FULL,
)
"""Shares of the largest value: stored uptake has no scale of its own, and what is prescribed differs."""

_SUV = (
    *(_fixed(f"SUV 0 to {most:g}", most, most / 2) for most in (2.5, 5.0, 7.0, 10.0, 15.0, 20.0)),
    _FULL,
)
_OTHERS = (
    _shares("Middle 98 %", 0.01, 0.99),
    _shares("Middle 90 %", 0.05, 0.95),
    _shares("Dark half", 0.0, 0.75),
    _shares("Bright half", 0.4, 0.999),
    _shares("Brightest", 0.75, 1.0),
    _shares("Middle 99.8 %", 0.001, 0.999),
    _FULL,
)
