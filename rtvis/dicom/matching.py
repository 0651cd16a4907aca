"""Which volume a structure set belongs to, and how that is known."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rtvis.dicom.rtstruct_origin import SetOrigin
from rtvis.model.problem import Problem
from rtvis.model.structure_set import StructureSet
from rtvis.model.volume import VolumeHeader

LEAST_INSIDE = 0.99
"""Share of the points that must lie within a volume for a match by geometry: couch and body contours may reach past
the edge by a few points, a set of another patient does by many."""

_RUN = 256
"""Points that follow each other, and so are mostly of one contour, for which one bounding box is tried."""
_CORNERS = np.array(list(itertools.product((False, True), repeat=3)))
"""Which of ``(8, 3)`` coordinates of a box's corners are the higher ones."""

_OWN_CODES = frozenset(
    {
        "missing-images",
        "image-references-missing",
        "frame-of-reference-differs",
        "matched-by-geometry",
        "outside-images",
    }
)
"""Codes that `match` gives, taken away when a set is matched again."""


def match(structure_set: StructureSet, volumes: Sequence[VolumeHeader], *, by_geometry: bool = False) -> StructureSet:
    """Find a structure set's volume among `volumes`.

    1. ``references``: the volume whose series the set names, or of whose images it names the most.
    2. ``frame_of_reference``: else one in the same frame of reference; of several the one the contours fit best.
    3. ``geometry``, only when asked for: else the one in which at least `LEAST_INSIDE` of the points lie, and whose
       image planes are nearest to the planar contours. The residual in mm is told in the problem.

    Returns:
        A copy with `volume`, `matched_by` and the problems of the match set; without a volume the problem
        ``missing-images`` says what is missing.
    """
    kept = tuple(one for one in structure_set.problems if one.code not in _OWN_CODES)
    volume, matched_by, problems = _found(structure_set, volumes, by_geometry=by_geometry)
    if volume is not None:
        problems += _fit_problems(structure_set, volume)
    return replace(structure_set, volume=volume, matched_by=matched_by, problems=(*kept, *problems))


def _found(
    structure_set: StructureSet, volumes: Sequence[VolumeHeader], *, by_geometry: bool
) -> tuple[VolumeHeader | None, str | None, list[Problem]]:
    points = all_points(structure_set)
    images = referenced_images(structure_set)
    series = set(structure_set.referenced_series_uids)
    named = [
        (len(images & _uids(one)), one) for one in volumes if one.series_instance_uid in series or images & _uids(one)
    ]
    if named:
        most = max(count for count, _ in named)
        equal = [one for count, one in named if count == most]
        volume = equal[0] if len(equal) == 1 else max(equal, key=lambda one: inside_share(points, one))
        return volume, "references", _reference_problems(structure_set, volume)
    frames = {structure_set.frame_of_reference_uid, *(roi.frame_of_reference_uid for roi in structure_set.rois)} - {""}
    shared = [one for one in volumes if one.frame_of_reference_uid in frames]
    if shared:
        best = _best_by_geometry(structure_set, points, shared)[0]
        message = f"the images it names are not here; series {best.series_instance_uid} has the same frame of reference"
        return best, "frame_of_reference", [Problem("image-references-missing", message)]
    fitting = fitting_volume(structure_set, volumes)
    if fitting is not None and by_geometry:
        best, residual_mm = fitting
        message = f"matched by geometry to series {best.series_instance_uid}: residual {residual_mm:.3f} mm"
        return best, "geometry", [Problem("matched-by-geometry", message)]
    named_series = ", ".join(structure_set.referenced_series_uids) or "no series"
    message = f"its images are missing: it names {named_series}"
    if fitting is not None:
        best, residual_mm = fitting
        message += (
            f"; by geometry it fits series {best.series_instance_uid}, residual {residual_mm:.3f} mm (--by-geometry)"
        )
    return None, None, [Problem("missing-images", message)]


def fitting_volume(structure_set: StructureSet, volumes: Sequence[VolumeHeader]) -> tuple[VolumeHeader, float] | None:
    """The volume that a set fits by geometry and the residual in mm, to be asked about; None when none does."""
    points = all_points(structure_set)
    fitting = [one for one in volumes if inside_share(points, one) >= LEAST_INSIDE] if len(points) else []
    return _best_by_geometry(structure_set, points, fitting) if fitting else None


def _uids(volume: VolumeHeader) -> set[str]:
    return {one.sop_instance_uid for one in volume.slices}


