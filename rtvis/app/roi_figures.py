"""What the list of ROIs tells of each: volume of areas, length of lines, extent; in words short enough for a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rtvis.editing.reshaping import own_points
from rtvis.model.statistics import roi_statistics

if TYPE_CHECKING:
    from rtvis.model.structure_set import Contour, Roi

LITRE_CC = 1000.0


@dataclass(frozen=True, slots=True)
class RoiFigures:
    """Figures of one ROI; what it doesn't have is None.

    Attributes:
        volume_cc: of its areas, as `rtvis stats` counts it.
        length_mm: of its open lines, and of closed curves in no plane, together.
        points: how many POINT contours it has.
        extent_mm: along x, y, z.
    """

    volume_cc: float | None = None
    length_mm: float | None = None
    points: int = 0
    extent_mm: tuple[float, float, float] | None = None

    @property
    def size_text(self) -> str:
        """``1.96 l``, ``48.1 cc``, ``112 mm``, ``3 points``, or ``empty``."""
        if self.volume_cc is not None:
            return volume_text(self.volume_cc)
        if self.length_mm is not None:
            return f"{self.length_mm:.3g} mm" if self.length_mm < LITRE_CC else f"{self.length_mm:.0f} mm"
        if self.points:
            return "1 point" if self.points == 1 else f"{self.points} points"
        return "empty"


def volume_text(volume_cc: float) -> str:
    """Three digits of a volume, in cc or litres."""
    if volume_cc >= LITRE_CC:
        return f"{volume_cc / LITRE_CC:.2f} l" if volume_cc < 10 * LITRE_CC else f"{volume_cc / LITRE_CC:.1f} l"
    return f"{volume_cc:.0f} cc" if volume_cc >= 99.5 else f"{volume_cc:.3g} cc"


def roi_figures(roi: Roi, slice_gap_mm: float | None) -> RoiFigures:
    """Compute the figures of an ROI.

    Args:
        roi: the ROI.
        slice_gap_mm: thickness of a plane without neighbours: the gap between images; None where there are none.
    """
    if not roi.contours:
        return RoiFigures()
    found = roi_statistics(roi, single_mm=slice_gap_mm)
    points = sum(len(one.points_lps) == 1 or one.geometric_type == "POINT" for one in roi.contours)
    lines = [one for one in roi.contours if one.geometric_type in {"OPEN_PLANAR", "OPEN_NONPLANAR"}]
    length = line_length_mm(lines) if lines and not found.volume_cc else None
    volume = found.volume_cc if found.volume_cc or not (lines or points) else None
    return RoiFigures(volume, length, points, found.extent_mm)


def line_length_mm(contours: Sequence[Contour]) -> float:
    """Length of lines together; of a closed one with the way from its last point to its first."""
    total = 0.0
    for one in contours:
        points = own_points(one)
        if one.is_closed:
            points = np.vstack([points, points[:1]])
        total += float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    return total


def type_words(interpreted_type: str) -> str:
    """An interpreted type as a person reads it: ``PTV``, ``Organ``, ``Brachy channel``."""
    if interpreted_type in {"PTV", "CTV", "GTV"}:
        return interpreted_type
    return interpreted_type.replace("_", " ").capitalize()
