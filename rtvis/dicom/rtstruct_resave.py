"""A structure set that came from a file and was changed, written into what the file carried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.character_sets import LATIN_1, UTF_8
from rtvis.dicom.element_encoding import sequence, with_changes
from rtvis.dicom.long_values import digest_elements
from rtvis.dicom.plain_texts import has_text_beyond_ascii
from rtvis.dicom.rtstruct_items import ItemWriter
from rtvis.dicom.rtstruct_origin import (
    RoiOrigin,
    SetOrigin,
    contours_untouched,
    lacks_item,
    roi_attributes,
    roi_untouched,
)
from rtvis.model.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rtvis.dicom.element_tree import Item
    from rtvis.model.structure_set import Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

INSTANCE_CREATION_DATE, INSTANCE_CREATION_TIME = 0x00080012, 0x00080013
APPROVAL_STATUS, REVIEW_DATE, REVIEW_TIME, REVIEWER_NAME = 0x300E0002, 0x300E0004, 0x300E0005, 0x300E0008
CONTRIBUTING_EQUIPMENT_SEQUENCE = 0x0018A001
MAC_PARAMETERS_SEQUENCE, DIGITAL_SIGNATURES_SEQUENCE = 0x4FFE0001, 0xFFFAFFFA


@dataclass(frozen=True, slots=True)
class Instance:
    """Who a written object is."""

    sop_instance_uid: str
    series_instance_uid: str
    date: str
    time: str

    @classmethod
    def now(cls, sop_instance_uid: str, series_instance_uid: str) -> Instance:
        """An instance made at this moment, in local time as DICOM writes it."""
        moment = datetime.now(UTC).astimezone()
        return cls(sop_instance_uid, series_instance_uid, f"{moment:%Y%m%d}", f"{moment:%H%M%S}")


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """What a changed file says of its change.

    Attributes:
        description: for ContributionDescription (0018,A003).
        images: the volume that takes the place of all images the set names, or None to keep those.
    """

    description: str = "contours or regions of interest edited"
    images: VolumeHeader | None = None


def changed_dataset(
    structure_set: StructureSet, origin: SetOrigin, instance: Instance, revision: Revision
) -> tuple[bytes, list[Problem]]:
    """The data set of a changed structure set, in the encoding of its file; and what the person should know.

    What nobody touched is kept byte for byte. Signatures are left out, since they can't hold for a changed object, and
    an approval is withdrawn (PS3.3 C.8.8.16): both with a warning. The change is recorded as an item of
    ContributingEquipmentSequence, Modifying Equipment (PS3.3 C.12.1.1.5); the file's own equipment stays named.

    Raises:
        ExportError: when a text can't be written in the file's character set.
    """
    return _Resaving(structure_set, origin).dataset(instance, revision)


class _Resaving:
    """One structure set on its way back."""

    def __init__(self, structure_set: StructureSet, origin: SetOrigin) -> None:
        self.set = structure_set
        self.origin = origin
        self.old = origin.file.dataset
        self.changes: dict[int, bytes | None] = {}
        self.writer = ItemWriter(
            self.old.encoding,
            self.old.ascii(tags.SPECIFIC_CHARACTER_SET),
            structure_set.volume,
            structure_set.frame_of_reference_uid,
        )
        if self.writer.character_set in {"", "ISO_IR 6"} and not all(map(str.isascii, self.new_texts())):
            self.declare_character_set()
        self.writer.prepare(structure_set)
        self.owners: dict[int, Roi] = {}
        # Of several ROIs with one origin (a copy was made), the items belong to the one that kept the number.
        for roi in sorted(structure_set.rois, key=lambda one: not _kept_number(one)):
            for item in _items_of(roi):
                self.owners.setdefault(id(item), roi)

    def dataset(self, instance: Instance, revision: Revision) -> tuple[bytes, list[Problem]]:
        self.put(tags.SPECIFIC_CHARACTER_SET, "CS", self.writer.character_set)
        self.put(tags.SOP_CLASS_UID, "UI", tags.RT_STRUCTURE_SET)
        self.put(tags.SOP_INSTANCE_UID, "UI", instance.sop_instance_uid)
        self.put(tags.SERIES_INSTANCE_UID, "UI", instance.series_instance_uid)
        self.put(tags.STUDY_INSTANCE_UID, "UI", self.set.study_instance_uid)
        self.put(INSTANCE_CREATION_DATE, "DA", instance.date)
        self.put(INSTANCE_CREATION_TIME, "TM", instance.time)
        self.put(tags.STRUCTURE_SET_DATE, "DA", instance.date)
        self.put(tags.STRUCTURE_SET_TIME, "TM", instance.time)
        label, patient, _ = self.origin.attributes
        if self.set.label != label:
            self.changes[tags.STRUCTURE_SET_LABEL] = self.writer.text(tags.STRUCTURE_SET_LABEL, "SH", self.set.label)
        if self.set.patient != patient:
            self.change_patient()
        self.change_references(revision)
        self.record(instance, revision)
        self.end_approval()
        self.replace_sequence(tags.STRUCTURE_SET_ROI_SEQUENCE, self.roi_items)
        self.replace_sequence(tags.ROI_CONTOUR_SEQUENCE, self.roi_contour_items)
        self.replace_sequence(tags.RT_ROI_OBSERVATIONS_SEQUENCE, self.observation_items)
        self.changes |= digest_elements(self.set, self.writer, self.old)
        return with_changes(self.old, self.changes), self.writer.warnings

    def new_texts(self) -> Iterator[str]:
        """Texts that aren't written as the file has them."""
        label, patient, _ = self.origin.attributes
        if self.set.label != label:
            yield self.set.label
        if self.set.patient != patient:
            yield from (self.set.patient.name, self.set.patient.patient_id)
        yield from (roi.name for roi in self.set.rois if not self.writer.keeps_name(roi))

    def declare_character_set(self) -> None:
        """Have a character set for text that the default repertoire can't carry: one that fits what is there already.

        Where the file has bytes beyond ASCII they were shown as ISO 8859-1, and stay so.
        """
        if not has_text_beyond_ascii(self.old):
            self.writer.character_set = UTF_8  # of which the default repertoire is a part
            return
        self.writer.character_set = LATIN_1
        message = (
            "the file has letters beyond ASCII and no character set: ISO 8859-1, as which they were shown, is named"
        )
        self.warn("character-set-named", message)

    def put(self, tag: int, vr: str, value: str) -> None:
        if self.old.ascii(tag) != value:
            self.changes[tag] = self.writer.value(tag, vr, value)

    def change_patient(self) -> None:
        patient = self.set.patient
        for tag, vr, value in (
            (tags.PATIENT_NAME, "PN", patient.name),
            (tags.PATIENT_ID, "LO", patient.patient_id),
            (tags.PATIENT_BIRTH_DATE, "DA", patient.birth_date),
            (tags.PATIENT_SEX, "CS", patient.sex),
        ):
            self.changes[tag] = self.writer.text(tag, vr, value)

    def record(self, instance: Instance, revision: Revision) -> None:
        """Add this program to those that made the object what it is (PS3.3 C.12.1.1.5)."""
        inner, vr = self.writer.inside(self.old, CONTRIBUTING_EQUIPMENT_SEQUENCE)
        items = [one.raw for one in self.old.items(CONTRIBUTING_EQUIPMENT_SEQUENCE)]
        items.append(inner.contribution_item(f"{instance.date}{instance.time}", revision.description))
        whole = sequence(CONTRIBUTING_EQUIPMENT_SEQUENCE, items, self.old.encoding, vr=vr)
        self.changes[CONTRIBUTING_EQUIPMENT_SEQUENCE] = whole

    def change_references(self, revision: Revision) -> None:
        """Name other images when a repair says so, or when something is drawn on images the file doesn't name."""
        tag = tags.REFERENCED_FRAME_OF_REFERENCE_SEQUENCE
        if revision.images is not None:
            frame = revision.images.frame_of_reference_uid or self.set.frame_of_reference_uid
            item = self.writer.frame_of_reference_item(revision.images, frame)
            self.changes[tag] = sequence(tag, [item], self.old.encoding)
            return
        volume = self.set.volume
        if volume is None or self.origin.referenced_images & {one.sop_instance_uid for one in volume.slices}:
            return
        if not any(contour.origin is None for roi in self.set.rois for contour in roi.contours):
            return
        inner, vr = self.writer.inside(self.old, tag)
        frame = volume.frame_of_reference_uid or self.set.frame_of_reference_uid
        items = [one.raw for one in self.old.items(tag)] + [inner.frame_of_reference_item(volume, frame)]
        self.changes[tag] = sequence(tag, items, self.old.encoding, vr=vr)
        self.warn("references-added", f"the images of series {volume.series_instance_uid} are named in addition")

    def end_approval(self) -> None:
        if self.old.ascii(APPROVAL_STATUS) not in {"", "UNAPPROVED"}:
            self.put(APPROVAL_STATUS, "CS", "UNAPPROVED")
            self.changes |= dict.fromkeys((REVIEW_DATE, REVIEW_TIME, REVIEWER_NAME))
            self.warn("approval-withdrawn", "the file was reviewed before it was changed: now UNAPPROVED")
        if DIGITAL_SIGNATURES_SEQUENCE in self.old.elements:
            self.changes |= dict.fromkeys((DIGITAL_SIGNATURES_SEQUENCE, MAC_PARAMETERS_SEQUENCE))
            self.warn("signatures-removed", "digital signatures of the file can't hold for what was changed; left out")

    def warn(self, code: str, message: str) -> None:
        self.writer.warnings.append(Problem(code, message))

    def replace_sequence(self, tag: int, items: Callable[[ItemWriter], list[bytes]]) -> None:
        inner, vr = self.writer.inside(self.old, tag)
        self.changes[tag] = sequence(tag, items(inner), self.old.encoding, vr=vr)

    def roi_items(self, writer: ItemWriter) -> list[bytes]:
        """StructureSetROISequence, in the order of the ROIs."""
        result = []
        for roi in self.set.rois:
            if lacks_item(roi, self.origin):
                continue  # as in the file
            item = roi.origin.roi_item if isinstance(roi.origin, RoiOrigin) else None
            kept = item is not None and item.encoding == writer.encoding and _listing_untouched(roi)
            result.append(item.raw if kept and item is not None else writer.roi_item(roi))
        return result

    def known(self, origin: RoiOrigin) -> bool:
        return any(one.origin is origin for one in self.origin.rois)

    def roi_contour_items(self, writer: ItemWriter) -> list[bytes]:
        """ROIContourSequence: the file's items in the file's order, then those of new ROIs."""
        result: list[bytes] = []
        done: set[int] = set()
        for item in self.old.items(tags.ROI_CONTOUR_SEQUENCE):
            roi = self.owners.get(id(item))
            if roi is None:
                continue  # the ROI was deleted
            assert isinstance(roi.origin, RoiOrigin)
            number, _, color, *_ = roi.origin.attributes
            named = item.integer(tags.REFERENCED_ROI_NUMBER) == roi.number or lacks_item(roi, self.origin)
            if named and contours_untouched(roi) and (roi.number, roi.color) == (number, color):
                result.append(item.raw)
            elif roi.number not in done:
                result.append(writer.roi_contour_item(roi))
            elif _says_more(item):
                result.append(writer.roi_contour_rest(roi, item))  # its contours went to the first
            done.add(roi.number)
        return result + [writer.roi_contour_item(roi) for roi in self.set.rois if self.needs_item(roi, done)]

    def needs_item(self, roi: Roi, done: set[int]) -> bool:
        if roi.number in done:
            return False
        known = isinstance(roi.origin, RoiOrigin) and self.known(roi.origin)
        return not known or bool(roi.contours) or roi.color is not None

    def observation_items(self, writer: ItemWriter) -> list[bytes]:
        """RTROIObservationsSequence: the file's items in the file's order, then those of new ROIs."""
        result: list[bytes] = []
        done: set[int] = set()
        numbers = [0]
        originals = self.old.items(tags.RT_ROI_OBSERVATIONS_SEQUENCE)
        deleted = {id(item) for roi in self.origin.rois for item in _items_of(roi)} - set(self.owners)
        for item in originals:
            numbers.append(item.integer(tags.OBSERVATION_NUMBER) or 0)
            roi = self.owners.get(id(item))
            if roi is None:
                if id(item) not in deleted and not self.taken(item):
                    result.append(item.raw)  # of no ROI that is there: the file had it so
                continue
            result.append(self.observation(writer, roi, item, first=roi.number not in done))
            done.add(roi.number)
        for roi in self.set.rois:
            known = isinstance(roi.origin, RoiOrigin) and self.known(roi.origin)
            if roi.number not in done and (not known or roi.interpreted_type):
                numbers.append(max(numbers) + 1)
                result.append(writer.observation_item(roi, numbers[-1]))
        return result

    def taken(self, item: Item) -> bool:
        """Whether an observation of no ROI of the file would become that of a new one; told, since it is left out."""
        number = item.integer(tags.REFERENCED_ROI_NUMBER)
        taken = any(roi.number == number for roi in self.set.rois)
        if taken:
            message = (
                f"an observation of the file was of ROI {number}, which it didn't have; left out, as there is one now"
            )
            self.writer.warnings.append(Problem("observation-of-nothing", message, number))
        return taken

    @staticmethod
    def observation(writer: ItemWriter, roi: Roi, item: Item, *, first: bool) -> bytes:
        assert isinstance(roi.origin, RoiOrigin)
        number, _, _, kind, *_ = roi.origin.attributes
        if roi.number == number and (roi.interpreted_type == kind or not first):
            return item.raw
        if not first:
            named = writer.value(tags.REFERENCED_ROI_NUMBER, "IS", str(roi.number))
            return writer.changed(item, {tags.REFERENCED_ROI_NUMBER: named})
        return writer.observation_item(roi, item.integer(tags.OBSERVATION_NUMBER) or 0, item)


