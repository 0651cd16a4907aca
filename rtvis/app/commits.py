"""What a tool finished becomes one undo step of the session's active structure set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely

from rtvis.app.contour_grid import on_their_plane
from rtvis.app.tools import Drawn, Painted, Reshaped, ToPaint
from rtvis.dicom.image_references import references_of
from rtvis.editing.painting import painted
from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.geometry.plane import both_ways
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.app.tools import Finished
    from rtvis.geometry.plane import Depth
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet

MANY_CORNERS = 20_000
MANY_CONTOURS = 2000
"""More corners of an area that was painted, or contours of the ROI that it is painted on, take a while."""


def commit(session: Session, finished: Finished, *, tolerance_mm: Depth = LAYER_TOLERANCE_MM) -> str | None:
    """Make what a tool finished an edit of the active structure set.

    New contours and added areas go to the active ROI, or to a new one where none is active.

    Args:
        session: whose active structure set is edited; it gets one where it has none.
        finished: what the tool gave.
        tolerance_mm: how far beside the plane that was painted on contours may be and still be painted into (half the
            slice gaps, where a view shows such contours on its slice).

    Returns:
        The edit's name; None when nothing changed.

    Raises:
        UsageError: when there is no ROI to take from, or it is locked.
        ValueError: when the points make no contour, or there is no volume to draw on.
    """
    if isinstance(finished, Drawn):
        points, current = finished.points, session.structure_set
        if session.volume is None and current is not None and finished.closed:
            points = on_their_plane(points, current.rois, min(both_ways(tolerance_mm)))
        session.add_contour(points, closed=finished.closed)
        return None if session.history is None else session.history.undo_name
    if isinstance(finished, Reshaped):
        return commit_roi(session, finished.roi, f"{finished.name} {finished.roi.name}")
    roi = roi_to_paint(session, erase=finished.erase)
    if isinstance(finished, ToPaint):
        finished = finished.find()
    changed = painted(roi, finished.areas, erase=finished.erase, tolerance_mm=tolerance_mm)
    return commit_roi(session, changed, f"{finished.name} {roi.name}")


def roi_to_paint(session: Session, *, erase: bool) -> Roi:
    """The ROI that areas go to, or are taken from: the active one, or to add to where none is, a new one.

    Raises:
        UsageError: when there is none to take from.
        ValueError: when there is no volume to draw on.
    """
    if not erase:
        return session.roi_to_draw_in()
    if session.structure_set is None or session.active_roi is None:
        raise UsageError("there is no ROI to take from", remedy="choose one in the list of ROIs first")
    return session.structure_set.roi(session.active_roi)


def takes_long(finished: Finished, roi: Roi | None) -> bool:
    """Whether making what a tool finished an edit of an ROI may take so long that a window should not wait for it."""
    if isinstance(finished, ToPaint):
        return True
    if not isinstance(finished, Painted):
        return False
    corners = sum(shapely.get_num_coordinates(one.region) for one in finished.areas)
    return corners > MANY_CORNERS or (roi is not None and len(roi.contours) > MANY_CONTOURS)


def painted_set(
    structure_set: StructureSet, roi: Roi, finished: Painted, *, tolerance_mm: Depth, report: Report = no_report
) -> StructureSet:
    """The set with areas added to one of its ROIs, or to a new one, or taken from it; touches no session.

    Args:
        structure_set: as it is now.
        roi: one of it, or a new one.
        finished: the areas.
        tolerance_mm: see `commit`.
        report: progress and cancellation.

    Returns:
        The very set that was given, where nothing changes.
    """
    changed = painted(roi, finished.areas, erase=finished.erase, tolerance_mm=tolerance_mm, report=report)
    return structure_set if changed is roi else structure_set.with_roi(with_references(structure_set, changed))


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
    known = {id(one) for was in structure_set.rois if was.number == roi.number for one in was.contours}
    if all(one.images or id(one) in known for one in roi.contours):
        return roi
    images_of = references_of(structure_set)
    contours = tuple(
        one if one.images or id(one) in known else replace(one, images=images_of(one.points_lps))
        for one in roi.contours
    )
    return replace(roi, contours=contours)
