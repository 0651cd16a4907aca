"""Which contours of an ROI are on the slice of a view, and how far they move to lie on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.editing.slice_edits import contours_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
    from rtvis.model.structure_set import Roi


def contours_on_slice(roi: Roi, view: ViewPlane) -> tuple[int, ...]:
    """Contours that lie as a whole on the slice that a view shows: within half the gap to its neighbours."""
    return contours_within(roi, view.plane, *view.reach_mm)


def shifts_to_slices(
    planes: VolumePlanes, kind: PlaneKind, cursor_lps: NDArray[np.float64], steps: Iterable[int]
) -> list[NDArray[np.float64]]:
    """How far contours of a view's slice move to lie on others of the same view.

    Args:
        planes: of the volume.
        kind: of the view.
        cursor_lps: ``(3,)`` LPS mm on the slice.
        steps: how many slices further on, in the direction that scrolling goes: 1 the next, -1 the one before. Slices
            outside the volume are left out.

    Returns:
        ``(3,)`` LPS mm for each slice there is.
    """
    here = planes.at(kind, cursor_lps)
    found = []
    for step in steps:
        there = planes.at(kind, planes.step(kind, cursor_lps, step))
        if here.slice_index is None or there.slice_index is None:
            continue
        if step and abs(there.slice_index - here.slice_index) == abs(step):
            along = float(here.plane.distances_mm(there.plane.origin_lps_mm))
            found.append(along * here.plane.normal)
    return found