def referenced_images(structure_set: StructureSet) -> set[str]:
    """SOP Instance UIDs of the images a set names, as a whole and contour by contour."""
    found = {image.sop_instance_uid for roi in structure_set.rois for one in roi.contours for image in one.images}
    if isinstance(structure_set.origin, SetOrigin):
        found |= structure_set.origin.referenced_images
    return found - {""}


def all_points(structure_set: StructureSet) -> NDArray[np.float64]:
    """All points of a set, ``(n, 3)`` LPS mm."""
    parts = [one.points_lps for roi in structure_set.rois for one in roi.contours if len(one.points_lps)]
    return np.concatenate(parts) if parts else np.empty((0, 3))


def inside_share(points_lps_mm: NDArray[np.float64], volume: VolumeHeader) -> float:
    """Share of points ``(n, 3)`` within the outer faces of a volume; 1 without points.

    Where all slices lie on one line the volume is convex: points whose bounding box is within it all are. Only runs of
    points of which that can't be said are looked at one by one.
    """
    count = len(points_lps_mm)
    if not count:
        return 1.0
    grid = volume.grid
    if not grid.has_even_gaps:
        return float(np.mean(grid.contains(points_lps_mm)))
    starts = np.arange(0, count, _RUN)
    low, high = np.minimum.reduceat(points_lps_mm, starts), np.maximum.reduceat(points_lps_mm, starts)
    corners = np.where(_CORNERS, high[:, None], low[:, None])
    unsure = np.repeat(~grid.contains(corners).all(axis=1), _RUN)[:count]
    outside = np.count_nonzero(~grid.contains(points_lps_mm[unsure])) if unsure.any() else 0
    return float((count - outside) / count)


def plane_residual_mm(structure_set: StructureSet, volume: VolumeHeader) -> float:
    """Median over the contours of how far their middle is from the nearest image plane, mm; 0 without contours."""
    middles = [
        one.points_lps.mean(axis=0) for roi in structure_set.rois for one in roi.contours if len(one.points_lps) > 1
    ]
    if not middles:
        return 0.0
    along = np.array(middles) @ volume.grid.normal
    planes = np.sort(volume.grid.slice_distances_mm)
    following = np.clip(np.searchsorted(planes, along), 1, max(len(planes) - 1, 1))
    lower, upper = planes[following - 1], planes[np.minimum(following, len(planes) - 1)]
    return float(np.median(np.minimum(np.abs(along - lower), np.abs(along - upper))))


def _best_by_geometry(
    structure_set: StructureSet, points: NDArray[np.float64], volumes: Sequence[VolumeHeader]
) -> tuple[VolumeHeader, float]:
    """The volume with most points inside, then nearest image planes, then most images; and its residual."""
    residuals = [plane_residual_mm(structure_set, one) for one in volumes]
    order = sorted(
        range(len(volumes)),
        key=lambda n: (-round(inside_share(points, volumes[n]), 2), round(residuals[n], 3), -len(volumes[n].slices)),
    )
    return volumes[order[0]], residuals[order[0]]


def _reference_problems(structure_set: StructureSet, volume: VolumeHeader) -> list[Problem]:
    """References of a matched set that lead to no image of its volume, and another frame of reference."""
    there = _uids(volume)
    problems: list[Problem] = []
    origin = structure_set.origin if isinstance(structure_set.origin, SetOrigin) else None
    for what, images in (
        ("the set names", origin.referenced_images if origin else frozenset()),
        ("its contours name", origin.contour_images if origin else frozenset()),
    ):
        missing = len(images - there)
        if missing:
            message = f"{missing} of {len(images)} images that {what} are not in series {volume.series_instance_uid}"
            problems.append(Problem("image-references-missing", message))
    return problems


def _fit_problems(structure_set: StructureSet, volume: VolumeHeader) -> list[Problem]:
    """A frame of reference other than the images', and contours that leave the images."""
    problems: list[Problem] = []
    frame = volume.frame_of_reference_uid
    for roi in structure_set.rois:
        if frame and roi.frame_of_reference_uid and roi.frame_of_reference_uid != frame:
            message = f"ROI {roi.number} {roi.name!r} is in another frame of reference than the images"
            problems.append(
                Problem("frame-of-reference-differs", f"{message}: {roi.frame_of_reference_uid}", roi.number)
            )
    share = inside_share(all_points(structure_set), volume)
    if share < LEAST_INSIDE:
        problems.append(Problem("outside-images", f"{100 * (1 - share):.1f} % of its points are outside the images"))
    return problems
