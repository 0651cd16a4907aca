"""Colours of ROIs as letters: light enough to be read on a dark rim, still the ROI's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtvis.app.palette import Rgb

LEAST_CONTRAST = 5.5
"""Against black, by WCAG 2.1; 4.5 is what it asks of small text on an even ground."""

STEP = 0.05


def luminance(color: Rgb) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=512)
def text_color(color: Rgb) -> Rgb:
    """The colour, with as much white in it as letters over an image need."""
    red, green, blue = color
    share, mixed = 0.0, color
    while (luminance(mixed) + 0.05) / 0.05 < LEAST_CONTRAST:
        share += STEP
        mixed = (
            round(red + (255 - red) * share),
            round(green + (255 - green) * share),
            round(blue + (255 - blue) * share),
        )
    return mixed
