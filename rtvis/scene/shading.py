"""Values as shades: a window and a colour map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.slice_sampler import OUTSIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shade_numbers(values: NDArray[np.floating], width: float, level: float) -> NDArray[np.uint8]:
    """Where values lie in a window, from 0 at its lower end to 255 at its upper one (PS3.3 C.11.2.1.3.2, LINEAR_EXACT).

    Args:
        values: any shape; what is outside of the volume gives 0.
        width: of the window, above 0.
        level: its middle.
    """
    scale = 255.0 / width
    number = values.dtype.type
    with np.errstate(over="ignore"):  # what stands for "outside" may become minus infinity in a narrow window
        shades = values * number(scale)
        shades += number(127.5 + 0.5 - level * scale)
    np.clip(shades, 0.0, 255.0, out=shades)
    return shades.astype(np.uint8)


def colored(
    numbers: NDArray[np.uint8], values: NDArray[np.floating], table: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """Shades as colours; what is outside of the volume is black, whatever the table begins with.

    Args:
        numbers: ``(rows, columns)`` from `shade_numbers`.
        values: ``(rows, columns)`` they were made of.
        table: ``(256, 3)`` RGB, or None for greys.

    Returns:
        ``(rows, columns, 4)`` in the order blue, green, red, 255: a 32-bit pixel in the memory of little-endian
        machines, as painters take it without converting.
    """
    if table is None:
        greys = numbers.astype(np.uint32)  # outside is 0, and so black, already
        greys *= np.uint32(0x00010101)
        greys |= np.uint32(0xFF000000)
        return greys.view(np.uint8).reshape(*numbers.shape, 4)
    pixels = np.full((256, 4), 255, dtype=np.uint8)
    pixels[:, :3] = table[:, ::-1]
    black = np.array([0, 0, 0, 255], dtype=np.uint8).view(np.uint32)[0]
    packed = np.take(pixels.view(np.uint32)[:, 0], numbers)
    packed[values == OUTSIDE] = black
    return packed.view(np.uint8).reshape(*numbers.shape, 4)
