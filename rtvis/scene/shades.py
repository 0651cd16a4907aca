"""A colour map as VTK wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR, vtkLookupTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shades(table: NDArray[np.uint8], *, see_through: float = 0.0) -> vtkLookupTable:
    """A lookup table for a window.

    Args:
        table: ``(n, 3)`` RGB from the window's lower end to its upper one.
        see_through: the lowest share of the window, 0 to 1, that doesn't hide what is behind the plane.
    """
    count = len(table)
    opaque = np.arange(count) / (count - 1) >= see_through
    colors = np.column_stack([table, np.where(opaque, 255, 0)]).astype(np.uint8)
    made = vtkLookupTable()
    made.SetNumberOfTableValues(count)
    made.SetTable(numpy_to_vtk(colors, deep=True, array_type=VTK_UNSIGNED_CHAR))
    return made
