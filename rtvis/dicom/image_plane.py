"""The image planes of one file: geometry and what is said around it, from its header alone."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rtvis.dicom.character_sets import decode_text
from rtvis.dicom.elements import plain_text, required
from rtvis.dicom.encoding import PIXEL_DATA
from rtvis.dicom.pixel_coding import (
    PixelSource,
    check_pixels,
    frame_count,
    high_bit_note,
    pixel_coding,
)
from rtvis.geometry.frame import plane_affine
from rtvis.model.errors import UnreadableError
from rtvis.model.problem import Problem
from rtvis.model.volume import Patient, Slice

if TYPE_CHECKING:
    from rtvis.dicom.elements import Elements
    from rtvis.dicom.reading import Header

VOLUME_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.2",  # CT
        "1.2.840.10008.5.1.4.1.1.2.1",  # Enhanced CT
        "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
        "1.2.840.10008.5.1.4.1.1.4",  # MR
        "1.2.840.10008.5.1.4.1.1.4.1",  # Enhanced MR
        "1.2.840.10008.5.1.4.1.1.4.4",  # Legacy Converted Enhanced MR
        "1.2.840.10008.5.1.4.1.1.128",  # PET
        "1.2.840.10008.5.1.4.1.1.130",  # Enhanced PET
        "1.2.840.10008.5.1.4.1.1.128.1",  # Legacy Converted Enhanced PET
    }
)
"""SOP classes whose instances are planes of a volume: one that can't be used is an error, not an other object."""
NEVER_VOLUMES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.481.1",  # RT Image
        "1.2.840.10008.5.1.4.1.1.481.2",  # RT Dose
        "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
        "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
    }
)
LARGEST_COORDINATE_MM = 1e6


class NotAPlaneError(Exception):
    """A DICOM object that isn't a plane of a volume; the text says why, or is empty where nothing is to be said."""


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """One plane and what its file says around it.

    Attributes:
        order: (temporal position, echo, acquisition, instance or frame number), to tell planes at one place apart.
        thickness_mm: SliceThickness, else SpacingBetweenSlices, else 0.
        notes: oddities of the file.
    """

    slice: Slice
    source: PixelSource
    patient: Patient
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str
    modality: str
    description: str
    study_description: str
    patient_position: str
    units: str
    window: tuple[float, float] | None
    localizer: bool
    order: tuple[float, float, float, float]
    thickness_mm: float
    notes: tuple[Problem, ...] = ()


def planes_of(header: Header) -> list[ImagePlane]:
    """The planes a file holds: one, or one for each frame.

    Raises:
        NotAPlaneError: when it isn't an image of a volume.
        UnreadableError: when it is one and can't be used; the text says why.
    """
    elements = header.elements
    expected = header.sop_class_uid in VOLUME_CLASSES
    if header.sop_class_uid in NEVER_VOLUMES or elements.plain(0x00080060) in {"RTDOSE", "RTIMAGE", "SEG"}:
        raise NotAPlaneError("")
    if header.pixels is None:
        if expected:
            raise UnreadableError("has no pixel data", path=header.path)
        raise NotAPlaneError("")
    if (elements.short(0x00280002) or 1) != 1:
        raise NotAPlaneError("has more than one sample per pixel")
    if header.pixels.tag != PIXEL_DATA:
        raise NotAPlaneError("has pixels in floating point")
    groups = elements.items(0x52009230)
    try:
        shared = elements.items(0x52009229)
        frames = frame_count(elements)
        if not groups and (frames != 1 or (not expected and not _has_plane(elements))):
            raise NotAPlaneError("" if frames == 1 else "has several frames without functional groups")
        source = PixelSource(header.pixels, frames, elements.plain(0x00280004) or "MONOCHROME2")
        if not groups:
            views = [_View(elements, ())]
        elif len(groups) < frames:
            raise UnreadableError(f"describes {len(groups)} of its {frames} frames", path=header.path)
        else:
            views = [_View(elements, (group, *shared[:1])) for group in groups[:frames]]
        planes = [_plane(header, source, view, n if groups else 0) for n, view in enumerate(views, 1)]
        if len(groups) > frames:
            message = f"describes {len(groups)} frames and NumberOfFrames is {frames}: the others are left out"
            note = Problem("frames-left-out", message)
            planes = [replace(plane, notes=(*plane.notes, note)) for plane in planes]
    except ValueError as error:
        raise UnreadableError(f"can't be placed: {error}", path=header.path) from error
    check_pixels(header, source, planes[0].slice)
    return planes


