"""Where an edit changed something, so that a view can go there when it is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.structure_set import StructureSet


def changed_place(before: StructureSet, after: StructureSet) -> NDArray[np.float64] | None:
    """The place ``(3,)`` LPS mm of what differs between two sets; None where no contour does.

    It is a point of the first contour that only one of the two has: the one nearest to the middle of that contour, so
    that planes through it meet the contour.
    """
    same = {id(roi) for roi in before.rois} & {id(roi) for roi in after.rois}
    sides = [
        {id(one): one for roi in side.rois if id(roi) not in same for one in roi.contours} for side in (after, before)
    ]
    for one, other in (sides, sides[::-1]):
        for key, contour in one.items():
            if key not in other and len(contour.points_lps):
                points = contour.points_lps
                middle = points.mean(axis=0)
                return np.array(points[int(np.argmin(np.linalg.norm(points - middle, axis=1)))])
    return None
