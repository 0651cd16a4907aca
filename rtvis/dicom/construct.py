"""Construct a CT or MR series from an array: the first phase of the way from voxels to a verified volume.

Each slice becomes a file of its own: 128 bytes of preamble, ``DICM``, file meta information (PS3.10 7.1) and the type
1, 2 and 3 attributes that the module tables of the CT Image IOD (PS3.3 A.3.3) or the MR Image IOD (PS3.3 A.4.3) ask
for, in explicit VR little endian.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from rtvis.dicom.element_encoding import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from rtvis.dicom.files import written_whole
from rtvis.dicom.image_plane import LARGEST_COORDINATE_MM
from rtvis.dicom.reading import read_header
from rtvis.dicom.uids import new_uid
from rtvis.dicom.volume_plan import SAME_PLACE_MM
from rtvis.geometry.frame import plane_affine
from rtvis.model.decimal_string import format_ds
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report
from rtvis.model.volume import Patient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report

SOP_CLASSES = {"CT": CTImageStorage, "MR": MRImageStorage}
SQUARE_TOLERANCE = 1e-4
"""How far from a right angle (as a cosine) rows and columns may be: readers refuse more."""


@dataclass(frozen=True, slots=True)
class SeriesAttributes:
    """What a constructed series says of itself besides its geometry.

    Attributes:
        body_part: an unpaired BodyPartExamined such as ``CHEST`` (PS3.16 Annex L); empty where it isn't known.
        window: (width, level) in the unit of the values, or None.
        patient_position: such as ``HFS`` (PS3.3 C.7.3.1.1.2); empty where it isn't known.
    """

    modality: str = "CT"
    patient: Patient = field(default_factory=Patient)
    study_instance_uid: str = field(default_factory=new_uid)
    series_instance_uid: str = field(default_factory=new_uid)
    frame_of_reference_uid: str = field(default_factory=new_uid)
    study_date: str = ""
    study_time: str = ""
    study_id: str = ""
    accession_number: str = ""
    referring_physician: str = ""
    position_reference: str = ""
    study_description: str = ""
    description: str = ""
    series_number: int = 1
    body_part: str = ""
    patient_position: str = ""
    window: tuple[float, float] | None = None


def attributes_like(plan: VolumePlan, *, modality: str = "CT", description: str = "") -> SeriesAttributes:
    """Attributes of a new series of the patient, study and frame of reference of an existing volume.

    Raises:
        UnreadableError: when its first file can't be read any more.
        InputError: when it has no frame of reference or study to take.
    """
    path = plan.slices[0].path
    if not plan.grid.frame_of_reference_uid or not plan.study_instance_uid:
        raise InputError("names no frame of reference or study, so nothing can be made like it", path=path)
    assert path is not None  # plans come from files
    header = read_header(path)

    def text(keyword: str) -> str:
        return str(header.get(keyword, "") or "")

    return SeriesAttributes(
        modality=modality,
        patient=plan.patient,
        study_instance_uid=plan.study_instance_uid,
        frame_of_reference_uid=plan.grid.frame_of_reference_uid,
        study_date=text("StudyDate"),
        study_time=text("StudyTime"),
        study_id=text("StudyID"),
        accession_number=text("AccessionNumber"),
        referring_physician=text("ReferringPhysicianName"),
        position_reference=text("PositionReferenceIndicator"),
        study_description=plan.study_description,
        description=description,
        patient_position=plan.patient_position,
        window=plan.window if plan.modality == modality else None,
    )


def write_series(
    stored: NDArray[np.integer],
    grid: Grid,
    out_dir: str | Path,
    attributes: SeriesAttributes | None = None,
    *,
    rescale: tuple[float, float] = (1.0, 0.0),
    report: Report = no_report,
) -> list[Path]:
    """Write an array as one series, a file for each slice.

    Args:
        stored: ``(slices, rows, columns)`` int16 or uint16 stored values.
        grid: where they are; its frame of reference, if it has one, wins over that of `attributes`. Slices that
            run against their normal are written the other way round, since readers sort along it.
        out_dir: a folder; made if need be. No file in it is replaced.
        attributes: patient, study and so on; a new study of an unnamed patient without.
        rescale: (slope, intercept); MR images have none but (1, 0).
        report: told (slices written, slices in all).

    Returns:
        The files, ascending along the slice normal.

    Raises:
        InputError: when the image IOD can't hold it.
        UsageError: when a file is there already.
        OutputError: when the folder can't be written to. Files written until then are removed again.
    """
    what = attributes or SeriesAttributes()
    _check(stored, grid, what, rescale)
    folder = Path(out_dir)
    count = grid.shape[0]
    paths = [folder / f"{what.modality}_{n:04d}.dcm" for n in range(1, count + 1)]
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise UsageError("already exists", path=there, remedy="choose another folder")
    series = _series_dataset(stored, grid, what, rescale)
    order = _ascending(grid)
    written: list[Path] = []
    try:
        for n, (k, path) in enumerate(zip(order, paths, strict=True), 1):
            report(n - 1, count)
            _write_slice(series, stored[k], grid.slice_origins_lps_mm[k], n, path)
            written.append(path)
        report(count, count)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise
    return paths


def _ascending(grid: Grid) -> Iterable[int]:
    distances = grid.slice_distances_mm
    return range(grid.shape[0]) if distances[-1] >= distances[0] else range(grid.shape[0] - 1, -1, -1)


def _check(stored: NDArray[np.integer], grid: Grid, what: SeriesAttributes, rescale: tuple[float, float]) -> None:
    if what.modality not in SOP_CLASSES:
        raise UsageError(f"can't construct modality {what.modality!r}", remedy=f"use one of {', '.join(SOP_CLASSES)}")
    if stored.shape != grid.shape or stored.dtype not in {np.dtype("i2"), np.dtype("u2")}:
        raise InputError(f"can't construct a series of {stored.dtype} {stored.shape} on a grid of {grid.shape}")
    if max(grid.shape[1:]) > 0xFFFF:
        raise InputError(f"{grid.shape[1]} rows and {grid.shape[2]} columns are more than DICOM can count (65535)")
    if what.modality == "MR" and rescale != (1.0, 0.0):
        raise InputError("the MR Image IOD has no rescale, and these values need one", remedy="store them as integers")
    cosine = float(grid.row_direction @ grid.column_direction)
    if abs(cosine) > SQUARE_TOLERANCE:
        angle = np.degrees(np.arccos(cosine))
        raise InputError(
            f"rows and columns are at {angle:.3f} degrees, and DICOM images have right angles only (PS3.3 C.7.6.2.1.1)",
            remedy="resample the image",
        )
    steps = np.diff(grid.slice_distances_mm)
    if len(steps) and not (np.all(steps > 0) or np.all(steps < 0)):
        raise InputError("slices are not in order along their normal")
    if len(steps) and float(np.abs(steps).min()) <= SAME_PLACE_MM:
        gap = f"slices are {float(np.abs(steps).min()):g} mm apart"
        raise InputError(f"{gap}, and up to {SAME_PLACE_MM:g} mm is one place", remedy="check that spacings are in mm")
    farthest_mm = max(float(np.abs(grid.slice_origins_lps_mm).max()), *grid.spacing_mm[1:])
    if farthest_mm > LARGEST_COORDINATE_MM:
        raise InputError(
            f"it lies or reaches {farthest_mm:g} mm far", remedy="check that origin and spacings are in mm"
        )


def _series_dataset(
    stored: NDArray[np.integer], grid: Grid, what: SeriesAttributes, rescale: tuple[float, float]
) -> Dataset:
    """Everything that all slices share, module by module."""
    ds = Dataset()
    now = datetime.now(UTC)
    # SOP Common, General Equipment (PS3.3 C.12.1, C.7.5.1)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = SOP_CLASSES[what.modality]
    ds.InstanceCreationDate, ds.InstanceCreationTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    ds.TimezoneOffsetFromUTC = "+0000"
    ds.Manufacturer = "rtvis"
    ds.ManufacturerModelName = "rtvis"
    ds.SoftwareVersions = IMPLEMENTATION_VERSION_NAME
    # Patient, General Study (PS3.3 C.7.1.1, C.7.2.1)
    ds.PatientName, ds.PatientID = what.patient.name, what.patient.patient_id
    ds.PatientBirthDate, ds.PatientSex = what.patient.birth_date, what.patient.sex
    ds.StudyInstanceUID = what.study_instance_uid
    ds.StudyDate = what.study_date or ds.InstanceCreationDate
    ds.StudyTime = what.study_time or ("" if what.study_date else ds.InstanceCreationTime)
    ds.StudyID, ds.AccessionNumber = what.study_id, what.accession_number
    ds.ReferringPhysicianName = what.referring_physician
    if what.study_description:
        ds.StudyDescription = what.study_description
    # General Series, Frame of Reference (PS3.3 C.7.3.1, C.7.4.1)
    ds.Modality = what.modality
    ds.SeriesInstanceUID, ds.SeriesNumber = what.series_instance_uid, what.series_number
    if what.description:
        ds.SeriesDescription = what.description
    ds.PatientPosition = what.patient_position
    if what.body_part:
        ds.BodyPartExamined = what.body_part
    else:
        ds.Laterality = None  # type 2C: empty while the body part isn't known
    ds.FrameOfReferenceUID = grid.frame_of_reference_uid or what.frame_of_reference_uid
    ds.PositionReferenceIndicator = what.position_reference
    _add_image(ds, stored, grid)
    (_add_ct if what.modality == "CT" else _add_mr)(ds, rescale)
    if what.window is not None:
        ds.WindowWidth, ds.WindowCenter = (format_ds(value) for value in what.window)
    return ds


def _add_image(ds: Dataset, stored: NDArray[np.integer], grid: Grid) -> None:
    """General Image, Image Plane and Image Pixel (PS3.3 C.7.6.1, C.7.6.2, C.7.6.3) without what differs by slice."""
    between_slices, between_rows, between_columns = grid.spacing_mm
    ds.AcquisitionNumber = 1
    ds.PixelSpacing = [format_ds(between_rows), format_ds(between_columns)]
    ds.SliceThickness = format_ds(between_slices)
    ds.ImageOrientationPatient = [format_ds(one) for one in (*grid.row_direction, *grid.column_direction)]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = grid.shape[1:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = int(stored.dtype.kind == "i")
    ds.BurnedInAnnotation = "NO"


def _add_ct(ds: Dataset, rescale: tuple[float, float]) -> None:
    """CT Image (PS3.3 C.8.2.1)."""
    ds.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    ds.RescaleSlope, ds.RescaleIntercept = (format_ds(value) for value in rescale)
    ds.RescaleType = "HU"
    ds.KVP = None


def _add_mr(ds: Dataset, _: tuple[float, float]) -> None:
    """MR Image (PS3.3 C.8.3.1): how the image was acquired isn't known here, and type 2 says so."""
    ds.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
    ds.ScanningSequence = "RM"
    ds.SequenceVariant = "NONE"
    for keyword in ("ScanOptions", "MRAcquisitionType", "RepetitionTime", "EchoTime", "EchoTrainLength"):
        setattr(ds, keyword, None)


def _write_slice(
    series: Dataset, stored: NDArray[np.integer], origin_lps_mm: NDArray[np.float64], number: int, path: Path
) -> None:
    ds = Dataset()
    ds.update(series)
    ds.SOPInstanceUID = new_uid()
    ds.InstanceNumber = number
    ds.ImagePositionPatient = [format_ds(one) for one in origin_lps_mm]
    plane_affine([float(one) for one in ds.ImagePositionPatient], ds.ImageOrientationPatient, ds.PixelSpacing)
    pixels = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<")).tobytes()
    ds.add_new(0x7FE00010, "OW", pixels + b"\0" * (len(pixels) % 2))
    ds.file_meta = FileMetaDataset()
    ds.file_meta.FileMetaInformationVersion = b"\x00\x01"
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    ds.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    with written_whole(path) as handle:
        handle.write(buffer.getvalue())
