"""Dose distributions of RT Dose files (PS3.3 A.18, C.8.8.3)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtvis.dicom.beams import dose_beams, plan_of
from rtvis.dicom.elements import EndedEarlyError, MalformedError, required
from rtvis.dicom.encoding import PIXEL_DATA
from rtvis.dicom.pixel_coding import PixelSource, check_pixels, frame_count, high_bit_note, pixel_coding
from rtvis.dicom.reading import scan_header
from rtvis.dicom.volume import read_volume
from rtvis.dicom.volume_plan import VolumePlan, geometry_problems
from rtvis.geometry.frame import plane_affine, slice_normal
from rtvis.geometry.grid import Grid
from rtvis.model.dose import GRAY_UNITS, RELATIVE_UNITS, Dose
from rtvis.model.errors import UnreadableError
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.volume import DOSE_MODALITY, Patient, Slice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.dicom.elements import Elements
    from rtvis.dicom.reading import Header
    from rtvis.model.progress import Report

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
LOSSY_DOSE = "lossy compression: doses differ from those that were computed"
SAME_Z_MM = 1e-3
"""An absolute offset this near to the third element of ImagePositionPatient is equal to it: both are decimal texts."""

_UNITS = {"GY": GRAY_UNITS, "RELATIVE": RELATIVE_UNITS}
_FRAME_OFFSETS, _SCALING, _DOSE_UNITS, _DOSE_TYPE = 0x3004000C, 0x3004000E, 0x30040002, 0x30040004
_SUMMATION, _COMMENT, _INCREMENT = 0x3004000A, 0x30040006, 0x00280009
_OFFSETS_POINTER = (0x3004, 0x000C)


def read_dose(path: str | Path, report: Report = no_report) -> Dose:
    """Read a dose distribution.

    Frames may be in either order along the normal; voxels are sorted along it, as in every volume.

    Args:
        path: an RT Dose file.
        report: told (frames read, frames in all).

    Raises:
        UnreadableError: when it isn't an RT Dose, holds no dose grid (dose-volume histograms alone, say), or is
            damaged; the text says which attribute is in the way.
    """
    place = Path(path)
    header = scan_header(place)
    if header is None or not _is_dose(header):
        raise UnreadableError("isn't an RT Dose file", path=place, remedy="choose one with modality RTDOSE")
    try:
        plan = _plan(header)
        elements = header.elements
        plan_uid = plan_of(elements)
        beams = dose_beams(elements)
    except ValueError as error:
        raise UnreadableError(f"its dose can't be used: {error}", path=place, remedy="export the dose again") from error
    except (EndedEarlyError, MalformedError) as error:
        raise UnreadableError(f"is damaged: {error}", path=place, remedy="copy it again") from error
    volume = read_volume(plan, report)
    scaling = plan.slices[0].rescale_slope
    return Dose(
        volume=volume,
        dose_type=elements.plain(_DOSE_TYPE),
        summation_type=elements.plain(_SUMMATION),
        plan_uid=plan_uid,
        beams=beams,
        maximum=float(volume.voxels.max()) * scaling,
        minimum=float(volume.voxels.min()) * scaling,
    )


def _is_dose(header: Header) -> bool:
    return header.sop_class_uid == RT_DOSE or header.elements.plain(0x00080060) == DOSE_MODALITY


def _plan(header: Header) -> VolumePlan:
    """The dose grid as a volume whose voxels aren't read yet.

    Raises:
        ValueError: when an attribute is in the way.
        UnreadableError: when the pixel data isn't all there.
    """
    elements = header.elements
    if header.pixels is None:
        raise ValueError("there is no dose grid in it")
    if header.pixels.tag != PIXEL_DATA or (elements.short(0x00280002) or 1) != 1:
        raise ValueError("its pixels are no grid of one whole number each")
    frames = frame_count(elements)
    scaling = (elements.numbers(_SCALING) or (0.0,))[0]
    if not scaling > 0:
        raise ValueError(f"DoseGridScaling is {scaling:g}" if elements.raw(_SCALING) else "DoseGridScaling is absent")
    slices, ascending = _slices(header, frames, scaling)
    source = PixelSource(header.pixels, frames, elements.plain(0x00280004) or "MONOCHROME2")
    check_pixels(header, source, slices[0])
    ordered = slices if ascending else slices[::-1]
    grid = Grid.from_slices(
        [one.position_lps_mm for one in ordered],
        slices[0].orientation,
        slices[0].pixel_spacing_mm,
        (slices[0].rows, slices[0].columns),
        frame_of_reference_uid=elements.plain(0x00200052),
        single_slice_thickness_mm=_thickness(elements),
    )
    units = elements.plain(_DOSE_UNITS)
    notes = [*_notes(elements, frames), *high_bit_note(elements, slices[0]), *geometry_problems(grid)]
    if slices[0].lossy:
        notes.insert(0, Problem("lossy", LOSSY_DOSE))
    comment = elements.text(_COMMENT) or elements.text(0x0008103E)
    return VolumePlan(
        volume_id=elements.plain(0x00080018) or str(header.path),
        series_instance_uid=elements.plain(0x0020000E),
        study_instance_uid=elements.plain(0x0020000D),
        modality=DOSE_MODALITY,
        patient=Patient(*(elements.text(tag) for tag in (0x00100020, 0x00100010, 0x00100030, 0x00100040))),
        grid=grid,
        slices=tuple(ordered),
        sources=(source,) * frames,
        description=comment,
        study_description=elements.text(0x00081030),
        units=_UNITS.get(units, units or "unknown unit"),
        problems=tuple(notes),
    )


def _slices(header: Header, frames: int, scaling: float) -> tuple[list[Slice], bool]:
    """One slice for each frame, in the order of the frames, and whether they ascend along the normal."""
    elements = header.elements
    a, b, c, d, e, f = required(elements.numbers(0x00200037), "ImageOrientationPatient", 6)
    x, y, z = required(elements.numbers(0x00200032), "ImagePositionPatient", 3)
    between_rows, between_columns = required(elements.numbers(0x00280030), "PixelSpacing", 2)
    orientation = (a, b, c, d, e, f)
    plane_affine((x, y, z), orientation, (between_rows, between_columns))  # says what is wrong with them
    coding = pixel_coding(header)._asdict()
    offsets = _offsets_mm(elements, frames, z, slice_normal(orientation))
    steps = np.diff(offsets)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise ValueError("GridFrameOffsetVector neither ascends nor descends")
    places = np.array([x, y, z]) + offsets[:, None] * slice_normal(orientation)
    slices = [
        Slice(
            sop_instance_uid=elements.plain(0x00080018),
            sop_class_uid=header.sop_class_uid,
            position_lps_mm=(float(place[0]), float(place[1]), float(place[2])),
            orientation=orientation,
            pixel_spacing_mm=(between_rows, between_columns),
            rescale_slope=scaling,
            frame=n,
            path=header.path,
            **coding,
        )
        for n, place in enumerate(places, 1)
    ]
    return slices, bool(np.all(steps > 0))


def _offsets_mm(elements: Elements, frames: int, z_mm: float, normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each frame is from the first along the normal, by GridFrameOffsetVector (PS3.3 C.8.8.3.2).

    Its first element is 0 where offsets are relative (a), and the third element of ImagePositionPatient where they
    are patient z coordinates (b). The standard allows the latter for (1, 0, 0, 0, 1, 0) only; for any transverse
    planes they mean one thing. Whatever is neither is refused: a dose a slice off looks right.
    """
    vector = elements.numbers(_FRAME_OFFSETS)
    if vector is None:
        if frames > 1:
            raise ValueError(f"GridFrameOffsetVector is absent: nothing says where its {frames} frames are")
        return np.zeros(1)
    if len(vector) != frames:
        if frames > 1:
            raise ValueError(f"GridFrameOffsetVector has {len(vector)} elements for {frames} frames")
        return np.zeros(1)
    offsets = np.array(vector)
    if offsets[0] == 0:
        return offsets
    if abs(offsets[0] - z_mm) > SAME_Z_MM:
        raise ValueError(
            f"GridFrameOffsetVector begins with {offsets[0]:g}, which is neither 0 nor ImagePositionPatient's z"
        )
    if abs(abs(float(normal[2])) - 1) > 1e-6:
        raise ValueError("GridFrameOffsetVector holds z coordinates, which planes that aren't transverse can't have")
    return (offsets - z_mm) * float(np.sign(normal[2]))


