"""Which ROI's contour is near a place of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from rtvis.scene.contour_lines import RoiLines
    from rtvis.scene.framing import Framing


class ContourPick:
    """The lines of a view laid out once, so that each move of the mouse finds the nearest in a fraction of a ms.

    Args:
        framing: of the view; another framing needs another pick.
        lines: from `rtvis.scene.contour_lines.ContourLines.cut` with its plane.
    """

    def __init__(self, framing: Framing, lines: Iterable[RoiLines]) -> None:
        starts: list[NDArray[np.float64]] = []
        ends: list[NDArray[np.float64]] = []
        self._rois: list[RoiLines] = []
        counts: list[int] = []
        for roi in lines:
            self._rois.append(roi)
            before = sum(map(len, starts))
            for line in roi.lines:
                points = framing.patient_to_display(line.points_lps_mm)
                if line.closed or len(points) == 1:
                    points = np.vstack([points, points[:1]])
                starts.append(points[:-1])
                ends.append(points[1:])
            for mark in roi.points:
                points = framing.patient_to_display(mark.points_lps_mm)
                starts.append(points)
                ends.append(points)
            counts.append(sum(map(len, starts)) - before)
        self._starts = np.concatenate(starts) if starts else np.empty((0, 2))
        self._along = np.concatenate(ends) - self._starts if ends else np.empty((0, 2))
        self._squares = np.maximum((self._along**2).sum(axis=1), 1e-12)
        self._owners = np.repeat(np.arange(len(counts)), counts)

    def at(self, x: float, y: float, reach_px: float) -> RoiLines | None:
        """The ROI with the line nearest to display (x, y), when that is within `reach_px` logical pixels."""
        if not len(self._starts):
            return None
        from_start = np.array([x, y]) - self._starts
        share = np.clip((from_start * self._along).sum(axis=1) / self._squares, 0.0, 1.0)
        away = ((from_start - share[:, None] * self._along) ** 2).sum(axis=1)
        nearest = int(np.argmin(away))
        return self._rois[self._owners[nearest]] if away[nearest] <= reach_px**2 else None
