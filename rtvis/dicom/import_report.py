"""What is odd in a structure set that was read, and where: nothing is changed, nothing is dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from rtvis.dicom.duplicate_contours import duplicates
from rtvis.dicom.export_checks import PLANAR_TYPES, contour_faults
from rtvis.geometry.plane import fit_plane
from rtvis.model.problem import Problem
from rtvis.model.structure_set import CLOSED_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.structure_set import Contour, Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

OFF_SLICE_MM = 0.1
"""Planar contours farther than this from the nearest image plane are off-slice: positions are written with two or three
decimals, and slices are at least half a millimetre apart."""


def import_report(structure_set: StructureSet) -> list[Problem]:
    """All oddities of a structure set: those told while reading and matching it, then ROI by ROI.

    Codes of the second part: ``empty-roi``, ``frame-of-reference-missing``, ``references-to-nothing``,
    ``unknown-geometric-type``, ``too-few-points``, ``too-many-points``, ``first-point-repeated``, ``not-coplanar`` (and
    the residual in mm), ``ds-too-long``, ``image-references-missing``, ``repeated-points``, ``self-intersection``,
    ``duplicate-contour``, ``off-slice`` (with the distance in mm), ``outside-images``.
    """
    problems = list(structure_set.problems)
    for roi in structure_set.rois:
        problems += _roi_problems(roi, structure_set.volume)
        for index, contour in enumerate(roi.contours):
            for code, message in _contour_problems(contour, structure_set.volume):
                where = f"contour {index + 1} of ROI {roi.number} {roi.name!r} {message}"
                problems.append(Problem(code, where, roi.number, index))
        problems += _intersections(roi)
        for index, known in duplicates(roi).items():
            message = f"contour {index + 1} of ROI {roi.number} {roi.name!r} is contour {known + 1} once more"
            problems.append(Problem("duplicate-contour", message, roi.number, index))
    return problems


def _roi_problems(roi: Roi, volume: VolumeHeader | None) -> list[Problem]:
    who = f"ROI {roi.number} {roi.name!r}"
    problems: list[Problem] = []
    if not roi.contours:
        problems.append(Problem("empty-roi", f"{who} has no contours", roi.number))
    if not roi.frame_of_reference_uid:
        problems.append(Problem("frame-of-reference-missing", f"{who} names no frame of reference", roi.number))
    if volume is not None:
        there = {one.sop_instance_uid for one in volume.slices}
        lost = [
            index
            for index, contour in enumerate(roi.contours)
            if any(image.sop_instance_uid not in there for image in contour.images)
        ]
        if lost:
            message = f"{len(lost)} of {len(roi.contours)} contours of {who} name images that are not in the series"
            problems.append(Problem("references-to-nothing", message, roi.number, lost[0]))
    return problems


def _contour_problems(contour: Contour, volume: VolumeHeader | None) -> list[tuple[str, str]]:
    problems = [(code, message) for code, message, _ in contour_faults(contour, has_volume=volume is not None)]
    points = contour.points_lps
    repeats = int(np.count_nonzero(np.all(np.diff(points, axis=0) == 0, axis=1))) if len(points) > 1 else 0
    if repeats:
        problems.append(("repeated-points", f"has {repeats} points that repeat the one before them"))
    if volume is not None and len(points):
        if contour.geometric_type in PLANAR_TYPES:
            distance_mm = slice_distance_mm(contour, volume)
            if distance_mm > OFF_SLICE_MM:
                problems.append(("off-slice", f"is up to {distance_mm:.3g} mm off the nearest image plane"))
        outside = int(np.count_nonzero(~volume.grid.contains(points)))
        if outside:
            problems.append(("outside-images", f"has {outside} of {len(points)} points outside the images"))
    return problems


def slice_distance_mm(contour: Contour, volume: VolumeHeader) -> float:
    """The largest distance of a contour's points from the image plane nearest to its middle, mm."""
    along = contour.points_lps @ volume.grid.normal
    planes = volume.grid.slice_distances_mm
    nearest = planes[int(np.argmin(np.abs(planes - along.mean())))]
    return float(np.max(np.abs(along - nearest)))


def _across(points_lps_mm: NDArray[np.float64]) -> int:
    """The axis nearest to the normal of points ``(n, 3)``: the one that is the same in all, as in most contours."""
    same = (points_lps_mm == points_lps_mm[0]).all(axis=0)
    if np.count_nonzero(same) == 1:
        return int(np.argmax(same))
    return int(np.argmax(np.abs(fit_plane(points_lps_mm)[0].normal)))


def _intersections(roi: Roi) -> list[Problem]:
    """Closed contours that touch or cross themselves.

    They are seen along the axis nearest to their normal: the other two coordinates stay as written, so that points
    which coincide still do (turned into the plane, rounding would part them).
    """
    closed = [
        (index, one.points_lps)
        for index, one in enumerate(roi.contours)
        if one.geometric_type in CLOSED_TYPES and len(one.points_lps) > 3 and np.isfinite(one.points_lps).all()
    ]
    if not closed:
        return []
    polygons = [shapely.Polygon(np.delete(points, _across(points), axis=1)) for _, points in closed]
    reasons = shapely.is_valid_reason(np.array(polygons, dtype=object))
    problems = []
    for (index, _), reason in zip(closed, reasons, strict=True):
        if reason == "Valid Geometry":
            continue
        kind = "touches itself" if reason.startswith("Ring") else "crosses itself"
        message = f"contour {index + 1} of ROI {roi.number} {roi.name!r} {kind}"
        problems.append(Problem("self-intersection", message, roi.number, index))
    return problems
