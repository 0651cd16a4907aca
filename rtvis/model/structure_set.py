"""Structure sets: the drawn points are the truth.

All types are persistent values: an edit returns a new one that shares what didn't change, so undo is a pointer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.polyline import COPLANAR_TOLERANCE_MM, is_coplanar, width_mm
from rtvis.model.decimal_string import round_to_ds
from rtvis.model.volume import Patient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.model.problem import Problem
    from rtvis.model.volume import VolumeHeader


class GeometricType(StrEnum):
    """Defined terms of ContourGeometricType (3006,0042), PS3.3 C.8.8.6.1."""

    POINT = "POINT"
    OPEN_PLANAR = "OPEN_PLANAR"
    OPEN_NONPLANAR = "OPEN_NONPLANAR"
    CLOSED_PLANAR = "CLOSED_PLANAR"
    CLOSEDPLANAR_XOR = "CLOSEDPLANAR_XOR"


XOR_TYPES = frozenset({"CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR"})
"""Types that count areas by exclusive or (PS3.3 C.8.8.6.3); the second is a misspelling found in files."""
CLOSED_TYPES = frozenset({"CLOSED_PLANAR", *XOR_TYPES})
"""Types whose last point joins the first."""
LONGEST_NAME = 64
"""Characters of ROIName (3006,0026), an LO (PS3.5 6.2)."""


LEAST_WIDTH_MM = 1e-6
"""Closed contours narrower than this have no area: DS rounding alone is up to 1e-9 mm."""

LARGEST_IS = 2**31 - 1


def _may_change(points: NDArray[np.float64]) -> bool:
    """Whether the memory behind an array can still be written to, through it or through what it is a view of."""
    owner: object = points
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        owner = owner.base
    return not (owner is None or isinstance(owner, bytes))


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An item of ContourImageSequence (3006,0016).

    Attributes:
        sop_class_uid: ReferencedSOPClassUID.
        sop_instance_uid: ReferencedSOPInstanceUID.
        frame: ReferencedFrameNumber, from 1; None for an image of one frame, or for all frames.
    """

    sop_class_uid: str
    sop_instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """One contour as it was drawn or read.

    Attributes:
        points_lps: ``(n, 3)`` float64 LPS mm, read-only. A CLOSED_PLANAR contour made here doesn't repeat its
            first point; one read from a file has exactly the points of the file.
        geometric_type: a `GeometricType` value, or whatever the file says.
        images: the images it was drawn on.
        origin: what the file carried for this contour; opaque here. It lets an untouched contour be
            written back byte for byte, and is None for contours made or edited.
    """

    points_lps: NDArray[np.float64]
    geometric_type: str
    images: tuple[ImageReference, ...] = ()
    origin: object | None = None

    def __post_init__(self) -> None:
        points = np.asarray(self.points_lps, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError(f"contour points must be (n, 3), not {points.shape}")
        if _may_change(points):
            points = points.copy()
            points.flags.writeable = False
        object.__setattr__(self, "points_lps", points)
        object.__setattr__(self, "geometric_type", str(self.geometric_type))

    @property
    def is_closed(self) -> bool:
        """Whether the last point joins the first, also in an open type of curve that repeats its first point.

        DICOM has no type for closed nonplanar curves; a repeated first point in an OPEN_NONPLANAR one says it. Some
        programs write closed outlines as OPEN_PLANAR in the same way.
        """
        if self.geometric_type in CLOSED_TYPES:
            return True
        points = self.points_lps
        return len(points) > 3 and bool(np.array_equal(points[0], points[-1]))

    @classmethod
    def drawn(
        cls,
        points_lps: ArrayLike,
        *,
        closed: bool,
        images: tuple[ImageReference, ...] = (),
        tolerance_mm: float = COPLANAR_TOLERANCE_MM,
    ) -> Contour:
        """A contour from drawn points: rounded to what DS carries, its type found from the points.

        A closed curve that isn't planar has no type of its own in DICOM: it becomes OPEN_NONPLANAR with the first point
        repeated exactly.

        Args:
            points_lps: ``(n, 3)`` LPS mm. A last point equal to the first is dropped from a closed curve.
            closed: whether the last point joins the first.
            images: the images it was drawn on.
            tolerance_mm: how far points may be from their best plane and still be planar.

        Raises:
            ValueError: without points, for non-finite ones, or for a closed curve of fewer than three different points
                or of points on one line.
        """
        points = np.asarray(points_lps, dtype=np.float64).reshape(-1, 3)
        if len(points) == 0 or not np.all(np.isfinite(points)):
            raise ValueError("a contour needs finite points")
        points = round_to_ds(points)
        if closed:
            while len(points) > 1 and np.array_equal(points[0], points[-1]):
                points = points[:-1]
            if len(np.unique(points, axis=0)) < 3:
                raise ValueError("a closed contour needs three different points")
            if width_mm(points) <= LEAST_WIDTH_MM:
                raise ValueError("a closed contour needs points that are not on one line")
        planar = is_coplanar(points, tolerance_mm)
        if closed:
            if planar:
                return cls(points, GeometricType.CLOSED_PLANAR, images)
            return cls(np.vstack([points, points[:1]]), GeometricType.OPEN_NONPLANAR, images)
        if len(points) == 1:
            return cls(points, GeometricType.POINT, images)
        return cls(points, GeometricType.OPEN_PLANAR if planar else GeometricType.OPEN_NONPLANAR, images)


@dataclass(frozen=True, slots=True, eq=False)
class Roi:
    """A region of interest: the joined items of the three sequences with one ROI number.

    Attributes:
        number: ROINumber (3006,0022), unique in its set.
        name: ROIName (3006,0026) as written; two ROIs may share one.
        contours: in the order of ContourSequence.
        color: ROIDisplayColor (r, g, b), 0 to 255, or None where the file has none.
        interpreted_type: RTROIInterpretedType of its first observation, such as ``ORGAN``; may be empty.
        algorithm: ROIGenerationAlgorithm (type 2).
        frame_of_reference_uid: the frame its points are in (PS3.3 C.8.8.5); empty where the file names none.
        origin: what the file carried for it; opaque here.
    """

    number: int
    name: str
    contours: tuple[Contour, ...] = ()
    color: tuple[int, int, int] | None = None
    interpreted_type: str = ""
    algorithm: str = ""
    frame_of_reference_uid: str = ""
    origin: object | None = None

    def with_contour(self, contour: Contour) -> Roi:
        """A copy with one more contour at the end."""
        return replace(self, contours=(*self.contours, contour))

    def without_contour(self, index: int) -> Roi:
        """A copy without the contour at `index`.

        Raises:
            IndexError: when there is none.
        """
        if not 0 <= index < len(self.contours):
            raise IndexError(f"ROI {self.number} has no contour {index}")
        return replace(self, contours=(*self.contours[:index], *self.contours[index + 1 :]))

    @property
    def contour_counts(self) -> dict[str, int]:
        """Number of contours by geometric type, in order of first appearance."""
        counts: dict[str, int] = {}
        for contour in self.contours:
            counts[contour.geometric_type] = counts.get(contour.geometric_type, 0) + 1
        return counts

    @property
    def point_count(self) -> int:
        """Number of points of all contours."""
        return sum(len(contour.points_lps) for contour in self.contours)


@dataclass(frozen=True, slots=True, eq=False)
class StructureSet:
    """A structure set (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8).

    Attributes:
        label: StructureSetLabel (3006,0002).
        rois: in the order of StructureSetROISequence.
        series_instance_uid: its own series (an RTSTRUCT is never in its images' series).
        referenced_series_uids: the image series it names.
        frame_of_reference_uid: the first referenced frame; each ROI carries its own.
        path: the file it was read from, or None.
        volume: the volume it was matched to (its header alone where no voxels were read), or None.
        matched_by: ``references``, ``frame_of_reference`` or ``geometry``, or None when unmatched.
        problems: import report.
        dated: Structure Set Date and Time, (3006,0008) and (3006,0009), of its file: ``YYYYMMDD``, with a time
            ``YYYYMMDDHHMMSS``; empty where no date is given.
        created: Instance Creation Date and Time, (0008,0012) and (0008,0013), in the same form.
        copy_number: 2, 3 ... in the second, third ... set of a study with one SOP Instance UID.
        origin: what the file carried besides; opaque here. None for sets made here.
    """

    label: str
    rois: tuple[Roi, ...] = ()
    patient: Patient = field(default_factory=Patient)
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    frame_of_reference_uid: str = ""
    referenced_series_uids: tuple[str, ...] = ()
    path: Path | None = None
    volume: VolumeHeader | None = None
    matched_by: str | None = None
    problems: tuple[Problem, ...] = ()
    origin: object | None = None
    copy_number: int = 1
    dated: str = ""
    created: str = ""

    @property
    def key(self) -> str:
        """Tells the sets of a study apart: the SOP Instance UID, with ``#2``, ``#3`` ... where files share one."""
        return self.sop_instance_uid if self.copy_number == 1 else f"{self.sop_instance_uid}#{self.copy_number}"

    @property
    def made(self) -> tuple[str, str]:
        """When it was made, for comparing: larger is later, and nothing known is least."""
        return self.dated or self.created, self.created

    def roi(self, number: int) -> Roi:
        """The ROI with this number.

        Raises:
            KeyError: when there is none.
        """
        for one in self.rois:
            if one.number == number:
                return one
        raise KeyError(number)

    def with_roi(self, roi: Roi) -> StructureSet:
        """A copy in which `roi` replaces the one with its number, or is added at the end."""
        if any(one.number == roi.number for one in self.rois):
            return replace(self, rois=tuple(roi if one.number == roi.number else one for one in self.rois))
        return replace(self, rois=(*self.rois, roi))

    def without_roi(self, number: int) -> StructureSet:
        """A copy without the ROI with this number; the same ROIs where there is none."""
        return replace(self, rois=tuple(one for one in self.rois if one.number != number))

    def next_number(self) -> int:
        """A ROI number that is still free, above all others where IS can hold it (PS3.5 6.2: up to 2^31 - 1)."""
        used = {one.number for one in self.rois}
        highest = max(used | {0})
        if highest < LARGEST_IS:
            return highest + 1
        return next(number for number in range(1, len(used) + 2) if number not in used)

    @property
    def contour_count(self) -> int:
        """Number of contours of all ROIs."""
        return sum(len(one.contours) for one in self.rois)

    def unique_names(self) -> dict[int, str]:
        """ROI number -> name, with ``_<number>`` appended where two ROIs share one, or come to share one by that."""
        names = {one.number: one.name for one in self.rois}
        numbered: set[int] = set()
        while True:
            counts = Counter(names.values())
            shared = {number for number, name in names.items() if counts[name] > 1} - numbered
            if not shared:
                return names
            for one in self.rois:
                if one.number in shared:
                    names[one.number] = f"{one.name}_{one.number}"
            numbered |= shared
