"""How contours are drawn in slice views; nothing of it is saved in a structure set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

THINNEST_PX, THICKEST_PX = 1.0, 5.0
"""Thinner lines vanish on fine screens, thicker ones hide what they are drawn around."""


class ContourLook(StrEnum):
    """Lines, areas, or both; the values are what settings keep."""

    OUTLINE = "outline"
    FILLED = "filled"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class ContourStyle:
    """One look for the contours of all ROIs.

    Attributes:
        look: lines, areas or both. Open curves and points are drawn as lines and dots in any look.
        width_px: of lines, in logical pixels, `THINNEST_PX` to `THICKEST_PX`.
        opacity: of lines, 0 to 1.
        fill_opacity: of areas, 0 to 1.
    """

    look: ContourLook = ContourLook.OUTLINE
    width_px: float = 1.6
    opacity: float = 1.0
    fill_opacity: float = 0.3

    def __post_init__(self) -> None:
        if not THINNEST_PX <= self.width_px <= THICKEST_PX:
            raise ValueError(f"contours are {THINNEST_PX:g} to {THICKEST_PX:g} px wide, not {self.width_px!r}")
        for share in (self.opacity, self.fill_opacity):
            if not 0 <= share <= 1:
                raise ValueError(f"an opacity is 0 to 1, not {share!r}")

    @property
    def has_lines(self) -> bool:
        """Whether closed contours are drawn as lines."""
        return self.look is not ContourLook.FILLED

    @property
    def has_areas(self) -> bool:
        """Whether closed contours are filled."""
        return self.look is not ContourLook.OUTLINE


DEFAULT_STYLE = ContourStyle()
