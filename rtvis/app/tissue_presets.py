"""How the voxels of a volume are rendered in 3D: which values are seen, in which colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rtvis.app.window_presets import sampled_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.volume import Volume


class Stop(NamedTuple):
    """What a value looks like; between stops it changes evenly.

    Attributes:
        value: in the volume's units.
        opacity: 0 to 1, of `OPACITY_MM` of it.
        color: red, green, blue, 0 to 1.
    """

    value: float
    opacity: float
    color: tuple[float, float, float]


OPACITY_MM = 1.0
"""Opacities are those of a layer of this thickness."""


@dataclass(frozen=True, slots=True)
class TissuePreset:
    """One way to render a volume.

    Attributes:
        key: which doesn't change.
        title: for people.
        stops: from the least value to the greatest; what lies beyond looks as the outermost do.
    """

    key: str
    title: str
    stops: tuple[Stop, ...]

    @property
    def seen(self) -> tuple[float, float]:
        """Between which values there is anything to be seen."""
        values = [stop.value for stop in self.stops]
        opaque = [n for n, stop in enumerate(self.stops) if stop.opacity > 0]
        low = values[opaque[0] - 1] if opaque[0] > 0 else -np.inf
        high = values[opaque[-1] + 1] if opaque[-1] + 1 < len(values) else np.inf
        return low, high

    def opacity_at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Opacity of `OPACITY_MM` of each value."""
        return np.interp(values, [stop.value for stop in self.stops], [stop.opacity for stop in self.stops])


_SKIN = (0.86, 0.66, 0.54)
_CT = (
    TissuePreset(
        "bone",
        "Bone",
        (
            Stop(170.0, 0.0, (0.62, 0.36, 0.24)),
            Stop(290.0, 0.32, (0.87, 0.72, 0.55)),
            Stop(480.0, 0.72, (0.96, 0.91, 0.82)),
            Stop(1500.0, 0.95, (1.0, 1.0, 0.98)),
        ),
    ),
    TissuePreset(
        "soft",
        "Soft tissue",
        (
            Stop(-15.0, 0.0, (0.55, 0.20, 0.16)),
            Stop(35.0, 0.10, (0.72, 0.30, 0.24)),
            Stop(90.0, 0.30, (0.88, 0.52, 0.42)),
            Stop(220.0, 0.55, (0.95, 0.85, 0.74)),
            Stop(1500.0, 0.95, (1.0, 1.0, 0.98)),
        ),
    ),
    TissuePreset(
        "lung",
        "Lung",
        (
            Stop(-890.0, 0.0, (0.30, 0.50, 0.80)),
            Stop(-800.0, 0.02, (0.40, 0.62, 0.88)),
            Stop(-680.0, 0.07, (0.66, 0.80, 0.94)),
            Stop(-550.0, 0.11, (0.94, 0.80, 0.74)),
            Stop(-430.0, 0.0, (0.95, 0.72, 0.66)),
        ),
    ),
    TissuePreset(
        "skin",
        "Skin",
        (
            Stop(-450.0, 0.0, _SKIN),
            Stop(-300.0, 0.45, _SKIN),
            Stop(-120.0, 0.90, (0.92, 0.76, 0.66)),
            Stop(300.0, 0.98, (0.98, 0.92, 0.86)),
        ),
    ),
)


def tissue_presets(volume: Volume) -> tuple[TissuePreset, ...]:
    """Presets that suit the modality of a volume; but for CT they follow the values that are there."""
    if volume.modality == "CT":
        return _CT
    values = sampled_values(volume)
    if volume.modality in {"PT", "NM"}:
        top = float(np.max(values)) or 1.0
        return (_hot("uptake", "Uptake", 0.25 * top, 0.7 * top), _hot("high_uptake", "High uptake", 0.5 * top, top))
    low, middle, high = (float(one) for one in np.percentile(values, [50.0, 85.0, 99.5]))
    step = max(high - low, 1e-6)
    grey = (0.60, 0.58, 0.56)
    return (
        TissuePreset(
            "surface",
            "Surface",
            (
                Stop(low + 0.08 * step, 0.0, grey),
                Stop(low + 0.25 * step, 0.6, _SKIN),
                Stop(high, 0.95, (1.0, 0.95, 0.9)),
            ),
        ),
        TissuePreset(
            "bright",
            "Bright tissue",
            (Stop(max(middle, low + 0.4 * step), 0.0, grey), Stop(high, 0.5, (1.0, 0.96, 0.90))),
        ),
    )


def _hot(key: str, title: str, first: float, last: float) -> TissuePreset:
    """From nothing over red and yellow to white."""
    low, high = (1.0, 0.25, 0.05), (1.0, 0.85, 0.25)
    half = (first + last) / 2
    return TissuePreset(key, title, (Stop(first, 0.0, low), Stop(half, 0.15, high), Stop(last, 0.6, (1.0, 1.0, 0.9))))
