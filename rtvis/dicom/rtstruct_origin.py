"""What a structure set's file carried: the opaque `origin` of contours, ROIs and structure sets.

It remembers the values that were read, so that whether something was touched is seen by looking, not by trust.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.dicom.element_tree import DicomFile, Item
    from rtvis.model.structure_set import Contour, ImageReference, Roi, StructureSet

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"

SPECIFIC_CHARACTER_SET = 0x00080005
INSTANCE_CREATION_DATE, INSTANCE_CREATION_TIME = 0x00080012, 0x00080013
SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
MODALITY = 0x00080060
REFERENCED_SOP_CLASS_UID = 0x00081150
REFERENCED_SOP_INSTANCE_UID = 0x00081155
REFERENCED_FRAME_NUMBER = 0x00081160
PATIENT_NAME = 0x00100010
PATIENT_ID = 0x00100020
PATIENT_BIRTH_DATE = 0x00100030
PATIENT_SEX = 0x00100040
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E
FRAME_OF_REFERENCE_UID = 0x00200052
STRUCTURE_SET_LABEL = 0x30060002
STRUCTURE_SET_DATE = 0x30060008
STRUCTURE_SET_TIME = 0x30060009
REFERENCED_FRAME_OF_REFERENCE_SEQUENCE = 0x30060010
RT_REFERENCED_STUDY_SEQUENCE = 0x30060012
RT_REFERENCED_SERIES_SEQUENCE = 0x30060014
CONTOUR_IMAGE_SEQUENCE = 0x30060016
STRUCTURE_SET_ROI_SEQUENCE = 0x30060020
ROI_NUMBER = 0x30060022
REFERENCED_FRAME_OF_REFERENCE_UID = 0x30060024
ROI_NAME = 0x30060026
ROI_DISPLAY_COLOR = 0x3006002A
ROI_GENERATION_ALGORITHM = 0x30060036
ROI_CONTOUR_SEQUENCE = 0x30060039
CONTOUR_SEQUENCE = 0x30060040
CONTOUR_GEOMETRIC_TYPE = 0x30060042
NUMBER_OF_CONTOUR_POINTS = 0x30060046
CONTOUR_DATA = 0x30060050
RT_ROI_OBSERVATIONS_SEQUENCE = 0x30060080
OBSERVATION_NUMBER = 0x30060082
REFERENCED_ROI_NUMBER = 0x30060084
RT_ROI_INTERPRETED_TYPE = 0x300600A4
ROI_INTERPRETER = 0x300600A6


@dataclass(frozen=True, slots=True, eq=False)
class ContourOrigin:
    """An item of ContourSequence, and what was read from it."""

    item: Item
    points_lps: NDArray[np.float64]
    geometric_type: str
    images: tuple[ImageReference, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RoiOrigin:
    """The items of the three sequences with one ROI number, and what was read from them.

    Attributes:
        roi_item: of StructureSetROISequence; None when the file has none for this number.
        contour_items: of ROIContourSequence; more than one when the file doubles it.
        observation_items: of RTROIObservationsSequence.
        attributes: `roi_attributes` as they were read.
        contours: the contours as they were read.
    """

    roi_item: Item | None
    contour_items: tuple[Item, ...] = ()
    observation_items: tuple[Item, ...] = ()
    attributes: tuple[object, ...] = ()
    contours: tuple[Contour, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SetOrigin:
    """The whole file, and what was read from it."""

    file: DicomFile
    attributes: tuple[object, ...]
    rois: tuple[Roi, ...]
    referenced_images: frozenset[str] = field(default_factory=frozenset)
    contour_images: frozenset[str] = field(default_factory=frozenset)


def roi_attributes(roi: Roi) -> tuple[object, ...]:
    """What of a ROI is written besides its contours."""
    return (roi.number, roi.name, roi.color, roi.interpreted_type, roi.algorithm, roi.frame_of_reference_uid)


def set_attributes(structure_set: StructureSet) -> tuple[object, ...]:
    """What of a structure set is written besides its ROIs, UIDs of its own instance and series left out."""
    return (structure_set.label, structure_set.patient, structure_set.study_instance_uid)


def curve_untouched(contour: Contour) -> bool:
    """Whether a contour's points and type are as its file carried them."""
    origin = contour.origin
    return (
        isinstance(origin, ContourOrigin)
        and contour.geometric_type == origin.geometric_type
        and (contour.points_lps is origin.points_lps or np.array_equal(contour.points_lps, origin.points_lps))
    )


def contour_untouched(contour: Contour) -> bool:
    """Whether a contour is as its file carried it, image references too, so that its bytes stand for it."""
    origin = contour.origin
    return curve_untouched(contour) and isinstance(origin, ContourOrigin) and contour.images == origin.images


def contours_untouched(roi: Roi) -> bool:
    """Whether a ROI has exactly the contours its file carried, in their order."""
    origin = roi.origin
    if not isinstance(origin, RoiOrigin) or len(roi.contours) != len(origin.contours):
        return False
    return all(
        new is old or (new.origin is old.origin and contour_untouched(new))
        for new, old in zip(roi.contours, origin.contours, strict=True)
    )


def roi_untouched(roi: Roi) -> bool:
    """Whether a ROI is as its file carried it."""
    origin = roi.origin
    return isinstance(origin, RoiOrigin) and roi_attributes(roi) == origin.attributes and contours_untouched(roi)


def lacks_item(roi: Roi, origin: SetOrigin) -> bool:
    """Whether StructureSetROISequence of the file has no item for a ROI, and nobody gave it a name or number since."""
    own = roi.origin
    return (
        isinstance(own, RoiOrigin)
        and own.roi_item is None
        and roi_attributes(roi) == own.attributes
        and any(one.origin is own for one in origin.rois)
    )


def set_untouched(structure_set: StructureSet) -> bool:
    """Whether a structure set is as its file carried it; what it was matched to doesn't count."""
    origin = structure_set.origin
    return (
        isinstance(origin, SetOrigin)
        and set_attributes(structure_set) == origin.attributes
        and [one.origin for one in structure_set.rois] == [one.origin for one in origin.rois]
        and all(roi_untouched(one) for one in structure_set.rois)
    )
