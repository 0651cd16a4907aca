"""Colour maps as VTK wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR, vtkLookupTable

from rtvis.app.overlay_state import FADE_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.overlay_state import OverlayLook

OVERLAY_SHADES = 1024
"""So many that a threshold is met to a thousandth of the window."""


def shades(table: NDArray[np.uint8], *, see_through: float = 0.0) -> vtkLookupTable:
    """A lookup table for a window.

    Args:
        table: ``(n, 3)`` RGB from the window's lower end to its upper one.
        see_through: the lowest share of the window, 0 to 1, that doesn't hide what is behind the plane.
    """
    opaque = np.arange(len(table)) / (len(table) - 1) >= see_through
    return _lookup_table(np.column_stack([table, np.where(opaque, 255, 0)]).astype(np.uint8))


def overlay_shades(look: OverlayLook) -> tuple[vtkLookupTable, tuple[float, float]]:
    """A lookup table for a second volume over the images, with what of it isn't painted clear as glass.

    Returns:
        The table, and the values, in the overlay's units, that its first and its last colour stand for.
    """
    lower, upper = look.bounds
    first = lower if look.threshold is None else min(lower, look.threshold)
    first -= (upper - first) / OVERLAY_SHADES  # one place for all that lies below
    last = upper
    if look.threshold is not None and look.threshold > upper:  # the last colour has to be above it, or none were seen
        first, last = look.threshold - (upper - lower), look.threshold
    values = np.linspace(first, last, OVERLAY_SHADES)
    places = np.clip((values - lower) / (upper - lower), 0.0, 1.0)
    shares = np.full(OVERLAY_SHADES, look.opacity)
    if look.fade:
        shares *= np.minimum(places / FADE_SHARE, 1.0)
    if look.threshold is not None:
        shares[values < look.threshold] = 0.0
    colors = look.color_map.table(inverse=look.inverse)[np.rint(places * 255).astype(np.intp)]
    return _lookup_table(np.column_stack([colors, np.rint(255 * shares)]).astype(np.uint8)), (first, last)


def _lookup_table(colors: NDArray[np.uint8]) -> vtkLookupTable:
    made = vtkLookupTable()
    made.SetNumberOfTableValues(len(colors))
    made.SetTable(numpy_to_vtk(colors, deep=True, array_type=VTK_UNSIGNED_CHAR))
    return made
