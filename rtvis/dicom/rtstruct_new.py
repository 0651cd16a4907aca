"""A structure set that rtvis made: the eight modules of the RT Structure Set IOD (PS3.3 A.19.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.character_sets import UTF_8, decode_text
from rtvis.dicom.element_encoding import sequence
from rtvis.dicom.element_tree import Item, read_file
from rtvis.dicom.elements import PIXEL_DATA_GROUP
from rtvis.dicom.encoding import EXPLICIT
from rtvis.dicom.long_values import digest_elements
from rtvis.dicom.rtstruct_items import SOFTWARE_NAME, ItemWriter, software_version
from rtvis.dicom.uids import new_uid
from rtvis.model.errors import InputError
from rtvis.model.problem import Problem
from rtvis.model.structure_set import StructureSet

if TYPE_CHECKING:
    from rtvis.dicom.encoding import Encoding
    from rtvis.dicom.rtstruct_resave import Instance
    from rtvis.model.volume import VolumeHeader

STUDY_DATE, STUDY_TIME, ACCESSION_NUMBER = 0x00080020, 0x00080030, 0x00080050
REFERRING_PHYSICIAN_NAME, STUDY_ID = 0x00080090, 0x00200010
_STUDY_ATTRIBUTES = (
    (STUDY_DATE, "DA"),
    (STUDY_TIME, "TM"),
    (ACCESSION_NUMBER, "SH"),
    (REFERRING_PHYSICIAN_NAME, "PN"),
    (STUDY_ID, "SH"),
)
"""Type 2 attributes of General Study (PS3.3 C.7.2.1), which all objects of a study share."""

_FORMS = {
    "DA": re.compile(r"(19|20|1[0-8])\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "TM": re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"),
    "CS": re.compile(r"[A-Z0-9 _]{0,16}"),
    "SH": re.compile(r"[^\\\x00-\x1f\x7f]{0,16}"),
    "PN": re.compile(r"[^\\\x00-\x1f\x7f=]{0,64}(=[^\\\x00-\x1f\x7f=]{0,64}){0,2}"),
}
"""What values of a VR look like (PS3.5 6.2)."""


def new_structure_set(volume: VolumeHeader, label: str = "rtvis") -> StructureSet:
    """An empty structure set for a volume: its patient, study and frame of reference, a series of its own.

    A volume without a frame of reference gets one made up, since each ROI must name one (PS3.3 C.8.8.5); the set's
    problems say so.
    """
    frame = volume.frame_of_reference_uid
    problems: tuple[Problem, ...] = ()
    if not frame:
        frame = new_uid()
        message = f"the images have no frame of reference; the structure set names one made up for it, {frame}"
        problems = (Problem("frame-of-reference-made-up", message),)
    return StructureSet(
        label=label,
        patient=volume.patient,
        study_instance_uid=volume.study_instance_uid or new_uid(),
        series_instance_uid=new_uid(),
        sop_instance_uid=new_uid(),
        frame_of_reference_uid=frame,
        referenced_series_uids=(volume.series_instance_uid,),
        volume=volume,
        matched_by="references",
        problems=problems,
    )


def new_dataset(
    structure_set: StructureSet, instance: Instance, encoding: Encoding = EXPLICIT
) -> tuple[bytes, list[Problem]]:
    """The data set of a structure set that came from no file, in UTF-8; and what happened on the way."""
    frame_uid = structure_set.frame_of_reference_uid
    writer = ItemWriter(encoding, UTF_8, structure_set.volume, frame_uid)
    writer.prepare(structure_set)
    patient = structure_set.patient
    parts: dict[int, bytes] = {}
    # SOP Common C.12.1, RT Series C.8.8.1, General Equipment C.7.5.1, Frame of Reference C.7.4.1 (without which
    # dciodvfy isn't content), Structure Set C.8.8.5, Approval C.8.8.16
    for tag, vr, value in (
        (tags.SPECIFIC_CHARACTER_SET, "CS", UTF_8),
        (0x00080012, "DA", instance.date),
        (0x00080013, "TM", instance.time),
        (tags.SOP_CLASS_UID, "UI", tags.RT_STRUCTURE_SET),
        (tags.SOP_INSTANCE_UID, "UI", instance.sop_instance_uid),
        (tags.MODALITY, "CS", "RTSTRUCT"),
        (0x00080070, "LO", SOFTWARE_NAME),
        (0x00081070, "PN", ""),
        (0x00081090, "LO", SOFTWARE_NAME),
        (0x00181020, "LO", software_version()),
        (tags.PATIENT_NAME, "PN", patient.name),
        (tags.PATIENT_ID, "LO", patient.patient_id),
        *_fitting(
            [
                (tags.PATIENT_BIRTH_DATE, "DA", patient.birth_date),
                (tags.PATIENT_SEX, "CS", patient.sex),
                *_study_attributes(structure_set.volume),
            ],
            writer,
        ),
        (tags.STUDY_INSTANCE_UID, "UI", structure_set.study_instance_uid or new_uid()),
        (tags.SERIES_INSTANCE_UID, "UI", instance.series_instance_uid),
        (0x00200011, "IS", ""),
        (tags.FRAME_OF_REFERENCE_UID, "UI", frame_uid),
        (0x00201040, "LO", ""),
        (tags.STRUCTURE_SET_LABEL, "SH", structure_set.label),
        (tags.STRUCTURE_SET_DATE, "DA", instance.date),
        (tags.STRUCTURE_SET_TIME, "TM", instance.time),
        (0x300E0002, "CS", "UNAPPROVED"),
    ):
        parts[tag] = writer.text(tag, vr, value)
    if structure_set.volume is not None:
        reference = writer.frame_of_reference_item(structure_set.volume, frame_uid)
        tag = tags.REFERENCED_FRAME_OF_REFERENCE_SEQUENCE
        parts[tag] = sequence(tag, [reference], encoding)
    for tag, items in (
        (tags.STRUCTURE_SET_ROI_SEQUENCE, [writer.roi_item(roi) for roi in structure_set.rois]),
        (tags.ROI_CONTOUR_SEQUENCE, [writer.roi_contour_item(roi) for roi in structure_set.rois]),
        (
            tags.RT_ROI_OBSERVATIONS_SEQUENCE,
            [writer.observation_item(roi, index + 1) for index, roi in enumerate(structure_set.rois)],
        ),
    ):
        parts[tag] = sequence(tag, items, encoding)
    digests = digest_elements(structure_set, writer, None)
    parts |= {tag: data for tag, data in digests.items() if data is not None}
    return b"".join(parts[tag] for tag in sorted(parts)), writer.warnings


def _fitting(attributes: list[tuple[int, str, str]], writer: ItemWriter) -> list[tuple[int, str, str]]:
    """Type 2 attributes of the images; left empty, with a warning, where they don't fit their VR (PS3.5 6.2)."""
    result = []
    for tag, vr, value in attributes:
        fits = not value or _FORMS[vr].fullmatch(value) is not None
        if not fits:
            message = f"({tag >> 16:04X},{tag & 0xFFFF:04X}) of the images, {value!r}, is no valid {vr}: left empty"
            writer.warnings.append(Problem("image-attribute-unfit", message))
        result.append((tag, vr, value if fits else ""))
    return result


def _study_attributes(volume: VolumeHeader | None) -> list[tuple[int, str, str]]:
    """General Study of the images; empty (type 2) where they can't be read any more or don't say."""
    header: Item | None = None
    path = next((one.path for one in volume.slices if one.path is not None), None) if volume is not None else None
    if path is not None:
        try:
            header = read_file(path, stop_tag=PIXEL_DATA_GROUP).dataset
        except InputError:
            header = None  # moved away since it was opened: type 2 attributes may be empty
    if header is None:
        return [(tag, vr, "") for tag, vr in _STUDY_ATTRIBUTES]
    terms = header.ascii(tags.SPECIFIC_CHARACTER_SET)
    return [(tag, vr, decode_text(header.bytes_of(tag), terms)) for tag, vr in _STUDY_ATTRIBUTES]