def _items_of(roi: Roi) -> tuple[Item, ...]:
    origin = roi.origin
    return (*origin.contour_items, *origin.observation_items) if isinstance(origin, RoiOrigin) else ()


def _kept_number(roi: Roi) -> bool:
    return isinstance(roi.origin, RoiOrigin) and roi.origin.attributes[0] == roi.number


def _says_more(item: Item) -> bool:
    """Whether an item of ROIContourSequence has other attributes than its number and its contours."""
    return not item.elements.keys() <= {tags.REFERENCED_ROI_NUMBER, tags.CONTOUR_SEQUENCE}


def _listing_untouched(roi: Roi) -> bool:
    """Whether the item of StructureSetROISequence can stay.

    A number that was made up must be written once something else is to name it: contours, a color, a type.
    """
    origin = roi.origin
    if not isinstance(origin, RoiOrigin) or origin.roi_item is None:
        return False
    numbered = origin.roi_item.integer(tags.ROI_NUMBER) == roi.number or roi_untouched(roi)
    return numbered and _listed(roi_attributes(roi)) == _listed(origin.attributes)


def _listed(attributes: tuple[object, ...]) -> tuple[object, ...]:
    """Number, name, algorithm and frame of reference: what StructureSetROISequence carries."""
    return attributes[0], attributes[1], attributes[4], attributes[5]
