"""Items of the sequences of a structure set, made anew or changed from what the file carried."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.character_sets import encode_text
from rtvis.dicom.element_encoding import element, item, sequence, with_changes, wrapped
from rtvis.dicom.encoding import IMPLICIT, LONGEST_SHORT_VALUE
from rtvis.dicom.image_references import distinct_images, image_references
from rtvis.dicom.rtstruct_origin import ContourOrigin, RoiOrigin, contour_untouched
from rtvis.model.decimal_formatting import join_all_ds
from rtvis.model.decimal_string import join_ds
from rtvis.model.errors import ExportError
from rtvis.model.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.dicom.element_tree import Item
    from rtvis.dicom.encoding import Encoding
    from rtvis.model.structure_set import Contour, ImageReference, Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

SOFTWARE_NAME = "rtvis"
DETACHED_STUDY_MANAGEMENT = "1.2.840.10008.3.1.2.3.1"
"""What RTReferencedStudySequence names a study by (retired class, still asked for by PS3.3 C.8.8.5)."""


def software_version() -> str:
    """The version of this program, empty when it runs from a checkout that was never installed."""
    try:
        return version("rtvis")
    except PackageNotFoundError:
        return ""


@dataclass(slots=True)
class ItemWriter:
    """Makes items in one encoding and character set.

    Attributes:
        volume: what contours without image references of their own are drawn on, or None.
        frame_of_reference_uid: for ROIs that don't name one.
        warnings: what happened on the way that the person should know.
        texts: ContourData of contours by their `id`, made all at once by `prepare`.
    """

    encoding: Encoding
    character_set: str
    volume: VolumeHeader | None = None
    frame_of_reference_uid: str = ""
    warnings: list[Problem] = field(default_factory=list)
    texts: dict[int, bytes] = field(default_factory=dict)

    def prepare(self, structure_set: StructureSet) -> None:
        """Make the texts of all points that aren't written as the file had them."""
        contours = [one for roi in structure_set.rois for one in roi.contours if not _has_file_text(one)]
        texts = join_all_ds([one.points_lps for one in contours])
        self.texts.update(zip(map(id, contours), texts, strict=True))

    def text(self, tag: int, vr: str, value: str) -> bytes:
        """A text element.

        Raises:
            ExportError: when the character set can't carry it.
        """
        try:
            return element(tag, vr, encode_text(value, self.character_set), self.encoding)
        except UnicodeEncodeError as error:
            what = f"{value!r} can't be written in the file's character set {self.character_set or 'ISO_IR 6'}"
            raise ExportError(what, remedy="use another name") from error

    def value(self, tag: int, vr: str, value: str) -> bytes:
        """An element of the default repertoire."""
        return element(tag, vr, value, self.encoding)

    def changed(self, original: Item | None, changes: dict[int, bytes | None]) -> bytes:
        """An item with changes; a new one when there is no original in this encoding."""
        if original is not None and original.encoding == self.encoding:
            return wrapped(with_changes(original, changes), self.encoding)
        return item({tag: data for tag, data in changes.items() if data is not None}, self.encoding)

    def inside(self, original: Item | None, tag: int) -> tuple[ItemWriter, str]:
        """The writer for items of the sequence `tag`, and its VR: in one kept as UN they are implicit (PS3.5 6.2.2)."""
        found = None if original is None or original.encoding != self.encoding else original.elements.get(tag)
        if found is not None and found.vr == b"UN":
            return replace(self, encoding=IMPLICIT), "UN"
        return self, "SQ"

    def roi_item(self, roi: Roi) -> bytes:
        """An item of StructureSetROISequence (PS3.3 C.8.8.5)."""
        original = roi.origin.roi_item if isinstance(roi.origin, RoiOrigin) else None
        frame = roi.frame_of_reference_uid or self.frame_of_reference_uid
        changes: dict[int, bytes | None] = {
            tags.ROI_NUMBER: self.value(tags.ROI_NUMBER, "IS", str(roi.number)),
            tags.REFERENCED_FRAME_OF_REFERENCE_UID: self.value(tags.REFERENCED_FRAME_OF_REFERENCE_UID, "UI", frame),
            tags.ROI_GENERATION_ALGORITHM: self.value(tags.ROI_GENERATION_ALGORITHM, "CS", roi.algorithm),
        }
        if not self.keeps_name(roi):
            inner = self
            if original is not None and original.encoding == self.encoding:  # items may have their own (PS3.5 7.5.3)
                own = original.ascii(tags.SPECIFIC_CHARACTER_SET)
                inner = replace(self, character_set=own or self.character_set)
            changes[tags.ROI_NAME] = inner.text(tags.ROI_NAME, "LO", roi.name)
        return self.changed(original, changes)

    def keeps_name(self, roi: Roi) -> bool:
        """Whether the name stays as the file has it, byte for byte."""
        origin = roi.origin
        if not isinstance(origin, RoiOrigin) or origin.roi_item is None or origin.roi_item.encoding != self.encoding:
            return False
        return roi.name == origin.attributes[1] and tags.ROI_NAME in origin.roi_item.elements

    def roi_contour_item(self, roi: Roi) -> bytes:
        """An item of ROIContourSequence (PS3.3 C.8.8.6)."""
        originals = roi.origin.contour_items if isinstance(roi.origin, RoiOrigin) else ()
        changes: dict[int, bytes | None] = {
            tags.REFERENCED_ROI_NUMBER: self.value(tags.REFERENCED_ROI_NUMBER, "IS", str(roi.number)),
        }
        if not isinstance(roi.origin, RoiOrigin) or roi.color != roi.origin.attributes[2]:
            color = None if roi.color is None else "\\".join(str(part) for part in roi.color)
            changes[tags.ROI_DISPLAY_COLOR] = None if color is None else self.value(tags.ROI_DISPLAY_COLOR, "IS", color)
        inner, vr = self.inside(originals[0] if originals else None, tags.CONTOUR_SEQUENCE)
        contours = [inner.contour_item(one, roi, index) for index, one in enumerate(roi.contours)]
        whole = sequence(tags.CONTOUR_SEQUENCE, contours, self.encoding, vr=vr) if contours else None
        changes[tags.CONTOUR_SEQUENCE] = whole
        return self.changed(originals[0] if originals else None, changes)

    def roi_contour_rest(self, roi: Roi, original: Item) -> bytes:
        """A further item of ROIContourSequence with what it says besides its contours, which another item carries."""
        named = self.value(tags.REFERENCED_ROI_NUMBER, "IS", str(roi.number))
        return self.changed(original, {tags.REFERENCED_ROI_NUMBER: named, tags.CONTOUR_SEQUENCE: None})

    def contour_item(self, contour: Contour, roi: Roi, index: int) -> bytes:
        """An item of ContourSequence; the file's own bytes when nobody touched it."""
        origin = contour.origin if isinstance(contour.origin, ContourOrigin) else None
        untouched = contour_untouched(contour)
        if origin is not None and origin.item.encoding == self.encoding and untouched:
            return origin.item.raw
        if origin is not None and origin.item.encoding != self.encoding:
            message = "comes from a file in another encoding; only its points, type and images are written"
            self.warnings.append(Problem("contour-attributes-left-out", message, roi.number, index))
        data = self.contour_data(contour)
        if self.encoding.explicit and len(data) > LONGEST_SHORT_VALUE:
            message = f"ContourData of {len(data)} bytes is written as UN (PS3.5 6.2.2), which a signature skips"
            self.warnings.append(Problem("contour-data-too-long", message, roi.number, index))
        images = contour.images
        if not images and origin is None and self.volume is not None:
            images = image_references(contour.points_lps, self.volume)
        changes: dict[int, bytes | None] = {
            tags.CONTOUR_GEOMETRIC_TYPE: self.value(tags.CONTOUR_GEOMETRIC_TYPE, "CS", contour.geometric_type),
            tags.NUMBER_OF_CONTOUR_POINTS: self.value(
                tags.NUMBER_OF_CONTOUR_POINTS, "IS", str(len(contour.points_lps))
            ),
            tags.CONTOUR_DATA: element(tags.CONTOUR_DATA, "DS", data, self.encoding),
        }
        if origin is None or origin.item.encoding != self.encoding or images != origin.images:
            changes[tags.CONTOUR_IMAGE_SEQUENCE] = self.image_sequence(images) if images else None
        return self.changed(origin.item if origin else None, changes)

    def contour_data(self, contour: Contour) -> bytes:
        """ContourData: the file's own text while the points are the file's."""
        if isinstance(contour.origin, ContourOrigin) and _has_file_text(contour):
            return contour.origin.item.bytes_of(tags.CONTOUR_DATA)
        text = self.texts.get(id(contour))
        return join_ds(contour.points_lps).encode("ascii") if text is None else text

    def image_sequence(self, images: Iterable[ImageReference]) -> bytes:
        """ContourImageSequence (PS3.3 C.8.8.6)."""
        items = []
        for one in images:
            parts = {
                tags.REFERENCED_SOP_CLASS_UID: self.value(tags.REFERENCED_SOP_CLASS_UID, "UI", one.sop_class_uid),
                tags.REFERENCED_SOP_INSTANCE_UID: self.value(
                    tags.REFERENCED_SOP_INSTANCE_UID, "UI", one.sop_instance_uid
                ),
            }
            if one.frame is not None:
                parts[tags.REFERENCED_FRAME_NUMBER] = self.value(tags.REFERENCED_FRAME_NUMBER, "IS", str(one.frame))
            items.append(item(parts, self.encoding))
        return sequence(tags.CONTOUR_IMAGE_SEQUENCE, items, self.encoding)

    def observation_item(self, roi: Roi, observation_number: int, original: Item | None = None) -> bytes:
        """An item of RTROIObservationsSequence (PS3.3 C.8.8.8)."""
        changes: dict[int, bytes | None] = {
            tags.REFERENCED_ROI_NUMBER: self.value(tags.REFERENCED_ROI_NUMBER, "IS", str(roi.number)),
            tags.RT_ROI_INTERPRETED_TYPE: self.value(tags.RT_ROI_INTERPRETED_TYPE, "CS", roi.interpreted_type),
        }
        if original is None or original.encoding != self.encoding:
            number = self.value(tags.OBSERVATION_NUMBER, "IS", str(observation_number))
            changes[tags.OBSERVATION_NUMBER] = number
            changes[tags.ROI_INTERPRETER] = self.value(tags.ROI_INTERPRETER, "PN", "")
        return self.changed(original, changes)

    def frame_of_reference_item(self, volume: VolumeHeader, frame_of_reference_uid: str) -> bytes:
        """An item of ReferencedFrameOfReferenceSequence that names a volume's study, series and images."""
        series = {
            tags.SERIES_INSTANCE_UID: self.value(tags.SERIES_INSTANCE_UID, "UI", volume.series_instance_uid),
            tags.CONTOUR_IMAGE_SEQUENCE: self.image_sequence(distinct_images(volume)),
        }
        study = {
            tags.REFERENCED_SOP_CLASS_UID: self.value(tags.REFERENCED_SOP_CLASS_UID, "UI", DETACHED_STUDY_MANAGEMENT),
            tags.REFERENCED_SOP_INSTANCE_UID: self.value(
                tags.REFERENCED_SOP_INSTANCE_UID, "UI", volume.study_instance_uid
            ),
            tags.RT_REFERENCED_SERIES_SEQUENCE: self.nested(tags.RT_REFERENCED_SERIES_SEQUENCE, series),
        }
        frame = {
            tags.FRAME_OF_REFERENCE_UID: self.value(tags.FRAME_OF_REFERENCE_UID, "UI", frame_of_reference_uid),
            tags.RT_REFERENCED_STUDY_SEQUENCE: self.nested(tags.RT_REFERENCED_STUDY_SEQUENCE, study),
        }
        return item(frame, self.encoding)

    def contribution_item(self, moment: str, description: str) -> bytes:
        """An item of ContributingEquipmentSequence: Modifying Equipment (PS3.3 C.12.1.1.5, PS3.16 CID 7005)."""
        code = {
            0x00080100: self.value(0x00080100, "SH", "109103"),
            0x00080102: self.value(0x00080102, "SH", "DCM"),
            0x00080104: self.value(0x00080104, "LO", "Modifying Equipment"),
        }
        parts = {
            0x00080070: self.value(0x00080070, "LO", SOFTWARE_NAME),
            0x00081090: self.value(0x00081090, "LO", SOFTWARE_NAME),
            0x00181020: self.value(0x00181020, "LO", software_version()),
            0x0018A002: self.value(0x0018A002, "DT", moment),
            0x0018A003: self.text(0x0018A003, "ST", description[:1024]),
            0x0040A170: self.nested(0x0040A170, code),
        }
        return item(parts, self.encoding)

    def nested(self, tag: int, parts: dict[int, bytes]) -> bytes:
        """A sequence of one item."""
        return sequence(tag, [item(parts, self.encoding)], self.encoding)


def _has_file_text(contour: Contour) -> bool:
    """Whether a contour's points are those of its file, whatever became of the rest."""
    origin = contour.origin
    if not isinstance(origin, ContourOrigin):
        return False
    return contour.points_lps is origin.points_lps or np.array_equal(contour.points_lps, origin.points_lps)
