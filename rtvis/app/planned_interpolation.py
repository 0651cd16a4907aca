"""The planner that fills slices between those that an ROI was drawn on (`rtvis.app.planned_edit`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rtvis.app.commits import with_references
from rtvis.app.contour_planes import ContourPlanes, planes_remark, with_known_gap
from rtvis.app.line_interpolation import interpolated_lines
from rtvis.app.planned_edit import PlannedEdit
from rtvis.app.planned_operations import roi_with_area
from rtvis.app.roi_interpolation import interpolated_contours
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.app.contour_planes import EditGround
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet


@dataclass(frozen=True, slots=True)
class Interpolate:
    """Contours on slices between those that an ROI has; what was drawn stays as it is."""

    number: int

    def __call__(self, structure_set: StructureSet, ground: EditGround, report: Report) -> PlannedEdit:
        """Plan it.

        Raises:
            UsageError: when the ROI has neither areas nor lines, or no slice between is empty.
        """
        roi, ground = structure_set.roi(self.number), with_known_gap(ground)
        report(0, 1)
        if all(one.is_closed or len(one.points_lps) == 1 for one in roi.contours):
            roi = roi_with_area(structure_set, self.number, ground.grid)
        lines, unlike = interpolated_lines(roi, ground)
        contours = (*interpolated_contours(roi, ground, report), *lines)
        if not contours and unlike:
            raise UsageError(
                f"slices of {roi.name} have unlike numbers of lines", remedy="draw as many on both sides of a gap"
            )
        if not contours and isinstance(ground, ContourPlanes):
            raise UsageError(
                f"{roi.name} has no plane between its contours that others are drawn on, and there are no images",
                remedy="open the images: they tell which slices there are",
            )
        if not contours:
            raise UsageError(
                f"{roi.name} has no empty slice between its contours", remedy="leave slices out while drawing"
            )
        changed = with_references(structure_set, replace(roi, contours=(*roi.contours, *contours)))
        slices = len({round(float(ground.grid.slice_index(one.points_lps[0]))) for one in contours})
        return PlannedEdit(
            f"Interpolate {roi.name}",
            structure_set,
            structure_set.with_roi(changed),
            roi.number,
            (changed,),  # the whole body: slices between drawn ones make no outline of their own in other views
            f"{_count(len(contours), 'contour')} on {_count(slices, 'slice')}"
            + (f"; {_count(unlike, 'gap')} between unlike numbers of lines left open" if unlike else "")
            + (f"; {remark}" if (remark := planes_remark(ground)) else ""),
        )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s'[: number != 1]}"
