"""Colour maps: what a share of the window, from its lower to its upper end, is painted with.

Each is given by a few knots with straight lines between them. The palettes of the standard (PS3.6 Annex B) have their
names; `gray` and its inverse are what an image without a palette is shown in (PS3.3 C.7.6.3.1.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 256

Knots: TypeAlias = tuple[tuple[float, int, int, int], ...]
"""(place 0 to 255, red, green, blue 0 to 255), places ascending."""


@dataclass(frozen=True, slots=True)
class ColorMap:
    """A colour map: the key it is kept under in settings, the name people see, and its knots."""

    key: str
    title: str
    knots: Knots
    stepped: bool = False
    """Whether a knot's colour stays until the next knot, instead of going over into its."""

    def table(self, *, inverse: bool = False) -> NDArray[np.uint8]:
        """``(256, 3)`` RGB, read-only, from the lower end of the window to the upper one; the other way if inverse."""
        return _table(self, inverse)


@cache
def _table(color_map: ColorMap, inverse: bool) -> NDArray[np.uint8]:
    knots = np.array(color_map.knots, dtype=np.float64)
    places = np.arange(LEVELS)
    if color_map.stepped:
        table = knots[np.searchsorted(knots[:, 0], places, side="right") - 1, 1:]
    else:
        table = np.column_stack([np.interp(places, knots[:, 0], knots[:, channel]) for channel in (1, 2, 3)])
    result = np.rint(table[::-1] if inverse else table).astype(np.uint8)
    result.flags.writeable = False
    return result


def _even(*colors: tuple[int, int, int]) -> Knots:
    """Knots at even distances."""
    places = np.linspace(0, LEVELS - 1, len(colors))
    return tuple((float(place), *color) for place, color in zip(places, colors, strict=True))


GRAY = ColorMap("gray", "Grey", _even((0, 0, 0), (255, 255, 255)))

_RAINBOW = _even((0, 0, 128), (0, 60, 255), (0, 220, 220), (60, 220, 60), (240, 230, 0), (255, 90, 0), (200, 0, 0))

COLOR_MAPS: dict[str, ColorMap] = {
    one.key: one
    for one in (
        GRAY,
        ColorMap(
            "hot_iron",
            "Hot iron",
            ((0, 0, 0, 0), (128, 255, 0, 0), (191, 255, 126, 0), (255, 255, 255, 255)),
        ),
        ColorMap(
            "pet",
            "PET",
            ((0, 0, 0, 0), (64, 0, 128, 128), (128, 128, 0, 255), (192, 255, 128, 0), (255, 255, 255, 255)),
        ),
        ColorMap(
            "hot_metal_blue",
            "Hot metal blue",
            (
                (0, 0, 0, 0),
                (85, 0, 0, 167),
                (102, 49, 0, 200),
                (119, 91, 0, 150),
                (136, 141, 32, 50),
                (153, 190, 64, 0),
                (170, 255, 96, 0),
                (240, 255, 227, 206),
                (255, 255, 255, 255),
            ),
        ),
        ColorMap(
            "pet_20_step",
            "PET, 20 steps",
            (
                (0, 0, 0, 0),
                (13, 96, 0, 80),
                (26, 48, 48, 80),
                (39, 48, 48, 112),
                (51, 80, 80, 128),
                (64, 96, 96, 176),
                (77, 112, 112, 192),
                (90, 128, 128, 224),
                (102, 48, 96, 48),
                (115, 48, 144, 48),
                (128, 80, 192, 80),
                (141, 64, 224, 64),
                (153, 224, 224, 80),
                (166, 208, 208, 96),
                (179, 208, 176, 64),
                (192, 208, 144, 0),
                (204, 192, 96, 0),
                (217, 176, 48, 0),
                (230, 255, 0, 0),
                (243, 255, 255, 255),
            ),
            stepped=True,
        ),
        ColorMap(
            "viridis",
            "Viridis",
            _even(
                (68, 1, 84),
                (71, 45, 123),
                (59, 82, 139),
                (44, 114, 142),
                (33, 145, 140),
                (40, 174, 128),
                (94, 201, 98),
                (173, 220, 48),
                (253, 231, 37),
            ),
        ),
        ColorMap(
            "cool_warm",
            "Cool to warm",
            _even((59, 76, 192), (141, 176, 254), (221, 221, 221), (244, 153, 122), (180, 4, 38)),
        ),
        ColorMap(
            "rainbow",
            "Rainbow",
            _RAINBOW,
        ),
        ColorMap(
            "rainbow_dim",
            "Rainbow, dim",
            tuple((place, red // 2, green // 2, blue // 2) for place, red, green, blue in _RAINBOW),
        ),
    )
}
"""By key, in the order in which they are offered."""


def color_map(key: str) -> ColorMap:
    """The colour map of a key; grey for one that isn't known (settings of another version)."""
    return COLOR_MAPS.get(key, GRAY)
