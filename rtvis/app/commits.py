"""What a tool finished becomes one undo step of the session's active structure set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rtvis.app.tools import Drawn, Painted
from rtvis.dicom.image_references import image_references
from rtvis.editing.painting import painted
from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.app.tools import Finished
    from rtvis.model.structure_set import Roi, StructureSet


def commit(session: Session, finished: Finished, *, tolerance_mm: float = LAYER_TOLERANCE_MM) -> str | None:
    """Make what a tool finished an edit of the active structure set.

    New contours and added areas go to the active ROI, or to a new one where none is active.

    Args:
        session: whose active structure set is edited; it gets one where it has none.
        finished: what the tool gave.
        tolerance_mm: how far beside the plane that was painted on contours may be and still be painted into (half the
            slice gap, where a view shows such contours on its slice).

    Returns:
        The edit's name; None when nothing changed.

    Raises:
        UsageError: when there is no ROI to take from, or it is locked.
        ValueError: when the points make no contour, or there is no volume to draw on.
    """
    if isinstance(finished, Drawn):
        session.add_contour(finished.points, closed=finished.closed)
        return None if session.history is None else session.history.undo_name
    if isinstance(finished, Painted):
        if finished.erase:
            if session.structure_set is None or session.active_roi is None:
                raise UsageError("there is no ROI to take from", remedy="choose one in the list of ROIs first")
            roi = session.structure_set.roi(session.active_roi)
        else:
            roi = session.roi_to_draw_in()
        changed = painted(roi, finished.areas, erase=finished.erase, tolerance_mm=tolerance_mm)
    else:
        changed = roi = finished.roi
    return commit_roi(session, changed, f"{finished.name} {roi.name}")


def commit_roi(session: Session, roi: Roi, name: str) -> str | None:
    """Put a changed ROI in the place of the one with its number, as one undo step; see `commit`."""
    current = session.ensure_structure_set()
    if any(one is roi for one in current.rois):
        return None
    session.apply(name, current.with_roi(with_references(current, roi)))
    session.activate_roi(roi.number)
    return name


def with_references(structure_set: StructureSet, roi: Roi) -> Roi:
    """The ROI with the images named that its new contours are on (PS3.3 C.8.8.6, Contour Image Sequence)."""
    volume = structure_set.volume
    if volume is None or all(one.images for one in roi.contours):
        return roi
    known = {id(one) for was in structure_set.rois if was.number == roi.number for one in was.contours}
    contours = tuple(
        one if one.images or id(one) in known else replace(one, images=image_references(one.points_lps, volume))
        for one in roi.contours
    )
    return replace(roi, contours=contours)
