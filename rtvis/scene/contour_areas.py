"""Which closed lines of an ROI are filled together, by the even-odd rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.curve_planes import find_repeats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.plane import Plane
    from rtvis.scene.contour_lines import Line, RoiLines


def filled_lines(plane: Plane, roi: RoiLines) -> list[Line]:
    """The closed lines of an ROI that enclose what is filled in a view.

    Of lines off the plane only those nearest to it on one side: midway between two slices the contours of both are
    shown, and filled together they would be each other's holes. Of a contour that is there several times, as planning
    systems write them, only one: an even number would undo itself.

    Args:
        plane: of the view.
        roi: from `rtvis.scene.contour_lines.ContourLines.cut` with that plane.
    """
    closed = [line for line in roi.lines if line.closed]
    away = [
        round(float(plane.distances_mm(line.points_lps_mm[0])), 2) if line.off_plane else 0.0 for line in closed
    ]  # fmt: skip
    nearest = min(away, key=abs, default=0.0)
    chosen = [line for line, distance in zip(closed, away, strict=True) if distance == nearest]
    if len(chosen) < 2:
        return chosen
    flat = [plane.to_plane(line.points_lps_mm) for line in chosen]
    boxes = np.array([np.concatenate([one.min(axis=0), one.max(axis=0)]) for one in flat])
    areas = np.array([_area_mm2(one) for one in flat])
    again = find_repeats(boxes, areas, np.zeros(len(flat), dtype=np.intp), lambda n: flat[n])
    return [line for line, repeated in zip(chosen, again.tolist(), strict=True) if not repeated]


def _area_mm2(points: NDArray[np.float64]) -> float:
    x, y = (points - points[0]).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
