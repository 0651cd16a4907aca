"""A structure set for receivers that only know closed planar contours on the image planes.

ROIs that have nothing else stay as they are, byte for byte. Of any other a twin is made, named so: the contours that
such a receiver understands, without those it doesn't, each of which is listed with the reason. Nothing is resampled and
no point is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.duplicate_contours import duplicates
from rtvis.dicom.import_report import OFF_SLICE_MM
from rtvis.geometry.keyhole import depths, keyhole, parents
from rtvis.geometry.polyline import COPLANAR_TOLERANCE_MM, is_coplanar
from rtvis.model.errors import ExportError, UsageError
from rtvis.model.problem import Problem
from rtvis.model.structure_set import LONGEST_NAME, XOR_TYPES, Contour, GeometricType, Roi, StructureSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.model.volume import VolumeHeader

HOLES = ("keyhole", "xor", "nested")
"""How a hole is told: joined to its outline by a channel; as CLOSEDPLANAR_XOR (PS3.3 C.8.8.6.3 both); or as a contour
of its own within another."""
SUFFIX = " axial"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contour, or with `contour` None a whole ROI, that isn't in what was exported."""

    roi: int
    name: str
    contour: int | None
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class AxialProfile:
    """What became of a structure set.

    Contours in = contours out + contours merged into others + contours skipped, ROI by ROI.

    Attributes:
        structure_set: ROIs that were axial already, and twins of the others, with the numbers of the originals.
        skipped: contours that aren't in it.
        merged: ROI number -> how many holes became part of their outline.
        problems: what the person should know besides.
    """

    structure_set: StructureSet
    skipped: tuple[Skipped, ...]
    merged: dict[int, int]
    problems: tuple[Problem, ...]


def axial_profile(structure_set: StructureSet, holes: str = "keyhole") -> AxialProfile:
    """The axial profile of a structure set that was matched to its images.

    Args:
        structure_set: matched; "axial" are the planes of its images, whichever way they lie.
        holes: one of `HOLES`.

    Raises:
        UsageError: without images, or for another word in `holes`.
        ExportError: when no contour is left.
    """
    if holes not in HOLES:
        raise UsageError(f"{holes!r} is no way to write holes", remedy=f"use one of {', '.join(HOLES)}")
    volume = structure_set.volume
    if volume is None:
        remedy = "name them with --ct, with --by-geometry where nothing refers to them"
        raise UsageError("the axial profile needs the images", path=structure_set.path, remedy=remedy)
    work = _Profiling(volume, holes, {one.name for one in structure_set.rois})
    rois = [work.roi(one) for one in structure_set.rois]
    left = tuple(one for one in rois if one is not None)
    if not any(one.contours for one in left):
        what = "nothing is left to export: no contour is closed, planar and on an image plane"
        raise ExportError(what, path=structure_set.path, remedy="export the faithful profile instead")
    result = replace(structure_set, rois=left)
    return AxialProfile(result, tuple(work.skipped), work.merged, tuple(work.problems))


