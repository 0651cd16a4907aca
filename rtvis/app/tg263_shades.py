"""Colours by names for a whole set: ROIs that would look alike get shades of one colour that can be told apart.

Two PTVs of a set mean one colour (`rtvis.app.tg263_colors`), and thin lines of one colour can't be told apart. The
first of a set keeps the colour of its name; those after it get lighter, darker or greyer ones of about its hue.
"""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.tg263_colors import usual_color
from rtvis.app.tg263_targets import is_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from rtvis.app.palette import Rgb

    Named = tuple[str, Rgb]

NEAR = 12.0
"""Targets nearer than this in CIELAB (CIE 1976) look alike in thin lines; a just noticeable step of areas is 2.3."""
APART = 20.0
"""How far a shade is from every other colour of its set, where there is room for it."""

_LIGHTS = (0.74, 0.44, 0.84, 0.58, 0.66, 0.50, 0.79)
_SATURATIONS = (0.95, 0.55, 0.35)
_TURNS = (0, 9, -9)
"""Degrees of hue, which leave a shade nearer to its own kind of target than to the next one's."""

_TO_XYZ = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
_WHITE = np.array([0.9505, 1.0, 1.089])
"""D65."""


def usual_colors(names: Sequence[str], others: Iterable[Named] = ()) -> list[Rgb | None]:
    """The colours of what several names of one set mean, each told apart from the others.

    Args:
        names: of ROIs that are to be coloured, in their order, which decides who keeps the usual colour.
        others: names and colours of ROIs of the set that keep what they have.

    Returns:
        A colour for each name; None for a name that has no usual one.
    """
    given: list[Named] = list(others)
    found: list[Rgb | None] = [None] * len(names)
    alike: list[tuple[int, Rgb]] = []
    for place, name in enumerate(names):
        color = usual_color(name)
        if color is None:
            continue
        if _looks_like_one(name, color, given):
            alike.append((place, color))
        else:
            found[place] = color
            given.append((name, color))
    for place, color in alike:  # usual colours are all taken by now, so that no shade falls upon one
        shade = _shade(color, [one for _, one in given])
        found[place] = shade
        given.append((names[place], shade))
    return found


def difference(one: Rgb, other: Rgb) -> float:
    """How different two colours look: their distance in CIELAB (CIE 1976, white D65)."""
    first, second = _lab([one, other])
    return float(np.linalg.norm(first - second))


def _looks_like_one(name: str, color: Rgb, given: Iterable[Named]) -> bool:
    """Whether another has the colour, or nearly so where both are targets: organs keep what atlases give them."""
    target = is_target(name)
    return any(
        color == taken or (target and is_target(other) and difference(color, taken) < NEAR) for other, taken in given
    )


def _shade(color: Rgb, taken: Sequence[Rgb]) -> Rgb:
    """The first shade that is apart from all that is taken, or the one that is farthest from it."""
    hue, _, _ = colorsys.rgb_to_hls(*(one / 255 for one in color))
    shades = [
        _rgb(hue + turn / 360, light, saturation) for turn in _TURNS for saturation in _SATURATIONS for light in _LIGHTS
    ]
    apart = np.linalg.norm(_lab(shades)[:, None] - _lab(taken), axis=2).min(axis=1)
    enough = apart >= APART
    return shades[int(np.argmax(enough) if enough.any() else np.argmax(apart))]


def _rgb(hue: float, light: float, saturation: float) -> Rgb:
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, light, saturation)
    return round(255 * red), round(255 * green), round(255 * blue)


def _lab(colors: Sequence[Rgb]) -> NDArray[np.float64]:
    """Colours of sRGB (IEC 61966-2-1) in CIELAB, one row for each."""
    coded = np.array(colors, dtype=np.float64) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    ratios = linear @ _TO_XYZ.T / _WHITE
    x, y, z = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
