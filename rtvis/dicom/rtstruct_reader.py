"""Reading structure sets (PS3.3 A.19): three sequences joined by ROI number, nothing dropped.

Items that are missing, doubled, out of order or unusable are reported as problems and kept: every item's bytes stay
reachable through the `origin` of what was read, so that saving writes them back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.character_sets import decode_text, unknown_terms
from rtvis.dicom.contour_data import Points, parse_all_points
from rtvis.dicom.element_tree import DicomFile, Item, read_file
from rtvis.dicom.encoding import UNCOMPRESSED, tag_text
from rtvis.dicom.long_values import digest_problems
from rtvis.dicom.rtstruct_origin import ContourOrigin, RoiOrigin, SetOrigin, roi_attributes, set_attributes
from rtvis.model.errors import InputError, UnreadableError
from rtvis.model.problem import Problem
from rtvis.model.structure_set import LARGEST_IS, Contour, ImageReference, Roi, StructureSet
from rtvis.model.volume import Patient

MOST_PROBLEMS = 50_000
"""A file with more oddities is refused as damaged or hostile: telling them all would take longer than opening."""
MOST_ROIS, MOST_CONTOURS = 10_000, 200_000
"""So many a file may have. Real ones have some hundred ROIs, and some ten thousand contours."""
_UID = re.compile(r"[0-9.]{1,64}")
_DATE, _TIME = re.compile(r"(\d{4})[.]?(\d{2})[.]?(\d{2})"), re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?")
"""DA and TM, and as ACR-NEMA wrote them (PS3.5 6.2); of a time what is finer than seconds is left."""


def read_structure_set(path: str | Path) -> StructureSet:
    """Read an RTSTRUCT file, with or without preamble and file meta information, in any of the four transfer syntaxes.

    Returns:
        The structure set, unmatched, with the oddities of the file in `problems`. Points are the doubles nearest to
        their DS texts, LPS mm.

    Raises:
        InputError: when the file can't be opened, isn't DICOM, or isn't an RT Structure Set.
        UnreadableError: when it is truncated or damaged.
    """
    return structure_set_of(read_file(path))


def structure_set_of(file: DicomFile) -> StructureSet:
    """The structure set of a file that was taken apart; see `read_structure_set`."""
    try:
        return _Reading(file).structure_set()
    except UnreadableError as error:
        raise UnreadableError(error.what, path=file.path, remedy=error.remedy) from error
    except InputError as error:
        raise InputError(error.what, path=file.path, remedy=error.remedy) from error


@dataclass(slots=True)
class _Joined:
    """What the three sequences say of one ROI number."""

    roi_item: Item | None
    contour_items: list[Item] = field(default_factory=list)
    observation_items: list[Item] = field(default_factory=list)


class _Reading:
    """One file being read."""

    def __init__(self, file: DicomFile) -> None:
        self.file = file
        self.dataset = file.dataset
        self.character_set = self.dataset.ascii(tags.SPECIFIC_CHARACTER_SET)
        self.problems: list[Problem] = []
        self.contour_images: set[str] = set()
        self.known_references: dict[bytes, tuple[ImageReference, ...]] = {}

    def report(self, code: str, message: str, roi: int | None = None, contour: int | None = None) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            what = f"has more than {MOST_PROBLEMS} faults ({code}: {message} ...)"
            raise UnreadableError(what, remedy="get the file again from where it came")
        self.problems.append(Problem(code, message, roi, contour))

    def refuse_flood(self, number: int, most: int, of_what: str) -> None:
        if number > most:
            what = f"has more than {most} {of_what}"
            raise UnreadableError(what, remedy="get the file again from where it came; not opened")

    def text(self, tag: int, item: Item | None = None) -> str:
        item = item or self.dataset
        return decode_text(item.bytes_of(tag), item.ascii(tags.SPECIFIC_CHARACTER_SET) or self.character_set)

    def structure_set(self) -> StructureSet:
        self.check_kind(self.file.transfer_syntax_uid)
        dataset = self.dataset
        rois = self.rois()
        for one in digest_problems(dataset, rois):
            self.report(one.code, one.message, one.roi, one.contour)
        frames, series, images = self.references()
        patient = Patient(
            self.text(tags.PATIENT_ID),
            self.text(tags.PATIENT_NAME),
            self.text(tags.PATIENT_BIRTH_DATE),
            self.text(tags.PATIENT_SEX),
        )
        result = StructureSet(
            label=self.text(tags.STRUCTURE_SET_LABEL),
            rois=rois,
            patient=patient,
            study_instance_uid=dataset.ascii(tags.STUDY_INSTANCE_UID),
            series_instance_uid=dataset.ascii(tags.SERIES_INSTANCE_UID),
            sop_instance_uid=dataset.ascii(tags.SOP_INSTANCE_UID),
            frame_of_reference_uid=next(
                (uid for uid in (*frames, *(one.frame_of_reference_uid for one in rois)) if uid),
                dataset.ascii(tags.FRAME_OF_REFERENCE_UID),
            ),
            referenced_series_uids=tuple(dict.fromkeys(series)),
            path=self.file.path,
            problems=tuple(self.problems),
            dated=_moment(dataset.ascii(tags.STRUCTURE_SET_DATE), dataset.ascii(tags.STRUCTURE_SET_TIME)),
            created=_moment(dataset.ascii(tags.INSTANCE_CREATION_DATE), dataset.ascii(tags.INSTANCE_CREATION_TIME)),
        )
        origin = SetOrigin(self.file, set_attributes(result), rois, frozenset(images), frozenset(self.contour_images))
        return replace(result, origin=origin)

    def check_kind(self, transfer_syntax_uid: str) -> None:
        dataset = self.dataset
        kind = dataset.ascii(tags.SOP_CLASS_UID)
        if kind != tags.RT_STRUCTURE_SET and (kind or tags.STRUCTURE_SET_ROI_SEQUENCE not in dataset.elements):
            modality = dataset.ascii(tags.MODALITY)
            what = "is not an RT Structure Set" + (f" but {modality}" if modality else "")
            raise InputError(what, remedy="choose an RTSTRUCT file")
        if transfer_syntax_uid not in UNCOMPRESSED:
            self.report("odd-transfer-syntax", f"transfer syntax {transfer_syntax_uid} isn't for structure sets")
        for what, tag in (
            ("SOP Instance", tags.SOP_INSTANCE_UID),
            ("Series Instance", tags.SERIES_INSTANCE_UID),
            ("Study Instance", tags.STUDY_INSTANCE_UID),
        ):
            uid = dataset.ascii(tag)
            if uid and not _UID.fullmatch(uid):
                self.report(
                    "bad-uid", f"{what} UID {uid[:80]!r} has other characters than digits and points, or too many"
                )
        for tag, times in Counter(one.tag for one in dataset.listed).items():
            if times > 1:
                message = f"{tag_text(tag)} is there {times} times; the first is read, and alone survives an edit of it"
                self.report("element-doubled", message)
        for term in unknown_terms(self.character_set):
            self.report("unknown-character-set", f"SpecificCharacterSet {term!r} is not a defined term")

    def references(self) -> tuple[list[str], list[str], list[str]]:
        """Frames of reference, series and images named by ReferencedFrameOfReferenceSequence (PS3.3 C.8.8.5)."""
        frames: list[str] = []
        series: list[str] = []
        images: list[str] = []
        for frame in self.dataset.items(tags.REFERENCED_FRAME_OF_REFERENCE_SEQUENCE):
            frames.append(frame.ascii(tags.FRAME_OF_REFERENCE_UID))
            for study in frame.items(tags.RT_REFERENCED_STUDY_SEQUENCE):
                for one in study.items(tags.RT_REFERENCED_SERIES_SEQUENCE):
                    series.append(one.ascii(tags.SERIES_INSTANCE_UID))
                    listed = one.items(tags.CONTOUR_IMAGE_SEQUENCE)
                    images += [image.ascii(tags.REFERENCED_SOP_INSTANCE_UID) for image in listed]
        return frames, [uid for uid in series if uid], [uid for uid in images if uid]

    def joined(self) -> dict[int, _Joined]:
        """ROI number -> its items, in the order of StructureSetROISequence."""
        result: dict[int, _Joined] = {}
        for sequence in (tags.STRUCTURE_SET_ROI_SEQUENCE, tags.ROI_CONTOUR_SEQUENCE, tags.RT_ROI_OBSERVATIONS_SEQUENCE):
            self.refuse_flood(len(self.dataset.items(sequence)), MOST_ROIS, "ROIs, lists of contours or observations")
        spare = self.spare_numbers()
        for index, item in enumerate(self.dataset.items(tags.STRUCTURE_SET_ROI_SEQUENCE)):
            number = item.integer(tags.ROI_NUMBER)
            if number is None:
                number = next(spare)
                self.report("roi-number-missing", f"ROI item {index + 1} has no number; shown as {number}", number)
            elif number in result:
                taken, number = number, next(spare)
                message = f"ROI number {taken} is given twice; the second is shown as {number}"
                self.report("roi-number-doubled", message, number)
            result[number] = _Joined(item)
        order = list(result)
        self.join(result, spare, tags.ROI_CONTOUR_SEQUENCE)
        self.join(result, spare, tags.RT_ROI_OBSERVATIONS_SEQUENCE)
        for number, one in result.items():
            if one.roi_item is None:
                message = f"ROI {number} has contours but no name or frame of reference"
                self.report("roi-item-missing", message, number)
            if len(one.contour_items) > 1:
                message = f"ROI {number} has {len(one.contour_items)} lists of contours; read as one"
                self.report("roi-contours-doubled", message, number)
            if not one.observation_items and one.roi_item is not None:
                self.report("observation-missing", f"ROI {number} has no observation, and so no type", number)
        listed = [item.integer(tags.REFERENCED_ROI_NUMBER) for item in self.dataset.items(tags.ROI_CONTOUR_SEQUENCE)]
        if [number for number in order if number in listed] != [n for n in dict.fromkeys(listed) if n in order]:
            self.report("roi-order-differs", "contours are listed in another order than ROIs")
        return result

    def spare_numbers(self) -> Iterator[int]:
        used = {0}
        for sequence, tag in (
            (tags.STRUCTURE_SET_ROI_SEQUENCE, tags.ROI_NUMBER),
            (tags.ROI_CONTOUR_SEQUENCE, tags.REFERENCED_ROI_NUMBER),
            (tags.RT_ROI_OBSERVATIONS_SEQUENCE, tags.REFERENCED_ROI_NUMBER),
        ):
            used |= {item.integer(tag) or 0 for item in self.dataset.items(sequence)}
        if max(used) + MOST_ROIS < LARGEST_IS:
            return count(max(used) + 1)
        return (number for number in count(1) if number not in used)

    def join(self, result: dict[int, _Joined], spare: Iterator[int], sequence: int) -> None:
        """Put the items of a sequence to the ROIs they name."""
        observations = sequence == tags.RT_ROI_OBSERVATIONS_SEQUENCE
        for index, item in enumerate(self.dataset.items(sequence)):
            number = item.integer(tags.REFERENCED_ROI_NUMBER)
            if observations:
                if number in result:
                    result[number].observation_items.append(item)
                else:
                    named = "no ROI" if number is None else f"ROI {number}, which isn't there"
                    self.report("observation-of-nothing", f"observation {index + 1} names {named}; kept in the file")
                continue
            if number is None:
                number = next(spare)
                self.report("roi-number-missing", f"contour list {index + 1} names no ROI; shown as {number}", number)
            result.setdefault(number, _Joined(None)).contour_items.append(item)

    def rois(self) -> tuple[Roi, ...]:
        """All ROIs; their coordinates are parsed together, which is what makes reading quick."""
        joined = self.joined()
        items: dict[int, list[Item]] = {}
        values: list[bytes] = []
        empty = 0
        for number, one in joined.items():
            items[number] = [item for owner in one.contour_items for item in owner.items(tags.CONTOUR_SEQUENCE)]
            for item in items[number]:
                values.append(item.bytes_of(tags.CONTOUR_DATA))
                empty += not values[-1]
                self.refuse_flood(empty, MOST_PROBLEMS, "contours without points")
            self.refuse_flood(len(values), MOST_CONTOURS, "contours")
        points = iter(parse_all_points(values))
        del values
        return tuple(self.roi(number, one, zip(items[number], points, strict=False)) for number, one in joined.items())

    def roi(self, number: int, joined: _Joined, curves: Iterable[tuple[Item, Points]]) -> Roi:
        contours = [self.contour(item, points, number, index) for index, (item, points) in enumerate(curves)]
        first_observation = joined.observation_items[0] if joined.observation_items else None
        result = Roi(
            number,
            self.text(tags.ROI_NAME, joined.roi_item) if joined.roi_item else "",
            tuple(contours),
            self.color(joined.contour_items, number),
            first_observation.ascii(tags.RT_ROI_INTERPRETED_TYPE) if first_observation else "",
            joined.roi_item.ascii(tags.ROI_GENERATION_ALGORITHM) if joined.roi_item else "",
            joined.roi_item.ascii(tags.REFERENCED_FRAME_OF_REFERENCE_UID) if joined.roi_item else "",
        )
        origin = RoiOrigin(
            joined.roi_item,
            tuple(joined.contour_items),
            tuple(joined.observation_items),
            roi_attributes(result),
            result.contours,
        )
        return replace(result, origin=origin)

    def color(self, owners: list[Item], number: int) -> tuple[int, int, int] | None:
        text = owners[0].ascii(tags.ROI_DISPLAY_COLOR) if owners else ""
        if not text:
            return None
        try:
            red, green, blue = (int(part) for part in text.split("\\"))
        except ValueError:
            self.report("bad-color", f"ROIDisplayColor {text!r} is not three integers", number)
            return None
        if not all(0 <= part <= 255 for part in (red, green, blue)):
            self.report("bad-color", f"ROIDisplayColor {text!r} is not within 0 to 255", number)
            return None
        return red, green, blue

    def contour(self, item: Item, curve: Points, number: int, index: int) -> Contour:
        points, wrong = curve
        if wrong:
            self.report("bad-contour-data", f"{wrong}; its bytes are kept", number, index)
        kind = item.ascii(tags.CONTOUR_GEOMETRIC_TYPE)
        if not kind:
            self.report("geometric-type-missing", "contour without ContourGeometricType", number, index)
        said = item.integer(tags.NUMBER_OF_CONTOUR_POINTS)
        if said != len(points) and not wrong:
            message = f"NumberOfContourPoints says {said if said is not None else 'nothing'}, there are {len(points)}"
            self.report("point-count-differs", message, number, index)
        images = self.images(item)
        return Contour(points, kind, images, ContourOrigin(item, points, kind, images))

    def images(self, item: Item) -> tuple[ImageReference, ...]:
        raw = item.bytes_of(tags.CONTOUR_IMAGE_SEQUENCE)
        if not raw:
            return ()
        known = self.known_references.get(raw)
        if known is None:
            known = tuple(
                ImageReference(
                    one.ascii(tags.REFERENCED_SOP_CLASS_UID),
                    one.ascii(tags.REFERENCED_SOP_INSTANCE_UID),
                    one.integer(tags.REFERENCED_FRAME_NUMBER),
                )
                for one in item.items(tags.CONTOUR_IMAGE_SEQUENCE)
            )
            self.known_references[raw] = known
            self.contour_images.update(one.sop_instance_uid for one in known)
        return known


def _moment(date: str, time: str) -> str:
    """``YYYYMMDD`` or ``YYYYMMDDHHMMSS``; empty where there is no date, as a time alone tells nothing."""
    day, clock = _DATE.fullmatch(date), _TIME.match(time)
    if day is None:
        return ""
    return "".join(day.groups()) + ("" if clock is None else "".join(part or "00" for part in clock.groups()))