def _has_plane(elements: Elements) -> bool:
    return all(elements.raw(tag) for tag in (0x00200032, 0x00200037, 0x00280030, 0x00280010, 0x00280011))


@dataclass(frozen=True, slots=True)
class _View:
    """Attributes of one frame: its own functional groups, then the shared ones, then the dataset (PS3.3 C.7.6.16)."""

    elements: Elements
    groups: tuple[Elements, ...]

    def holder(self, macro: int, tag: int) -> Elements:
        for group in self.groups:
            for item in group.items(macro)[:1]:
                if tag in item.table:
                    return item
        return self.elements

    def numbers(self, macro: int, tag: int) -> tuple[float, ...] | None:
        return (self.holder(macro, tag) if self.groups else self.elements).numbers(tag)

    def needed(self, macro: int, tag: int, name: str, count: int) -> tuple[float, ...]:
        return required(self.numbers(macro, tag), name, count)


def _plane(header: Header, source: PixelSource, view: _View, frame: int) -> ImagePlane:
    elements, notes = header.elements, []
    one = _slice(header, view, frame)
    _check_axes(one.orientation, one.pixel_spacing_mm)
    if max(map(abs, one.position_lps_mm)) > LARGEST_COORDINATE_MM or max(one.pixel_spacing_mm) > LARGEST_COORDINATE_MM:
        raise ValueError("ImagePositionPatient or PixelSpacing is beyond a kilometre")
    notes += high_bit_note(elements, one)
    if source.photometric not in {"MONOCHROME1", "MONOCHROME2"}:
        notes.append(Problem("photometric", f"{source.photometric[:16]} isn't a scale of grey: values are as stored"))
    if elements.items(0x00283000):
        notes.append(Problem("modality-lut", "a Modality LUT is there and not used: stored values are rescaled only"))
    if one.rescale_slope == 0:
        notes.append(Problem("bad-value", f"RescaleSlope is 0: every value is {one.rescale_intercept:g}"))
    if one.lossy:
        notes.append(Problem("lossy", "lossy compression: values and digest depend on the decoder"))
    said = _said(elements.charset, *(elements.raw(tag) or b"" for tag in _SAID_TAGS))
    if not elements.plain(0x00080018):
        notes.append(_absent("SOPInstanceUID"))
    return ImagePlane(
        slice=one,
        source=source,
        patient=said.patient,
        study_instance_uid=said.study_instance_uid,
        series_instance_uid=said.series_instance_uid,
        frame_of_reference_uid=said.frame_of_reference_uid,
        modality=said.modality,
        description=said.description,
        study_description=said.study_description,
        patient_position=said.patient_position,
        units=_units(said.modality, view),
        window=_window(view, notes),
        localizer=said.localizer,
        order=_frame_order(view, frame) if frame else _image_order(view),
        thickness_mm=_first(view, 0x00289110, 0x00180050) or _first(view, 0x00289110, 0x00180088),
        notes=(*notes, *said.notes),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What all files of a series say alike."""

    patient: Patient
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str
    modality: str
    description: str
    study_description: str
    patient_position: str
    localizer: bool
    notes: tuple[Problem, ...]


_SAID_TAGS = (
    0x00100020, 0x00100010, 0x00100030, 0x00100040, 0x0008103E, 0x00081030,
    0x0020000D, 0x0020000E, 0x00200052, 0x00080060, 0x00185100, 0x00080008,
)  # fmt: skip
"""Patient, descriptions (in the character set of the file); identifiers, position and image type (in none)."""


@lru_cache(256)
def _said(charset: str, *raws: bytes) -> _Said:
    """From the values of `_SAID_TAGS`: decoded once, not for every slice."""
    patient_id, name, birth_date, sex, description, study_description = (decode_text(one, charset) for one in raws[:6])
    study, series, frame, modality, position, image_type = (plain_text(one) for one in raws[6:])
    notes = [_absent(name) for name, uid in (("StudyInstanceUID", study), ("SeriesInstanceUID", series)) if not uid]
    return _Said(
        patient=Patient(patient_id, name, birth_date, sex),
        study_instance_uid=study,
        series_instance_uid=series,
        frame_of_reference_uid=frame,
        modality=modality,
        description=description,
        study_description=study_description,
        patient_position=position,
        localizer="LOCALIZER" in (term.strip() for term in image_type.upper().split("\\")),
        notes=tuple(notes),
    )


def _absent(name: str) -> Problem:
    return Problem("missing-attribute", f"{name} is absent or empty")


@lru_cache(64)
def _check_axes(orientation: tuple[float, ...], pixel_spacing_mm: tuple[float, ...]) -> None:
    """Raise ValueError, saying what is wrong with them; slices of a series share them."""
    plane_affine((0.0, 0.0, 0.0), orientation, pixel_spacing_mm)


def _slice(header: Header, view: _View, frame: int) -> Slice:
    coding = pixel_coding(header)
    x, y, z = view.needed(0x00209113, 0x00200032, "ImagePositionPatient", 3)
    a, b, c, d, e, f = view.needed(0x00209116, 0x00200037, "ImageOrientationPatient", 6)
    between_rows, between_columns = view.needed(0x00289110, 0x00280030, "PixelSpacing", 2)
    return Slice(
        sop_instance_uid=header.elements.plain(0x00080018),
        sop_class_uid=header.sop_class_uid,
        position_lps_mm=(x, y, z),
        orientation=(a, b, c, d, e, f),
        pixel_spacing_mm=(between_rows, between_columns),
        rescale_slope=(view.numbers(0x00289145, 0x00281053) or (1.0,))[0],
        rescale_intercept=(view.numbers(0x00289145, 0x00281052) or (0.0,))[0],
        frame=frame,
        path=header.path,
        **coding._asdict(),
    )


def _first(view: _View, macro: int, tag: int) -> float:
    """The first number of an attribute nothing hangs on; 0 when it is absent or no number."""
    try:
        return (view.numbers(macro, tag) or (0.0,))[0]
    except ValueError:
        return 0.0


def _image_order(view: _View) -> tuple[float, float, float, float]:
    """TemporalPositionIdentifier, EchoNumbers, AcquisitionNumber, InstanceNumber."""
    first, second, third, last = (_first(view, 0, tag) for tag in (0x00200100, 0x00180086, 0x00200012, 0x00200013))
    return first, second, third, last


def _frame_order(view: _View, frame: int) -> tuple[float, float, float, float]:
    """TemporalPositionIndex, EffectiveEchoTime, FrameAcquisitionNumber (PS3.3 C.7.6.16.2.2, C.8.13.5.3), the frame."""
    echo_ms = 0.0
    echo = view.holder(0x00189114, 0x00189082).raw(0x00189082)
    if echo is not None and len(echo) == 8:
        (echo_ms,) = struct.unpack("<d" if view.elements.encoding.little else ">d", echo)
    echo_ms = echo_ms if math.isfinite(echo_ms) else 0.0
    return _whole(view, 0x00209128), echo_ms, _whole(view, 0x00209156), float(frame)


def _whole(view: _View, tag: int) -> float:
    """An US or UL of the Frame Content Macro; 0 when it is absent."""
    raw = view.holder(0x00209111, tag).raw(tag) or b""
    return float(int.from_bytes(raw[:4], "little" if view.elements.encoding.little else "big"))


def _units(modality: str, view: _View) -> str:
    named = view.holder(0x00289145, 0x00281054).plain(0x00281054)
    if modality == "CT" and (named in {"", "HU"} or (named == "US" and not view.groups)):
        return "HU"  # a CT image's are HU whatever RescaleType leaves open (PS3.3 C.8.2.1.1.2)
    units = view.elements.plain(0x00541001) or named
    return "" if units == "US" else units  # US: unspecified (PS3.3 C.11.1.1.2)


def _window(view: _View, notes: list[Problem]) -> tuple[float, float] | None:
    try:
        width, centre = view.numbers(0x00289132, 0x00281051), view.numbers(0x00289132, 0x00281050)
    except ValueError as error:
        notes.append(Problem("bad-value", f"the window the file proposes can't be used: {error}"))
        return None
    return (width[0], centre[0]) if width and centre and width[0] > 0 else None
