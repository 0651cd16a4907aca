"""The sides of a tilted stack, which the box that it is shown from in 3D reaches beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.view3d_state import HalfSpace
from rtvis.scene.within_grid import is_straight

if TYPE_CHECKING:
    from rtvis.geometry.grid import Grid

UPRIGHT = 1e-9
"""A side whose normal is this close to a direction of the box is one of its sides."""


def tilted_faces(grid: Grid | None) -> tuple[HalfSpace, ...]:
    """The half spaces within the slanting sides of a stack: none, two, or four where it slants in both directions.

    Args:
        grid: None for none. Of a stack that isn't straight none are given: it has no flat sides.
    """
    if grid is None or len(grid.slice_origins_lps_mm) < 2 or not is_straight(grid):
        return ()
    origins = grid.slice_origins_lps_mm
    step = origins[-1] - origins[0]
    row, column = grid.row_direction, np.cross(grid.normal, grid.row_direction)
    _, between_rows, between_columns = grid.spacing_mm
    faces: list[HalfSpace] = []
    for across, along, count, gap in (
        (row, column, grid.shape[2], between_columns),
        (column, row, grid.shape[1], between_rows),
    ):
        normal = np.cross(along, step)
        normal /= np.linalg.norm(normal) * np.sign(normal @ across)
        if float(normal @ across) < 1 - UPRIGHT:
            faces.append(HalfSpace(origins[0] - 0.5 * gap * across, normal))
            faces.append(HalfSpace(origins[0] + (count - 0.5) * gap * across, -normal))
    return tuple(faces)
