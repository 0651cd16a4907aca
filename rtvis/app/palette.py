"""Colours: of ROIs that bring none, and of the planes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rtvis.app.planes import PlaneKind

if TYPE_CHECKING:
    from rtvis.model.structure_set import Roi

Rgb: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

ROI_PALETTE: tuple[Rgb, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (153, 221, 255),
)
"""Okabe and Ito's colour-blind-safe set, its black left out for a dark window."""

PLANE_COLORS: dict[PlaneKind, Rgb] = {
    PlaneKind.AXIAL: (224, 106, 92),
    PlaneKind.CORONAL: (112, 184, 118),
    PlaneKind.SAGITTAL: (222, 190, 92),
    PlaneKind.OBLIQUE: (186, 140, 220),
}
"""A plane keeps one colour everywhere: frame, cursor line, outline in 3D (the hues other programs use, calmer)."""

VIEW_3D_COLOR: Rgb = (112, 140, 190)


def roi_color(roi: Roi) -> Rgb:
    """The file's colour, or one of the palette, the same for an ROI number at each start."""
    return roi.color if roi.color is not None else ROI_PALETTE[(roi.number - 1) % len(ROI_PALETTE)]