@dataclass(slots=True)
class _Profiling:
    volume: VolumeHeader
    holes: str
    names: set[str]
    skipped: list[Skipped] = field(default_factory=list)
    merged: dict[int, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def roi(self, roi: Roi) -> Roi | None:
        """The ROI itself where a receiver understands it as it is; else its twin, None where nothing is left."""
        if not roi.contours:
            return roi
        kept: dict[int, Contour] = {}
        for index, contour in enumerate(roi.contours):
            reason = self.unfit(contour)
            if reason:
                self.skipped.append(Skipped(roi.number, roi.name, index, reason))
            else:
                kept[index] = contour
        if not kept:
            self.skipped.append(Skipped(roi.number, roi.name, None, "no contour of it is left"))
            return None
        contours = self.with_holes(roi, kept)
        same = len(contours) == len(roi.contours) and all(
            new is old for new, old in zip(contours, roi.contours, strict=True)
        )
        return roi if same else replace(roi, name=self.twin_name(roi), contours=tuple(contours))

    def twin_name(self, roi: Roi) -> str:
        name = roi.name[: LONGEST_NAME - len(SUFFIX)] + SUFFIX
        if name in self.names:
            ending = f"_{roi.number}"
            name = roi.name[: LONGEST_NAME - len(SUFFIX) - len(ending)] + SUFFIX + ending
        self.names.add(name)
        return name

    def unfit(self, contour: Contour) -> str:
        """Why a receiver of the axial profile couldn't take a contour; empty when it can."""
        points, kind = contour.points_lps, contour.geometric_type
        if len(points) == 0:
            return "has no points"
        if not contour.is_closed:
            return "is a single point" if kind == GeometricType.POINT else f"is an open curve ({kind or 'no type'})"
        if len(np.unique(points, axis=0)) < 3:
            return "has fewer than three different points"
        return self.off_planes(points) or self.not_flat(contour)

    def off_planes(self, points: NDArray[np.float64]) -> str:
        """How points ``(n, 3)`` leave the image planes; empty when they don't."""
        along = points @ self.volume.grid.normal
        planes = self.volume.grid.slice_distances_mm
        nearest = planes[int(np.argmin(np.abs(planes - along.mean())))]
        leaves_mm = float(np.ptp(along))
        if leaves_mm > 2 * OFF_SLICE_MM:
            return f"leaves the image planes: it spans {leaves_mm:.3g} mm across them"
        distance_mm = float(np.max(np.abs(along - nearest)))
        return f"lies {distance_mm:.3g} mm off the nearest image plane" if distance_mm > OFF_SLICE_MM else ""

    def not_flat(self, contour: Contour) -> str:
        """Why a contour can't be written with another type, where it would have to be."""
        stays = contour.geometric_type == GeometricType.CLOSED_PLANAR and self.holes != "xor"
        return "" if stays or is_coplanar(contour.points_lps) else f"is not planar within {COPLANAR_TOLERANCE_MM} mm"

    def with_holes(self, roi: Roi, kept: dict[int, Contour]) -> list[Contour]:
        """Contours with holes told in the way that was chosen, in the order of the originals."""
        # By the standard two equal XOR contours undo each other (PS3.3 C.8.8.6.3): such a copy says something.
        xor = any(one.geometric_type in XOR_TYPES for one in kept.values())
        repeats = {} if xor else duplicates(roi)
        for index in [one for one in kept if repeats.get(one) in kept]:
            reason = f"is contour {repeats[index] + 1} once more"
            self.skipped.append(Skipped(roi.number, roi.name, index, reason))
            del kept[index]
        closed = {index: _closed_planar(one) for index, one in kept.items()}
        if self.holes == "nested":
            return list(closed.values())
        slices: dict[int, list[int]] = {}
        for index, contour in closed.items():
            k = int(np.rint(self.volume.grid.slice_index(contour.points_lps.mean(axis=0))))
            slices.setdefault(k, []).append(index)
        joined: dict[int, Contour | None] = dict(closed)
        nested = xor
        for members in slices.values():
            nested |= self.with_holes_on_slice(roi, members, joined)
        if self.holes == "xor" and nested:
            # When one contour of an ROI is XOR, all are (PS3.3 C.8.8.6.3).
            return [_typed(one, GeometricType.CLOSEDPLANAR_XOR) for one in closed.values()]
        return [one for one in joined.values() if one is not None]

    def with_holes_on_slice(self, roi: Roi, members: list[int], joined: dict[int, Contour | None]) -> bool:
        """Join the holes among contours of one slice to their outlines; whether there are any."""
        if len(members) < 2:
            return False
        curves = [one for one in (joined[index] for index in members) if one is not None]
        flat = [self.in_plane(_ring(one)) for one in curves]
        parent_of = parents(flat)
        if parent_of is None:
            message = f"contours {', '.join(str(one + 1) for one in members)} of ROI {roi.number} {roi.name!r} cross"
            self.problems.append(Problem("holes-unclear", f"{message}; written as they are", roi.number, members[0]))
            return False
        depth_of = depths(parent_of)
        if self.holes == "keyhole":
            for outer in [n for n, depth in enumerate(depth_of) if depth % 2 == 0]:
                inner = [n for n, parent in enumerate(parent_of) if parent == outer and depth_of[n] % 2]
                if inner:
                    self.join(roi, [members[n] for n in (outer, *inner)], [flat[n] for n in (outer, *inner)], joined)
        return any(depth_of)

    def join(
        self,
        roi: Roi,
        members: list[int],
        flat: list[NDArray[np.float64]],
        joined: dict[int, Contour | None],
    ) -> None:
        """Put an outline and its holes into one contour, where a channel leads from one to the other.

        Args:
            roi: whose contours they are.
            members: indices of the outline and then of its holes among the ROI's contours.
            flat: their points in their plane, ``(n, 2)`` mm.
            joined: index of a contour -> what it has become, None where it went into another; changed here.
        """
        curves = [one for one in (joined[index] for index in members) if one is not None]
        rings = [_ring(one) for one in curves]
        path = keyhole(flat[0], flat[1:])
        if path is None or not is_coplanar(np.concatenate(rings)):
            message = f"no channel leads to the holes of contour {members[0] + 1} of ROI {roi.number} {roi.name!r}"
            self.problems.append(
                Problem("holes-unclear", f"{message}; written as nested contours", roi.number, members[0])
            )
            return
        points = np.array([rings[ring][point] for ring, point in path])
        joined[members[0]] = Contour(points, GeometricType.CLOSED_PLANAR, curves[0].images)
        for index in members[1:]:
            joined[index] = None
        self.merged[roi.number] = self.merged.get(roi.number, 0) + len(members) - 1

    def in_plane(self, points_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points ``(n, 2)`` mm along the rows of the images and across them."""
        grid = self.volume.grid
        offsets = points_lps_mm - grid.slice_origins_lps_mm[0]
        return np.stack([offsets @ grid.row_direction, offsets @ np.cross(grid.normal, grid.row_direction)], axis=1)


def _closed_planar(contour: Contour) -> Contour:
    """A closed contour as CLOSED_PLANAR, itself where it is one (a first point that its file repeats stays)."""
    if contour.geometric_type == GeometricType.CLOSED_PLANAR:
        return contour
    return _typed(contour, GeometricType.CLOSED_PLANAR)


def _typed(contour: Contour, kind: GeometricType) -> Contour:
    """A closed contour with another type, without repeating its first point at the end."""
    if contour.geometric_type == kind:
        return contour
    return Contour(_ring(contour), kind, contour.images)


def _ring(contour: Contour) -> NDArray[np.float64]:
    """The points of a closed contour, the first one not repeated at the end."""
    points = contour.points_lps
    while len(points) > 1 and np.array_equal(points[0], points[-1]):
        points = points[:-1]
    return points
