"""The planes of contours whose images aren't there, for operations that else work on slices of images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rtvis.app.contour_grid import LEAST_GAP_MM, MOST_SLICES, flat_levels_mm, grid_around
from rtvis.dicom.image_references import image_references, reference_to
from rtvis.geometry.grid import Grid
from rtvis.model.errors import UsageError
from rtvis.model.volume import VolumeHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.session import Session
    from rtvis.model.structure_set import ImageReference, Roi

FINE_MM, COARSE_MM = 0.5, 1.0
"""Pixels that outlines are made of: the fine ones where planes have no more than `MOST_FINE_PIXELS` of them."""

MOST_FINE_PIXELS = 512 * 512

FILLED_FROM = 1.5
"""Of the usual gap: wider ones have slices between that nothing was drawn on."""

EVEN_SHARE = 0.02
"""Of the usual gap: planes whose gaps differ no more than this are even; rounding of coordinates makes so much."""


@dataclass(frozen=True, slots=True, eq=False)
class ContourPlanes:
    """What stands for images in planners of edits where there are none.

    Attributes:
        shown: the grid that views show planes of (`rtvis.app.contour_grid.grid_around`).
        grid: the planes of the contours themselves, gaps that are wider than usual filled evenly, around all of them;
            `shown` where nothing tells how far planes are apart.
        gap_is_told: whether there are two planes of contours or more, which tell that.
        is_even: whether all planes are as far apart as usual, or multiples of that.
    """

    shown: Grid
    grid: Grid
    gap_is_told: bool
    is_even: bool

    @classmethod
    def around(cls, rois: Sequence[Roi], shown: Grid) -> ContourPlanes:
        """The planes of ROIs.

        Args:
            rois: with the contours.
            shown: laid around them.
        """
        drawn = [one for roi in rois for one in roi.contours]
        closed = [one.points_lps for one in drawn if one.is_closed and len(one.points_lps) > 2]
        lines = [one.points_lps for one in drawn if not one.is_closed and len(one.points_lps) > 1]
        levels = flat_levels_mm(closed or lines, shown.normal)
        levels = levels[np.diff(levels, prepend=-np.inf) >= LEAST_GAP_MM]
        if len(levels) < 2:
            return cls(shown, shown, gap_is_told=False, is_even=True)
        gaps = np.diff(levels)
        gap = max(float(np.median(gaps)), float(levels[-1] - levels[0]) / MOST_SLICES)
        odd = np.abs(gaps / gap - np.maximum(np.round(gaps / gap), 1)) > EVEN_SHARE
        return cls(shown, _through(_filled(levels, gap), shown), gap_is_told=True, is_even=not odd.any())

    def reaching(self, margin_mm: float) -> ContourPlanes:
        """The same with so much more on all sides: what grows is not to end where nothing was drawn yet."""
        gap = self.grid.spacing_mm[0]
        more = int(np.ceil(margin_mm / gap)) + 1
        heights = self.grid.slice_distances_mm
        steps = gap * np.arange(1, more + 1)
        heights = np.concatenate([heights[0] - steps[::-1], heights, heights[-1] + steps])
        return replace(self, grid=_through(heights, self.grid, margin_mm))


EditGround: TypeAlias = "VolumeHeader | ContourPlanes"
"""What edits are planned on: images, or the planes of contours without any. Either has a `grid`."""


def ground_of(session: Session) -> EditGround | None:
    """What edits of a session's active set are planned on; None where nothing is shown.

    Images that are shown while a set without images is edited, or a dose, aren't what it was drawn on: contours are to
    lie on their own planes then, and to name none of these.
    """
    current, shown = session.structure_set, session.grid
    if session.volume is not None and (current is None or current.volume is not None):
        return session.volume
    around = None if current is None else grid_around(current.rois, current.frame_of_reference_uid)
    if current is None or shown is None or around is None:
        return None
    return replace(ContourPlanes.around(current.rois, around), shown=shown)


def shown_grid(ground: EditGround) -> Grid:
    """The grid that views show planes of."""
    return ground.shown if isinstance(ground, ContourPlanes) else ground.grid


def with_known_gap(ground: EditGround) -> EditGround:
    """The same ground, for what needs to know how far slices are apart.

    Raises:
        UsageError: when there are no images, and contours lie on fewer than two parallel planes.
    """
    if isinstance(ground, ContourPlanes) and not ground.gap_is_told:
        raise UsageError(
            "nothing tells how far slices are apart: there are no images, and no two parallel planes of contours",
            remedy="open the images, or draw on a second slice",
        )
    return ground


def reaching(ground: EditGround, margin_mm: float) -> EditGround:
    """The same ground with room for what grows by `margin_mm`; images end where they end."""
    return ground.reaching(margin_mm) if isinstance(ground, ContourPlanes) else ground


def single_plane_mm(ground: EditGround) -> float | None:
    """How thick a plane of contours counts that is alone: as images are; None without them."""
    return ground.grid.spacing_mm[0] if isinstance(ground, VolumeHeader) else None


def references_on_slice(ground: EditGround, k: int) -> tuple[ImageReference, ...]:
    """What a contour on slice `k` names; nothing without images."""
    return (reference_to(ground, k),) if isinstance(ground, VolumeHeader) else ()


def references_near(ground: EditGround, points_lps_mm: ArrayLike) -> tuple[ImageReference, ...]:
    """What a contour through points ``(n, 3)`` LPS mm names; nothing without images."""
    return image_references(points_lps_mm, ground) if isinstance(ground, VolumeHeader) else ()


def planes_remark(ground: EditGround) -> str:
    """What to tell of the planes that results lie on; empty for images."""
    if isinstance(ground, VolumeHeader):
        return ""
    gap = f"{ground.grid.spacing_mm[0]:.3g} mm"
    if ground.is_even:
        return f"no images: on planes {gap} apart, as the contours are"
    return f"no images, and planes of contours are unevenly apart: wide gaps are filled every {gap} or so"


def _filled(levels_mm: NDArray[np.float64], gap_mm: float) -> NDArray[np.float64]:
    """Levels with those between that wide gaps leave out."""
    made = [levels_mm[:1]]
    for low, high in zip(levels_mm[:-1].tolist(), levels_mm[1:].tolist(), strict=True):
        count = max(int(np.round((high - low) / gap_mm)), 1) if high - low > FILLED_FROM * gap_mm else 1
        made.append(np.linspace(low, high, count + 1)[1:])
    return np.concatenate(made)


def _through(heights_mm: NDArray[np.float64], around: Grid, margin_mm: float = 0.0) -> Grid:
    """A grid with slices at these heights along the normal of another, which it covers in the plane, and more."""
    row, column = around.row_direction, around.column_direction
    corners = around.corners_lps_mm()
    low, high = (np.array([extreme(corners @ row), extreme(corners @ column)]) for extreme in (np.min, np.max))
    low, high = low - margin_mm, high + margin_mm
    fine = bool(np.prod(np.ceil((high - low) / FINE_MM) + 1) <= MOST_FINE_PIXELS)
    pixel = FINE_MM if fine else COARSE_MM
    low = np.floor(low / pixel) * pixel  # the same pixels after each edit: outlines of them are known again
    columns, rows = (np.ceil((high - low) / pixel).astype(int) + 1).tolist()
    origins = low[0] * row + low[1] * column + heights_mm[:, None] * around.normal
    return Grid.from_slices(
        origins,
        [*row.tolist(), *column.tolist()],
        (pixel, pixel),
        (rows, columns),
        frame_of_reference_uid=around.frame_of_reference_uid,
    )
