"""Contours of a ROI that are there more than once.

Planning systems write the same outline up to 25 times, some copies with a point or two more. A program that fills even
and odd then loses what it filled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from rtvis.geometry.curve_planes import REPEAT_AREA, REPEAT_MM, line_moments
from rtvis.model.structure_set import CLOSED_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.structure_set import Roi

_NEIGHBORS = 9
"""Of so many nearest boxes copies are sought; chains of copies join up."""


def duplicates(roi: Roi) -> dict[int, int]:
    """Index of each contour that another one of the ROI is already -> index of that first one.

    Copies are closed contours whose boxes and lines agree within `REPEAT_MM` and whose areas within the share
    `REPEAT_AREA`, the tolerances that volumes and masks go by; and others only with the same points in the same order.
    """
    first: dict[tuple[str, bytes], int] = {}
    result: dict[int, int] = {}
    closed: list[int] = []
    for index, contour in enumerate(roi.contours):
        points = contour.points_lps
        if len(points) == 0:
            continue
        kind = "closed" if contour.geometric_type in CLOSED_TYPES else contour.geometric_type
        known = first.setdefault((kind, points.tobytes()), index)
        if known != index:
            result[index] = known
        elif kind == "closed" and len(points) > 2 and np.isfinite(points).all():
            closed.append(index)
    near = _near_copies([roi.contours[index].points_lps for index in closed])
    again = {closed[index]: closed[known] for index, known in near.items()}
    return {**{index: again.get(known, known) for index, known in result.items()}, **again}


def _near_copies(curves: list[NDArray[np.float64]]) -> dict[int, int]:
    if len(curves) < 2:
        return {}
    boxes = np.array([[*one.min(axis=0), *one.max(axis=0)] for one in curves])
    areas = np.array([_area_mm2(one) for one in curves])
    distances, others = cKDTree(boxes).query(
        boxes, k=min(_NEIGHBORS, len(curves)), p=np.inf, distance_upper_bound=REPEAT_MM
    )
    rows, columns = np.nonzero(np.isfinite(distances))
    neighbors = others[rows, columns]
    alike = np.abs(areas[rows] - areas[neighbors]) <= REPEAT_AREA * np.maximum(areas[rows], areas[neighbors])
    alike &= rows != neighbors
    rows, neighbors = rows[alike], neighbors[alike]
    moments = {index: line_moments(curves[index]) for index in np.union1d(rows, neighbors).tolist()}
    pairs = zip(rows.tolist(), neighbors.tolist(), strict=True)
    same = np.array([np.abs(moments[one] - moments[other]).max() <= REPEAT_MM for one, other in pairs], dtype=bool)
    links = coo_array((np.ones(int(same.sum())), (rows[same], neighbors[same])), shape=(len(curves), len(curves)))
    _, labels = connected_components(links, directed=False)
    _, firsts = np.unique(labels, return_index=True)
    return {index: int(firsts[label]) for index, label in enumerate(labels.tolist()) if firsts[label] != index}


def _area_mm2(points: NDArray[np.float64]) -> float:
    """Area of a closed curve by Newell's normal."""
    offsets = points - points[0]
    return float(np.linalg.norm(np.cross(offsets[:-1], offsets[1:]).sum(axis=0)) / 2)