def _thickness(elements: Elements) -> float:
    """Of a dose of one plane, mm: SliceThickness, else as thick as its pixels are wide."""
    try:
        thickness = (elements.numbers(0x00180050) or (0.0,))[0]
    except ValueError:
        thickness = 0.0
    return thickness if thickness > 0 else required(elements.numbers(0x00280030), "PixelSpacing", 2)[0]


def _notes(elements: Elements, frames: int) -> list[Problem]:
    """What is odd about the file and doesn't keep its dose from being shown."""
    notes = []
    pointer = elements.raw(_INCREMENT) or b""
    named = tuple(int.from_bytes(pointer[n : n + 2], "little" if elements.encoding.little else "big") for n in (0, 2))
    if frames > 1 and named != _OFFSETS_POINTER:
        notes.append(
            Problem("frame-increment", "FrameIncrementPointer doesn't name GridFrameOffsetVector, which was used")
        )
    vector = elements.numbers(_FRAME_OFFSETS)
    if frames == 1 and vector is not None and len(vector) > 1:
        notes.append(Problem("frame-offsets", f"GridFrameOffsetVector has {len(vector)} elements for its single plane"))
    units = elements.plain(_DOSE_UNITS)
    if units not in _UNITS:
        notes.append(Problem("dose-units", f"DoseUnits is {units or 'absent'}, neither GY nor RELATIVE"))
    return notes
