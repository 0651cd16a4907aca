"""What the list of ROIs tells of each: volume of areas, length of lines, extent; in words short enough for a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.model.statistics import roi_statistics

if TYPE_CHECKING:
    from rtvis.model.structure_set import Roi

LITRE_CC = 1000.0


@dataclass(frozen=True, slots=True)
class RoiFigures:
    """Figures of one ROI; what it doesn't have is None.

    Attributes:
        volume_cc: of its areas, as `rtvis stats` counts it.
        area_mm2: of its closed contours together.
        length_mm: of its open lines, and of closed curves in no plane, together.
        points: how many POINT contours it has.
        extent_mm: along x, y, z.
    """

    volume_cc: float | None = None
    area_mm2: float | None = None
    length_mm: float | None = None
    points: int = 0
    extent_mm: tuple[float, float, float] | None = None

    @property
    def size_text(self) -> str:
        """``1.96 l``, ``48.1 cc``, ``112 mm``, ``3 points``, ``no volume`` (areas of unknown thickness), ``empty``."""
        if self.volume_cc is not None:
            return volume_text(self.volume_cc)
        if self.length_mm is not None:
            return f"{_three_digits(self.length_mm)} mm"
        if self.points:
            return "1 point" if self.points == 1 else f"{self.points} points"
        return "empty" if self.area_mm2 is None else "no volume"


def volume_text(volume_cc: float) -> str:
    """Three digits of a volume, in cc or litres."""
    if volume_cc >= LITRE_CC:
        return f"{volume_cc / LITRE_CC:.2f} l" if volume_cc < 10 * LITRE_CC else f"{volume_cc / LITRE_CC:.1f} l"
    return f"{_three_digits(volume_cc)} cc"


def _three_digits(value: float) -> str:
    """Or as many as its whole part has: ``.3g`` would make 1e+03 of 999.6."""
    return f"{value:.0f}" if value >= 99.5 else f"{value:.3g}"


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
    length = None if found.volume_cc else found.length_mm
    volume = found.volume_cc if found.volume_cc or not (length or points) else None
    return RoiFigures(volume, found.area_mm2, length, points, found.extent_mm)


def type_words(interpreted_type: str) -> str:
    """An interpreted type as a person reads it: ``PTV``, ``Organ``, ``Brachy channel``."""
    if interpreted_type in {"PTV", "CTV", "GTV"}:
        return interpreted_type
    return interpreted_type.replace("_", " ").capitalize()
