"""Window width and level at a key: fixed HU for CT, shares of what is there for images without such a scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rtvis.model.volume import Volume

SAMPLES_A_SLICE = 4_000
"""Voxels of each slice that shares are taken from: steady to a percent, and quick on any volume."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A name, and (width, level) in the volume's units for a volume."""

    title: str
    window_of: Callable[[Volume], tuple[float, float]]


def presets_for(modality: str) -> tuple[Preset, ...]:
    """The presets of a modality, in the order of their keys, at most seven."""
    return _CT if modality == "CT" else _PET if modality in {"PT", "NM"} else _OTHERS


def value_range(volume: Volume, low_share: float, high_share: float) -> tuple[float, float]:
    """The values, in the volume's units, below which shares (0 to 1) of its voxels lie.

    0 and 1 are the smallest and the largest of all voxels; what lies between comes from a sample.
    """
    slopes = np.array([one.rescale_slope for one in volume.slices])
    intercepts = np.array([one.rescale_intercept for one in volume.slices])
    step = max(1, volume.voxels[0].size // SAMPLES_A_SLICE)
    sample = volume.voxels.reshape(len(volume.slices), -1)[:, ::step].astype(np.float64)
    sample = sample * slopes[:, None] + intercepts[:, None]
    low, high = (float(value) for value in np.quantile(sample, [low_share, high_share]))
    if low_share <= 0:
        low = float((volume.voxels.min(axis=(1, 2)) * slopes + intercepts).min())
    if high_share >= 1:
        high = float((volume.voxels.max(axis=(1, 2)) * slopes + intercepts).max())
    return low, high


def _fixed(title: str, width: float, level: float) -> Preset:
    return Preset(title, lambda _volume: (width, level))


def _shares(title: str, low_share: float, high_share: float) -> Preset:
    def window_of(volume: Volume) -> tuple[float, float]:
        low, high = value_range(volume, low_share, high_share)
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
    _of_largest("0 to 10 % of the largest", 0.1),
    _of_largest("0 to 25 % of the largest", 0.25),
    _of_largest("0 to 40 % of the largest", 0.4),
    _of_largest("0 to 60 % of the largest", 0.6),
    _of_largest("0 to 80 % of the largest", 0.8),
    _of_largest("0 to the largest", 1.0),
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
